"""The server's start: what is put off is the real thing when it is used. Runs in the bot's own Python."""

import json
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / "bot" / ".venv" / "bin" / "python"
pytestmark = pytest.mark.skipif(not PYTHON.exists(), reason="the bot's environment is not installed")


def bot(code: str) -> object:
    """What a piece of code prints as JSON, run by the bot's Python."""
    done = subprocess.run(
        [PYTHON, "-W", "ignore", "-c", f"import json, sys\n{code}"],
        cwd=ROOT, capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    return json.loads(done.stdout.splitlines()[-1])


def test_the_server_starts_without_what_it_does_not_use() -> None:
    found = bot("""
from bot.lazy import defer
defer()
import rasa.core.run
print(json.dumps([m for m in ("tensorflow", "sklearn", "matplotlib", "aiogram", "jax") if m in sys.modules]))
""")
    assert found == []


def test_a_built_in_channel_becomes_the_real_one_when_it_is_used() -> None:
    found = bot("""
from bot.lazy import defer
defer()
from rasa.core.channels import BUILTIN_CHANNELS
from rasa.core.channels.channel import InputChannel
made = BUILTIN_CHANNELS["callback"].from_credentials({"url": "http://127.0.0.1:1"})
print(json.dumps([isinstance(made, InputChannel), type(made).__module__, sorted(BUILTIN_CHANNELS)]))
""")
    plain = bot("""
from rasa.core.channels import BUILTIN_CHANNELS
print(json.dumps(sorted(BUILTIN_CHANNELS)))
""")
    assert found == [True, "rasa.core.channels.callback", plain]


def test_a_deferred_class_can_be_subclassed_and_compared() -> None:
    found = bot("""
from bot.lazy import defer
defer()
from rasa.core.channels import SlackInput
class Own(SlackInput):
    pass
from rasa.core.channels import slack
own = Own("token", slack_signing_secret="x")
print(json.dumps([issubclass(Own, slack.SlackInput), isinstance(own, SlackInput)]))
""")
    assert found == [True, True]


def test_components_that_a_model_names_are_not_put_off(tmp_path: Path) -> None:
    import io
    import tarfile

    used = "rasa.nlu.classifiers.diet_classifier"
    schema = {"nodes": {"a": {"uses": f"{used}.DIETClassifier"}}}
    raw = json.dumps({"train_schema": schema, "predict_schema": schema}).encode()
    with tarfile.open(tmp_path / "model.tar.gz", "w:gz") as archive:
        entry = tarfile.TarInfo("./metadata.json")
        entry.size = len(raw)
        archive.addfile(entry, io.BytesIO(raw))
    found = bot(f"""
from bot import lazy
lazy.defer(lazy.named({str(tmp_path / "model.tar.gz")!r}))
print(json.dumps([{used!r} in lazy._finder.names, lazy.named("nowhere.tar.gz")]))
""")
    assert found == [False, None]

"""``suiwen train``: Rasa's model, trained when its sources changed."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from connectors.cli.places import BOT_PYTHON, ROOT
from connectors.cli.prepared import digest
from connectors.cli.terminal import console, stop

MODEL = ROOT / "models" / "suiwen.tar.gz"
STAMP = ROOT / "models" / "suiwen.sources"
LOG = ROOT / "models" / "training.log"
SOURCES = (
    "config.yml",
    "bot/domain",
    "bot/rules",
    "bot/importer.py",
    "bot/uv.lock",
    "nlu/data",
    "nlu/components",
    "knowledge/text",
    "knowledge/search/encoder.py",
)
ENVIRONMENT = {
    "RASA_TELEMETRY_ENABLED": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "TF_CPP_MIN_LOG_LEVEL": "2",
    "PYTHONWARNINGS": "ignore",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "SUIWEN_GAZETTEER_URL": "",  # training needs no names
}
TAIL = 30


def train(
    force: Annotated[bool, typer.Option("--force", "-f", help="Train even if nothing changed.")] = False,
) -> None:
    """Train Rasa's model if its data, configuration or components changed since."""
    if not force and not stale():
        typer.echo(f"model: up to date ({MODEL.relative_to(ROOT)})")
        return
    begun = time.monotonic()
    sources = current()
    code = _run_training()
    if code:
        tail = "\n".join(LOG.read_text("utf-8", "replace").splitlines()[-TAIL:])
        stop(tail, f"The model could not be trained. All of the output: {LOG.relative_to(ROOT)}")
    STAMP.write_text(sources)
    typer.echo(f"model: trained in {time.monotonic() - begun:.0f} s ({MODEL.relative_to(ROOT)})")


def current() -> str:
    """The digest of all that the model is made from."""
    return digest([ROOT / name for name in SOURCES])


def stale() -> bool:
    """Whether the model is missing or older than its sources."""
    return not (MODEL.exists() and STAMP.exists() and STAMP.read_text() == current())


def command() -> list[str]:
    """Plain ``rasa train``, with the model's fixed name; ``make check`` validates the data."""
    rasa = BOT_PYTHON.with_name("rasa")
    return [str(rasa), "train", "--skip-validation", "--fixed-model-name", MODEL.name.removesuffix(".tar.gz")]


def _run_training() -> int:
    MODEL.parent.mkdir(exist_ok=True)
    screen = console(errors=True)
    with LOG.open("wb") as log, screen.status("model: training") as status:
        process = subprocess.Popen(
            command(), cwd=ROOT, env={**os.environ, **ENVIRONMENT}, stdout=log, stderr=subprocess.STDOUT
        )
        if not screen.is_terminal:
            print("model: training, about a minute", file=sys.stderr, flush=True)
        try:
            while process.poll() is None:
                time.sleep(0.3)
                status.update(f"model: training{_step(LOG)}")
        except BaseException:
            process.terminate()
            process.wait()
            raise
    return process.returncode


def _step(log: Path) -> str:
    """The component that is being trained, from the last lines of the log."""
    with log.open("rb") as stream:
        stream.seek(max(0, log.stat().st_size - 4000))
        lines = stream.read().decode("utf-8", "replace").splitlines()
    steps = [
        line.rsplit("component '", 1)[1].split("'")[0] for line in lines if "to train component '" in line
    ]
    return f" ({steps[-1]})" if steps else ""

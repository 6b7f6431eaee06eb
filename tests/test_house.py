"""Rules of the house: arrows, evaluation apart from training, documented settings, short modules."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from knowledge.settings import Settings
from knowledge.text.script import fold

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("knowledge", "actions", "connectors", "bot", "nlu")
LONGEST = 400

DATABASE = {"knowledge.services", "knowledge.database", "knowledge.settings", "knowledge.conversations"}
FORBIDDEN = {
    "knowledge": {
        "actions",
        "connectors",
        "bot",
        "nlu",
        "rasa",
        "rasa_sdk",
        "aiohttp",
        "typer",
        "bench",
        "tests",
    },
    "actions": {"connectors", "bot", "nlu", "rasa", "aiohttp", "bench", "tests"},
    "connectors": {"bot", "nlu", "rasa", "tests"},
    "bot": {"actions", "connectors", "bench", "tests"} | DATABASE,
    "nlu": {"actions", "connectors", "bench", "tests"} | DATABASE,
}
"""What a room must not import; bot and nlu are one process, which reaches the database over HTTP only."""


def modules(room: str) -> list[Path]:
    return [file for file in sorted((ROOT / room).rglob("*.py")) if ".venv" not in file.parts]


def imported(file: Path) -> Iterator[str]:
    """The names of all modules that a file imports, wherever in the file it does."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file.relative_to(ROOT)}: relative imports hide where they lead"
            yield node.module or ""
        elif (
            isinstance(node, ast.Call)
            and ast.unparse(node.func) in ("importlib.import_module", "import_module", "__import__")
            and node.args
            and isinstance(node.args[0], ast.Constant)
        ):
            yield str(node.args[0].value)


@pytest.mark.parametrize("room", ROOMS)
def test_imports_point_one_way(room: str) -> None:
    found = [
        f"{file.relative_to(ROOT)} imports {name}"
        for file in modules(room)
        for name in imported(file)
        if any(f"{name}.".startswith(f"{other}.") for other in FORBIDDEN[room])
    ]
    assert found == []


def test_channels_reach_knowledge_and_actions_through_the_gateway_only_by_name() -> None:
    """The action server is mounted by the gateway alone."""
    found = [
        str(file.relative_to(ROOT))
        for file in modules("connectors")
        if any(name.split(".")[0] in ("actions", "rasa_sdk") for name in imported(file))
    ]
    assert {Path(file).parent.name for file in found} <= {"gateway"}


@pytest.mark.parametrize("room", ROOMS)
def test_no_module_is_too_long_to_be_read_at_once(room: str) -> None:
    lengths = {
        str(file.relative_to(ROOT)): len(file.read_text("utf-8").splitlines()) for file in modules(room)
    }
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}


# --- evaluation


def examples(folder: str) -> set[str]:
    """The folded examples of Rasa's training files in a folder, without the marks of entities."""
    found = set()
    for file in sorted((ROOT / folder).glob("*.yml")):
        for block in yaml.safe_load(file.read_text("utf-8")).get("nlu") or ():
            for line in (block.get("examples") or "").splitlines():
                text = re.sub(r"\[([^\]]+)\](?:\([^)]*\)|\{[^}]*\})", r"\1", line.removeprefix("- "))
                found.add(fold(text))
    return found - {""}


def questions(*files: str) -> set[str]:
    """The folded texts of the search's questions."""
    return {
        fold(json.loads(line)["text"])
        for file in files
        for line in (ROOT / "knowledge" / "search" / file).read_text("utf-8").splitlines()
        if line.strip()
    }


def everyday_names() -> set[str]:
    """The folded names under which services are found."""
    found = set()
    for line in (ROOT / "knowledge" / "seed" / "names.jsonl").read_text("utf-8").splitlines():
        entry = json.loads(line)
        found |= {fold(name) for key in ("zh", "yue", "en") for name in entry.get(key) or ()}
    return found


def test_evaluation_sentences_of_intents_are_never_training_sentences() -> None:
    trained, evaluated = examples("nlu/data"), examples("nlu/evaluation")
    assert len(evaluated) > 500
    short = {text for text in trained & evaluated if len(text) > 4}
    assert short == set()


def test_evaluation_questions_of_the_search_are_never_training_questions() -> None:
    data = ROOT / "knowledge" / "search" / "data"
    trained = questions(
        *(f"data/{file.name}" for file in data.glob("*.jsonl") if file.name != "titles.jsonl")
    )
    evaluated = questions("evaluation/questions.jsonl", "evaluation/refusals.jsonl")
    assert len(evaluated) > 300
    assert trained & evaluated == set()
    assert everyday_names() & evaluated == set()


# --- settings


def test_every_setting_is_in_the_table_of_the_readme() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    if not readme.strip():
        pytest.skip("there is no README yet")
    rows = [line for line in readme.splitlines() if line.lstrip().startswith("|")]
    missing = [
        name
        for name in (f"SUIWEN_{field.upper()}" for field in Settings.model_fields)
        if not any(re.search(rf"\b{name}\b", row) for row in rows)
    ]
    assert missing == []


def test_every_setting_says_what_it_is() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_nothing_reads_a_setting_that_does_not_exist() -> None:
    """Variables of the bot's own process are named in its start script."""
    known = {f"SUIWEN_{field.upper()}" for field in Settings.model_fields}
    known |= set(re.findall(r"SUIWEN_[A-Z_]+", (ROOT / "bot" / "serve.py").read_text("utf-8")))
    found = {
        name
        for room in ("knowledge", "actions", "connectors", "nlu")
        for file in modules(room)
        for name in re.findall(r"SUIWEN_[A-Z][A-Z_]*[A-Z]\b", file.read_text("utf-8"))
    }
    assert found - known == set()

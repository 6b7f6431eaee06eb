"""Runs tests/sealed in the bot's own environment (Python 3.10), once, and reports each of its files here."""

import os
import subprocess
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SEALED = ROOT / "tests" / "sealed"
PYTHON = ROOT / "bot" / ".venv" / "bin" / "python"
FILES = sorted(file.stem for file in SEALED.glob("test_*.py"))
LONGEST = 300


@pytest.fixture(scope="session")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, list[str]]:
    """For each file the failures of its tests; a file of which no test ran is missing."""
    if not PYTHON.exists():
        pytest.skip("the bot's environment is not there; `make setup` makes it")
    report = tmp_path_factory.mktemp("sealed") / "report.xml"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COV"))}
    line = [
        str(PYTHON),
        "-m",
        "pytest",
        "-c",
        str(SEALED / "pytest.ini"),
        str(SEALED),
        f"--junitxml={report}",
    ]
    run = subprocess.run(
        line, cwd=ROOT, env=kept, capture_output=True, text=True, timeout=LONGEST, check=False
    )
    if not report.exists():
        pytest.fail(run.stdout + run.stderr)
    found: dict[str, list[str]] = {}
    for case in ElementTree.parse(report).iter("testcase"):
        file = case.get("classname", "").rsplit(".", 1)[-1] or case.get("name", "").rsplit(".", 1)[-1]
        broken = [*case.iter("failure"), *case.iter("error")]
        found.setdefault(file, []).extend(f"{case.get('name')}\n{problem.text}" for problem in broken)
    return found


@pytest.mark.parametrize("file", FILES)
def test_the_bot_passes(file: str, outcomes: Mapping[str, list[str]]) -> None:
    assert file in outcomes, "no test of it ran"
    if outcomes[file]:
        pytest.fail("\n\n".join(outcomes[file]), pytrace=False)

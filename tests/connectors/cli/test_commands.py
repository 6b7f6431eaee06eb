"""What every command promises: it answers at once, and when it cannot work it says why and what to do."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.connectors.cli.conftest import Run

HEAVY = ("sqlalchemy", "aiohttp", "numpy", "pydantic", "alembic", "yaml", "rasa_sdk")


def test_help_imports_nothing_heavy() -> None:
    code = f"import sys, connectors.cli.main; print([m for m in {HEAVY!r} if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_help_answers_at_once() -> None:
    def seconds() -> float:
        begun = time.monotonic()
        subprocess.run(
            [sys.executable, "-m", "connectors.cli.main", "--help"], capture_output=True, check=True
        )
        return time.monotonic() - begun

    assert min(seconds() for _ in range(3)) < 1.5  # 0.3 s on a machine that does nothing else


def test_every_command_has_a_description(suiwen: Run) -> None:
    shown = suiwen("--help").output
    for command in ("run", "serve", "ask", "search", "doctor", "train", "wait", "import", "export", "db"):
        assert command in shown


def test_a_setting_that_cannot_be_used_is_named(suiwen: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUIWEN_HTTP_PORT", "eighty")
    result = suiwen("serve")
    assert result.exit_code == 1
    assert "SUIWEN_HTTP_PORT" in result.output


def test_serve_names_the_missing_schema(suiwen: Run) -> None:
    result = suiwen("serve")
    assert result.exit_code == 1
    assert "suiwen db upgrade" in result.output


def test_upgrade_creates_the_database_and_repeats_harmlessly(suiwen: Run, data_dir: Path) -> None:
    first, second = suiwen("db", "upgrade"), suiwen("db", "upgrade")
    assert (first.exit_code, second.exit_code) == (0, 0), first.output
    assert "was new" in first.output
    assert "was" not in second.output
    assert (data_dir / "suiwen.db").exists()


def test_ask_says_how_to_start_the_assistant(suiwen: Run) -> None:
    result = suiwen("ask", "居住证怎么办")
    assert result.exit_code == 1
    assert "make run" in result.output


def test_search_says_what_an_empty_catalogue_needs(suiwen: Run, migrated: Path) -> None:
    result = suiwen("search", "居住证")
    assert result.exit_code == 1
    assert "suiwen import seed" in result.output


def test_wait_names_what_does_not_answer(suiwen: Run) -> None:
    result = suiwen("wait", "http://127.0.0.1:1/health", "--timeout", "0.2")
    assert result.exit_code == 1
    assert "http://127.0.0.1:1/health" in result.output

"""A runner of commands, and settings that point at a database of the test."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from connectors.cli.main import app
from knowledge.settings import settings

Run = Callable[..., Result]


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data folder of its own, without a database, on ports that nobody uses."""
    monkeypatch.setenv("SUIWEN_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("SUIWEN_HTTP_PORT", "1")
    monkeypatch.setenv("SUIWEN_BOT_URL", "http://127.0.0.1:2")
    monkeypatch.delenv("SUIWEN_DATABASE_URL", raising=False)
    settings.cache_clear()
    yield tmp_path
    settings.cache_clear()


@pytest.fixture
def migrated(data_dir: Path, sqlite_template: Path) -> Path:
    """A data folder with a migrated, empty database."""
    shutil.copy(sqlite_template, data_dir / "suiwen.db")
    return data_dir


@pytest.fixture
def suiwen(data_dir: Path) -> Run:
    """Runs a command: ``suiwen("db", "upgrade")``."""
    runner = CliRunner()
    return lambda *words: runner.invoke(app, list(words))

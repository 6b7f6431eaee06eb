"""Whether the database already has this release's schema and seed: a note in the data folder."""

import hashlib
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.cli.places import ROOT, SEED

if TYPE_CHECKING:
    from knowledge.settings import Settings

SOURCES = (SEED, ROOT / "knowledge" / "migrations" / "versions", ROOT / "knowledge" / "services")
SEARCH = ("knowledge/search/encoder.py", "knowledge/text/script.py")


def digest(paths: "list[Path] | tuple[Path, ...]") -> str:
    """A hash over the names and contents of files, and of all files in folders."""
    total = hashlib.sha256()
    for path in paths:
        files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
        for file in files:
            if "__pycache__" in file.parts or not file.exists():
                continue
            content = file.read_bytes()
            total.update(f"{file.relative_to(ROOT)} {len(content)}\n".encode() + content)
    return total.hexdigest()


def note(settings: "Settings") -> Path:
    """The file that remembers."""
    return settings.data_dir / "prepared.json"


def is_current(settings: "Settings") -> bool:
    """True if nothing is to be done; only for SQLite can that be known without asking the server."""
    file = sqlite_file(settings)
    if file is None or not file.exists():
        return False
    try:
        remembered = json.loads(note(settings).read_text())
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=2)) as connection:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return bool(remembered == _now(settings, row[0]))
    except (OSError, ValueError, TypeError, sqlite3.Error):
        return False


def remember(settings: "Settings") -> None:
    """Notes that all was done; does nothing for a database server."""
    file = sqlite_file(settings)
    if file is None:
        return
    with closing(sqlite3.connect(file)) as connection:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    note(settings).parent.mkdir(parents=True, exist_ok=True)
    note(settings).write_text(json.dumps(_now(settings, row[0])))


def sqlite_file(settings: "Settings") -> Path | None:
    """The file of an SQLite database; None for every other."""
    scheme, _, path = settings.url.partition(":///")
    return Path(path.partition("?")[0]) if scheme.startswith("sqlite") and path else None


def _now(settings: "Settings", revision: str) -> dict[str, str]:
    sources = digest([*SOURCES, *(ROOT / name for name in SEARCH)])
    return {"database": settings.url, "revision": revision, "sources": sources}

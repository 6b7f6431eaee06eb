"""Imports: reads files of any known format and brings the database to what they say, all or nothing."""

import asyncio
import time
from collections.abc import Callable, Iterable
from datetime import date
from functools import partial
from pathlib import Path

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from knowledge.database import Database, touch, version_of
from knowledge.services import hsds, phrases, seed, store, table
from knowledge.services.batch import Batch, Origin, Rejection
from knowledge.services.models import TOPIC, SearchEntry
from knowledge.services.plan import Moved, Plan, Report, make_plan, write_plan

__all__ = ["Progress", "Rejection", "Report", "import_services", "reindex"]

ATTEMPTS = 3
"""How often an import starts anew because somebody else changed the catalogue while it was prepared."""

SUFFIXES = (".yml", ".yaml", ".jsonl", ".csv", ".zip")

Progress = Callable[[str, int, int], None]
"""Told the step (``read``, ``encode`` or ``write``), how much of it is done, and how much there is in all."""


async def import_services(
    database: Database,
    paths: Iterable[str | Path],
    *,
    as_of: date | None = None,
    by: str = "import",
    progress: Progress | None = None,
) -> Report:
    """Imports files and folders; the format of each is detected.

    ``as_of``: the day whose state the files show, where they do not say so themselves. ``by``: who answers
    for it. Broken lines are reported and leave the rest alone. Everything is written in one transaction that
    is opened only when all is prepared; a second run changes nothing. Raises FileNotFoundError for a path
    that does not exist, and RuntimeError if the catalogue keeps being changed by others meanwhile.
    """
    begun = time.monotonic()
    tell = progress or (lambda step, done, total: None)
    files = list({file.resolve(): file for path in paths for file in expand(Path(path))}.values())
    batch = Batch()
    for done, file in enumerate(files, 1):
        await asyncio.to_thread(read, file, batch, as_of)
        tell("read", done, len(files))
    report = await _bring_in(database, batch, by, tell)
    report.seconds = time.monotonic() - begun
    return report


async def _bring_in(database: Database, batch: Batch, by: str, tell: Progress) -> Report:
    cause: Exception | None = None
    for _ in range(ATTEMPTS):
        plan = await _prepare(database, batch, by, tell)
        if plan.empty:
            return plan.report
        try:
            async with database.write() as session:
                await write_plan(session, plan, by)
        except (Moved, IntegrityError) as error:
            cause = error
            continue
        tell("write", len(plan.publish), len(plan.publish))
        return plan.report
    raise RuntimeError("the catalogue was changed by others during the import") from cause


async def _prepare(database: Database, batch: Batch, by: str, tell: Progress) -> Plan:
    async with database.read() as session:
        plan = await make_plan(session, batch, by)
    plan.entries = await phrases.entries(plan.records.values(), plan.synonyms, partial(tell, "encode"))
    return plan


async def reindex(database: Database) -> int:
    """Makes the search entries of all published services anew and returns for how many.

    Needed when the segmentation or the encoder has changed. Raises RuntimeError if the catalogue was changed
    by others meanwhile.
    """
    async with database.read() as session:
        version = await version_of(session, TOPIC)
        records = [found.record for found in await store.published(session)]
        synonyms = await store.synonyms(session)
    entries = await phrases.entries(records, synonyms)
    async with database.write() as session:
        await touch(session, TOPIC)
        if await version_of(session, TOPIC) != version + 1:
            raise RuntimeError("the catalogue was changed by others during the reindex")
        await session.execute(delete(SearchEntry))
        await store.replace_entries(session, [], entries)
    return len(records)


def expand(path: Path) -> list[Path]:
    """The inputs at a path: itself, or for a folder that is not one HSDS package the files in it."""
    if not path.exists():
        raise FileNotFoundError(f"no such file or folder: {path}")
    if not path.is_dir() or hsds.is_package(path):
        return [path]
    return sorted(file for file in path.iterdir() if file.suffix in SUFFIXES)


def read(path: Path, batch: Batch, as_of: date | None = None) -> None:
    """Reads one input into a batch: JSON lines, YAML, our CSV, or HSDS (folder, archive, datapackage,
    services).
    """
    if path.is_dir() or path.suffix in (".zip", ".json"):
        hsds.read_hsds(path, batch, as_of)
    elif path.suffix == ".jsonl":
        seed.read_jsonl(path, batch, as_of)
    elif path.suffix in (".yml", ".yaml"):
        seed.read_yaml(path, batch, as_of)
    elif path.suffix == ".csv":
        if hsds.is_services_table(path):
            hsds.read_hsds(path.parent, batch, as_of)
        else:
            table.read_csv(path, batch, as_of)
    else:
        batch.reject(Origin(str(path), 1), f"unknown format {path.suffix!r}")

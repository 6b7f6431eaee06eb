"""Exports of what is published: HSDS tables (folder or zip archive) and CSV."""

import asyncio
import os
import zipfile
from pathlib import Path
from typing import Literal

from knowledge.database import Database
from knowledge.services import store
from knowledge.services.hsds_writer import write_hsds
from knowledge.services.table import write_csv


async def export_services(database: Database, target: str | Path, format: Literal["hsds", "csv"]) -> int:
    """Writes all published services to ``target`` and returns how many.

    ``format``: ``csv`` writes one file; ``hsds`` a folder of tables, or one archive if the name ends in
    ``.zip``, with departments and offices. Files are replaced as a whole, so that a reader never sees half of
    one. Raises ValueError for another format.
    """
    if format not in ("hsds", "csv"):
        raise ValueError(f"format: expected hsds or csv, got {format!r}")
    async with database.read() as session:
        services = await store.published(session)
        departments = await store.departments(session)
        offices = await store.offices(session)
    path = Path(target)
    if format == "csv":
        await asyncio.to_thread(_replace, path, write_csv(service.record for service in services))
    else:
        files = await asyncio.to_thread(write_hsds, departments, offices, services)
        await asyncio.to_thread(_write_package, path, files)
    return len(services)


def _write_package(path: Path, files: dict[str, bytes]) -> None:
    if path.suffix != ".zip":
        for name, content in files.items():
            _replace(path / name, content)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    os.replace(part, path)


def _replace(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(content)
    os.replace(part, path)

"""The tables of an HSDS package as rows with their origin: from a folder, a zip archive or a datapackage."""

import csv
import io
import json
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, Any

from knowledge.services.batch import Batch, Origin, lines
from knowledge.services.table import decoded, numbered_rows

Row = dict[str, str]
Tables = dict[str, list[tuple[Origin, Row]]]

NAMES = (
    *("organizations", "services", "locations", "physical_addresses", "phones", "regular_schedules"),
    *("services_at_location", "required_documents", "eligibility", "service_areas", "languages"),
    *("taxonomy", "services_taxonomy", "metadata"),
)
"""The tables that are read and written; others of the standard are left alone."""

RESOURCES = {
    "organization": "organizations",
    "service": "services",
    "location": "locations",
    "physical_address": "physical_addresses",
    "phone": "phones",
    "regular_schedule": "regular_schedules",
    "service_at_location": "services_at_location",
    "required_document": "required_documents",
    "service_area": "service_areas",
    "language": "languages",
    "service_taxonomy": "services_taxonomy",
}
"""Table by the name of its resource in a datapackage, where the two differ."""

MAX_BYTES = 500_000_000
"""The most that an archive may unpack to."""

_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError)

Opener = Callable[[], IO[bytes]]


def is_package(folder: Path) -> bool:
    """True for a folder with an HSDS package in it."""
    return (folder / "datapackage.json").is_file() or is_services_table(folder / "services.csv")


def is_services_table(path: Path) -> bool:
    """True for the services table of HSDS (rather than our own CSV)."""
    if path.name != "services.csv" or not path.is_file():
        return False
    with path.open("rb") as stream:
        return b"organization_id" in stream.readline(10_000)


def load(path: Path, batch: Batch) -> Tables:
    """The tables at a path, missing ones empty; what cannot be read is rejected in the batch."""
    tables: Tables = {name: [] for name in NAMES}
    rejected = len(batch.rejected)
    try:
        if path.is_dir():
            files = {name: path / f"{name}.csv" for name in NAMES}
            _load(
                tables,
                batch,
                {str(f): (name, _opener(f)) for name, f in files.items() if f.is_file()},
            )
        elif path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                _load(tables, batch, _members(archive, path))
        else:
            _load_datapackage(tables, batch, path)
    except (*_BROKEN, OSError, ValueError, RuntimeError) as error:
        batch.reject(Origin(str(path), 1), f"not an HSDS package: {error}")
    empty = not (tables["services"] or tables["organizations"] or tables["locations"])
    if empty and len(batch.rejected) == rejected:
        batch.reject(Origin(str(path), 1), "not an HSDS package: no table with rows")
    return tables


def _opener(path: Path) -> Opener:
    return lambda: path.open("rb")


def _members(archive: zipfile.ZipFile, path: Path) -> dict[str, tuple[str, Opener]]:
    found = {}
    for info in archive.infolist():
        name = PurePosixPath(info.filename)
        if name.suffix == ".csv" and name.stem in NAMES and not name.name.startswith("."):
            found[f"{path}!{info.filename}"] = (info, name.stem)
    if sum(info.file_size for info, _ in found.values()) > MAX_BYTES:
        raise ValueError(f"more than {MAX_BYTES} bytes")
    return {key: (stem, partial(archive.open, info)) for key, (info, stem) in found.items()}


def _load_datapackage(tables: Tables, batch: Batch, path: Path) -> None:
    package = json.loads(path.read_text("utf-8-sig"))
    if not isinstance(package, dict) or not isinstance(package.get("resources"), list):
        raise ValueError("a datapackage has a list of resources")
    files: dict[str, tuple[str, Opener]] = {}
    for resource in (item for item in package["resources"] if isinstance(item, dict)):
        name = str(resource.get("name", ""))
        name = RESOURCES.get(name, name)
        if name not in NAMES:
            continue
        if isinstance(resource.get("data"), list):
            tables[name] += _inline(batch, f"{path}!{name}", resource["data"])
        elif isinstance(resource.get("path"), str):
            file = (path.parent / resource["path"]).resolve()
            if not file.is_relative_to(path.parent.resolve()):
                raise ValueError(f"resource {name}: path outside of the package")
            if file.is_file():
                files[str(path.parent / resource["path"])] = (name, _opener(file))
    _load(tables, batch, files)


def _inline(batch: Batch, file: str, rows: Iterable[object]) -> Iterator[tuple[Origin, Row]]:
    for number, row in enumerate(rows, 1):
        if isinstance(row, dict):
            yield Origin(file, number), {str(k): "" if v is None else str(v) for k, v in row.items()}
        else:
            batch.reject(Origin(file, number), f"expected an object, got {type(row).__name__}")


def _load(tables: Tables, batch: Batch, files: Mapping[str, tuple[str, Opener]]) -> None:
    for file, (name, open_file) in files.items():
        with closing(open_file()) as stream:
            tables[name] += _rows(batch, file, stream)


def _rows(batch: Batch, file: str, stream: IO[bytes]) -> Iterator[tuple[Origin, Row]]:
    header: list[str] | None = None
    for number, row in numbered_rows(decoded(lines(stream))):
        origin = Origin(file, number)
        if isinstance(row, str):
            batch.reject(origin, row)
        elif header is None:
            header = [cell.strip() for cell in row]
        elif any(row) and len(row) != len(header):
            batch.reject(origin, f"expected {len(header)} cells, got {len(row)}")
        elif any(row):
            yield origin, dict(zip(header, row, strict=True))


def to_files(
    tables: Mapping[str, list[Mapping[str, Any]]], columns: Mapping[str, Iterable[str]]
) -> dict[str, bytes]:
    """The files of a package by name: a CSV file for each table with rows, and the datapackage that describes
    them.
    """
    files: dict[str, bytes] = {}
    resources = []
    singular = {table: resource for resource, table in RESOURCES.items()}
    for name, rows in tables.items():
        header = list(columns[name])
        out = io.StringIO(newline="")
        writer = csv.DictWriter(out, header, restval="")
        writer.writeheader()
        writer.writerows(rows)
        files[f"{name}.csv"] = out.getvalue().encode()
        schema = {"fields": [{"name": column, "type": "string"} for column in header]}
        resources.append({"name": singular.get(name, name), "path": f"{name}.csv", "schema": schema})
    package = {"name": "suiwen-services", "profile": "tabular-data-package", "resources": resources}
    files["datapackage.json"] = json.dumps(package, ensure_ascii=False, indent=2).encode()
    return files

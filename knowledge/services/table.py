"""Service records as CSV for spreadsheets: one row a service, UTF-8 with a byte order mark, lossless both
ways.

Cells: texts as they are; ``true``, ``false`` or empty; ISO dates; limits as ``20 working_day``. A list of
texts has one entry a line. Lists of materials, fees, windows and phones do so too while their entries have
nothing but the main field, else they are JSON (as are lists whose entries have line breaks or could be taken
for JSON). A cell that a spreadsheet would take for a formula gets an apostrophe in front.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from knowledge.services.batch import MAX_LINE, Batch, Origin, lines
from knowledge.services.record import Fee, Limit, Material, Phone, ServiceRecord, Window
from knowledge.services.seed import add_record

NESTED = {"name_zh": ("name", "zh"), "name_en": ("name", "en")} | {
    "summary_zh": ("summary", "zh"),
    "summary_en": ("summary", "en"),
}
PARTS: dict[str, tuple[type[BaseModel], str]] = {
    "materials": (Material, "name"),
    "fees": (Fee, "text"),
    "windows": (Window, "address"),
    "phones": (Phone, "number"),
}
LIMITS = ("statutory_limit", "promised_limit")
LISTS = ("themes", "audience", "steps", "steps_en", "legal_basis", "aliases")
COLUMNS = tuple(
    column
    for field in ServiceRecord.model_fields
    for column in ((f"{field}_zh", f"{field}_en") if field in ("name", "summary") else (field,))
)
_FORMULA = "=+-@'\t\r"
_TOO_LONG = "\udfff"


def write_csv(records: Iterable[ServiceRecord]) -> bytes:
    """The records as a CSV file."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for record in records:
        cells = to_cells(record)
        writer.writerow([_guarded(cells[column]) for column in COLUMNS])
    return out.getvalue().encode("utf-8-sig")


def read_csv(path: Path, batch: Batch, as_of: date | None = None) -> None:
    """Reads a CSV file; ``as_of`` fills in for rows without a date. Rejects what is broken, row by row."""
    with path.open("rb") as stream:
        rows = numbered_rows(decoded(lines(stream)))
        header: list[str] | None = None
        for number, row in rows:
            origin = Origin(str(path), number)
            if isinstance(row, str):
                batch.reject(origin, row)
            elif header is None:
                header = [cell.strip() for cell in row]
                if problem := _header_problem(header):
                    batch.reject(origin, problem)
                    return
            elif any(row):
                _add_row(batch, origin, header, row, as_of)


def numbered_rows(texts: Iterable[str]) -> Iterator[tuple[int, list[str] | str]]:
    """The rows of CSV text with the line each starts at; a reason instead of the row if it cannot be read."""
    csv.field_size_limit(MAX_LINE)
    reader = csv.reader(texts)
    line = 1
    while True:
        try:
            row = next(reader)
            broken = "".join(row)
            if _TOO_LONG in broken:
                yield line, "line too long"
            elif any("\udc80" <= char <= "\udcff" for char in broken):
                yield line, "not UTF-8"
            else:
                yield line, row
        except StopIteration:
            return
        except csv.Error as error:
            yield line, f"not CSV: {error}"
        line = reader.line_num + 1


def decoded(numbered: Iterable[tuple[int, bytes | None]]) -> Iterator[str]:
    """Lines as text for ``numbered_rows``, with marks where they are too long or not UTF-8."""
    for number, line in numbered:
        if line is None:
            yield _TOO_LONG + "\n"
        else:
            yield line.decode("utf-8-sig" if number == 1 else "utf-8", "surrogateescape")


def _header_problem(header: list[str]) -> str | None:
    missing = [column for column in ("code", "name_zh", "department") if column not in header]
    unknown = [column for column in header if column not in COLUMNS]
    if missing:
        return f"columns missing: {', '.join(missing)}"
    return f"unknown columns: {', '.join(unknown)}"[:300] if unknown else None


def _add_row(batch: Batch, origin: Origin, header: list[str], row: list[str], as_of: date | None) -> None:
    code = dict(zip(header, row, strict=False)).get("code")
    if len(row) != len(header):
        batch.reject(origin, f"expected {len(header)} cells, got {len(row)}", code)
        return
    try:
        raw = from_cells({name: _unguarded(cell) for name, cell in zip(header, row, strict=True)})
    except ValueError as error:
        batch.reject(origin, str(error), code)
        return
    add_record(batch, origin, raw, as_of)


def to_cells(record: ServiceRecord) -> dict[str, str]:
    """The cells of a record by column, without the guard against formulas."""
    cells: dict[str, str] = {}
    for column in COLUMNS:
        field, key = NESTED.get(column, (column, ""))
        value = getattr(record, field)
        value = getattr(value, key) if key else value
        cells[column] = to_cell(column, value)
    return cells


def to_cell(column: str, value: Any) -> str:
    """One value of a record as text."""
    if value is None or value == ():
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Limit):
        return f"{value.days} {value.unit}"
    if not isinstance(value, tuple):
        return str(value)
    plain = [
        item.model_dump(mode="json", exclude_defaults=True) if column in PARTS else item for item in value
    ]
    if column in PARTS:
        main = PARTS[column][1]
        if all(part.keys() == {main} for part in plain):
            plain = [part[main] for part in plain]
    if all(isinstance(item, str) and "\n" not in item and "\r" not in item for item in plain):
        text = "\n".join(plain)
        if not text.startswith("["):
            return text
    return json.dumps(plain, ensure_ascii=False)


def from_cells(cells: dict[str, str]) -> dict[str, Any]:
    """The mapping of a record out of its cells. Raises ValueError naming a column that cannot be read."""
    raw: dict[str, Any] = {}
    for column, cell in cells.items():
        if not cell.strip():
            continue
        value = from_cell(column, cell)
        if column in NESTED:
            field, key = NESTED[column]
            raw.setdefault(field, {})[key] = value
        else:
            raw[column] = value
    return raw


def from_cell(column: str, cell: str) -> Any:
    """One value out of its cell."""
    if column in LIMITS:
        days, _, unit = cell.strip().partition(" ")
        return {"days": days, "unit": unit or "working_day"}
    if column not in PARTS and column not in LISTS:
        return cell
    if cell.startswith("["):
        try:
            items = json.loads(cell)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"{column}: not JSON: {error}") from None
    else:
        items = [item for item in cell.replace("\r\n", "\n").split("\n") if item.strip()]
    if column in PARTS:
        main = PARTS[column][1]
        items = [{main: item} if isinstance(item, str) else item for item in items]
    return items


def _guarded(cell: str) -> str:
    return f"'{cell}" if cell and cell[0] in _FORMULA else cell


def _unguarded(cell: str) -> str:
    return cell[1:] if cell[:1] == "'" and len(cell) > 1 and cell[1] in _FORMULA else cell

"""What an input holds: validated records, directory rows and names, and the lines that had to be rejected."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import IO, Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    create_model,
)

from knowledge.database import Base
from knowledge.services.catalogue import explain
from knowledge.services.models import Department, Office, Place
from knowledge.services.record import ServiceRecord, Summary, printable

MAX_LINE = 1_000_000
"""The longest line (bytes) that is read; a longer one is rejected without being loaded."""

Directory = type[Department] | type[Place] | type[Office]


@dataclass(frozen=True)
class Origin:
    """Where something was read: file and line (1 is the first; of an archive: ``archive!table``)."""

    file: str
    line: int


@dataclass(frozen=True)
class Rejection:
    """A line that was not imported, the service code if it could be read, and why."""

    file: str
    line: int
    code: str | None
    reason: str


_Phrase = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300), AfterValidator(printable)
]


class NamesLine(BaseModel):
    """Everyday names of one service; ``name_en`` is the preferred English name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
    name_en: _Phrase | None = None
    zh: tuple[_Phrase, ...] = ()
    yue: tuple[_Phrase, ...] = ()
    en: tuple[_Phrase, ...] = ()


@dataclass
class Batch:
    """Everything read from the inputs of one import. What repeats a code is rejected; the first stands."""

    records: dict[str, tuple[Origin, ServiceRecord]] = field(default_factory=dict)
    directory: dict[Directory, dict[str, dict[str, Any]]] = field(default_factory=dict)
    names: dict[str, tuple[Origin, NamesLine]] = field(default_factory=dict)
    rejected: list[Rejection] = field(default_factory=list)
    older: list[Rejection] = field(default_factory=list)
    _seen: dict[tuple[object, str], Origin] = field(default_factory=dict)

    def reject(self, origin: Origin, reason: str, code: object = None) -> None:
        """Notes a line that cannot be used."""
        shown = code if isinstance(code, str) and code.isprintable() else None
        self.rejected.append(Rejection(origin.file, origin.line, shown and shown[:80], reason))

    def add_record(self, origin: Origin, record: ServiceRecord) -> None:
        """Takes a service.

        Where two files tell of one service, the newer content stands, and of the same day the curated one.
        """
        first, held = self.records.get(record.code, (origin, record))
        ranks = (held.as_of, curated(held)), (record.as_of, curated(record))
        if first.file != origin.file and ranks[0] != ranks[1]:
            newer, loser = ((origin, record), first) if ranks[1] > ranks[0] else ((first, held), origin)
            self.records[record.code] = newer
            reason = "older" if held.as_of != record.as_of else "curated"
            self.older.append(Rejection(loser.file, loser.line, record.code, reason))
        elif self._first(origin, ServiceRecord, record.code):
            self.records[record.code] = (origin, record)

    def add_names(self, origin: Origin, raw: object) -> None:
        """Takes a line of everyday names, or rejects it."""
        try:
            line = NamesLine.model_validate(raw)
        except ValidationError as error:
            self.reject(origin, explain(error), raw.get("code") if isinstance(raw, dict) else None)
            return
        if self._first(origin, NamesLine, line.code):
            self.names[line.code] = (origin, line)

    def add_row(self, origin: Origin, model: Directory, raw: object) -> None:
        """Takes a department, place or office as a mapping of its columns, or rejects it."""
        code = raw.get("code") if isinstance(raw, dict) else None
        try:
            row = schema(model).model_validate(raw).model_dump(exclude_unset=True)
        except ValidationError as error:
            self.reject(origin, explain(error), code)
            return
        if self._first(origin, model, row["code"]):
            self.directory.setdefault(model, {})[row["code"]] = row

    def _first(self, origin: Origin, kind: object, code: str) -> bool:
        first = self._seen.setdefault((kind, code), origin)
        if first is not origin:
            self.reject(origin, f"duplicate code: first at {first.file}:{first.line}", code)
        return first is origin


def curated(record: ServiceRecord) -> bool:
    """True if a record has what no official catalogue has: English, summaries, steps, fees, law, offices."""
    return bool(
        record.name.en
        or record.summary != Summary()
        or record.conditions_en
        or record.steps
        or record.fees
        or record.legal_basis
        or any(window.office for window in record.windows)
    )


@cache
def schema(model: type[Base]) -> type[BaseModel]:
    """The model that checks a mapping against the columns of a table (types, lengths, unknown keys)."""
    fields: dict[str, Any] = {}
    for column in model.__table__.columns:
        if column.primary_key:
            continue
        kind: Any = column.type.python_type
        if kind is str:
            limit = getattr(column.type, "length", None)
            kind = Annotated[
                str,
                StringConstraints(strip_whitespace=True, min_length=1, max_length=limit),
                AfterValidator(printable),
            ]
        elif kind is dict:
            kind = list[dict[str, str]]
        elif kind is float:
            kind = Annotated[float, Field(allow_inf_nan=False)]
        fields[column.name] = (kind | None, None) if column.nullable else (kind, ...)
    config = ConfigDict(extra="forbid", coerce_numbers_to_str=True)
    return create_model(f"{model.__name__}Row", __config__=config, **fields)


def lines(stream: IO[bytes], limit: int = MAX_LINE) -> Iterator[tuple[int, bytes | None]]:
    """The numbered lines of a stream, None for one of more than ``limit`` bytes; holds no more than that."""
    number = 0
    while chunk := stream.readline(limit + 1):
        number += 1
        if len(chunk) <= limit:
            yield number, chunk
            continue
        while chunk and not chunk.endswith(b"\n"):
            chunk = stream.readline(limit)
        yield number, None


def day_of(value: object) -> date | None:
    """The day in an ISO date or timestamp; None if there is none."""
    try:
        return datetime.fromisoformat(str(value).strip().replace("Z", "+00:00")).date()
    except ValueError:
        return None

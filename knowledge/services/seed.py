"""Seed files: YAML lists of departments, places, offices and services; JSON lines of records and names."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from knowledge.services import catalogue
from knowledge.services.batch import Batch, Directory, Origin, lines
from knowledge.services.catalogue import explain
from knowledge.services.models import Department, Office, Place, Synonym
from knowledge.services.record import ServiceRecord

TABLES: dict[str, Directory] = {"departments": Department, "places": Place, "offices": Office}
ORIGIN = "seed"
"""The origin of the synonyms that come from names files; a newer line replaces those of its service."""


def read_yaml(path: Path, batch: Batch, as_of: date | None = None) -> None:
    """Reads ``departments.yml``, ``places.yml``, ``offices.yml`` or a list of service records (any other
    name).

    ``as_of`` fills in for records without a date of their own. A file that is not YAML is rejected as a
    whole.
    """
    model = TABLES.get(path.stem)
    try:
        for line, item in _items(path.read_text("utf-8-sig")):
            if model:
                batch.add_row(Origin(str(path), line), model, item)
            else:
                add_record(batch, Origin(str(path), line), item, as_of)
    except UnicodeDecodeError as error:
        batch.reject(Origin(str(path), 1), f"not UTF-8 at byte {error.start}")
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or str(error)
        batch.reject(Origin(str(path), mark.line + 1 if mark else 1), f"not YAML: {reason}")


def _items(text: str) -> Iterator[tuple[int, Any]]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)
    try:
        root = loader.get_single_node()
        if root is None:
            return
        if not isinstance(root, yaml.SequenceNode):
            raise ValueError("expected a list of mappings")
        for node in root.value:
            yield node.start_mark.line + 1, loader.construct_object(node, deep=True)
    finally:
        loader.dispose()


def read_jsonl(path: Path, batch: Batch, as_of: date | None = None) -> None:
    """Reads JSON lines. Each line is, by its keys, of the catalogue, a service record, or everyday names."""
    with path.open("rb") as stream:
        for number, line in lines(stream):
            origin = Origin(str(path), number)
            if line is None:
                batch.reject(origin, "line too long")
            elif text := _decoded(batch, origin, line):
                _add_line(batch, origin, text, as_of)


def _decoded(batch: Batch, origin: Origin, line: bytes) -> str:
    try:
        return line.decode("utf-8-sig").strip()
    except UnicodeDecodeError as error:
        batch.reject(origin, f"not UTF-8 at byte {error.start}")
        return ""


def _add_line(batch: Batch, origin: Origin, text: str, as_of: date | None) -> None:
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError) as error:
        batch.reject(origin, f"not JSON: {error}")
        return
    if not isinstance(raw, dict):
        batch.reject(origin, f"expected an object, got {type(raw).__name__}")
    elif not raw.keys().isdisjoint(catalogue.FIELDS.values()):
        try:
            batch.add_record(origin, catalogue.parse(raw, as_of=as_of or catalogue.AS_OF))
        except ValueError as error:
            batch.reject(origin, str(error), raw.get("TASK_CODE"))
    elif "name" in raw or "department" in raw:
        add_record(batch, origin, raw, as_of)
    elif not raw.keys().isdisjoint(("name_en", "zh", "yue", "en")):
        batch.add_names(origin, raw)
    else:
        batch.reject(origin, "neither a catalogue record, nor a service record, nor names", raw.get("code"))


def add_record(batch: Batch, origin: Origin, raw: object, as_of: date | None) -> None:
    """Takes a mapping with the fields of a service record, or rejects it."""
    if isinstance(raw, dict) and as_of:
        raw = {"as_of": as_of} | raw
    try:
        record = ServiceRecord.model_validate(raw)
    except ValidationError as error:
        batch.reject(origin, explain(error), raw.get("code") if isinstance(raw, dict) else None)
        return
    batch.add_record(origin, record)


def synonyms(batch: Batch) -> dict[str, list[Synonym]]:
    """The synonym rows that the names of a batch call for, by service code; one row a phrase."""
    out: dict[str, list[Synonym]] = {}
    for code, (_, line) in batch.names.items():
        rows: dict[str, Synonym] = {}
        named = [("en", line.name_en)] if line.name_en else []
        for language, phrase in [
            *named,
            *((key, p) for key in ("zh", "yue", "en") for p in getattr(line, key)),
        ]:
            preferred = language == "en" and phrase == line.name_en
            row = Synonym(code=code, language=language, phrase=phrase, origin=ORIGIN, preferred=preferred)
            rows.setdefault(phrase, row)
        out[code] = list(rows.values())
    return out

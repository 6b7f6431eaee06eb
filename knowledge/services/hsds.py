"""Open Referral's Human Services Data Specification (HSDS 1.x tables) to departments, offices and service
records.

Columns that start with ``x_`` are ours; where they exist they win over the standard column beside them, and
with them an export reads back without loss. Packages of others come without them and are read from the
standard columns alone.

=====================  =====================================================================================
organizations          Department: ``id`` code, ``name``, ``description`` duties, ``url`` source_url; phones
                       of the organization; ``x_name_en``, ``x_as_of``
locations              Office: ``id`` code, ``name``, ``latitude``, ``longitude``; physical_addresses
                       (address), regular_schedules (hours), phones of the location; ``x_name_en``,
                       ``x_place``, ``x_address_en``, ``x_hours`` (JSON, where the week does not fit the
                       standard table), ``x_hours_note``, ``x_source_url``, ``x_as_of``. ``x_kind`` =
                       ``window``: the bare address of a window and no Office
services               ``id`` code, ``name`` name.zh (and name.en if it is not Chinese), ``description``
                       summary in the language it is in, ``url`` source_url, ``application_process`` steps (a
                       line each), ``fees`` one fee, ``alternate_name`` aliases (a line each), ``status``
                       other than active: valid_until the day before as_of; organization: department and
                       department_code. All other fields are ``x_<field>`` in the cells of the CSV format
services_at_location   Window: ``location_id`` office, its address or name; ``x_address``, ``x_office``
required_documents     Material: ``document`` name; ``x_name_en``, ``x_required``
eligibility            ``eligibility`` conditions (several rows: a line each); ``x_eligibility_en``
phones                 Phone: ``number`` and ``extension``; ``x_kind`` (consult or complaint)
service_areas          ``service_area`` area (the first one)
services_taxonomy      themes: the names in taxonomy
metadata               ``last_action_date`` as_of of the service ``resource_id``
languages              written for each language that the record has texts in; not needed for reading
=====================  =====================================================================================

as_of of a service is ``x_as_of``, else the date given to the import, else its metadata, else the newest
metadata of the package, else the day the package was last modified.
"""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from knowledge.services.batch import Batch, day_of
from knowledge.services.hsds_hours import read_hours
from knowledge.services.hsds_tables import Row, Tables, is_package, is_services_table, load
from knowledge.services.models import Department, Office
from knowledge.services.seed import add_record
from knowledge.services.table import from_cells
from knowledge.text.script import is_han

__all__ = ["EXTRA", "is_package", "is_services_table", "read_hsds"]

EXTRA = (
    *("name_en", "department", "department_code", "kind", "level", "catalogue", "audience", "summary_zh"),
    *(
        "summary_en",
        "steps",
        "steps_en",
        "fees",
        "statutory_limit",
        "promised_limit",
        "legal_basis",
        "online",
    ),
    *(
        "online_url",
        "appointment",
        "appointment_url",
        "courier",
        "visits",
        "platform",
        "no_window",
        "aliases",
    ),
    *("as_of", "valid_from", "valid_until"),
)
"""The columns of the CSV format that become ``x_`` columns of the services table."""

Index = dict[str, list[Row]]


def read_hsds(path: Path, batch: Batch, as_of: date | None = None) -> None:
    """Reads a package: a folder, a zip archive, or its datapackage.json. Broken rows are rejected singly."""
    package = _Package(load(path, batch), batch)
    modified = datetime.fromtimestamp(path.stat().st_mtime, UTC).date()
    package.read(as_of, modified)


class _Package:
    def __init__(self, tables: Tables, batch: Batch):
        self.tables = tables
        self.batch = batch
        self.organizations = {row.get("id", ""): row for _, row in tables["organizations"]}
        self.locations = {row.get("id", ""): row for _, row in tables["locations"]}
        self.services = {row.get("id", "") for _, row in tables["services"]}
        self.sites = {
            row.get("id", ""): row.get("service_id", "") for _, row in tables["services_at_location"]
        }
        self.taxonomy = {row.get("id", ""): row.get("name", "") for _, row in tables["taxonomy"]}
        self.dates = {row.get("resource_id", ""): day for _, row in tables["metadata"] if (day := _day(row))}
        self.addresses = self._by("physical_addresses", "location_id")
        self.schedules = self._by("regular_schedules", "location_id")
        self.phones: dict[str, Index] = {"service": {}, "location": {}, "organization": {}}
        self._sort_phones()

    def read(self, as_of: date | None, modified: date) -> None:
        for origin, row in self.tables["organizations"]:
            self.batch.add_row(origin, Department, self._department(row))
        for origin, row in self.tables["locations"]:
            if row.get("x_kind") != "window":
                self.batch.add_row(origin, Office, self._office(row))
        children = {
            table: self._of_services(table)
            for table in (
                *(
                    "required_documents",
                    "eligibility",
                    "service_areas",
                    "services_taxonomy",
                    "services_at_location",
                ),
            )
        }
        newest = max(self.dates.values(), default=modified)
        for origin, row in self.tables["services"]:
            day = as_of or self.dates.get(row.get("id", ""), newest)
            try:
                raw = self._service(
                    row, {name: rows[row.get("id", "")] for name, rows in children.items()}, day
                )
            except ValueError as error:
                self.batch.reject(origin, str(error), row.get("id"))
                continue
            add_record(self.batch, origin, raw, day)

    def _by(self, table: str, key: str) -> Index:
        out: Index = defaultdict(list)
        for _, row in self.tables[table]:
            out[row.get(key, "")].append(row)
        return out

    def _of_services(self, table: str) -> Index:
        out: Index = defaultdict(list)
        for origin, row in self.tables[table]:
            if row.get("service_id", "") in self.services:
                out[row["service_id"]].append(row)
            else:
                self.batch.reject(origin, f"service_id: unknown service {row.get('service_id', '')[:80]!r}")
        return out

    def _sort_phones(self) -> None:
        for _, row in self.tables["phones"]:
            service = row.get("service_id") or self.sites.get(row.get("service_at_location_id", ""))
            for kind, key in (
                ("service", service),
                ("location", row.get("location_id")),
                ("organization", row.get("organization_id")),
            ):
                if key:
                    self.phones[kind].setdefault(key, []).append(row)
                    break

    def _department(self, row: Row) -> dict[str, Any]:
        return _filled(
            code=row.get("id"),
            name=row.get("name"),
            name_en=row.get("x_name_en"),
            phone=_first_number(self.phones["organization"].get(row.get("id", ""), [])),
            duties=row.get("description"),
            source_url=row.get("url"),
            as_of=row.get("x_as_of"),
        )

    def _office(self, row: Row) -> dict[str, Any]:
        code = row.get("id", "")
        address = next(iter(self.addresses.get(code, [])), {})
        return _filled(
            code=code,
            name=row.get("name") or row.get("alternate_name"),
            name_en=row.get("x_name_en"),
            place=row.get("x_place"),
            address=_address(address),
            address_en=row.get("x_address_en"),
            hours=read_hours(row.get("x_hours", ""), self.schedules.get(code, [])),
            hours_note=row.get("x_hours_note"),
            phone=_first_number(self.phones["location"].get(code, [])),
            latitude=row.get("latitude"),
            longitude=row.get("longitude"),
            source_url=row.get("x_source_url"),
            as_of=row.get("x_as_of"),
        )

    def _service(self, row: Row, children: Index, day: date) -> dict[str, Any]:
        raw = self._standard(row, day)
        cells = {column: row[f"x_{column}"] for column in EXTRA if f"x_{column}" in row}
        ours = from_cells(cells)
        for column in cells:
            raw.pop(column, None)
        names, summary = ours.pop("name", {}), ours.pop("summary", {})
        if "name_en" in cells:
            raw["name"].pop("en", None)
        if "summary_zh" in cells or "summary_en" in cells:
            raw["summary"] = {}
        raw["name"] |= names
        raw["summary"] |= summary
        raw |= ours
        raw["materials"] = [
            _filled(name=doc.get("document"), name_en=doc.get("x_name_en"), required=doc.get("x_required"))
            for doc in children["required_documents"]
        ]
        for key, column in (("conditions", "eligibility"), ("conditions_en", "x_eligibility_en")):
            raw[key] = "\n".join(text for one in children["eligibility"] if (text := one.get(column))) or None
        raw["area"] = next(
            (one["service_area"] for one in children["service_areas"] if one.get("service_area")), None
        )
        themes = (self.taxonomy.get(one.get("taxonomy_id", "")) for one in children["services_taxonomy"])
        raw["themes"] = [theme for theme in themes if theme]
        raw["windows"] = [
            window for site in children["services_at_location"] if (window := self._window(site))
        ]
        raw["phones"] = [
            _filled(number=_number(phone), kind=phone.get("x_kind"))
            for phone in self.phones["service"].get(row.get("id", ""), [])
        ]
        return raw

    def _standard(self, row: Row, day: date) -> dict[str, Any]:
        organization = self.organizations.get(row.get("organization_id", ""))
        if organization is None and not row.get("x_department"):
            raise ValueError(f"organization_id: unknown organization {row.get('organization_id', '')[:80]!r}")
        name, text = row.get("name", ""), row.get("description", "")
        url = row.get("url", "")
        inactive = row.get("status", "active") not in ("active", "")
        return {
            "code": row.get("id"),
            "name": _filled(zh=name, en=None if any(map(is_han, name)) else name),
            "department": (organization or {}).get("name"),
            "department_code": row.get("organization_id"),
            "summary": _filled(**{"zh" if any(map(is_han, text)) else "en": text}),
            "steps": _lines(row.get("application_process", "")),
            "fees": [{"text": row["fees"]}] if row.get("fees") else [],
            "aliases": _lines(row.get("alternate_name", "")),
            "source_url": url if url.startswith(("http://", "https://")) else None,
            "valid_until": day - timedelta(days=1) if inactive else None,
        }

    def _window(self, site: Row) -> dict[str, Any] | None:
        if site.get("x_address"):
            return _filled(address=site["x_address"], office=site.get("x_office"))
        code = site.get("location_id", "")
        location = self.locations.get(code, {})
        address = _address(next(iter(self.addresses.get(code, [])), {})) or location.get("name")
        return {"address": address, "office": code} if address else None


def _filled(**values: Any) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value not in (None, "")}


def _lines(text: str) -> list[str]:
    return [line for part in text.split("\n") if (line := part.strip())]


def _address(row: Row) -> str | None:
    parts = (
        "address_1",
        "address_2",
        "address_3",
        "address_4",
        "city",
        "state_province",
        "postal_code",
        "country",
    )
    return ", ".join(text for part in parts if (text := row.get(part, "").strip())) or None


def _number(row: Row) -> str:
    number, extension = row.get("number", ""), row.get("extension", "")
    return f"{number}转{extension}" if extension else number


def _first_number(rows: list[Row]) -> str | None:
    return next((_number(row) for row in rows if row.get("number")), None)


def _day(row: Row) -> date | None:
    return day_of(row.get("last_action_date", ""))

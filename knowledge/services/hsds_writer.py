"""Writes departments, offices and services as HSDS tables; the mapping is documented in
``knowledge.services.hsds``.
"""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from knowledge.services.hsds import EXTRA
from knowledge.services.hsds_hours import write_hours
from knowledge.services.hsds_tables import NAMES, to_files
from knowledge.services.models import Department, Office
from knowledge.services.record import ServiceRecord
from knowledge.services.store import Published
from knowledge.services.table import to_cells

COLUMNS: dict[str, tuple[str, ...]] = {
    "organizations": ("id", "name", "alternate_name", "description", "email", "url", "x_name_en", "x_as_of"),
    "services": (
        *("id", "organization_id", "name", "alternate_name", "description", "url", "email", "status"),
        *("application_process", "wait_time", "fees"),
        *(f"x_{column}" for column in EXTRA),
    ),
    "locations": (
        *(
            "id",
            "organization_id",
            "name",
            "alternate_name",
            "description",
            "latitude",
            "longitude",
            "x_kind",
        ),
        *("x_name_en", "x_place", "x_address_en", "x_hours", "x_hours_note", "x_source_url", "x_as_of"),
    ),
    "physical_addresses": (
        *("id", "location_id", "address_1", "address_2", "address_3", "address_4"),
        *("city", "state_province", "postal_code", "country"),
    ),
    "phones": (
        *(
            "id",
            "location_id",
            "service_id",
            "organization_id",
            "service_at_location_id",
            "number",
            "extension",
        ),
        *("type", "language", "description", "x_kind"),
    ),
    "regular_schedules": ("id", "service_id", "location_id", "weekday", "opens_at", "closes_at"),
    "services_at_location": ("id", "service_id", "location_id", "description", "x_address", "x_office"),
    "required_documents": ("id", "service_id", "document", "x_name_en", "x_required"),
    "eligibility": ("id", "service_id", "eligibility", "x_eligibility_en"),
    "service_areas": ("id", "service_id", "service_area", "description"),
    "languages": ("id", "service_id", "location_id", "language"),
    "taxonomy": ("id", "name", "parent_id", "parent_name", "vocabulary"),
    "services_taxonomy": ("id", "service_id", "taxonomy_id", "taxonomy_detail"),
    "metadata": ("id", "resource_id", "last_action_date", "last_action_type", "updated_by"),
}


def write_hsds(
    departments: Iterable[Department], offices: Iterable[Office], services: Iterable[Published]
) -> dict[str, bytes]:
    """The files of an HSDS package by file name, datapackage.json included."""
    writer = _Writer()
    for department in departments:
        writer.department(department)
    for office in offices:
        writer.office(office)
    for service in services:
        writer.service(service.record, service.department.code)
    return to_files(writer.tables, COLUMNS)


class _Writer:
    def __init__(self) -> None:
        self.tables: dict[str, list[Any]] = {name: [] for name in NAMES}
        self.places: set[str] = set()
        self.themes: dict[str, str] = {}

    def _add(self, table: str, owner: str = "", **row: Any) -> None:
        rows = self.tables[table]
        row.setdefault("id", f"{owner}.{len(rows) + 1}")
        rows.append({key: "" if value is None else value for key, value in row.items()})

    def department(self, row: Department) -> None:
        self._add(
            "organizations",
            id=row.code,
            name=row.name,
            description=row.duties,
            url=row.source_url,
            x_name_en=row.name_en,
            x_as_of=row.as_of,
        )
        if row.phone:
            self._add("phones", row.code, organization_id=row.code, number=row.phone, type="voice")

    def office(self, row: Office) -> None:
        schedule, extra = write_hours(row.hours)
        self.places.add(row.code)
        self._add(
            "locations",
            id=row.code,
            name=row.name,
            latitude=row.latitude,
            longitude=row.longitude,
            x_name_en=row.name_en,
            x_place=row.place,
            x_address_en=row.address_en,
            x_hours=extra,
            x_hours_note=row.hours_note,
            x_source_url=row.source_url,
            x_as_of=row.as_of,
        )
        if row.address:
            self._add("physical_addresses", row.code, location_id=row.code, address_1=row.address)
        if row.phone:
            self._add("phones", row.code, location_id=row.code, number=row.phone, type="voice")
        for hours in schedule:
            self._add("regular_schedules", row.code, location_id=row.code, **hours)

    def service(self, record: ServiceRecord, owner: str) -> None:
        cells = to_cells(record)
        code = record.code
        self._add(
            "services",
            id=code,
            organization_id=owner,
            name=record.name.zh,
            alternate_name="\n".join(record.aliases),
            description=record.summary.zh or record.summary.en,
            url=record.source_url,
            status="active",
            application_process="\n".join(record.steps),
            wait_time=cells["promised_limit"],
            fees="\n".join(fee.text for fee in record.fees),
            **{f"x_{column}": cells[column] for column in EXTRA},
        )
        self._windows(record)
        for material in record.materials:
            required = {True: "true", False: "false", None: ""}[material.required]
            self._add(
                "required_documents",
                code,
                service_id=code,
                document=material.name,
                x_name_en=material.name_en,
                x_required=required,
            )
        self._facts(record)

    def _facts(self, record: ServiceRecord) -> None:
        code = record.code
        if record.conditions or record.conditions_en:
            self._add(
                "eligibility",
                code,
                service_id=code,
                eligibility=record.conditions,
                x_eligibility_en=record.conditions_en,
            )
        for phone in record.phones:
            number, _, extension = phone.number.partition("转")
            if not (number and extension) or number != number.strip() or extension != extension.strip():
                number, extension = phone.number, ""
            row = {"number": number, "extension": extension, "type": "voice", "x_kind": phone.kind}
            self._add("phones", code, service_id=code, **row)
        if record.area:
            self._add("service_areas", code, service_id=code, service_area=record.area)
        for theme in record.themes:
            if theme not in self.themes:
                self.themes[theme] = _stable("theme", theme)
                self._add("taxonomy", id=self.themes[theme], name=theme, vocabulary="themes")
            self._add("services_taxonomy", code, service_id=code, taxonomy_id=self.themes[theme])
        for language in _languages(record):
            self._add("languages", code, service_id=code, language=language)
        self._add(
            "metadata", code, resource_id=code, last_action_date=record.as_of, last_action_type="update"
        )

    def _windows(self, record: ServiceRecord) -> None:
        for window in record.windows:
            place = window.office if window.office in self.places else None
            if place is None:
                place = _stable("window", window.address)
                if place not in self.places:
                    self.places.add(place)
                    self._add("locations", id=place, name=window.address, x_kind="window")
                    self._add("physical_addresses", place, location_id=place, address_1=window.address)
            self._add(
                "services_at_location",
                record.code,
                service_id=record.code,
                location_id=place,
                x_address=window.address,
                x_office=window.office,
            )


def _languages(record: ServiceRecord) -> Sequence[str]:
    return ("zh", "en") if record.name.en or record.summary.en else ("zh",)


def _stable(kind: str, text: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"{kind}:{text}"))

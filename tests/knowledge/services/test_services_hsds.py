"""Rules of the HSDS format."""

import json
import zipfile
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from service_examples import records

from knowledge.services.batch import Batch
from knowledge.services.hsds import is_package, read_hsds
from knowledge.services.hsds_hours import read_hours, write_hours
from knowledge.services.hsds_writer import write_hsds
from knowledge.services.models import Department, Office
from knowledge.services.record import ServiceRecord
from knowledge.services.store import Published

POLICE = Department(code="007483172", name="广州市公安局", name_en="Police", phone="020-110", duties="户政")
HALL = Office(
    code="hall-1",
    name="市政务服务中心",
    name_en="City hall",
    place="440106",
    address="华利路61号",
    address_en="61 Huali Road",
    hours=[
        {"days": "1-5", "opens": "09:00", "closes": "17:00"},
        {"days": "6", "opens": "09:00", "closes": "12:00"},
    ],
    hours_note="节假日除外",
    phone="020-12345、12345",
    latitude=23.1,
    longitude=113.3,
    source_url="https://example.org/hall",
    as_of=date(2024, 1, 1),
)


def save(folder: Path, some: list[ServiceRecord]) -> None:
    folder.mkdir(exist_ok=True)
    services = [Published(record, 1, 1, POLICE) for record in some]
    for name, content in write_hsds([POLICE], [HALL], services).items():
        (folder / name).write_bytes(content)


def read(path: Path, as_of: date | None = None) -> Batch:
    batch = Batch()
    read_hsds(path, batch, as_of)
    return batch


def test_a_full_record_survives_export_and_import(tmp_path: Path, full_record: ServiceRecord) -> None:
    save(tmp_path, [full_record])
    batch = read(tmp_path)
    assert not batch.rejected
    assert batch.records[full_record.code][1] == full_record


def test_departments_and_offices_survive_export_and_import(
    tmp_path: Path, full_record: ServiceRecord
) -> None:
    save(tmp_path, [full_record])
    directory = read(tmp_path).directory
    for model, original in ((Department, POLICE), (Office, HALL)):
        (row,) = directory[model].values()
        columns = [column.name for column in model.__table__.columns if column.name != "id"]
        assert {key: row.get(key) for key in columns} == {key: getattr(original, key) for key in columns}


@given(st.lists(records, max_size=3, unique_by=lambda record: record.code))
def test_any_record_survives_export_and_import(tmp_path_factory: object, some: list[ServiceRecord]) -> None:
    folder = Path(tmp_path_factory.getbasetemp()) / "any-hsds"  # type: ignore[attr-defined]
    save(folder, some)
    batch = read(folder)
    assert not batch.rejected
    assert [record for _, record in batch.records.values()] == some


def test_folder_archive_and_datapackage_say_the_same(tmp_path: Path, full_record: ServiceRecord) -> None:
    folder = tmp_path / "package"
    save(folder, [full_record])
    archive = tmp_path / "package.zip"
    with zipfile.ZipFile(archive, "w") as out:
        for file in folder.iterdir():
            out.write(file, f"inner/{file.name}")
    found = [
        read(path).records[full_record.code][1] for path in (folder, archive, folder / "datapackage.json")
    ]
    assert found == [full_record] * 3


def test_a_package_of_others_is_read_from_its_standard_columns(hsds_sample: Path) -> None:
    batch = read(hsds_sample)
    assert not batch.rejected
    assert len(batch.records) == 13
    assert len(batch.directory[Department]) == 10
    record = batch.records["c89eb05c-62dd-4b64-b494-0cc347b6ea7f"][1]
    assert record.name.en == "Never Homeless Helpline"
    assert record.department == "Sanctuary Example City"
    assert record.conditions == "adult"
    assert [material.name for material in record.materials] == ["Sample required document"]
    assert record.steps == ("Call for further information",)
    assert record.area == "Sample service area"
    assert record.as_of == date(2008, 9, 15)
    assert record.windows[0].office == "30b83c60-64a1-11e6-8b77-86f30ca893d3"
    assert record.windows[0].address.startswith("Address 1, Address 2, New York City")
    laundry = batch.records["21a1192b-abb9-45e8-bc52-c81ca4087240"][1]
    assert [phone.number for phone in laundry.phones] == ["(223) 4567 12534", "(773) 2351 2461"]
    office = batch.directory[Office]["30b83c60-64a1-11e6-8b77-86f30ca893d3"]
    assert office["hours"] == [{"days": "1-3", "opens": "09:00", "closes": "17:00"}]
    assert batch.directory[Office]["30b84570-64a1-11e6-8b77-86f30ca893d3"]["phone"] == "(0123) 4567 8900转42"


def test_a_service_that_is_not_active_ended_the_day_before(hsds_sample: Path) -> None:
    record = read(hsds_sample, date(2024, 3, 1)).records["008b6436-5ac2-4c19-ac4d-d640fbec7818"][1]
    assert record.valid_until is not None
    assert record.valid_until < record.as_of == date(2024, 3, 1)


def test_broken_rows_are_rejected_singly(tmp_path: Path) -> None:
    (tmp_path / "organizations.csv").write_text("id,name\nO-1,Org\nO-2,\n")
    (tmp_path / "services.csv").write_bytes(
        b"id,organization_id,name\nS-1,O-1,One\nS-2,O-9,Two\nS-3,O-1\nS-4,O-1,\xff\nS-1,O-1,Again\nS-6,O-1,Six\n"
    )
    (tmp_path / "eligibility.csv").write_text("id,service_id,eligibility\nE-1,S-9,all\n")
    assert is_package(tmp_path)
    batch = read(tmp_path)
    assert list(batch.records) == ["S-1", "S-6"]
    found = {(Path(one.file).name, one.line, one.reason.split(":")[0]) for one in batch.rejected}
    assert found == {
        ("organizations.csv", 3, "name"),
        ("services.csv", 3, "organization_id"),
        ("services.csv", 4, "expected 3 cells, got 2"),
        ("services.csv", 5, "not UTF-8"),
        ("services.csv", 6, "duplicate code"),
        ("eligibility.csv", 2, "service_id"),
    }


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b"nothing"])
def test_a_broken_archive_is_rejected(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.zip").write_bytes(content)
    (rejection,) = read(tmp_path / "a.zip").rejected
    assert rejection.reason.startswith("not an HSDS package")


def test_a_datapackage_may_hold_its_rows_and_may_not_reach_outside(tmp_path: Path) -> None:
    rows = [{"id": "S-1", "organization_id": "O-1", "name": "One"}]
    package = {
        "resources": [
            {"name": "organization", "data": [{"id": "O-1", "name": "Org"}]},
            {"name": "service", "data": rows},
        ]
    }
    file = tmp_path / "datapackage.json"
    file.write_text(json.dumps(package))
    assert list(read(file).records) == ["S-1"]
    file.write_text(json.dumps({"resources": [{"name": "service", "path": "../../secret.csv"}]}))
    assert "outside of the package" in read(file).rejected[0].reason


@given(st.lists(st.integers(1, 7), min_size=1, unique=True))
def test_any_set_of_weekdays_is_read_back(week: list[int]) -> None:
    rows = [{"weekday": str(day), "opens_at": "09:00:00", "closes_at": "17:00:00"} for day in week]
    hours = read_hours("", rows)
    again, extra = write_hours(hours)
    assert extra == ""
    assert sorted(int(row["weekday"]) for row in again) == sorted(week)
    assert read_hours(extra, again) == hours


def test_hours_that_the_table_cannot_say_are_kept_as_they_are() -> None:
    hours = [{"days": "workdays", "opens": "09:00", "closes": "17:00"}]
    rows, extra = write_hours(hours)
    assert read_hours(extra, rows) == hours

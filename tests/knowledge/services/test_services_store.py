"""Rules of what is published, what applied when, and of exports."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Select, select

from knowledge.database import Database, version_of
from knowledge.services import phrases, store
from knowledge.services.exporter import export_services
from knowledge.services.importer import import_services
from knowledge.services.models import TOPIC, SearchEntry, Synonym
from knowledge.services.record import Names, ServiceRecord, Summary

DAY = date(2024, 1, 1)


def record(code: str = "S-1", **fields: object) -> ServiceRecord:
    values = {"code": code, "name": Names(zh="居住证"), "department": "公安局", "as_of": DAY, **fields}
    return ServiceRecord.model_validate(values)


async def publish(database: Database, *records: ServiceRecord) -> list[int]:
    async with database.write() as session:
        return [await store.publish(session, one, "tester") for one in records]


async def codes(database: Database, today: date) -> list[str]:
    async with database.read() as session:
        return [one.record.code for one in await store.published(session, today)]


async def test_publishing_counts_revisions_and_repeats_nothing(database: Database) -> None:
    assert await publish(database, record(), record(visits=1), record(visits=1)) == [1, 2, 2]
    async with database.read() as session:
        assert await version_of(session, TOPIC) == 2
        assert await store.by_code(session, "nothing") is None


async def test_only_what_is_in_force_today_is_published(database: Database) -> None:
    await publish(
        database,
        record("S-1"),
        record("S-2", valid_from=date(2024, 6, 1)),
        record("S-3", valid_until=date(2024, 6, 1)),
    )
    assert await codes(database, date(2024, 5, 31)) == ["S-1", "S-3"]
    assert await codes(database, date(2024, 6, 1)) == ["S-1", "S-2", "S-3"]
    assert await codes(database, date(2024, 6, 2)) == ["S-1", "S-2"]


async def test_a_withdrawn_service_is_gone_and_its_revisions_stay(database: Database) -> None:
    await publish(database, record())
    async with database.write() as session:
        assert await store.withdraw(session, "S-1", "tester") is True
        assert await store.withdraw(session, "S-1", "tester") is False
    assert await codes(database, DAY) == []
    async with database.read() as session:
        assert await version_of(session, TOPIC) == 2
        assert len(await store.revisions(session, "S-1")) == 1
        assert list(await session.scalars(phrases_of("S-1"))) == []
    assert await publish(database, record()) == [2]


async def test_the_state_of_a_day_is_the_newest_revision_that_applied(database: Database) -> None:
    await publish(
        database,
        record(visits=1),
        record(visits=2, as_of=date(2024, 3, 1)),
        record(visits=3, as_of=date(2024, 3, 1), valid_from=date(2024, 7, 1)),
    )
    async with database.read() as session:
        days = [date(2023, 1, 1), date(2024, 2, 1), date(2024, 6, 30), date(2024, 7, 1)]
        found = [await store.as_of(session, "S-1", day) for day in days]
        assert [one.record.visits if one else None for one in found] == [None, 1, 2, 3]


async def test_publishing_makes_the_entries_anew_from_all_names(database: Database) -> None:
    async with database.write() as session:
        session.add(Synonym(code="S-1", language="yue", phrase="攞居住證", origin="editor"))
    await publish(
        database, record(aliases=("暂住证",)), record(aliases=("办证",), summary=Summary(zh="说明" * 100))
    )
    async with database.read() as session:
        found = [(entry.source, entry.text) for entry in await session.scalars(phrases_of("S-1"))]
    assert found == [("name", "居住证"), ("alias", "办证"), ("synonym", "攞居住證"), ("summary", "说明" * 60)]


def phrases_of(code: str) -> Select[SearchEntry]:
    return select(SearchEntry).where(SearchEntry.code == code).order_by(SearchEntry.id)


def test_phrases_that_read_the_same_appear_once_and_brackets_stay_full_width() -> None:
    one = record(
        name=Names(zh="居住证（首次）", en="Permit"), aliases=("居住证(首次)", "居住證（首次）", "办证")
    )
    assert phrases.phrases(one, [Synonym(phrase="辦證"), Synonym(phrase="permit")]) == [
        ("name", "居住证（首次）"),
        ("name_en", "Permit"),
        ("alias", "办证"),
    ]


async def test_departments_without_a_code_are_known_by_name(database: Database) -> None:
    await publish(
        database, record("S-1"), record("S-2"), record("S-3", department="某局", department_code="D-3")
    )
    await publish(database, record("S-4", department="某局"))
    async with database.read() as session:
        assert [(one.code, one.name) for one in await store.departments(session)] == [
            ("D-3", "某局"),
            ("name:公安局", "公安局"),
        ]


@pytest.mark.parametrize(("format", "name"), [("csv", "out.csv"), ("hsds", "out"), ("hsds", "out.zip")])
async def test_an_export_reads_back_unchanged(
    database: Database, tmp_path: Path, full_record: ServiceRecord, format: str, name: str
) -> None:
    await publish(database, full_record, record())
    target = tmp_path / "exports" / name
    assert await export_services(database, target, format) == 2  # type: ignore[arg-type]
    report = await import_services(database, [target])
    assert (report.added, report.changed, report.unchanged, report.rejected) == (0, 0, 2, [])
    assert [file.name for file in target.parent.iterdir()] == [name]


async def test_an_unknown_format_is_refused(database: Database, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="format: expected hsds or csv, got 'xml'"):
        await export_services(database, tmp_path / "x", "xml")  # type: ignore[arg-type]

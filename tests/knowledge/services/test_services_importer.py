"""Rules of imports: complete or not at all, repeatable, and never stopped by a broken line."""

import asyncio
import os
import signal
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from service_examples import raw_record, write_lines
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from knowledge.database import Database, version_of
from knowledge.services import phrases, store
from knowledge.services.batch import MAX_LINE
from knowledge.services.catalogue import parse
from knowledge.services.importer import import_services, reindex
from knowledge.services.models import (
    TOPIC,
    Department,
    Office,
    Place,
    Revision,
    SearchEntry,
    Service,
    Synonym,
)

TABLES = (Department, Place, Office, Service, Revision, Synonym, SearchEntry)


async def counts(database: Database) -> dict[str, int]:
    """The rows of all tables and the change counter."""
    async with database.read() as session:
        found = {m.__tablename__: await session.scalar(select(func.count()).select_from(m)) for m in TABLES}
        return {
            **{name: number or 0 for name, number in found.items()},
            "version": await version_of(session, TOPIC),
        }


def catalogue(folder: Path, *changes: dict[str, Any]) -> Path:
    """A catalogue file with a record for each set of changes."""
    rows = [raw_record(TASK_CODE=f"CODE-{number}", **change) for number, change in enumerate(changes, 1)]
    return write_lines(folder / "catalogue.jsonl", *rows)


async def test_new_services_are_published_with_department_revision_and_entries(
    database: Database, tmp_path: Path
) -> None:
    report = await import_services(
        database, [catalogue(tmp_path, {}, {"matter_daily": "考驾照"})], by="tester"
    )
    assert (report.added, report.changed, report.unchanged, report.rejected) == (2, 0, 0, [])
    assert report.seconds > 0
    async with database.read() as session:
        found = await store.published(session)
        assert [(one.record.code, one.number) for one in found] == [("CODE-1", 1), ("CODE-2", 1)]
        assert found[0].department.name == "广州市公安局"
        assert [one.created_by for one in await store.revisions(session, "CODE-1")] == ["tester"]
        entries = list(await session.scalars(select(SearchEntry).order_by(SearchEntry.id)))
        assert {(entry.code, entry.source, entry.text) for entry in entries} == {
            ("CODE-1", "name", "机动车驾驶证初次申领"),
            ("CODE-2", "name", "机动车驾驶证初次申领"),
            ("CODE-2", "alias", "考驾照"),
        }
        assert all(len(entry.vector) == 1024 and entry.tokens for entry in entries)


async def test_a_second_run_changes_nothing(database: Database, tmp_path: Path) -> None:
    file = catalogue(tmp_path, {}, {})
    names = write_lines(tmp_path / "names.jsonl", {"code": "CODE-1", "name_en": "Licence", "yue": ["車牌"]})
    places = tmp_path / "places.yml"
    places.write_text('- {code: "440106", kind: district, name: 天河区, latitude: 23.1}\n')
    await import_services(database, [file, names, places])
    before = await counts(database)
    report = await import_services(database, [file, names, places])
    assert (report.added, report.changed, report.unchanged, report.directory) == (0, 0, 2, 0)
    assert await counts(database) == before


async def test_a_change_makes_a_new_revision_and_keeps_the_old_one(
    database: Database, tmp_path: Path
) -> None:
    await import_services(database, [catalogue(tmp_path, {}, {})])
    version = (await counts(database))["version"]
    report = await import_services(database, [catalogue(tmp_path, {"visit_number": "2"}, {})])
    assert (report.added, report.changed, report.unchanged) == (0, 1, 1)
    assert (await counts(database))["version"] == version + 1
    async with database.read() as session:
        found = await store.by_code(session, "CODE-1")
        assert found is not None
        assert (found.number, found.record.visits) == (2, 2)
        assert [one.content["visits"] for one in await store.revisions(session, "CODE-1")] == [1, 2]


async def test_older_content_does_not_replace_newer(database: Database, tmp_path: Path) -> None:
    await import_services(database, [catalogue(tmp_path, {})], as_of=date(2024, 1, 1))
    report = await import_services(
        database, [catalogue(tmp_path, {"visit_number": "3"})], as_of=date(2023, 1, 1)
    )
    assert (report.changed, report.unchanged) == (0, 1)
    assert [(one.code, one.reason) for one in report.older] == [("CODE-1", "older")]


@pytest.mark.parametrize("newer_first", [True, False])
async def test_of_two_files_in_one_import_the_newer_content_stands(
    database: Database, tmp_path: Path, newer_first: bool
) -> None:
    newer = {"code": "CODE-1", "name": {"zh": "新"}, "department": "D", "as_of": "2024-01-01"}
    files = [write_lines(tmp_path / "newer.jsonl", newer), catalogue(tmp_path, {})]
    report = await import_services(database, files if newer_first else files[::-1])
    assert (report.added, report.unchanged, report.rejected) == (1, 1, [])
    assert [(Path(one.file).name, one.reason) for one in report.older] == [("catalogue.jsonl", "older")]
    async with database.read() as session:
        found = await store.by_code(session, "CODE-1")
    assert found
    assert found.record.name.zh == "新"


@pytest.mark.parametrize("together", [True, False])
async def test_a_catalogue_does_not_replace_curated_content_of_the_same_day(
    database: Database, tmp_path: Path, together: bool
) -> None:
    curated = parse(raw_record(TASK_CODE="CODE-1")).model_dump(mode="json") | {
        "name": {"zh": "证", "en": "Card"}
    }
    files = [catalogue(tmp_path, {}), write_lines(tmp_path / "curated.jsonl", curated)]
    for _ in range(2):
        for some in [files] if together else [[file] for file in files]:
            report = await import_services(database, some)
            assert report.rejected == []
    report = await import_services(database, files)
    assert (report.changed, report.unchanged, [one.reason for one in report.older]) == (0, 2, ["curated"])
    async with database.read() as session:
        found = await store.by_code(session, "CODE-1")
        assert found
        assert found.record.name.en == "Card"
        assert len(await store.revisions(session, "CODE-1")) == (1 if together else 2)


async def test_an_edit_is_not_undone_by_importing_the_same_content_again(
    database: Database, tmp_path: Path
) -> None:
    file = catalogue(tmp_path, {})
    await import_services(database, [file])
    async with database.write() as session:
        await store.publish(session, parse(raw_record(TASK_CODE="CODE-1", visit_number="0")), "editor")
    report = await import_services(database, [file])
    assert (report.changed, [one.reason for one in report.older]) == (0, ["edited"])
    report = await import_services(database, [catalogue(tmp_path, {"visit_number": "2"})])
    assert report.changed == 1


async def test_a_withdrawn_service_comes_back_only_with_newer_content(
    database: Database, tmp_path: Path
) -> None:
    file = catalogue(tmp_path, {})
    await import_services(database, [file])
    async with database.write() as session:
        assert await store.withdraw(session, "CODE-1", "tester")
    report = await import_services(database, [file])
    assert (report.unchanged, [one.code for one in report.withdrawn]) == (1, ["CODE-1"])
    report = await import_services(database, [file], as_of=date(2024, 1, 1))
    assert report.changed == 1


async def test_broken_lines_are_rejected_with_place_and_reason_and_the_rest_is_imported(
    database: Database, tmp_path: Path
) -> None:
    file = write_lines(
        tmp_path / "mess.jsonl",
        raw_record(TASK_CODE="CODE-1"),
        "{broken",
        "[1, 2]",
        raw_record(TASK_CODE=None),
        raw_record(TASK_CODE="CODE-1", TASK_NAME="另一个"),
        '{"a": "' + "x" * (MAX_LINE + 1) + '"}',
        "[" * 100_000,
        {"something": "else"},
        "",
        raw_record(TASK_CODE="CODE-10"),
    )
    with file.open("ab") as out:
        out.write(b'{"TASK_CODE": "\xff"}\n{"TASK_CODE": "CODE-12"')
    report = await import_services(database, [file])
    assert report.added == 2
    assert all(one.file == str(file) for one in report.rejected)
    assert [(one.line, one.code, one.reason.split(":")[0]) for one in report.rejected] == [
        (2, None, "not JSON"),
        (3, None, "expected an object, got list"),
        (4, None, "TASK_CODE"),
        (5, "CODE-1", "duplicate code"),
        (6, None, "line too long"),
        (7, None, "not JSON"),
        (8, None, "neither a catalogue record, nor a service record, nor names"),
        (11, None, "not UTF-8 at byte 15"),
        (12, None, "not JSON"),
    ]


async def test_text_that_no_database_can_store_is_rejected(database: Database, tmp_path: Path) -> None:
    bad = {"code": "S-1", "name": {"zh": "a\x00b"}, "department": "D", "as_of": "2024-01-01"}
    lone = '{"code": "S-2", "name": {"zh": "\\ud800"}, "department": "D", "as_of": "2024-01-01"}'
    report = await import_services(database, [write_lines(tmp_path / "records.jsonl", bad, lone)])
    assert [one.code for one in report.rejected] == ["S-1", "S-2"]


async def test_a_crash_in_the_middle_leaves_the_database_as_it_was(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await import_services(database, [catalogue(tmp_path, {})])
    before = await counts(database)

    async def crash(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(store, "replace_entries", crash)
    with pytest.raises(OSError, match="disk full"):
        await import_services(database, [catalogue(tmp_path, {"visit_number": "2"}, {})])
    assert await counts(database) == before


CHILD = """
import asyncio, sys
from knowledge.database import Database
from knowledge.services import phrases, store
from knowledge.services.catalogue import parse
from knowledge.services.importer import import_services, reindex

async def stop(*_):
    print("writing", flush=True)
    await asyncio.sleep(60)

store.replace_entries = stop
asyncio.run(import_services(Database(sys.argv[1]), sys.argv[2:]))
"""


async def test_a_killed_process_leaves_the_database_as_it_was(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    await import_services(database, [catalogue(tmp_path, {})])
    before = await counts(database)
    file = catalogue(tmp_path, {"visit_number": "2"}, {})
    root = str(Path(store.__file__).parents[2])
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", CHILD, database_url, str(file)),
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": root},
    )
    assert child.stdout
    assert await asyncio.wait_for(child.stdout.readline(), 30) == b"writing\n"
    child.send_signal(signal.SIGKILL)
    await child.wait()
    assert await counts(database) == before
    report = await import_services(database, [file])
    assert (report.added, report.changed) == (1, 1)


async def test_an_import_that_was_overtaken_starts_anew(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare, rivals = phrases.entries, [parse(raw_record(TASK_CODE="CODE-1", visit_number="2"))]

    async def overtaken(*arguments: Any) -> Any:
        if rivals:
            async with database.write() as session:
                await store.publish(session, rivals.pop(), "rival", entries=[])
        return await prepare(*arguments)

    monkeypatch.setattr(phrases, "entries", overtaken)
    report = await import_services(database, [catalogue(tmp_path, {}, {})])
    assert (report.added, report.changed) == (1, 1)
    async with database.read() as session:
        made = [(one.number, one.created_by) for one in await store.revisions(session, "CODE-1")]
    assert made == [(1, "rival"), (2, "import")]


async def test_the_seed_fills_departments_places_offices_services_and_names(
    database: Database, tmp_path: Path
) -> None:
    (tmp_path / "departments.yml").write_text("- {code: D-1, name: 公安局, name_en: Police}\n- {code: D-2}\n")
    (tmp_path / "places.yml").write_text(
        '- {code: 440106, kind: district, name: 天河区}\n- {code: "1", colour: red}\n'
    )
    (tmp_path / "offices.yml").write_text(
        "- code: hall-1\n  name: 政务中心\n  as_of: 2024-01-01\n"
        '  hours: [{days: "1-5", opens: "09:00", closes: "17:00"}]\n'
    )
    (tmp_path / "services.yml").write_text(
        "- code: S-1\n  name: {zh: 居住证}\n  department: 公安局\n  department_code: D-1\n"
        "  as_of: 2024-01-01\n"
    )
    write_lines(
        tmp_path / "names.jsonl",
        {
            "code": "S-1",
            "name_en": "Residence permit",
            "zh": ["居住证办理", "居住证"],
            "yue": ["攞居住證"],
            "en": [],
        },
        {"code": "S-2", "zh": "not a list"},
    )
    report = await import_services(database, [tmp_path])
    assert (report.added, report.directory) == (1, 4)
    assert {(Path(one.file).name, one.line) for one in report.rejected} == {
        ("departments.yml", 2),
        ("places.yml", 2),
        ("names.jsonl", 2),
    }
    async with database.read() as session:
        names = (await store.synonyms(session, ["S-1"]))["S-1"]
        assert [(row.language, row.phrase, row.preferred) for row in names] == [
            ("en", "Residence permit", True),
            ("zh", "居住证办理", False),
            ("zh", "居住证", False),
            ("yue", "攞居住證", False),
        ]
        (office,) = await store.offices(session)
        assert office.hours == [{"days": "1-5", "opens": "09:00", "closes": "17:00"}]
        assert office.as_of == date(2024, 1, 1)
        texts = set(await session.scalars(select(SearchEntry.text)))
        assert texts == {"居住证", "Residence permit", "居住证办理", "攞居住證"}


async def test_a_newer_names_line_replaces_the_names_of_the_seed_only(
    database: Database, tmp_path: Path
) -> None:
    await import_services(database, [catalogue(tmp_path, {})])
    async with database.write() as session:
        session.add(Synonym(code="CODE-1", language="zh", phrase="编辑所加", origin="editor"))
    names = tmp_path / "names.jsonl"
    await import_services(database, [write_lines(names, {"code": "CODE-1", "zh": ["旧名"]})])
    report = await import_services(database, [write_lines(names, {"code": "CODE-1", "zh": ["新名"]})])
    assert (report.unchanged, report.directory) == (0, 1)
    async with database.read() as session:
        held = (await store.synonyms(session))["CODE-1"]
        assert {row.phrase for row in held} == {"编辑所加", "新名"}
        texts = set(await session.scalars(select(SearchEntry.text).where(SearchEntry.source == "synonym")))
        assert texts == {"编辑所加", "新名"}


async def test_broken_yaml_is_rejected_with_its_line(database: Database, tmp_path: Path) -> None:
    (tmp_path / "places.yml").write_text("- {code: a, kind: district, name: 天河}\n- {code: [b\n")
    (tmp_path / "offices.yml").write_text("code: not a list\n")
    report = await import_services(database, [tmp_path])
    assert {(Path(one.file).name, one.reason.split(":")[0]) for one in report.rejected} == {
        ("places.yml", "not YAML"),
        ("offices.yml", "not YAML"),
    }


async def test_a_path_that_does_not_exist_is_an_error(database: Database, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"nowhere\.jsonl"):
        await import_services(database, [tmp_path / "nowhere.jsonl"])


async def test_progress_tells_the_steps(database: Database, tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    await import_services(database, [catalogue(tmp_path, {})], progress=lambda *step: told.append(step))
    assert told == [("read", 1, 1), ("encode", 1, 1), ("write", 1, 1)]


async def test_departments_follow_new_names_unless_they_are_curated(
    database: Database, tmp_path: Path
) -> None:
    await import_services(database, [catalogue(tmp_path, {})])
    await import_services(database, [catalogue(tmp_path, {"DEPT_NAME": "公安局"})])
    async with database.write() as session:
        (department,) = await store.departments(session)
        assert department.name == "公安局"
        department.as_of = date(2024, 1, 1)
    await import_services(database, [catalogue(tmp_path, {"DEPT_NAME": "某局"})])
    async with database.read() as session:
        (department,) = await store.departments(session)
        assert department.name == "公安局"


async def test_the_whole_catalogue_is_imported_in_seconds(
    database: Database, catalogue_files: list[Path]
) -> None:
    report = await import_services(database, catalogue_files)
    assert (report.added, report.rejected) == (2262, [])
    assert report.seconds < 30
    found = await counts(database)
    assert (found["service"], found["revision"], found["department"]) == (2262, 2262, 177)
    again = await import_services(database, catalogue_files)
    assert (again.unchanged, await counts(database)) == (2262, found)


async def test_the_hsds_sample_is_imported_twice_without_change(
    database: Database, hsds_sample: Path
) -> None:
    report = await import_services(database, [hsds_sample])
    assert (report.added, report.directory, report.rejected) == (13, 20, [])
    found = await counts(database)
    report = await import_services(database, [hsds_sample / "services.csv"])
    assert (report.unchanged, await counts(database)) == (13, found)


async def test_the_database_itself_refuses_to_change_a_revision(database: Database, tmp_path: Path) -> None:
    await import_services(database, [catalogue(tmp_path, {})])
    async with database.sessions() as session:
        with pytest.raises(DBAPIError, match="immutable"):
            await session.execute(text("UPDATE revision SET digest = 'x'"))
    async with database.sessions() as session:
        (revision,) = await store.revisions(session, "CODE-1")
        revision.digest = "x"
        with pytest.raises(ValueError, match="immutable"):
            await session.flush()


async def test_a_reindex_makes_all_entries_anew(database: Database, tmp_path: Path) -> None:
    await import_services(database, [catalogue(tmp_path, {}, {"matter_daily": "考驾照"})])
    before = await counts(database)
    async with database.write() as session:
        await session.execute(text("DELETE FROM search_entry WHERE code = 'CODE-1'"))
        await session.execute(
            text(
                "INSERT INTO search_entry (code, source, text, tokens, vector) "
                "SELECT 'GONE', source, text, tokens, vector FROM search_entry"
            )
        )
    assert await reindex(database) == 2
    assert await counts(database) == before | {"version": before["version"] + 1}

"""Rules of what a process knows of the catalogue: it follows the database at once and survives its loss."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

import numpy as np
import pytest
from sqlalchemy import delete, update

from knowledge.database import Database, touch
from knowledge.search import catalogue as module
from knowledge.search.catalogue import Catalogue, place_names
from knowledge.services import phrases, store
from knowledge.services.models import TOPIC, Place, Revision, SearchEntry, Service, Synonym
from knowledge.services.record import Names, ServiceRecord

DAY = date(2024, 1, 1)


def record(code: str, name: str, **fields: Any) -> ServiceRecord:
    return ServiceRecord.model_validate(
        {"code": code, "name": Names(zh=name), "department": "公安局", "as_of": DAY} | fields
    )


async def publish(database: Database, *records: ServiceRecord) -> None:
    async with database.write() as session:
        for one in records:
            await store.publish(session, one, "tester")


async def add_synonym(database: Database, code: str, phrase: str) -> None:
    """What a member of staff does who adds an everyday name."""
    async with database.write() as session:
        session.add(Synonym(code=code, language="zh", phrase=phrase, origin="editor"))
        await session.flush()
        found = await store.by_code(session, code)
        assert found
        made = await phrases.entries([found.record], await store.synonyms(session, [code]))
        await store.replace_entries(session, [code], made)
        await touch(session, TOPIC)


@asynccontextmanager
async def watching(*catalogues: Catalogue) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(one.watch()) for one in catalogues]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def within_a_second(condition: Callable[[], bool]) -> None:
    for _ in range(100):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it took longer than a second")


def texts(catalogue: Catalogue, code: str) -> set[str]:
    index = catalogue.snapshot.index
    return {phrase.text for phrase in index.phrases if phrase.code == code} if index else set()


async def test_two_processes_see_each_change_within_a_second(database: Database) -> None:
    await publish(database, record("S-1", "居住证办理"))
    other = Database(database.url)
    both = [Catalogue(database), Catalogue(other)]
    async with watching(*both):
        await within_a_second(lambda: all(one.service("S-1") for one in both))
        await publish(database, record("S-2", "机动车驾驶证换证"))
        await within_a_second(lambda: all(one.service("S-2") for one in both))
        await publish(database, record("S-2", "机动车驾驶证期满换证", visits=1))
        await within_a_second(lambda: all(texts(one, "S-2") == {"机动车驾驶证期满换证"} for one in both))
        await add_synonym(database, "S-2", "车牌续期")
        await within_a_second(lambda: all("车牌续期" in texts(one, "S-2") for one in both))
        async with other.write() as session:
            await store.withdraw(session, "S-2", "tester")
        await within_a_second(lambda: not any(one.service("S-2") or texts(one, "S-2") for one in both))
        assert all(one.service("S-1") for one in both)
    await other.close()


async def test_an_entry_that_gets_the_id_of_a_deleted_one_is_seen(database: Database) -> None:
    catalogue = Catalogue(database)
    await publish(database, record("S-1", "居住证办理", aliases=("办暂住证",)))
    await catalogue.refresh()
    await publish(database, record("S-1", "居住证办理", aliases=("居住证首次申领",)))
    await catalogue.refresh()
    assert texts(catalogue, "S-1") == {"居住证办理", "居住证首次申领"}
    async with database.write() as session:
        await store.withdraw(session, "S-1", "tester")
    await publish(database, record("S-2", "机动车驾驶证换证"))
    await catalogue.refresh()
    assert texts(catalogue, "S-2") == {"机动车驾驶证换证"}
    assert catalogue.search("驾驶证换证").hits[0].code == "S-2"


async def test_a_refreshed_catalogue_equals_a_fresh_one(database: Database) -> None:
    grown = Catalogue(database)
    names = ["居住证办理", "机动车驾驶证换证", "公积金提取", "出境旅游护照补发", "企业设立登记"]
    for number, name in enumerate(names):
        await publish(database, record(f"S-{number}", name))
        await grown.refresh()
    await publish(database, record("S-2", "住房公积金提取", aliases=("提公积金", "攞公積金")))
    async with database.write() as session:
        await store.withdraw(session, "S-0", "tester")
    await grown.refresh()
    fresh = Catalogue(database)
    await fresh.refresh()
    assert set(grown.snapshot.services) == set(fresh.snapshot.services)
    assert grown.snapshot.index is not None
    assert fresh.snapshot.index is not None
    assert grown.snapshot.index.phrases == fresh.snapshot.index.phrases
    np.testing.assert_allclose(grown.snapshot.index.matrix, fresh.snapshot.index.matrix, atol=1e-6)
    for text in ("提公积金", "驾驶证换证", "开公司", "护照丢了"):
        one, other = grown.search(text), fresh.search(text)
        assert one.kind == other.kind
        assert [hit.code for hit in one.hits] == [hit.code for hit in other.hits]


async def test_nothing_is_loaded_again_when_nothing_changed(database: Database) -> None:
    catalogue = Catalogue(database)
    await publish(database, record("S-1", "居住证办理"))
    assert await catalogue.refresh() is True
    snapshot = catalogue.snapshot
    assert await catalogue.refresh() is False
    assert catalogue.snapshot is snapshot


class Lost:
    """A database that fails with an error."""

    def __init__(self, error: Exception):
        self.error = error

    def read(self) -> None:
        raise self.error


@pytest.mark.parametrize("error", [OSError("gone"), ValueError("a record that cannot be read")])
async def test_the_snapshot_survives_the_loss_of_the_database(
    database: Database, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "POLL_SECONDS", 0.01)
    catalogue = Catalogue(database)
    await publish(database, record("S-1", "居住证办理"))
    await catalogue.refresh()
    catalogue._database = Lost(error)  # type: ignore[assignment]
    async with watching(catalogue):
        await within_a_second(lambda: catalogue.failing == type(error).__name__)
        assert catalogue.service("S-1")
        assert catalogue.search("居住证怎么办").hits
        catalogue._database = database
        await publish(database, record("S-2", "机动车驾驶证换证"))
        await within_a_second(lambda: catalogue.failing is None and catalogue.service("S-2") is not None)


async def test_only_what_is_in_force_today_is_found(database: Database) -> None:
    await publish(
        database,
        record("S-1", "居住证办理"),
        record("S-2", "居住证换领", valid_from=date(2024, 6, 1)),
        record("S-3", "居住证补领", valid_until=date(2024, 6, 1)),
    )
    catalogue = Catalogue(database)
    await catalogue.refresh()

    def found(day: date) -> set[str]:
        return {hit.code for hit in catalogue.search("居住证", day).hits}

    assert found(date(2024, 5, 31)) == {"S-1", "S-3"}
    assert found(date(2024, 6, 1)) == {"S-1", "S-2", "S-3"}
    assert found(date(2024, 6, 2)) == {"S-1", "S-2"}
    assert catalogue.service("S-3", date(2024, 6, 2)) is None


async def test_an_empty_catalogue_refuses_everything(database: Database) -> None:
    catalogue = Catalogue(database)
    assert not catalogue.ready
    assert catalogue.search("居住证").kind == "refuse"
    await catalogue.refresh()
    assert catalogue.ready
    assert catalogue.search("居住证").kind == "refuse"
    assert catalogue.service(None) is None
    assert catalogue.names() == []


async def test_the_gazetteer_knows_every_name_once_and_no_summary(database: Database) -> None:
    await publish(
        database,
        record("S-1", "居住证办理", summary={"zh": "来穗人员办理居住证"}, aliases=("办居住证", "辦居住證")),
    )
    async with database.write() as session:
        session.add(Place(code="440106", kind="district", name="天河区", name_en="Tianhe District"))
    catalogue = Catalogue(database)
    await catalogue.refresh()
    names = catalogue.names()
    assert len({tuple(sorted(name.items())) for name in names}) == len(names)
    assert {name["text"] for name in names if name["entity"] == "service"} == {"居住证办理", "办居住证"}
    assert {name["text"] for name in names if name["entity"] == "place"} == {
        "天河区", "天河", "tianhe district", "tianhe",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "name", "english", "expected"),
    [
        ("district", "天河区", "Tianhe District", ["天河区", "天河", "Tianhe District", "Tianhe"]),
        ("district", "某区", None, ["某区"]),
        ("street", "沙河街道", None, ["沙河街道"]),
    ],
)
def test_places_are_named_with_and_without_their_kind(
    kind: str, name: str, english: str | None, expected: list[str]
) -> None:
    assert place_names(Place(code="x", kind=kind, name=name, name_en=english)) == expected


async def test_a_database_that_lost_its_rows_is_followed_too(database: Database) -> None:
    catalogue = Catalogue(database)
    await publish(database, record("S-1", "居住证办理"))
    await catalogue.refresh()
    async with database.write() as session:
        await session.execute(delete(SearchEntry))
        await session.execute(update(Service).values(published_id=None))
        await session.execute(delete(Revision))
        await touch(session, TOPIC)
    await catalogue.refresh()
    assert catalogue.service("S-1") is None

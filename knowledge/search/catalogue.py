"""What citizens see, in the memory of one process, refreshed within a second of a change in the database."""

import asyncio
import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.database import Database, version_of
from knowledge.search.decision import Decision, decide
from knowledge.search.index import Index, Phrase
from knowledge.search.model import Model, load
from knowledge.services import store
from knowledge.services.models import TOPIC, Department, Office, Place, SearchEntry, Service
from knowledge.services.store import Published
from knowledge.text.script import fold

log = logging.getLogger(__name__)

POLL_SECONDS = 0.5
CANDIDATES = 10


@dataclass(frozen=True)
class Snapshot:
    """One state of the catalogue; replaced as a whole, so that a reader never sees half a change."""

    version: int = -1
    services: dict[str, Published] = field(default_factory=dict)
    departments: dict[str, Department] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    offices: dict[str, Office] = field(default_factory=dict)
    english: dict[str, str] = field(default_factory=dict)
    index: Index | None = None
    loaded: float = 0.0


class Catalogue:
    """The snapshot of a process and the task that keeps it fresh.

    When the database is locked or gone the last snapshot goes on answering; each fact carries its date.
    """

    def __init__(self, database: Database, model: Model | None = None):
        self._database = database
        self._model = model or load()
        self.snapshot = Snapshot()
        self.failing: str | None = None

    @property
    def ready(self) -> bool:
        """True once a snapshot was loaded."""
        return self.snapshot.version >= 0

    async def refresh(self) -> bool:
        """Loads what changed since the last snapshot; True if anything did.

        Raises: SQLAlchemyError, OSError when the database cannot be read; the old snapshot stays.
        """
        async with self._database.read() as session:
            version = await version_of(session, TOPIC)
            if version == self.snapshot.version:
                return False
            old = self.snapshot
            live = {
                row.code: row.published_id
                for row in await session.execute(select(Service.code, Service.published_id))
            }
            kept = {
                code: service
                for code, service in old.services.items()
                if live.get(code) == service.revision_id
            }
            missing = [code for code, revision in live.items() if revision is not None and code not in kept]
            fresh = await store.by_codes(session, missing)
            services = {**kept, **fresh}
            phrases = await self._phrases(session, old.index.phrases if old.index else (), services)
            synonyms = await store.synonyms(session)
            departments = {row.code: row for row in await store.departments(session)}
            places = {row.code: row for row in await store.places(session)}
            offices = {row.code: row for row in await store.offices(session)}
        english = {
            code: row.phrase
            for code, rows in synonyms.items()
            for row in rows
            if row.preferred and row.language == "en"
        }
        titles = {code: (found.record.name.zh, found.record.level) for code, found in services.items()}
        index = await asyncio.to_thread(Index.build, self._model, phrases, titles, old.index)
        self.snapshot = Snapshot(
            version, services, departments, places, offices, english, index, time.monotonic()
        )
        log.info("catalogue: version %d, %d services, %d phrases", version, len(services), len(phrases))
        return True

    async def _phrases(
        self, session: AsyncSession, known: Iterable[Phrase], services: dict[str, Published]
    ) -> list[Phrase]:
        """The phrases of the live services, of which only the new ones are read in full.

        A database may give the id of a deleted entry to a new one; so the content is compared, too.
        """
        e = SearchEntry
        now = {
            row.id: (row.code, row.source, row.text)
            for row in await session.execute(select(e.id, e.code, e.source, e.text))
        }
        kept = {p.id: p for p in known if now.get(p.id) == (p.code, p.source, p.text)}
        new = sorted(now.keys() - kept.keys())
        query = select(e.id, e.code, e.source, e.text, e.tokens, e.vector)
        if kept and len(new) < len(now) / 2:
            parts = [new[start : start + store.SLICE] for start in range(0, len(new), store.SLICE)]
            rows = [row for part in parts for row in await session.execute(query.where(e.id.in_(part)))]
        else:
            rows = [row for row in await session.execute(query) if row.id not in kept]
        found = [*kept.values(), *(Phrase(*row) for row in rows)]
        return [p for p in found if p.code in services]

    async def watch(self) -> None:
        """Refreshes for ever; errors are logged once and shown in ``failing`` until they end."""
        while True:
            try:
                await self.refresh()
                if self.failing:
                    log.info("catalogue: the database answers again")
                self.failing = None
            except (SQLAlchemyError, OSError) as error:
                if not self.failing:
                    log.warning(
                        "catalogue: the database cannot be read, the last state stays in use: %s", error
                    )
                self.failing = type(error).__name__
            except Exception as error:
                if not self.failing:
                    log.exception("catalogue: the records cannot be used, the last state stays in use")
                self.failing = type(error).__name__
            await asyncio.sleep(POLL_SECONDS)

    def service(self, code: str | None, today: date | None = None) -> Published | None:
        """The published service with this code, if it is in force today."""
        found = self.snapshot.services.get(code or "")
        return found if found and in_force(found, today or date.today()) else None

    def search(self, text: str, today: date | None = None) -> Decision:
        """Ranks the services in force for a question and decides what to do."""
        index = self.snapshot.index
        if index is None:
            return Decision("refuse", (), 0.0, 0.0)
        day = today or date.today()
        ranking = index.search(text, CANDIDATES)
        hits = tuple(hit for hit in ranking.hits if self.service(hit.code, day))
        return decide(self._model.answer, self._model.scope, replace(ranking, hits=hits))

    def names(self) -> list[dict[str, str]]:
        """All names that the gazetteer should know: entity, code and folded text, without repeats."""
        now = self.snapshot
        phrases = now.index.phrases if now.index else ()
        named: list[tuple[str, str, str | None]] = [
            *(
                ("service", p.code, p.text)
                for p in phrases
                if p.source != "summary" and 2 <= len(p.text) <= 60
            ),
            *(("department", d.code, name) for d in now.departments.values() for name in (d.name, d.name_en)),
            *(("place", p.code, name) for p in now.places.values() for name in place_names(p)),
            *(("office", o.code, name) for o in now.offices.values() for name in (o.name, o.name_en)),
        ]
        found = dict.fromkeys((entity, code, fold(name)) for entity, code, name in named if name)
        return [{"entity": entity, "value": code, "text": text} for entity, code, text in found]


def in_force(service: Published, day: date) -> bool:
    """Whether a revision applies on a day."""
    record = service.record
    return (record.valid_from is None or record.valid_from <= day) and (
        record.valid_until is None or record.valid_until >= day
    )


def place_names(place: Place) -> list[str]:
    """The ways to say a place: with and without its kind (天河区, 天河; Tianhe District, Tianhe)."""
    names = [place.name]
    for ending in ("区", "街道", "镇"):
        if place.kind == "district" and place.name.endswith(ending) and len(place.name) > 2:
            names.append(place.name.removesuffix(ending))
    if place.name_en:
        names += [place.name_en, place.name_en.removesuffix(" District")]
    return list(dict.fromkeys(names))

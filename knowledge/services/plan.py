"""What an import has to write, worked out before anything is written, and the writing itself."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.database import touch, version_of
from knowledge.services import seed, store
from knowledge.services.batch import Batch, Directory, Rejection, curated
from knowledge.services.models import TOPIC, Department, Office, Place, Revision, Service, Synonym
from knowledge.services.phrases import Entry
from knowledge.services.record import ServiceRecord


class Moved(Exception):
    """Somebody else changed the catalogue after the plan was made."""


@dataclass
class Report:
    """What an import did.

    ``added``, ``changed`` and ``unchanged`` count services; ``directory`` counts departments, places, offices
    and services' everyday names that changed. ``older`` and ``withdrawn`` detail a part of ``unchanged``:
    what is published is better (reason ``older``: it is newer; ``curated``: of the same day, and it has what
    official catalogues lack; ``edited``: somebody changed just this content since), or the service was taken
    off and nothing newer is said. ``seconds``: wall time.
    """

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    directory: int = 0
    rejected: list[Rejection] = field(default_factory=list)
    older: list[Rejection] = field(default_factory=list)
    withdrawn: list[Rejection] = field(default_factory=list)
    seconds: float = 0.0


@dataclass
class Plan:
    """Everything to write. ``records``: the state to index of each service whose entries are made anew."""

    version: int
    known: dict[str, store.State]
    report: Report
    publish: list[ServiceRecord] = field(default_factory=list)
    inserts: dict[Directory, list[dict[str, Any]]] = field(default_factory=dict)
    updates: dict[Directory, list[dict[str, Any]]] = field(default_factory=dict)
    names: dict[str, list[Synonym]] = field(default_factory=dict)
    records: dict[str, ServiceRecord] = field(default_factory=dict)
    synonyms: dict[str, list[Synonym]] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        """True if there is nothing to write."""
        return not (self.publish or self.names or self.report.directory)


async def make_plan(session: AsyncSession, batch: Batch, by: str) -> Plan:
    """Compares a batch with the database; ``by`` is who answers for the import."""
    version = await version_of(session, TOPIC)
    known = await store.states(session, list(batch.records))
    plan = Plan(version, known, Report(rejected=list(batch.rejected), older=list(batch.older)))
    plan.report.unchanged = len(batch.older)
    await _plan_services(session, plan, batch, by)
    for model, rows in batch.directory.items():
        await _plan_rows(session, plan, model, rows)
    await _plan_names(session, plan, batch)
    plan.report.directory = sum(map(len, (*plan.inserts.values(), *plan.updates.values(), plan.names)))
    return plan


async def _plan_services(session: AsyncSession, plan: Plan, batch: Batch, by: str) -> None:
    report = plan.report
    better = await _better_known(session, plan, batch, by)
    for code, (origin, record) in batch.records.items():
        state = plan.known.get(code)
        if state is None:
            report.added += 1
            plan.publish.append(record)
        elif state.published_digest == record.digest():
            report.unchanged += 1
        elif state.as_of and record.as_of < state.as_of:
            report.unchanged += 1
            report.older.append(Rejection(origin.file, origin.line, code, "older"))
        elif state.published_digest is None and record.as_of == state.as_of:
            report.unchanged += 1
            report.withdrawn.append(Rejection(origin.file, origin.line, code, "withdrawn"))
        elif code in better:
            report.unchanged += 1
            report.older.append(Rejection(origin.file, origin.line, code, better[code]))
        else:
            report.changed += 1
            plan.publish.append(record)


async def _better_known(session: AsyncSession, plan: Plan, batch: Batch, by: str) -> dict[str, str]:
    """Why content of the same day must not replace what is published: it is curated, or was edited."""
    rivals = {}
    for code, (_, record) in batch.records.items():
        state = plan.known.get(code)
        if state and state.as_of == record.as_of and state.published_digest not in (None, record.digest()):
            rivals[code] = record
    seen: set[tuple[str, str]] = set()
    history = select(Service.code, Revision.digest).join(Revision, Revision.service_id == Service.id)
    for part in store.slices(list(rivals)):
        seen.update(
            (code, digest) for code, digest in await session.execute(history.where(Service.code.in_(part)))
        )
    published = await store.by_codes(session, list(rivals))
    out = {}
    for code, record in rivals.items():
        if curated(published[code].record) and not curated(record):
            out[code] = "curated"
        elif plan.known[code].by != by and (code, record.digest()) in seen:
            out[code] = "edited"
    return out


async def _plan_rows(
    session: AsyncSession, plan: Plan, model: Directory, rows: dict[str, dict[str, Any]]
) -> None:
    columns = [column.name for column in model.__table__.columns if not column.primary_key]
    stored: list[Department | Place | Office] = list(await session.scalars(select(model)))
    found = {row.code: row for row in stored}
    for code, row in rows.items():
        old = found.get(code)
        if old is None:
            plan.inserts.setdefault(model, []).append({column: row.get(column) for column in columns})
        elif any(getattr(old, column) != value for column, value in row.items()):
            plan.updates.setdefault(model, []).append({"id": old.id} | row)


async def _plan_names(session: AsyncSession, plan: Plan, batch: Batch) -> None:
    fresh = {record.code: record for record in plan.publish}
    wanted = seed.synonyms(batch)
    codes = list(dict.fromkeys([*fresh, *wanted]))
    held = await store.synonyms(session, codes)
    for code, rows in wanted.items():
        others = [row for row in held.get(code, []) if row.origin != seed.ORIGIN]
        taken = {row.phrase for row in others}
        rows = [row for row in rows if row.phrase not in taken]
        if {_key(row) for row in rows} != {
            _key(row) for row in held.get(code, []) if row.origin == seed.ORIGIN
        }:
            plan.names[code] = rows
            held[code] = [*others, *rows]
    live = await store.by_codes(session, [code for code in plan.names if code not in fresh])
    plan.records = fresh | {code: found.record for code, found in live.items()}
    plan.synonyms = held


def _key(row: Synonym) -> tuple[str, str, bool]:
    return row.language, row.phrase, row.preferred


async def write_plan(session: AsyncSession, plan: Plan, by: str) -> None:
    """Writes a plan; raises Moved if the catalogue is no longer what the plan was made for. Call within
    ``write()``.
    """
    await touch(session, TOPIC)  # first, for it makes other writers wait
    if await version_of(session, TOPIC) != plan.version + 1:
        raise Moved
    for model, rows in plan.inserts.items():
        await session.execute(insert(model), rows)
    for model, rows in plan.updates.items():
        await session.execute(update(model), rows)
    await store.publish_all(session, plan.publish, by, plan.known)
    for part in store.slices(list(plan.names)):
        await session.execute(delete(Synonym).where(Synonym.code.in_(part), Synonym.origin == seed.ORIGIN))
    columns = ("code", "language", "phrase", "origin", "preferred")
    names = [
        {column: getattr(row, column) for column in columns} for rows in plan.names.values() for row in rows
    ]
    if names:
        await session.execute(insert(Synonym), names)
    await store.replace_entries(session, list(plan.records), plan.entries)

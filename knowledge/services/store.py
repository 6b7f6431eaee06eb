"""Queries of the catalogue, and the two ways to change it: publish a record, withdraw a service."""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, Select, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.database import touch
from knowledge.services import phrases
from knowledge.services.models import (
    TOPIC,
    Department,
    Office,
    Place,
    Revision,
    SearchEntry,
    Service,
    Synonym,
    now,
)
from knowledge.services.phrases import Entry
from knowledge.services.record import ServiceRecord

log = logging.getLogger(__name__)

SLICE = 1_000
"""Codes in one SQL statement; databases bound the number of parameters."""


@dataclass(frozen=True)
class Published:
    """A service as one revision states it, with the number of the revision and its department."""

    record: ServiceRecord
    number: int
    revision_id: int
    department: Department


@dataclass(frozen=True)
class State:
    """What the database holds of a service: id, published digest, its date (else the newest) and author."""

    service_id: int
    published_digest: str | None
    as_of: date | None
    number: int
    by: str | None = None


_PUBLISHED: Select[Revision, Department] = (
    select(Revision, Department)
    .select_from(Service)
    .join(Revision, Service.published_id == Revision.id)
    .join(Department, Service.department_id == Department.id)
    .order_by(Service.code)
)


def _read(row: Row[Revision, Department]) -> Published:
    revision, department = row
    record = ServiceRecord.model_validate(revision.content)
    return Published(record, revision.number, revision.id, department)


async def published(session: AsyncSession, today: date | None = None) -> list[Published]:
    """The services that citizens see, by code: not withdrawn, and in force on ``today`` (None: whatever the
    date).
    """
    query = _PUBLISHED
    if today:
        query = query.where(
            or_(Revision.valid_from.is_(None), Revision.valid_from <= today),
            or_(Revision.valid_until.is_(None), Revision.valid_until >= today),
        )
    return [_read(row) for row in await session.execute(query)]


async def by_code(session: AsyncSession, code: str) -> Published | None:
    """The published state of a service whatever the date; None if it is unknown or withdrawn."""
    row = (await session.execute(_PUBLISHED.where(Service.code == code))).one_or_none()
    return _read(row) if row else None


async def by_codes(session: AsyncSession, codes: Sequence[str]) -> dict[str, Published]:
    """The published states of several services by code."""
    parts = [await session.execute(_PUBLISHED.where(Service.code.in_(part))) for part in slices(codes)]
    found = [_read(row) for part in parts for row in part]
    return {one.record.code: one for one in found}


async def revisions(session: AsyncSession, code: str) -> list[Revision]:
    """All revisions of a service, the oldest first."""
    query = select(Revision).join(Service, Revision.service_id == Service.id).where(Service.code == code)
    return list(await session.scalars(query.order_by(Revision.number)))


async def as_of(session: AsyncSession, code: str, day: date) -> Published | None:
    """The newest revision of a service whose content applied on ``day``, withdrawn since or not.

    A revision applies from ``valid_from`` (else the day its source shows) to ``valid_until``. None if there
    was none.
    """
    query = (
        select(Revision, Department)
        .join(Service, Revision.service_id == Service.id)
        .join(Department, Service.department_id == Department.id)
        .where(Service.code == code, func.coalesce(Revision.valid_from, Revision.as_of) <= day)
        .where(or_(Revision.valid_until.is_(None), Revision.valid_until >= day))
        .order_by(Revision.number.desc())
        .limit(1)
    )
    row = (await session.execute(query)).one_or_none()
    return _read(row) if row else None


async def departments(session: AsyncSession) -> list[Department]:
    """All departments by code."""
    return list(await session.scalars(select(Department).order_by(Department.code)))


async def places(session: AsyncSession, kind: str | None = None) -> list[Place]:
    """Districts and streets by code, or those of one kind."""
    query = select(Place).order_by(Place.code)
    return list(await session.scalars(query.where(Place.kind == kind) if kind else query))


async def offices(session: AsyncSession, place: str | None = None) -> list[Office]:
    """Offices by code, or those of one place."""
    query = select(Office).order_by(Office.code)
    return list(await session.scalars(query.where(Office.place == place) if place else query))


async def synonyms(session: AsyncSession, codes: Iterable[str] | None = None) -> dict[str, list[Synonym]]:
    """Everyday names by service code, of all services or of some."""
    query = select(Synonym).order_by(Synonym.code, Synonym.id)
    out: dict[str, list[Synonym]] = {}
    if codes is None:
        found = list(await session.scalars(query))
    else:
        parts = [await session.scalars(query.where(Synonym.code.in_(part))) for part in slices(list(codes))]
        found = [row for part in parts for row in part]
    for row in found:
        out.setdefault(row.code, []).append(row)
    return out


async def states(session: AsyncSession, codes: Sequence[str]) -> dict[str, State]:
    """What the database holds of the services with these codes."""
    number, day = func.max(Revision.number).label("number"), func.max(Revision.as_of).label("as_of")
    newest = select(Revision.service_id, number, day).group_by(Revision.service_id).subquery()
    last = func.coalesce(Revision.as_of, newest.c.as_of)
    query = (
        select(Service.code, Service.id, Revision.digest, last, newest.c.number, Revision.created_by)
        .outerjoin(Revision, Service.published_id == Revision.id)
        .outerjoin(newest, newest.c.service_id == Service.id)
    )
    out = {}
    for part in slices(codes):
        for row in await session.execute(query.where(Service.code.in_(part))):
            out[row[0]] = State(row[1], row[2], row[3], row[4] or 0, row[5])
    return out


async def publish(
    session: AsyncSession, record: ServiceRecord, by: str, *, entries: Sequence[Entry] | None = None
) -> int:
    """Publishes a record as a new revision and returns its number; a record that is published already stays
    as it is.

    ``by``: who answers for it. ``entries``: search entries made before with ``phrases.entries``; without them
    they are made here, which takes a second in a process that has not used the encoder yet. Call it within
    ``write()``.
    """
    state = (await states(session, [record.code])).get(record.code)
    if state and state.published_digest == record.digest():
        current = await by_code(session, record.code)
        return current.number if current else state.number
    if entries is None:
        entries = await phrases.entries([record], await synonyms(session, [record.code]))
    await publish_all(session, [record], by, {record.code: state} if state else {})
    await replace_entries(session, [record.code], entries)
    await touch(session, TOPIC)
    return (state.number if state else 0) + 1


async def publish_all(
    session: AsyncSession, records: Sequence[ServiceRecord], by: str, known: Mapping[str, State]
) -> None:
    """Writes departments, services and new revisions of records and publishes them (no entries, no change
    counter).

    ``known``: the states of the services that exist, see ``states``.
    """
    owners = await _departments_of(session, records)
    new = [record for record in records if record.code not in known]
    ids = {code: state.service_id for code, state in known.items()}
    rows = [{"code": record.code, "department_id": owners[record.code]} for record in new]
    if rows:
        made = await session.execute(insert(Service).returning(Service.code, Service.id), rows)
        ids.update((code, service_id) for code, service_id in made)
    written = [_revision(record, ids[record.code], known.get(record.code), by) for record in records]
    if written:
        done = await session.execute(insert(Revision).returning(Revision.service_id, Revision.id), written)
        live = {service_id: revision_id for service_id, revision_id in done}
        changes = [
            {"id": ids[r.code], "published_id": live[ids[r.code]], "department_id": owners[r.code]}
            for r in records
        ]
        await session.execute(update(Service), changes)


def _revision(record: ServiceRecord, service_id: int, state: State | None, by: str) -> dict[str, Any]:
    return {
        "service_id": service_id,
        "number": (state.number if state else 0) + 1,
        "content": record.model_dump(mode="json", exclude_defaults=True),
        "digest": record.digest(),
        "as_of": record.as_of,
        "source_url": record.source_url,
        "valid_from": record.valid_from,
        "valid_until": record.valid_until,
        "created_at": now(),
        "created_by": by,
    }


async def _departments_of(session: AsyncSession, records: Sequence[ServiceRecord]) -> dict[str, int]:
    """Department ids by service code; makes missing departments, follows new names of those never curated."""
    known = {row.code: row for row in await session.scalars(select(Department))}
    named = {row.name: row for row in known.values()}
    out: dict[str, Department] = {}
    for record in records:
        code = record.department_code
        row = known.get(code) if code else named.get(record.department)
        if row is None:
            code = code or f"name:{record.department}"[:80]
            row = known.get(code) or Department(code=code, name=record.department)
            session.add(row)
        elif row.as_of is None and row.name != record.department:
            row.name = record.department
        known[row.code] = named[record.department] = row
        out[record.code] = row
    await session.flush()
    return {code: row.id for code, row in out.items()}


async def replace_entries(session: AsyncSession, codes: Sequence[str], entries: Sequence[Entry]) -> None:
    """Replaces the search entries of services."""
    for part in slices(codes):
        await session.execute(delete(SearchEntry).where(SearchEntry.code.in_(part)))
    if entries:
        await session.execute(insert(SearchEntry), list(entries))


async def withdraw(session: AsyncSession, code: str, by: str) -> bool:
    """Takes a service off; its revisions stay. False if it was not published. Call it within ``write()``."""
    done: Any = await session.execute(
        update(Service)
        .where(Service.code == code, Service.published_id.is_not(None))
        .values(published_id=None)
    )
    if not done.rowcount:
        return False
    await replace_entries(session, [code], [])
    await touch(session, TOPIC)
    log.info("service %s withdrawn by %s", code, by)
    return True


def slices(codes: Sequence[str]) -> Iterator[Sequence[str]]:
    """The codes in groups that fit into one statement."""
    for start in range(0, len(codes), SLICE):
        yield codes[start : start + SLICE]

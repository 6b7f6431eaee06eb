"""Tables of the catalogue. A Revision is immutable; what is live is what the Service points to."""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    event,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from knowledge.database import Base

TOPIC = "services"


def now() -> datetime:
    """The current time in UTC."""
    return datetime.now(UTC)


class Department(Base):
    """A body that handles services. ``code`` is its unified social credit or organisation code."""

    __tablename__ = "department"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(300), index=True)
    name_en: Mapped[str | None] = mapped_column(String(300))
    phone: Mapped[str | None] = mapped_column(String(80))
    duties: Mapped[str | None] = mapped_column(Text)
    source_url: Mapped[str | None] = mapped_column(String(2000))
    as_of: Mapped[date | None] = mapped_column(Date)


class Place(Base):
    """A district (kind ``district``) or a street or town (kind ``street``) with its administrative division
    code.
    """

    __tablename__ = "place"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(100))
    name_en: Mapped[str | None] = mapped_column(String(100))
    parent: Mapped[str | None] = mapped_column(String(20), index=True)
    latitude: Mapped[float | None] = mapped_column(Float)
    longitude: Mapped[float | None] = mapped_column(Float)


class Office(Base):
    """A hall where citizens are served. ``hours``: list of {"days": "1-5", "opens": "09:00", "closes":
    "17:00"}.
    """

    __tablename__ = "office"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(300))
    name_en: Mapped[str | None] = mapped_column(String(300))
    place: Mapped[str | None] = mapped_column(String(20), index=True)
    address: Mapped[str | None] = mapped_column(String(500))
    address_en: Mapped[str | None] = mapped_column(String(500))
    hours: Mapped[list[dict[str, str]] | None] = mapped_column(JSON)
    hours_note: Mapped[str | None] = mapped_column(String(500))
    phone: Mapped[str | None] = mapped_column(String(200))
    latitude: Mapped[float | None] = mapped_column(Float)
    longitude: Mapped[float | None] = mapped_column(Float)
    source_url: Mapped[str | None] = mapped_column(String(2000))
    as_of: Mapped[date | None] = mapped_column(Date)


class Service(Base):
    """A service by its official code. ``published`` is the id of the revision that citizens see, None if
    withdrawn.
    """

    __tablename__ = "service"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(80), unique=True)
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"), index=True)
    published_id: Mapped[int | None] = mapped_column(
        ForeignKey("revision.id", use_alter=True, name="fk_service_published_id_revision")
    )
    department: Mapped[Department] = relationship()
    published: Mapped["Revision | None"] = relationship(foreign_keys=[published_id])


class Revision(Base):
    """One immutable state of a service. ``content``: a ``ServiceRecord`` as JSON, ``digest`` its SHA-256."""

    __tablename__ = "revision"
    __table_args__ = (UniqueConstraint("service_id", "number"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"), index=True)
    number: Mapped[int] = mapped_column(Integer)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    digest: Mapped[str] = mapped_column(String(64))
    as_of: Mapped[date] = mapped_column(Date)
    source_url: Mapped[str | None] = mapped_column(String(2000))
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_until: Mapped[date | None] = mapped_column(Date)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now)
    created_by: Mapped[str] = mapped_column(String(80))


class Synonym(Base):
    """An everyday name of a service, in one language (zh, yue or en). ``origin`` says who said so."""

    __tablename__ = "synonym"
    __table_args__ = (UniqueConstraint("code", "phrase"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(80), index=True)
    language: Mapped[str] = mapped_column(String(10))
    phrase: Mapped[str] = mapped_column(String(300))
    origin: Mapped[str] = mapped_column(String(80))
    preferred: Mapped[bool] = mapped_column(Boolean, default=False)


class SearchEntry(Base):
    """A phrase under which a service is found, prepared on write: its segments and its sentence vector
    (float16).
    """

    __tablename__ = "search_entry"
    __table_args__ = (Index("ix_search_entry_code_source", "code", "source"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(80))
    source: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(String(500))
    tokens: Mapped[str] = mapped_column(Text)
    vector: Mapped[bytes] = mapped_column(LargeBinary)


@event.listens_for(Revision, "before_update")
def _revisions_are_immutable(_mapper: Any, _connection: Any, target: Revision) -> None:
    raise ValueError(f"revision {target.id} is immutable: publish a new revision instead")

"""The shared database: engine, sessions, migrations and the change counter that tells other processes to look."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import BigInteger, MetaData, String, event, select, update
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

MIGRATIONS = Path(__file__).parent / "migrations"
SQLITE_BUSY_MS = 1_000

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Base of all tables; constraint names are fixed so that alembic can alter them on every database."""

    metadata = MetaData(naming_convention=NAMING)


class Change(Base):
    """One counter a topic: raised in the transaction that changes the topic, polled by every process."""

    __tablename__ = "change"
    topic: Mapped[str] = mapped_column(String(40), primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger, default=0)


class Database:
    """An engine with its sessions.

    ``url``: SQLAlchemy URL with an async driver (see ``Settings.url``). Sessions are short: open one for a piece of
    work with ``read()`` or ``write()``. ``write()`` commits at the end, or rolls everything back on an exception.
    """

    def __init__(self, url: str):
        self.url = url
        if url.startswith("sqlite"):
            file = make_url(url).database
            if file and file != ":memory:":
                Path(file).parent.mkdir(parents=True, exist_ok=True)
        options: dict[str, Any] = {} if url.startswith("sqlite") else {"pool_pre_ping": True, "pool_size": 10}
        self.engine: AsyncEngine = create_async_engine(url, **options)
        if url.startswith("sqlite"):
            event.listen(self.engine.sync_engine, "connect", _prepare_sqlite)
        self.sessions = async_sessionmaker(self.engine, expire_on_commit=False)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A session for reading; nothing is committed."""
        async with self.sessions() as session:
            yield session

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """A session in one transaction: all of it is committed, or none."""
        async with self.sessions() as session, session.begin():
            yield session

    async def close(self) -> None:
        """Closes all connections."""
        await self.engine.dispose()


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute(f"PRAGMA busy_timeout={SQLITE_BUSY_MS}")
    cursor.close()


async def version_of(session: AsyncSession, topic: str) -> int:
    """The change counter of a topic; 0 if nothing was ever written."""
    return (await session.execute(select(Change.version).where(Change.topic == topic))).scalar() or 0


async def touch(session: AsyncSession, topic: str) -> None:
    """Raises the change counter of a topic; call it in the transaction that changes the topic."""
    done: Any = await session.execute(
        update(Change).where(Change.topic == topic).values(version=Change.version + 1)
    )
    if not done.rowcount:
        session.add(Change(topic=topic, version=1))
        await session.flush()


def migrate(url: str, revision: str = "head") -> None:
    """Brings the database at ``url`` to a schema revision (alembic); creates it if it is new."""
    from alembic import command
    from alembic.config import Config

    if url.startswith("sqlite"):
        file = make_url(url).database
        if file:
            Path(file).parent.mkdir(parents=True, exist_ok=True)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = url
    command.upgrade(config, revision)

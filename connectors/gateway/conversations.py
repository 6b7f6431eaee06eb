"""Conversations: opened with a token, remembered in memory, written to the database in the background.

A reply never waits for the database: what is to be kept goes into a queue; a locked database only delays it.
"""

import asyncio
import hashlib
import hmac
import logging
import secrets
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError

from knowledge.conversations.models import Conversation, Turn
from knowledge.database import Database

log = logging.getLogger(__name__)

KEPT_IN_MEMORY = 20_000
REMEMBERED_IDS = 30
GATHER_SECONDS = 0.25
"""How long turns are gathered before they are written in one transaction."""
QUEUE = 5_000
READ_SECONDS = 1.0
HISTORY = 100


@dataclass
class State:
    """What the gateway knows of a conversation. ``language``: pinned by the citizen, or None."""

    id: str
    token_hash: str
    channel: str
    language: str | None = None
    previous: str | None = None
    context: dict[str, Any] = field(default_factory=dict)
    last_trace: str | None = None
    answered: "OrderedDict[str, asyncio.Future[Any]]" = field(default_factory=OrderedDict)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


def digest(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode("utf-8", "backslashreplace")).hexdigest()


class Conversations:
    """The conversations of this process. ``days``: how long one is kept after its last message."""

    def __init__(self, database: Database, days: int = 30):
        self._database = database
        self._days = days
        self._states: OrderedDict[str, State] = OrderedDict()
        self._queue: asyncio.Queue[Any] = asyncio.Queue(QUEUE)

    def open(self, channel: str, language: str | None) -> tuple[State, str]:
        """A new conversation and its token, which is told only once."""
        token = secrets.token_urlsafe(32)
        state = State(secrets.token_hex(16), digest(token), channel, language)
        self._keep(state)
        row = {"id": state.id, "token_hash": state.token_hash, "channel": channel, "language": language}
        self._later(("open", row))
        return state, token

    async def find(self, conversation: str, token: str) -> State | None:
        """The conversation, if it exists and the token is its own; unknown and wrong look the same."""
        state = self._states.get(conversation)
        if state is None:
            loaded = await self._load(conversation)
            state = self._states.get(conversation) or loaded  # another request may have been faster
        expected = state.token_hash if state else digest("")
        if not hmac.compare_digest(expected, digest(token)) or state is None:
            return None
        self._keep(state)
        return state

    def _keep(self, state: State) -> None:
        self._states[state.id] = state
        self._states.move_to_end(state.id)
        while len(self._states) > KEPT_IN_MEMORY:
            self._states.popitem(last=False)

    async def _load(self, conversation: str) -> State | None:
        try:
            async with asyncio.timeout(READ_SECONDS), self._database.read() as session:
                row = await session.get(Conversation, conversation)
        except (TimeoutError, SQLAlchemyError, OSError) as error:
            log.warning("conversation cannot be read: %s", type(error).__name__)
            return None
        if row is None:
            return None
        previous = row.context.get("language")
        return State(row.id, row.token_hash, row.channel, row.language, previous, dict(row.context))

    def pin(self, state: State, language: str | None) -> None:
        """Pins the language of the replies; None: per message."""
        state.language = language
        self._later(("pin", state.id, language))

    def record(self, state: State, turn: dict[str, Any]) -> None:
        """Keeps a scrubbed turn and what the conversation is about."""
        state.last_trace = turn["trace_id"]
        context = {**state.context, "language": state.previous}
        self._later(("turn", {"conversation_id": state.id, **turn}, context))

    def rate(self, state: State, trace_id: str | None, rating: int, reason: str | None) -> None:
        """Keeps a rating of a turn of this conversation; None: of the last one."""
        self._later(("rate", state.id, trace_id or state.last_trace, rating, reason))

    async def history(self, state: State) -> list[Turn]:
        """The latest turns, oldest first. Raises SQLAlchemyError, TimeoutError when the database is away."""
        async with asyncio.timeout(READ_SECONDS):
            await self._flush()
            query = (
                select(Turn).where(Turn.conversation_id == state.id).order_by(Turn.id.desc()).limit(HISTORY)
            )
            async with self._database.read() as session:
                return list(reversed((await session.scalars(query)).all()))

    async def forget(self, state: State) -> None:
        """Deletes a conversation with its turns, now. Raises SQLAlchemyError, TimeoutError if that fails."""
        async with asyncio.timeout(READ_SECONDS):
            await self._flush()
            async with self._database.write() as session:
                await session.execute(delete(Turn).where(Turn.conversation_id == state.id))
                await session.execute(delete(Conversation).where(Conversation.id == state.id))
        self._states.pop(state.id, None)

    def _later(self, item: tuple[Any, ...]) -> None:
        try:
            self._queue.put_nowait(item)
        except asyncio.QueueFull:
            log.error("the transcript queue is full: %s is not kept", item[0])

    async def _flush(self) -> None:
        """Waits until what is queued now is written; what comes later is not waited for."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        await self._queue.put(("flush", done))
        await done

    async def drain(self, seconds: float) -> None:
        """Waits until all is written, at most some seconds; called when the process ends."""
        try:
            async with asyncio.timeout(seconds):
                await self._flush()
        except TimeoutError:
            log.error("the process ends before all transcripts could be written")

    async def write_for_ever(self) -> None:
        """Writes what is queued, in batches; tries again while the database is locked or gone."""
        while True:
            batch = [await self._queue.get()]
            if batch[0][0] != "flush":
                await asyncio.sleep(GATHER_SECONDS)
            while len(batch) < 200 and not self._queue.empty():
                batch.append(self._queue.get_nowait())
            await self._write([item for item in batch if item[0] != "flush"])
            for item in batch:
                if item[0] == "flush" and not item[1].done():
                    item[1].set_result(None)

    async def _write(self, batch: list[tuple[Any, ...]]) -> None:
        for pause in (0.2, 1, 3, 10, None):
            try:
                async with self._database.write() as session:
                    for item in batch:
                        await _apply(session, item)
                return
            except (OperationalError, InterfaceError, OSError) as error:
                log.warning("transcripts cannot be written: %s", type(error).__name__)
                if pause is None:
                    log.error("%d transcript entries are given up", len(batch))
                    return
                await asyncio.sleep(pause)
            except Exception as error:
                await self._write_the_good(batch, error)
                return

    async def _write_the_good(self, batch: list[tuple[Any, ...]], error: Exception) -> None:
        """Writes a batch of which the database refused an entry one by one, without that entry."""
        if len(batch) == 1:
            log.error("a transcript entry (%s) is refused: %s", batch[0][0], type(error).__name__)
            return
        for item in batch:
            await self._write([item])

    async def purge_for_ever(self) -> None:
        """Deletes conversations that are older than they may be, every hour."""
        while True:
            try:
                limit = datetime.now(UTC) - timedelta(days=self._days)
                old = select(Conversation.id).where(Conversation.active_at < limit)
                async with self._database.write() as session:
                    await session.execute(delete(Turn).where(Turn.conversation_id.in_(old)))
                    await session.execute(delete(Conversation).where(Conversation.active_at < limit))
            except (SQLAlchemyError, OSError) as error:
                log.warning("old conversations cannot be deleted now: %s", type(error).__name__)
            await asyncio.sleep(3600)


async def _apply(session: Any, item: tuple[Any, ...]) -> None:
    now = datetime.now(UTC)
    match item:
        case ("open", row):
            session.add(Conversation(**row, context={}))
            await session.flush()
        case ("pin", conversation, language):
            await session.execute(
                update(Conversation).where(Conversation.id == conversation).values(language=language)
            )
        case ("turn", row, context):
            changed = await session.execute(
                update(Conversation)
                .where(Conversation.id == row["conversation_id"])
                .values(context=context, active_at=now)
            )
            if changed.rowcount:
                session.add(Turn(**row))
        case ("rate", conversation, trace_id, rating, reason):
            await session.execute(
                update(Turn)
                .where(Turn.conversation_id == conversation, Turn.trace_id == trace_id)
                .values(rating=rating, rating_reason=reason)
            )

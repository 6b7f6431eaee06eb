"""The client of the bot process: a deadline for each turn, and a breaker while it does not answer."""

import asyncio
import logging
import time
from dataclasses import dataclass
from typing import Any

import aiohttp
from pydantic import BaseModel

log = logging.getLogger(__name__)

HEALTH_SECONDS = 1.0
FAILURES, PAUSE = 3, 2.0
"""After this many time-outs in a row the bot is not asked for this many seconds."""


class Answer(BaseModel):
    """What ``bot.channel`` answers; ``failed``: the bot could not finish the turn."""

    messages: list[Any]
    failed: bool = False


class BotDown(Exception):
    """The bot did not answer, or could not finish the turn."""


@dataclass
class Breaker:
    """Counts failures in a row; open for a pause after too many."""

    failures: int = 0
    until: float = 0.0

    @property
    def open(self) -> bool:
        """True while requests should not be made."""
        return time.monotonic() < self.until

    def record(self, failed: bool) -> None:
        """Takes the outcome of a request."""
        self.failures = self.failures + 1 if failed else 0
        if self.failures >= FAILURES:
            self.until = time.monotonic() + PAUSE


class Bot:
    """Talks to ``bot.channel`` at ``url``; ``deadline`` in seconds for a whole turn."""

    def __init__(self, url: str, deadline: float):
        self._url = url.rstrip("/")
        self._deadline = deadline
        self._breaker = Breaker()
        self._session: aiohttp.ClientSession | None = None

    def session(self) -> aiohttp.ClientSession:
        """The session, opened at first use."""
        if self._session is None or self._session.closed:
            connector = aiohttp.TCPConnector(limit=128, keepalive_timeout=4)
            self._session = aiohttp.ClientSession(connector=connector, trust_env=False)
        return self._session

    async def close(self) -> None:
        """Closes all connections."""
        if self._session:
            await self._session.close()

    async def turn(
        self, sender: str, text: str, metadata: dict[str, Any], message_id: str, waited: float = 0.0
    ) -> list[Any]:
        """The bot's messages for one message, unchecked. Raises BotDown when there is no answer in time.

        ``waited``: seconds of the deadline that have passed already.
        """
        if self._breaker.open:
            raise BotDown("the bot is not answering; waiting before the next try")
        if waited >= self._deadline:
            raise BotDown("the messages before took too long")
        body = {"sender": sender, "text": text, "metadata": metadata, "message_id": message_id}
        try:
            answer = await self._post(body, self._deadline - waited)
        except (TimeoutError, aiohttp.ClientError, ValueError, RecursionError, OSError) as error:
            self._breaker.record(failed=isinstance(error, TimeoutError))
            raise BotDown(type(error).__name__) from error
        self._breaker.record(failed=False)
        if answer.failed:
            raise BotDown("the bot could not finish the turn")
        return answer.messages

    async def _post(self, body: dict[str, Any], seconds: float) -> Answer:
        url = f"{self._url}/webhooks/suiwen/webhook"
        async with asyncio.timeout(seconds), self.session().post(url, json=body) as response:
            if response.status != 200:
                raise ValueError(f"status {response.status}")
            return Answer.model_validate(await response.json())

    async def alive(self) -> bool:
        """Whether the bot's channel answers."""
        return await self._health() is not None

    async def knows_names(self) -> bool:
        """Whether the bot has the names of the catalogue; a bot that does not tell is believed to."""
        health = await self._health()
        return health is not None and health.get("names") != 0

    async def _health(self) -> dict[str, Any] | None:
        try:
            async with (
                asyncio.timeout(HEALTH_SECONDS),
                self.session().get(f"{self._url}/webhooks/suiwen/") as response,
            ):
                found = await response.json() if response.status == 200 else None
                return found if isinstance(found, dict) else None
        except (TimeoutError, aiohttp.ClientError, ValueError, OSError):
            return None

"""Asks a running system distinct questions, each in a conversation of its own, and takes the time."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp

from bench.machine import quantile
from bench.system import System

CROWD = 16


@dataclass(frozen=True)
class Taken:
    """Seconds of each turn, the seconds of all together, and how many turns got no proper answer."""

    seconds: list[float]
    whole: float
    failed: int

    @property
    def p50(self) -> float:
        """The middle turn in milliseconds."""
        return 1000 * quantile(self.seconds, 0.5)

    @property
    def p99(self) -> float:
        """The slowest of a hundred in milliseconds."""
        return 1000 * quantile(self.seconds, 0.99)

    @property
    def per_second(self) -> float:
        """Turns a second."""
        return len(self.seconds) / self.whole


async def ask_all(system: System, texts: Sequence[str], width: int) -> Taken:
    """Asks all texts, ``width`` of them at a time. Conversations are opened before, outside of the time."""
    waiting: list[tuple[Any, str]] = [(await system.open(), text) for text in texts]
    waiting.reverse()
    seconds: list[float] = []
    failed = 0

    async def work() -> None:
        nonlocal failed
        while waiting:
            conversation, text = waiting.pop()
            begun = time.perf_counter()
            try:
                answered = bool(await system.ask(conversation, text))
            except (aiohttp.ClientError, OSError, TimeoutError, ValueError):
                answered = False
            seconds.append(time.perf_counter() - begun)
            failed += not answered

    begun = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(width)))
    return Taken(seconds, time.perf_counter() - begun, failed)

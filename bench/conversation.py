"""The whole assistant, through bot and gateway: each question in a conversation of its own."""

import asyncio
from collections.abc import Sequence
from typing import Any

from bench.answers import Given
from bench.ours import Suiwen
from bench.questions import Question

AT_ONCE = 4


async def ask(system: Suiwen, questions: Sequence[Question]) -> list[Given]:
    """What a started system does with questions."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(question: Question) -> Given:
        async with turns:
            return read(await system.ask(await system.open(), question.text))

    return list(await asyncio.gather(*(one(question) for question in questions)))


def read(replies: Sequence[dict[str, Any]]) -> Given:
    """What the replies to one message give: the service cited first, the services suggested, or neither.

    An answer about something else than a service (an office, a greeting) counts as one with no right record.
    """
    for reply in replies:
        if reply["outcome"] == "answered":
            codes = [c["code"] for c in reply["citations"] if c["kind"] == "service"]
            return Given("answer", tuple(codes) or ("",), codes[0] if codes else "")
        if reply["outcome"] == "suggested":
            codes = [s["code"] for s in reply["suggestions"]]
            return Given("suggest", tuple(codes), codes[0] if codes else "")
    return Given("refuse")

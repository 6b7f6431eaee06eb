"""Rules of what a citizen gets when a part is slow, broken or gone: always a reply, and always in time."""

import asyncio
import json
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest
from gateway_examples import (
    Behaviour,
    Citizen,
    FakeBot,
    Start,
    cuts_off,
    dies,
    fee,
    greets,
    hangs,
    message,
    says,
    sends,
    slow,
)
from sqlalchemy import select

from connectors.gateway.app import WARM_UP, warm_up
from connectors.gateway.parts import Parts
from knowledge.conversations.models import Turn

IN_TIME = 2.0


def is_apology(reply: dict[str, Any]) -> bool:
    return reply["outcome"] == "failed" and "12345" in reply["text"] and not reply["citations"]


async def timed(citizen: Citizen, text: str) -> tuple[float, dict[str, Any]]:
    begun = time.monotonic()
    (reply,) = await citizen.ask(text)
    return time.monotonic() - begun, reply


async def test_a_reply_comes_within_two_seconds_when_the_bot_hangs(bot: FakeBot, citizen: Citizen) -> None:
    bot.turn = hangs
    seconds, reply = await timed(citizen, "驾照到期怎么换")
    assert seconds < IN_TIME
    assert is_apology(reply)


async def test_messages_sent_at_once_all_get_a_reply_within_two_seconds_when_the_bot_hangs(
    bot: FakeBot, citizen: Citizen
) -> None:
    bot.turn = hangs
    answers = await asyncio.gather(*(timed(citizen, f"第{number}问") for number in range(4)))
    assert max(seconds for seconds, _ in answers) < IN_TIME
    assert all(is_apology(reply) for _, reply in answers)


async def test_a_hanging_bot_is_left_alone_after_three_time_outs_and_asked_again_later(
    start: Start, bot: FakeBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.gateway.bot.PAUSE", 0.4)
    citizen = await Citizen(await start(bot_deadline=0.1)).open()
    bot.turn = hangs
    for _ in range(5):
        assert is_apology(await citizen.one("你好"))
    assert len(bot.asked) == 3
    bot.turn = greets
    await asyncio.sleep(0.45)
    assert (await citizen.one("你好"))["outcome"] == "answered"


async def test_a_reply_comes_within_two_seconds_when_the_bot_is_dead(start: Start, bot: FakeBot) -> None:
    citizen = await Citizen(await start()).open()
    await bot.stop()
    seconds, reply = await timed(citizen, "你好")
    assert seconds < IN_TIME
    assert is_apology(reply)


async def test_a_reply_comes_when_the_action_server_is_dead(bot: FakeBot, citizen: Citizen) -> None:
    bot.turn = says(failed=True)
    seconds, reply = await timed(citizen, "驾照到期怎么换")
    assert seconds < IN_TIME
    assert is_apology(reply)


async def test_a_slow_bot_is_waited_for(bot: FakeBot, citizen: Citizen) -> None:
    bot.turn = slow(0.5)
    assert (await citizen.one("你好"))["outcome"] == "answered"


BROKEN: dict[str, Behaviour] = {
    "dies": dies,
    "stops in the middle": cuts_off,
    "status 500": sends(b'{"messages": []}', status=500),
    "html": sends(b"<html>oops</html>", content_type="text/html"),
    "not JSON": sends(b"{{{"),
    "broken UTF-8": sends(b'{"messages": "\xff"}'),
    "deep JSON": sends(b"[" * 100_000),
    "a list": sends(b"[]"),
    "null": sends(b"null"),
    "a number": sends(b"7"),
    "no messages": sends(b"{}"),
    "messages null": sends(b'{"messages": null}'),
    "messages of a wrong type": sends(b'{"messages": 5, "failed": false}'),
    "no message": says(),
    "a message that is none": says(1, None, "x", []),
    "an empty message": says({}),
    "an empty text": says({"response": "utter_greet", "text": "", "custom": {}}),
    "custom is a list": says(fee(custom=[1])),
    "facts are a list": says(fee(custom={"facts": [1], "outcome": "answered", "citations": [1]})),
    "citations are garbage": says(fee(custom=fee()["custom"] | {"citations": [{"kind": "rumour"}]})),
    "text is a number": says(fee(text=5)),
    "response is a list": says(fee(response=["utter_greet"])),
    "buttons are garbage": says(message("utter_greet") | {"buttons": [{"title": 5}]}),
    "no outcome": says(fee(custom=fee()["custom"] | {"outcome": None})),
    "an unknown outcome": says(fee(custom=fee()["custom"] | {"outcome": "guessed"})),
    "an unknown language": says(fee(custom=fee()["custom"] | {"language": "fr"})),
}


async def test_a_bot_that_answers_nonsense_costs_an_apology_and_no_error(
    bot: FakeBot, citizen: Citizen
) -> None:
    for name, nonsense in BROKEN.items():
        bot.turn = nonsense
        assert is_apology(await citizen.one("你好")), name
        bot.turn = greets
        assert (await citizen.one("你好"))["outcome"] == "answered", name


async def test_good_messages_are_sent_when_others_of_the_turn_are_nonsense(
    bot: FakeBot, citizen: Citizen
) -> None:
    bot.turn = says(None, {"text": "谣言", "custom": "x"}, message("utter_greet"))
    assert [reply["outcome"] for reply in await citizen.ask("你好")] == ["answered"]


@pytest.mark.parametrize("mode", ["IMMEDIATE", "EXCLUSIVE"])
async def test_a_reply_comes_while_the_database_is_locked_and_the_turn_is_kept_afterwards(
    citizen: Citizen, tmp_path: Path, mode: str
) -> None:
    await citizen.one("你好")
    assert len(await citizen.history()) == 1
    other = sqlite3.connect(tmp_path / "suiwen.db", isolation_level=None)
    other.execute(f"BEGIN {mode}")
    try:
        seconds, reply = await timed(citizen, "早上好")
        assert seconds < IN_TIME
        assert reply["outcome"] == "answered"
        fresh = await Citizen(citizen.client).open()
        assert (await fresh.one("你好"))["outcome"] == "answered"
    finally:
        other.execute("ROLLBACK")
        other.close()
    await _kept(fresh, 1)
    await _kept(citizen, 2)


async def _kept(citizen: Citizen, turns: int) -> None:
    for _ in range(40):
        async with citizen.client.get(citizen.path, headers=citizen.headers) as response:
            if response.status == 200 and len((await response.json())["turns"]) == turns:
                return
        await asyncio.sleep(0.1)
    raise AssertionError(f"{turns} turns were not kept in time")


async def test_a_locked_database_makes_history_and_forgetting_say_try_again(
    citizen: Citizen, tmp_path: Path
) -> None:
    await citizen.one("你好")
    await citizen.history()
    other = sqlite3.connect(tmp_path / "suiwen.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        async with citizen.client.delete(citizen.path, headers=citizen.headers) as response:
            assert response.status == 503
            assert response.content_type == "application/problem+json"
    finally:
        other.execute("ROLLBACK")
        other.close()
    assert (await citizen.one("你好"))["outcome"] == "answered"


async def test_a_reply_comes_when_the_database_is_deleted(citizen: Citizen, tmp_path: Path) -> None:
    await citizen.one("你好")
    for file in list(tmp_path.glob("suiwen.db*")):  # noqa: ASYNC240
        file.unlink()
    for text in ("早上好", "还在吗"):
        seconds, reply = await timed(citizen, text)
        assert seconds < IN_TIME
        assert reply["outcome"] == "answered"


async def test_an_unexpected_error_in_a_handler_tells_nothing_of_the_inside(
    citizen: Citizen, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: Any) -> None:
        raise RuntimeError("secret inside")

    monkeypatch.setattr(parts.pipeline, "run", broken)
    status, problem = await citizen.post(text="你好", message_id="m-1")
    assert status == 500
    assert "secret" not in json.dumps(problem)
    monkeypatch.undo()
    status, _ = await citizen.post(text="你好", message_id="m-1")
    assert status == 200


# --- start and health


async def test_the_bot_is_warmed_up_and_nothing_of_it_is_kept(bot: FakeBot, parts: Parts) -> None:
    parts.warm = False
    asked = []

    async def listens(bot: FakeBot, body: dict[str, Any]) -> Any:
        asked.append(body["sender"])
        return await greets(bot, body)

    bot.turn = listens
    await warm_up(parts)
    assert parts.warm
    assert asked == ["warm-up"] * len(WARM_UP)
    async with parts.database.read() as session:
        assert list(await session.scalars(select(Turn.id))) == []


async def test_a_bot_that_fails_while_it_is_warmed_up_stops_nothing(bot: FakeBot, parts: Parts) -> None:
    parts.warm = False
    bot.turn = sends(b"oops", status=500)
    await warm_up(parts)
    assert parts.warm


async def test_health_says_of_each_part_whether_it_works(
    citizen: Citizen, parts: Parts, bot: FakeBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def health() -> tuple[int, str, dict[str, str]]:
        async with citizen.client.get("/health") as response:
            found = await response.json()
        return response.status, found["status"], found["parts"]

    assert await health() == (200, "ok", {"bot": "ok", "catalogue": "ok", "database": "ok"})
    parts.catalogue.failing = "OperationalError"
    status, state, found = await health()
    assert (status, state, found["database"]) == (200, "degraded", "down: OperationalError")
    await parts.catalogue.refresh()
    parts.warm = False
    assert (await health())[:2] == (503, "starting")
    parts.warm = True
    await bot.stop()
    status, state, found = await health()
    assert (status, state, found["bot"]) == (503, "down", "down")

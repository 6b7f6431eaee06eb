"""Rules of conversations: who may read one, what is kept, what is forgotten, and what survives a restart."""

import asyncio
import json
import logging
from pathlib import Path

import pytest
from gateway_examples import CODE, Citizen, FakeBot, Start, fee, greets, message, says, slow
from sqlalchemy import func, select

from connectors.gateway.conversations import Conversations
from connectors.gateway.parts import Parts
from knowledge.conversations.models import Conversation, Turn
from knowledge.conversations.scrub import scrub
from knowledge.database import Database

TURN = {
    "trace_id": "0123456789abcdef",
    "said": "你好",
    "replies": [],
    "outcome": "answered",
    "language": "zh-Hans",
    "milliseconds": 1,
}


async def test_an_unknown_conversation_and_a_wrong_token_look_the_same(citizen: Citizen) -> None:
    other = await Citizen(citizen.client).open()
    answers = []
    for path, token in (
        (citizen.path, other.token),
        (citizen.path, "x"),
        (citizen.path, "密码"),
        ("/api/v1/conversations/" + "0" * 32, citizen.token),
    ):
        headers = {"Authorization": f"Bearer {token}".encode().decode("latin-1")}
        for method in ("get", "delete", "patch"):
            async with citizen.client.request(method, path, headers=headers, json={}) as response:
                answers.append((response.status, await response.text(), response.content_type))
        async with citizen.client.post(f"{path}/messages", headers=headers, json={"text": "x"}) as response:
            answers.append((response.status, await response.text(), response.content_type))
    assert len(set(answers)) == 1
    assert answers[0][0] == 404


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic abc", "token"])
async def test_a_request_without_a_token_is_told_to_send_one(citizen: Citizen, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    async with citizen.client.get(citizen.path, headers=headers) as response:
        assert response.status == 401
        assert response.headers["WWW-Authenticate"] == "Bearer"


async def test_a_token_with_broken_bytes_is_a_wrong_token(citizen: Citizen) -> None:
    url = citizen.client.make_url(citizen.path)
    reader, writer = await asyncio.open_connection(url.host, url.port)
    writer.write(f"GET {url.path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n".encode())
    writer.write(b"Authorization: Bearer \xff\xfe\r\n\r\n")
    answer = await reader.read()
    writer.close()
    assert answer.startswith(b"HTTP/1.1 404")


async def test_tokens_appear_neither_in_logs_nor_in_the_database(
    citizen: Citizen, tmp_path: Path, caplog: pytest.LogCaptureFixture, bot: FakeBot
) -> None:
    caplog.set_level(logging.DEBUG)
    await citizen.one("你好")
    bot.turn = says({"text": "谣言"})
    await citizen.one("你好")
    await citizen.client.get(citizen.path, headers={"Authorization": f"Bearer {citizen.token}x"})
    protocols = ("suiwen.v1", f"token.{citizen.token}")
    async with citizen.client.ws_connect(f"{citizen.path}/stream", protocols=protocols) as socket:
        await socket.receive_json()
        await socket.send_str("garbage")
        await socket.receive_json()
    await citizen.history()
    assert citizen.token not in caplog.text
    for file in list(tmp_path.glob("suiwen.db*")):  # noqa: ASYNC240
        assert citizen.token.encode() not in file.read_bytes()


async def test_history_shows_what_was_said_and_answered_oldest_first(citizen: Citizen) -> None:
    await citizen.ask("你好")
    await citizen.ask("早上好")
    turns = await citizen.history()
    assert [turn["said"] for turn in turns] == ["你好", "早上好"]
    assert turns[0]["replies"][0]["outcome"] == "answered"
    assert all(turn["time"].endswith("+00:00") for turn in turns)


async def test_history_survives_a_restart_and_nothing_that_was_said_is_lost(
    start: Start, bot: FakeBot
) -> None:
    first = await start()
    citizen = await Citizen(first).open("yue")
    for number in range(5):
        await citizen.ask(f"第{number}句")
    await first.close()
    citizen.client = await start()
    assert [turn["said"] for turn in await citizen.history()] == [f"第{number}句" for number in range(5)]
    assert (await citizen.one("hello"))["language"] == "yue"


async def test_the_topic_survives_a_restart_of_app_and_bot(start: Start, bot: FakeBot) -> None:
    context = {"service": CODE, "aspect": "ask_fee", "place": None, "suggestions": []}
    first = await start()
    citizen = await Citizen(first).open()
    bot.turn = says(fee(custom=fee()["custom"] | {"context": context}))
    await citizen.ask("驾照换证多少钱")
    await first.close()
    citizen.client = await start()
    await citizen.ask("要多久")
    assert bot.asked[-1]["metadata"]["context"]["service"] == CODE


async def test_the_context_of_a_message_that_was_not_let_out_is_not_kept(
    bot: FakeBot, citizen: Citizen
) -> None:
    context = {"service": CODE, "aspect": None, "place": None, "suggestions": []}
    bot.turn = says({"response": "utter_greet", "text": "谣言", "custom": {"context": context}})
    await citizen.ask("你好")
    await citizen.ask("要多久")
    assert bot.asked[-1]["metadata"]["context"] == {}


async def test_two_first_messages_after_a_restart_belong_to_one_conversation(
    start: Start, bot: FakeBot
) -> None:
    first = await start()
    citizen = await Citizen(first).open()
    await citizen.ask("你好")
    await first.close()
    citizen.client = await start()
    bot.turn = slow(0.1)
    asked = len(bot.asked)
    answers = await asyncio.gather(*(citizen.post(text="在吗", message_id="same") for _ in range(6)))
    assert len({answer["trace_id"] for _, answer in answers}) == 1
    assert len(bot.asked) == asked + 1


async def test_deleting_forgets_the_conversation_and_all_its_rows(citizen: Citizen, parts: Parts) -> None:
    other = await Citizen(citizen.client).open()
    await citizen.ask("你好")
    await other.ask("你好")
    async with citizen.client.delete(citizen.path, headers=citizen.headers) as response:
        assert response.status == 204
    assert (await citizen.post(text="还在吗"))[0] == 404
    async with citizen.client.delete(citizen.path, headers=citizen.headers) as response:
        assert response.status == 404
    await other.history()
    async with parts.database.read() as session:
        assert list(await session.scalars(select(Conversation.id))) == [other.id]
        assert list(await session.scalars(select(Turn.conversation_id))) == [other.id]


async def test_a_turn_that_ends_after_the_conversation_was_deleted_is_not_kept(
    bot: FakeBot, citizen: Citizen, parts: Parts
) -> None:
    bot.turn = slow(0.3)
    late = asyncio.ensure_future(citizen.post(text="你好"))
    await asyncio.sleep(0.1)
    async with citizen.client.delete(citizen.path, headers=citizen.headers) as response:
        assert response.status == 204
    assert (await late)[0] == 200
    other = await Citizen(citizen.client).open()
    await other.history()
    async with parts.database.read() as session:
        assert (await session.scalar(select(func.count()).select_from(Turn))) == 0


async def test_history_and_deleting_do_not_wait_for_the_citizens_who_come_later(
    citizen: Citizen, parts: Parts
) -> None:
    await citizen.ask("你好")
    busy = True

    async def crowd() -> None:
        while busy:
            state, _ = parts.conversations.open("web", None)
            parts.conversations.record(state, dict(TURN))
            await asyncio.sleep(0.002)

    work = asyncio.create_task(crowd())
    try:
        assert len(await citizen.history()) == 1
        async with citizen.client.delete(citizen.path, headers=citizen.headers) as response:
            assert response.status == 204
    finally:
        busy = False
        await work


async def test_an_entry_that_the_database_refuses_costs_no_other_entry(database: Database) -> None:
    conversations = Conversations(database)
    writer = asyncio.create_task(conversations.write_for_ever())
    good, _ = conversations.open("web", None)
    bad, _ = conversations.open("web", None)
    conversations.record(bad, TURN | {"outcome": None})
    conversations.record(bad, TURN | {"replies": object()})
    conversations.record(good, dict(TURN))
    found = await conversations.history(good)
    writer.cancel()
    assert [turn.said for turn in found] == ["你好"]


async def test_control_characters_are_kept_by_no_database_and_stop_nothing(database: Database) -> None:
    conversations = Conversations(database)
    writer = asyncio.create_task(conversations.write_for_ever())
    state, _ = conversations.open("web", None)
    conversations.record(state, TURN | {"said": scrub("你\x00好\ud800\x1b")})
    found = await conversations.history(state)
    writer.cancel()
    assert [turn.said.split() for turn in found] == [["你", "好"]]


@pytest.mark.parametrize(("rating", "reason"), [(1, None), (-1, "打 13800138000 说不对")])
async def test_a_rating_is_kept_with_its_turn_and_scrubbed(
    citizen: Citizen, parts: Parts, rating: int, reason: str | None
) -> None:
    await citizen.ask("你好")
    _, answer = await citizen.post(text="早上好")
    body = {"trace_id": answer["trace_id"], "rating": rating, "reason": reason}
    async with citizen.client.post(f"{citizen.path}/ratings", json=body, headers=citizen.headers) as response:
        assert response.status == 204
    assert [turn["rating"] for turn in await citizen.history()] == [None, rating]
    async with parts.database.read() as session:
        assert (await session.scalars(select(Turn.rating_reason).order_by(Turn.id))).all()[-1] == (
            reason and "打 [phone] 说不对"
        )


async def test_a_rating_reaches_no_turn_of_another_conversation(citizen: Citizen) -> None:
    other = await Citizen(citizen.client).open()
    _, answer = await other.post(text="你好")
    body = {"trace_id": answer["trace_id"], "rating": -1}
    await citizen.client.post(f"{citizen.path}/ratings", json=body, headers=citizen.headers)
    await citizen.ask("你好")
    await citizen.history()
    assert [turn["rating"] for turn in await other.history()] == [None]


async def test_praise_in_words_rates_the_answer_before_it(bot: FakeBot, citizen: Citizen) -> None:
    await citizen.ask("你好")
    bot.turn = says(message("utter_feedback_good"))
    await citizen.ask("答得很好")
    assert [turn["rating"] for turn in await citizen.history()] == [1, None]


async def test_a_repeated_message_is_answered_once(bot: FakeBot, citizen: Citizen) -> None:
    first = await citizen.post(text="你好", message_id="m-1")
    assert await citizen.post(text="你好", message_id="m-1") == first
    assert (await citizen.post(text="你好", message_id="m-2"))[1]["trace_id"] != first[1]["trace_id"]
    assert len(bot.asked) == 2
    assert len(await citizen.history()) == 2


async def test_a_message_repeated_while_it_is_being_answered_is_answered_once(
    bot: FakeBot, citizen: Citizen
) -> None:
    bot.turn = slow(0.2)
    answers = await asyncio.gather(*(citizen.post(text="你好", message_id="m-1") for _ in range(8)))
    assert len({json.dumps(answer, sort_keys=True) for answer in answers}) == 1
    assert len(bot.asked) == 1


async def test_an_impatient_citizen_who_hangs_up_and_sends_again_is_answered_once(
    bot: FakeBot, citizen: Citizen
) -> None:
    bot.turn = slow(0.3)
    impatient = asyncio.ensure_future(citizen.post(text="你好", message_id="m-1"))
    await asyncio.sleep(0.1)
    impatient.cancel()
    assert (await citizen.post(text="你好", message_id="m-1"))[0] == 200
    assert len(bot.asked) == 1


async def test_message_ids_of_different_conversations_have_nothing_to_do_with_each_other(
    bot: FakeBot, citizen: Citizen
) -> None:
    other = await Citizen(citizen.client).open()
    mine, theirs = (
        await citizen.post(text="你好", message_id="1"),
        await other.post(text="你好", message_id="1"),
    )
    assert mine[1]["trace_id"] != theirs[1]["trace_id"]
    assert len(bot.asked) == 2


async def test_messages_of_one_conversation_are_asked_one_after_the_other_in_their_order(
    bot: FakeBot, citizen: Citizen
) -> None:
    running, most = 0, 0

    async def counts(bot: FakeBot, body: dict[str, object]) -> object:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.03)
        running -= 1
        return await greets(bot, body)

    bot.turn = counts  # type: ignore[assignment]
    sent = [asyncio.ensure_future(citizen.post(text=f"第{number}句")) for number in range(5)]
    await asyncio.gather(*sent)
    assert most == 1
    assert [turn["said"] for turn in await citizen.history()] == [body["text"] for body in bot.asked]


async def test_what_is_older_than_it_may_be_is_deleted(database: Database) -> None:
    conversations = Conversations(database, days=-1)
    writer = asyncio.create_task(conversations.write_for_ever())
    state, _ = conversations.open("web", None)
    conversations.record(state, dict(TURN))
    assert len(await conversations.history(state)) == 1
    purge = asyncio.create_task(conversations.purge_for_ever())
    for _ in range(100):
        async with database.read() as session:
            left = await session.scalar(select(func.count()).select_from(Turn))
        if not left:
            break
        await asyncio.sleep(0.02)
    writer.cancel()
    purge.cancel()
    assert left == 0

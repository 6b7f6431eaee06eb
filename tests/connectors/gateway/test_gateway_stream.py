"""Rules of the stream: who may open it, what comes over it, and that nothing sent into it breaks it."""

import asyncio
import json
from typing import Any

import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType, WSServerHandshakeError
from gateway_examples import Citizen, FakeBot, Start, slow

from connectors.gateway.parts import Parts


def protocols(citizen: Citizen) -> tuple[str, str]:
    return ("suiwen.v1", f"token.{citizen.token}")


async def opened(citizen: Citizen, **options: Any) -> ClientWebSocketResponse:
    socket = await citizen.client.ws_connect(
        f"{citizen.path}/stream", protocols=protocols(citizen), **options
    )
    assert await socket.receive_json() == {"type": "ready"}
    return socket


async def asked(socket: ClientWebSocketResponse, **frame: Any) -> list[dict[str, Any]]:
    """Sends a message; what came back until replies or a problem."""
    await socket.send_json({"type": "message"} | frame)
    found = [await socket.receive_json(timeout=3)]
    while found[-1]["type"] == "typing":
        found.append(await socket.receive_json(timeout=3))
    return found


async def test_typing_comes_first_and_then_the_replies(citizen: Citizen) -> None:
    socket = await opened(citizen)
    typing, replies = await asked(socket, text="你好", message_id="m-1")
    assert typing == {"type": "typing"}
    assert (replies["type"], replies["message_id"]) == ("replies", "m-1")
    assert replies["replies"][0]["outcome"] == "answered"
    assert len(replies["trace_id"]) == 16
    await socket.close()


async def test_the_token_is_no_subprotocol_that_is_told_back(citizen: Citizen) -> None:
    socket = await opened(citizen)
    assert socket.protocol == "suiwen.v1"
    await socket.close()


async def test_the_stream_refuses_wrong_tokens_and_foreign_pages(citizen: Citizen) -> None:
    other = await Citizen(citizen.client).open()
    mine = protocols(citizen)
    cases: list[tuple[tuple[str, ...], dict[str, str], int]] = [
        ((), {}, 401),
        (("suiwen.v1",), {}, 401),
        (("suiwen.v1", "token."), {}, 401),
        (("suiwen.v1", "token.wrong"), {}, 404),
        (protocols(other), {}, 404),
        (mine, {"Origin": "https://evil.example"}, 401),
        (mine, {"Origin": "null"}, 401),
        (mine, {"Origin": "http://127.0.0.1"}, 401),
        (mine, {"Origin": f"http://{citizen.client.host}:{citizen.client.port}.evil.example"}, 401),
    ]
    for offered, headers, status in cases:
        with pytest.raises(WSServerHandshakeError) as refused:
            await citizen.client.ws_connect(f"{citizen.path}/stream", protocols=offered, headers=headers)
        assert refused.value.status == status, (offered, headers)


async def test_our_own_page_may_open_the_stream(citizen: Citizen) -> None:
    origin = f"http://{citizen.client.host}:{citizen.client.port}"
    socket = await opened(citizen, headers={"Origin": origin})
    await socket.close()


async def test_an_ordinary_request_to_the_stream_is_told_what_it_is(citizen: Citizen) -> None:
    async with citizen.client.get(f"{citizen.path}/stream", headers=citizen.headers) as response:
        assert response.status == 400
        assert response.content_type == "application/problem+json"


GARBAGE: dict[str, tuple[str | bytes, int]] = {
    "nothing": ("", 400),
    "no JSON": ("hello", 400),
    "cut JSON": ('{"type": "message"', 400),
    "bytes": (b"\x00\xff", 400),
    "a list": ("[]", 422),
    "null": ("null", 422),
    "no type": ('{"text": "a"}', 422),
    "an unknown type": ('{"type": "shout", "text": "a"}', 422),
    "a type that is a list": ('{"type": ["message"], "text": "a"}', 422),
    "no content": ('{"type": "message"}', 422),
    "blank text": ('{"type": "message", "text": "  "}', 422),
    "text of a wrong type": ('{"type": "message", "text": {"a": 1}}', 422),
    "an unknown field": ('{"type": "message", "text": "a", "admin": true}', 422),
    "an id of a wrong type": ('{"type": "message", "text": "a", "message_id": 5}', 422),
    "a bad id": ('{"type": "message", "text": "a", "message_id": "a b"}', 422),
    "a bad payload": ('{"type": "message", "payload": "/restart"}', 422),
    "a lone surrogate": ('{"type": "message", "text": "\\ud800"}', 422),
    "a lone surrogate as id": ('{"type": "message", "text": "", "message_id": "\\ud800"}', 422),
    "not a number": ('{"type": "message", "location": {"latitude": NaN, "longitude": 1}}', 422),
    "a huge int": ('{"type": "message", "text": ' + "9" * 6000 + "}", 400),
    "a big int": ('{"type": "message", "location": {"latitude": ' + "9" * 4000 + ', "longitude": 1}}', 422),
    "deep JSON": ("[" * 15_000, 400),
}


async def test_garbage_gets_a_problem_and_the_stream_goes_on(citizen: Citizen, bot: FakeBot) -> None:
    socket = await opened(citizen)
    for name, (frame, status) in GARBAGE.items():
        if isinstance(frame, bytes):
            await socket.send_bytes(frame)
        else:
            await socket.send_str(frame)
        problem = await socket.receive_json(timeout=3)
        assert (problem["type"], problem["status"]) == ("problem", status), (name, problem)
        assert problem["detail"], name
        assert bot.asked == [], name
    assert (await asked(socket, text="你好"))[-1]["type"] == "replies"
    await socket.close()


async def test_deep_frames_of_any_depth_get_a_problem(citizen: Citizen) -> None:
    socket = await opened(citizen)
    for depth in (100, 500, 900, 1_000, 1_500, 2_400):
        await socket.send_str('{"type": "message", "text": ' + '{"a":' * depth + "1" + "}" * depth + "}")
        assert (await socket.receive_json(timeout=3))["type"] == "problem", depth
    assert (await asked(socket, text="你好"))[-1]["type"] == "replies"
    await socket.close()


async def test_a_frame_that_is_too_large_closes_the_stream_only(citizen: Citizen) -> None:
    socket = await opened(citizen)
    await socket.send_str("a" * 100_000)
    closed = await socket.receive(timeout=3)
    assert closed.type in (WSMsgType.CLOSE, WSMsgType.CLOSED)
    again = await opened(citizen)
    assert (await asked(again, text="你好"))[-1]["type"] == "replies"
    await again.close()


async def test_a_problem_names_the_message_it_is_about(citizen: Citizen) -> None:
    socket = await opened(citizen)
    (problem,) = await asked(socket, text=" ", message_id="m-1")
    assert (problem["message_id"], problem["status"]) == ("m-1", 422)
    await socket.close()


async def test_a_message_sent_by_stream_and_by_post_is_answered_once(citizen: Citizen, bot: FakeBot) -> None:
    socket = await opened(citizen)
    first = (await asked(socket, text="你好", message_id="m-1"))[-1]
    second = (await asked(socket, text="你好", message_id="m-1"))[-1]
    _, third = await citizen.post(text="你好", message_id="m-1")
    assert first["trace_id"] == second["trace_id"] == third["trace_id"]
    assert len(bot.asked) == 1
    await socket.close()


async def test_two_streams_that_send_the_same_message_at_once_get_one_answer(
    citizen: Citizen, bot: FakeBot
) -> None:
    bot.turn = slow(0.1)
    sockets = [await opened(citizen) for _ in range(2)]
    answers = await asyncio.gather(*(asked(socket, text="你好", message_id="m-1") for socket in sockets))
    assert len({answer[-1]["trace_id"] for answer in answers}) == 1
    assert len(bot.asked) == 1
    for socket in sockets:
        await socket.close()


async def test_a_stream_that_breaks_while_an_answer_is_made_loses_nothing(
    citizen: Citizen, bot: FakeBot
) -> None:
    bot.turn = slow(0.2)
    socket = await opened(citizen)
    await socket.send_json({"type": "message", "text": "你好", "message_id": "m-1"})
    await socket.receive_json()
    await socket.close()
    again = await opened(citizen)
    assert (await asked(again, text="你好", message_id="m-1"))[-1]["type"] == "replies"
    assert len(bot.asked) == 1
    assert len(await citizen.history()) == 1
    await again.close()


async def test_the_stream_of_a_forgotten_conversation_says_so(citizen: Citizen) -> None:
    socket = await opened(citizen)
    await citizen.client.delete(citizen.path, headers=citizen.headers)
    (problem,) = await asked(socket, text="还在吗")
    assert problem["status"] == 404
    await socket.close()


async def test_an_unexpected_error_is_a_problem_that_tells_nothing_and_the_stream_goes_on(
    citizen: Citizen, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: Any) -> None:
        raise RuntimeError("secret inside")

    socket = await opened(citizen)
    with monkeypatch.context() as patched:
        patched.setattr(parts.pipeline, "run", broken)
        problem = (await asked(socket, text="你好", message_id="m-1"))[-1]
    assert (problem["status"], problem["message_id"]) == (500, "m-1")
    assert "secret" not in json.dumps(problem)
    assert (await asked(socket, text="你好", message_id="m-1"))[-1]["type"] == "replies"
    await socket.close()


async def test_open_streams_are_told_when_the_server_goes(start: Start) -> None:
    client = await start()
    citizen = await Citizen(client).open()
    socket = await opened(citizen)
    closing = asyncio.ensure_future(client.server.close())
    message = await socket.receive(timeout=3)
    assert (message.type, message.data) == (WSMsgType.CLOSE, 1001)
    await closing


async def test_the_text_that_was_typed_is_in_no_problem(citizen: Citizen) -> None:
    socket = await opened(citizen)
    (problem,) = await asked(socket, text="<script>", admin="<script>")
    assert "script" not in json.dumps(problem)
    await socket.close()

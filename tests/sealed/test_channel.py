"""The channel always answers, in time, whatever becomes of the actions."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.core.lock_store import InMemoryLockStore
from rasa.utils.endpoints import EndpointConfig
from sanic import Sanic
from sanic.touchup.service import TouchUp

from bot.channel import ABSENT, GatewayInput, Output
from bot.remote import reached
from bot.tracker import BoundedTrackerStore

MODEL = Path(os.environ.get("SUIWEN_TEST_MODEL", "models/suiwen.tar.gz"))
DEADLINE = 1.5
QUESTION = "居住证要带什么材料"


_touch_up = TouchUp.run


@pytest.fixture(autouse=True)
def _many_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sanic rewrites its own methods when a server starts, and stumbles if they are rewritten already."""

    def run(app: Sanic) -> None:
        with suppress(KeyError):
            _touch_up(app)

    monkeypatch.setattr(TouchUp, "run", run)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def serving(handle: Callable[[UserMessage], Awaitable[Any]]) -> AsyncIterator[str]:
    """The channel on a Sanic server, as Rasa mounts it; gives the URL of the webhook."""
    port = free_port()
    app = Sanic(f"channel_{port}", configure_logging=False)
    app.blueprint(GatewayInput().blueprint(handle), url_prefix="/webhooks/suiwen")
    server = await app.create_server("127.0.0.1", port, return_asyncio_server=True)
    await server.startup()
    try:
        yield f"http://127.0.0.1:{port}/webhooks/suiwen/webhook"
    finally:
        server.close()
        await server.wait_closed()


@asynccontextmanager
async def actions(answer: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> AsyncIterator[str]:
    """An action server that answers as told."""
    app = web.Application()
    app.router.add_post("/webhook", answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield f"http://127.0.0.1:{port}/webhook"
    finally:
        await runner.cleanup()


async def say(url: str, text: str, sender: str = "citizen", **more: Any) -> dict[str, Any]:
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, json={"sender": sender, "text": text, **more}) as answer,
    ):
        assert answer.status == 200
        found: dict[str, Any] = await answer.json()
        return found


async def test_a_message_is_collected_whole_and_absent_facts_leave_no_line() -> None:
    output = Output()
    await output.send_response(
        "citizen",
        {
            "text": f"Fee:\n· online {ABSENT}\n· at the counter 20\n",
            "buttons": [{"title": "a", "payload": "/a"}],
            "custom": {"outcome": "answered"},
            "utter_action": "utter_services_fee",
        },
    )
    assert output.messages == [
        {
            "response": "utter_services_fee",
            "text": "Fee:\n· at the counter 20",
            "buttons": [{"title": "a", "payload": "/a"}],
            "custom": {"outcome": "answered"},
        }
    ]


async def test_the_turn_gets_text_sender_and_metadata() -> None:
    seen: list[UserMessage] = []

    async def handle(message: UserMessage) -> None:
        seen.append(message)
        await message.output_channel.send_response(message.sender_id, {"text": "hello"})

    async with serving(handle) as url:
        answer = await say(url, "hi", metadata={"language": "en"}, message_id="m1")
    assert answer["failed"] is False
    assert [message["text"] for message in answer["messages"]] == ["hello"]
    assert (seen[0].text, seen[0].sender_id, seen[0].input_channel) == ("hi", "citizen", "suiwen")
    assert (seen[0].metadata, seen[0].message_id) == ({"language": "en"}, "m1")


async def test_a_turn_that_breaks_is_an_answer_and_keeps_what_was_said() -> None:
    async def handle(message: UserMessage) -> None:
        await message.output_channel.send_response(message.sender_id, {"text": "first"})
        raise RuntimeError("broken")

    async with serving(handle) as url:
        answer = await say(url, "hi")
    assert answer["failed"] is True
    assert [message["text"] for message in answer["messages"]] == ["first"]


@pytest.mark.parametrize("body", [b"not json", b"[]", b"{}", b'"text"', b'{"sender": ""}'])
async def test_what_is_no_message_is_refused_without_an_exception(body: bytes) -> None:
    async def handle(_: UserMessage) -> None:
        raise AssertionError("must not be called")

    async with (
        serving(handle) as url,
        aiohttp.ClientSession() as session,
        session.post(url, data=body) as answer,
    ):
        assert answer.status == 400
        assert (await answer.json())["failed"] is True


@pytest.fixture(scope="module")
def model() -> Path:
    if not MODEL.exists():
        pytest.skip(f"no trained model ({MODEL}); `suiwen train` makes it")
    return MODEL


@asynccontextmanager
async def assistant(model: Path, action_url: str) -> AsyncIterator[str]:
    """The trained assistant behind the channel, with its actions at a URL."""
    agent = Agent(
        tracker_store=None, lock_store=InMemoryLockStore(), action_endpoint=EndpointConfig(action_url)
    )
    agent.load_model(model)
    agent.tracker_store = BoundedTrackerStore(agent.domain)
    assert agent.processor is not None
    agent.processor.tracker_store = agent.tracker_store
    async with serving(agent.handle_message) as url:
        await say(url, "你好", "warm up")
        yield url


async def hang(_: web.Request) -> web.StreamResponse:
    await asyncio.sleep(60)
    return web.json_response({})


async def break_down(_: web.Request) -> web.StreamResponse:
    return web.Response(status=500, text="oops")


async def talk_nonsense(_: web.Request) -> web.StreamResponse:
    return web.json_response({"events": "none"})


async def test_a_hanging_action_server_costs_less_than_the_deadline(model: Path) -> None:
    async with actions(hang) as action_url, assistant(model, action_url) as url:
        begun = time.perf_counter()
        answer = await say(url, QUESTION)
        assert time.perf_counter() - begun < DEADLINE
        assert answer["failed"] or not answer["messages"]
        assert [m["response"] for m in (await say(url, "谢谢"))["messages"]] == ["utter_thanks"]


@pytest.mark.parametrize("trouble", [break_down, talk_nonsense])
async def test_an_action_server_in_trouble_gives_no_messages_and_no_exception(
    model: Path, trouble: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> None:
    async with actions(trouble) as action_url, assistant(model, action_url) as url:
        answer = await say(url, QUESTION)
        assert answer["failed"] or not answer["messages"]


async def test_an_action_server_that_is_down_is_noticed_at_once(model: Path) -> None:
    async with assistant(model, f"http://127.0.0.1:{free_port()}/webhook") as url:
        begun = time.perf_counter()
        answer = await say(url, QUESTION)
        assert time.perf_counter() - begun < DEADLINE
        assert answer["failed"] or not answer["messages"]


async def test_messages_of_one_conversation_wait_for_each_other_and_of_others_do_not(model: Path) -> None:
    running: list[str] = []
    together: set[tuple[str, ...]] = set()

    async def slow(request: web.Request) -> web.StreamResponse:
        sender = (await request.json())["sender_id"]
        running.append(sender)
        together.add(tuple(sorted(running)))
        await asyncio.sleep(0.2)
        running.remove(sender)
        return web.json_response({"events": [], "responses": []})

    async with actions(slow) as action_url, assistant(model, action_url) as url:
        await asyncio.gather(*(say(url, QUESTION, sender) for sender in ("a", "a", "a", "b")))
    assert ("a", "a") not in together
    assert ("a", "b") in together


def test_the_action_server_is_where_the_environment_says() -> None:
    written = EndpointConfig("http://written", enable_selective_domain=True)
    moved = reached(written, {"SUIWEN_ACTION_URL": "http://moved", "SUIWEN_ACTION_TOKEN": "secret"})
    assert moved is not None
    assert (moved.url, moved.token, moved.kwargs) == ("http://moved", "secret", written.kwargs)
    assert reached(written, {}) is written
    assert reached(None, {"SUIWEN_ACTION_URL": "http://moved"}) is None

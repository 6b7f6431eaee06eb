"""A bot that speaks the protocol of ``bot/channel.py`` and does as told, and a citizen who asks the app."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from aiohttp import ClientSession, web
from aiohttp.test_utils import TestClient, TestServer

from connectors.gateway.parts import PARTS, Parts
from connectors.gateway.wording import words
from knowledge.database import Database
from knowledge.services import store
from knowledge.services.record import Fee, Limit, Material, Names, Phone, ServiceRecord, Summary, Window
from knowledge.text.language import detect

CODE = "11440100007483172Q3440106029001"
CITATION = {
    "kind": "service",
    "code": CODE,
    "title": "机动车驾驶证换证",
    "department": "广州市公安局",
    "source_url": "https://example.org/guide/广州",
    "as_of": "2024-01-01",
    "revision": 1,
}
FACTS = {"title": "机动车驾驶证换证", "fee": "10元"}

Body = dict[str, Any]
Client = TestClient[web.Request, web.Application]
Start = Callable[..., Awaitable[Client]]
Behaviour = Callable[["FakeBot", Body], Awaitable[web.StreamResponse]]


def message(
    response: str, language: str = "zh-Hans", facts: Mapping[str, str] | None = None, **custom: Any
) -> Body:
    """A message as Rasa sends it: a wording filled with facts, and the data that proves it."""
    variant = words(response, language)
    given = {
        "outcome": "answered",
        "facts": dict(facts or {}),
        "citations": [],
        "suggestions": [],
        "context": {},
    }
    text = variant.render(facts or {})
    return {"response": response, "text": text, "buttons": [], "custom": given | variant.custom | custom}


def fee(language: str = "zh-Hans", **changes: Any) -> Body:
    """An answer with a fact and its citation."""
    return message("utter_services_fee", language, FACTS | {"original": "∅"}, citations=[CITATION]) | changes


def says(*messages: Any, failed: bool = False) -> Behaviour:
    """Answers with these messages."""

    async def answer(_bot: "FakeBot", _body: Body) -> web.StreamResponse:
        return web.json_response({"messages": list(messages), "failed": failed})

    return answer


def sends(body: bytes, status: int = 200, content_type: str = "application/json") -> Behaviour:
    """Answers with these bytes."""

    async def answer(_bot: "FakeBot", _body: Body) -> web.StreamResponse:
        return web.Response(body=body, status=status, content_type=content_type)

    return answer


async def greets(_bot: "FakeBot", body: Body) -> web.StreamResponse:
    """Answers with a greeting in the language of the message."""
    return web.json_response({"messages": [message("utter_greet", spoken(body))], "failed": False})


async def hangs(bot: "FakeBot", _body: Body) -> web.StreamResponse:
    """Never answers while the test runs."""
    await bot.end.wait()
    return web.Response(status=500)


async def dies(_bot: "FakeBot", body: Body) -> web.StreamResponse:
    """Closes the connection without an answer."""
    raise ConnectionResetError


async def cuts_off(bot: "FakeBot", _body: Body) -> web.StreamResponse:
    """Sends the beginning of an answer and stops."""
    response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": "5000"})
    assert bot.request is not None
    await response.prepare(bot.request)
    await response.write(b'{"messages": [')
    assert bot.request.transport is not None
    bot.request.transport.close()
    return response


def slow(seconds: float) -> Behaviour:
    """Greets after some time."""

    async def answer(bot: "FakeBot", body: Body) -> web.StreamResponse:
        await asyncio.sleep(seconds)
        return await greets(bot, body)

    return answer


def runs(action: str, intent: str, entities: Mapping[str, str] | None = None) -> Behaviour:
    """Calls an action of the app, as Rasa does for an intent, and words what it says."""

    async def answer(bot: "FakeBot", body: Body) -> web.StreamResponse:
        sender, language = body["sender"], spoken(body)
        slots = bot.slots.setdefault(sender, {})
        found = [
            {"entity": kind, "value": value, "start": 0, "end": 0} for kind, value in (entities or {}).items()
        ]
        latest = {
            "text": body["text"],
            "intent": {"name": intent, "confidence": 0.9},
            "entities": found,
            "metadata": body["metadata"],
        }
        tracker = {
            "sender_id": sender,
            "slots": slots | {"language": language},
            "latest_message": latest,
            "events": [],
            "paused": False,
            "active_loop": {},
            "latest_action_name": None,
        }
        call = {"next_action": action, "sender_id": sender, "tracker": tracker, "domain": {}}
        async with (
            ClientSession() as session,
            session.post(f"{bot.app}/internal/actions/webhook", json=call) as made,
        ):
            result = await made.json()
        slots.update(
            {event["name"]: event["value"] for event in result["events"] if event["event"] == "slot"}
        )
        messages = []
        for one in result["responses"]:
            variant = words(one["response"], language)
            text = variant.render({name: value for name, value in one.items() if isinstance(value, str)})
            custom = variant.custom | (one.get("custom") or {})
            messages.append(
                {"response": one["response"], "text": text, "buttons": one["buttons"], "custom": custom}
            )
        return web.json_response({"messages": messages, "failed": False})

    return answer


def spoken(body: Body) -> str:
    """The language in which the bot answers a message."""
    metadata = body["metadata"]
    previous = metadata.get("previous_language")
    return metadata.get("language") or detect(body["text"], previous) or previous or "zh-Hans"


@dataclass
class FakeBot:
    """The bot process of a test. ``asked``: the bodies that came; ``app``: where its actions run."""

    turn: Behaviour = greets
    asked: list[Body] = field(default_factory=list)
    slots: dict[str, dict[str, Any]] = field(default_factory=dict)
    app: str = ""
    end: asyncio.Event = field(default_factory=asyncio.Event)
    request: web.Request | None = None
    server: TestServer | None = None

    async def start(self) -> str:
        """Starts the server and tells its address."""
        app = web.Application()
        app.add_routes(
            [web.get("/webhooks/suiwen/", self._health), web.post("/webhooks/suiwen/webhook", self._webhook)]
        )
        self.server = TestServer(app)
        await self.server.start_server()
        return str(self.server.make_url("")).rstrip("/")

    async def stop(self) -> None:
        """Ends what hangs, and the server."""
        self.end.set()
        if self.server:
            await self.server.close()

    async def _health(self, _: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def _webhook(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.request = request
        if body["sender"] != "warm-up":
            self.asked.append(body)
        try:
            return await self.turn(self, body)
        except ConnectionResetError:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()


@dataclass
class Citizen:
    """A citizen with one open conversation."""

    client: Client
    id: str = ""
    token: str = ""

    @property
    def path(self) -> str:
        """Address of the conversation."""
        return f"/api/v1/conversations/{self.id}"

    @property
    def headers(self) -> dict[str, str]:
        """The proof that the conversation is the citizen's."""
        return {"Authorization": f"Bearer {self.token}"}

    async def open(self, language: str = "auto") -> "Citizen":
        """Opens the conversation."""
        async with self.client.post("/api/v1/conversations", json={"language": language}) as response:
            assert response.status == 201
            found = await response.json()
        self.id, self.token = found["id"], found["token"]
        return self

    async def post(self, **body: Any) -> tuple[int, Any]:
        """Posts a message; the status and the document that came back."""
        async with self.client.post(f"{self.path}/messages", json=body, headers=self.headers) as response:
            return response.status, await response.json(content_type=None)

    async def ask(self, text: str, **body: Any) -> list[dict[str, Any]]:
        """Asks a question and returns the replies."""
        status, found = await self.post(text=text, **body)
        assert status == 200, found
        return list(found["replies"])

    async def one(self, text: str) -> dict[str, Any]:
        """Asks a question that has one reply."""
        (reply,) = await self.ask(text)
        return reply

    async def history(self) -> list[dict[str, Any]]:
        """The turns that are kept."""
        async with self.client.get(self.path, headers=self.headers) as response:
            assert response.status == 200
            return list((await response.json())["turns"])


def licence(**changes: Any) -> ServiceRecord:
    """A record that states most things."""
    values: dict[str, Any] = {
        "code": CODE,
        "name": Names(zh="机动车驾驶证期满换证", en="Driving licence renewal"),
        "department": "广州市公安局",
        "department_code": "007483172",
        "level": "city",
        "summary": Summary(zh="驾驶证到期后换领新证。", en="Renew an expiring driving licence."),
        "materials": (Material(name="身份证明", name_en="Identity document", required=True),),
        "fees": (Fee(text="10元", text_en="10 yuan", amount=10),),
        "promised_limit": Limit(days=1),
        "windows": (Window(address="广州市天河区华利路61号"),),
        "phones": (Phone(number="020-83118400"), Phone(number="12345", kind="complaint")),
        "aliases": ("驾照到期换证", "车牌续期"),
        "online": True,
        "online_url": "https://example.org/网上办理/简体?code=x",
        "source_url": "https://example.org/guide",
        "as_of": date(2024, 1, 1),
    }
    return ServiceRecord.model_validate(values | changes)


async def publish(database: Database, record: ServiceRecord) -> None:
    """Publishes a record as a member of staff does."""
    async with database.write() as session:
        await store.publish(session, record, "tester")


def parts_of(client: Client) -> Parts:
    """The parts of the app that a client talks to."""
    return client.app[PARTS]


async def eventually(condition: Callable[[], Any], seconds: float = 3.0) -> None:
    """Waits until a condition holds; fails after some seconds."""
    for _ in range(int(seconds / 0.02)):
        if condition():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not come true in time")

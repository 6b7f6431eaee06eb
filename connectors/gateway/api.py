"""The HTTP API: conversations, messages, ratings. Documented in ``openapi.yml``."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator
from sqlalchemy.exc import SQLAlchemyError

from connectors.contract import MAX_TEXT, Incoming, Location, Replies, dumped
from connectors.gateway.conversations import REMEMBERED_IDS, State
from connectors.gateway.parts import parts
from connectors.gateway.pipeline import PAYLOAD
from connectors.gateway.problems import Problem
from connectors.gateway.wording import intents
from knowledge.conversations.scrub import scrub

MAX_BODY = 16 * 1024
BASE = "/api/v1/conversations"
LanguageChoice = Literal["auto", "zh-Hans", "zh-Hant", "yue", "en"]


class Strict(BaseModel):
    """Request bodies refuse unknown fields."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Opening(Strict):
    """Body of a new conversation, and of a change of its language."""

    language: LanguageChoice = "auto"


class Posting(Strict):
    """Body of a message: exactly one of text, payload and location."""

    text: Annotated[str, StringConstraints(max_length=MAX_TEXT)] | None = None
    payload: Annotated[str, StringConstraints(max_length=400)] | None = None
    location: Location | None = None
    message_id: Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,64}$")] | None = None

    @model_validator(mode="after")
    def one_content(self) -> "Posting":
        """Refuses none or several contents, blank text, and payloads that no button has."""
        given = [value for value in (self.text, self.payload, self.location) if value is not None]
        if len(given) != 1:
            raise ValueError("give exactly one of text, payload and location")
        if self.text is not None and not self.text.strip():
            raise ValueError("text is blank")
        if self.payload is not None and not _good_payload(self.payload):
            raise ValueError("payload is not one that a button has")
        return self


class RatingBody(Strict):
    """Body of a rating."""

    trace_id: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]
    rating: Literal[1, -1]
    reason: Annotated[str, StringConstraints(max_length=500)] | None = Field(default=None)


def _good_payload(payload: str) -> bool:
    """A payload is an intent with plain codes as entities, as our buttons have."""
    found = PAYLOAD.match(payload)
    if not found or found[1] not in intents():
        return False
    _, brace, rest = payload.partition("{")
    if not brace:
        return True
    try:
        entities = json.loads("{" + rest)
    except ValueError:
        return False
    return all(isinstance(v, str) and len(v) <= 80 and v.isprintable() for v in entities.values())


async def body[Body: BaseModel](request: web.Request, model: type[Body]) -> Body:
    """The validated body. Raises Problem 400, 413, 415 or 422; it never repeats what was sent."""
    if request.content_length and request.content_length > MAX_BODY:
        raise Problem(413, f"The body may have at most {MAX_BODY} bytes.")
    if request.can_read_body and request.content_type != "application/json":
        raise Problem(415, "Send JSON with Content-Type: application/json.")
    raw = await request.content.read(MAX_BODY + 1)
    while len(raw) <= MAX_BODY and (more := await request.content.read(MAX_BODY + 1 - len(raw))):
        raw += more
    if len(raw) > MAX_BODY:
        raise Problem(413, f"The body may have at most {MAX_BODY} bytes.")
    try:
        return model.model_validate_json(raw or b"{}")
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        if first["type"] == "json_invalid":
            raise Problem(400, "The body is not valid JSON in UTF-8.") from None
        known = [str(part) for part in first["loc"] if part in model.model_fields]
        where = ".".join(known)
        raise Problem(422, f"{where}: {first['msg']}" if where else str(first["msg"])) from None


def bearer(request: web.Request) -> str:
    """The token of a request. Raises Problem 401 without one."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        raise Problem(
            401, "Send the conversation's token as Authorization: Bearer.", {"WWW-Authenticate": "Bearer"}
        )
    return token.strip()


async def state_of(request: web.Request, token: str | None = None) -> State:
    """The conversation of a request. Raises Problem 404 for an unknown one and for a wrong token alike."""
    found = await parts(request).conversations.find(request.match_info["id"], token or bearer(request))
    if found is None:
        raise Problem(404, "There is no such conversation with this token; open a new one.")
    return found


async def create(request: web.Request) -> web.Response:
    """POST: opens a conversation."""
    wanted = await body(request, Opening)
    pinned = None if wanted.language == "auto" else wanted.language
    state, token = parts(request).conversations.open("web", pinned)
    return web.json_response(
        {"id": state.id, "token": token}, status=201, headers={"Location": f"{BASE}/{state.id}"}
    )


async def post_message(request: web.Request) -> web.Response:
    """POST: a message; answers with the replies."""
    state = await state_of(request)
    parts(request).limits.check("conversation", state.id)
    posting = await body(request, Posting)
    return web.json_response(dumped(await take(request, state, posting)))


async def take(request: web.Request, state: State, posting: Posting) -> Replies:
    """Answers a posting once: a repeated message id gets the first answer again."""
    key = posting.message_id
    if key and key in state.answered:
        return await asyncio.shield(state.answered[key])
    incoming = Incoming(
        channel=state.channel,
        address=state.id,
        text=posting.text,
        payload=posting.payload,
        location=posting.location,
        message_id=key,
    )
    answer = asyncio.ensure_future(_run(request, incoming, state))
    if key:
        state.answered[key] = answer
        answer.add_done_callback(lambda done: _keep_no_error(state, key, done))
        while len(state.answered) > REMEMBERED_IDS:
            state.answered.popitem(last=False)
    return await asyncio.shield(answer)


def _keep_no_error(state: State, key: str, done: asyncio.Future[Replies]) -> None:
    """An error is no answer: the next try runs again."""
    if (done.cancelled() or done.exception()) and state.answered.get(key) is done:
        del state.answered[key]


async def _run(request: web.Request, incoming: Incoming, state: State) -> Replies:
    turn = await parts(request).pipeline.run(incoming, state)
    return Replies(replies=tuple(turn.replies), trace_id=turn.trace_id)


async def show(request: web.Request) -> web.Response:
    """GET: the latest turns, for a page that was reloaded."""
    state = await state_of(request)
    try:
        turns = await parts(request).conversations.history(state)
    except (TimeoutError, SQLAlchemyError, OSError):
        raise Problem(503, "The history cannot be read at the moment; the conversation goes on.") from None
    items: list[dict[str, Any]] = [
        {
            "said": turn.said,
            "replies": turn.replies,
            "trace_id": turn.trace_id,
            "time": _utc(turn.created_at).isoformat(),
            "rating": turn.rating,
        }
        for turn in turns
    ]
    return web.json_response({"language": state.language or "auto", "turns": items})


def _utc(time: datetime) -> datetime:
    """The time with its zone; SQLite keeps none, and all times are written in UTC."""
    return time if time.tzinfo else time.replace(tzinfo=UTC)


async def change(request: web.Request) -> web.Response:
    """PATCH: pins the language of the replies, or gives it back to each message (auto)."""
    state = await state_of(request)
    wanted = await body(request, Opening)
    parts(request).conversations.pin(state, None if wanted.language == "auto" else wanted.language)
    return web.Response(status=204)


async def rate(request: web.Request) -> web.Response:
    """POST: a rating of one turn."""
    state = await state_of(request)
    parts(request).limits.check("conversation", state.id)
    rating = await body(request, RatingBody)
    reason = scrub(rating.reason) if rating.reason else None
    parts(request).conversations.rate(state, rating.trace_id, rating.rating, reason)
    return web.Response(status=204)


async def forget(request: web.Request) -> web.Response:
    """DELETE: forgets the conversation."""
    state = await state_of(request)
    try:
        await parts(request).conversations.forget(state)
    except (TimeoutError, SQLAlchemyError, OSError):
        raise Problem(503, "It cannot be deleted at the moment; try again in a minute.") from None
    return web.Response(status=204)


def routes() -> list[web.RouteDef]:
    """Routes of the API."""
    one = BASE + "/{id:[0-9a-f]{32}}"
    return [
        web.post(BASE, create),
        web.get(one, show),
        web.patch(one, change),
        web.delete(one, forget),
        web.post(one + "/messages", post_message),
        web.post(one + "/ratings", rate),
    ]

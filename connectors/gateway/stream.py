"""The WebSocket of a conversation: messages in, typing and replies out."""

import json
import logging
from typing import Any

from aiohttp import WSMsgType, web
from pydantic import ValidationError

from connectors.contract import dumped
from connectors.gateway.api import MAX_BODY, Posting, state_of, take
from connectors.gateway.conversations import State
from connectors.gateway.parts import parts
from connectors.gateway.problems import UNEXPECTED, Problem

log = logging.getLogger(__name__)

PROTOCOL = "suiwen.v1"
TOKEN = "token."
HEARTBEAT = 25.0


def _token(request: web.Request) -> str:
    offered = request.headers.get("Sec-WebSocket-Protocol", "").split(",")
    for protocol in offered:
        if protocol.strip().startswith(TOKEN):
            return protocol.strip().removeprefix(TOKEN)
    raise Problem(401, "Offer the subprotocols suiwen.v1 and token.<token>.")


def _same_origin(request: web.Request) -> bool:
    """Whether the page that connects is ours; a client that is no browser sends no Origin."""
    origin = request.headers.get("Origin")
    return origin is None or origin.split("://", 1)[-1] == request.host


async def stream(request: web.Request) -> web.WebSocketResponse:
    """GET: upgrades to the stream of one conversation."""
    if not _same_origin(request):
        raise Problem(401, "This address may not open a stream.")
    if request.headers.get("Upgrade", "").lower() != "websocket":
        raise Problem(400, "This address speaks WebSocket only.")
    state = await state_of(request, _token(request))
    socket = web.WebSocketResponse(protocols=(PROTOCOL,), heartbeat=HEARTBEAT, max_msg_size=MAX_BODY)
    await socket.prepare(request)
    parts(request).sockets.add(socket)
    try:
        await socket.send_json({"type": "ready"})
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await _receive(request, socket, state, message.data)
            elif message.type is WSMsgType.BINARY:
                await _problem(socket, None, Problem(400, "Send text frames."))
    except ConnectionResetError:
        log.debug("a stream was closed by its client")
    finally:
        parts(request).sockets.discard(socket)
    return socket


async def _receive(request: web.Request, socket: web.WebSocketResponse, state: State, data: str) -> None:
    message_id: str | None = None
    try:
        frame = _frame(data)
        message_id = frame.get("message_id") if isinstance(frame.get("message_id"), str) else None
        parts(request).limits.check("conversation", state.id)
        if await parts(request).conversations.find(state.id, _token(request)) is None:
            raise Problem(404, "There is no such conversation any more; open a new one.")
        posting = _posting(frame)
        await socket.send_json({"type": "typing"})
        answer = await take(request, state, posting)
        await socket.send_json({"type": "replies", "message_id": message_id, **dumped(answer)})
    except Problem as problem:
        await _problem(socket, message_id, problem)
    except ConnectionResetError:
        raise
    except Exception:
        log.exception("a message of a stream failed")
        await _problem(socket, message_id, Problem(500, UNEXPECTED))


def _frame(data: str) -> dict[str, Any]:
    try:
        frame = json.loads(data)
    except (ValueError, RecursionError):
        raise Problem(400, "The frame is not JSON.") from None
    if not isinstance(frame, dict) or frame.get("type") != "message":
        raise Problem(422, "A frame is an object with type message.")
    return frame


def _posting(frame: dict[str, Any]) -> Posting:
    try:
        return Posting.model_validate_json(json.dumps({k: v for k, v in frame.items() if k != "type"}))
    except ValidationError as error:
        raise Problem(422, str(error.errors(include_url=False, include_input=False)[0]["msg"])) from None


async def _problem(socket: web.WebSocketResponse, message_id: str | None, problem: Problem) -> None:
    await socket.send_json({**problem.body(), "type": "problem", "message_id": message_id})


def routes() -> list[web.RouteDef]:
    """The route of the stream."""
    return [web.get("/api/v1/conversations/{id:[0-9a-f]{32}}/stream", stream)]

"""What only the bot may call: the action webhook (rasa-sdk's executor) and the gazetteer's names."""

import hmac
import ipaddress
import json
import logging
from typing import Any

from aiohttp import web
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection, ActionNotFoundException

from connectors.gateway.parts import parts
from connectors.gateway.problems import Problem

log = logging.getLogger(__name__)

EXECUTOR = web.AppKey("executor", ActionExecutor)


class Executor(ActionExecutor):
    """rasa-sdk's executor without the domain: no action needs it, and Rasa 3.6 does not send its digest."""

    def update_and_return_domain(self, payload: dict[str, Any], action_name: str) -> dict[str, Any]:
        """An empty domain."""
        return {}


def executor() -> Executor:
    """An executor that knows every action in the room ``actions``."""
    found = Executor()
    found.register_package("actions")
    return found


def authorise(request: web.Request) -> None:
    """Raises Problem 404 unless the caller has the token, or none is set and it calls from this machine."""
    token = parts(request).settings.action_token.get_secret_value()
    if token:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ") or request.query.get(
            "token", ""
        )
        allowed = hmac.compare_digest(given.encode("utf-8", "backslashreplace"), token.encode())
    else:
        forwarded = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
        allowed = not forwarded and _loopback(request.remote)
    if not allowed:
        raise Problem(404, "There is nothing here.")


def _loopback(address: str | None) -> bool:
    try:
        return ipaddress.ip_address((address or "").split("%")[0]).is_loopback
    except ValueError:
        return False


async def webhook(request: web.Request) -> web.Response:
    """POST: runs an action, as Rasa's action server does."""
    authorise(request)
    try:
        call = await request.json()
    except (ValueError, RecursionError):
        raise Problem(400, "The body is not JSON.") from None
    if not isinstance(call, dict):
        raise Problem(422, "The body is not an action call.")
    try:
        result = await request.app[EXECUTOR].run(call)
    except ActionExecutionRejection as error:
        return web.json_response({"error": error.message, "action_name": error.action_name}, status=400)
    except ActionNotFoundException as error:
        return web.json_response({"error": error.message, "action_name": error.action_name}, status=404)
    return web.json_response(result.model_dump() if result else {"events": [], "responses": []})


async def gazetteer(request: web.Request) -> web.Response:
    """GET: the names that the gazetteer should know, with an ETag of the catalogue's version."""
    authorise(request)
    catalogue = parts(request).catalogue
    if not catalogue.ready:
        raise Problem(503, "The catalogue is not loaded yet.")
    etag = f'"{catalogue.snapshot.version}"'
    if request.headers.get("If-None-Match") == etag:
        return web.Response(status=304, headers={"ETag": etag})
    text = json.dumps({"entries": catalogue.names()}, ensure_ascii=False)
    return web.Response(text=text, content_type="application/json", headers={"ETag": etag})


def routes() -> list[web.RouteDef]:
    """Routes for the bot."""
    return [web.post("/internal/actions/webhook", webhook), web.get("/internal/gazetteer", gazetteer)]

"""The channel through which the gateway talks to Rasa: one JSON request a message, one JSON answer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from sanic import Blueprint, response
from sanic.exceptions import InvalidUsage
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.remote import install
from nlu.components.gazetteer import Names

logger = logging.getLogger(__name__)

ABSENT = "∅"
"""An action fills a placeholder with this where a record has no such fact; the line is then left out."""

install()


class Output(CollectingOutputChannel):
    """Collects each message whole, with the name of the response that worded it."""

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Keeps text, buttons and custom data of one message together."""
        text = message.get("text") or ""
        lines = [line for line in text.split("\n") if ABSENT not in line]
        metadata = message.get("metadata") or {}
        self.messages.append(
            {
                "response": message.get("utter_action") or metadata.get("utter_action"),
                "text": "\n".join(lines).strip(),
                "buttons": message.get("buttons") or [],
                "custom": message.get("custom") or {},
            }
        )


class GatewayInput(InputChannel):
    """``POST /webhooks/suiwen/webhook`` with sender, text, metadata and message_id.

    Answers ``{"messages": [...], "failed": bool}``; ``failed`` when Rasa could not finish the turn.
    Status 400 if the body is no such request.
    """

    @classmethod
    def name(cls) -> str:
        """Prefix of the webhook."""
        return "suiwen"

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """Routes of this channel."""
        webhook = Blueprint("suiwen_gateway")

        @webhook.route("/", methods=["GET"])
        async def health(_: Request) -> HTTPResponse:
            return response.json({"status": "ok", "names": Names.loaded})

        @webhook.route("/webhook", methods=["POST"])
        async def receive(request: Request) -> HTTPResponse:
            body = _json(request)
            if not body.get("sender"):
                return response.json({"messages": [], "failed": True}, status=400)
            output = Output()
            message = UserMessage(
                text=str(body.get("text") or ""),
                output_channel=output,
                sender_id=str(body["sender"]),
                input_channel=self.name(),
                message_id=body.get("message_id"),
                metadata=body.get("metadata") or {},
            )
            failed = False
            try:
                await on_new_message(message)
            except asyncio.CancelledError:
                raise
            except Exception:
                logger.exception("the turn could not be finished")
                failed = True
            return response.json({"messages": output.messages, "failed": failed})

        return webhook


def _json(request: Request) -> dict[str, Any]:
    """The body of a request if it is a JSON object, else an empty one."""
    try:
        body = request.json
    except InvalidUsage:
        return {}
    return body if isinstance(body, dict) else {}

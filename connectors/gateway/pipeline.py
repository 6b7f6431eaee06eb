"""From an incoming message to replies: a list of steps that share a turn; any step can end it.

Every turn ends with at least one reply and exactly one outcome for each, whatever is down.
"""

import json
import logging
import re
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, Field, ValidationError

from connectors.contract import Incoming, Reply, dumped
from connectors.gateway import metrics
from connectors.gateway.bot import Bot, BotDown
from connectors.gateway.conversations import Conversations, State
from connectors.gateway.wording import proven, words
from knowledge.conversations.scrub import scrub
from knowledge.text.language import detect
from knowledge.text.script import to_traditional

log = logging.getLogger(__name__)

PAYLOAD = re.compile(r"^/([a-z_]{1,40})(?:\{.{0,300}\})?\Z", re.DOTALL)
_URL = re.compile(r"(https?://\S+)")
_COMMAND = re.compile(r"^[\s/]+")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


class Custom(BaseModel):
    """What an action says about its message besides the text."""

    outcome: Any = None
    language: Any = None
    event: Any = None
    facts: dict[str, str] = Field(default_factory=dict)
    citations: list[Any] = Field(default_factory=list)
    suggestions: list[Any] = Field(default_factory=list)
    context: dict[str, Any] | None = None


class Message(BaseModel):
    """A message of the bot: text, the name of its wording, and what proves it."""

    response: str
    text: str
    buttons: list[Any] = Field(default_factory=list)
    custom: Custom


@dataclass
class Turn:
    """A message on its way; ``replies`` grows until a step has answered, ``said``: the messages behind."""

    incoming: Incoming
    state: State
    trace_id: str = field(default_factory=lambda: secrets.token_hex(8))
    begun: float = field(default_factory=time.monotonic)
    language: str = "zh-Hans"
    text: str = ""
    raw: list[Any] = field(default_factory=list)
    said: list[Message] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)


class Pipeline:
    """Runs turns. ``conversations`` keeps them; ``bot`` understands and answers."""

    def __init__(self, bot: Bot, conversations: Conversations):
        self._bot = bot
        self._conversations = conversations

    async def run(self, incoming: Incoming, state: State) -> Turn:
        """Answers a message. One message of a conversation at a time; its order is kept."""
        turn = Turn(incoming, state)
        async with state.lock:
            tell_language(turn)
            clean(turn)
            await self._ask_bot(turn)
            prove(turn)
            follow_events(turn, self._conversations)
            write_script(turn)
            self._remember(turn)
        return turn

    async def _ask_bot(self, turn: Turn) -> None:
        state = turn.state
        metadata = {"language": state.language, "previous_language": state.previous, "context": state.context}
        try:
            waited = time.monotonic() - turn.begun
            turn.raw = await self._bot.turn(state.id, turn.text, metadata, turn.trace_id, waited)
        except BotDown as error:
            log.warning("turn %s: %s", turn.trace_id, error)
            turn.replies = [failed(turn.language)]

    def _remember(self, turn: Turn) -> None:
        state, outcome = turn.state, turn.replies[-1].outcome
        state.previous = turn.language
        milliseconds = round((time.monotonic() - turn.begun) * 1000)
        metrics.observe(turn.incoming.channel, outcome, turn.language, milliseconds / 1000)
        self._conversations.record(
            state,
            {
                "trace_id": turn.trace_id,
                "said": scrub(turn.incoming.text or turn.incoming.payload or "[location]"),
                "replies": [dumped(reply) for reply in turn.replies],
                "outcome": outcome,
                "language": turn.language,
                "milliseconds": milliseconds,
            },
        )


def tell_language(turn: Turn) -> None:
    """The language of the reply: pinned, else of the text, else of the message before."""
    state, incoming = turn.state, turn.incoming
    found = state.language or (detect(incoming.text, state.previous) if incoming.text else None)
    turn.language = found or incoming.language or state.previous or "zh-Hans"


def clean(turn: Turn) -> None:
    """The text for the bot: no control or direction characters, and a citizen's text is never a command."""
    incoming = turn.incoming
    if incoming.payload:
        turn.text = incoming.payload
    elif incoming.location:
        turn.text = "/ask_nearest_hall" + json.dumps(
            {"location": f"{incoming.location.latitude:.4f},{incoming.location.longitude:.4f}"}
        )
    else:
        turn.text = _COMMAND.sub("", _CONTROL.sub(" ", incoming.text or "")).strip() or "?"


def prove(turn: Turn) -> None:
    """Turns the bot's messages into replies; what is not wording filled with cited facts is dropped."""
    if turn.replies:
        return
    for raw in turn.raw:
        try:
            message = Message.model_validate(raw)
            reply = _reply(message, turn)
        except ValidationError as error:
            log.error(
                "turn %s: a message that breaks the contract was dropped (%s)",
                turn.trace_id,
                error.error_count(),
            )
            metrics.dropped()
            continue
        if reply is not None:
            turn.said.append(message)
            turn.replies.append(reply)
    if not turn.replies:
        turn.replies = [failed(turn.language)]


def _reply(message: Message, turn: Turn) -> Reply | None:
    custom = message.custom
    if not proven(message.response, message.text, custom.facts, bool(custom.citations)):
        log.error("turn %s: a message without proof was dropped (%s)", turn.trace_id, message.response)
        metrics.dropped()
        return None
    return Reply(
        text=message.text,
        buttons=message.buttons,
        citations=custom.citations,
        suggestions=custom.suggestions,
        outcome=custom.outcome,
        language=custom.language or turn.language,
        event=custom.event,
    )


def follow_events(turn: Turn, conversations: Conversations) -> None:
    """Keeps the context, and does what the replies announce: a pinned language, a rating."""
    for message in turn.said:
        if message.custom.context is not None:
            turn.state.context = message.custom.context
    for reply in turn.replies:
        if reply.event == "language_changed":
            conversations.pin(turn.state, reply.language)
            turn.language = reply.language
        elif reply.event in ("rated_good", "rated_bad"):
            conversations.rate(turn.state, None, 1 if reply.event == "rated_good" else -1, None)


def write_script(turn: Turn) -> None:
    """Writes replies to zh-Hant and yue in traditional script; codes, payloads and addresses stay."""
    turn.replies = [
        traditional(reply) if reply.language in ("zh-Hant", "yue") else reply for reply in turn.replies
    ]


def converted(text: str) -> str:
    """A text in traditional script, with the addresses in it as they are."""
    return "".join(to_traditional(part) if i % 2 == 0 else part for i, part in enumerate(_URL.split(text)))


def traditional(reply: Reply) -> Reply:
    """A reply in traditional script."""
    t = converted
    return reply.model_copy(
        update={
            "text": t(reply.text),
            "buttons": tuple(b.model_copy(update={"title": t(b.title)}) for b in reply.buttons),
            "citations": tuple(
                c.model_copy(update={"title": t(c.title), "department": t(c.department)})
                for c in reply.citations
            ),
            "suggestions": tuple(
                s.model_copy(update={"title": t(s.title), "department": t(s.department)})
                for s in reply.suggestions
            ),
        }
    )


def failed(language: str) -> Reply:
    """The apology with the hotline, for when a dependency is down."""
    return Reply(text=words("utter_default", language).text, outcome="failed", language=language)

"""The message contract: all that crosses between a channel and the assistant. Nothing else does."""

from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Language = Literal["zh-Hans", "zh-Hant", "yue", "en"]
Outcome = Literal["answered", "asked", "suggested", "refused", "handed_off", "failed"]

MAX_TEXT = 2_000
"""Longest question in characters; longer ones are refused with a clear problem."""


class Immutable(BaseModel):
    """Base of the contract's types."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Location(Immutable):
    """A position in WGS 84 degrees."""

    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)


class Incoming(Immutable):
    """A message as a connector received it. Exactly one of ``text``, ``payload`` and ``location`` is given.

    ``address`` is opaque; ``message_id`` is the channel's own, used to drop repeats.
    """

    channel: str
    address: str
    text: Annotated[str, StringConstraints(max_length=MAX_TEXT)] | None = None
    payload: Annotated[str, StringConstraints(max_length=500)] | None = None
    location: Location | None = None
    language: Language | None = None
    message_id: str | None = None
    time: datetime = Field(default_factory=lambda: datetime.now(UTC))


class Button(Immutable):
    """A choice offered to the citizen; ``payload`` is sent back when it is pressed."""

    title: str
    payload: str


class Suggestion(Immutable):
    """A record that may be meant."""

    code: str
    title: str
    department: str
    payload: str


class Citation(Immutable):
    """The record that a reply's facts come from."""

    kind: Literal["service", "office", "department", "case", "warning", "article"]
    code: str
    title: str
    department: str
    source_url: str | None = None
    as_of: date
    revision: int
    map_url: str | None = None


class Reply(Immutable):
    """One reply to one message."""

    text: str
    buttons: tuple[Button, ...] = ()
    citations: tuple[Citation, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    outcome: Outcome
    language: Language
    event: str | None = None


class Replies(Immutable):
    """The answer to a posted message."""

    replies: tuple[Reply, ...]
    trace_id: str


def dumped(model: BaseModel) -> dict[str, Any]:
    """The JSON form of a contract type."""
    return model.model_dump(mode="json")

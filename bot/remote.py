"""How Rasa calls our actions, where its own way costs too much: set once, when the channel is loaded.

Rasa 3.6 is in maintenance and sealed in here, so what it does at each call is known and does not
change under us.
"""

from __future__ import annotations

from typing import Any

import rasa.core.actions.action as remote
from rasa.shared.exceptions import RasaException

SECONDS = 1.2
"""Longest wait for the action server. Rasa would wait five minutes, and hold the conversation's lock."""


def check(_action: Any, result: Any) -> bool:
    """Refuses an answer of the action server that is not lists of events and responses.

    Rasa checks it with a JSON schema, which jsonschema first checks against the schema of schemas, each time:
    more than half of the bot's work in a turn. The events are checked again when they are built.
    """
    events, responses = (
        (result.get("events", []), result.get("responses", [])) if isinstance(result, dict) else (None, None)
    )
    if not isinstance(events, list) or not all(
        isinstance(e, dict) and isinstance(e.get("event"), str) for e in events
    ):
        raise RasaException("the action server's events are not a list of objects with an event")
    if not isinstance(responses, list) or not all(isinstance(r, dict) for r in responses):
        raise RasaException("the action server's responses are not a list of objects")
    return True


def install() -> None:
    """Takes effect for all remote actions of this process."""
    remote.DEFAULT_REQUEST_TIMEOUT = SECONDS
    remote.RemoteAction._validate_action_result = check  # type: ignore[method-assign]

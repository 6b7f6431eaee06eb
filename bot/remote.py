"""How Rasa calls our actions, where its own way does not do: set once, when the channel is loaded.

Rasa 3.6 is in maintenance and sealed in here, so what it does at each call is known and does not
change under us.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Mapping
from typing import Any

import rasa.core.actions.action as remote
from rasa.shared.exceptions import RasaException
from rasa.utils.endpoints import EndpointConfig

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


def reached(endpoint: EndpointConfig | None, given: Mapping[str, str]) -> EndpointConfig | None:
    """The action server: at the address of the environment, else at that of ``endpoints.yml``.

    Rasa refuses an ``endpoints.yml`` with a variable that is not set; so plain ``rasa shell`` could not start.
    """
    if endpoint is None or not given.get("SUIWEN_ACTION_URL"):
        return endpoint
    found = copy.copy(endpoint)
    found.url, found.token = given["SUIWEN_ACTION_URL"], given.get("SUIWEN_ACTION_TOKEN") or endpoint.token
    return found


def begin(action: Any, name: str, action_endpoint: EndpointConfig | None) -> None:
    """Makes a remote action that calls the action server where it is reached."""
    action._name, action.action_endpoint = name, reached(action_endpoint, os.environ)


def install() -> None:
    """Takes effect for all remote actions of this process."""
    remote.RemoteAction.__init__ = begin  # type: ignore[method-assign]
    remote.DEFAULT_REQUEST_TIMEOUT = SECONDS
    remote.RemoteAction._validate_action_result = check  # type: ignore[method-assign]

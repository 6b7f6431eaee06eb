"""The only way in which actions speak: a named wording, its facts, and the records they come from.

Each message carries ``custom`` data for the gateway: outcome, facts, citations, suggestions, context, event.
The gateway renders the wording with the facts again and drops what does not match, so that no sentence with a
fact and without a record leaves the house.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.turn import SLOTS, Turn
from knowledge.search.catalogue import Catalogue
from knowledge.services.models import Department, Office
from knowledge.services.store import Published

ABSENT = "∅"
"""Stands for a fact that the record does not state; the line with it is left out (see ``bot.channel``)."""

MAP = "https://uri.amap.com/search?keyword={}&city=%E5%B9%BF%E5%B7%9E"


@dataclass(frozen=True)
class Speaker:
    """Speaks for one turn. ``say`` returns the events that remember what the conversation is about."""

    dispatcher: CollectingDispatcher
    turn: Turn

    def say(
        self,
        response: str,
        outcome: str,
        facts: Mapping[str, str] | None = None,
        citations: Sequence[Mapping[str, Any]] = (),
        *,
        suggestions: Sequence[Mapping[str, str]] = (),
        buttons: Sequence[Mapping[str, str]] = (),
        remember: Mapping[str, Any] | None = None,
        **extra: Any,
    ) -> list[dict[str, Any]]:
        """Utters ``response`` filled with ``facts``; a reply with facts must cite their records.

        Raises ValueError if facts come without a citation.
        """
        if facts and not citations:
            raise ValueError(f"{response}: facts without a record")
        context = {name: getattr(self.turn, name) for name in SLOTS} | dict(remember or {})
        context["suggestions"] = list(context["suggestions"] or ())
        custom = {
            "outcome": outcome,
            "facts": dict(facts or {}),
            "citations": [dict(c) for c in citations],
            "suggestions": [dict(s) for s in suggestions],
            "context": context,
            **extra,
        }
        filled: dict[str, Any] = dict(facts or {})
        self.dispatcher.utter_message(
            response=response, buttons=[dict(b) for b in buttons], json_message=custom, **filled
        )
        return [SlotSet(name, value) for name, value in context.items()]


def title(catalogue: Catalogue, found: Published, language: str) -> str:
    """The name of a service in a language: in English with the official Chinese name in brackets."""
    name = found.record.name
    english = name.en or catalogue.snapshot.english.get(found.record.code)
    return f"{english} ({name.zh})" if language == "en" and english else name.zh


def department_name(found: Published, language: str) -> str:
    """The department of a service in a language."""
    return (found.department.name_en if language == "en" else None) or found.department.name


def cite(catalogue: Catalogue, found: Published, language: str) -> dict[str, Any]:
    """The citation of a service."""
    record = found.record
    place = record.windows[0].address if record.windows else None
    return {
        "kind": "service",
        "code": record.code,
        "title": title(catalogue, found, language),
        "department": department_name(found, language),
        "source_url": record.source_url,
        "as_of": record.as_of.isoformat(),
        "revision": found.number,
        "map_url": MAP.format(quote(place)) if place else None,
    }


def cite_office(office: Office, language: str) -> dict[str, Any]:
    """The citation of an office."""
    name = (office.name_en if language == "en" else None) or office.name
    return {
        "kind": "office",
        "code": office.code,
        "title": name,
        "department": name,
        "source_url": office.source_url,
        "as_of": office.as_of.isoformat() if office.as_of else None,
        "revision": 1,
        "map_url": MAP.format(quote(office.address)) if office.address else None,
    }


def cite_department(department: Department, as_of: str | None, language: str) -> dict[str, Any]:
    """The citation of a department; ``as_of`` is used where its own record has no date."""
    name = (department.name_en if language == "en" else None) or department.name
    return {
        "kind": "department",
        "code": department.code,
        "title": name,
        "department": name,
        "source_url": department.source_url,
        "as_of": department.as_of.isoformat() if department.as_of else as_of,
        "revision": 1,
    }


def suggestion(catalogue: Catalogue, found: Published, language: str) -> dict[str, str]:
    """A suggestion of a service; its payload chooses it."""
    code = found.record.code
    return {
        "code": code,
        "title": title(catalogue, found, language),
        "department": department_name(found, language),
        "payload": f'/choose{{"service": "{code}"}}',
    }

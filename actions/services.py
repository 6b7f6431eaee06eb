"""Answers about services: find the record that is meant, say what it says, or suggest, or refuse."""

import re
from dataclasses import dataclass
from typing import Any

from rasa_sdk import Action

from actions import aspects
from actions.choice import ordinal
from actions.contacts import contact_department, describe_office
from actions.rendering import form
from actions.reply import Speaker, cite, cite_department, suggestion
from actions.runtime import catalogue as live_catalogue
from actions.turn import Turn
from knowledge.search.catalogue import Catalogue
from knowledge.search.decision import SUGGESTIONS, Decision
from knowledge.search.words import topic
from knowledge.services.store import Published
from knowledge.text.script import fold

Events = list[dict[str, Any]]

UNSURE_INTENTS = ("out_of_scope", "nlu_fallback")
SURE = 0.92
"""Below this probability an answer also names the records that may be meant instead."""
FOLLOWS = re.compile(
    r"^(那|咁|如果|若果|要是|假如|万一|and |what about|how about|what if|if )|(呢|咧)[?？]?$"
)
"""How a message begins or ends that varies what was said before (folded text)."""
LIKELY_DEPARTMENT = 0.1
"""From this probability of being the catalogue's, a refusal names the department of the nearest record."""


@dataclass(frozen=True)
class Found:
    """What a message is about: one service, or a decision that did not settle on one, or nothing named."""

    service: Published | None = None
    decision: Decision | None = None


def find(turn: Turn, catalogue: Catalogue) -> Found:
    """The service that a message is about.

    A message that names none keeps the service of the conversation; so does one whose words fit the current
    service about as well as any other. A new service replaces it.
    """
    current = catalogue.service(turn.service)
    if turn.from_payload:
        code = turn.one("service")
        return Found(catalogue.service(code) if code else current)
    named = tuple(piece for kind in ("place", "office") for piece in turn.named.get(kind, []))
    about = topic(turn.text, named)
    if not about:
        return Found(current)
    decision = catalogue.search(turn.text)
    if current is None or decision.kind == "answer":
        return Found(None, decision)
    if turn.intent in aspects.ASPECTS and decision.kind == "refuse":
        return Found(current)
    if decision.kind == "suggest" and turn.intent in aspects.ASPECTS and _among(turn.service, decision):
        return Found(current)
    return Found(None, _varied(turn, catalogue, current) or decision)


def _among(code: str | None, decision: Decision) -> bool:
    return any(hit.code == code for hit in decision.hits[:SUGGESTIONS])


def _varied(turn: Turn, catalogue: Catalogue, current: Published) -> Decision | None:
    """The decision for a follow-up that asks for a variant of the current service ("那丢了呢?"), if any."""
    if not FOLLOWS.search(fold(turn.text)):
        return None
    together = catalogue.search(f"{current.record.name.zh} {turn.text}")
    other = together.kind != "refuse" and together.hits[0].code != current.record.code
    return together if other else None


def speak_of(
    speaker: Speaker, catalogue: Catalogue, found: Published, intent: str, decision: Decision | None = None
) -> Events:
    """Answers an intent about a service from its record."""
    turn, language, code = speaker.turn, speaker.turn.language, found.record.code
    response, facts = aspects.answer(catalogue, found, intent, language)
    others: list[dict[str, str]] = []
    if decision and decision.right < SURE:
        near = [catalogue.service(hit.code) for hit in decision.hits[1 : SUGGESTIONS + 1]]
        others = [suggestion(catalogue, other, language) for other in near if other]
    offered = [other["code"] for other in others]
    return speaker.say(
        response,
        "answered",
        facts,
        [cite(catalogue, found, language)],
        suggestions=others,
        buttons=_next_questions(code, intent, language),
        remember={"service": code, "aspect": intent, "suggestions": offered, "place": turn.place},
    )


def _next_questions(code: str, intent: str, language: str) -> list[dict[str, str]]:
    """Buttons for what people ask next."""
    words: dict[str, str] = form(language)["buttons"]
    return [
        {"title": word, "payload": f'/{name}{{"service": "{code}"}}'}
        for name, word in words.items()
        if name != intent
    ][:4]


def suggest(
    speaker: Speaker, catalogue: Catalogue, codes: list[str], response: str, intent: str | None
) -> Events:
    """Offers up to three services to choose from."""
    found = [service for code in codes if (service := catalogue.service(code))][:SUGGESTIONS]
    if not found:
        return speaker.say("utter_services_choose_nothing", "asked", remember={"suggestions": []})
    items = [suggestion(catalogue, service, speaker.turn.language) for service in found]
    remember = {"suggestions": [item["code"] for item in items], "aspect": intent}
    return speaker.say(response, "suggested", suggestions=items, remember=remember)


def refuse(
    speaker: Speaker, catalogue: Catalogue, decision: Decision | None, *, none_fits: bool = False
) -> Events:
    """Says that no record answers, and who does: the likely department, and the hotline."""
    plain, named = (
        ("utter_services_none", "utter_services_none_department")
        if none_fits
        else ("utter_services_refuse", "utter_services_refuse_department")
    )
    outcome = "asked" if none_fits else "refused"
    near = catalogue.service(decision.hits[0].code) if decision and decision.hits else None
    if near is None or (decision and decision.scope < LIKELY_DEPARTMENT):
        return speaker.say(plain, outcome, remember={"suggestions": []})
    department, language = near.department, speaker.turn.language
    citation = cite_department(department, near.record.as_of.isoformat(), language)
    phone = department.phone or next((p.number for p in near.record.phones if p.kind == "consult"), None)
    facts = {"department": citation["title"], "phone": phone or "12345"}
    return speaker.say(named, outcome, facts, [citation], remember={"suggestions": []})


class AnswerService(Action):
    """Answers any question about a service."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_services_answer"

    async def run(self, dispatcher: Any, tracker: Any, domain: Any) -> Events:
        """Runs the action (see rasa_sdk.Action)."""
        turn, catalogue = Turn.of(tracker), live_catalogue()
        speaker = Speaker(dispatcher, turn)
        if catalogue is None:
            return speaker.say("utter_services_unavailable", "failed")
        return answer(speaker, catalogue)


def answer(speaker: Speaker, catalogue: Catalogue) -> Events:
    """Answers the turn, whatever it is about."""
    turn = speaker.turn
    direct = _office_or_department(speaker, catalogue)
    if direct is not None:
        return direct
    found = find(turn, catalogue)
    intent = turn.intent
    if found.service:
        if intent in UNSURE_INTENTS and not turn.from_payload:
            return refuse(speaker, catalogue, found.decision)
        return speak_of(speaker, catalogue, found.service, intent)
    decision = found.decision
    if decision is None:
        if intent in UNSURE_INTENTS:
            return refuse(speaker, catalogue, None)
        withdrawn = turn.one("service") if turn.from_payload else turn.service
        response = "utter_services_withdrawn" if withdrawn else "utter_services_which"
        return speaker.say(
            response, "refused" if withdrawn else "asked", remember={"service": None, "aspect": intent}
        )
    if decision.kind == "refuse":
        return refuse(speaker, catalogue, decision)
    asked = "ask_service" if intent in UNSURE_INTENTS else intent
    if decision.kind == "suggest":
        return suggest(
            speaker, catalogue, [hit.code for hit in decision.hits], "utter_services_suggest", asked
        )
    service = catalogue.service(decision.hits[0].code)
    return (
        speak_of(speaker, catalogue, service, asked, decision)
        if service
        else refuse(speaker, catalogue, decision)
    )


def _office_or_department(speaker: Speaker, catalogue: Catalogue) -> Events | None:
    """An answer where a question names an office or a department and no service; else None."""
    turn = speaker.turn
    office = catalogue.snapshot.offices.get(turn.one("office") or "")
    if office and office.as_of and not topic(turn.text, tuple(turn.named["office"])):
        return describe_office(speaker, office)
    department = catalogue.snapshot.departments.get(turn.one("department") or "")
    if department and not topic(turn.text, tuple(turn.named["department"])):
        return contact_department(speaker, department)
    return None


class ChooseService(Action):
    """Takes one of the suggestions, by button, number or word."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_services_choose"

    async def run(self, dispatcher: Any, tracker: Any, domain: Any) -> Events:
        """Runs the action (see rasa_sdk.Action)."""
        turn, catalogue = Turn.of(tracker), live_catalogue()
        speaker = Speaker(dispatcher, turn)
        if catalogue is None:
            return speaker.say("utter_services_unavailable", "failed")
        intent = turn.aspect or "ask_service"
        if turn.from_payload:
            service = catalogue.service(turn.one("service"))
            return speak_of(speaker, catalogue, service, intent) if service else speaker.say(
                "utter_services_withdrawn", "refused")  # fmt: skip
        return choose(speaker, catalogue, ordinal(turn.text, len(turn.suggestions)), intent)


def choose(speaker: Speaker, catalogue: Catalogue, number: int | None, intent: str) -> Events:
    """Answers for the suggestion with a number; asks again where there is no such suggestion."""
    codes = list(speaker.turn.suggestions)
    if not codes:
        if ordinal(speaker.turn.text, 99) or not topic(speaker.turn.text):
            return speaker.say("utter_services_choose_nothing", "asked")
        return answer(speaker, catalogue)
    service = catalogue.service(codes[number - 1]) if number else None
    if service is None:
        if topic(speaker.turn.text) and catalogue.search(speaker.turn.text).kind == "answer":
            return answer(speaker, catalogue)
        return suggest(speaker, catalogue, codes, "utter_services_suggest_again", intent)
    return speak_of(speaker, catalogue, service, intent)


class AffirmService(Action):
    """A plain yes takes the suggestion, if there is only one."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_services_affirm"

    async def run(self, dispatcher: Any, tracker: Any, domain: Any) -> Events:
        """Runs the action (see rasa_sdk.Action)."""
        turn, catalogue = Turn.of(tracker), live_catalogue()
        speaker = Speaker(dispatcher, turn)
        if catalogue is None:
            return speaker.say("utter_services_unavailable", "failed")
        only = 1 if len(turn.suggestions) == 1 else None  # yes to several is no choice: ask again
        return choose(speaker, catalogue, only, turn.aspect or "ask_service")


class NoneOfThese(Action):
    """None of the suggestions fits: says who may know."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_services_none"

    async def run(self, dispatcher: Any, tracker: Any, domain: Any) -> Events:
        """Runs the action (see rasa_sdk.Action)."""
        turn, catalogue = Turn.of(tracker), live_catalogue()
        speaker = Speaker(dispatcher, turn)
        if catalogue is None or not turn.suggestions:
            return speaker.say("utter_services_none", "asked", remember={"suggestions": []})
        near = catalogue.service(turn.suggestions[0])
        if near is None:
            return speaker.say("utter_services_none", "asked", remember={"suggestions": []})
        citation = cite_department(near.department, near.record.as_of.isoformat(), turn.language)
        facts = {"department": citation["title"], "phone": near.department.phone or "12345"}
        return speaker.say(
            "utter_services_none_department", "asked", facts, [citation], remember={"suggestions": []}
        )

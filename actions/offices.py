"""Answers about halls: those of a district, with the place where the current service is handled."""

import math
from typing import Any

from rasa_sdk import Action

from actions import rendering as r
from actions import services
from actions.aspects import FACTS
from actions.contacts import describe_office, line
from actions.reply import Speaker, cite, cite_office
from actions.runtime import catalogue as live_catalogue
from actions.turn import Turn
from knowledge.search.catalogue import Catalogue
from knowledge.search.words import topic
from knowledge.services.models import Office, Place
from knowledge.services.store import Published

Events = list[dict[str, Any]]
MOST = 4
NEAR = 0.7
"""Degrees (some 80 km) from the centre of a district within which one is in the city or next to it."""


def place_name(place: Place, language: str) -> str:
    """The name of a place in a language."""
    return (place.name_en if language == "en" else None) or place.name


def district_of(catalogue: Catalogue, code: str | None) -> Place | None:
    """The district of a place: itself, or the one a street belongs to."""
    place = catalogue.snapshot.places.get(code or "")
    return catalogue.snapshot.places.get(place.parent or "") if place and place.kind == "street" else place


def nearest_district(catalogue: Catalogue, location: str | None) -> Place | None:
    """The district whose centre is nearest to ``latitude,longitude`` in degrees; None if none is near."""
    try:
        latitude, longitude = map(float, (location or "").split(","))
    except ValueError:
        return None
    if not (math.isfinite(latitude) and math.isfinite(longitude)):
        return None
    shrink = math.cos(math.radians(latitude))  # a degree of longitude is shorter; exact enough within a city

    def distance(place: Place) -> float:
        return math.hypot((place.latitude or 0) - latitude, ((place.longitude or 0) - longitude) * shrink)

    known = [p for p in catalogue.snapshot.places.values() if p.kind == "district" and p.latitude is not None]
    nearest = min(known, key=distance, default=None)
    return nearest if nearest and distance(nearest) < NEAR else None


def halls(catalogue: Catalogue, place: Place) -> list[Office]:
    """The halls of a district, its government service centre first."""
    found = [o for o in catalogue.snapshot.offices.values() if o.place == place.code and o.as_of]
    return sorted(found, key=lambda o: ("政务服务中心" not in o.name, o.address is None, o.code))[:MOST]


class AnswerOffice(Action):
    """The halls of a district, with the place where the service of the conversation is handled."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_offices_answer"

    async def run(self, dispatcher: Any, tracker: Any, domain: Any) -> Events:
        """Runs the action (see rasa_sdk.Action)."""
        turn, catalogue = Turn.of(tracker), live_catalogue()
        speaker = Speaker(dispatcher, turn)
        if catalogue is None:
            return speaker.say("utter_services_unavailable", "failed")
        office = catalogue.snapshot.offices.get(turn.one("office") or "")
        if office and office.as_of:
            return describe_office(speaker, office)
        return answer(speaker, catalogue)


def answer(speaker: Speaker, catalogue: Catalogue) -> Events:
    """Halls of the place named, or asks for the district."""
    turn = speaker.turn
    place = district_of(catalogue, turn.one("place")) or nearest_district(catalogue, turn.one("location"))
    named = tuple(turn.named.get("place", []))
    found = services.find(turn, catalogue) if topic(turn.text, named) else None
    decision = found.decision if found else None
    service = catalogue.service(turn.service)
    if found and found.service:
        service = found.service
    elif decision and decision.kind == "answer":
        service = catalogue.service(decision.hits[0].code)
    if place is None:
        if decision and decision.kind != "answer":
            return services.answer(speaker, catalogue)
        if service and (named or turn.service != service.record.code):
            return services.speak_of(speaker, catalogue, service, "ask_where", decision)
        return _ask_place(speaker, catalogue)
    if service and decision and FACTS["where"](catalogue, service, turn.language) is None:
        return services.speak_of(speaker, catalogue, service, "ask_where", decision)
    offices = halls(catalogue, place)
    if not offices:
        return speaker.say("utter_offices_none", "refused", remember={"place": place.code})
    return _list(speaker, catalogue, place, offices, service)


def _ask_place(speaker: Speaker, catalogue: Catalogue) -> Events:
    districts = [p for p in catalogue.snapshot.places.values() if p.kind == "district"]
    buttons = [
        {
            "title": place_name(p, speaker.turn.language),
            "payload": f'/ask_nearest_hall{{"place": "{p.code}"}}',
        }
        for p in districts
    ]
    return speaker.say(
        "utter_offices_ask_place", "asked", buttons=buttons, remember={"aspect": "ask_nearest_hall"}
    )


def _list(
    speaker: Speaker, catalogue: Catalogue, place: Place, offices: list[Office], service: Published | None
) -> Events:
    language = speaker.turn.language
    facts = {
        "place": place_name(place, language),
        "offices": r.numbered([line(office, language) for office in offices]),
    }
    citations = [cite_office(office, language) for office in offices]
    remember: dict[str, Any] = {"place": place.code, "aspect": "ask_nearest_hall"}
    where = FACTS["where"](catalogue, service, language) if service else None
    if service is None or where is None:
        return speaker.say("utter_offices_list", "answered", facts, citations, remember=remember)
    facts |= {"title": FACTS["title"](catalogue, service, language) or "", "where": where}
    remember["service"] = service.record.code
    citations = [cite(catalogue, service, language), *citations]
    return speaker.say("utter_offices_service", "answered", facts, citations, remember=remember)

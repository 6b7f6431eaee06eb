"""Contacts of offices and departments, as text of a reply."""

from typing import Any

from actions import rendering as r
from actions.reply import ABSENT, Speaker, cite_department, cite_office
from knowledge.services.models import Department, Office

Events = list[dict[str, Any]]


def line(office: Office, language: str) -> str:
    """An office in one line: name, address, hours, phone."""
    name = (office.name_en if language == "en" else None) or office.name
    address = (office.address_en if language == "en" else None) or office.address
    parts = [name, address, r.hours(office, language), office.phone]
    return " · ".join(part for part in parts if part)


def describe_office(speaker: Speaker, office: Office) -> Events:
    """One office with all that its record states."""
    language = speaker.turn.language
    facts = {
        "office": (office.name_en if language == "en" else None) or office.name,
        "address": (office.address_en if language == "en" else None) or office.address or ABSENT,
        "hours": r.hours(office, language) or ABSENT,
        "phone": office.phone or ABSENT,
        "note": office.hours_note or ABSENT,
    }
    return speaker.say("utter_offices_one", "answered", facts, [cite_office(office, language)])


def contact_department(speaker: Speaker, department: Department) -> Events:
    """A department with its duties, phone and site."""
    language = speaker.turn.language
    citation = cite_department(department, None, language)
    if citation["as_of"] is None:
        return speaker.say("utter_services_refuse", "refused")
    facts = {
        "department": citation["title"],
        "duties": department.duties or ABSENT,
        "phone": department.phone or ABSENT,
        "site": department.source_url or ABSENT,
    }
    return speaker.say("utter_departments_contact", "answered", facts, [citation])

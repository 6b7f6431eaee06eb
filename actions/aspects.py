"""What can be asked of a service: the wording of each aspect and the facts it needs, as a table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from actions import rendering as r
from actions.reply import ABSENT, department_name, title
from knowledge.search.catalogue import Catalogue
from knowledge.services.store import Published

Fact = Callable[[Catalogue, Published, str], str | None]

FACTS: Mapping[str, Fact] = {
    "title": title,
    "department": lambda _, found, language: department_name(found, language),
    "summary": lambda _, found, language: r.summary(found.record, language),
    "audience": lambda _, found, language: r.audience(found.record, language),
    "materials": lambda _, found, language: r.materials(found.record, language),
    "materials_short": lambda _, found, language: r.materials_short(found.record, language),
    "where": lambda _, found, language: r.windows(found.record, language),
    "time": lambda _, found, language: r.limit(
        found.record.promised_limit or found.record.statutory_limit, language
    ),
    "promised": lambda _, found, language: r.limit(found.record.promised_limit, language),
    "statutory": lambda _, found, language: r.limit(found.record.statutory_limit, language),
    "fee": lambda _, found, language: r.fees(found.record, language),
    "conditions": lambda _, found, language: r.conditions(found.record, language),
    "steps": lambda _, found, language: r.steps(found.record, language),
    "online": lambda _, found, language: r.online(found.record, language),
    "appointment": lambda _, found, language: r.appointment(found.record, language),
    "courier": lambda _, found, language: r.yes_no(found.record.courier, language),
    "visits": lambda _, found, language: r.visits(found.record, language),
    "phone": lambda _, found, language: r.phones(found.record, "consult", language) or found.department.phone,
    "complaint": lambda _, found, language: r.phones(found.record, "complaint", language),
    "hours": lambda catalogue, found, language: _hours(catalogue, found, language),
}
"""Each fact of a service as text in a language; None where the record does not state it."""

OVERVIEW = {
    "title": "title", "summary": "summary", "department": "department", "audience": "audience",
    "materials": "materials_short", "time": "time", "fee": "fee", "online": "online", "where": "where",
    "phone": "phone",
}  # fmt: skip
"""Placeholders of the overview and the facts that fill them."""
MISSING = ("materials", "time", "fee", "online", "where")
"""What the overview names as not stated."""


@dataclass(frozen=True)
class Aspect:
    """An aspect: ``word`` names it in ``formats.yml``, ``needs`` lists facts of which one must be stated."""

    word: str
    response: str
    facts: tuple[str, ...]
    needs: tuple[str, ...]


ASPECTS: Mapping[str, Aspect] = {
    "ask_materials": Aspect("materials", "utter_services_materials", ("materials",), ("materials",)),
    "ask_where": Aspect("where", "utter_services_where", ("where", "appointment"), ("where",)),
    "ask_time": Aspect("time", "utter_services_time", ("promised", "statutory"), ("promised", "statutory")),
    "ask_fee": Aspect("fee", "utter_services_fee", ("fee",), ("fee",)),
    "ask_conditions": Aspect(
        "conditions", "utter_services_conditions", ("conditions", "audience"), ("conditions", "audience")
    ),
    "ask_steps": Aspect("steps", "utter_services_steps", ("steps", "online"), ("steps",)),
    "ask_online": Aspect(
        "online",
        "utter_services_online",
        ("online", "appointment", "courier", "visits"),
        ("online", "appointment"),
    ),
    "ask_phone": Aspect("phone", "utter_services_phone", ("phone", "complaint"), ("phone", "complaint")),
    "ask_department": Aspect(
        "department", "utter_services_department", ("department", "phone"), ("department",)
    ),
    "ask_hours": Aspect("hours", "utter_services_hours", ("hours",), ("hours",)),
}

UNSTATED = Aspect("", "utter_services_unstated", ("department", "phone"), ())
ONLINE_ONLY = Aspect("where", "utter_services_where_online", ("online",), ())


def facts(catalogue: Catalogue, found: Published, names: Mapping[str, str], language: str) -> dict[str, str]:
    """Facts by placeholder, ``ABSENT`` where the record does not state one."""
    return {slot: FACTS[name](catalogue, found, language) or ABSENT for slot, name in names.items()}


def answer(catalogue: Catalogue, found: Published, intent: str, language: str) -> tuple[str, dict[str, str]]:
    """The response and its facts that answer an intent about a service."""
    aspect = ASPECTS.get(intent)
    if aspect is None:
        return overview(catalogue, found, language)
    if aspect.word == "where" and found.record.no_window and not found.record.windows:
        aspect = ONLINE_ONLY
    wanted = facts(catalogue, found, {name: name for name in ("title", *aspect.facts)}, language)
    if aspect.needs and all(wanted[name] == ABSENT for name in aspect.needs):
        wanted = facts(catalogue, found, {name: name for name in ("title", *UNSTATED.facts)}, language)
        word = r.form(language)["aspects"][aspect.word]
        return UNSTATED.response, wanted | {"aspect": word}
    return aspect.response, wanted | original(wanted, language)


def overview(catalogue: Catalogue, found: Published, language: str) -> tuple[str, dict[str, str]]:
    """What a record says in general, and what it does not."""
    filled = facts(catalogue, found, OVERVIEW, language)
    if found.record.no_window and filled["where"] == ABSENT:
        names = [name for name in MISSING if filled[name] == ABSENT and name != "where"]
    else:
        names = [name for name in MISSING if filled[name] == ABSENT]
    f = r.form(language)
    missing = str(f["comma"]).join(f["aspects"][name] for name in names)
    return "utter_services_overview", filled | {"missing": missing or ABSENT} | original(filled, language)


def original(filled: Mapping[str, str], language: str) -> dict[str, str]:
    """In English, whether official Chinese text is quoted: the line that says so has this placeholder."""
    quoted = [value for name, value in filled.items() if name not in ("title", "department")]
    return {"original": "" if language == "en" and any(map(r.has_han, quoted)) else ABSENT}


def _hours(catalogue: Catalogue, found: Published, language: str) -> str | None:
    """Opening hours of the offices that a record's windows belong to."""
    lines = []
    for code in dict.fromkeys(window.office for window in found.record.windows if window.office):
        office = catalogue.snapshot.offices.get(code)
        times = r.hours(office, language) if office else None
        if office and times:
            name = (office.name_en if language == "en" else None) or office.name
            lines.append(f"{name} ({office.address}): {times}" if office.address else f"{name}: {times}")
    return r.numbered(lines) if lines else None

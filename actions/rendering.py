"""Fields of records as text in a language. A field that the record does not state becomes None."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from knowledge.services.models import Office
from knowledge.services.record import Limit, ServiceRecord

FILE = Path(__file__).with_name("formats.yml")
LONG = 600
CUT_OFF = ("：", "；", ":", ";", "，", ",")
"""Endings of texts that the source itself has cut off; they get an ellipsis."""


@lru_cache(maxsize=1)
def _formats() -> dict[str, dict[str, Any]]:
    data: dict[str, dict[str, Any]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return data


def form(language: str) -> dict[str, Any]:
    """The formats of a language; zh-Hant uses those of zh-Hans and is converted at the end."""
    return _formats()[language if language in ("yue", "en") else "zh"]


def limit(value: Limit | None, language: str) -> str | None:
    """A time limit in days."""
    if value is None:
        return None
    f = form(language)
    if value.days == 0:
        return str(f["at_once"])
    text = str(f[value.unit]).format(n=value.days)
    return text.replace("days", "day") if value.days == 1 else text


def numbered(items: list[str]) -> str:
    """Items one a line with numbers; a single item stands alone."""
    return items[0] if len(items) == 1 else "\n".join(f"{i}. {item}" for i, item in enumerate(items, 1))


def materials(record: ServiceRecord, language: str) -> str | None:
    """The documents to bring, one a line."""
    f = form(language)
    mark = {True: f["required"], False: f["optional"], None: ""}
    items = [
        ((m.name_en if language == "en" else None) or m.name) + mark[m.required] for m in record.materials
    ]
    return numbered(items) if items else None


def materials_short(record: ServiceRecord, language: str) -> str | None:
    """The first documents in one line."""
    f = form(language)
    names = [(m.name_en if language == "en" else None) or m.name for m in record.materials]
    if not names:
        return None
    text = str(f["comma"]).join(names[:3])
    return text if len(names) <= 3 else f"{text} {f['more'].format(n=len(names))}".strip()


def windows(record: ServiceRecord, language: str) -> str | None:
    """The addresses where the service is handled."""
    return numbered([w.address for w in record.windows]) if record.windows else None


def online(record: ServiceRecord, language: str) -> str | None:
    """Whether it can be done online, and where."""
    f = form(language)
    if record.online is None:
        return record.online_url
    if not record.online:
        return str(f["no"])
    return f"{f['yes']} {record.online_url}" if record.online_url else str(f["yes"])


def appointment(record: ServiceRecord, language: str) -> str | None:
    """Whether an appointment can be made, and where; a yes without an address helps nobody and is left out."""
    f = form(language)
    if record.appointment and record.appointment_url:
        return f"{f['yes']} {record.appointment_url}"
    return None if record.appointment or record.appointment is None else str(f["no"])


def yes_no(value: bool | None, language: str) -> str | None:
    """Yes or no, or None where it is not stated."""
    return None if value is None else str(form(language)["yes" if value else "no"])


def visits(record: ServiceRecord, language: str) -> str | None:
    """How often the applicant must come in person at most."""
    f = form(language)
    if record.visits is None:
        return None
    return str(f["visits_none"] if record.visits == 0 else f["visits"].format(n=record.visits))


def fees(record: ServiceRecord, language: str) -> str | None:
    """The fees in the source's words."""
    items = [(fee.text_en if language == "en" else None) or fee.text for fee in record.fees]
    return numbered(items) if items else None


def phones(record: ServiceRecord, kind: str, language: str) -> str | None:
    """The phone numbers of a kind (consult or complaint)."""
    numbers = [p.number for p in record.phones if p.kind == kind]
    return str(form(language)["comma"]).join(numbers) if numbers else None


def audience(record: ServiceRecord, language: str) -> str | None:
    """Who can apply; the catalogue's legal terms in everyday words."""
    f = form(language)
    return (
        str(f["comma"]).join(f["audience"].get(who, who) for who in record.audience)
        if record.audience
        else None
    )


def conditions(record: ServiceRecord, language: str) -> str | None:
    """The conditions in the source's words, cut at a sentence where they are very long."""
    text = (record.conditions_en if language == "en" else None) or record.conditions
    if text is None:
        return None
    if len(text) <= LONG:
        return f"{text}…" if text.endswith(CUT_OFF) else text
    cut = max(text.rfind(mark, 0, LONG) for mark in "。；;\n.")
    return text[: cut + 1 if cut > LONG // 2 else LONG] + "…"


def steps(record: ServiceRecord, language: str) -> str | None:
    """The steps, one a line."""
    items = list((record.steps_en if language == "en" else ()) or record.steps)
    return numbered(items) if items else None


def summary(record: ServiceRecord, language: str) -> str | None:
    """Our short description; in English the Chinese one is not used instead."""
    return record.summary.en if language == "en" else record.summary.zh


def hours(office: Office, language: str) -> str | None:
    """Opening hours by days of the week, ISO numbering (1 is Monday)."""
    f = form(language)
    by_days: dict[str, list[str]] = {}
    for span in office.hours or []:
        by_days.setdefault(span["days"], []).append(f"{span['opens']}-{span['closes']}")
    parts = [f"{f['days'].get(days, days)} {', '.join(times)}" for days, times in by_days.items()]
    return str(f["separator"]).join(parts) if parts else None


def has_han(text: str) -> bool:
    """Whether a text has Chinese characters."""
    return any("一" <= char <= "鿿" for char in text)

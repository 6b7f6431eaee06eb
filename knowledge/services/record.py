"""The content of a service as one immutable document, whatever it was imported from."""

import hashlib
import json
import re
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def printable(text: str) -> str:
    """The text itself; ValueError if it holds control characters or lone surrogates, which no database
    stores.
    """
    if CONTROL.search(text):
        raise ValueError("control characters are not allowed")
    return text


Printable = AfterValidator(printable)
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000), Printable]
Short = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500), Printable]
DepartmentName = Annotated[Short, StringConstraints(max_length=300)]
DepartmentCode = Annotated[Short, StringConstraints(max_length=80)]
Url = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^https?://\S+$", max_length=2_000)]


class Part(BaseModel):
    """Base of all parts of a record: immutable, and strict about unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Names(Part):
    """A text in the languages it is known in; zh-Hant is made from zh-Hans by conversion."""

    zh: Short
    en: Short | None = None


class Summary(Part):
    """A short description in our own words; either language may be missing."""

    zh: Text | None = None
    en: Text | None = None


class Limit(Part):
    """How long a step may take. ``days`` are working days or calendar days, as ``unit`` says; 0: at once."""

    days: int = Field(ge=0, le=10_000)
    unit: Literal["working_day", "day"] = "working_day"


class Material(Part):
    """A document to bring; ``required`` is None where the source does not say."""

    name: Text
    name_en: Short | None = None
    required: bool | None = None


class Window(Part):
    """Where a service is handled: as the source words it, and the Office it belongs to if that is known."""

    address: Text
    office: Short | None = None


class Phone(Part):
    """A phone number, as digits with area code and extension, and what it is for."""

    number: Short
    kind: Literal["consult", "complaint"] = "consult"


class Fee(Part):
    """A fee in the source's words; ``amount`` in yuan where it is one number (0: free of charge)."""

    text: Text
    text_en: Short | None = None
    amount: float | None = Field(None, ge=0, allow_inf_nan=False)


class ServiceRecord(Part):
    """A service with every fact that the assistant may state. None or an empty list means: the source does
    not say.
    """

    code: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z._:-]{3,80}$")]
    name: Names
    department: DepartmentName
    department_code: DepartmentCode | None = None
    kind: Short | None = None
    level: Literal["state", "province", "city", "district"] | None = None
    area: Short | None = None
    catalogue: Short | None = None
    themes: tuple[Short, ...] = ()
    audience: tuple[Short, ...] = ()
    summary: Summary = Summary()
    conditions: Text | None = None
    conditions_en: Text | None = None
    materials: tuple[Material, ...] = ()
    steps: tuple[Text, ...] = ()
    steps_en: tuple[Text, ...] = ()
    fees: tuple[Fee, ...] = ()
    statutory_limit: Limit | None = None
    promised_limit: Limit | None = None
    legal_basis: tuple[Text, ...] = ()
    online: bool | None = None
    online_url: Url | None = None
    appointment: bool | None = None
    appointment_url: Url | None = None
    courier: bool | None = None
    visits: int | None = Field(None, ge=0, le=50)
    platform: Short | None = None
    windows: tuple[Window, ...] = ()
    no_window: bool = False
    phones: tuple[Phone, ...] = ()
    aliases: tuple[Short, ...] = ()
    source_url: Url | None = None
    as_of: date
    valid_from: date | None = None
    valid_until: date | None = None

    def digest(self) -> str:
        """SHA-256 over the canonical JSON of the content: equal digests mean that nothing changed."""
        return hashlib.sha256(canonical(self).encode()).hexdigest()


def canonical(record: ServiceRecord) -> str:
    """The record as JSON with sorted keys and without empty fields."""
    data = record.model_dump(mode="json", exclude_defaults=True)
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

"""The wording in ``bot/domain``: rendered again to prove that a message is nothing but wording and facts."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

DOMAIN = Path(__file__).parents[2] / "bot" / "domain"
ABSENT = "∅"
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True)
class Variant:
    """One text of a response; ``language`` None is the default (Chinese)."""

    language: str | None
    text: str
    custom: dict[str, Any] = field(default_factory=dict)

    @property
    def placeholders(self) -> frozenset[str]:
        """Names of the facts that the text needs."""
        return frozenset(_PLACEHOLDER.findall(self.text))

    def render(self, facts: Mapping[str, str]) -> str:
        """The text with its facts; lines with an absent fact are left out (as ``bot.channel`` does)."""
        filled = _PLACEHOLDER.sub(lambda match: str(facts.get(match[1], match[0])), self.text)
        return "\n".join(line for line in filled.split("\n") if ABSENT not in line).strip()


@lru_cache(maxsize=1)
def _domain() -> tuple[dict[str, Any], ...]:
    return tuple(yaml.safe_load(file.read_text(encoding="utf-8")) for file in sorted(DOMAIN.glob("*.yml")))


@lru_cache(maxsize=1)
def intents() -> frozenset[str]:
    """Names of the intents of the domain: all that a button can mean."""
    return frozenset(
        next(iter(i)) if isinstance(i, dict) else str(i) for d in _domain() for i in d.get("intents") or ()
    )


@lru_cache(maxsize=1)
def responses() -> dict[str, tuple[Variant, ...]]:
    """All responses of the domain by name."""
    found: dict[str, tuple[Variant, ...]] = {}
    for data in _domain():
        for name, variants in (data.get("responses") or {}).items():
            found[name] = tuple(_variant(v) for v in variants)
    return found


def _variant(data: Mapping[str, Any]) -> Variant:
    conditions = data.get("condition") or []
    language = next((c["value"] for c in conditions if c.get("name") == "language"), None)
    return Variant(language, data.get("text", "").strip(), data.get("custom") or {})


def words(name: str, language: str) -> Variant:
    """The variant of a response for a language."""
    variants = responses()[name]
    return next((v for v in variants if v.language == language), variants[-1])


def proven(name: str | None, text: str, facts: Mapping[str, str], cited: bool) -> bool:
    """Whether a message is the wording ``name`` filled with ``facts``, and cites a record if it has any."""
    for variant in responses().get(name or "", ()):
        if variant.render(facts) == text.strip():
            return cited or not variant.placeholders
    return False

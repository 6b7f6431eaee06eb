"""One message as the actions see it."""

from dataclasses import dataclass, field
from typing import Any

SLOTS = ("service", "aspect", "place", "suggestions")


@dataclass(frozen=True)
class Turn:
    """The latest message with what is remembered of the conversation.

    ``entities``: codes by kind (service, department, place, office) in the order of the text; ``named``: the pieces
    of the text that named them. ``from_payload``: a button was pressed.
    """

    text: str
    intent: str
    confidence: float
    language: str
    from_payload: bool
    entities: dict[str, list[str]] = field(default_factory=dict)
    named: dict[str, list[str]] = field(default_factory=dict)
    service: str | None = None
    aspect: str | None = None
    place: str | None = None
    suggestions: tuple[str, ...] = ()

    @classmethod
    def of(cls, tracker: Any) -> "Turn":
        """Reads a rasa-sdk tracker. Slots that the bot lost in a restart come from the gateway's context."""
        message: dict[str, Any] = tracker.latest_message or {}
        text = message.get("text") or ""
        slots = {name: tracker.get_slot(name) for name in SLOTS}
        if not any(slots.values()):
            context = (message.get("metadata") or {}).get("context") or {}
            slots = {name: context.get(name) for name in SLOTS}
        entities: dict[str, list[str]] = {}
        named: dict[str, list[str]] = {}
        for entity in message.get("entities") or []:
            kind, value = entity.get("entity"), entity.get("value")
            if kind and isinstance(value, str) and value not in entities.setdefault(kind, []):
                entities[kind].append(value)
                named.setdefault(kind, []).append(text[entity.get("start") or 0 : entity.get("end") or 0])
        intent = message.get("intent") or {}
        return cls(
            text=text,
            intent=intent.get("name") or "nlu_fallback",
            confidence=float(intent.get("confidence") or 0.0),
            language=tracker.get_slot("language") or "zh-Hans",
            from_payload=text.startswith("/"),
            entities=entities,
            named=named,
            service=slots["service"],
            aspect=slots["aspect"],
            place=slots["place"],
            suggestions=tuple(slots["suggestions"] or ()),
        )

    def one(self, kind: str) -> str | None:
        """The last entity of a kind; people correct themselves at the end."""
        found = self.entities.get(kind)
        return found[-1] if found else None

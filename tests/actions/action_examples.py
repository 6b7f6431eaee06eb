"""Records, and turns as Rasa sends them to an action."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from connectors.gateway.wording import words
from knowledge.search.catalogue import Catalogue, Snapshot
from knowledge.search.decision import Decision, Hit
from knowledge.services.models import Department, Office, Place
from knowledge.services.record import Fee, Limit, Material, Names, Phone, ServiceRecord, Summary, Window
from knowledge.services.store import Published

DAY = date(2024, 1, 1)
POLICE = Department(
    code="D-1", name="广州市公安局", name_en="Public Security Bureau", phone="020-83116688",
    duties="户籍、交通", as_of=DAY,
    source_url="https://police.example.org/",
)  # fmt: skip
PLAIN = Department(code="D-2", name="某局")

FULL = ServiceRecord(
    code="FULL",
    name=Names(zh="居住证办理", en="Residence permit"),
    department="广州市公安局",
    audience=("自然人",),
    summary=Summary(zh="来穗人员办理居住证。", en="Residence permits for newcomers."),
    conditions="在本市居住半年以上",
    conditions_en="Six months of residence",
    materials=(
        Material(name="身份证", name_en="ID card", required=True),
        Material(name="照片", required=False),
    ),
    steps=("申请", "受理"),
    steps_en=("Apply", "Wait"),
    fees=(Fee(text="免费", text_en="free", amount=0),),
    statutory_limit=Limit(days=15),
    promised_limit=Limit(days=1),
    online=True,
    online_url="https://example.org/online",
    appointment=True,
    appointment_url="https://example.org/book",
    courier=True,
    visits=1,
    windows=(Window(address="华利路61号", office="hall-1"),),
    phones=(Phone(number="020-12345678"), Phone(number="12345", kind="complaint")),
    source_url="https://example.org/full",
    as_of=DAY,
)
BARE = ServiceRecord(code="BARE", name=Names(zh="养犬登记"), department="某局", as_of=DAY)
ONLINE = ServiceRecord(
    code="ONLINE", name=Names(zh="电子发票查询"), department="某局", no_window=True, online=True, as_of=DAY,
    online_url="https://example.org/invoice",
)  # fmt: skip
OTHER = FULL.model_copy(update={"code": "OTHER", "name": Names(zh="驾驶证换证", en="Licence renewal")})
EXPIRED = BARE.model_copy(update={"code": "EXPIRED", "valid_until": date(2020, 1, 1)})

HALL = Office(
    code="hall-1", name="天河区政务服务中心", name_en="Tianhe Government Service Centre", place="440106",
    address="软件路13号", hours=[{"days": "1-5", "opens": "09:00", "closes": "17:00"}],
    hours_note="节假日除外",
    phone="020-38622222", as_of=DAY,
)  # fmt: skip
UNDATED = Office(code="hall-2", name="某大厅", place="440106")
PLACES = (
    Place(
        code="440106",
        kind="district",
        name="天河区",
        name_en="Tianhe District",
        latitude=23.12,
        longitude=113.36,
    ),
    Place(
        code="440104",
        kind="district",
        name="越秀区",
        name_en="Yuexiu District",
        latitude=23.13,
        longitude=113.27,
    ),
    Place(code="440106001", kind="street", name="五山街道", parent="440106"),
)


class Known(Catalogue):
    """A catalogue of these records whose search is told what to decide."""

    def __init__(self, decisions: Mapping[str, Decision] | None = None) -> None:
        published = [
            Published(record, number, number, PLAIN if record.department == "某局" else POLICE)
            for number, record in enumerate((FULL, BARE, ONLINE, OTHER, EXPIRED), 1)
        ]
        self.snapshot = Snapshot(
            version=1,
            services={one.record.code: one for one in published},
            departments={one.code: one for one in (POLICE, PLAIN)},
            places={one.code: one for one in PLACES},
            offices={one.code: one for one in (HALL, UNDATED)},
            english={"BARE": "Dog registration"},
        )
        self.decisions = dict(decisions or {})
        self.asked: list[str] = []

    def search(self, text: str, today: date | None = None) -> Decision:
        """The decision for this text; to refuse if none was told."""
        self.asked.append(text)
        return self.decisions.get(text, Decision("refuse", (), 0.0, 0.0))


def decided(kind: str, *codes: str, right: float = 0.9, scope: float = 0.9) -> Decision:
    """A decision with hits of these codes."""
    hits = tuple(Hit(code, 1.0 - i / 10, 0.8, 0.7) for i, code in enumerate(codes))
    return Decision(kind, hits, right, scope)  # type: ignore[arg-type]


@dataclass
class Said:
    """What an action said: each message as the dispatcher collected it, and the slots it set."""

    messages: list[dict[str, Any]]
    slots: dict[str, Any]
    language: str
    events: list[dict[str, Any]] = field(default_factory=list)

    @property
    def one(self) -> dict[str, Any]:
        """The only message."""
        (message,) = self.messages
        return message

    @property
    def response(self) -> str:
        """Name of the wording of the only message."""
        return str(self.one["response"])

    @property
    def custom(self) -> dict[str, Any]:
        """The data of the only message."""
        return dict(self.one["custom"])

    @property
    def text(self) -> str:
        """The only message as a citizen reads it."""
        return words(self.response, self.language).render(self.custom["facts"])

    @property
    def cited(self) -> list[str]:
        """Codes of the records cited."""
        return [citation["code"] for citation in self.custom["citations"]]


def tracker(
    text: str,
    intent: str = "ask_service",
    *,
    language: str | None = "zh-Hans",
    entities: tuple[tuple[str, str, str], ...] = (),
    slots: Mapping[str, Any] | None = None,
    context: Mapping[str, Any] | None = None,
    confidence: float = 0.9,
) -> Tracker:
    """A tracker after a message; ``entities``: kind, value and the piece of text that names it."""
    found = [
        {
            "entity": kind,
            "value": value,
            "start": max(text.find(piece), 0),
            "end": max(text.find(piece), 0) + len(piece),
        }
        for kind, value, piece in entities
    ]
    latest = {
        "text": text,
        "intent": {"name": intent, "confidence": confidence},
        "entities": found,
        "metadata": {"context": dict(context or {})},
    }
    state = {
        "sender_id": "x",
        "slots": {"language": language, **(slots or {})},
        "latest_message": latest,
        "events": [],
        "paused": False,
        "followup_action": None,
        "active_loop": {},
        "latest_action_name": None,
    }
    return Tracker.from_dict(state)


async def say(action: Action, given: Tracker) -> Said:
    """Runs an action."""
    dispatcher = CollectingDispatcher()
    events = list(await action.run(dispatcher, given, {}))  # type: ignore[misc]
    slots = {event["name"]: event["value"] for event in events if event["event"] == "slot"}
    return Said(dispatcher.messages, slots, given.get_slot("language") or "zh-Hans", events)

"""What the bot remembers is bounded in number, age and length, and is enough for the next turn."""

from __future__ import annotations

import asyncio

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot import tracker as store_module
from bot.tracker import BoundedTrackerStore

DOMAIN = Domain.load("bot/domain")


def store(**options: int) -> BoundedTrackerStore:
    return BoundedTrackerStore(DOMAIN, **options)


def tracker(sender: str, *turns: str) -> DialogueStateTracker:
    """A conversation with a message, an action and an answer for each turn."""
    made = DialogueStateTracker.from_events(sender, [], DOMAIN.slots)
    for text in turns:
        made.update(UserUttered(text, {"name": "ask_service", "confidence": 1.0}))
        made.update(ActionExecuted("action_services_answer"))
        made.update(BotUttered(f"about {text}"))
        made.update(ActionExecuted("action_listen"))
    return made


def said(made: DialogueStateTracker) -> list[str]:
    return [event.text for event in made.events if isinstance(event, UserUttered)]


async def test_an_unknown_conversation_is_none() -> None:
    assert await store().retrieve("nobody") is None


async def test_slots_survive_and_only_two_turns_are_kept() -> None:
    kept = store()
    made = tracker("a", "one", "two", "three", "four")
    made.update(SlotSet("service", "S1"))
    made.update(SlotSet("suggestions", ["S1", "S2"]))
    await kept.save(made)
    found = await kept.retrieve("a")
    assert found is not None
    assert said(found) == ["three", "four"]
    assert found.get_slot("service") == "S1"
    assert found.get_slot("suggestions") == ["S1", "S2"]
    assert found.latest_message is not None
    assert found.latest_message.text == "four"


async def test_a_long_conversation_does_not_grow() -> None:
    kept = store()
    made = tracker("a", "start")
    sizes = []
    for number in range(30):
        made.update(UserUttered(f"turn {number}", {"name": "ask_service", "confidence": 1.0}))
        made.update(ActionExecuted("action_services_answer"))
        made.update(ActionExecuted("action_listen"))
        await kept.save(made)
        found = await kept.retrieve("a")
        assert found is not None
        made = found
        sizes.append(len(made.events))
    assert sizes[5] == sizes[-1] < 15
    assert said(made) == ["turn 28", "turn 29"]


async def test_a_conversation_of_slots_alone_is_kept() -> None:
    kept = store()
    made = tracker("a")
    made.update(SlotSet("place", "440106"))
    await kept.save(made)
    found = await kept.retrieve("a")
    assert found is not None
    assert found.get_slot("place") == "440106"


async def test_the_least_recent_conversations_give_way() -> None:
    kept = store(limit=3)
    for sender in "abc":
        await kept.save(tracker(sender, "hello"))
    await kept.save(tracker("a", "again"))
    await kept.save(tracker("d", "hello"))
    assert list(await kept.keys()) == ["c", "a", "d"]


async def test_silence_ends_a_conversation(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = store(minutes=60)
    now = store_module.time.monotonic()
    await kept.save(tracker("a", "hello"))
    monkeypatch.setattr(store_module.time, "monotonic", lambda: now + 59 * 60)
    assert await kept.retrieve("a") is not None
    monkeypatch.setattr(store_module.time, "monotonic", lambda: now + 61 * 60)
    assert await kept.retrieve("a") is None
    await kept.save(tracker("b", "hello"))
    assert list(await kept.keys()) == ["b"]


async def test_conversations_do_not_mix() -> None:
    kept = store()

    async def talk(sender: str) -> None:
        for number in range(5):
            made = await kept.retrieve(sender) or tracker(sender)
            made.update(UserUttered(f"{sender} {number}", {"name": "greet", "confidence": 1.0}))
            made.update(SlotSet("service", sender))
            await asyncio.sleep(0)
            await kept.save(made)

    await asyncio.gather(*(talk(f"citizen {n}") for n in range(20)))
    for number in range(20):
        found = await kept.retrieve(f"citizen {number}")
        assert found is not None
        assert said(found) == [f"citizen {number} 3", f"citizen {number} 4"]
        assert found.get_slot("service") == f"citizen {number}"


async def test_what_is_read_is_a_copy() -> None:
    kept = store()
    await kept.save(tracker("a", "hello"))
    first = await kept.retrieve("a")
    assert first is not None
    first.update(SlotSet("service", "never saved"))
    second = await kept.retrieve("a")
    assert second is not None
    assert second.get_slot("service") is None

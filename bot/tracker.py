"""Conversations in the memory of one bot process, bounded in number, age and length."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.events import ActionExecuted, Event, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

TURNS = 2


class BoundedTrackerStore(TrackerStore):
    """Keeps the slots and the last two turns of the most recent conversations.

    ``limit``: conversations kept; ``minutes``: of silence after which one is dropped. The app keeps the
    context of a conversation too, and sends it along, so that neither bound nor a restart makes the assistant
    forget the topic.
    """

    def __init__(
        self, domain: Any, event_broker: Any = None, limit: int = 20_000, minutes: int = 60, **kwargs: Any
    ):
        self._kept: OrderedDict[str, tuple[float, dict[str, Any], list[Event]]] = OrderedDict()
        self._limit, self._seconds = int(limit), 60 * int(minutes)
        super().__init__(domain, event_broker, **kwargs)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Keeps what the next turn needs."""
        await self.stream_events(tracker)
        events = list(tracker.events)
        said = [i for i, event in enumerate(events) if isinstance(event, UserUttered)]
        recent = events[said[-TURNS] :] if len(said) >= TURNS else events[said[0] :] if said else []
        slots = {name: slot.value for name, slot in tracker.slots.items() if slot.value is not None}
        self._kept[tracker.sender_id] = (time.monotonic(), slots, recent)
        self._kept.move_to_end(tracker.sender_id)
        oldest = time.monotonic() - self._seconds
        while self._kept and (len(self._kept) > self._limit or next(iter(self._kept.values()))[0] < oldest):
            self._kept.popitem(last=False)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """Rebuilds the tracker of a conversation; None if it is not kept."""
        kept = self._kept.get(sender_id)
        if kept is None:
            return None
        when, slots, recent = kept
        if when < time.monotonic() - self._seconds:
            del self._kept[sender_id]
            return None
        now = time.time()
        start: list[Event] = [
            ActionExecuted(ACTION_SESSION_START_NAME, timestamp=now),
            SessionStarted(timestamp=now),
        ]
        start += [SlotSet(name, value, timestamp=now) for name, value in slots.items()]
        start.append(ActionExecuted(ACTION_LISTEN_NAME, timestamp=now))
        return DialogueStateTracker.from_events(
            sender_id, start + recent, self.domain.slots, sender_source=None, domain=self.domain
        )

    async def keys(self) -> Iterable[str]:
        """Ids of the conversations kept."""
        return list(self._kept)

"""Finds the names of services, departments, places and offices, as the database has them at this moment."""

from __future__ import annotations

import json
import logging
import os
import threading
import time
import urllib.error
import urllib.request
from http import HTTPStatus
from http.client import HTTPException
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.components.script import FOLDED

logger = logging.getLogger(__name__)
TIMEOUT = 5.0
STEP = 32
"""Names added at a time, some two milliseconds' work."""
PAUSE = 0.001
EAGER = 0.2
"""Seconds between polls until the first names have come: at start the app may be a moment later than the bot."""
FORGOTTEN = 1000
"""Names that are gone stay in the matcher, passed over, until they are this many more than those in use."""


class Names:
    """A spaCy phrase matcher over folded names, which change as a whole while messages are being read.

    ``loaded``: how many names the latest replacement in this process had; the channel's health page tells it.
    """

    loaded = 0

    def __init__(self) -> None:
        import spacy

        self._nlp = spacy.blank("zh")  # splits into characters: no model, no dictionary
        self._lock = threading.Lock()  # spaCy's vocabulary grows with each text that it reads
        self._matcher: Any = None
        self._known: set[str] = set()
        self._entries: dict[str, list[dict[str, str]]] = {}

    def replace(self, entries: list[dict[str, str]]) -> None:
        """Takes new entries: ``entity``, ``value`` (a code) and ``text`` (a folded name).

        Only names that are new cost time, and that is spent in small steps with pauses for messages between
        them. The old names answer until the last step.
        """
        from spacy.matcher import PhraseMatcher

        found: dict[str, list[dict[str, str]]] = {}
        for entry in entries:
            found.setdefault(entry["text"], []).append(entry)
        matcher, known = self._matcher, self._known
        if matcher is None or len(known) > FORGOTTEN + 2 * len(found):
            matcher, known = PhraseMatcher(self._nlp.vocab), set()
        new = [text for text in found if text and text not in known]
        for start in range(0, len(new), STEP):
            with self._lock:
                matcher.add("name", list(self._nlp.tokenizer.pipe(new[start : start + STEP])))
            time.sleep(PAUSE)
        self._entries, self._matcher, self._known = found, matcher, known.union(new)
        Names.loaded = len(found)

    def find(self, text: str) -> list[dict[str, Any]]:
        """The longest names in a folded text, from left to right, without overlaps."""
        from spacy.util import filter_spans

        if self._matcher is None or not text:
            return []
        entries = self._entries
        with self._lock:
            spans = self._matcher(self._nlp.make_doc(text), as_spans=True)
            spans = filter_spans([span for span in spans if span.text in entries and _whole_word(text, span)])
        return [
            {
                "entity": entry["entity"],
                "value": entry["value"],
                "start": span.start_char,
                "end": span.end_char,
                "extractor": "Gazetteer",
            }
            for span in spans
            for entry in entries[span.text]
        ]


def _whole_word(text: str, span: Any) -> bool:
    """False where a Latin name is only a part of a longer word."""
    before = text[span.start_char - 1 : span.start_char]
    after = text[span.end_char : span.end_char + 1]
    inside = span.text
    return not (
        (inside[0].isascii() and before.isascii() and before.isalnum())
        or (inside[-1].isascii() and after.isascii() and after.isalnum())
    )


class Feed(threading.Thread):
    """Polls the names over HTTP with an ETag; a feed that is down leaves the last names in use."""

    def __init__(self, url: str, interval: float, names: Names) -> None:
        super().__init__(name="gazetteer", daemon=True)
        self._url, self._interval, self._names = url, interval, names
        self._etag = ""
        self._trouble = ""

    def run(self) -> None:
        """Polls for as long as the process lives."""
        while True:
            self.poll()
            time.sleep(self._interval if self._etag else min(self._interval, EAGER))

    def poll(self) -> bool:
        """One request; True if new names were taken. Trouble is logged when it begins, not at every poll."""
        taken, trouble = False, ""
        try:
            taken = self._take()
        except urllib.error.HTTPError as error:
            trouble = "" if error.code == HTTPStatus.NOT_MODIFIED else f"the app answered {error.code}"
        except (OSError, HTTPException, ValueError, KeyError, TypeError) as error:
            trouble = str(error) or type(error).__name__
        if trouble and trouble != self._trouble:
            logger.warning("gazetteer: %s; the last names stay in use", trouble)
        self._trouble = trouble
        return taken

    def _take(self) -> bool:
        request = urllib.request.Request(self._url)
        if self._etag:
            request.add_header("If-None-Match", self._etag)
        token = os.environ.get("SUIWEN_ACTION_TOKEN")
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
            entries = json.load(answer)["entries"]
            self._names.replace(entries)
            self._etag = answer.headers.get("ETag", "")
        logger.info("gazetteer: %d names", len(entries))
        return True


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class Gazetteer(GraphComponent, EntityExtractorMixin):
    """Entities ``service``, ``department``, ``place`` and ``office`` with the record's code as value.

    Configuration: ``url`` of the app's gazetteer (empty: no names), ``interval`` in seconds between polls.
    """

    @staticmethod
    def required_packages() -> list[str]:
        """Packages that must be importable."""
        return ["spacy"]

    def __init__(self, names: Names) -> None:
        self._names = names

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Gazetteer:
        """Creates the component and starts to watch the names."""
        names = Names()
        url = os.environ.get("SUIWEN_GAZETTEER_URL", "")
        if url and not execution_context.is_finetuning:
            Feed(url, float(config.get("interval", 2)), names).start()
        return cls(names)

    def process(self, messages: list[Message]) -> list[Message]:
        """Adds the names found in messages."""
        for message in messages:
            if message.get(TEXT, "").startswith("/"):
                continue
            found = self._names.find(message.get(FOLDED) or "")
            if found:
                message.set(ENTITIES, [*(message.get(ENTITIES) or []), *found], add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Training needs no names."""
        return training_data

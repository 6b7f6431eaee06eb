"""Finds the names of services, departments, places and offices, as the database has them at this moment."""

from __future__ import annotations

import json
import logging
import os
import threading
import time
import urllib.error
import urllib.request
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


class Names:
    """A spaCy phrase matcher over folded names, replaced as a whole when the database changed."""

    def __init__(self) -> None:
        import spacy

        self._nlp = spacy.blank("zh")  # splits into characters: no model, no dictionary
        self._matcher: Any = None
        self._entries: dict[str, list[dict[str, str]]] = {}

    def replace(self, entries: list[dict[str, str]]) -> None:
        """Takes new entries: ``entity``, ``value`` (a code) and ``text`` (a folded name)."""
        from spacy.matcher import PhraseMatcher

        found: dict[str, list[dict[str, str]]] = {}
        for entry in entries:
            found.setdefault(entry["text"], []).append(entry)
        matcher = PhraseMatcher(self._nlp.vocab)
        matcher.add("name", list(self._nlp.tokenizer.pipe(found)))
        self._entries, self._matcher = found, matcher

    def find(self, text: str) -> list[dict[str, Any]]:
        """The longest names in a folded text, from left to right, without overlaps."""
        from spacy.util import filter_spans

        if self._matcher is None or not text:
            return []
        document = self._nlp.make_doc(text)
        spans = filter_spans([span for span in self._matcher(document, as_spans=True) if _whole_word(text, span)])
        return [
            {
                "entity": entry["entity"],
                "value": entry["value"],
                "start": span.start_char,
                "end": span.end_char,
                "extractor": "Gazetteer",
            }
            for span in spans
            for entry in self._entries.get(span.text, [])
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

    def run(self) -> None:
        while True:
            self.poll()
            time.sleep(self._interval)

    def poll(self) -> bool:
        """One request; True if new names were taken."""
        request = urllib.request.Request(self._url, headers={"If-None-Match": self._etag} if self._etag else {})
        token = os.environ.get("SUIWEN_ACTION_TOKEN")
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
                entries = json.load(answer)["entries"]
                self._names.replace(entries)
                self._etag = answer.headers.get("ETag", "")
                logger.info("gazetteer: %d names", len(entries))
                return True
        except urllib.error.HTTPError as error:
            if error.code != 304:
                logger.warning("gazetteer: the app answered %s", error.code)
        except (OSError, ValueError, KeyError) as error:
            logger.debug("gazetteer: %s", error)
        return False


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

"""Folds the script of a message for understanding and tells in which language to reply."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

import bot.walk  # noqa: F401  `rasa test` loads the pipeline before it looks for stories
from knowledge.text.language import LANGUAGES, detect
from knowledge.text.script import fold

FOLDED = "folded_text"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class ScriptFolder(GraphComponent):
    """Sets ``folded_text`` (half-width, lower case, simplified) and an entity ``language`` (the whole text).

    A message may carry the metadata ``language`` (the citizen chose one) and ``previous_language`` (decides
    where a text could be either script).
    """

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> ScriptFolder:
        """Creates the component (see Rasa's GraphComponent)."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Adds the folded text and the language to messages."""
        for message in messages:
            text = message.get(TEXT) or ""
            message.set(FOLDED, fold(text))
            metadata = message.get("metadata") or {}
            language = metadata.get("language")
            if language not in LANGUAGES:
                language = detect(text, metadata.get("previous_language"))
            if language and not text.startswith("/"):
                entity = {"entity": "language", "value": language, "start": 0, "end": len(text)}
                entity["extractor"] = type(self).__name__
                message.set(ENTITIES, [*(message.get(ENTITIES) or []), entity], add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Folds the training examples; they get no language entity."""
        for example in training_data.training_examples:
            example.set(FOLDED, fold(example.get(TEXT) or ""))
        return training_data

"""Dense sentence features of the multilingual encoder."""

from __future__ import annotations

from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from knowledge.search.encoder import encode, encode_one, warm_up
from nlu.components.script import FOLDED


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class EncoderFeaturizer(Featurizer, GraphComponent):
    """Adds the sentence vector (512 float32, unit length) of the folded text as a dense sentence feature."""

    @staticmethod
    def required_packages() -> list[str]:
        """Packages that must be importable and installed under the same name."""
        return ["numpy"]

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> EncoderFeaturizer:
        """Creates the component and loads the encoder's weights."""
        warm_up()
        return cls(execution_context.node_name, config)

    def _add(self, message: Message, vector: np.ndarray) -> None:
        message.add_features(
            Features(
                vector.reshape(1, -1), FEATURE_TYPE_SENTENCE, TEXT, self._identifier or "EncoderFeaturizer"
            )
        )

    def process(self, messages: list[Message]) -> list[Message]:
        """Adds features to messages at run time."""
        for message in messages:
            if message.get(FOLDED):
                self._add(message, encode_one(message.get(FOLDED)))
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Adds features to all examples, encoded in batches."""
        examples = [example for example in training_data.training_examples if example.get(FOLDED)]
        for example, vector in zip(examples, encode([e.get(FOLDED) for e in examples]), strict=True):
            self._add(example, vector)
        return training_data

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """There is nothing to configure."""

"""An intent classifier whose confidence means what it says."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from knowledge.search.encoder import DIMENSIONS
from nlu.components.kernel import Machine, softmax
from nlu.components.lexical import buckets
from nlu.components.script import FOLDED

RANKING = 5


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class CalibratedClassifier(IntentClassifier, GraphComponent):
    """A kernel machine over the sentence vector and hashed n-grams, with a fitted temperature.

    Configuration: ``degree`` (power of the vectors' cosine), ``share`` (of the n-grams beside the vectors),
    ``buckets`` (for the n-grams), ``ridge`` (regularisation), ``folds`` (held out to fit the temperature, so
    that a confidence of 0.8 is right in 80 of 100 cases), ``fallback`` (below it the intent is nlu_fallback).
    """

    @classmethod
    def required_components(cls) -> list[type]:
        """A featurizer must come before."""
        return [Featurizer]

    @staticmethod
    def required_packages() -> list[str]:
        """Packages needed for training."""
        return ["scipy"]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Defaults of the configuration."""
        return {"degree": 4, "share": 0.5, "buckets": 16384, "ridge": 0.1, "folds": 5, "fallback": 0.35}

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        self.config = {**self.get_default_config(), **config}
        self._storage = model_storage
        self._resource = resource
        self._labels: list[str] = []
        self._machine: Machine | None = None
        self._temperature = 1.0

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> CalibratedClassifier:
        """Creates an untrained classifier."""
        return cls(config, model_storage, resource)

    def _words(self, message: Message) -> np.ndarray:
        return buckets(message.get(FOLDED) or "", int(self.config["buckets"]))

    def train(self, training_data: TrainingData) -> Resource:
        """Fits the machine, then the temperature on held-out scores."""
        from nlu.components.fitting import fit, fit_temperature, rows

        examples = _distinct(training_data)
        if not examples:
            return self._resource
        names = [example.get(INTENT) for example in examples]
        self._labels = sorted(set(names))
        truth = np.searchsorted(self._labels, names)
        words = rows([self._words(example) for example in examples], int(self.config["buckets"]))
        options = {name: self.config[name] for name in ("degree", "share", "ridge", "folds")}
        self._machine, held_out = fit(np.stack([_vector(e) for e in examples]), words, truth, **options)
        self._temperature = fit_temperature(held_out, truth)
        self.persist()
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Sets intent and ranking; an uncertain message gets nlu_fallback with the best guesses behind it."""
        for message in messages:
            if self._machine is None or not message.get(FOLDED):
                continue
            scores = self._machine.scores(_vector(message), self._words(message))
            probabilities = softmax(scores / self._temperature)
            best = np.argsort(-probabilities)[:RANKING]
            ranking = [{"name": self._labels[i], "confidence": float(probabilities[i])} for i in best]
            if ranking[0]["confidence"] < self.config["fallback"]:
                ranking.insert(
                    0, {"name": DEFAULT_NLU_FALLBACK_INTENT_NAME, "confidence": 1 - ranking[0]["confidence"]}
                )
            message.set("intent", ranking[0], add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
        return messages

    def persist(self) -> None:
        """Writes machine, labels and temperature to the model."""
        if self._machine is None:
            return
        with self._storage.write_to(self._resource) as folder:
            self._machine.save(folder / "machine.npz")
            rest = {"labels": self._labels, "temperature": self._temperature}
            (folder / "classifier.json").write_text(json.dumps(rest), "utf-8")

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> CalibratedClassifier:
        """Reads a trained classifier."""
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            rest = json.loads((folder / "classifier.json").read_text("utf-8"))
            component._labels, component._temperature = rest["labels"], rest["temperature"]
            component._machine = Machine.load(folder / "machine.npz")
        return component

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Nothing downstream needs predictions on training data."""
        return training_data

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Refuses values that cannot work."""
        if not 0 <= float(config.get("fallback", 0.35)) < 1:
            raise ValueError("CalibratedClassifier: fallback must lie in [0, 1)")


def _vector(message: Message) -> np.ndarray:
    _, sentence = message.get_dense_features(TEXT)
    return sentence.features[0] if sentence else np.zeros(DIMENSIONS, dtype=np.float32)


def _distinct(training_data: TrainingData) -> list[Message]:
    """Examples of intents, once each: many are the same in both scripts."""
    found = {
        (e.get(FOLDED), e.get(INTENT)): e
        for e in training_data.intent_examples
        if e.get(FOLDED) and e.get(INTENT)
    }
    return list(found.values())

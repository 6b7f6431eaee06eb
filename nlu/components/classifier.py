"""An intent classifier whose confidence means what it says."""

from __future__ import annotations

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

from knowledge.text.grams import bag
from nlu.components.script import FOLDED

RANKING = 5
BUCKETS = 4096


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class CalibratedClassifier(IntentClassifier, GraphComponent):
    """Logistic regression over the sentence vector and hashed character n-grams, with a fitted temperature.

    Configuration: ``C`` (inverse regularisation), ``folds`` (of the cross-validation that fits the temperature, so
    that a confidence of 0.8 is right in 80 of 100 cases), ``fallback`` (below it the intent is nlu_fallback),
    ``gram_weight`` (of the n-grams beside the vector).
    """

    @classmethod
    def required_components(cls) -> list[type]:
        """A featurizer must come before."""
        return [Featurizer]

    @staticmethod
    def required_packages() -> list[str]:
        """Packages needed for training."""
        return ["sklearn"]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Defaults of the configuration."""
        return {"C": 8.0, "folds": 3, "fallback": 0.35, "gram_weight": 0.6, "random_state": 7}

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        self.config = {**self.get_default_config(), **config}
        self._storage = model_storage
        self._resource = resource
        self._labels: list[str] = []
        self._weights = np.zeros((0, 0), dtype=np.float32)
        self._bias = np.zeros(0, dtype=np.float32)
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

    def _features(self, message: Message) -> np.ndarray:
        _, sentence = message.get_dense_features(TEXT)
        dense = sentence.features[0] if sentence else np.zeros(512, dtype=np.float32)
        row = np.zeros(len(dense) + BUCKETS, dtype=np.float32)
        row[: len(dense)] = dense
        buckets = bag(message.get(FOLDED) or "", BUCKETS)
        if len(buckets):
            row[len(dense) + buckets] = self.config["gram_weight"] / np.sqrt(len(buckets))
        return row

    def train(self, training_data: TrainingData) -> Resource:
        """Fits weights, then the temperature on held-out folds."""
        from scipy.sparse import csr_matrix
        from sklearn.linear_model import LogisticRegression
        from sklearn.model_selection import cross_val_predict

        examples = [e for e in training_data.intent_examples if e.get(TEXT) and e.get(INTENT)]
        if not examples:
            return self._resource
        rows = csr_matrix(np.stack([self._features(e) for e in examples]))
        labels = [e.get(INTENT) for e in examples]
        model = LogisticRegression(
            C=self.config["C"], max_iter=60, tol=1e-3, class_weight="balanced", random_state=self.config["random_state"]
        )
        scores = cross_val_predict(model, rows, labels, cv=self.config["folds"], method="decision_function")
        model.fit(rows, labels)
        self._labels = list(model.classes_)
        self._weights = np.ascontiguousarray(model.coef_.T, dtype=np.float32)
        self._bias = model.intercept_.astype(np.float32)
        self._temperature = _fit_temperature(scores, np.searchsorted(model.classes_, labels))
        self.persist()
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Sets intent and ranking; an uncertain message gets nlu_fallback with the best guesses behind it."""
        for message in messages:
            if not self._labels or not message.get(TEXT):
                continue
            logits = (self._features(message) @ self._weights + self._bias) / self._temperature
            probabilities = _softmax(logits)
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
        """Writes labels, weights and temperature to the model."""
        with self._storage.write_to(self._resource) as folder:
            np.savez_compressed(
                folder / "classifier.npz",
                labels=np.array(self._labels),
                weights=self._weights.astype(np.float16),
                bias=self._bias,
                temperature=np.float32(self._temperature),
            )

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
            data = np.load(folder / "classifier.npz", allow_pickle=False)
            component._labels = [str(label) for label in data["labels"]]
            component._weights = data["weights"].astype(np.float32)
            component._bias = data["bias"]
            component._temperature = float(data["temperature"])
        return component

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Nothing downstream needs predictions on training data."""
        return training_data

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Refuses values that cannot work."""
        if not 0 <= float(config.get("fallback", 0.35)) < 1:
            raise ValueError("CalibratedClassifier: fallback must lie in [0, 1)")


def _softmax(logits: np.ndarray) -> np.ndarray:
    exponentials = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


def _fit_temperature(scores: np.ndarray, truth: np.ndarray) -> float:
    """The temperature with the least log loss on held-out scores (Guo et al. 2017, by grid)."""
    grid = np.geomspace(0.2, 3.0, 40)
    rows = np.arange(len(truth))
    losses = [-np.log(_softmax(scores / t)[rows, truth] + 1e-12).mean() for t in grid]
    return float(grid[int(np.argmin(losses))])

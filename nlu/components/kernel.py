"""A kernel machine: scores a message by how like it is to each example, in vectors and in words.

Two texts are alike if their sentence vectors are (a power of the cosine, so that the near ones count) or if
they share words (the cosine of hashed n-grams, which is linear and therefore collapses into one weight a
bucket). Fitting is in ``nlu.components.fitting``; this half needs numpy alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np


@dataclass
class Machine:
    """A fitted machine: ``vectors`` and ``alpha`` have a row an example, ``words`` a row a bucket."""

    vectors: np.ndarray
    alpha: np.ndarray
    words: np.ndarray
    degree: int

    def scores(self, vector: np.ndarray, buckets: np.ndarray) -> np.ndarray:
        """A score for each label: near 1 for the right one, near -1 for the others."""
        near = ((1 + self.vectors @ vector) / 2) ** self.degree
        scores: np.ndarray = near @ self.alpha
        if len(buckets):
            scores = scores + self.words[buckets].sum(axis=0) / np.sqrt(len(buckets))
        return scores

    def save(self, file: Path) -> None:
        """Writes the machine in half precision."""
        half = {name: getattr(self, name).astype(np.float16) for name in ("vectors", "alpha", "words")}
        np.savez_compressed(file, degree=self.degree, **half)

    @classmethod
    def load(cls, file: Path) -> Machine:
        """Reads what ``save`` wrote."""
        with np.load(file, allow_pickle=False) as data:
            single = {name: data[name].astype(np.float32) for name in ("vectors", "alpha", "words")}
            return cls(degree=int(data["degree"]), **single)


def softmax(scores: np.ndarray) -> np.ndarray:
    """Probabilities of scores, over the last axis."""
    exponentials = np.exp(scores - scores.max(axis=-1, keepdims=True))
    probabilities: np.ndarray = exponentials / exponentials.sum(axis=-1, keepdims=True)
    return probabilities

"""The trained part of the search: a projection of sentence vector and n-grams into one space, and decisions.

The file ``model.npz`` is made by ``make train-search`` (``knowledge.search.training``) and kept in the repository:
``vector`` (512 x d) and ``gram`` (buckets x d) project, ``mean`` centres the sentence vector, ``idf`` weighs the
buckets, ``topic`` (512 + buckets + 1) tells public services from anything else, ``rank`` weighs the features of
``rank``, ``answer`` and ``scope`` are the regressions of ``decision``.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.search import rank
from knowledge.search.encoder import encode_one
from knowledge.text.grams import bucket, grams
from knowledge.text.script import fold

FILE = Path(__file__).with_name("model.npz")
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Model:
    """Weights of the search. All arrays are float32; see the module's docstring."""

    mean: Floats
    vector: Floats
    gram: Floats
    idf: Floats
    gram_weight: float
    topic: Floats
    rank: Floats
    answer: Floats
    scope: Floats

    @property
    def dimensions(self) -> int:
        """Length of a projected vector."""
        return int(self.vector.shape[1])

    def weights(self, tokens: list[str]) -> tuple[NDArray[np.int64], Floats]:
        """Buckets of the distinct tokens and their weights, scaled so that the bag has length ``gram_weight``."""
        found = np.array(sorted({bucket(t, len(self.idf)) for t in tokens}), dtype=np.int64)
        weights = self.idf[found]
        length = float(np.sqrt((weights**2).sum()))
        return found, weights * np.float32(self.gram_weight / length) if length else weights

    def project(self, vectors: Floats, tokens: list[list[str]]) -> Floats:
        """Unit vectors, shape (n, d), of phrases with these sentence vectors and tokens."""
        out = (vectors - self.mean) @ self.vector
        for row, words in enumerate(tokens):
            found, weights = self.weights(words)
            if len(found):
                out[row] += weights @ self.gram[found]
        return np.asarray(
            out / np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-6), dtype=np.float32
        )

    def query(self, text: str) -> tuple[Floats, float]:
        """The unit vector of a question, and the log odds that it is about public services at all."""
        folded = fold(text)
        vector, tokens = encode_one(folded), grams(folded)
        found, weights = self.weights(tokens)
        size = len(self.mean)
        odds = (vector - self.mean) @ self.topic[:size] + weights @ self.topic[size + found] + self.topic[-1]
        return self.project(vector[None, :], [tokens])[0], float(odds)


@lru_cache(maxsize=1)
def load(path: Path = FILE) -> Model:
    """The model in the repository (read once). Raises ValueError if it does not fit the markers."""
    with np.load(path, allow_pickle=False) as data:
        if list(data["features"]) != rank.names():
            raise ValueError(f"{path.name} was trained with other markers: run make train-search")
        names = [name for name in data.files if name != "features"]
        fields: dict[str, Any] = {name: data[name].astype(np.float32) for name in names}
    return Model(**{**fields, "gram_weight": float(fields["gram_weight"])})

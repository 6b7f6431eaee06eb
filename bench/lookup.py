"""How long a look-up takes, ours against TF-IDF over character n-grams, in a catalogue of any size."""

import gc
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from bench.machine import quantile
from knowledge.search.catalogue import CANDIDATES
from knowledge.search.decision import decide
from knowledge.search.encoder import encode_one
from knowledge.search.index import Index
from knowledge.text.script import fold

ANALYZER, GRAMS = "char_wb", (1, 2)
"""Character n-grams of TF-IDF: of both analyzers and lengths 1-2, 1-3, 2-3, 2-4 what is best on known questions."""


class Tfidf:
    """What a user would pick instead: scikit-learn's TF-IDF over character n-grams, the best phrase wins."""

    def __init__(self, texts: Sequence[str], codes: Sequence[str]):
        from sklearn.feature_extraction.text import TfidfVectorizer

        self._vectorizer = TfidfVectorizer(
            analyzer=ANALYZER, ngram_range=GRAMS, sublinear_tf=True, dtype=np.float32
        )
        self._matrix = self._vectorizer.fit_transform([fold(text) for text in texts]).tocsr()
        self._codes = np.array(codes)

    @classmethod
    def over(cls, index: Index, sources: Sequence[str] | None = None) -> "Tfidf":
        """Over the phrases of an index, or those of some sources."""
        kept = [p for p in index.phrases if sources is None or p.source in sources]
        return cls([p.text for p in kept], [p.code for p in kept])

    def scores(self, texts: Sequence[str]) -> Any:
        """Similarity of each text (row) with each phrase (column), sparse."""
        return (self._vectorizer.transform([fold(text) for text in texts]) @ self._matrix.T).tocsr()

    def best(self, text: str) -> tuple[str, float]:
        """The code of the best phrase and its similarity."""
        row = self.scores([text])
        if not row.nnz:
            return "", 0.0
        at = int(row.data.argmax())
        return str(self._codes[row.indices[at]]), float(row.data[at])


def ours(index: Index) -> Callable[[str], object]:
    """Our look-up in an index: ranking and decision."""
    model = index.model
    return lambda text: decide(model.answer, model.scope, index.search(text, CANDIDATES))


def took(look_up: Callable[[str], object], texts: Sequence[str]) -> tuple[float, float]:
    """Median and 99th percentile in milliseconds over distinct texts, of which none is known from before."""
    encode_one.cache_clear()
    for text in ("居住证", "駕駛證換證", "passport"):
        look_up(text)
    gc.collect()
    seconds = []
    for text in texts:
        begun = time.perf_counter()
        look_up(text)
        seconds.append(time.perf_counter() - begun)
    return 1000 * quantile(seconds, 0.5), 1000 * quantile(seconds, 0.99)

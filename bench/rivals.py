"""The look-up of the catalogue, and what a user would pick instead, over the same phrases."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from bench.answers import Given
from bench.lookup import Tfidf
from bench.questions import Question
from knowledge.search.catalogue import Catalogue
from knowledge.search.decision import SUGGESTIONS
from knowledge.search.encoder import DIMENSIONS, encode
from knowledge.search.index import Index
from knowledge.text.script import fold

NAMES = ("name", "name_en", "alias")
"""Sources of the names that the records themselves have; the other phrases are synonyms and summaries."""

Best = Callable[[Sequence[str]], list[tuple[str, float]]]
"""For each text the nearest record and its similarity."""


def suiwen(catalogue: Catalogue, questions: Sequence[Question]) -> list[Given]:
    """What our look-up does with questions; the score of a refused one is 0."""
    given = []
    for question in questions:
        found = catalogue.search(question.text)
        codes = tuple(hit.code for hit in found.hits[: 1 if found.kind == "answer" else SUGGESTIONS])
        first = codes[0] if codes else ""
        sure = 0.0 if found.kind == "refuse" else found.right
        given.append(Given(found.kind, codes, first, sure))
    return given


def use(index: Index, sources: Sequence[str] | None) -> Best:
    """Plain sentence vectors: cosine with the nearest phrase."""
    kept = [p for p in index.phrases if sources is None or p.source in sources]
    vectors = np.frombuffer(b"".join(p.vector for p in kept), dtype=np.float16)
    matrix = vectors.reshape(-1, DIMENSIONS).astype(np.float32)

    def best(texts: Sequence[str]) -> list[tuple[str, float]]:
        similar = encode([fold(text) for text in texts]) @ matrix.T
        nearest = similar.argmax(axis=1)
        return [(kept[at].code, float(similar[row, at])) for row, at in enumerate(nearest)]

    return best


def tfidf(index: Index, sources: Sequence[str] | None) -> Best:
    """TF-IDF over character n-grams: cosine with the nearest phrase."""
    built = Tfidf.over(index, sources)
    return lambda texts: [built.best(text) for text in texts]


@dataclass(frozen=True)
class Rival:
    """Another way to look up: it answers where the similarity reaches a threshold, and else refuses."""

    title: str
    best: Best

    def threshold(self, known: Sequence[Question]) -> float:
        """The threshold with the most right answers less wrong ones on questions known before."""
        found = self.best([q.text for q in known])
        gains = sorted(
            ((similar, 1 if code == q.code else -1) for q, (code, similar) in zip(known, found, strict=True)),
            reverse=True,
        )
        totals = np.cumsum([gain for _, gain in gains])
        return gains[int(totals.argmax())][0]

    def answers(self, questions: Sequence[Question], threshold: float) -> list[Given]:
        """What it does with questions."""
        return [
            Given("answer" if similar >= threshold and code else "refuse", (code,), code, similar)
            for code, similar in self.best([q.text for q in questions])
        ]


def rivals(index: Index) -> list[Rival]:
    """All of them."""
    return [
        Rival("TF-IDF, names", tfidf(index, NAMES)),
        Rival("TF-IDF, names and synonyms", tfidf(index, None)),
        Rival("USE, names", use(index, NAMES)),
        Rival("USE, names and synonyms", use(index, None)),
    ]

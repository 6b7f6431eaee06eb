"""From ranks to a decision: answer, suggest or refuse, by calibrated probabilities."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

ANSWER = 0.55
"""Answer where the first record is right with at least this probability, else suggest."""
SCOPE = 0.5
"""Refuse where the question is about any record of the catalogue with less than this probability."""
SUGGESTIONS = 3

FEATURES = (
    "bias",
    "similarity",
    "support",
    "chance",
    "chance margin",
    "margin",
    "length",
    "topic",
    "elsewhere",
)


@dataclass(frozen=True)
class Hit:
    """A service found.

    ``similarity``: cosine with its best phrase; ``support``: with its second best; ``score``: after the comparison
    with its siblings; ``phrase`` and ``source``: what matched best.
    """

    code: str
    score: float
    similarity: float
    support: float
    phrase: str = ""
    source: str = ""


@dataclass(frozen=True)
class Ranking:
    """The hits of a question, best first, with what the question itself tells.

    ``topic``: log odds that it is about public services at all; ``elsewhere``: it names another city or country;
    ``length``: its characters.
    """

    hits: tuple[Hit, ...]
    topic: float = 0.0
    elsewhere: bool = False
    length: int = 0


@dataclass(frozen=True)
class Decision:
    """What to do with a question. ``right``: probability that the first hit is meant; ``scope``: that any is."""

    kind: Literal["answer", "suggest", "refuse"]
    hits: tuple[Hit, ...]
    right: float
    scope: float


def chances(scores: Sequence[float]) -> NDArray[np.float64]:
    """The share of each candidate (softmax of the learned scores)."""
    values = np.asarray(scores, dtype=np.float64)
    shares = np.exp(values - values.max())
    return np.asarray(shares / shares.sum())


def features(ranking: Ranking) -> NDArray[np.float32]:
    """The evidence of a ranking with at least one hit, in the order of ``FEATURES``."""
    hits = ranking.hits
    shares = [*chances([hit.score for hit in hits]), 0.0]
    margin = min(hits[0].score - hits[1].score, 10.0) / 10 if len(hits) > 1 else 0.5
    similarity = max(hit.similarity for hit in hits)
    topic = float(np.clip(ranking.topic, -8, 8)) / 4
    return np.array(
        [1, similarity, hits[0].support, shares[0], shares[0] - shares[1], margin, min(ranking.length, 60) / 60, topic,
         ranking.elsewhere],
        dtype=np.float32,
    )  # fmt: skip


def decide(answer: NDArray[np.float32], scope: NDArray[np.float32], ranking: Ranking) -> Decision:
    """The decision for a ranking, with the logistic regressions ``answer`` and ``scope``."""
    if not ranking.hits:
        return Decision("refuse", (), 0.0, 0.0)
    evidence = features(ranking)
    right, inside = probability(float(evidence @ answer)), probability(float(evidence @ scope))
    if inside < SCOPE:
        return Decision("refuse", ranking.hits, right, inside)
    return Decision("answer" if right >= ANSWER else "suggest", ranking.hits, right, inside)


def probability(logit: float) -> float:
    """The logistic function."""
    return float(1 / (1 + np.exp(-np.clip(logit, -30, 30))))

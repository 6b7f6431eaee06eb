"""From ranks to a decision: answer, suggest or refuse, by calibrated probabilities."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

ANSWER = 0.5
"""Answer where the first record is right with at least this probability, else suggest."""
SCOPE = 0.5
"""Refuse where the question is about any record of the catalogue with less than this probability."""
SUGGESTIONS = 3

FEATURES = ("bias", "similarity", "support", "chance", "chance margin", "margin", "length")


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


def features(hits: Sequence[Hit], length: int) -> NDArray[np.float32]:
    """The evidence of a ranking, in the order of ``FEATURES``; ``length``: characters of the question."""
    shares = [*chances([hit.score for hit in hits]), 0.0]
    margin = hits[0].score - hits[1].score if len(hits) > 1 else 5.0
    first = max(hit.similarity for hit in hits)
    return np.array(
        [1.0, first, hits[0].support, shares[0], shares[0] - shares[1], min(margin, 10.0) / 10, min(length, 60) / 60],
        dtype=np.float32,
    )


def decide(answer: NDArray[np.float32], scope: NDArray[np.float32], hits: Sequence[Hit], length: int) -> Decision:
    """The decision for a ranking (best first), with the logistic regressions ``answer`` and ``scope``."""
    if not hits:
        return Decision("refuse", (), 0.0, 0.0)
    evidence = features(hits, length)
    right, inside = probability(float(evidence @ answer)), probability(float(evidence @ scope))
    if inside < SCOPE:
        return Decision("refuse", tuple(hits), right, inside)
    return Decision("answer" if right >= ANSWER else "suggest", tuple(hits), right, inside)


def probability(logit: float) -> float:
    """The logistic function."""
    return float(1 / (1 + np.exp(-np.clip(logit, -30, 30))))

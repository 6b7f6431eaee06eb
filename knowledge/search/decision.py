"""From ranks to a decision: answer, suggest or refuse, by calibrated probabilities."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from knowledge.search.index import Hit
from knowledge.search.model import Floats, Model

ANSWER = 0.5
"""Answer where the first record is right with at least this probability, else suggest."""
SCOPE = 0.5
"""Refuse where the question is about any record of the catalogue with less than this probability."""
SUGGESTIONS = 3

FEATURES = ("bias", "first", "margin", "margin_third", "support", "spread", "length")


@dataclass(frozen=True)
class Decision:
    """What to do with a question. ``right``: probability that the first hit is meant; ``scope``: that any is."""

    kind: Literal["answer", "suggest", "refuse"]
    hits: tuple[Hit, ...]
    right: float
    scope: float


def features(hits: Sequence[Hit], length: int) -> Floats:
    """The evidence of a ranking, in the order of ``FEATURES``; ``length``: characters of the question."""
    scores = [hit.score for hit in hits] + [0.0] * 5
    spread = float(np.mean(scores[:5]))
    return np.array(
        [1.0, scores[0], scores[0] - scores[1], scores[0] - scores[2], hits[0].support if hits else 0.0,
         scores[0] - spread, min(length, 60) / 60],
        dtype=np.float32,
    )  # fmt: skip


def decide(model: Model, hits: Sequence[Hit], length: int) -> Decision:
    """The decision for a ranking (best first)."""
    if not hits:
        return Decision("refuse", (), 0.0, 0.0)
    evidence = features(hits, length)
    right = probability(evidence @ model.answer)
    scope = probability(evidence @ model.scope)
    if scope < SCOPE:
        return Decision("refuse", tuple(hits), right, scope)
    return Decision("answer" if right >= ANSWER else "suggest", tuple(hits), right, scope)


def probability(logit: float) -> float:
    """The logistic function."""
    return float(1 / (1 + np.exp(-np.clip(logit, -30, 30))))

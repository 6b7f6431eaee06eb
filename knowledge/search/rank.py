"""Puts close candidates in order by what tells siblings apart: new or renewal, province or city, and so on.

A candidate's final score is its similarity plus a weighted sum of features that compare the question with the
official title. The weights are learned from questions (``knowledge.search.training``); the markers are data.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from knowledge.text.script import fold

FILE = Path(__file__).with_name("markers.yml")
LEVELS = ("province", "city")
Bits = NDArray[np.bool_]


@dataclass(frozen=True)
class Markers:
    """The compiled markers: one pair of patterns (question, title) for each name."""

    names: tuple[str, ...]
    ask: tuple[re.Pattern[str], ...]
    title: tuple[re.Pattern[str], ...]


@lru_cache(maxsize=1)
def markers() -> Markers:
    """The markers of ``markers.yml``."""
    data: dict[str, dict[str, str]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return Markers(
        tuple(data),
        tuple(re.compile(entry["ask"]) for entry in data.values()),
        tuple(re.compile(entry["title"]) for entry in data.values()),
    )


def names() -> list[str]:
    """The names of the features, in their order."""
    pairs = [f"{name}:{kind}" for kind in ("both", "ask only", "title only") for name in markers().names]
    levels = [f"{level} record, {when}" for level in LEVELS for when in ("asked", "other asked", "not asked")]
    return ["similarity", "support", *pairs, *levels]


def asked(text: str) -> Bits:
    """Which markers a question has."""
    folded = fold(text)
    return np.array([bool(pattern.search(folded)) for pattern in markers().ask])


def elsewhere(question: Bits) -> bool:
    """Whether a question names another city or country."""
    return bool(question[markers().names.index("elsewhere")])


@lru_cache(maxsize=100_000)
def titled(title: str) -> Bits:
    """Which markers an official title has."""
    folded = fold(title)
    return np.array([bool(pattern.search(folded)) for pattern in markers().title])


def evidence(
    question: Bits, title: Bits, level: str | None, score: float, support: float
) -> NDArray[np.float32]:
    """The features of one candidate, see ``names``."""
    wants = dict(zip(markers().names, question, strict=True))
    levels: list[Any] = []
    for mine, other in (LEVELS, LEVELS[::-1]):
        here = level == mine
        levels += [
            here and wants[mine],
            here and wants[other] and not wants[mine],
            here and not wants[mine] and not wants[other],
        ]
    return np.concatenate(
        [[score, support], question & title, question & ~title, ~question & title, levels]
    ).astype(np.float32)

"""The words of a message as hashed features: who, when, how much are what the sentence vector blurs."""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np

from knowledge.text.grams import bucket, grams
from knowledge.text.script import fold, is_han

_WORDS = re.compile(r"[a-z0-9]+")
_HAN_RUNS = re.compile(r"[㐀-鿿豈-\ufaff]+")


def features(text: str) -> list[str]:
    """N-grams of a text, with how it begins and ends (a question's particle comes last)."""
    folded = fold(text)
    found = grams(folded)
    for run in _HAN_RUNS.findall(folded):
        found += [run[i : i + 3] for i in range(len(run) - 2)]
    words = _WORDS.findall(folded)
    found += [f"_{first} {second}" for first, second in pairwise(words)]
    return found + _edges(folded, words)


def _edges(folded: str, words: list[str]) -> list[str]:
    letters = "".join(char for char in folded if char.isalnum())
    if not letters:
        return []
    begins = (letters[:1], letters[:2]) if is_han(letters[0]) else words[:1]
    ends = (letters[-2:],) if is_han(letters[-1]) else words[-1:]
    return [f"^{begin}" for begin in begins] + [f"{end}$" for end in ends]


def buckets(text: str, size: int) -> np.ndarray:
    """The distinct hash buckets of a text's features, sorted."""
    return np.unique(np.fromiter((bucket(feature, size) for feature in features(text)), dtype=np.int64))

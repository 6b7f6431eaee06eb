"""The words of a message as hashed features: what the sentence vector blurs (who, when, how much) decides an intent."""

from __future__ import annotations

import re

import numpy as np

from knowledge.text.grams import bucket, grams
from knowledge.text.script import fold, is_han

_WORDS = re.compile(r"[a-z0-9]+")
_HAN_RUNS = re.compile(r"[㐀-鿿豈-\ufaff]+")


def features(text: str) -> list[str]:
    """N-grams of a text, with the order of its words and how it begins and ends (a question's particle comes last)."""
    folded = fold(text)
    found = grams(folded)
    for run in _HAN_RUNS.findall(folded):
        found += [run[i : i + 3] for i in range(len(run) - 2)]
    words = _WORDS.findall(folded)
    found += [f"_{first} {second}" for first, second in zip(words, words[1:])]
    return found + _edges(folded, words)


def _edges(folded: str, words: list[str]) -> list[str]:
    letters = "".join(char for char in folded if char.isalnum())
    if not letters:
        return []
    begins = [f"^{letters[:1]}", f"^{letters[:2]}"] if is_han(letters[0]) else [f"^{word}" for word in words[:1]]
    ends = [f"{letters[-2:]}$"] if is_han(letters[-1]) else [f"{word}$" for word in words[-1:]]
    return begins + ends


def buckets(text: str, size: int) -> np.ndarray:
    """The distinct hash buckets of a text's features, sorted."""
    return np.unique(np.fromiter((bucket(feature, size) for feature in features(text)), dtype=np.int64))

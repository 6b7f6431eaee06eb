"""What a message is about, once the words that only ask are taken away."""

import re
from functools import lru_cache
from pathlib import Path

import yaml

from knowledge.text.grams import grams
from knowledge.text.script import fold, is_han

FILE = Path(__file__).with_name("words.yml")
_LATIN = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")


def segment(text: str) -> list[str]:
    """The search tokens of a phrase (see ``knowledge.text.grams``), cut when the phrase is written."""
    return grams(text)


@lru_cache(maxsize=1)
def _asking() -> tuple[re.Pattern[str], frozenset[str], frozenset[str]]:
    """The Chinese pieces as one pattern, longest first; those that stay; Latin words that only ask."""
    data = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    kept = frozenset(map(fold, data["kept"]))
    pieces = sorted(
        {fold(piece) for group in data["han"].values() for piece in group} | kept, key=len, reverse=True
    )
    latin = frozenset(fold(str(word)) for group in data["latin"].values() for word in group)
    return re.compile("|".join(map(re.escape, pieces))), kept, latin


def topic(text: str, names: tuple[str, ...] = ()) -> str:
    """What is left of a message without asking words and ``names`` (of places, say); "" if nothing is.

    "那要带什么?" leaves nothing, "天河区呢" nothing once the place is named, "补驾照要带什么" "补驾照".
    """
    rest = fold(text)
    for name in sorted((fold(n) for n in names if n), key=len, reverse=True):
        rest = rest.replace(name, " ")
    pattern, kept, latin = _asking()
    rest = pattern.sub(lambda piece: piece[0] if piece[0] in kept else " ", rest)
    han = "".join(char if is_han(char) else " " for char in rest).split()
    words = [word for word in _LATIN.findall(rest) if word not in latin and not word.isdigit()]
    left = [piece for piece in han if len(piece) > 1] + [word for word in words if len(word) > 1]
    return " ".join(left)

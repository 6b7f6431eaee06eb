"""Which of several suggestions a citizen chooses, by number or word, in every variety."""

import re

from knowledge.text.script import fold

DIGITS = {char: n for n, char in enumerate("一二三四五六七八九", 1)} | {"两": 2}
ENGLISH = {
    "one": 1, "two": 2, "three": 3, "a": 1, "b": 2, "c": 3,
    "first": 1, "second": 2, "third": 3, "fourth": 4, "1st": 1, "2nd": 2, "3rd": 3,
}  # fmt: skip
FILLERS = frozenset(
    ["the", "i", "ll", "d", "s", "m", "it", "is", "like", "want", "take", "choose", "pick", "go", "with",
     "option", "number", "no", "choice", "item", "please"]
)  # fmt: skip
_CHINESE = "[一二三四五六七八九十两]+"
_NUMBER = re.compile(
    rf"第({_CHINESE})|({_CHINESE})(?=[个项号种条])|({_CHINESE})\W*[啦吧喇呀啊呢嗯]*\W*$|(?<![0-9])([0-9]+)(?![0-9]|st|nd|rd)"
)
_TOP, _LAST = (
    re.compile(r"最上|最前|最顶|头一|首个|\b(?:top|former)\b"),
    re.compile(r"最后|最尾|最下|最底|尾(?=[个𠮶项]|$)|\b(?:last|bottom|latter)\b"),
)


def ordinal(text: str, count: int) -> int | None:
    """Which of ``count`` suggestions a text chooses (第二个, 2, the last one), from 1; None: none of them."""
    folded = fold(text)
    if not count or _LAST.search(folded):
        return count or None
    chosen = 1 if _TOP.search(folded) else _number(folded)
    return chosen if chosen and chosen <= count else None


def _number(folded: str) -> int | None:
    """The number in a folded text: in digits, in Chinese, or in English words that say nothing else."""
    if found := _NUMBER.search(folded):
        said = next(group for group in found.groups() if group)
        return int(said[:4]) if said.isdigit() else _chinese(said)
    words = [word for word in re.findall(r"[a-z0-9]+", folded) if word not in FILLERS]
    places = [
        word for word in words if word in ENGLISH and len(word) > 2 and word not in ("one", "two", "three")
    ]
    if places:
        return ENGLISH[places[0]]
    return ENGLISH.get(words[0]) if len(words) == 1 else None


def _chinese(said: str) -> int:
    """A Chinese number below a hundred."""
    tens, ten, units = said.rpartition("十")
    if not ten:
        return DIGITS[said] if len(said) == 1 else 100
    return 10 * DIGITS.get(tens, 1) + DIGITS.get(units, 0)

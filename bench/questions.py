"""The questions and sentences that everything is measured with; none of them was in any training data."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from connectors.cli.places import ROOT
from knowledge.text.script import fold

VARIETIES = ("zh-Hans", "zh-Hant", "yue", "en")
SEARCH = ROOT / "knowledge" / "search" / "evaluation"
SENTENCES = ROOT / "nlu" / "evaluation"
SEED = 7


@dataclass(frozen=True)
class Question:
    """A citizen's question; ``code``: the record that answers it, None where none does."""

    text: str
    variety: str
    code: str | None = None


@dataclass(frozen=True)
class Sentence:
    """A sentence with the intent that it has; ``variety``: as it is written."""

    text: str
    variety: str
    intent: str


def questions(folder: Path = SEARCH) -> list[Question]:
    """Questions that one record answers."""
    return list(_read(folder / "questions.jsonl"))


def refusals(folder: Path = SEARCH) -> list[Question]:
    """Questions that no record answers."""
    return list(_read(folder / "refusals.jsonl"))


def _read(path: Path) -> Iterator[Question]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip():
            row = json.loads(line)
            yield Question(row["text"], row["variety"], row.get("code"))


def sentences(folder: Path = SENTENCES) -> list[Sentence]:
    """Sentences of every intent in every variety; the variety is the last part of a file's name."""
    found = []
    for path in sorted(folder.glob("*.yml")):
        variety = path.stem.partition(".")[2]
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            for line in block["examples"].splitlines():
                if text := line.strip().removeprefix("-").strip():
                    found.append(Sentence(text, variety, block["intent"]))
    return found


def distinct() -> list[str]:
    """All of their texts once each, in a fixed random order; texts that fold to the same count as one."""
    asked = [q.text for q in [*questions(), *refusals()]] + [s.text for s in sentences()]
    texts = list({fold(text): text for text in asked}.values())
    random.Random(SEED).shuffle(texts)
    return texts

"""What the search is trained on: the phrases of records, and questions that people would ask for them."""

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sparse
import yaml
from numpy.typing import NDArray

from knowledge.search.encoder import encode
from knowledge.text.grams import bucket, grams
from knowledge.text.script import fold

HERE = Path(__file__).parent.parent
NAMES = HERE.parent / "seed" / "names.jsonl"
TITLES = HERE / "data" / "titles.jsonl"
QUESTIONS = HERE / "data" / "questions.jsonl"
FRAMES = HERE / "data" / "frames.yml"
REFUSALS = HERE / "data" / "refusals.jsonl"
BROAD = HERE / "data" / "broad.jsonl"
"""Single words that are about public services but name no one record: to be answered with suggestions."""


def lines(path: Path) -> list[dict[str, Any]]:
    """The objects of a JSON lines file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


@dataclass(frozen=True)
class Phrases:
    """Phrases of all records, sorted by record: ``owner`` is the row of the record in ``codes``."""

    codes: list[str]
    titles: list[str]
    texts: list[str]
    owner: NDArray[np.int64]
    official: NDArray[np.bool_]

    @property
    def starts(self) -> NDArray[np.int64]:
        """Where each record's phrases begin, and the end."""
        return np.append(np.searchsorted(self.owner, np.arange(len(self.codes))), len(self.owner))


def phrases() -> Phrases:
    """Official titles and everyday names of all records known."""
    titles = {row["code"]: row["title"] for row in lines(TITLES)}
    codes, texts, owner, official = list(titles), [], [], []
    names = {row["code"]: row for row in lines(NAMES)}
    for i, code in enumerate(codes):
        row = names.get(code, {})
        everyday = [row.get("name_en"), *row.get("zh", ()), *row.get("yue", ()), *row.get("en", ())]
        for text in dict.fromkeys([titles[code], *filter(None, everyday)]):
            texts.append(text)
            owner.append(i)
            official.append(text == titles[code])
    return Phrases(codes, list(titles.values()), texts, np.array(owner), np.array(official))


@dataclass
class Features:
    """Turns texts into what the model projects: centred sentence vectors and weighted n-gram bags."""

    mean: NDArray[np.float32]
    idf: NDArray[np.float32]
    gram_weight: float

    @classmethod
    def fit(
        cls, texts: list[str], vectors: NDArray[np.float32], buckets: int, gram_weight: float
    ) -> "Features":
        """Mean of the vectors and inverse document frequency of the buckets over the phrases."""
        counts = Counter(b for text in texts for b in {bucket(g, buckets) for g in grams(text)})
        idf = np.full(buckets, np.log((len(texts) + 1) / 0.5), dtype=np.float32)
        for b, count in counts.items():
            idf[b] = np.log((len(texts) + 1) / (count + 0.5))
        return cls(vectors.mean(axis=0), idf, gram_weight)

    def __call__(self, texts: list[str], vectors: NDArray[np.float32]) -> "Rows":
        columns, weights, ends = [], [], [0]
        for text in texts:
            found = np.array(sorted({bucket(g, len(self.idf)) for g in grams(text)}), dtype=np.int64)
            values = self.idf[found]
            length = float(np.sqrt((values**2).sum())) or 1.0
            columns.append(found)
            weights.append(values * np.float32(self.gram_weight / length))
            ends.append(ends[-1] + len(found))
        bags = sparse.csr_matrix(
            (np.concatenate(weights), np.concatenate(columns), ends), shape=(len(texts), len(self.idf))
        )
        return Rows((vectors - self.mean).astype(np.float32), bags)


@dataclass(frozen=True)
class Rows:
    """Feature rows of texts: a dense and a sparse half."""

    dense: NDArray[np.float32]
    bags: Any

    def __getitem__(self, which: NDArray[np.int64]) -> "Rows":
        return Rows(self.dense[which], self.bags[which])

    def __add__(self, other: "Rows") -> "Rows":
        return Rows(np.concatenate([self.dense, other.dense]), sparse.vstack([self.bags, other.bags]).tocsr())


def framed(seed: int = 0) -> list[dict[str, Any]]:
    """Questions for records that none were written for: their everyday names in frames that people ask in."""
    frames: dict[str, list[str]] = yaml.safe_load(FRAMES.read_text(encoding="utf-8"))
    asked = {row["code"] for row in lines(QUESTIONS)}
    known = {row["code"] for row in lines(TITLES)}
    random = np.random.default_rng(seed)
    return [
        {"code": row["code"], "text": str(random.choice(frames[language])).format(name)}
        for row in lines(NAMES)
        if row["code"] in known - asked
        for language in frames
        for name in row.get(language, ())
    ]


def embed(texts: list[str]) -> NDArray[np.float32]:
    """Sentence vectors of texts."""
    return encode([fold(text) for text in texts])

"""All phrases of the published services in memory, as one matrix: a look-up is one product."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from knowledge.search import rank
from knowledge.search.decision import Hit, Ranking
from knowledge.search.encoder import DIMENSIONS
from knowledge.search.model import Floats, Model

HEAD, SHORTLIST = 64, 1024
"""Leading dimensions that shortlist, and phrases that are compared in full. Measured on 20,000 phrases: the
nearest record is always among them, 99.9 % of the nearest ten are, at a third of the cost of them all."""

Titles = Mapping[str, tuple[str, str | None]]
"""Official title and level by code."""


@dataclass(frozen=True)
class Phrase:
    """A phrase under which a service is found, as the database keeps it (``vector``: float16 bytes)."""

    id: int
    code: str
    source: str
    text: str
    tokens: str
    vector: bytes


@dataclass(frozen=True)
class Index:
    """An immutable index; ``build`` makes a new one from an old one. Phrases are kept sorted by code."""

    model: Model
    titles: Titles = field(default_factory=dict)
    phrases: tuple[Phrase, ...] = ()
    matrix: Floats = field(default_factory=lambda: np.zeros((0, 0), dtype=np.float32))
    head: Floats = field(default_factory=lambda: np.zeros((0, 0), dtype=np.float32))
    codes: tuple[str, ...] = ()
    starts: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    @classmethod
    def build(
        cls, model: Model, phrases: Sequence[Phrase], titles: Titles, keep: "Index | None" = None
    ) -> "Index":
        """An index of these phrases; rows of ``keep`` with the same id and text are taken over."""
        ordered = tuple(sorted(phrases, key=lambda p: (p.code, p.id)))
        known = {(p.id, p.text): row for row, p in enumerate(keep.phrases)} if keep else {}
        old = [row for row, p in enumerate(ordered) if (p.id, p.text) in known]
        fresh = [row for row, p in enumerate(ordered) if (p.id, p.text) not in known]
        matrix = np.zeros((len(ordered), model.dimensions), dtype=np.float32)
        if keep and old:
            matrix[old] = keep.matrix[[known[ordered[row].id, ordered[row].text] for row in old]]
        if fresh:
            vectors = np.frombuffer(b"".join(ordered[row].vector for row in fresh), dtype=np.float16)
            tokens = [ordered[row].tokens.split() for row in fresh]
            matrix[fresh] = model.project(vectors.reshape(-1, DIMENSIONS).astype(np.float32), tokens)
        codes = tuple(dict.fromkeys(p.code for p in ordered))
        first = [row for row, p in enumerate(ordered) if row == 0 or p.code != ordered[row - 1].code]
        head = np.ascontiguousarray(matrix[:, :HEAD])
        return cls(model, dict(titles), ordered, matrix, head, codes, np.array(first, dtype=np.int64))

    def search(self, text: str, limit: int = 10) -> Ranking:
        """The best services for a text, best first; at most ``limit``."""
        if not self.codes or not text.strip():
            return Ranking(())
        asked, topic = self.model.query(text)
        rows = self._shortlist(asked)
        owners = np.searchsorted(self.starts, rows, side="right") - 1
        best = np.full(len(self.codes), -2.0, dtype=np.float32)
        np.maximum.at(best, owners, self.matrix[rows] @ asked)
        found = np.unique(owners)
        top = found[np.argsort(-best[found], kind="stable")[:limit]]
        question = rank.asked(text)
        hits = sorted(
            (self._hit(int(i), asked, question) for i in top), key=lambda hit: (-hit.score, hit.code)
        )
        return Ranking(tuple(hits), topic, rank.elsewhere(question), len(text))

    def _shortlist(self, asked: Floats) -> NDArray[np.int64]:
        """The phrases that may be near, by the leading dimensions, which carry most of the difference."""
        if len(self.phrases) <= SHORTLIST:
            return np.arange(len(self.phrases))
        rough = self.head @ asked[: self.head.shape[1]]
        return np.argpartition(-rough, SHORTLIST)[:SHORTLIST]

    def _hit(self, i: int, asked: Floats, question: rank.Bits) -> Hit:
        begin = int(self.starts[i])
        stop = int(self.starts[i + 1]) if i + 1 < len(self.starts) else len(self.phrases)
        rows = self.matrix[begin:stop] @ asked
        best = int(rows.argmax())
        similarity = float(rows[best])
        support = float(np.partition(rows, -2)[-2]) if len(rows) > 1 else similarity
        code, phrase = self.codes[i], self.phrases[begin + best]
        title, level = self.titles.get(code, (phrase.text, None))
        evidence = rank.evidence(question, rank.titled(title), level, similarity, support)
        return Hit(code, float(evidence @ self.model.rank), similarity, support, phrase.text, phrase.source)

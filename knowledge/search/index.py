"""All phrases of the published services in memory, as one matrix: a look-up is one product."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from knowledge.search.encoder import DIMENSIONS
from knowledge.search.model import Floats, Model


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
class Hit:
    """A service found: ``score`` is the cosine with its best phrase, ``support`` with its second best."""

    code: str
    score: float
    support: float
    phrase: str
    source: str


@dataclass(frozen=True)
class Index:
    """An immutable index; ``replaced`` gives a new one. Phrases are kept sorted by code."""

    model: Model
    phrases: tuple[Phrase, ...] = ()
    matrix: Floats = field(default_factory=lambda: np.zeros((0, 0), dtype=np.float32))
    codes: tuple[str, ...] = ()
    starts: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    @classmethod
    def build(cls, model: Model, phrases: Sequence[Phrase], keep: "Index | None" = None) -> "Index":
        """An index of these phrases; rows of ``keep`` with the same id are taken over instead of projected again."""
        ordered = tuple(sorted(phrases, key=lambda p: (p.code, p.id)))
        known = {p.id: row for row, p in enumerate(keep.phrases)} if keep else {}
        matrix = np.zeros((len(ordered), model.dimensions), dtype=np.float32)
        fresh = [row for row, p in enumerate(ordered) if p.id not in known]
        if keep and len(fresh) < len(ordered):
            old = [row for row, p in enumerate(ordered) if p.id in known]
            matrix[old] = keep.matrix[[known[ordered[row].id] for row in old]]
        if fresh:
            vectors = np.frombuffer(b"".join(ordered[row].vector for row in fresh), dtype=np.float16)
            tokens = [ordered[row].tokens.split() for row in fresh]
            matrix[fresh] = model.project(vectors.reshape(-1, DIMENSIONS).astype(np.float32), tokens)
        codes = tuple(dict.fromkeys(p.code for p in ordered))
        starts = np.flatnonzero([row == 0 or p.code != ordered[row - 1].code for row, p in enumerate(ordered)])
        return cls(model, ordered, matrix, codes, starts.astype(np.int64))

    def search(self, text: str, limit: int = 10) -> list[Hit]:
        """The best services for a text, best first; at most ``limit``."""
        if not self.codes or not text.strip():
            return []
        similar = self.matrix @ self.model.query(text)
        best = np.maximum.reduceat(similar, self.starts)
        count = min(limit, len(best))
        top = np.argpartition(-best, count - 1)[:count]
        return [self._hit(int(i), similar) for i in top[np.argsort(-best[top], kind="stable")]]

    def _hit(self, i: int, similar: Floats) -> Hit:
        stop = int(self.starts[i + 1]) if i + 1 < len(self.starts) else len(self.phrases)
        rows = similar[self.starts[i] : stop]
        order = np.argsort(-rows)
        phrase = self.phrases[int(self.starts[i]) + int(order[0])]
        support = float(rows[order[1]]) if len(rows) > 1 else float(rows[order[0]]) * 0.8
        return Hit(self.codes[i], float(rows[order[0]]), support, phrase.text, phrase.source)

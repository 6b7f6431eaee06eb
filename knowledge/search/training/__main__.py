"""Trains the search model and writes ``knowledge/search/model.npz``."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from knowledge.search import rank
from knowledge.search.model import FILE
from knowledge.search.training import calibrate, contrast, topic
from knowledge.search.training.calibrate import Ranked
from knowledge.search.training.contrast import Weights
from knowledge.search.training.data import (
    BROAD,
    QUESTIONS,
    REFUSALS,
    Features,
    Phrases,
    Rows,
    embed,
    framed,
    lines,
    phrases,
)

Tell = Callable[[int, float], None]

SEEDS = (0, 1)
BUCKETS = 8192
GRAM_WEIGHT = 0.7
NAMES = 2_000
"""Everyday names that serve as short questions in each half of the calibration."""
WEIGHTS = {"questions": 1.0, "broad": 3.0, "names": 0.75, "refusals": 8.0}
"""How much a text of each kind counts where public services are told from anything else."""


@dataclass(frozen=True)
class Texts:
    """Texts with their features; ``owners``: the rows of their records, None where no record is right."""

    texts: list[str]
    rows: Rows
    owners: NDArray[np.int64] | None = None

    def part(self, which: NDArray[np.int64]) -> "Texts":
        """Some of the texts."""
        owners = None if self.owners is None else self.owners[which]
        return Texts([self.texts[i] for i in which], self.rows[which], owners)


@dataclass(frozen=True)
class Material:
    """All that the training reads."""

    phrases: Phrases
    rows: Rows
    features: Features
    questions: Texts
    broad: Texts
    refusals: Texts


def read() -> Material:
    """Reads and encodes the training data."""
    known = phrases()
    vectors = embed(known.texts)
    features = Features.fit(known.texts, vectors, BUCKETS, GRAM_WEIGHT)
    row_of = {code: i for i, code in enumerate(known.codes)}

    def texts(objects: list[dict[str, str]], owned: bool) -> Texts:
        said = [o["text"] for o in objects]
        owners = np.array([row_of[o["code"]] for o in objects]) if owned else None
        return Texts(said, features(said, embed(said)), owners)

    asked, broad, refused = [*lines(QUESTIONS), *framed()], lines(BROAD), lines(REFUSALS)
    rows = features(known.texts, vectors)
    return Material(known, rows, features, texts(asked, True), texts(broad, False), texts(refused, False))


def learn(m: Material, t: Texts, plan: contrast.Plan, tell: Tell) -> Weights:
    """Projections from several beginnings, side by side: together they err less than each."""
    assert t.owners is not None
    found = [
        contrast.train(m.phrases, m.rows, t.rows, t.owners, replace(plan, seed=seed), tell) for seed in SEEDS
    ]
    return [np.concatenate(parts, axis=1) for parts in zip(*found, strict=True)]


@dataclass(frozen=True)
class Short:
    """A half of the everyday names, as short questions: their rows among the phrases."""

    chosen: NDArray[np.int64]

    @classmethod
    def draw(cls, m: Material, half: int) -> "Short":
        """Another sample for each half."""
        everyday = np.flatnonzero(~m.phrases.official)[half::2]
        return cls(np.random.default_rng(half).choice(everyday, NAMES, replace=False))


def kinds(m: Material, names: NDArray[np.int64]) -> tuple[list[tuple[Rows, float]], Rows, float]:
    """The texts of each kind with their weights, as ``topic`` takes them."""
    inside = [
        (m.questions.rows, WEIGHTS["questions"]),
        (m.broad.rows, WEIGHTS["broad"]),
        (m.rows[names], WEIGHTS["names"]),
    ]
    return inside, m.refusals.rows, WEIGHTS["refusals"]


def main() -> None:
    """Cross-fits on two halves of the questions to learn order and calibration, then trains on all of them."""
    begun = time.monotonic()
    plan = contrast.Plan()

    def tell(step: int, loss: float) -> None:
        print(f"{time.monotonic() - begun:6.0f} s  step {step:4d}  loss {loss:.4f}", flush=True)

    m = read()
    q = m.questions
    assert q.owners is not None
    print(f"{len(m.phrases.codes)} records, {len(m.phrases.texts)} phrases, {len(q.texts)} questions")
    short = [Short.draw(m, half) for half in (0, 1)]
    names = np.concatenate([s.chosen for s in short])
    (odds_asked, odds_broad, odds_names), odds_refused = topic.unseen(*kinds(m, names))
    halves = np.arange(len(q.texts)) % 2
    found = []
    for half in (0, 1):
        seen, unseen = np.flatnonzero(halves == half), np.flatnonzero(halves != half)
        weights = learn(m, q.part(seen), plan, tell)

        def ranked(
            t: Texts, odds: topic.Scores, weights: Weights = weights, itself: NDArray[np.int64] | None = None
        ) -> Ranked:
            return calibrate.candidates(m.phrases, m.rows, t.texts, t.rows, odds, weights, t.owners, itself)

        chosen = short[half].chosen
        named = Texts([m.phrases.texts[i] for i in chosen], m.rows[chosen], m.phrases.owner[chosen])
        odds = odds_names[half * NAMES : (half + 1) * NAMES]
        found.append(
            (
                ranked(q.part(unseen), odds_asked[unseen]),
                ranked(named, odds, itself=chosen) + ranked(m.broad, odds_broad),
                ranked(m.refusals, odds_refused),
            )
        )
    asked, brief, refused = (a + b for a, b in zip(*found, strict=True))
    order = calibrate.fit_rank(asked)
    answer, scope = calibrate.fit_decision(asked + brief, refused, order)
    right = np.mean((asked.evidence @ order).argmax(axis=1) == asked.truth)
    plain = np.mean(asked.evidence[:, :, 0].argmax(axis=1) == asked.truth)
    print(f"unseen halves: first right {plain:.3f} by similarity, {right:.3f} with the order learned")

    weights = contrast.rotate(m.rows, learn(m, q, plan, tell))
    save(m, names, weights, order, answer, scope)
    print(f"{FILE.name}: {FILE.stat().st_size / 1e6:.1f} MB in {time.monotonic() - begun:.0f} s")


def save(
    m: Material,
    names: NDArray[np.int64],
    weights: Weights,
    order: NDArray[np.float32],
    *decision: NDArray[np.float32],
) -> None:
    """Writes the model file."""
    half = {"mean": m.features.mean, "vector": weights[0], "gram": weights[1], "idf": m.features.idf}
    np.savez_compressed(
        FILE,
        **{name: value.astype(np.float16) for name, value in half.items()},  # type: ignore[arg-type]
        gram_weight=np.float32(m.features.gram_weight),
        features=np.array(rank.names()),
        topic=topic.fit(*kinds(m, names)),
        rank=order,
        answer=decision[0],
        scope=decision[1],
    )


if __name__ == "__main__":
    main()

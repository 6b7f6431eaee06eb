"""Learns the projection: a question must lie nearer to its own record's phrases than to any other's.

Multi-class N-pair loss with in-batch and mined hard negatives (Sohn 2016; van den Oord et al. 2018, InfoNCE),
gradients written out, Adam (Kingma and Ba 2015) with a cosine schedule.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.search.training.data import Phrases, Rows

Weights = list[NDArray[np.float32]]


@dataclass(frozen=True)
class Plan:
    """Hyperparameters of the training."""

    dimensions: int = 256
    steps: int = 700
    batch: int = 256
    hard: int = 4
    temperature: float = 0.05
    rate: float = 1e-3
    questions: float = 0.6
    refresh: int = 60
    seed: int = 0


def unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows scaled to length one."""
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6), dtype=np.float32)


def project(rows: Rows, weights: Weights) -> NDArray[np.float32]:
    """Projected rows, not yet scaled."""
    return np.asarray(rows.dense @ weights[0] + rows.bags @ weights[1], dtype=np.float32)


def start(rows: Rows, plan: Plan) -> Weights:
    """Principal components for the vectors, a random projection for the n-grams."""
    _, _, components = np.linalg.svd(rows.dense[::4], full_matrices=False)
    random = np.random.default_rng(plan.seed + 1)
    shape = (rows.bags.shape[1], plan.dimensions)
    grams = random.normal(0, 0.8 / np.sqrt(plan.dimensions), shape)
    return [components[: plan.dimensions].T.astype(np.float32).copy(), grams.astype(np.float32)]


class Sampler:
    """Draws batches: questions and everyday names as anchors, own phrases as positives, close others as negatives."""

    def __init__(self, phrases: Phrases, rows: Rows, questions: Rows, owners: NDArray[np.int64], plan: Plan):
        self.phrases, self.rows, self.questions, self.owners, self.plan = (
            phrases,
            rows,
            questions,
            owners,
            plan,
        )
        self.everyday = np.flatnonzero(~phrases.official)
        self.random = np.random.default_rng(plan.seed)
        self.projected = np.zeros((0, 0), dtype=np.float32)

    def draw(
        self, weights: Weights, refresh: bool
    ) -> tuple[Rows, Rows, NDArray[np.int64], NDArray[np.int64]]:
        """Anchors, others (own positives first), and the record of each."""
        plan, random = self.plan, self.random
        if refresh:
            self.projected = unit(project(self.rows, weights))
        asked = random.choice(len(self.owners), int(plan.batch * plan.questions), replace=False)
        named = random.choice(self.everyday, plan.batch - len(asked), replace=False)
        anchors = self.questions[asked] + self.rows[named]
        owner = np.concatenate([self.owners[asked], self.phrases.owner[named]])
        itself = np.concatenate([np.full(len(asked), -1), named])
        similar = unit(project(anchors, weights)) @ self.projected.T
        positive = np.array([self._positive(similar[k], owner[k], itself[k]) for k in range(len(owner))])
        similar[self.phrases.owner[None, :] == owner[:, None]] = -9
        negative = np.argpartition(-similar, plan.hard, axis=1)[:, : plan.hard].ravel()
        others = np.concatenate([positive, negative])
        return anchors, self.rows[others], owner, self.phrases.owner[others]

    def _positive(self, similar: NDArray[np.float32], owner: int, itself: int) -> int:
        starts = self.phrases.starts
        own = np.arange(starts[owner], starts[owner + 1])
        own = own[own != itself] if len(own) > 1 else own
        chance = np.exp((similar[own] - similar[own].max()) / 0.1)
        return int(self.random.choice(own, p=chance / chance.sum()))


def step(
    anchors: Rows,
    others: Rows,
    owner: NDArray[np.int64],
    theirs: NDArray[np.int64],
    weights: Weights,
    temperature: float,
) -> tuple[float, Weights]:
    """Loss and gradients of one batch; the k-th other is the positive of the k-th anchor."""
    a, b = project(anchors, weights), project(others, weights)
    length_a = np.linalg.norm(a, axis=1, keepdims=True) + 1e-6
    length_b = np.linalg.norm(b, axis=1, keepdims=True) + 1e-6
    ua, ub = a / length_a, b / length_b
    scores = ua @ ub.T / temperature
    rows = np.arange(len(owner))
    same = theirs[None, :] == owner[:, None]
    same[rows, rows] = False
    scores[same] = -1e9
    scores -= scores.max(axis=1, keepdims=True)
    chance = np.exp(scores)
    chance /= chance.sum(axis=1, keepdims=True)
    loss = float(-np.log(chance[rows, rows] + 1e-9).mean())
    chance[rows, rows] -= 1
    chance /= len(owner) * temperature
    ga, gb = chance @ ub, chance.T @ ua
    ga = (ga - ua * (ga * ua).sum(axis=1, keepdims=True)) / length_a
    gb = (gb - ub * (gb * ub).sum(axis=1, keepdims=True)) / length_b
    dense = anchors.dense.T @ ga + others.dense.T @ gb
    return loss, [dense, np.asarray(anchors.bags.T @ ga + others.bags.T @ gb, dtype=np.float32)]


def train(
    phrases: Phrases, rows: Rows, questions: Rows, owners: NDArray[np.int64], plan: Plan, tell: Any = None
) -> Weights:
    """The trained weights. ``tell(step, loss)`` is called now and then."""
    weights = start(rows, plan)
    sampler = Sampler(phrases, rows, questions, owners, plan)
    first, second = [np.zeros_like(w) for w in weights], [np.zeros_like(w) for w in weights]
    for t in range(plan.steps):
        loss, gradients = step(*sampler.draw(weights, t % plan.refresh == 0), weights, plan.temperature)
        rate = plan.rate * min(1, (t + 1) / 50) * (0.02 + 0.98 * (0.5 + 0.5 * np.cos(np.pi * t / plan.steps)))
        for w, g, m, v in zip(weights, gradients, first, second, strict=True):
            m += 0.1 * (g - m)
            v += 0.001 * (g * g - v)
            w -= rate * (m / (1 - 0.9 ** (t + 1))) / (np.sqrt(v / (1 - 0.999 ** (t + 1))) + 1e-8)
        if tell and t % 50 == 0:
            tell(t, loss)
    return weights


def rotate(rows: Rows, weights: Weights) -> Weights:
    """The same projection with its dimensions ordered by how much of the phrases' differences they carry.

    No similarity changes; the leading dimensions can then shortlist (see ``knowledge.search.index``).
    """
    _, _, axes = np.linalg.svd(unit(project(rows, weights))[::3], full_matrices=False)
    return [np.asarray(w @ axes.T, dtype=np.float32) for w in weights]

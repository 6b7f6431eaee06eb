"""Learns to order siblings and to know when it is right, from questions that the projection has not seen."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from knowledge.search import rank
from knowledge.search.decision import Hit, Ranking, features
from knowledge.search.training.contrast import Weights, project, unit
from knowledge.search.training.data import Phrases, Rows
from knowledge.search.training.topic import Scores

CANDIDATES = 10
LEVEL = {"440000": "province", "440100": "city"}


@dataclass(frozen=True)
class Ranked:
    """Candidates of questions.

    ``records`` (n, c): rows of ``Phrases.codes``; ``evidence`` (n, c, f): their features; ``truth`` (n,): the column
    of the right record, or -1; ``topic`` (n,): log odds of ``topic.py``;
    ``lengths`` (n,): characters;
    ``elsewhere`` (n,): names another place.
    """

    records: NDArray[np.int64]
    evidence: NDArray[np.float32]
    truth: NDArray[np.int64]
    topic: Scores
    lengths: NDArray[np.int64]
    elsewhere: NDArray[np.bool_]

    def __add__(self, other: "Ranked") -> "Ranked":
        return Ranked(
            *(np.concatenate([getattr(self, f), getattr(other, f)]) for f in self.__dataclass_fields__)
        )


def level(code: str) -> str | None:
    """The level that an official code tells (its administrative division)."""
    return LEVEL.get(code[2:8])


def candidates(
    phrases: Phrases,
    rows: Rows,
    texts: list[str],
    asked: Rows,
    topic: Scores,
    weights: Weights,
    owners: NDArray[np.int64] | None = None,
    itself: NDArray[np.int64] | None = None,
) -> Ranked:
    """The nearest records of questions with their features.

    ``owners``: the right record of each question, None: nothing is right. ``itself``: where the questions are
    phrases, their own rows, which they must not find.
    """
    known, starts = unit(project(rows, weights)), phrases.starts[:-1]
    records: list[NDArray[np.int64]] = []
    evidence: list[list[NDArray[np.float32]]] = []
    truth: list[int] = []
    elsewhere: list[bool] = []
    for k, similar in enumerate(unit(project(asked, weights)) @ known.T):
        if itself is not None:
            similar[itself[k]] = -1
        best = np.maximum.reduceat(similar, starts)
        top = np.argpartition(-best, CANDIDATES)[:CANDIDATES]
        question = rank.asked(texts[k])
        evidence.append([_evidence(phrases, similar, question, int(i)) for i in top])
        records.append(top)
        right: list[int] = np.flatnonzero(top == owners[k]).tolist() if owners is not None else []
        truth.append(right[0] if right else -1)
        elsewhere.append(rank.elsewhere(question))
    lengths = np.array([len(text) for text in texts])
    return Ranked(np.array(records), np.array(evidence), np.array(truth), topic, lengths, np.array(elsewhere))


def _evidence(
    phrases: Phrases, similar: NDArray[np.float32], question: rank.Bits, i: int
) -> NDArray[np.float32]:
    own = similar[phrases.starts[i] : phrases.starts[i + 1]]
    support = np.partition(own, -2)[-2] if len(own) > 1 else own[0]
    title = rank.titled(phrases.titles[i])
    return rank.evidence(question, title, level(phrases.codes[i]), float(own.max()), float(support))


def fit_rank(ranked: Ranked, penalty: float = 3.0) -> NDArray[np.float32]:
    """Weights of the features: a conditional logit over the candidates of each question (McFadden 1974), ridge."""
    known = ranked.truth >= 0
    x, y = ranked.evidence[known].astype(np.float64), ranked.truth[known]
    rows = np.arange(len(y))
    free = np.ones(x.shape[2])
    free[:2] = 0.01  # similarity and support need large weights

    def loss(w: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        scores = x @ w
        scores -= scores.max(axis=1, keepdims=True)
        chance = np.exp(scores)
        chance /= chance.sum(axis=1, keepdims=True)
        value = -np.log(chance[rows, y] + 1e-12).sum() + penalty * float(free @ (w * w)) / 2
        chance[rows, y] -= 1
        return value, np.einsum("nc,ncf->f", chance, x) + penalty * free * w

    first = np.zeros(x.shape[2])
    first[0] = 20
    return np.asarray(minimize(loss, first, jac=True, method="L-BFGS-B").x, dtype=np.float32)


def ranking(ranked: Ranked, weights: NDArray[np.float32], k: int) -> tuple[Ranking, bool]:
    """The k-th question as the search ranks it, and whether the first hit is right."""
    evidence = ranked.evidence[k]
    scores = evidence @ weights
    order = np.argsort(-scores)
    found = tuple(Hit("", float(scores[c]), float(evidence[c][0]), float(evidence[c][1])) for c in order)
    whole = Ranking(found, float(ranked.topic[k]), bool(ranked.elsewhere[k]), int(ranked.lengths[k]))
    return whole, bool(order[0] == ranked.truth[k])


def fit_decision(
    inside: Ranked, outside: Ranked, weights: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The regressions ``answer`` (is the first hit right) and ``scope`` (is the question the catalogue's at all)."""
    evidence, right, scope = [], [], []
    for ranked, belongs in ((inside, True), (outside, False)):
        for k in range(len(ranked.truth)):
            whole, correct = ranking(ranked, weights, k)
            evidence.append(features(whole))
            right.append(correct)
            scope.append(belongs)
    x = np.array(evidence)
    share = len(inside.truth) / max(1, len(outside.truth))
    answer = _logistic(x, np.array(right), np.where(scope, 1.0, 0.3 * share))
    return answer, _logistic(x, np.array(scope), np.where(scope, 1.0, share))


def _logistic(
    x: NDArray[np.float32], y: NDArray[np.bool_], weight: NDArray[np.float64]
) -> NDArray[np.float32]:
    model = LogisticRegression(C=10.0, fit_intercept=False, max_iter=2000).fit(x, y, sample_weight=weight)
    return np.asarray(model.coef_[0], dtype=np.float32)

"""Tells texts about public services from anything else, before any record is looked at."""

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from knowledge.search.training.data import Rows

Scores = NDArray[np.float64]
GRAMS = 2.0
"""N-grams count this much more than in the projection; words tell a topic better than meaning in general does."""


def _matrix(rows: Rows) -> sparse.csr_matrix:
    return sparse.hstack([sparse.csr_matrix(rows.dense), rows.bags * GRAMS]).tocsr()


def _model() -> LogisticRegression:
    return LogisticRegression(C=10.0, max_iter=500)


def unseen(inside: list[tuple[Rows, float]], outside: Rows, weight: float) -> tuple[list[Scores], Scores]:
    """Log odds of each text by a regression that has not seen it (five folds).

    ``inside``: texts about services and the weight of each, group by group; ``weight``: of each text outside.
    Returns the scores of each group, and of the texts outside.
    """
    x, y, w = _stacked(inside, outside, weight)
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    scores = cross_val_predict(
        _model(), x, y, cv=folds, method="decision_function", params={"sample_weight": w}
    )
    ends = np.cumsum([rows.dense.shape[0] for rows, _ in inside])
    groups = np.split(scores, ends)
    return groups[:-1], groups[-1]


def fit(inside: list[tuple[Rows, float]], outside: Rows, weight: float) -> NDArray[np.float32]:
    """The weights for sentence vector, buckets and bias, see ``knowledge.search.model``."""
    x, y, w = _stacked(inside, outside, weight)
    model = _model().fit(x, y, sample_weight=w)
    found = model.coef_[0].copy()
    found[inside[0][0].dense.shape[1] :] *= GRAMS
    return np.append(found, model.intercept_[0]).astype(np.float32)


def _stacked(
    inside: list[tuple[Rows, float]], outside: Rows, weight: float
) -> tuple[sparse.csr_matrix, NDArray[np.bool_], Scores]:
    groups = [*inside, (outside, weight)]
    x = sparse.vstack([_matrix(rows) for rows, _ in groups]).tocsr()
    w = np.concatenate([np.full(rows.dense.shape[0], each) for rows, each in groups])
    return x, np.arange(x.shape[0]) < x.shape[0] - outside.dense.shape[0], w

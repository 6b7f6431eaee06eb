"""Fits the kernel machine by ridge regression: solved in one step, held-out scores included.

Memory grows with the square of the examples and time with the cube: 5,000 take some 4 s and 500 MB.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg import lapack, solve
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from nlu.components.kernel import Machine, softmax

ALIKE = 0.85
"""Texts with a greater cosine are held out together: a sentence and its twin in the other script."""


def rows(bags: list[np.ndarray], size: int) -> csr_matrix:
    """Bags of buckets as the unit rows of a sparse matrix with ``size`` columns."""
    lengths = np.array([len(bag) for bag in bags])
    values = np.repeat(1 / np.sqrt(np.maximum(lengths, 1)), lengths).astype(np.float32)
    ends = np.concatenate([[0], np.cumsum(lengths)])
    return csr_matrix((values, np.concatenate(bags), ends), shape=(len(bags), size))


def fit(
    vectors: np.ndarray,
    words: csr_matrix,
    truth: np.ndarray,
    *,
    degree: int,
    share: float,
    ridge: float,
    folds: int,
) -> tuple[Machine, np.ndarray]:
    """Fits a machine to ``truth`` (the number of each example's label).

    ``share``: of the n-grams beside the vectors; ``ridge``: what is added to the kernel's diagonal. Also
    returns the scores that each example gets from a machine that has not seen its fold.
    """
    cosines = vectors @ vectors.T
    fold_of = _folds(cosines, folds)
    kernel = ((1 + cosines) / 2) ** degree + share * (words @ words.T).toarray()
    kernel[np.diag_indices_from(kernel)] += ridge
    targets = np.where(truth[:, None] == np.arange(truth.max() + 1), 1, -1).astype(np.float32)
    inverse = _inverse(kernel)
    alpha = inverse @ targets
    held_out = targets.copy()
    for part in (np.flatnonzero(fold_of == fold) for fold in range(folds)):
        # the residuals of a fold that was left out follow from the inverse of the whole
        held_out[part] -= solve(inverse[np.ix_(part, part)], alpha[part], assume_a="pos")
    return Machine(vectors, alpha, share * (words.T @ alpha), degree), held_out


def fit_temperature(scores: np.ndarray, truth: np.ndarray) -> float:
    """The temperature with the least log loss on held-out scores (Guo et al. 2017, by grid)."""
    numbers = np.arange(len(truth))
    grid = np.geomspace(0.02, 2.0, 60)
    losses = [-np.log(softmax(scores / t)[numbers, truth] + 1e-12).mean() for t in grid]
    return float(grid[int(np.argmin(losses))])


def _folds(cosines: np.ndarray, folds: int) -> np.ndarray:
    """The fold of each example, the same for those that are alike."""
    count, group = connected_components(csr_matrix(cosines > ALIKE), directed=False)
    found: np.ndarray = (np.random.default_rng(7).permutation(count) % folds)[group]
    return found


def _inverse(kernel: np.ndarray) -> np.ndarray:
    """The inverse of a symmetric positive definite matrix, which is overwritten."""
    factor, failed = lapack.spotrf(kernel.T, lower=True, overwrite_a=True)
    inverse, singular = lapack.spotri(factor, lower=True, overwrite_c=True)
    if failed or singular:
        raise ValueError("the kernel is not positive definite: give it a greater ridge")
    lower = np.tril(inverse)
    whole: np.ndarray = lower + np.tril(lower, -1).T
    return whole

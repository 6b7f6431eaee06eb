"""Kernel ridge regression, solved in one step: no iterations, no random start, held-out scores at no extra cost.

Two texts are alike if their sentence vectors are (a polynomial of the cosine, so that the near ones count) or if
they share words (the cosine of hashed n-grams, which is linear and therefore collapses into one weight a bucket).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import lapack, solve
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

Array = np.ndarray

ALIKE = 0.85
"""Texts with a greater cosine are kept in one fold: a sentence and its twin in the other script are one example."""


@dataclass
class Machine:
    """A fitted machine. ``vectors`` (n, 512) and ``alpha`` (n, labels) of the examples, ``words`` (buckets, labels)."""

    vectors: Array
    alpha: Array
    words: Array
    degree: int

    def scores(self, vector: Array, found: Array) -> Array:
        """A score for each label; near 1 for the right one and -1 for the others."""
        near = ((1 + self.vectors @ vector) / 2) ** self.degree
        scores: Array = near @ self.alpha
        if len(found):
            scores = scores + self.words[found].sum(axis=0) / np.sqrt(len(found))
        return scores


def rows(bags: list[Array], size: int) -> csr_matrix:
    """Bags of buckets as unit rows of a sparse matrix."""
    lengths = np.array([len(found) for found in bags])
    values = np.repeat(1 / np.sqrt(np.maximum(lengths, 1)), lengths).astype(np.float32)
    columns = np.concatenate(bags) if lengths.sum() else np.zeros(0, dtype=np.int64)
    return csr_matrix((values, columns, np.concatenate([[0], np.cumsum(lengths)])), shape=(len(bags), size))


def fit(
    vectors: Array, words: csr_matrix, truth: Array, *, degree: int, share: float, ridge: float, folds: int
) -> tuple[Machine, Array]:
    """Fits a machine to labels (``truth``: their numbers); also the score of each example by a fit without its fold.

    ``share`` of the n-grams beside the vectors; ``ridge``: what is added to the kernel's diagonal.
    """
    cosines = vectors @ vectors.T
    fold_of = _folds(cosines, folds)
    kernel = ((1 + cosines) / 2) ** degree + share * (words @ words.T).toarray()
    kernel[np.diag_indices_from(kernel)] += ridge
    targets = np.where(truth[:, None] == np.arange(truth.max() + 1), 1.0, -1.0).astype(np.float32)
    inverse = _inverse(kernel)
    alpha = inverse @ targets
    held_out = np.empty_like(targets)
    for part in (np.flatnonzero(fold_of == fold) for fold in range(folds)):
        if len(part):  # the residual of a fold that was left out, from the inverse of the whole
            held_out[part] = targets[part] - solve(inverse[np.ix_(part, part)], alpha[part], assume_a="pos")
    return Machine(vectors, alpha, share * (words.T @ alpha), degree), held_out


def _folds(cosines: Array, folds: int) -> Array:
    """A fold for each example, the same for those that are alike."""
    count, group = connected_components(csr_matrix(cosines > ALIKE), directed=False)
    return np.random.default_rng(7).integers(folds, size=count)[group]


def _inverse(kernel: Array) -> Array:
    """The inverse of a symmetric positive definite matrix, by Cholesky's method, in its place."""
    factor, failed = lapack.spotrf(kernel.T, lower=True, overwrite_a=True)
    inverse, singular = lapack.spotri(factor, lower=True, overwrite_c=True)
    if failed or singular:
        raise ValueError("the kernel is not positive definite: give it a greater ridge")
    lower = np.tril(inverse)
    return lower + np.tril(lower, -1).T

"""The kernel machine: exact held-out scores, words that matter, and nothing lost on disk."""

from pathlib import Path

import numpy as np
import pytest

from nlu.components.fitting import _folds, fit, fit_temperature, rows
from nlu.components.kernel import Machine, softmax
from nlu.components.lexical import buckets, features

SIZE = 512
OPTIONS = {"degree": 4, "share": 0.5, "ridge": 0.1}


@pytest.fixture
def data() -> tuple[np.ndarray, list[np.ndarray], np.ndarray]:
    """120 examples of three labels: vectors around three centres, and words."""
    chance = np.random.default_rng(1)
    truth = np.repeat(np.arange(3), 40)
    vectors = chance.normal(size=(3, 16))[truth] + 1.2 * chance.normal(size=(120, 16))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    bags = [np.unique(chance.integers(40 * label, 40 * label + 80, size=6)) for label in truth]
    return vectors, bags, truth


def test_held_out_scores_are_those_of_a_machine_that_has_not_seen_the_fold(
    data: tuple[np.ndarray, list[np.ndarray], np.ndarray],
) -> None:
    vectors, bags, truth = data
    _, held_out = fit(vectors, rows(bags, SIZE), truth, folds=4, **OPTIONS)
    fold_of = _folds(vectors @ vectors.T, 4)
    for fold in range(4):
        rest = np.flatnonzero(fold_of != fold)
        other, _ = fit(vectors[rest], rows([bags[i] for i in rest], SIZE), truth[rest], folds=2, **OPTIONS)
        for i in np.flatnonzero(fold_of == fold):
            np.testing.assert_allclose(other.scores(vectors[i], bags[i]), held_out[i], atol=2e-3)


def test_twins_are_held_out_together() -> None:
    vectors = np.eye(8, dtype=np.float32)[[0, 1, 2, 3, 0, 1, 2, 3]]
    fold_of = _folds(vectors @ vectors.T, 3)
    assert (fold_of[:4] == fold_of[4:]).all()


def test_a_machine_survives_the_disk(
    data: tuple[np.ndarray, list[np.ndarray], np.ndarray], tmp_path: Path
) -> None:
    vectors, bags, truth = data
    machine, _ = fit(vectors, rows(bags, SIZE), truth, folds=3, **OPTIONS)
    machine.save(tmp_path / "machine.npz")
    loaded = Machine.load(tmp_path / "machine.npz")
    np.testing.assert_allclose(
        loaded.scores(vectors[0], bags[0]), machine.scores(vectors[0], bags[0]), atol=0.02
    )


def test_a_text_without_words_is_scored_by_its_vector(
    data: tuple[np.ndarray, list[np.ndarray], np.ndarray],
) -> None:
    vectors, bags, truth = data
    machine, _ = fit(vectors, rows(bags, SIZE), truth, folds=3, **OPTIONS)
    assert np.isfinite(machine.scores(vectors[0], np.zeros(0, dtype=np.int64))).all()


def test_a_kernel_that_cannot_be_inverted_is_refused() -> None:
    vectors = np.ones((4, 2), dtype=np.float32)
    with pytest.raises(ValueError, match="ridge"):
        fit(
            vectors,
            rows([np.array([1])] * 4, SIZE),
            np.array([0, 0, 1, 1]),
            degree=1,
            share=1,
            ridge=-1,
            folds=2,
        )


def test_the_temperature_makes_confidence_honest() -> None:
    """Scores that are right in about seven of ten cases get about that confidence."""
    chance = np.random.default_rng(3)
    truth = chance.integers(4, size=4000)
    scores = np.eye(4)[np.where(chance.random(4000) < 0.7, truth, chance.integers(4, size=4000))]
    probabilities = softmax(scores / fit_temperature(scores, truth))
    right = (scores.argmax(axis=1) == truth).mean()
    assert probabilities.max(axis=1).mean() == pytest.approx(right, abs=0.03)


@pytest.mark.parametrize(
    ("text", "some"),
    [
        ("要幾耐", {"要几耐", "几耐$", "^要"}),
        ("How long does it take?", {"_how long", "^how", "take$"}),
        ("办ID卡", {"^办", "d卡$", "_id"}),
        ("", set()),
        ("？！", set()),
    ],
)
def test_words_keep_their_order_and_their_place(text: str, some: set[str]) -> None:
    assert some <= set(features(text))


def test_both_scripts_share_their_features() -> None:
    assert buckets("辦居住證要帶甚麼文件", SIZE).tolist() == buckets("办居住证要带甚么文件", SIZE).tolist()

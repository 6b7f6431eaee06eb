"""Rules of the decision: a calibrated threshold decides to answer, to suggest or to refuse."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.search import decision, rank
from knowledge.search.decision import (
    ANSWER,
    FEATURES,
    SCOPE,
    Hit,
    Ranking,
    chances,
    decide,
    features,
    probability,
)
from knowledge.search.index import Index, Phrase
from knowledge.search.model import FILE, Model, load

ONES = np.zeros(len(FEATURES), dtype=np.float32)
quick = settings(max_examples=80, deadline=None, derandomize=True)


def constant(share: float) -> "np.ndarray[tuple[int], np.dtype[np.float32]]":
    """A regression that says this probability whatever the evidence is."""
    weights = ONES.copy()
    weights[0] = np.log(share / (1 - share))
    return weights


def hit(code: str = "a", score: float = 1.0) -> Hit:
    return Hit(code, score, 0.8, 0.7)


@pytest.mark.parametrize(
    ("right", "inside", "kind"),
    [
        (0.9, 0.9, "answer"),
        (ANSWER + 0.01, SCOPE + 0.01, "answer"),
        (ANSWER - 0.01, SCOPE + 0.01, "suggest"),
        (ANSWER + 0.01, SCOPE - 0.01, "refuse"),
        (0.01, 0.01, "refuse"),
        (0.99, 0.01, "refuse"),
    ],
)
def test_the_thresholds_decide(right: float, inside: float, kind: str) -> None:
    found = decide(constant(right), constant(inside), Ranking((hit("a"), hit("b", 0.5))))
    assert found.kind == kind
    assert (found.right, found.scope) == (pytest.approx(right, abs=1e-4), pytest.approx(inside, abs=1e-4))
    assert [one.code for one in found.hits] == ["a", "b"]


def test_where_nothing_is_found_it_is_refused() -> None:
    found = decide(constant(0.99), constant(0.99), Ranking(()))
    assert (found.kind, found.hits, found.right, found.scope) == ("refuse", (), 0.0, 0.0)


@quick
@given(st.floats(allow_nan=False))
def test_a_probability_is_between_none_and_all(logit: float) -> None:
    assert 0 <= probability(logit) <= 1


@quick
@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=12))
def test_chances_share_one(scores: list[float]) -> None:
    found = chances(scores)
    assert float(found.sum()) == pytest.approx(1)
    assert int(np.argmax(found)) == int(np.argmax(scores))


@quick
@given(
    st.lists(st.tuples(st.floats(-50, 50), st.floats(-1, 1)), min_size=1, max_size=10),
    st.floats(-1e3, 1e3),
    st.booleans(),
    st.integers(0, 5000),
)
def test_evidence_has_one_bounded_number_for_each_feature(
    hits: list[tuple[float, float]], topic: float, elsewhere: bool, length: int
) -> None:
    ranked = sorted(
        (Hit(str(i), score, near, near) for i, (score, near) in enumerate(hits)), key=lambda h: -h.score
    )
    found = features(Ranking(tuple(ranked), topic, elsewhere, length))
    assert found.shape == (len(FEATURES),)
    assert np.isfinite(found).all()
    assert (np.abs(found) <= 2.001).all()


# --- the model file


def test_the_model_in_the_repository_loads_and_fits() -> None:
    model = load()
    assert model.answer.shape == model.scope.shape == (len(FEATURES),)
    assert model.rank.shape == (len(rank.names()),)
    assert model.vector.shape == (512, model.dimensions)
    assert model.gram.shape == (len(model.idf), model.dimensions)
    assert model.topic.shape == (512 + len(model.idf) + 1,)
    for weights in (model.vector, model.gram, model.idf, model.topic, model.rank, model.answer, model.scope):
        assert np.isfinite(weights).all()


def test_a_model_of_other_markers_is_refused(tmp_path_factory: pytest.TempPathFactory) -> None:
    with np.load(FILE, allow_pickle=False) as data:
        fields = {name: data[name] for name in data.files}
    other = tmp_path_factory.mktemp("model") / "model.npz"
    np.savez(other, **{**fields, "features": np.array([*fields["features"][:-1], "something else"])})
    with pytest.raises(ValueError, match="other markers"):
        load.__wrapped__(other)


def test_a_model_with_code_in_it_is_refused(tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("model") / "model.npz"
    np.savez(file, features=np.array([object()], dtype=object))
    with pytest.raises(ValueError, match="pickle"):
        load.__wrapped__(file)


# --- the index


def phrase(model: Model, number: int, code: str, text: str) -> Phrase:
    rng = np.random.default_rng(number)
    vector = rng.normal(size=512).astype(np.float16)
    return Phrase(number, code, "name", text, " ".join(text), vector.tobytes())


pairs = st.tuples(st.integers(1, 12), st.sampled_from("ABCD"))
entries = st.lists(pairs, max_size=12, unique_by=lambda pair: pair[0])


@settings(max_examples=25, deadline=None, derandomize=True)
@given(entries, entries)
def test_an_index_built_from_an_old_one_equals_a_fresh_one(
    before: list[tuple[int, str]], after: list[tuple[int, str]]
) -> None:
    model = load()
    old = Index.build(model, [phrase(model, number, code, f"{code}{number}") for number, code in before], {})
    new = [phrase(model, number, code, f"{code}{number}") for number, code in after]
    kept, fresh = Index.build(model, new, {}, old), Index.build(model, new, {})
    assert kept.phrases == fresh.phrases
    assert kept.codes == fresh.codes
    assert (kept.starts == fresh.starts).all()
    np.testing.assert_allclose(kept.matrix, fresh.matrix, atol=1e-6)


def test_an_index_of_nothing_and_a_question_of_nothing_find_nothing() -> None:
    model = load()
    assert Index.build(model, [], {}).search("居住证").hits == ()
    assert Index.build(model, [phrase(model, 1, "A", "居住证")], {}).search(" \n").hits == ()


@pytest.mark.parametrize("limit", [1, 2, 3, 10])
def test_an_index_finds_at_most_so_many_best_first_and_each_service_once(limit: int) -> None:
    model = load()
    texts = ["居住证办理", "居住证换领", "驾驶证换证", "驾驶证补证"]
    index = Index.build(model, [phrase(model, i, f"S-{i // 2}", text) for i, text in enumerate(texts)], {})
    hits = index.search("居住证", limit).hits
    assert len(hits) == min(limit, 2)
    assert len({one.code for one in hits}) == len(hits)
    assert [one.score for one in hits] == sorted((one.score for one in hits), reverse=True)
    assert decision.decide(model.answer, model.scope, Ranking(hits)).kind in ("answer", "suggest", "refuse")

"""Rules of scripts and folding: differently typed text becomes one form, and stays it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.text.grams import bag, bucket, grams
from knowledge.text.script import fold, is_han, to_simplified, to_traditional

quick = settings(max_examples=300, deadline=None, derandomize=True)
odd = st.text(
    st.sampled_from("ﬁİıßſΩÅ①㍿㎏Ａ　０\xa0\u2028ａ證证台臺后後里裡搵揾說説ǅ\u0345\u1fb3あ가각")
    | st.characters(codec="utf-8"),
    max_size=20,
)


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("居住證", "居住证"),
        ("ＡＢＣ１２３", "abc123"),
        ("  Residence   Permit \n", "residence permit"),
        ("居住证\u3000办理", "居住证 办理"),
        ("（首次）", "(首次)"),
        ("②", "2"),
        ("", ""),
        ("ＯＫ！", "ok!"),
        ("駕駛證　換領", "驾驶证 换领"),
    ],
)
def test_different_ways_to_type_fold_to_one(typed: str, folded: str) -> None:
    assert fold(typed) == folded


@quick
@given(odd)
def test_folding_twice_changes_nothing_more(text: str) -> None:
    once = fold(text)
    assert fold(once) == once


@quick
@given(odd)
def test_folded_text_has_single_blanks_and_no_blank_at_its_ends(text: str) -> None:
    folded = fold(text)
    assert folded == " ".join(folded.split())


@pytest.mark.parametrize(
    "text", ["机动车驾驶证", "广州市公安局", "台风预警", "办理后续手续", "头发", "公里", "搵真人", "搵工"]
)
def test_a_text_in_traditional_script_goes_back_to_simplified(text: str) -> None:
    assert to_simplified(to_traditional(text)) == to_simplified(text)


@pytest.mark.parametrize(
    ("simplified", "traditional"),
    [("机动车驾驶证", "機動車駕駛證"), ("搵", "搵"), ("公里", "公里"), ("皇后", "皇后")],
)
def test_traditional_script_is_that_of_hong_kong_and_guangdong(simplified: str, traditional: str) -> None:
    assert to_traditional(simplified) == traditional
    assert to_traditional(traditional) == traditional


@pytest.mark.parametrize("char", ["一", "穗", "嘅", "𠮷", "㗎", "龥", "\uf900", "\U00030000"])
def test_ideographs_are_han(char: str) -> None:
    assert is_han(char)


@pytest.mark.parametrize("char", ["a", "1", "，", "あ", "가", "😀", " ", "Ａ", "\ue000"])
def test_other_characters_are_not_han(char: str) -> None:
    assert not is_han(char)


def test_grams_are_characters_pairs_stems_and_pieces_of_long_words() -> None:
    assert grams("居住证") == ["居住", "住证", "居", "住", "证"]
    assert grams("ID") == ["_id"]
    assert grams("renewing") == ["_renew", "#rene", "#enew", "#newi", "#ewin", "#wing"]
    assert grams("办ID卡") == ["办", "卡", "_id"]
    assert grams("") == grams("，。!😀") == []


@quick
@given(odd)
def test_grams_do_not_depend_on_how_a_text_is_typed(text: str) -> None:
    assert grams(text) == grams(fold(text))


@quick
@given(st.text(max_size=40), st.sampled_from([1, 7, 8192]))
def test_a_bag_holds_distinct_sorted_buckets(text: str, buckets: int) -> None:
    found = bag(text, buckets)
    assert list(found) == sorted(set(found.tolist()))
    assert all(0 <= one < buckets for one in found)
    assert set(found.tolist()) == {bucket(gram, buckets) for gram in grams(text)}


def test_buckets_are_the_same_in_every_process_and_version() -> None:
    assert [bucket(gram, 8192) for gram in ("居住", "_permit", "#rmit")] == [6663, 1651, 5990]

"""Rules of the markers: words of a question and of a title that tell siblings apart, in every variety."""

import numpy as np
import pytest

from knowledge.search import rank

CASES = [
    ("驾照到期怎么换", {"renewal", "change"}),
    ("車牌夠期點續", {"renewal"}),
    ("renew my licence", {"renewal"}),
    ("身份证丢了", {"loss"}),
    ("身份證唔見咗", {"loss"}),
    ("I lost my passport", {"loss"}),
    ("公司注销", {"ending", "company"}),
    ("預約婚姻登記", {"booking", "filing"}),
    ("book an appointment", {"booking"}),
    ("查下办到哪一步进度", {"lookup", "progress"}),
    ("老外点申请", {"foreign"}),
    ("幫細路仔上戶口", {"person", "child"}),
    ("北京的居住证", {"elsewhere"}),
    ("visa for the US", {"elsewhere"}),
    ("广东省的资质", {"province", "approval"}),
    ("广州市级的奖", {"city", "award"}),
    ("下載表格", {"download"}),
    ("投诉黑中介", {"complaint"}),
    ("今天天气", set()),
]


def asked(text: str) -> set[str]:
    return {name for name, found in zip(rank.markers().names, rank.asked(text), strict=True) if found}


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_a_question_has_the_markers_of_its_words(text: str, expected: set[str]) -> None:
    assert expected <= asked(text)


@pytest.mark.parametrize("text", ["use this", "our business", "is it a must", "refocus"])
def test_the_markers_of_short_english_words_need_the_whole_word(text: str) -> None:
    assert "elsewhere" not in asked(text)


@pytest.mark.parametrize("text", ["北京的居住证", "visa for Japan", "深圳社保"])
def test_a_question_about_another_place_is_known_as_such(text: str) -> None:
    assert rank.elsewhere(rank.asked(text))


def test_a_question_about_this_city_is_not_about_another() -> None:
    for text in ("广州居住证", "廣東居住證", "residence permit in Guangzhou"):
        assert not rank.elsewhere(rank.asked(text))


def test_evidence_has_one_number_for_each_named_feature() -> None:
    names = rank.names()
    assert len(set(names)) == len(names)
    for level in ("province", "city", "state", None):
        found = rank.evidence(rank.asked("广东省驾照续期"), rank.titled("驾驶证延续"), level, 0.5, 0.25)
        assert found.shape == (len(names),)
        assert found.dtype == np.float32
        told = dict(zip(names, found, strict=True))
        assert (told["similarity"], told["support"]) == (0.5, 0.25)
        assert told["renewal:both"] == 1
        assert told["province record, asked"] == (level == "province")
        assert told["city record, other asked"] == (level == "city")


def test_both_scripts_and_widths_have_the_same_markers() -> None:
    for one, other in (("預約註銷", "预约注销"), ("ＲＥＮＥＷ", "renew"), ("遺失補辦", "遗失补办")):
        assert (rank.asked(one) == rank.asked(other)).all()
        assert (rank.titled(one) == rank.titled(other)).all()

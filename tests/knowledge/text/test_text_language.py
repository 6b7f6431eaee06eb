"""Rules of telling languages apart: four varieties, mixed, and text that has none."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.text.language import LANGUAGES, detect

CASES = {
    "zh-Hans": [
        "居住证怎么办理", "要多久", "驾驶证到期怎么换", "政务大厅几点开门", "下午几点开始上班", "多少钱",
        "你好", "谢谢",
        "这边度假村要备案吗", "旁边个体户怎么注册", "防晒霜备案", "几点关门", "重点人群登记", "系统打不开",
        "关系证明",
        "地点在哪", "我想办护照", "公司注销流程", "喇嘛教场所登记", "小喇叭", "护照passport怎么办",
        "ok 好的，怎么预约",
    ],
    "zh-Hant": [
        "居住證怎麼辦理", "駕照到期怎麼換", "幾點開門", "公證處幾點下班", "要帶什麼材料", "多少錢",
        "關係證明在哪裡開",
        "地點在哪裡", "重點人群登記", "這邊個人可以辦嗎", "申請護照", "一點鐘可以辦嗎", "點選預約",
        "passport 怎麼辦",
    ],
    "yue": [
        "居住證點樣申請", "车牌到期点样续", "要帶咩", "喺邊度辦", "使唔使預約", "幾耐先攞到", "收幾多錢",
        "呢個得唔得",
        "我想搵工", "佢哋幾時返工", "係咪要親身去", "唔該", "多謝晒", "睇下先", "边度可以办", "係呀",
        "就係呢個",
        "點改名", "點預約婚姻登記", "電動車上牌點申請", "屋企人代辦得唔得", "想換passport，點搞",
    ],
    "en": [
        "how do I renew my licence", "residence permit", "hi", "OK", "What's the fee?",
        "I lost my 身份证 and what should I do now please",
        "Where is the Tianhe 政务 service centre and what do I bring to it",
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("language", "text"), [(name, text) for name, texts in CASES.items() for text in texts]
)
def test_a_message_is_in_the_language_it_is_written_in(language: str, text: str) -> None:
    assert detect(text) == language


@pytest.mark.parametrize(
    "text", ["", " ", "123", "😀", "？！", "12345 678", "👍🏽", "。。。", "20-30%", "\u200b"]
)
def test_digits_marks_and_emoji_have_no_language(text: str) -> None:
    assert detect(text) is None
    assert detect(text, "yue") is None


@pytest.mark.parametrize("previous", ["zh-Hans", "zh-Hant", "yue"])
@pytest.mark.parametrize("text", ["要多久", "你好", "天河", "在哪"])
def test_text_that_both_scripts_share_takes_the_variety_before(text: str, previous: str) -> None:
    assert detect(text, previous) == previous


@pytest.mark.parametrize("previous", [None, "en", "fr"])
def test_text_that_both_scripts_share_is_mandarin_without_a_variety_before(previous: str | None) -> None:
    assert detect("要多久", previous) == "zh-Hans"


def test_what_is_clearly_written_is_not_changed_by_what_was_before() -> None:
    for previous in LANGUAGES:
        assert detect("居住证怎么办", previous) == "zh-Hans"
        assert detect("居住證怎麼辦", previous) == "zh-Hant"
        assert detect("喺邊度辦", previous) == "yue"
        assert detect("where is it", previous) == "en"


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.text(max_size=60), st.sampled_from([None, *LANGUAGES]))
def test_every_text_has_one_of_the_languages_or_none(text: str, previous: str | None) -> None:
    assert detect(text, previous) in (None, *LANGUAGES)

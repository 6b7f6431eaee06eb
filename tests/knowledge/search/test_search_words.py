"""Rules of what a message is about: words that only ask leave nothing, in every variety; topics stay."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.search.words import segment, topic
from knowledge.text.script import fold

SEED = Path(__file__).parents[3] / "knowledge" / "seed" / "names.jsonl"

ASKING = [
    "那要带什么？", "要多久", "多少钱", "去哪里办", "怎么办理", "可以网上办吗", "需要什么条件", "周末上班吗",
    "咨询电话是多少",
    "那费用呢", "请问怎么申请", "要准备哪些材料", "几点开门", "归哪个部门管", "能不能预约", "代办可以吗",
    "要原件吗",
    "要帶什麼材料？", "多少錢", "去哪裡辦", "可以網上辦嗎", "需要什麼條件", "費用呢", "請問怎麼申請",
    "歸哪個部門管",
    "要帶咩", "幾耐", "幾多錢", "喺邊度辦", "點樣申請", "網上得唔得", "使唔使預約", "邊個部門負責",
    "咁費用呢", "收唔收錢",
    "what do I need to bring", "how long does it take", "how much is it", "where do I go",
    "can I do it online?",
    "What's the phone number?", "which department is responsible", "and the fee?", "how do I apply",
    "is it free",
    "", "？？", "123", "😀", "呢", "ok",
]  # fmt: skip
ABOUT = [
    ("补驾照要带什么", "补驾照"),
    ("居住证怎么办理", "居住证"),
    ("居住證怎麼辦理", "居住证"),
    ("居住證點樣申請", "居住证"),
    ("車牌續期要幾耐", "车牌续期"),
    ("how do I renew my licence", "renew licence"),
    ("residence permit fee", "residence permit"),
    ("用passport办", "passport"),
    ("就业补贴怎么申请", "就业补贴"),
    ("就业", "就业"),
    ("用电怎么申请", "用电"),
    ("会计", "会计"),
    ("补办身份证", "身份证"),
    ("身份證", "身份证"),
    ("打工要辦咩", "打工"),
    ("再婚登记", "再婚登记"),
    ("劳动仲裁去哪里", "劳动仲裁"),
    ("等级考试", "等级考试"),
]


@pytest.mark.parametrize("text", ASKING)
def test_a_message_that_only_asks_is_about_nothing(text: str) -> None:
    assert topic(text) == ""


@pytest.mark.parametrize(("text", "expected"), ABOUT)
def test_what_a_message_is_about_stays(text: str, expected: str) -> None:
    assert topic(text) == expected


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("天河区呢", ("天河区",)),
        ("天河區呢", ("天河區",)),
        ("咁越秀呢", ("越秀",)),
        ("what about Tianhe", ("Tianhe",)),
    ],
)
def test_the_name_of_a_place_is_no_topic_once_it_is_known(text: str, names: tuple[str, ...]) -> None:
    assert topic(text)
    assert topic(text, names) == ""


def test_an_empty_name_takes_nothing_away() -> None:
    assert topic("居住证", ("",)) == "居住证"


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.text(max_size=40))
def test_a_topic_is_part_of_the_folded_text_and_the_same_however_it_is_typed(text: str) -> None:
    found = topic(text)
    assert topic(fold(text)) == found
    assert set(found.replace(" ", "")) <= set(fold(text))


def test_nearly_every_everyday_name_of_a_service_is_about_something() -> None:
    names = [
        name
        for line in SEED.read_text("utf-8").splitlines()
        for key in ("zh", "yue", "en")
        for name in json.loads(line).get(key) or ()
    ]
    lost = [name for name in names if not topic(name)]
    assert len(lost) <= len(names) / 500, lost


@pytest.mark.parametrize("text", ["居住证", "renew licence", ""])
def test_a_phrase_is_cut_into_tokens_without_blanks(text: str) -> None:
    assert not any(" " in token for token in segment(text))

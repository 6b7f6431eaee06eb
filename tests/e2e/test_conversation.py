"""Whole conversations over the HTTP API, through the real bot."""

import re

import pytest

from knowledge.text.script import to_simplified

pytestmark = pytest.mark.asyncio(loop_scope="session")


def cited(reply: dict) -> str:  # type: ignore[type-arg]
    return str(reply["citations"][0]["code"]) if reply["citations"] else ""


async def test_follow_ups_keep_the_service_in_any_language(citizen):
    first = await citizen.say("身份证丢了怎么补办")
    assert first["outcome"] == "answered"
    assert cited(first) == "gz-idcard-lost"
    for text in ("要带什么?", "那在哪里办?", "how long does it take?", "要幾多錢", "收費嗎？"):
        reply = await citizen.say(text)
        assert cited(reply) == "gz-idcard-lost", text


async def test_a_district_follow_up_lists_its_halls(citizen):
    await citizen.say("身份证丢了怎么补办")
    reply = await citizen.say("天河区呢?")
    assert reply["outcome"] == "answered"
    assert "天河区政务服务中心" in reply["text"]


async def test_a_new_service_replaces_the_old_one(citizen):
    await citizen.say("身份证丢了怎么补办")
    assert cited(await citizen.say("离婚登记要什么材料")) == "gz-divorce"
    assert cited(await citizen.say("在哪里办")) == "gz-divorce"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("驾驶证到期了怎么换", "zh-Hans"),
        ("駕駛執照到期了要如何換證", "zh-Hant"),
        ("車牌到期點樣續", "yue"),
        ("how do I renew my driving licence", "en"),
    ],
)
async def test_every_variety_is_answered_in_its_own_words_and_script(citizen, text, language):
    reply = await citizen.say(text)
    assert reply["outcome"] in ("answered", "suggested")
    assert reply["language"] == language
    if language in ("zh-Hant", "yue"):
        assert re.search("[駕證換辦點係個這]", reply["text"])
        assert to_simplified(reply["text"]) != reply["text"]


async def test_an_ambiguous_word_gets_up_to_three_suggestions_and_a_number_chooses(citizen):
    reply = await citizen.say("公积金")
    assert reply["outcome"] == "suggested"
    assert 2 <= len(reply["suggestions"]) <= 3
    second = reply["suggestions"][1]["code"]
    chosen = await citizen.say("第二个")
    assert chosen["outcome"] == "answered"
    assert cited(chosen) == second


async def test_a_button_chooses_too(citizen):
    reply = await citizen.say("公积金")
    chosen = await citizen.say(payload=reply["suggestions"][0]["payload"])
    assert cited(chosen) == reply["suggestions"][0]["code"]


async def test_none_of_these_names_who_can_help(citizen):
    await citizen.say("公积金")
    reply = await citizen.say("都不是")
    assert reply["outcome"] == "asked"
    assert "12345" in reply["text"]


@pytest.mark.parametrize(
    "text", ["今天天气怎么样", "台北有咩好食", "tell me a joke", "幫我寫一首詩", "asdf qwer zxcv"]
)
async def test_what_is_no_public_service_is_refused_with_the_hotline(citizen, text):
    reply = await citizen.say(text)
    assert reply["outcome"] == "refused"
    assert "12345" in reply["text"]
    assert not [c for c in reply["citations"] if c["kind"] == "service"]


async def test_a_fact_that_the_record_does_not_state_is_named_as_such(citizen):
    await citizen.say("居住证办理在哪里办")
    reply = await citizen.say(payload='/ask_where{"service": "gz-residence-permit"}')
    assert "没有写明" in reply["text"]
    assert cited(reply) == "gz-residence-permit"


async def test_a_language_that_was_asked_for_stays(citizen):
    changed = await citizen.say("please answer in english")
    assert changed["language"] == "en"
    assert (await citizen.say("身份证丢了怎么办"))["language"] == "en"


async def test_start_over_forgets_the_service(citizen):
    await citizen.say("身份证丢了怎么补办")
    await citizen.say("重新开始")
    assert (await citizen.say("要带什么"))["outcome"] == "asked"


async def test_a_person_please_names_the_hotline(citizen):
    reply = await citizen.say("转人工")
    assert reply["outcome"] == "handed_off"
    assert "12345" in reply["text"]

"""Rules of what may be said: wording and cited facts, from records in force, in the citizen's script."""

import asyncio
from datetime import date, timedelta

import pytest
from gateway_examples import (
    CITATION,
    CODE,
    FACTS,
    Citizen,
    FakeBot,
    Start,
    fee,
    licence,
    message,
    parts_of,
    publish,
    runs,
    says,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.contract import Reply
from connectors.gateway.parts import Parts
from connectors.gateway.pipeline import traditional
from connectors.gateway.wording import proven, responses, words
from knowledge.services import store

TODAY = date.today()
ASK_FEE = runs("action_services_answer", "ask_fee")


async def test_a_message_with_a_fact_and_its_citation_is_sent(bot: FakeBot, citizen: Citizen) -> None:
    bot.turn = says(fee())
    reply = await citizen.one("驾照换证多少钱")
    assert reply["text"] == "“机动车驾驶证换证”的收费：\n10元"
    assert [citation["code"] for citation in reply["citations"]] == [CODE]


async def test_a_message_with_a_fact_and_no_citation_is_never_sent(bot: FakeBot, citizen: Citizen) -> None:
    for citations in ([], None, "x", [{}], [CITATION | {"as_of": None}]):
        bot.turn = says(fee(custom=fee()["custom"] | {"citations": citations}))
        assert (await citizen.one("驾照换证多少钱"))["outcome"] == "failed"


async def test_rogue_text_that_matches_no_wording_is_dropped(bot: FakeBot, citizen: Citizen) -> None:
    for rogue in (
        fee(text=fee()["text"] + "，找我代办更快"),
        fee(text="10元"),
        fee(response="utter_services_time"),
        fee(response="utter_no_such_thing"),
        fee(response=None),
        message("utter_greet") | {"text": "您好，请加微信"},
        message("utter_greet", facts=FACTS, citations=[CITATION]) | {"text": "您好，10元"},
        fee(custom=fee()["custom"] | {"facts": FACTS | {"fee": "20元"}}),
    ):
        bot.turn = says(rogue)
        reply = await citizen.one("驾照换证多少钱")
        assert (reply["outcome"], reply["citations"]) == ("failed", [])
        assert reply["text"] == words("utter_default", "zh-Hans").text


async def test_every_message_that_is_dropped_is_counted(bot: FakeBot, citizen: Citizen) -> None:
    async def counted() -> float:
        async with citizen.client.get("/metrics") as response:
            text = await response.text()
        return float(
            next(line.split()[1] for line in text.splitlines() if line.startswith("suiwen_unproven_total "))
        )

    before = await counted()
    bot.turn = says(fee(text="谣言"), fee(custom=7))
    await citizen.one("你好")
    assert await counted() == before + 2


@pytest.mark.parametrize("language", ["zh-Hans", "yue", "en"])
@pytest.mark.parametrize("name", sorted(responses()))
def test_every_wording_is_proven_by_its_own_facts_only(name: str, language: str) -> None:
    variant = words(name, language)
    facts = {placeholder: f"值{number}" for number, placeholder in enumerate(sorted(variant.placeholders))}
    text = variant.render(facts)
    assert proven(name, text, facts, cited=True)
    assert proven(name, text, facts, cited=False) is not bool(facts)
    assert not proven(name, text + "!", facts, cited=True)
    if facts:
        assert not proven(name, text, facts | {sorted(facts)[0]: "别的"}, cited=True)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.text(max_size=40))
def test_a_fact_is_said_as_it_is_and_makes_no_other_fact(value: str) -> None:
    facts = {"title": "{fee}", "fee": value, "original": "∅"}
    text = words("utter_services_fee", "zh-Hans").render(facts)
    assert proven("utter_services_fee", text, facts, cited=True)
    if "∅" not in value:
        assert text.startswith("“{fee}”")


# --- what is published and in force


async def test_only_what_is_published_is_answered_from(bot: FakeBot, citizen: Citizen, parts: Parts) -> None:
    bot.turn = ASK_FEE
    assert (await citizen.one("驾驶证期满换证多少钱"))["citations"] == []
    await publish(parts.database, licence())
    await refreshed(parts)
    reply = await citizen.one("驾驶证期满换证多少钱")
    assert (reply["outcome"], reply["citations"][0]["revision"]) == ("answered", 1)
    assert "10元" in reply["text"]


async def refreshed(parts: Parts) -> None:
    """Waits until the app shows what the database says."""
    version = parts.catalogue.snapshot.version
    for _ in range(100):
        if parts.catalogue.snapshot.version != version:
            return
        await asyncio.sleep(0.02)
    raise AssertionError("the catalogue did not follow within two seconds")


async def test_a_new_revision_is_cited_and_the_old_one_no_longer_said(
    bot: FakeBot, citizen: Citizen, parts: Parts
) -> None:
    bot.turn = ASK_FEE
    await publish(parts.database, licence())
    await refreshed(parts)
    await citizen.one("驾驶证期满换证多少钱")
    await publish(parts.database, licence(fees=({"text": "15元"},)))
    await refreshed(parts)
    reply = await citizen.one("多少钱")
    assert "15元" in reply["text"]
    assert "10元" not in reply["text"]
    assert reply["citations"][0]["revision"] == 2


async def test_a_record_withdrawn_between_two_questions_is_not_quoted_any_more(
    bot: FakeBot, citizen: Citizen, parts: Parts
) -> None:
    bot.turn = ASK_FEE
    await publish(parts.database, licence())
    await refreshed(parts)
    assert "10元" in (await citizen.one("驾驶证期满换证多少钱"))["text"]
    async with parts.database.write() as session:
        await store.withdraw(session, CODE, "tester")
    await refreshed(parts)
    for text in ("多少钱", "驾驶证期满换证多少钱"):
        reply = await citizen.one(text)
        assert reply["outcome"] in ("refused", "asked")
        assert "10元" not in reply["text"]
        assert not any(citation["kind"] == "service" for citation in reply["citations"])


async def test_a_record_that_expires_between_two_questions_is_not_quoted_any_more(
    bot: FakeBot, citizen: Citizen, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    bot.turn = ASK_FEE
    await publish(parts.database, licence(valid_until=TODAY))
    await refreshed(parts)
    assert "10元" in (await citizen.one("驾驶证期满换证多少钱"))["text"]

    class Tomorrow(date):
        @classmethod
        def today(cls) -> date:
            return TODAY + timedelta(days=1)

    monkeypatch.setattr("knowledge.search.catalogue.date", Tomorrow)
    follow_up = await citizen.one("多少钱")
    assert follow_up["outcome"] == "refused"
    assert follow_up["text"] == words("utter_services_withdrawn", "zh-Hans").text
    assert "10元" not in (await citizen.one("驾驶证期满换证多少钱"))["text"]


async def test_a_record_that_is_not_in_force_yet_is_not_quoted(
    bot: FakeBot, citizen: Citizen, parts: Parts
) -> None:
    bot.turn = ASK_FEE
    await publish(parts.database, licence(valid_from=TODAY + timedelta(days=1)))
    await refreshed(parts)
    reply = await citizen.one("驾驶证期满换证多少钱")
    assert reply["citations"] == []
    assert "10元" not in reply["text"]


async def test_a_button_of_a_withdrawn_record_gets_no_answer_about_another(
    bot: FakeBot, citizen: Citizen, parts: Parts
) -> None:
    await publish(parts.database, licence())
    await refreshed(parts)
    bot.turn = ASK_FEE
    assert "10元" in (await citizen.one("驾驶证期满换证多少钱"))["text"]
    bot.turn = runs("action_services_answer", "ask_fee", {"service": "GONE-1"})
    _, found = await citizen.post(payload='/ask_fee{"service": "GONE-1"}')
    (reply,) = found["replies"]
    assert reply["outcome"] == "refused"
    assert "10元" not in reply["text"]


async def test_the_last_snapshot_answers_when_the_database_is_gone(
    start: Start, bot: FakeBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("knowledge.search.catalogue.POLL_SECONDS", 0.05)
    client = await start()
    citizen, parts = await Citizen(client).open(), parts_of(client)
    await publish(parts.database, licence())
    await refreshed(parts)
    monkeypatch.setattr(parts.catalogue, "_database", _Gone())
    bot.turn = ASK_FEE
    for _ in range(100):
        if parts.catalogue.failing:
            break
        await asyncio.sleep(0.02)
    assert "10元" in (await citizen.one("驾驶证期满换证多少钱"))["text"]
    async with client.get("/health") as response:
        health = await response.json()
    assert (response.status, health["status"], health["parts"]["catalogue"]) == (200, "degraded", "stale")


class _Gone:
    def read(self) -> None:
        raise OSError("gone")


# --- scripts


async def test_replies_to_traditional_script_are_written_in_it_and_codes_and_addresses_stay(
    bot: FakeBot, citizen: Citizen, parts: Parts
) -> None:
    await publish(parts.database, licence())
    await refreshed(parts)
    bot.turn = runs("action_services_answer", "ask_service")
    reply = await citizen.one("駕駛證期滿換證怎麼辦")
    assert reply["language"] == "zh-Hant"
    assert "機動車駕駛證期滿換證" in reply["text"]
    assert "https://example.org/网上办理/简体?code=x" in reply["text"]
    citation = reply["citations"][0]
    assert (citation["code"], citation["title"]) == (CODE, "機動車駕駛證期滿換證")
    assert citation["source_url"] == "https://example.org/guide"
    assert all(CODE in button["payload"] for button in reply["buttons"])
    assert reply["buttons"][0]["title"] == "帶什麼材料"


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.text("广州办证后里面台a1?=&/%-", max_size=20), st.sampled_from(["", "，", "。", " ", "\n", "）"]))
def test_an_address_in_a_text_is_never_converted(path: str, after: str) -> None:
    url = f"https://example.org/{path}"
    reply = Reply(text=f"网上办理：{url}{after}后续", outcome="answered", language="zh-Hant")
    assert url.rstrip("，。）") in traditional(reply).text


@pytest.mark.parametrize("name", sorted(responses()))
def test_cantonese_wording_is_in_traditional_script_already(name: str) -> None:
    reply = Reply(text=words(name, "yue").text, outcome="answered", language="yue")
    if any(variant.language == "yue" for variant in responses()[name]):
        assert traditional(reply).text == reply.text


def test_every_wording_exists_in_english_cantonese_and_mandarin() -> None:
    for name, variants in responses().items():
        languages = {variant.language for variant in variants}
        assert languages in ({"en", "yue", None}, {None}), name
        if languages == {None}:
            assert name.startswith("utter_language_changed_")


async def test_official_phone_numbers_stay_in_replies_that_are_kept(
    bot: FakeBot, citizen: Citizen, parts: Parts
) -> None:
    await publish(parts.database, licence())
    await refreshed(parts)
    bot.turn = runs("action_services_answer", "ask_phone")
    assert "020-83118400" in (await citizen.one("驾驶证期满换证咨询电话，我的是13800138000"))["text"]
    (turn,) = await citizen.history()
    assert "020-83118400" in turn["replies"][0]["text"]
    assert "13800138000" not in str(turn)
    assert "[phone]" in turn["said"]

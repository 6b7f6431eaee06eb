"""Rules of the conversation itself, of halls and departments, and of all wordings that actions name."""

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from action_examples import Known, Said, decided, say, tracker
from rasa_sdk import Action, Tracker

from actions.dialogue import (
    ChangeLanguage,
    FeedbackBad,
    ReferToPerson,
    RepeatDialogue,
    RestartDialogue,
    language_named,
)
from actions.offices import AnswerOffice
from actions.services import AffirmService, AnswerService, ChooseService, NoneOfThese
from connectors.gateway.wording import proven, responses, words

ACTIONS = Path(__file__).parents[2] / "actions"
Know = Callable[..., Known]


async def test_starting_over_forgets_everything(known: Known) -> None:
    slots = {"service": "FULL", "aspect": "ask_fee", "place": "440106", "suggestions": ["OTHER"]}
    said = await say(RestartDialogue(), tracker("重新开始", "start_over", slots=slots))
    assert said.response == "utter_dialogue_restarted"
    assert said.slots == {"service": None, "aspect": None, "place": None, "suggestions": []}


async def test_what_was_said_is_said_again(known: Known) -> None:
    said = await say(
        RepeatDialogue(), tracker("再说一遍", "repeat", slots={"service": "FULL", "aspect": "ask_fee"})
    )
    assert (said.response, said.cited) == ("utter_services_fee", ["FULL"])
    assert (await say(RepeatDialogue(), tracker("再说一遍", "repeat"))).response == "utter_services_which"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("讲广东话", "yue"), ("講廣東話", "yue"), ("用粤语", "yue"), ("白话得唔得", "yue"),
        ("Cantonese please", "yue"),
        ("用繁体中文", "zh-Hant"), ("繁體", "zh-Hant"), ("traditional Chinese", "zh-Hant"),
        ("普通话", "zh-Hans"),
        ("简体中文", "zh-Hans"), ("speak Chinese", "zh-Hans"), ("English please", "en"), ("用英文", "en"),
        ("英語", "en"),
        ("换个语言", None), ("deutsch", None), ("", None),
    ],
)  # fmt: skip
def test_a_language_is_known_by_its_names(text: str, language: str | None) -> None:
    assert language_named(text) == language


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant", "yue", "en"])
async def test_a_change_of_language_is_confirmed_in_it_and_announced(known: Known, language: str) -> None:
    given = tracker(f'/change_language{{"language": "{language}"}}', entities=(("language", language, ""),))
    said = await say(ChangeLanguage(), given)
    assert said.response == f"utter_language_changed_{language.replace('-', '_').lower()}"
    assert said.response in responses()
    assert (said.custom["event"], said.custom["language"], said.slots["language"]) == (
        "language_changed", language, language,
    )  # fmt: skip


@pytest.mark.parametrize("payload", ["fr", "", "zh"])
async def test_a_language_that_is_not_spoken_is_asked_about(known: Known, payload: str) -> None:
    given = tracker(f'/change_language{{"language": "{payload}"}}', entities=(("language", payload, ""),))
    said = await say(ChangeLanguage(), given)
    assert said.response == "utter_language_which"
    assert "language" not in said.slots
    assert len(said.one["buttons"]) == 4


async def test_a_change_without_a_language_asks_which(known: Known) -> None:
    said = await say(
        ChangeLanguage(), tracker("换个语言", "change_language", entities=(("language", "zh-Hans", ""),))
    )
    assert said.response == "utter_language_which"


async def test_a_complaint_is_announced_and_the_topic_stays(known: Known) -> None:
    said = await say(FeedbackBad(), tracker("答非所问", "rate_bad", slots={"service": "FULL"}))
    assert (said.custom["event"], said.slots["service"]) == ("rated_bad", "FULL")


@pytest.mark.parametrize("language", ["zh-Hans", "yue", "en"])
async def test_a_person_is_referred_to_with_the_phone_of_the_service(known: Known, language: str) -> None:
    said = await say(ReferToPerson(), tracker("人工", "human", language=language, slots={"service": "FULL"}))
    assert (said.response, said.custom["outcome"]) == ("utter_handoff_refer_department", "handed_off")
    assert "020-12345678" in said.text
    assert said.cited == ["FULL"]


@pytest.mark.parametrize("service", [None, "BARE", "EXPIRED"])
async def test_a_person_is_the_hotline_where_no_phone_is_stated(known: Known, service: str | None) -> None:
    said = await say(ReferToPerson(), tracker("人工", "human", slots={"service": service}))
    assert (said.response, said.cited) == ("utter_handoff_refer", [])
    assert "12345" in said.text


# --- halls and departments


async def hall(text: str, *entities: tuple[str, str, str], **options: Any) -> Said:
    return await say(AnswerOffice(), tracker(text, "ask_nearest_hall", entities=entities, **options))


@pytest.mark.parametrize("place", ["440106", "440106001"])
async def test_the_halls_of_a_district_or_of_a_streets_district_are_listed(known: Known, place: str) -> None:
    said = await hall("天河呢", ("place", place, "天河"))
    assert (said.response, said.cited, said.slots["place"]) == ("utter_offices_list", ["hall-1"], place[:6])
    assert "软件路13号" in said.text


async def test_a_hall_is_near_a_location(known: Known) -> None:
    said = await hall('/ask_nearest_hall{"location": "23.1,113.37"}', ("location", "23.1,113.37", ""))
    assert said.cited == ["hall-1"]


@pytest.mark.parametrize(
    "location", ["nan,nan", "inf,1", "-inf,inf", "x,y", "", "1", "1,2,3", "95,400", "39.9,116.4"]
)
async def test_a_location_that_is_none_or_far_away_is_asked_about(known: Known, location: str) -> None:
    said = await hall("/ask_nearest_hall{}", ("location", location, ""))
    assert said.response == "utter_offices_ask_place"


async def test_without_a_place_the_district_is_asked_for(known: Known) -> None:
    said = await hall("附近的办事大厅")
    assert (said.response, said.custom["outcome"]) == ("utter_offices_ask_place", "asked")
    assert [button["payload"] for button in said.one["buttons"]] == [
        '/ask_nearest_hall{"place": "440106"}',
        '/ask_nearest_hall{"place": "440104"}',
    ]


async def test_a_district_without_a_hall_says_so(known: Known) -> None:
    said = await hall("越秀呢", ("place", "440104", "越秀"))
    assert (said.response, said.custom["outcome"]) == ("utter_offices_none", "refused")


async def test_halls_come_with_the_place_of_the_service(known: Known) -> None:
    said = await hall("天河呢", ("place", "440106", "天河"), slots={"service": "FULL"})
    assert (said.response, said.cited) == ("utter_offices_service", ["FULL", "hall-1"])
    assert "华利路61号" in said.text


@pytest.mark.parametrize("action", [AnswerOffice(), AnswerService()])
@pytest.mark.parametrize("language", ["zh-Hans", "yue", "en"])
async def test_a_hall_that_is_named_is_described(known: Known, action: Action, language: str) -> None:
    given = tracker(
        "天河区政务服务中心", entities=(("office", "hall-1", "天河区政务服务中心"),), language=language
    )
    said = await say(action, given)
    assert (said.response, said.cited) == ("utter_offices_one", ["hall-1"])
    assert "020-38622222" in said.text


@pytest.mark.parametrize("action", [AnswerOffice(), AnswerService()])
async def test_a_hall_without_a_date_is_never_quoted(known: Known, action: Action) -> None:
    said = await say(action, tracker("某大厅", entities=(("office", "hall-2", "某大厅"),)))
    assert said.response != "utter_offices_one"
    assert all(citation["as_of"] for citation in said.custom["citations"])


@pytest.mark.parametrize("language", ["zh-Hans", "yue", "en"])
async def test_a_department_that_is_named_is_described(known: Known, language: str) -> None:
    given = tracker("公安局电话", "ask_phone", entities=(("department", "D-1", "公安局"),), language=language)
    said = await say(AnswerService(), given)
    assert (said.response, said.cited) == ("utter_departments_contact", ["D-1"])
    assert "020-83116688" in said.text


async def test_a_department_without_a_record_of_its_own_is_not_described(known: Known) -> None:
    said = await say(AnswerService(), tracker("某局", entities=(("department", "D-2", "某局"),)))
    assert (said.response, said.cited) == ("utter_services_refuse", [])


# --- every wording that an action names


def named() -> set[str]:
    """All wordings named in the actions' source; a prefix ends with an underscore."""
    return {
        node.value
        for file in ACTIONS.glob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("utter_")
    }


def scenarios() -> list[tuple[Action, dict[str, Any]]]:
    """Turns that together make the actions say everything they can."""
    full, bare = {"service": "FULL"}, {"service": "BARE"}
    aspects = [
        (AnswerService(), {"text": "呢", "intent": intent, "slots": {"service": code}})
        for code in ("FULL", "BARE", "ONLINE", "EXPIRED")
        for intent in (
            "ask_service", "ask_materials", "ask_where", "ask_time", "ask_fee", "ask_conditions", "ask_steps",
            "ask_online", "ask_phone", "ask_department", "ask_hours", "out_of_scope",
        )
    ]  # fmt: skip
    return [
        *aspects,
        (AnswerService(), {"text": "要多久", "intent": "ask_time"}),
        (AnswerService(), {"text": "多个", "intent": "ask_service"}),
        (AnswerService(), {"text": "多样证件", "intent": "ask_service"}),
        (AnswerService(), {"text": "外星护照", "intent": "ask_service"}),
        (AnswerService(), {"text": "煮鸡蛋", "intent": "ask_service"}),
        (AnswerService(), {"text": "某局", "entities": (("department", "D-2", "某局"),)}),
        (AnswerService(), {"text": "公安局", "entities": (("department", "D-1", "公安局"),)}),
        (AnswerService(), {"text": "中心", "entities": (("office", "hall-1", "中心"),)}),
        (ChooseService(), {"text": "2", "intent": "choose", "slots": {"suggestions": ["FULL"]}}),
        (ChooseService(), {"text": "1", "intent": "choose"}),
        (AffirmService(), {"text": "好", "intent": "affirm", "slots": {"suggestions": ["FULL"]}}),
        (NoneOfThese(), {"text": "不是", "intent": "deny", "slots": {"suggestions": ["FULL"]}}),
        (NoneOfThese(), {"text": "不是", "intent": "deny"}),
        (AnswerOffice(), {"text": "天河", "entities": (("place", "440106", "天河"),)}),
        (AnswerOffice(), {"text": "天河", "entities": (("place", "440106", "天河"),), "slots": full}),
        (AnswerOffice(), {"text": "天河", "entities": (("place", "440106", "天河"),), "slots": bare}),
        (AnswerOffice(), {"text": "越秀", "entities": (("place", "440104", "越秀"),)}),
        (AnswerOffice(), {"text": "附近"}),
        (RestartDialogue(), {"text": "重来"}),
        (RepeatDialogue(), {"text": "再说", "slots": full}),
        (FeedbackBad(), {"text": "差"}),
        (ReferToPerson(), {"text": "人工"}),
        (ReferToPerson(), {"text": "人工", "slots": full}),
        (ChangeLanguage(), {"text": "换语言"}),
        *((ChangeLanguage(), {"text": text}) for text in ("广东话", "繁体", "普通话", "英文")),
    ]


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant", "yue", "en"])
async def test_every_wording_that_actions_name_exists_and_gets_all_its_facts(
    know: Know, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    know(
        多样证件=decided("suggest", "FULL", "OTHER"),
        外星护照=decided("refuse", "FULL", scope=0.4),
        煮鸡蛋=decided("refuse", "FULL", scope=0.01),
    )
    seen = set()

    async def run(action: Action, given: Tracker) -> None:
        said = await say(action, given)
        for message in said.messages:
            name, custom = message["response"], message["custom"]
            seen.add(name)
            variant = words(name, language)
            assert variant.placeholders <= set(custom["facts"]), name
            assert all(isinstance(value, str) for value in custom["facts"].values()), name
            assert {key: message[key] for key in custom["facts"]} == custom["facts"], name
            text = variant.render(custom["facts"])
            assert text, name
            assert "{" not in text, text
            assert "∅" not in text, text
            assert proven(name, text, custom["facts"], bool(custom["citations"])), name
            assert custom["outcome"] in ("answered", "asked", "suggested", "refused", "handed_off", "failed")

    for action, given in scenarios():
        await run(action, tracker(language=language, **given))
    monkeypatch.setattr("actions.runtime.runtime.catalogue", None)
    await run(AnswerService(), tracker("居住证", language=language))

    assert seen <= set(responses())
    unsaid = {name for name in named() if name not in seen and not any(one.startswith(name) for one in seen)}
    assert unsaid == set()
    assert {name for name in responses() if name.startswith("utter_language_changed_")} <= seen

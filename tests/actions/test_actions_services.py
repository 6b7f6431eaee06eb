"""Rules of answers about services: stated and unstated facts, follow-ups, suggestions and refusals."""

from collections.abc import Callable

import pytest
from action_examples import Known, Said, decided, say, tracker

from actions.aspects import ASPECTS
from actions.choice import ordinal
from actions.services import AffirmService, AnswerService, ChooseService, NoneOfThese

LANGUAGES = ("zh-Hans", "yue", "en")
Know = Callable[..., Known]

STATED = {
    "ask_materials": ("身份证", "身份证", "ID card"),
    "ask_where": ("华利路61号",) * 3,
    "ask_time": ("1个工作日", "1個工作日", "1 working day"),
    "ask_fee": ("免费", "免费", "free"),
    "ask_conditions": ("居住半年", "居住半年", "Six months"),
    "ask_steps": ("1. 申请\n2. 受理", "1. 申请\n2. 受理", "1. Apply\n2. Wait"),
    "ask_online": ("https://example.org/online",) * 3,
    "ask_phone": ("020-12345678",) * 3,
    "ask_department": ("广州市公安局", "广州市公安局", "Public Security Bureau"),
    "ask_hours": ("周一至周五 09:00-17:00", "星期一至五 09:00-17:00", "Mon-Fri 09:00-17:00"),
}
UNSTATED = [intent for intent in ASPECTS if intent != "ask_department"]


async def ask(text: str, intent: str, language: str = "zh-Hans", **options: object) -> Said:
    return await say(AnswerService(), tracker(text, intent, language=language, **options))  # type: ignore[arg-type]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("intent", ASPECTS)
async def test_a_stated_fact_is_said_and_its_record_cited(known: Known, intent: str, language: str) -> None:
    said = await ask("呢", intent, language, slots={"service": "FULL"})
    assert STATED[intent][LANGUAGES.index(language)] in said.text
    assert said.custom["outcome"] == "answered"
    assert said.cited == ["FULL"]
    assert said.slots["service"] == "FULL"
    assert said.slots["aspect"] == intent


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("intent", UNSTATED)
async def test_an_unstated_fact_is_said_to_be_unstated(known: Known, intent: str, language: str) -> None:
    said = await ask("呢", intent, language, slots={"service": "BARE"})
    assert said.response == "utter_services_unstated"
    assert said.custom["facts"]["aspect"]
    assert said.cited == ["BARE"]
    assert "∅" not in said.text
    assert "12345" in said.text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", ["FULL", "BARE", "ONLINE"])
async def test_the_overview_says_what_is_stated_and_names_what_is_not(
    known: Known, code: str, language: str
) -> None:
    said = await ask("呢", "ask_service", language, slots={"service": code})
    assert said.response == "utter_services_overview"
    assert "∅" not in said.text
    assert "{" not in said.text
    assert (said.custom["facts"]["missing"] == "∅") is (code == "FULL")


async def test_what_is_handled_online_has_no_missing_place(known: Known) -> None:
    overview = await ask("呢", "ask_service", slots={"service": "ONLINE"})
    assert "办理地点" not in overview.custom["facts"]["missing"]
    said = await ask("呢", "ask_where", slots={"service": "ONLINE"})
    assert said.response == "utter_services_where_online"
    assert "https://example.org/invoice" in said.text


async def test_english_answers_say_where_official_text_is_chinese(known: Known) -> None:
    note = "Official text is quoted in Chinese"
    assert note in (await ask("呢", "ask_where", "en", slots={"service": "FULL"})).text
    assert note not in (await ask("呢", "ask_fee", "en", slots={"service": "FULL"})).text


async def test_an_english_title_carries_the_official_name(known: Known) -> None:
    assert (
        "“Residence permit (居住证办理)”"
        in (await ask("呢", "ask_fee", "en", slots={"service": "FULL"})).text
    )
    assert (
        "“Dog registration (养犬登记)”" in (await ask("呢", "ask_fee", "en", slots={"service": "BARE"})).text
    )


# --- which service


@pytest.mark.parametrize("text", ["要多久", "那费用呢", "几耐", "how long", "呢"])
async def test_a_follow_up_keeps_the_service_and_searches_nothing(known: Known, text: str) -> None:
    assert (await ask(text, "ask_time", slots={"service": "FULL"})).cited == ["FULL"]
    assert known.asked == []


async def test_a_new_service_replaces_the_one_before(know: Know) -> None:
    know(驾驶证换证要多久=decided("answer", "OTHER"))
    said = await ask("驾驶证换证要多久", "ask_time", slots={"service": "FULL"})
    assert said.cited == ["OTHER"]
    assert said.slots["service"] == "OTHER"


async def test_words_that_no_record_fits_keep_the_service_of_an_aspect(known: Known) -> None:
    said = await ask("小朋友都要排队吗", "ask_conditions", slots={"service": "FULL"})
    assert said.cited == ["FULL"]


async def test_a_question_about_nothing_asks_which_service(known: Known) -> None:
    said = await ask("要多久", "ask_time")
    assert (said.response, said.custom["outcome"]) == ("utter_services_which", "asked")
    assert said.slots["aspect"] == "ask_time"


@pytest.mark.parametrize("gone", ["EXPIRED", "NEVER"])
async def test_a_service_that_is_gone_is_said_to_be_gone(known: Known, gone: str) -> None:
    said = await ask("要多久", "ask_time", slots={"service": gone})
    assert (said.response, said.custom["outcome"], said.slots["service"]) == (
        "utter_services_withdrawn",
        "refused",
        None,
    )


@pytest.mark.parametrize("current", [None, "FULL"])
async def test_a_button_of_a_service_that_is_gone_says_so_whatever_the_topic_is(
    known: Known, current: str | None
) -> None:
    said = await ask(
        '/ask_fee{"service": "EXPIRED"}',
        "ask_fee",
        slots={"service": current},
        entities=(("service", "EXPIRED", ""),),
    )
    assert said.response == "utter_services_withdrawn"
    assert said.cited == []


async def test_a_button_answers_about_its_own_service(known: Known) -> None:
    said = await ask(
        '/ask_fee{"service": "OTHER"}',
        "ask_fee",
        slots={"service": "FULL"},
        entities=(("service", "OTHER", ""),),
    )
    assert said.cited == ["OTHER"]


# --- deciding


async def test_an_unsure_answer_names_what_else_may_be_meant(know: Know) -> None:
    know(居住证=decided("answer", "FULL", "OTHER", right=0.95))
    sure = await ask("居住证", "ask_service")
    assert sure.custom["suggestions"] == []
    know(养狗办证=decided("answer", "BARE", "FULL", "OTHER", "ONLINE", right=0.6))
    said = await ask("养狗办证", "ask_service")
    assert [one["code"] for one in said.custom["suggestions"]] == ["FULL", "OTHER", "ONLINE"]
    assert said.cited == ["BARE"]


async def test_up_to_three_services_in_force_are_suggested(know: Know) -> None:
    know(居住驾驶=decided("suggest", "FULL", "EXPIRED", "OTHER", "BARE", "ONLINE"))
    said = await ask("居住驾驶", "ask_fee")
    assert (said.response, said.custom["outcome"]) == ("utter_services_suggest", "suggested")
    assert said.slots["suggestions"] == ["FULL", "OTHER", "BARE"]
    assert [one["payload"] for one in said.custom["suggestions"]] == [
        f'/choose{{"service": "{code}"}}' for code in ("FULL", "OTHER", "BARE")
    ]
    assert said.slots["aspect"] == "ask_fee"


async def test_a_refusal_names_the_likely_department_and_cites_it(know: Know) -> None:
    know(外星护照=decided("refuse", "FULL", scope=0.3), 煮鸡蛋=decided("refuse", "FULL", scope=0.01))
    likely = await ask("外星护照", "ask_service")
    assert (likely.response, likely.cited) == ("utter_services_refuse_department", ["D-1"])
    assert "020-83116688" in likely.text
    unlikely = await ask("煮鸡蛋", "ask_service")
    assert (unlikely.response, unlikely.custom["outcome"], unlikely.cited) == (
        "utter_services_refuse",
        "refused",
        [],
    )


async def test_what_no_intent_fits_is_decided_by_the_search(know: Know) -> None:
    know(
        居住证=decided("answer", "FULL", right=0.95, scope=0.95),
        天气预报=decided("refuse", "FULL", right=0.6, scope=0.1),
    )
    assert (await ask("居住证", "out_of_scope")).cited == ["FULL"]
    assert (await ask("天气预报", "out_of_scope")).custom["outcome"] == "refused"


async def test_small_talk_within_a_conversation_is_not_answered_with_the_service(known: Known) -> None:
    said = await ask("呢", "out_of_scope", slots={"service": "FULL"})
    assert said.custom["outcome"] == "refused"


async def test_without_a_catalogue_the_citizen_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("actions.runtime.runtime.catalogue", None)
    for action in (AnswerService(), ChooseService(), AffirmService()):
        said = await say(action, tracker("居住证"))
        assert (said.response, said.custom["outcome"]) == ("utter_services_unavailable", "failed")


# --- choosing

ORDINALS = [
    ("2", 2), ("第二个", 2), ("第2個", 2), ("第3項", 3), ("头先第二个", 2), ("頭先第二個", 2), ("二", 2),
    ("選三", 3),
    ("第一个", 1), ("最后一个", 3), ("最後嗰個", 3), ("最尾嗰個", 3), ("the last one", 3),
    ("the second one", 2), ("option b", 2),
    ("B", 2), ("number three", 3), ("1st", 1), ("2.", 2), ("２", 2), ("②", 2), ("first", 1), ("one", 1),
    ("option one", 1),
    ("the third", 3), ("3号", 3), ("我要第一", 1), ("c please", 3), ("no. 2", 2), ("两", 2),
    ("选项一", 1), ("三号", 3), ("我撳第2個", 2), ("揀第三項", 3), ("就1啦", 1), ("最上面的", 1),
    ("the top one", 1), ("我要看2", 2),
    ("i'll take b", 2), ("21st", None), ("the former", 1), ("尾嗰個", 3), ("首個", 1), ("第一個就係", 1),
    ("三啦", 3),
    ("第四个", None), ("4", None), ("第十个", None), ("十二", None), ("第十一个", None), ("12", None),
    ("22", None), ("0", None),
    ("哪个好", None), ("", None), ("都不是", None), ("plastic bags", None), ("everlasting", None),
    ("a driving licence", None),
    ("the other one", None), ("which one is it", None), ("我想问一下", None), ("驾驶证的那个", None),
    ("第二十一个", None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), ORDINALS)
def test_a_choice_is_understood_by_number_or_word(text: str, expected: int | None) -> None:
    assert ordinal(text, 3) == expected


def test_nothing_can_be_chosen_of_nothing() -> None:
    assert ordinal("最后一个", 0) is None
    assert ordinal("1", 0) is None


async def choose(
    text: str, *, aspect: str | None = "ask_fee", suggestions: tuple[str, ...] = ("FULL", "OTHER")
) -> Said:
    slots = {"suggestions": list(suggestions), "aspect": aspect}
    return await say(ChooseService(), tracker(text, "choose", slots=slots))


async def test_a_choice_answers_what_was_asked_of_the_service_chosen(known: Known) -> None:
    said = await choose("第二个")
    assert (said.response, said.cited, said.slots["service"]) == ("utter_services_fee", ["OTHER"], "OTHER")
    assert (await choose("第二个", aspect=None)).response == "utter_services_overview"
    assert (await choose("last one")).cited == ["OTHER"]


async def test_a_choice_of_none_that_is_offered_is_asked_again(known: Known) -> None:
    said = await choose("第五个")
    assert (said.response, said.slots["suggestions"]) == ("utter_services_suggest_again", ["FULL", "OTHER"])


async def test_a_choice_where_nothing_is_offered_says_so(known: Known) -> None:
    assert (await choose("第二个", suggestions=())).response == "utter_services_choose_nothing"


async def test_a_choice_of_services_that_are_all_gone_offers_nothing(known: Known) -> None:
    said = await choose("第五个", suggestions=("EXPIRED", "NEVER"))
    assert said.response == "utter_services_choose_nothing"
    assert said.custom["suggestions"] == []


async def test_a_button_chooses_its_service_and_a_gone_one_is_said_to_be_gone(known: Known) -> None:
    given = tracker('/choose{"service": "OTHER"}', "choose", entities=(("service", "OTHER", ""),))
    assert (await say(ChooseService(), given)).cited == ["OTHER"]
    given = tracker('/choose{"service": "EXPIRED"}', "choose", entities=(("service", "EXPIRED", ""),))
    assert (await say(ChooseService(), given)).response == "utter_services_withdrawn"


async def test_yes_takes_the_only_suggestion_and_asks_again_where_there_are_several(known: Known) -> None:
    said = await say(AffirmService(), tracker("是的", "affirm", slots={"suggestions": ["OTHER"]}))
    assert said.cited == ["OTHER"]
    said = await say(AffirmService(), tracker("是的", "affirm", slots={"suggestions": ["OTHER", "FULL"]}))
    assert said.response == "utter_services_suggest_again"
    said = await say(AffirmService(), tracker("是的", "affirm"))
    assert said.response == "utter_services_choose_nothing"


@pytest.mark.parametrize("language", LANGUAGES)
async def test_none_of_these_names_who_may_know_and_offers_nothing_more(known: Known, language: str) -> None:
    given = tracker("都不是", "deny", language=language, slots={"suggestions": ["FULL", "OTHER"]})
    said = await say(NoneOfThese(), given)
    assert (said.response, said.cited, said.slots["suggestions"]) == (
        "utter_services_none_department",
        ["D-1"],
        [],
    )
    assert "020-83116688" in said.text


@pytest.mark.parametrize("suggestions", [[], ["EXPIRED"], ["NEVER"]])
async def test_none_of_nothing_is_taken_kindly(known: Known, suggestions: list[str]) -> None:
    said = await say(NoneOfThese(), tracker("都不是", "deny", slots={"suggestions": suggestions}))
    assert (said.response, said.cited) == ("utter_services_none", [])

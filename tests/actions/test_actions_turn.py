"""Rules of a turn: what of a message and of the conversation an action sees."""

from typing import Any

import pytest
from action_examples import tracker

from actions.reply import Speaker
from actions.turn import Turn


def test_a_turn_has_the_message_and_what_is_remembered() -> None:
    slots = {"service": "FULL", "aspect": "ask_fee", "place": "440106", "suggestions": ["A", "B"]}
    turn = Turn.of(tracker("天河区呢", "ask_where", slots=slots, entities=(("place", "440106", "天河区"),)))
    assert (turn.text, turn.intent, turn.confidence, turn.language) == (
        "天河区呢",
        "ask_where",
        0.9,
        "zh-Hans",
    )
    assert (turn.service, turn.aspect, turn.place, turn.suggestions) == (
        "FULL",
        "ask_fee",
        "440106",
        ("A", "B"),
    )
    assert turn.entities == {"place": ["440106"]}
    assert turn.named == {"place": ["天河区"]}
    assert not turn.from_payload


def test_after_a_restart_of_the_bot_the_gateways_context_is_remembered() -> None:
    context = {"service": "FULL", "aspect": "ask_fee", "place": None, "suggestions": ["A"], "language": "en"}
    turn = Turn.of(tracker("要多久", context=context))
    assert (turn.service, turn.aspect, turn.suggestions) == ("FULL", "ask_fee", ("A",))


def test_what_the_bot_remembers_wins_over_the_gateways_context() -> None:
    turn = Turn.of(
        tracker("要多久", slots={"service": "FULL"}, context={"service": "OLD", "suggestions": ["A"]})
    )
    assert (turn.service, turn.suggestions) == ("FULL", ())


def test_what_was_forgotten_on_purpose_stays_forgotten() -> None:
    forgotten = {"service": None, "aspect": None, "place": None, "suggestions": []}
    turn = Turn.of(tracker("要多久", slots=forgotten, context=forgotten))
    assert (turn.service, turn.aspect, turn.place, turn.suggestions) == (None, None, None, ())


@pytest.mark.parametrize(
    "latest", [None, {}, {"text": None, "intent": None, "entities": None, "metadata": None}]
)
def test_a_message_without_anything_is_a_turn(latest: Any) -> None:
    given = tracker("x", language=None)
    given.latest_message = latest
    turn = Turn.of(given)
    assert (turn.text, turn.intent, turn.confidence, turn.language) == ("", "nlu_fallback", 0.0, "zh-Hans")
    assert turn.one("service") is None


def test_people_correct_themselves_at_the_end() -> None:
    entities = (("place", "440104", "越秀"), ("place", "440106", "天河"), ("place", "440104", "越秀"))
    turn = Turn.of(tracker("越秀 不对 天河", entities=entities))
    assert turn.entities["place"] == ["440104", "440106"]
    assert turn.one("place") == "440106"


def test_entities_that_are_no_codes_are_passed_over() -> None:
    given = tracker("x")
    given.latest_message["entities"] = [{"entity": "place", "value": 5}, {"value": "x"}, {"entity": "place"}]
    assert Turn.of(given).entities.get("place", []) == []


def test_a_button_is_known_by_its_slash() -> None:
    assert Turn.of(tracker('/choose{"service": "FULL"}', "choose")).from_payload
    assert not Turn.of(tracker("choose")).from_payload


def test_facts_without_a_record_cannot_be_said() -> None:
    speaker = Speaker(None, Turn.of(tracker("x")))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="facts without a record"):
        speaker.say("utter_services_fee", "answered", {"title": "居住证", "fee": "10元"})


def test_what_is_said_remembers_the_context_in_slots_and_for_the_gateway() -> None:
    from rasa_sdk.executor import CollectingDispatcher

    dispatcher = CollectingDispatcher()
    turn = Turn.of(tracker("x", slots={"service": "FULL", "suggestions": ["A"]}))
    events = Speaker(dispatcher, turn).say("utter_greet", "answered", remember={"aspect": "ask_fee"})
    expected = {"service": "FULL", "aspect": "ask_fee", "place": None, "suggestions": ["A"]}
    assert {event["name"]: event["value"] for event in events} == expected
    assert dispatcher.messages[0]["custom"]["context"] == expected

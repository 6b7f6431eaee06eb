"""The conversation itself: start over, say again, another language, feedback, a person please."""

from typing import Any

from rasa_sdk import Action
from rasa_sdk.events import SlotSet

from actions.reply import Speaker, cite, department_name, title
from actions.runtime import catalogue as live_catalogue
from actions.services import speak_of
from actions.turn import Turn
from knowledge.text.script import fold

Events = list[dict[str, Any]]
FORGOTTEN: dict[str, Any] = {"service": None, "aspect": None, "place": None, "suggestions": []}

LANGUAGE_NAMES = {
    "yue": ("粤语", "广东话", "广州话", "白话", "cantonese"),
    "zh-Hant": ("繁体", "正体", "繁中", "traditional"),
    "zh-Hans": ("简体", "普通话", "国语", "中文", "mandarin", "simplified", "chinese"),
    "en": ("英文", "英语", "english", "eng"),
}
"""How a language is named (folded); the first that is found wins."""
OWN_NAMES = {"zh-Hans": "简体中文", "zh-Hant": "繁體中文", "yue": "粵語", "en": "English"}


class RestartDialogue(Action):
    """Forgets what the conversation is about."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_dialogue_restart"

    async def run(self, dispatcher: Any, tracker: Any, domain: Any) -> Events:
        """Runs the action (see rasa_sdk.Action)."""
        speaker = Speaker(dispatcher, Turn.of(tracker))
        return speaker.say("utter_dialogue_restarted", "asked", remember=FORGOTTEN)


class RepeatDialogue(Action):
    """Says again what was said of the current service."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_dialogue_repeat"

    async def run(self, dispatcher: Any, tracker: Any, domain: Any) -> Events:
        """Runs the action (see rasa_sdk.Action)."""
        turn, catalogue = Turn.of(tracker), live_catalogue()
        speaker = Speaker(dispatcher, turn)
        service = catalogue.service(turn.service) if catalogue else None
        if catalogue is None or service is None:
            return speaker.say("utter_services_which", "asked")
        return speak_of(speaker, catalogue, service, turn.aspect or "ask_service")


class ChangeLanguage(Action):
    """Pins the language of the replies, or asks which one."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_language_change"

    async def run(self, dispatcher: Any, tracker: Any, domain: Any) -> Events:
        """Runs the action (see rasa_sdk.Action)."""
        turn = Turn.of(tracker)
        speaker = Speaker(dispatcher, turn)
        wanted = turn.one("language") if turn.from_payload else language_named(turn.text)
        if wanted not in OWN_NAMES:
            buttons = [
                {"title": own, "payload": f'/change_language{{"language": "{code}"}}'}
                for code, own in OWN_NAMES.items()
            ]
            return speaker.say("utter_language_which", "asked", buttons=buttons)
        response = f"utter_language_changed_{wanted.replace('-', '_').lower()}"
        events = speaker.say(response, "answered", language=wanted, event="language_changed")
        return [*events, SlotSet("language", wanted)]


def language_named(text: str) -> str | None:
    """The language that a text asks for, if it names one."""
    folded = fold(text)
    return next(
        (code for code, words in LANGUAGE_NAMES.items() if any(word in folded for word in words)), None
    )


class FeedbackBad(Action):
    """Takes a complaint about an answer; the service stays, so that the citizen can go on."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_feedback_bad"

    async def run(self, dispatcher: Any, tracker: Any, domain: Any) -> Events:
        """Runs the action (see rasa_sdk.Action)."""
        speaker = Speaker(dispatcher, Turn.of(tracker))
        return speaker.say("utter_feedback_bad", "asked", event="rated_bad")


class ReferToPerson(Action):
    """Names the people to call: the department of the current service, and the hotline."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_handoff_refer"

    async def run(self, dispatcher: Any, tracker: Any, domain: Any) -> Events:
        """Runs the action (see rasa_sdk.Action)."""
        turn, catalogue = Turn.of(tracker), live_catalogue()
        speaker = Speaker(dispatcher, turn)
        service = catalogue.service(turn.service) if catalogue else None
        phone = service and next((p.number for p in service.record.phones if p.kind == "consult"), None)
        if catalogue is None or service is None or not phone:
            return speaker.say("utter_handoff_refer", "handed_off")
        facts = {
            "title": title(catalogue, service, turn.language),
            "phone": phone,
            "department": department_name(service, turn.language),
        }
        citations = [cite(catalogue, service, turn.language)]
        return speaker.say("utter_handoff_refer_department", "handed_off", facts, citations)

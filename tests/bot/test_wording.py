"""The wording is complete: in every language, with the same facts, and none of it unused."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from connectors.gateway.wording import responses

ROOT = Path(__file__).parents[2]
LANGUAGES = {"en", "yue", None}
ORIGINAL = {"original"}
"""Placeholders of English alone: the note that official text is quoted in Chinese."""
ALONE = re.compile(r"utter_language_changed_")
"""Said in one language only: the one that was asked for."""
FACTS = re.compile(r"[0-9]")
HOTLINE = "12345"

several = [name for name in sorted(responses()) if not ALONE.match(name)]


def named() -> set[str]:
    """Responses that a rule or the source of an action names."""
    files = [*(ROOT / "bot" / "rules").glob("*.yml"), *(ROOT / "actions").glob("*.py")]
    return {name for file in files for name in re.findall(r"utter_[a-z_]+", file.read_text("utf-8"))}


def test_every_wording_is_said_somewhere() -> None:
    dynamic = {
        name for name in responses() if ALONE.match(name)
    }  # the action makes the name of the language's code
    assert set(responses()) - named() - dynamic == {"utter_default"}  # Rasa's own, when nothing else fits


def test_everything_said_has_a_wording() -> None:
    method = {"utter_message"}  # of the dispatcher
    assert {name for name in named() if not name.endswith("_")} - set(responses()) == method


@pytest.mark.parametrize("name", several)
def test_every_wording_is_there_in_all_languages(name: str) -> None:
    assert {variant.language for variant in responses()[name]} == LANGUAGES


@pytest.mark.parametrize("name", several)
def test_all_languages_state_the_same_facts(name: str) -> None:
    facts = {frozenset(variant.placeholders - ORIGINAL) for variant in responses()[name]}
    assert len(facts) == 1


@pytest.mark.parametrize("name", sorted(responses()))
def test_wording_holds_no_number_but_the_hotline(name: str) -> None:
    for variant in responses()[name]:
        assert not FACTS.search(variant.text.replace(HOTLINE, ""))


@pytest.mark.parametrize("name", several)
def test_all_languages_have_the_same_outcome(name: str) -> None:
    assert len({str(variant.custom) for variant in responses()[name]}) == 1


def formats(value: Any, path: str = "") -> Iterator[tuple[str, frozenset[str]]]:
    """The paths of all texts of ``actions/formats.yml`` and their placeholders."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from formats(inner, f"{path}/{key}")
    else:
        yield path, frozenset(re.findall(r"\{(\w+)\}", str(value)))


def test_all_languages_have_the_same_formats() -> None:
    found = yaml.safe_load((ROOT / "actions" / "formats.yml").read_text("utf-8"))
    chinese = dict(formats(found["zh"]))
    assert dict(formats(found["yue"])) == chinese
    assert dict(formats(found["en"])) == chinese

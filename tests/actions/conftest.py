"""Fixtures of the actions' tests: a catalogue in memory that the actions of this process use."""

from collections.abc import Callable

import pytest
from action_examples import Known

from actions.runtime import runtime
from knowledge.search.decision import Decision


@pytest.fixture
def know(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Known]:
    """Gives the actions a catalogue whose search decides as told."""

    def begin(**decisions: Decision) -> Known:
        found = Known(decisions)
        monkeypatch.setattr(runtime, "catalogue", found)
        return found

    return begin


@pytest.fixture
def known(know: Callable[..., Known]) -> Known:
    """The catalogue of the actions."""
    return know()

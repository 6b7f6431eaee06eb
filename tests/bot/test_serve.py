"""The bot's defaults follow from the settings of the app."""

import pytest

from bot.serve import arguments, environment


def test_actions_are_asked_from_the_app_on_its_port() -> None:
    assert environment({"SUIWEN_HTTP_PORT": "9000"})["SUIWEN_ACTION_URL"] == (
        "http://127.0.0.1:9000/internal/actions/webhook"
    )


@pytest.mark.parametrize(
    ("host", "reached"),
    [("0.0.0.0", "127.0.0.1"), ("", "127.0.0.1"), ("10.0.0.5", "10.0.0.5"), ("fd00::1", "[fd00::1]")],
)
def test_the_app_is_reached_where_it_listens(host: str, reached: str) -> None:
    assert (
        environment({"SUIWEN_HTTP_HOST": host})["SUIWEN_GAZETTEER_URL"]
        == f"http://{reached}:8080/internal/gazetteer"
    )


def test_what_is_set_stays_as_it_is() -> None:
    assert "SUIWEN_ACTION_URL" not in environment({"SUIWEN_ACTION_URL": "http://actions"})


def test_nothing_is_reported_to_anybody() -> None:
    assert environment({})["RASA_TELEMETRY_ENABLED"] == "false"


def test_the_bot_listens_on_loopback_unless_told_otherwise() -> None:
    assert arguments({}, [])[1:5] == ["--interface", "127.0.0.1", "--port", "5005"]
    assert arguments({"SUIWEN_BOT_URL": "http://127.0.0.1:6005"}, [])[4] == "6005"
    assert arguments({}, ["--port", "7"])[-2:] == ["--port", "7"]

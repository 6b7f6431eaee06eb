"""Checks of the running processes: does the bot answer, and does the app?"""

import os
from typing import Any

from connectors.cli.checks import Finding, ok, problem, warning
from connectors.cli.http import Unreachable, request
from connectors.cli.places import app_url, bot_health
from knowledge.settings import Settings

SECONDS = 3.0


def bot(settings: Settings) -> Finding:
    """The bot answers on its channel."""
    return _answering("bot", bot_health(settings))


def app(settings: Settings) -> Finding:
    """The app answers, and says itself that all is well."""
    return _answering("app", f"{app_url(settings)}/health")


def answers(finding: Finding) -> bool:
    """Whether a process was reached, well or not."""
    return finding.state == "ok" or "says" in finding.said


def _answering(name: str, url: str) -> Finding:
    try:
        answer = request("GET", url, timeout=SECONDS)
    except Unreachable as error:
        return warning(name, f"does not answer at {url}: {error}", "Start the assistant: make run")
    body: Any = answer.body if isinstance(answer.body, dict) else {}
    state = body.get("status", "ok" if answer.ok else f"HTTP {answer.status}")
    if answer.ok and state == "ok":
        return ok(name, f"answers at {url}")
    parts = body.get("parts") if isinstance(body.get("parts"), dict) else {}
    ailing = [f"{part} {_state(found)}" for part, found in (parts or {}).items() if _state(found) != "ok"]
    detail = f" ({', '.join(ailing)})" if ailing else ""
    if "status" not in body:
        return problem(name, f"something else answers at {url}: {state}", "See who has the port, below.")
    said = f"says {state}{detail}"
    if state == "starting":
        return warning(name, said, "Wait a few seconds.")
    return problem(name, said, f"Look at the output of the {name} process{_hint()}.")


def _state(part: Any) -> str:
    found = part.get("status", part.get("state", "ok")) if isinstance(part, dict) else part
    return str(found)


def _hint() -> str:
    return (
        ""
        if os.environ.get("SUIWEN_LOG_LEVEL", "").upper() == "DEBUG"
        else " (more with SUIWEN_LOG_LEVEL=DEBUG)"
    )

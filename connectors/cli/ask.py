"""``suiwen ask``: questions to the running assistant, over the HTTP API that every client uses."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Annotated, Any

import typer

from connectors.cli.http import Answer, Unreachable, request
from connectors.cli.places import app_url
from connectors.cli.terminal import console, settings_or_stop, stop

OUTCOMES = {
    "answered": "green",
    "asked": "cyan",
    "suggested": "cyan",
    "refused": "yellow",
    "handed_off": "magenta",
    "failed": "red",
}


def ask(
    questions: Annotated[list[str] | None, typer.Argument(help="Questions, asked one after another.")] = None,
    url: Annotated[str | None, typer.Option(help="Address of the app; default from the settings.")] = None,
    language: Annotated[
        str, typer.Option("--language", "-l", help="auto, zh-Hans, zh-Hant, yue or en.")
    ] = "auto",
) -> None:
    """Ask the running assistant. Without a question: a conversation in the terminal."""
    base = (url or app_url(settings_or_stop())).rstrip("/")
    with _conversation(base, language) as say:
        for question in questions or _typed():
            if questions and len(questions) > 1:
                console().print(f"[bold]> {_safe(question)}[/bold]")
            say(question)


def _typed() -> Iterator[str]:
    """Lines from the terminal until Ctrl-D, or from a pipe."""
    talking = sys.stdin.isatty()
    if talking:
        typer.echo("Ask in any language; a number picks a suggestion. Ctrl-D ends the conversation.")
    while True:
        try:
            line = input("> " if talking else "").strip()
        except (EOFError, KeyboardInterrupt):
            if talking:
                typer.echo()
            return
        if line:
            yield line


@contextmanager
def _conversation(base: str, language: str) -> "Iterator[Any]":
    """A new conversation, forgotten at the end."""
    made = _call("POST", f"{base}/api/v1/conversations", {"language": language})
    address, token = f"{base}/api/v1/conversations/{made['id']}", made["token"]
    choices: list[str] = []

    def say(text: str) -> None:
        chosen = text.isdigit() and 1 <= int(text) <= len(choices)
        body = {"payload": choices[int(text) - 1]} if chosen else {"text": text}
        answer = _call("POST", f"{address}/messages", body, token)
        choices[:] = [payload for reply in answer["replies"] for payload in _print(reply)]

    try:
        yield say
    finally:
        with suppress(Unreachable):
            request("DELETE", address, token=token, timeout=3.0)


def _call(method: str, url: str, body: Any, token: str = "") -> Any:
    try:
        answer = request(method, url, json_body=body, token=token)
    except Unreachable as error:
        stop(f"The assistant does not answer at {url.split('/api/')[0]}: {error}.", "Start it with: make run")
    if not answer.ok:
        stop(_problem(answer))
    return answer.body


def _problem(answer: Answer) -> str:
    """An error of the API in words."""
    body = answer.body if isinstance(answer.body, dict) else {}
    said = body.get("detail") or body.get("title") or str(answer.body or "")[:200]
    later = f" Try again in {answer.retry_after} s." if answer.retry_after else ""
    return f"The assistant refused the request ({answer.status}): {said}{later}"


def _print(reply: dict[str, Any]) -> list[str]:
    """Prints a reply and returns the payloads of its numbered choices."""
    screen = console()
    colour = OUTCOMES.get(reply["outcome"], "white")
    screen.print(_safe(reply["text"]))
    payloads = []
    for choice in (*reply["suggestions"], *reply["buttons"]):
        payloads.append(choice["payload"])
        department = f"  [dim]{_safe(choice['department'])}[/dim]" if choice.get("department") else ""
        screen.print(f"  [bold]{len(payloads)}[/bold] {_safe(choice['title'])}{department}")
    for citation in reply["citations"]:
        facts = [citation["code"], citation["title"], citation["department"], f"as of {citation['as_of']}"]
        screen.print(f"  [dim]{_safe(' · '.join(facts))}, revision {citation['revision']}[/dim]")
        if citation.get("source_url"):
            screen.print(f"  [dim]{_safe(citation['source_url'])}[/dim]")
    screen.print(f"[{colour}]{reply['outcome']}[/{colour}] [dim]{reply['language']}[/dim]")
    return payloads


def _safe(text: str) -> str:
    """A text without control characters and without markup, since it comes from elsewhere."""
    from rich.markup import escape

    return escape("".join(char for char in text if char.isprintable() or char == "\n"))

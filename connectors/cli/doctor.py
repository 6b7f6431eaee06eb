"""``suiwen doctor``: what is well, what is not, and how to mend it."""

import json
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from connectors.cli.terminal import console, settings_or_stop

if TYPE_CHECKING:
    from connectors.cli.checks import Finding
    from knowledge.settings import Settings


COLOURS = {"ok": "green", "warning": "yellow", "problem": "red"}


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Check everything that the assistant needs. Exit code 1 when there is a problem."""
    settings = settings_or_stop()
    findings: list[Finding] = []
    for finding in examine(settings):
        findings.append(finding)
        if not as_json:
            _print(finding)
    problems = sum(finding.state == "problem" for finding in findings)
    warnings = sum(finding.state == "warning" for finding in findings)
    if as_json:
        typer.echo(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=2))
    else:
        typer.echo(f"\n{len(findings)} checks, {problems} problems, {warnings} warnings")
    raise typer.Exit(1 if problems else 0)


def examine(settings: "Settings") -> "Iterator[Finding]":
    """All findings, each as soon as it is known."""
    from connectors.cli.checks import contents, machine, processes, variables

    bot, app = processes.bot(settings), processes.app(settings)
    reached = processes.answers(app), processes.answers(bot)
    checks: list[tuple[str, Callable[[], Iterable[Finding]]]] = [
        ("python", machine.pythons),
        ("environments", machine.environments),
        ("settings", lambda: variables.unknown(os.environ)),
        ("secrets", lambda: variables.secrets(settings)),
        ("data folder", lambda: contents.folder(settings)),
        ("database", lambda: contents.database(settings)),
        ("models", contents.models),
        ("processes", lambda: (bot, app)),
        ("ports", lambda: machine.ports(settings, *reached)),
        ("disk", lambda: machine.disk(settings)),
        ("memory", lambda: machine.memory(all(reached))),
    ]
    for name, check in checks:
        yield from _guarded(name, check)


def _guarded(name: str, check: "Callable[[], Iterable[Finding]]") -> "Iterator[Finding]":
    """A check that fails is itself a finding; the others go on."""
    from connectors.cli.checks import problem

    try:
        yield from check()
    except Exception as error:  # a doctor who faints helps nobody
        yield problem(
            name,
            f"could not be checked: {type(error).__name__}: {error}",
            "Report this with the output above.",
        )


def _print(finding: "Finding") -> None:
    from rich.markup import escape

    screen = console()
    mark = f"[{COLOURS[finding.state]}]{finding.state:<7}[/]"
    screen.print(f"{mark}  [bold]{finding.check}[/bold]: {escape(finding.said)}")
    if finding.mend:
        screen.print(f"         {escape(finding.mend)}")

"""How the commands speak to a person: plain lines, errors with a way out."""

from typing import TYPE_CHECKING, NoReturn

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from knowledge.settings import Settings

PIPE_WIDTH = 200


def console(*, errors: bool = False) -> "Console":
    """The terminal; ``errors``: its error stream, which also takes progress."""
    from rich.console import Console

    screen = Console(stderr=errors, highlight=False, soft_wrap=True)
    if not screen.is_terminal:
        screen.width = PIPE_WIDTH
    return screen


def stop(message: str, remedy: str = "", code: int = 1) -> NoReturn:
    """Ends the command with what is wrong and, if known, how to mend it."""
    typer.secho(message, err=True, fg="red")
    if remedy:
        typer.echo(remedy, err=True)
    raise typer.Exit(code)


def settings_or_stop() -> "Settings":
    """The settings; ends the command where a variable has a value that cannot be used."""
    from pydantic import ValidationError

    from knowledge.settings import settings

    try:
        return settings()
    except ValidationError as error:
        lines = [f"  SUIWEN_{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors()]
        stop("Settings that cannot be used:\n" + "\n".join(lines), "Mend these environment variables.")

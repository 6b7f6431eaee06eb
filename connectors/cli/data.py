"""``suiwen import``, ``suiwen export`` and ``suiwen db``: what is in the database."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connectors.cli.places import SEED
from connectors.cli.terminal import console, settings_or_stop, stop

if TYPE_CHECKING:
    from knowledge.services.batch import Rejection
    from knowledge.services.plan import Report

imports = typer.Typer(help="Bring records into the database.", no_args_is_help=True)
exports = typer.Typer(help="Write published records to files.", no_args_is_help=True)
databases = typer.Typer(help="The database and its schema.", no_args_is_help=True)

STEPS = {"read": "reading files", "encode": "preparing the search", "write": "writing"}
SHOWN = 20


class Format(StrEnum):
    """Formats of an export."""

    hsds = "hsds"
    csv = "csv"


@imports.command("services")
def import_services(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="JSON lines, YAML, CSV, HSDS; or folders.")
    ],
    as_of: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The day that the files show, where they do not say so."),
    ] = None,
    by: Annotated[str, typer.Option(help="Who answers for it.")] = "import",
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Only the result, no progress.")] = False,
) -> None:
    """Import services; a second run changes nothing. Broken lines are listed and leave the rest alone."""
    report = _bring_in(files, by, as_of, quiet)
    _print_report(report)
    if report.rejected and not (report.added or report.changed or report.unchanged or report.directory):
        raise typer.Exit(1)


@imports.command("seed")
def import_seed(
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Only the result, no progress.")] = False,
) -> None:
    """Load the records that come with this release; a second run changes nothing."""
    report = _bring_in([SEED], "seed", None, quiet)
    _print_report(report)
    if report.rejected:
        raise typer.Exit(1)


@exports.command("services")
def export_services(
    target: Annotated[Path, typer.Argument(help="File (csv, or hsds as .zip) or folder (hsds).")],
    format: Annotated[Format, typer.Option("--format", "-f", help="Format of the export.")] = Format.hsds,
) -> None:
    """Write all published services to a file or folder."""
    from sqlalchemy.exc import SQLAlchemyError

    from knowledge.database import Database
    from knowledge.services import exporter

    async def write() -> int:
        database = Database(settings_or_stop().url)
        try:
            return await exporter.export_services(database, target, format.value)
        finally:
            await database.close()

    try:
        count = asyncio.run(write())
    except SQLAlchemyError as error:
        stop(f"The database cannot be read: {_first_line(error)}", "Run: suiwen db upgrade")
    except OSError as error:
        stop(f"{target} cannot be written: {error.strerror or error}")
    typer.echo(f"{count} services written to {target}")


@databases.command("upgrade")
def upgrade(
    revision: Annotated[str, typer.Argument(help="Schema revision; head is the newest.")] = "head",
) -> None:
    """Create the database if it is new, and bring its schema to this release."""
    from alembic.util import CommandError
    from sqlalchemy.exc import SQLAlchemyError

    from knowledge.database import migrate

    url = settings_or_stop().url
    try:
        before, _ = asyncio.run(schema(url))
        migrate(url, revision)
        after, _ = asyncio.run(schema(url))
    except (SQLAlchemyError, CommandError, OSError) as error:
        stop(
            f"The database cannot be upgraded: {_first_line(error)}",
            "Check SUIWEN_DATABASE_URL and its rights.",
        )
    typer.echo(f"database: at revision {after}" + ("" if before == after else f" (was {before or 'new'})"))


@databases.command("prepare")
def prepare() -> None:
    """What ``make run`` does before the app starts: upgrade the schema, load the seed if it changed."""
    from connectors.cli import prepared

    settings = settings_or_stop()
    if prepared.is_current(settings):
        return
    upgrade("head")
    import_seed(quiet=False)
    prepared.remember(settings)


async def schema(url: str) -> tuple[str | None, str]:
    """The schema revision that the database has (None: none) and the one that this release needs.

    Raises: SQLAlchemyError, OSError when the database cannot be reached.
    """
    from alembic.config import Config
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    from knowledge.database import MIGRATIONS, Database

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    head = ScriptDirectory.from_config(config).get_current_head() or ""
    database = Database(url)
    try:
        async with database.engine.connect() as connection:
            current = await connection.run_sync(
                lambda c: MigrationContext.configure(c).get_current_revision()
            )
    finally:
        await database.close()
    return current, head


def _bring_in(files: Sequence[Path], by: str, as_of: datetime | None, quiet: bool) -> "Report":
    from sqlalchemy.exc import SQLAlchemyError

    from knowledge.database import Database
    from knowledge.services import importer

    async def bring_in(tell: "Callable[[str, int, int], None]") -> "Report":
        database = Database(settings_or_stop().url)
        try:
            return await importer.import_services(
                database, files, as_of=as_of.date() if as_of else None, by=by, progress=tell
            )
        finally:
            await database.close()

    try:
        with _progress(quiet) as tell:
            return asyncio.run(bring_in(tell))
    except FileNotFoundError as error:
        stop(str(error))
    except SQLAlchemyError as error:
        stop(f"The database cannot be used: {_first_line(error)}", "Run: suiwen db upgrade")
    except RuntimeError as error:
        stop(f"{error}.", "Try again when nobody else is importing or publishing.")


@contextmanager
def _progress(quiet: bool) -> "Iterator[Callable[[str, int, int], None]]":
    """A progress bar for each step, on the error stream; none when it is not a terminal."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    screen = console(errors=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=screen, transient=True, disable=quiet or not screen.is_terminal) as bar:
        tasks = {step: bar.add_task(text, total=None, visible=False) for step, text in STEPS.items()}

        def tell(step: str, done: int, total: int) -> None:
            bar.update(tasks[step], completed=done, total=total, visible=True)

        yield tell


def _print_report(report: "Report") -> None:
    """Counts on the output; what was not taken, line by line, on the error stream."""
    counts = [
        (report.added, "added"),
        (report.changed, "changed"),
        (report.unchanged, "unchanged"),
        (report.directory, "departments, places, offices and names changed"),
        (len(report.older), "of the unchanged kept as published (older, curated or edited since)"),
        (len(report.withdrawn), "of the unchanged withdrawn before"),
        (len(report.rejected), "rejected"),
    ]
    always = ("added", "changed", "unchanged")
    shown = [f"{count} {what}" for count, what in counts if count or what in always]
    typer.echo("services: " + ", ".join(shown) + f" ({report.seconds:.1f} s)")
    for line in report.rejected:
        typer.echo(f"rejected  {_place(line)}: {line.reason}", err=True)
    kept = [*report.older, *report.withdrawn]
    for line in kept[:SHOWN]:
        typer.echo(f"{line.reason}  {_place(line)}", err=True)
    if len(kept) > SHOWN:
        typer.echo(f"kept  and {len(kept) - SHOWN} more", err=True)


def _place(line: "Rejection") -> str:
    return f"{line.file}:{line.line}" + (f" {line.code}" if line.code else "")


def _first_line(error: BaseException) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__

"""Checks of what the assistant knows: data folder, database, catalogue and models."""

import asyncio
import tempfile
from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from connectors.cli import model
from connectors.cli.checks import Finding, ok, problem, warning
from connectors.cli.data import schema
from connectors.cli.prepared import sqlite_file
from knowledge.database import Database
from knowledge.search import model as search_model
from knowledge.services.models import Department, Office, SearchEntry, Service
from knowledge.settings import Settings

SECONDS = 5.0


def folder(settings: Settings) -> Iterator[Finding]:
    """The data folder can be written."""
    place = settings.data_dir.absolute()
    try:
        place.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as error:
        yield problem(
            "data folder",
            f"{place} cannot be written: {error.strerror}",
            "Change its rights or SUIWEN_DATA_DIR.",
        )
    else:
        yield ok("data folder", str(place))


def database(settings: Settings) -> Iterator[Finding]:
    """The database is there, has this release's schema, and has the catalogue in it."""
    shown = make_url(settings.url).render_as_string(hide_password=True)
    file = sqlite_file(settings)
    if file is not None and not file.exists():
        yield problem("database", f"{file} does not exist", "Run: suiwen db upgrade && suiwen import seed")
        return
    try:
        current, head = asyncio.run(asyncio.wait_for(schema(settings.url), SECONDS))
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        yield problem(
            "database", f"{shown} cannot be reached: {reason}", "Check SUIWEN_DATABASE_URL and the server."
        )
        return
    if current != head:
        said = f"{shown} has revision {current or 'none'}, this release needs {head}"
        yield problem("database", said, "Run: suiwen db upgrade")
        return
    yield ok("database", f"{shown}, revision {current}")
    yield catalogue(asyncio.run(counts(settings.url)))


async def counts(url: str) -> dict[str, int]:
    """How many records the database holds."""
    queries = {
        "services": select(func.count()).where(Service.published_id.is_not(None)),
        "departments": select(func.count()).select_from(Department),
        "offices": select(func.count()).select_from(Office),
        "search phrases": select(func.count()).select_from(SearchEntry),
    }
    database = Database(url)
    try:
        async with database.read() as session:
            return {name: (await session.execute(query)).scalar_one() for name, query in queries.items()}
    finally:
        await database.close()


def catalogue(found: dict[str, int]) -> Finding:
    """The catalogue has services, and phrases under which they are found."""
    said = ", ".join(f"{count} {name}" for name, count in found.items())
    if not found["services"]:
        return problem("catalogue", "no service is published", "Run: suiwen import seed")
    if found["search phrases"] < found["services"]:
        return problem(
            "catalogue", f"{said}: some cannot be found", "Import them again: suiwen import services FILE..."
        )
    return ok("catalogue", said)


def models() -> Iterator[Finding]:
    """Rasa's model is trained from what is there now; the search model is there."""
    if not model.MODEL.exists():
        yield problem("model", "Rasa's model is not trained", "Run: make train")
    elif model.stale():
        yield warning("model", "Rasa's model is older than its data or components", "Run: make train")
    else:
        yield ok("model", f"{model.MODEL.name}, {model.MODEL.stat().st_size // 1024} kB")
    if search_model.FILE.exists():
        yield ok("search model", f"{search_model.FILE.name}, {search_model.FILE.stat().st_size // 1024} kB")
    else:
        yield problem("search model", f"{search_model.FILE} is missing", "Run: make train-search")

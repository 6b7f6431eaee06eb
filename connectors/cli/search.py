"""``suiwen search``: what the search finds, and why it answers, suggests or refuses."""

import asyncio
import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connectors.cli.terminal import console, settings_or_stop, stop

if TYPE_CHECKING:
    from knowledge.search.catalogue import Catalogue
    from knowledge.search.decision import Decision

SOURCES = {
    "name": "official name",
    "name_en": "English name",
    "alias": "alias in the record",
    "synonym": "everyday name",
    "summary": "summary",
}


def search(
    question: Annotated[str, typer.Argument(help="A question, in any of the assistant's languages.")],
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=50, help="How many to show.")] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show how the search ranks the records for a question, and what it decides to do."""
    catalogue = asyncio.run(_catalogue())
    if not catalogue.snapshot.services:
        stop("The catalogue is empty.", "Run: suiwen import seed")
    found = explained(catalogue, catalogue.search(question), limit)
    if as_json:
        typer.echo(json.dumps({"question": question, **found}, ensure_ascii=False, indent=2))
    else:
        _print(found)


async def _catalogue() -> "Catalogue":
    from sqlalchemy.exc import SQLAlchemyError

    from knowledge.database import Database
    from knowledge.search.catalogue import Catalogue

    database = Database(settings_or_stop().url)
    try:
        catalogue = Catalogue(database)
        await catalogue.refresh()
    except FileNotFoundError as error:
        stop(f"The search model is missing: {error.filename}", "Run: make train-search")
    except (SQLAlchemyError, OSError) as error:
        stop(f"The database cannot be read: {str(error).splitlines()[0]}", "Run: suiwen db upgrade")
    finally:
        await database.close()
    return catalogue


def explained(catalogue: "Catalogue", decision: "Decision", limit: int) -> dict[str, Any]:
    """A decision with the titles of its records and the reason for it."""
    from knowledge.search import decision as rules

    hits = []
    for hit in decision.hits[:limit]:
        service = catalogue.snapshot.services[hit.code]
        hits.append(
            {
                "code": hit.code,
                "title": service.record.name.zh,
                "department": service.department.name,
                "score": round(hit.score, 3),
                "similarity": round(hit.similarity, 3),
                "support": round(hit.support, 3),
                "phrase": hit.phrase,
                "source": hit.source,
            }
        )
    probabilities = {"right": round(decision.right, 3), "scope": round(decision.scope, 3)}
    return {"decision": decision.kind, **probabilities, "why": _why(decision, rules), "hits": hits}


def _why(decision: "Decision", rules: Any) -> str:
    if not decision.hits:
        return "no record is in force, or the question is empty"
    scope = f"the question is about a record with probability {decision.scope:.2f}"
    if decision.kind == "refuse":
        return f"{scope}, below {rules.SCOPE:.2f}"
    right = f"the first record is meant with probability {decision.right:.2f}"
    relation = "at least" if decision.kind == "answer" else "below"
    return f"{scope}; {right}, {relation} {rules.ANSWER:.2f}"


def _print(found: dict[str, Any]) -> None:
    from rich.markup import escape
    from rich.table import Table

    table = Table(
        "", "code", "title", "department", "score", "similar", "support", "best phrase", "from", box=None
    )
    for place, hit in enumerate(found["hits"], 1):
        numbers = (f"{hit[name]:.3f}" for name in ("score", "similarity", "support"))
        texts = (escape(hit[name]) for name in ("code", "title", "department"))
        source = SOURCES.get(hit["source"], hit["source"])
        table.add_row(str(place), *texts, *numbers, escape(hit["phrase"]), source)
    screen = console()
    screen.print(table)
    screen.print(f"[bold]{found['decision']}[/bold]: {escape(found['why'])}")

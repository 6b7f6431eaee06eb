"""``python -m bench.evaluate``: how good the answers are, on questions that were in no training data.

Look-up, assistant and understanding are measured in one run, each beside what a user would pick instead,
and held against ``floors.yml``; the exit code is 1 where a floor is missed.
"""

import argparse
import asyncio
import json
import logging
import random
import signal
import sys
import tempfile
import warnings
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench import catalogue, conversation, drawing, intents
from bench.answers import Given, Point, Score, by_variety, coverage_at, curve, gap
from bench.catalogue import Built
from bench.floors import missed
from bench.machine import described
from bench.ours import Suiwen
from bench.questions import SEARCH, VARIETIES, Question, questions, refusals
from bench.report import wide
from bench.rivals import rivals, suiwen
from connectors.cli.places import ROOT
from knowledge.search.decision import ANSWER

FIGURES = ROOT / "docs" / "figures"
KNOWN = SEARCH.parent / "data"
PARTS = ("search", "conversation", "intents")
LONGEST = 900.0
KNOWN_QUESTIONS, KNOWN_REFUSALS = 560, 200
"""With so many known questions the thresholds of the rivals are set; in the proportion of those asked."""
HEADS = {
    "right": "right",
    "wrong": "wrong",
    "among suggestions": "sugg. right",
    "not among suggestions": "sugg. wrong",
    "refused": "refused",
    "first": "ranked first",
    "refusals right": "in vain: refused",
    "refusals answered": "answered",
}
"""Heads of the columns; a question in vain is one that no record answers."""


class Evaluation:
    """One run. ``found`` becomes the file of results."""

    def __init__(self, folder: Path, console: Console, *, stock: bool):
        self.folder, self.console, self.stock = folder, console, stock
        self.found: dict[str, Any] = {"machine": described(), "notes": []}
        self.missed: list[str] = []

    def note(self, text: str) -> None:
        """Keeps and prints a remark."""
        self.found["notes"].append(text)
        self.console.print(f"- {text}", highlight=False)

    async def run(self, parts: list[str]) -> None:
        """Measures the parts wanted."""
        if "search" in parts or "conversation" in parts:
            built = await self.build()
            asked = [q for q in questions() if q.code in built.catalogue.snapshot.services]
            if left := len(questions()) - len(asked):
                self.note(f"{left} questions are about records that are not in this catalogue")
            asked += refusals()
            if "search" in parts:
                self.search(built, asked)
            if "conversation" in parts:
                await self.talk(built, asked)
        if "intents" in parts:
            await self.understand()

    async def build(self) -> Built:
        """Imports the catalogue."""
        with self.console.status("importing the catalogue"):
            built = await catalogue.build(self.folder / "catalogue", catalogue.inputs())
        self.found["services"] = built.services
        if not built.complete:
            self.note(catalogue.MISSING)
        return built

    def search(self, built: Built, asked: list[Question]) -> None:
        """The look-up, its rivals, and the curve of coverage against wrong answers."""
        given = {"Suiwen": suiwen(built.catalogue, asked)}
        thresholds = {}
        known = _some(questions(KNOWN), KNOWN_QUESTIONS) + _some(refusals(KNOWN), KNOWN_REFUSALS)
        for rival in rivals(built.index):
            with self.console.status(f"looking up with {rival.title}"):
                thresholds[rival.title] = rival.threshold(known)
                given[rival.title] = rival.answers(asked, thresholds[rival.title])
        scores = {name: by_variety(asked, one) for name, one in given.items()}
        self.console.print(_table("The look-up, of 100 questions", scores))
        self.found["search"] = _plain(scores)
        self.check("catalogue" if built.complete else "", scores["Suiwen"])
        curves = {name: curve(asked, one) for name, one in given.items()}
        delivered = _delivered(asked, given["Suiwen"])
        for name, points in curves.items():
            at5 = coverage_at(points, 5)
            self.found["search"][name]["answered at 5 wrong"] = round(at5, 1)
            self.console.print(f"{name}: {at5:.1f} of 100 answered with at most 5 wrong answers of 100")
        drawing.draw(curves, delivered, FIGURES / "coverage.svg")
        plain = {name: [_rounded(p) for p in points] for name, points in curves.items()}
        document = {"delivered": _rounded(delivered), "thresholds": thresholds, "curves": plain}
        (FIGURES / "coverage.json").write_text(_json(document), encoding="utf-8")

    async def talk(self, built: Built, asked: list[Question]) -> None:
        """The whole assistant, started with this catalogue and a model of its own."""
        system = Suiwen(self.folder / "assistant", built.file)
        with self.console.status("training and starting the assistant"):
            await system.train(LONGEST)
        try:
            with self.console.status("asking the assistant"):
                await system.start(LONGEST)
                given = await conversation.ask(system, asked)
        finally:
            await system.stop()
        scores = {"Suiwen": by_variety(asked, given)}
        self.console.print(_table("The whole assistant, of 100 questions", scores))
        self.found["conversation"] = _plain(scores)
        self.check("conversation" if built.complete else "", scores["Suiwen"])

    async def understand(self) -> None:
        """Intents, ours and of stock Rasa."""
        tasks = [intents.own(), *intents.public(self.folder / "public")]
        if len(tasks) == 1:
            self.note(intents.MISSING)
        found: dict[str, dict[str, Any]] = {}
        for number, task in enumerate(tasks):
            sides = {"Suiwen": False, **({"stock Rasa": True} if self.stock else {})}
            found[task.name] = {}
            for name, stock in sides.items():
                with self.console.status(f"{task.name}: training {name}"):
                    folder = self.folder / f"intents-{number}-{int(stock)}"
                    found[task.name][name] = await intents.understand(task, folder, stock=stock)
        columns = ("best guess", "right", "wrong", "unsure", *VARIETIES, "training seconds", "sentences")
        table = Table(title="Intents, of 100 sentences (varieties: best guess)")
        for column in ("", "", *columns):
            table.add_column(column, justify="right" if column in columns else "left")
        for task_name, sides_found in found.items():
            for name, values in sides_found.items():
                table.add_row(task_name, name, *(str(values.get(column, "")) for column in columns))
        self.console.print(table)
        self.found["intents"] = found

    def check(self, part: str, scores: dict[str, Score]) -> None:
        """Holds the scores against the floors of a part, if it has any."""
        if part:
            self.missed += missed(part, scores)


def _some(all_of_them: list[Question], count: int) -> list[Question]:
    return random.Random(7).sample(all_of_them, min(count, len(all_of_them)))


def _delivered(asked: list[Question], given: list[Given]) -> Point:
    """Where the decision in force lies on the curve."""
    answered = [replace(g, score=g.score if g.kind == "answer" else -1.0) for g in given]
    points = [p for p in curve(asked, answered) if p.threshold >= ANSWER]
    return points[-1] if points else Point(ANSWER, 0.0, 0.0)


def _rounded(point: Point) -> dict[str, float]:
    return {name: round(value, 4) for name, value in asdict(point).items()}


def _plain(scores: dict[str, dict[str, Score]]) -> dict[str, Any]:
    return {
        name: {"varieties": {v: s.numbers for v, s in one.items()}, "variety gap": round(gap(one), 1)}
        for name, one in scores.items()
    }


def _table(title: str, scores: dict[str, dict[str, Score]]) -> Table:
    table = Table(title=title)
    for head in ("", "", *HEADS.values()):
        table.add_column(head, justify="right" if head else "left", no_wrap=not head)
    for name, one in scores.items():
        for variety in ("all", *VARIETIES) if name == "Suiwen" else ("all",):
            numbers = one[variety].numbers
            table.add_row(name, variety, *(f"{numbers[column]:.1f}" for column in HEADS))
    return table


def _json(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def main() -> int:
    """Measures, prints, writes, and tells by the exit code whether all floors are reached."""
    parser = argparse.ArgumentParser(prog="python -m bench.evaluate", description=__doc__)
    parser.add_argument("--only", choices=PARTS, action="append", help="only this part (may be repeated)")
    parser.add_argument("--no-stock", action="store_true", help="do not train stock Rasa for comparison")
    parser.add_argument("--out", type=Path, default=ROOT / "var" / "eval.json", help="where the results go")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    logging.getLogger().setLevel(logging.ERROR)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that it cleans up after itself
    console = wide()
    FIGURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="suiwen-eval-") as folder:
        evaluation = Evaluation(Path(folder), console, stock=not options.no_stock)
        asyncio.run(evaluation.run(options.only or list(PARTS)))
    evaluation.found["missed"] = evaluation.missed
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(_json(evaluation.found), encoding="utf-8")
    for line in evaluation.missed:
        console.print(f"[red]floor missed[/]  {line}", highlight=False)
    console.print(f"written to {options.out}", highlight=False)
    return 1 if evaluation.missed else 0


if __name__ == "__main__":
    sys.exit(main())

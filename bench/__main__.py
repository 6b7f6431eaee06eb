"""``python -m bench``: start-up, memory, training, latency and throughput, against stock Rasa, in one run.

Both systems get the same domain, rules, examples and questions. They are started anew for each round and
measured in turn, never at the same time. Everything happens in a temporary folder, on free ports.
"""

import argparse
import asyncio
import logging
import signal
import sys
import tempfile
import time
import traceback
import warnings
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from rich.console import Console

from bench import catalogue, lookup
from bench.catalogue import Built
from bench.load import CROWD, ask_all
from bench.machine import Clock, described, quantile
from bench.ours import Suiwen
from bench.questions import distinct
from bench.report import Report, wide
from bench.stock import EPOCHS, Stock
from bench.system import System, rasa_job
from connectors.cli.places import ROOT, SEED

FIGURES = ROOT / "docs" / "figures"
STOCK, TFIDF = "stock Rasa", "TF-IDF"
LONGEST_START = 180.0


@dataclass(frozen=True)
class Plan:
    """How much is measured.

    ``minutes``: when no further round is begun, and what is not done yet is left out. ``together``: both are
    trained at the same time, which is quicker and tells less.
    """

    minutes: float
    rounds: int
    warm: int
    alone: int
    crowd: int
    parsed: int
    epochs: int
    many: int
    files: bool
    together: bool


FULL = Plan(
    minutes=20, rounds=3, warm=20, alone=120, crowd=320, parsed=200, epochs=10, many=50_000,
    files=True, together=False,
)  # fmt: skip
QUICK = Plan(
    minutes=3,
    rounds=1,
    warm=8,
    alone=40,
    crowd=80,
    parsed=40,
    epochs=1,
    many=5_000,
    files=False,
    together=True,
)


class Bench:
    """One run."""

    def __init__(self, folder: Path, plan: Plan, console: Console):
        self.folder, self.plan, self.console = folder, plan, console
        self.clock = Clock(plan.minutes)
        self.report = Report({"machine": described(), "plan": asdict(plan)})
        self.texts = distinct()

    def tell(self, what: str) -> None:
        """Says what happens now."""
        self.console.print(
            f"[dim]{60 * self.plan.minutes - self.clock.left:5.0f} s[/]  {what}", highlight=False
        )

    async def run(self) -> None:
        """Measures everything."""
        built = await self.build()
        ours = Suiwen(self.folder / "ours", built.file)
        theirs = Stock(self.folder / "stock", self.plan.epochs)
        await self.train(ours, theirs)
        await self.turns(ours, theirs)
        self.search(built)

    async def build(self) -> Built:
        """Imports the catalogue."""
        self.tell("importing the catalogue")
        paths = catalogue.inputs() if self.plan.files else [SEED]
        built = await catalogue.build(self.folder / "catalogue", paths, twice=True)
        if not built.complete:
            self.report.notes.append(
                catalogue.MISSING if self.plan.files else "quick: only the seed is imported"
            )
        what = f"import of {built.services:,} services, {len(built.index.phrases):,} phrases"
        self.report.add(what, "s", built.seconds, None, other="")
        self.report.add("the same import again", "s", built.again, None, other="")
        return built

    async def train(self, ours: System, theirs: System) -> None:
        """Trains both models."""
        longest = max(120.0, self.clock.left)
        if self.plan.together:
            self.tell("training both at once")
            seconds = list(await asyncio.gather(ours.train(longest), theirs.train(longest)))
        else:
            seconds = []
            for system in (ours, theirs):
                self.tell(f"training {system.title}")
                seconds.append(await system.train(longest))
        self.report.add("training", "s", *seconds, other=STOCK)
        if self.plan.epochs < EPOCHS:
            self.report.notes.append(
                f"stock Rasa was trained for {self.plan.epochs} of its {EPOCHS} epochs, in its favour; "
                "--whole trains all"
            )

    async def turns(self, ours: System, theirs: System) -> None:
        """Starts both anew for each round; a round's questions are the same for both, and not asked again."""
        size = self.plan.warm + self.plan.alone + self.plan.crowd
        longest = 0.0
        for number in range(self.plan.rounds):
            if longest > self.clock.left:
                self.report.notes.append(f"{number} of {self.plan.rounds} rounds: the time was over")
                return
            begun = self.clock.left
            texts = self.texts[number * size : (number + 1) * size]
            found = []
            for system in (ours, theirs):
                self.tell(f"round {number + 1} of {self.plan.rounds}: {system.title}")
                found.append(await self.turn(system, texts, parse=number == 0))
            for what, (unit, more, value) in found[0].items():
                self.report.add(what, unit, value, found[1][what][2], other=STOCK, more=more)
            longest = max(longest, begun - self.clock.left)

    async def turn(
        self, system: System, texts: list[str], *, parse: bool
    ) -> dict[str, tuple[str, bool, float]]:
        """One round of one system: unit, whether more is better, and value by measure."""
        plan = self.plan
        try:
            start = await system.start(LONGEST_START)
            await ask_all(system, texts[: plan.warm], 4)
            one = await ask_all(system, texts[plan.warm : plan.warm + plan.alone], 1)
            many = await ask_all(system, texts[plan.warm + plan.alone :], CROWD)
            memory = system.megabytes()
            parsed = await self.parse(system) if parse else []
        finally:
            await system.stop()
        failed = one.failed + many.failed
        if failed:
            self.report.notes.append(
                f"{system.title}: {failed} of {plan.alone + plan.crowd} turns of a round had no answer"
            )
        found = {
            "start-up to first answer": ("s", False, start),
            "resident memory, all processes": ("MB", False, memory),
            "a turn alone, p50": ("ms", False, one.p50),
            "a turn alone, p99": ("ms", False, one.p99),
            f"a turn, {CROWD} at once, p50": ("ms", False, many.p50),
            f"a turn, {CROWD} at once, p99": ("ms", False, many.p99),
            f"turns a second, {CROWD} at once": ("", True, many.per_second),
        }
        if parsed:
            found["parsing a message, p50"] = ("ms", False, 1000 * quantile(parsed, 0.5))
            found["parsing a message, p99"] = ("ms", False, 1000 * quantile(parsed, 0.99))
        return found

    async def parse(self, system: System) -> list[float]:
        """Seconds of the pipeline alone for each text, in a process of its own while the system idles."""
        plan = self.plan
        job = {
            "model": str(system.model),
            "warm": self.texts[: plan.warm],
            "texts": self.texts[plan.warm : plan.warm + plan.parsed],
        }
        result = await rasa_job(system.home(), system.environment(), system.folder, job, LONGEST_START)
        return [one["seconds"] for one in result["parsed"]]

    def search(self, built: Built) -> None:
        """Look-ups in the catalogue as it is, and in one of many variations of it."""
        texts = self.texts[: 2 * self.plan.parsed]
        for many in (False, True):
            if self.clock.left < (120 if many and self.plan.many > 10_000 else 5):
                self.report.notes.append("the look-ups are not all measured: the time was over")
                return
            size = self.plan.many if many else built.services
            self.tell(f"look-ups in {size:,} services")
            index = catalogue.varied(built.index, size) if many else built.index
            tfidf = lookup.Tfidf.over(index)
            for number in range(3):
                part = texts[number::3]
                mine, other = lookup.took(lookup.ours(index), part), lookup.took(tfidf.best, part)
                for name, a, b in zip(("p50", "p99"), mine, other, strict=True):
                    what = f"look-up in {size:,} services ({len(index.phrases):,} phrases), {name}"
                    self.report.add(what, "ms", a, b, other=TFIDF)


def main() -> int:
    """Measures, prints and writes."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help="a try in three minutes, not for the docs")
    size.add_argument("--whole", action="store_true", help="train stock Rasa for all of its epochs: an hour")
    parser.add_argument("--out", type=Path, help="where the results go; default var/bench.json")
    options = parser.parse_args()
    plan, name = (QUICK, "bench-quick.json") if options.quick else (FULL, "bench.json")
    if options.whole:
        plan = replace(FULL, epochs=EPOCHS, minutes=90)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that it cleans up after itself
    out: Path = options.out or ROOT / "var" / name
    warnings.simplefilter("ignore")
    logging.getLogger().setLevel(logging.ERROR)
    console = wide()
    code, begun = 0, time.monotonic()
    with tempfile.TemporaryDirectory(prefix="suiwen-bench-") as folder:
        bench = Bench(Path(folder), plan, console)
        try:
            asyncio.run(bench.run())
        except (RuntimeError, TimeoutError) as error:
            traceback.print_exc()
            bench.report.notes.append(f"broken off: {str(error).splitlines()[0]}")
            code = 1
    bench.report.about["seconds"] = round(time.monotonic() - begun)
    bench.report.notes.append("stock Rasa's action server looks nothing up, in its favour; ours searches")
    bench.report.show(console)
    bench.report.write(out)
    if not options.quick and not code:
        bench.report.markdown(FIGURES / "bench.md")
        bench.report.draw(FIGURES / "bench.svg")
    console.print(f"{bench.report.about['seconds']} s in all; written to {out}", highlight=False)
    return code


if __name__ == "__main__":
    sys.exit(main())

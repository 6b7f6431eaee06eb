"""The one table of the measurements: on the terminal, as JSON, and as a figure for the docs."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.machine import median

DRAWN = (
    "start-up to first answer",
    "resident memory, all processes",
    "training",
    "a turn alone, p50",
    "a turn, 16 at once, p50",
    "turns a second, 16 at once",
)
COLOURS = ("#0b6e6e", "#b9b2a6")


@dataclass
class Row:
    """One measure: the values of all rounds, ours and of what it is compared with (none where nothing is)."""

    what: str
    unit: str
    other: str
    ours: list[float] = field(default_factory=list)
    theirs: list[float] = field(default_factory=list)
    more_is_better: bool = False

    @property
    def factor(self) -> float:
        """How many times better ours is, by the medians; not a number if there is no comparison."""
        ours, theirs = median(self.ours), median(self.theirs)
        return ours / theirs if self.more_is_better else theirs / ours


class Report:
    """Rows by name, notes, and where and how it was measured."""

    def __init__(self, about: dict[str, Any]):
        self.about = about
        self.rows: dict[str, Row] = {}
        self.notes: list[str] = []

    def add(
        self,
        what: str,
        unit: str,
        ours: float | None,
        theirs: float | None,
        *,
        other: str,
        more: bool = False,
    ) -> None:
        """Adds the values of a round; None where one side was not measured."""
        row = self.rows.setdefault(what, Row(what, unit, other, more_is_better=more))
        row.ours += [] if ours is None else [ours]
        row.theirs += [] if theirs is None else [theirs]

    def table(self) -> Table:
        """For the terminal."""
        table = Table(title="Suiwen against what a user would pick instead (medians of the rounds)")
        for name in ("measure", "unit", "Suiwen", "instead", "", "better by"):
            table.add_column(name, justify="left" if name in ("measure", "unit", "") else "right")
        for row in self.rows.values():
            ours, theirs = (_number(median(values)) for values in (row.ours, row.theirs))
            factor = f"{row.factor:.1f} x" if row.factor == row.factor else ""
            table.add_row(row.what, row.unit, ours, theirs, row.other if row.theirs else "", factor)
        return table

    def write(self, path: Path) -> None:
        """Writes all values as JSON."""
        rows = [
            asdict(row)
            | {"median_ours": median(row.ours), "median_theirs": median(row.theirs), "factor": row.factor}
            for row in self.rows.values()
        ]
        path.parent.mkdir(parents=True, exist_ok=True)
        document = {"about": self.about, "notes": self.notes, "rows": rows}
        text = json.dumps(_finite(document), ensure_ascii=False, indent=1)
        path.write_text(text + "\n", encoding="utf-8")

    def show(self, console: Console) -> None:
        """Prints table and notes."""
        console.print(self.table())
        for note in self.notes:
            console.print(f"- {note}", highlight=False)

    def markdown(self, path: Path) -> None:
        """Writes the table for the docs."""
        lines = ["| measure | Suiwen | instead | | better by |", "| --- | ---: | ---: | --- | ---: |"]
        for row in self.rows.values():
            ours, theirs = (f"{_number(median(v))} {row.unit}" if v else "" for v in (row.ours, row.theirs))
            factor = f"{row.factor:.1f} x" if row.factor == row.factor else ""
            lines.append(f"| {row.what} | {ours} | {theirs} | {row.other if row.theirs else ''} | {factor} |")
        machine = self.about["machine"]
        lines += ["", f"{machine['cores']} cores, {machine['system']}, {machine['time'][:10]}."]
        lines += [f"- {note}" for note in self.notes]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def draw(self, path: Path) -> None:
        """Draws the measures that matter most, one small panel each."""
        import matplotlib

        matplotlib.use("svg")
        from matplotlib import pyplot

        rows = [self.rows[name] for name in DRAWN if name in self.rows and self.rows[name].theirs]
        if not rows:
            return
        figure, panels = pyplot.subplots(2, 3, figsize=(9, 4.2))
        for panel in panels.flat:
            panel.axis("off")
        for row, panel in zip(rows, panels.flat, strict=False):
            panel.axis("on")
            values = [median(row.ours), median(row.theirs)]
            bars = panel.barh(["Suiwen", row.other], values, color=COLOURS, height=0.6)
            panel.bar_label(bars, [f" {_number(v)} {row.unit}" for v in values], fontsize=9)
            panel.set_title(row.what, fontsize=10, loc="left")
            panel.set_xlim(0, max(values) * 1.45)
            panel.invert_yaxis()
            panel.set_xticks([])
            panel.spines[["top", "right", "bottom"]].set_visible(False)
        save(figure, path)


def wide() -> Console:
    """A console with room for the tables, also where the output goes to a file."""
    console = Console()
    console.width = max(console.width, 120)
    return console


def save(figure: Any, path: Path) -> None:
    """Writes a figure as SVG that does not change when its data do not."""
    import matplotlib

    matplotlib.rcParams["svg.hashsalt"] = "suiwen"
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.tight_layout()
    figure.savefig(path, format="svg", metadata={"Date": None})


def _number(value: float) -> str:
    if value != value:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def _finite(value: Any) -> Any:
    """The same with null for what is not a number, which JSON does not know."""
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and value != value else value

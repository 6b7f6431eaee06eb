"""The curve of coverage against wrong answers, as a figure."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.answers import Point
from bench.report import save

LINES = ("#0b6e6e", "#c77d3a", "#8c5a8c", "#8a8f98", "#b9b2a6")
SHOWN = 40
"""Of 100 answers wrong: the top of the figure."""
FROM = 4
"""Of 100 questions answered: with fewer, the share of wrong answers says nothing yet."""


def draw(curves: Mapping[str, Sequence[Point]], at: Point | None, path: Path) -> None:
    """Draws the curves, ours first; ``at``: where the assistant stands on it."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(9.6, 4.6))
    for (name, points), colour in zip(curves.items(), LINES, strict=False):
        ours = colour == LINES[0]
        kept = [p for p in points if p.coverage >= FROM]
        xs, ys = [p.coverage for p in kept], [p.error for p in kept]
        axes.plot(xs, ys, color=colour, linewidth=2.4 if ours else 1.3, label=name, zorder=3 if ours else 2)
    if at:
        axes.plot([at.coverage], [at.error], "o", color=LINES[0], markersize=8, zorder=4)
        axes.annotate(
            f"as delivered: {at.coverage:.0f} answered, {at.error:.1f} wrong",
            (at.coverage, at.error),
            xytext=(-14, 26),
            textcoords="offset points",
            ha="right",
            color=LINES[0],
            arrowprops={"arrowstyle": "-", "color": LINES[0]},
        )
    axes.set_xlim(0, 100)
    axes.set_ylim(0, SHOWN)
    axes.set_xlabel("of 100 questions that a record answers: answered")
    axes.set_ylabel("of 100 answers: wrong")
    axes.set_title("Coverage against wrong answers (right and low is better)", loc="left", fontsize=11)
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1.01, 1))
    save(figure, path)
    pyplot.close(figure)

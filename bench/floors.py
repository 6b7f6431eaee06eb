"""The floors below which a measure may not fall (``floors.yml``)."""

from pathlib import Path
from typing import Any

import yaml

from bench.answers import Score, gap

FILE = Path(__file__).with_name("floors.yml")


def floors(part: str) -> dict[str, float]:
    """The floors of one part."""
    found: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))[part]
    return {name: float(value) for name, value in found.items()}


def missed(part: str, scores: dict[str, Score]) -> list[str]:
    """What does not reach its floor, in words; empty if all is well."""
    all_of_it = scores["all"].numbers
    values = {
        "right at least": all_of_it["right"],
        "wrong at most": all_of_it["wrong"],
        "refusals right at least": all_of_it["refusals right"],
        "refusals answered at most": all_of_it["refusals answered"],
        "variety gap at most": round(gap(scores), 1),
    }
    found = []
    for name, floor in floors(part).items():
        value = values[name]
        if value < floor if name.endswith("at least") else value > floor:
            found.append(f"{part}: {name} {floor:g}, measured {value:g} of 100")
    return found

"""The look-up keeps its floors (``bench/floors.yml``) in a small catalogue made from the repository alone."""

from pathlib import Path

from bench import catalogue, floors
from bench.answers import by_variety
from bench.questions import questions, refusals
from bench.rivals import suiwen

OTHERS = 200
"""Records beside those asked for, so that there is something to confuse them with."""


async def test_search_keeps_its_floors(tmp_path: Path) -> None:
    asked = questions()
    files = catalogue.sample(tmp_path / "files", {q.code for q in asked if q.code}, OTHERS)
    built = await catalogue.build(tmp_path / "data", files)
    assert built.services == len({q.code for q in asked}) + OTHERS, "a record asked for is missing"

    everything = [*asked, *refusals()]
    scores = by_variety(everything, suiwen(built.catalogue, everything))

    missed = floors.missed("sample", scores)
    assert not missed, "\n".join(missed)

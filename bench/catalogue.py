"""The catalogue that is measured: the seed with the imported files, and what can be made from them."""

import asyncio
import json
import random
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from connectors.cli.places import ROOT, SEED
from knowledge.database import Database, migrate
from knowledge.search.catalogue import Catalogue
from knowledge.search.encoder import DIMENSIONS
from knowledge.search.index import Index, Phrase
from knowledge.services.importer import Progress, import_services

FILES = ROOT.parent / "shared" / "data" / "services"
TITLES = ROOT / "knowledge" / "search" / "data" / "titles.jsonl"
NAMES = SEED / "names.jsonl"
MISSING = f"the catalogue's files are not beside the repository ({FILES}): only the seed is measured"


@dataclass(frozen=True)
class Built:
    """A database with its catalogue loaded; ``again``: seconds of a second import, which changes nothing."""

    file: Path
    catalogue: Catalogue
    seconds: float
    again: float
    complete: bool

    @property
    def services(self) -> int:
        """How many services it has."""
        return len(self.catalogue.snapshot.services)

    @property
    def index(self) -> Index:
        """Its search index."""
        index = self.catalogue.snapshot.index
        assert index is not None
        return index


def inputs() -> list[Path]:
    """The seed, and the files of the published catalogue where they lie beside the repository."""
    return [SEED, *sorted(FILES.glob("*.jsonl"))]


async def build(
    folder: Path, paths: Sequence[Path], *, twice: bool = False, tell: Progress | None = None
) -> Built:
    """Imports into a new database in a folder. ``twice``: measures a second import too."""
    file = folder / "suiwen.db"
    url = f"sqlite+aiosqlite:///{file}"
    await asyncio.to_thread(migrate, url)
    database = Database(url)
    try:
        first = await import_services(database, paths, progress=tell)
        if first.rejected:
            raise RuntimeError(f"{len(first.rejected)} lines were rejected, first: {first.rejected[0]}")
        second = await import_services(database, paths) if twice else None
        catalogue = Catalogue(database)
        await catalogue.refresh()
    finally:
        await database.close()
    return Built(file, catalogue, first.seconds, second.seconds if second else 0.0, len(paths) > 1)


def sample(folder: Path, asked: Collection[str], others: int, seed: int = 7) -> list[Path]:
    """Writes a small catalogue: the services asked for and ``others`` beside, by title and names only.

    It is made from what the repository holds, so that it is the same everywhere. Returns its files.
    """
    titles = {row["code"]: row for row in map(json.loads, TITLES.read_text(encoding="utf-8").splitlines())}
    rest = sorted(titles.keys() - set(asked))
    chosen = {*asked, *random.Random(seed).sample(rest, min(others, len(rest)))} & titles.keys()
    folder.mkdir(parents=True, exist_ok=True)
    records, names = folder / "records.jsonl", folder / "names.jsonl"
    with records.open("w", encoding="utf-8") as stream:
        for code in sorted(chosen):
            record = {
                "code": code,
                "name": {"zh": titles[code]["title"]},
                "department": "广州市",
                "as_of": "2021-05-31",
                **({"level": titles[code]["level"]} if titles[code].get("level") else {}),
            }
            stream.write(json.dumps(record, ensure_ascii=False) + "\n")
    lines = NAMES.read_text(encoding="utf-8").splitlines()
    names.write_text(
        "\n".join(line for line in lines if json.loads(line)["code"] in chosen), encoding="utf-8"
    )
    return [records, names]


def varied(
    index: Index, services: int, tell: Callable[[int, int], None] | None = None, seed: int = 7
) -> Index:
    """An index of many services: variations of a real one, each with as many phrases as its model.

    A variation differs in its text (another place before it) and a little in its vector (noise).
    """
    random_numbers = np.random.default_rng(seed)
    phrases: list[Phrase] = list(index.phrases)
    titles = dict(index.titles)
    per_copy = len(index.codes)
    number = 0
    while len(titles) < services:
        number += 1
        kept = set(index.codes[: min(per_copy, services - len(titles))])
        place = f"第{number}街"
        base = [p for p in index.phrases if p.code in kept]
        vectors = np.frombuffer(b"".join(p.vector for p in base), dtype=np.float16).reshape(-1, DIMENSIONS)
        noise = random_numbers.normal(0, 0.01, vectors.shape).astype(np.float32)
        noisy = (vectors + noise).astype(np.float16)
        for row, p in enumerate(base):
            phrases.append(
                replace(
                    p,
                    id=len(phrases) + 10_000_000,
                    code=f"{p.code}-{number}",
                    text=place + p.text,
                    tokens=f"{place} {p.tokens}",
                    vector=noisy[row].tobytes(),
                )
            )
        titles |= {
            f"{code}-{number}": (place + title, level)
            for code, (title, level) in index.titles.items()
            if code in kept
        }
        if tell:
            tell(len(titles), services)
    return Index.build(index.model, phrases, titles, index)

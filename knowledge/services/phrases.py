"""The phrases under which a service is found, with everything prepared that the search needs."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

import numpy as np

from knowledge.search.encoder import encode
from knowledge.search.words import segment
from knowledge.services.record import ServiceRecord
from knowledge.text.script import fold

MAX_TEXT, MAX_SUMMARY = 500, 120
CHUNK = 256

Entry = dict[str, Any]
"""A row of SearchEntry: code, source, text, tokens and vector."""


class HasPhrase(Protocol):
    """Anything with an everyday name, such as a ``Synonym`` row."""

    @property
    def phrase(self) -> Any:
        """The everyday name."""


def phrases(record: ServiceRecord, synonyms: Iterable[HasPhrase] = ()) -> list[tuple[str, str]]:
    """Pairs (source, text), most official first; texts that fold to the same appear once.

    Sources: ``name``, ``name_en``, ``alias``, ``synonym`` and ``summary`` (its first 120 characters).
    """
    summaries = [text[:MAX_SUMMARY] for text in (record.summary.zh, record.summary.en) if text]
    candidates = [
        ("name", record.name.zh),
        *([("name_en", record.name.en)] if record.name.en else []),
        *(("alias", alias) for alias in record.aliases),
        *(("synonym", row.phrase) for row in synonyms),
        *(("summary", text) for text in summaries),
    ]
    found: dict[str, tuple[str, str]] = {}
    for source, text in candidates:
        if key := fold(text):
            found.setdefault(key, (source, text[:MAX_TEXT]))
    return list(found.values())


async def entries(
    records: Iterable[ServiceRecord],
    synonyms: Mapping[str, Iterable[HasPhrase]] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[Entry]:
    """The search entries of records, ready to insert; call it before a write transaction is opened.

    ``synonyms``: everyday names by service code. ``progress`` is told (phrases done, phrases in all). The
    work is done in a thread, so that the event loop stays free.
    """
    wanted = [
        (record.code, source, text)
        for record in records
        for source, text in phrases(record, (synonyms or {}).get(record.code, ()))
    ]
    folded = sorted({fold(text) for _, _, text in wanted}, key=len)
    vectors: dict[str, tuple[str, bytes]] = {}
    for start in range(0, len(folded), CHUNK):
        part = folded[start : start + CHUNK]
        vectors.update(await asyncio.to_thread(_prepare, part))
        if progress:
            progress(start + len(part), len(folded))
    keys = ((code, source, text, fold(text)) for code, source, text in wanted)
    return [
        {"code": code, "source": source, "text": text, "tokens": vectors[key][0], "vector": vectors[key][1]}
        for code, source, text, key in keys
    ]


def _prepare(folded: list[str]) -> dict[str, tuple[str, bytes]]:
    matrix = encode(folded).astype(np.float16)
    return {
        text: (" ".join(segment(text)), vector.tobytes()) for text, vector in zip(folded, matrix, strict=True)
    }

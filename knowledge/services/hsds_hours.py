"""Opening hours: ``{"days": "1-5", "opens": "09:00", "closes": "17:00"}`` to and from rows of one weekday
each.
"""

import json
import re
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

Hours = list[dict[str, str]]
_DAYS = re.compile(r"[1-7](?:-[1-7])?(?:,[1-7](?:-[1-7])?)*")


def write_hours(hours: Hours | None) -> tuple[list[dict[str, str]], str]:
    """Rows of regular_schedules (weekday 1 is Monday), and the JSON of hours that such rows cannot say."""
    if not hours:
        return [], ""
    rows = []
    for entry in hours:
        for day in _expanded(entry.get("days", "")):
            rows.append(
                {
                    "weekday": str(day),
                    "opens_at": entry.get("opens", ""),
                    "closes_at": entry.get("closes", ""),
                }
            )
    return rows, "" if read_hours("", rows) == hours else json.dumps(hours, ensure_ascii=False)


def read_hours(extra: str, rows: Iterable[Mapping[str, str]]) -> Any:
    """The hours of an office out of ``x_hours`` (wins) or rows of regular_schedules; None if not said."""
    if extra:
        try:
            return json.loads(extra)
        except (ValueError, RecursionError):
            return extra
    spans: dict[tuple[str, str], list[int]] = {}
    for row in rows:
        day = row.get("weekday", "").strip()
        if day in ("1", "2", "3", "4", "5", "6", "7"):
            key = (_minutes(row.get("opens_at", "")), _minutes(row.get("closes_at", "")))
            spans.setdefault(key, []).append(int(day))
    hours = [
        {"days": _folded(days), "opens": opens, "closes": closes} for (opens, closes), days in spans.items()
    ]
    return hours or None


def _minutes(time: str) -> str:
    return re.sub(r"^(\d\d:\d\d):\d\d$", r"\1", time.strip())


def _expanded(days: str) -> list[int]:
    if not _DAYS.fullmatch(days):
        return []
    out: list[int] = []
    for part in days.split(","):
        first, _, last = part.partition("-")
        out += range(int(first), int(last or first) + 1)
    return out


def _folded(days: list[int]) -> str:
    """Sorted days with spans: [1, 2, 3, 6] is ``1-3,6``."""
    found = sorted(set(days))
    starts = [day for before, day in pairwise([-9, *found]) if day != before + 1]
    ends = [day for day, after in pairwise([*found, 99]) if after != day + 1]
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in zip(starts, ends, strict=True))

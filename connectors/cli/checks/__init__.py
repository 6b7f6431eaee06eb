"""The checks of ``suiwen doctor``, one module for each part of the house."""

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "warning", "problem"]


@dataclass(frozen=True)
class Finding:
    """What a check found. ``mend``: what to do about it, where something is to be done."""

    check: str
    state: State
    said: str
    mend: str = ""


def ok(check: str, said: str) -> Finding:
    """All is well."""
    return Finding(check, "ok", said)


def warning(check: str, said: str, mend: str) -> Finding:
    """It works, but somebody should look at it."""
    return Finding(check, "warning", said, mend)


def problem(check: str, said: str, mend: str) -> Finding:
    """It does not work."""
    return Finding(check, "problem", said, mend)

"""What became of questions, counted in one way for the look-up, its rivals and the whole assistant."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from bench.questions import VARIETIES, Question

Kind = Literal["answer", "suggest", "refuse"]
KINDS = ("right", "wrong", "among suggestions", "not among suggestions", "refused")


@dataclass(frozen=True)
class Given:
    """What a question got: the record answered from, or the records suggested, or neither.

    ``first``: the record that ranks first whatever was decided; ``score``: how sure it is.
    """

    kind: Kind
    codes: tuple[str, ...] = ()
    first: str = ""
    score: float = 0.0


def judged(question: Question, given: Given) -> str:
    """The kind of outcome; a question that no record answers is right when it is refused."""
    if given.kind == "refuse":
        return "right" if question.code is None else "refused"
    if given.kind == "answer":
        return "right" if question.code and given.codes[0] == question.code else "wrong"
    return "among suggestions" if question.code in given.codes else "not among suggestions"


@dataclass(frozen=True)
class Score:
    """Counts of outcomes: of questions that a record answers, and (``refusals``) of those that none does."""

    asked: int
    counts: dict[str, int]
    first: int
    refusals: int
    refusals_right: int
    refusals_answered: int

    def share(self, kind: str) -> float:
        """How many of 100 questions had an outcome."""
        return 100 * self.counts[kind] / max(1, self.asked)

    @property
    def numbers(self) -> dict[str, float]:
        """All shares, for a file."""
        return {
            **{kind: round(self.share(kind), 1) for kind in KINDS},
            "first": round(100 * self.first / max(1, self.asked), 1),
            "refusals right": round(100 * self.refusals_right / max(1, self.refusals), 1),
            "refusals answered": round(100 * self.refusals_answered / max(1, self.refusals), 1),
            "asked": self.asked,
            "asked in vain": self.refusals,
        }


def score(questions: Sequence[Question], given: Sequence[Given]) -> Score:
    """Counts the outcomes of questions of both sorts."""
    pairs = list(zip(questions, given, strict=True))
    inside = [(q, g) for q, g in pairs if q.code]
    outside = [g for q, g in pairs if not q.code]
    found = [judged(q, g) for q, g in inside]
    return Score(
        len(inside),
        {kind: found.count(kind) for kind in KINDS},
        sum(g.first == q.code for q, g in inside),
        len(outside),
        sum(g.kind == "refuse" for g in outside),
        sum(g.kind == "answer" for g in outside),
    )


def by_variety(questions: Sequence[Question], given: Sequence[Given]) -> dict[str, Score]:
    """The counts for each variety, and for all of them."""
    pairs = list(zip(questions, given, strict=True))
    scores = {"all": score(questions, given)}
    for variety in VARIETIES:
        part = [(q, g) for q, g in pairs if q.variety == variety]
        scores[variety] = score([q for q, _ in part], [g for _, g in part])
    return scores


def gap(scores: dict[str, Score]) -> float:
    """Between the variety with the most right answers and the one with the fewest, of 100 questions."""
    shares = [scores[variety].share("right") for variety in VARIETIES]
    return max(shares) - min(shares)


@dataclass(frozen=True)
class Point:
    """At a threshold: ``coverage`` of 100 questions are answered, ``error`` of 100 answers are wrong."""

    threshold: float
    coverage: float
    error: float


def curve(questions: Sequence[Question], given: Iterable[Given]) -> list[Point]:
    """Coverage against error while the threshold falls; an answer to what no record answers is wrong."""
    ranked = sorted(zip(questions, given, strict=True), key=lambda pair: -pair[1].score)
    inside = sum(q.code is not None for q in questions) or 1
    points: list[Point] = []
    covered = wrong = 0
    for answered, (question, one) in enumerate(ranked, 1):
        if not one.first or one.score <= 0:
            break
        covered += question.code is not None
        wrong += question.code != one.first
        last = answered == len(ranked) or ranked[answered][1].score < one.score
        if last:
            points.append(Point(one.score, 100 * covered / inside, 100 * wrong / answered))
    return points


def coverage_at(points: Sequence[Point], error: float) -> float:
    """The most that can be answered while at most this many of 100 answers are wrong."""
    return max((p.coverage for p in points if p.error <= error), default=0.0)

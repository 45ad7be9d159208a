"""A shop's calibration from beginning to end: ask, learn, judge, keep."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from shoplens.answer.calibrating.learning import (
    Case,
    Judged,
    halves,
    judge,
    learn,
    some_outside,
    without,
)
from shoplens.answer.calibrating.questions import Known
from shoplens.catalogue.journal.notes import Notes
from shoplens.encode.base import Encoder
from shoplens.errors import MismatchError, NotFoundError, QueryError
from shoplens.rank.calibration import Calibration, default_calibration
from shoplens.rank.confidence import AskedBy, Categories
from shoplens.types import Query, RankedProduct

Rank = Callable[[Query], tuple[Sequence[RankedProduct], AskedBy]]
"""Gives the first products found for a query with their raw signals, and what was asked."""
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Calibrated:
    """A calibration learnt from all answers, and how well one learnt from half of them does.

    ``before`` and ``after`` judge, way by way, by the other half, whose products the learning
    never saw. ``better`` says that the squared error fell.
    """

    calibration: Calibration
    answers: int
    before: Mapping[str, Judged]
    after: Mapping[str, Judged]

    @property
    def better(self) -> bool:
        """Whether what was learnt tells more than what was there before."""
        return _squared(self.after) < _squared(self.before)


def ask(questions: Sequence[Known], rank: Rank, progress: Progress) -> list[Case]:
    """Ask the shop each question; one that makes no sense to it is left out."""
    cases: list[Case] = []
    for done, known in enumerate(questions, 1):
        try:
            products, asked = rank(known.query)
        except QueryError:
            continue
        finally:
            progress("ask", done, len(questions))
        outside = not known.groups
        cases.append(Case(tuple(products), asked, known.groups, known.category, known.key, outside))
    return cases


def calibrate(cases: Sequence[Case], base: Calibration, categories: Categories) -> Calibrated:
    """Learn from answers; ``base`` stays for what they do not tell enough about."""
    learnt, held = halves(cases)
    tried = learn(_both(learnt), base, categories)
    kept = learn(_both(cases), base, categories)
    judged = some_outside(held)
    names = sorted({case.name for case in judged} & tried.ways.keys())
    before, after = (
        {
            name: judge([case for case in judged if case.name == name], one, categories)
            for name in names
        }
        for one in (base, tried)
    )
    return Calibrated(kept, len(cases), before, after)


def _both(cases: Sequence[Case]) -> list[Case]:
    """Add each answer as it is in a shop that does not sell what was meant."""
    return [*cases, *(without(case) for case in cases if not case.outside)]


def _squared(judged: Mapping[str, Judged]) -> float:
    return sum(one.brier * one.answers for one in judged.values())


# ---- keeping -------------------------------------------------------------------------------------


def fingerprint_of(encoder: Encoder) -> str:
    """Name what scores depend on: both towers."""
    return f"{encoder.picture.fingerprint}/{encoder.text.fingerprint}"


def keep(notes: Notes, calibration: Calibration, fingerprint: str) -> None:
    """Keep a shop's own calibration for an encoder."""
    notes.put(_note_of(fingerprint), replace(calibration, fingerprint=fingerprint).to_json())


def kept(notes: Notes, fingerprint: str) -> Calibration:
    """Give the shop's own calibration for an encoder, or else the one that ships."""
    try:
        return Calibration.from_json(notes.get(_note_of(fingerprint)))
    except (NotFoundError, MismatchError):  # never made, or by another version
        return default_calibration(fingerprint)


def _note_of(fingerprint: str) -> str:
    return f"calibration of {fingerprint}"

"""Every question is asked, one after the other, and timed; a bad one costs one line."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from shoplens.errors import ImageError, NotFoundError, QueryError
from shoplens.evaluate.judged.judgements import Question
from shoplens.evaluate.runs import Placed, Run
from shoplens.types import Pixels, Query, Rejection

Ask = Callable[[Query], Sequence[Placed]]
"""Gives distinct products, best first."""
Look = Callable[[bytes], Pixels]
Progress = Callable[[str, int, int], None]

WARM = 3
"""So many questions are asked before the clock runs: first ones wait for files and caches."""


@dataclass(frozen=True, slots=True)
class Asking:
    """A shop that can be asked: ``look`` decodes a photo as its visitors' are."""

    ask: Ask
    look: Look
    clock_s: Callable[[], float] = time.perf_counter

    def query_of(self, question: Question, k: int) -> Query:
        """Read and decode what a question holds.

        Raises:
            OSError, ImageError: its photo cannot be read, or is none.
        """
        picture = self.look(question.picture.read_bytes()) if question.picture else None
        return Query(picture=picture, text=question.text, product_id=question.product_id, k=k)


@dataclass(frozen=True, slots=True)
class Asked:
    """What came, how long each question took from its photo's file on, and those refused."""

    run: Run
    took_ms: Mapping[str, float]
    refused: tuple[Rejection, ...] = ()


def ask_all(questions: Sequence[Question], asking: Asking, k: int, progress: Progress) -> Asked:
    """Ask each question for ``k`` products, alone, as a single visitor would."""
    rankings: dict[str, tuple[Placed, ...]] = {}
    took_ms: dict[str, float] = {}
    refused: dict[str, Rejection] = {}
    for place, question in enumerate([*questions[:WARM], *questions]):
        began = asking.clock_s()
        try:
            ranking = tuple(asking.ask(asking.query_of(question, k)))
        except (OSError, ImageError, NotFoundError, QueryError) as error:
            where = str(question.picture or f"question {question.query_id}")
            refused[question.query_id] = Rejection(where, _reason(error))
        else:
            took_ms[question.query_id] = (asking.clock_s() - began) * 1000  # the warm time goes
            rankings[question.query_id] = ranking
        progress("asking the shop", max(place + 1 - len(questions[:WARM]), 0), len(questions))
    return Asked(Run(rankings), took_ms, tuple(refused.values()))


def _reason(error: Exception) -> str:
    """Say what is wrong without the path, which stands beside it."""
    return (isinstance(error, OSError) and error.strerror) or str(error)

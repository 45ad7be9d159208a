"""Questions whose right products are known: what all readers give, and what metrics take."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from shoplens.types import Rejection

Grades = Mapping[str, float]
"""How right products are, by product id; above 0 is right."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: a photo's file, words, a product, or several together.

    ``slices`` are what figures can be split by, such as where a photo was taken.
    """

    query_id: str
    picture: Path | None = None
    text: str = ""
    product_id: str = ""
    slices: Mapping[str, str] = field(default_factory=dict[str, str])

    def told(self) -> str:
        """Name it for a person."""
        parts = (self.picture.name if self.picture else "", self.text, self.product_id)
        return " + ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Judgements:
    """Questions, the grades of products for each by ``query_id``, and what could not be used."""

    questions: tuple[Question, ...]
    grades: Mapping[str, Grades]
    refused: tuple[Rejection, ...] = ()

    def right(self, query_id: str) -> list[str]:
        """List the right products of a question, the highest grade first."""
        grades = self.grades.get(query_id, {})
        kept = [product_id for product_id, grade in grades.items() if grade > 0]
        return sorted(kept, key=lambda product_id: (-grades[product_id], product_id))


class Others(Mapping[str, float]):
    """Grades that many questions share, without the product that one of them asks with."""

    def __init__(self, shared: Grades, asked: str) -> None:
        self._shared = shared
        self._asked = asked

    def __getitem__(self, product_id: str) -> float:
        if product_id == self._asked:
            raise KeyError(product_id)
        return self._shared[product_id]

    def __iter__(self) -> Iterator[str]:
        return (product_id for product_id in self._shared if product_id != self._asked)

    def __len__(self) -> int:
        return len(self._shared) - (self._asked in self._shared)


def usable(judgements: Judgements, sold: Collection[str]) -> Judgements:
    """Leave out products that the shop does not have, and questions with nothing right left."""
    unknown: dict[str, int] = {}
    grades: dict[str, Grades] = {}
    for query_id, own in judgements.grades.items():
        away = [product_id for product_id in own if product_id not in sold]
        for product_id in away:
            unknown[product_id] = unknown.get(product_id, 0) + 1
        kept = {product_id: own[product_id] for product_id in own if product_id in sold}
        grades[query_id] = kept if away else own
    refused = [
        Rejection(
            f"product {product_id}", f"the shop has none of this id; judged {times}×", product_id
        )
        for product_id, times in sorted(unknown.items())
    ]
    questions: list[Question] = []
    for question in judgements.questions:
        if any(grade > 0 for grade in grades.get(question.query_id, {}).values()):
            questions.append(question)
        else:
            reason = "nothing that the shop has is right for it, so it has no figures"
            refused.append(Rejection(f"question {question.query_id}", reason))
    return Judgements(tuple(questions), grades, (*judgements.refused, *refused))


def some(judgements: Judgements, k: int, rng: np.random.Generator) -> Judgements:
    """Draw ``k`` of the questions; they stay in order, and all stay if there are no more."""
    if len(judgements.questions) <= k:
        return judgements
    drawn: list[int] = sorted(rng.permutation(len(judgements.questions))[:k].tolist())
    return replace(judgements, questions=tuple(judgements.questions[place] for place in drawn))

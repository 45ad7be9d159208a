"""What products lack is told from their pictures, for a person to accept or reject."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from shoplens.catalogue.images import ImageRecord
from shoplens.catalogue.journal.tags import says
from shoplens.catalogue.products import Stored
from shoplens.predict.heads import Heads, Predicted, Told, field_of
from shoplens.predict.shop.gathering import Gathered

OTHERS = 3
LEAST = 0.01
"""A label less likely than this is no alternative."""

PlaceOf = Callable[[Stored, ImageRecord], str]
"""Gives where a browser finds a product's picture: a path or a URL, empty if nowhere."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A label for a field that a product says nothing in; ``decision`` is a person's, in a word.

    ``others`` are the likeliest other labels, ``picture`` a path or URL.
    """

    product_id: str
    title: str
    field: str
    value: str
    probability: float
    others: tuple[Told, ...] = ()
    picture: str = ""
    decision: str = ""


@dataclass(frozen=True, slots=True)
class FieldCount:
    """Of the products that lack a field: how many there are, and for how many it is told."""

    field: str
    missing: int
    told: int


def suggest_missing(
    gathered: Gathered, heads: Heads, place_of: PlaceOf, fields: Sequence[str] = ()
) -> tuple[list[Suggestion], list[FieldCount]]:
    """Tell what products lack, the most certain first, where a head is sure enough to say it.

    ``fields`` limits what is told; empty for every field that there is a head for. A category is
    told as deep as its heads are sure.
    """
    found: list[Suggestion] = []
    counts: list[FieldCount] = []
    for field, tasks in tasks_by_field(heads, fields).items():
        lacking = [r for r, one in enumerate(gathered.stored) if not says(one.product, field)]
        told = list(_told(gathered, heads, (field, tasks), lacking, place_of)) if lacking else []
        counts.append(FieldCount(field, len(lacking), len(told)))
        found += told
    return sorted(found, key=lambda one: (-one.probability, one.field, one.product_id)), counts


def tasks_by_field(heads: Heads, fields: Sequence[str] = ()) -> dict[str, list[str]]:
    """Sort tasks by the field that they fill, the narrowest level of a category first."""
    found: dict[str, list[str]] = {}
    for task in (head.task for head in heads.heads):
        if not fields or field_of(task) in fields:
            found.setdefault(field_of(task), []).append(task)
    return {field: sorted(tasks, key=level_of, reverse=True) for field, tasks in found.items()}


def level_of(task: str) -> int:
    """Tell which level of a category a task is about; 0 if it is about something else."""
    level = task.partition(" ")[2]
    return int(level) if level.isdecimal() else 0


def _told(
    gathered: Gathered,
    heads: Heads,
    asked: tuple[str, Sequence[str]],
    rows: Sequence[int],
    place_of: PlaceOf,
) -> Iterator[Suggestion]:
    field, tasks = asked
    predicted = heads.predict(gathered.embeddings[rows])
    for place, row in enumerate(rows):
        sure = next((one for t in tasks if (one := predicted[t]).told(place) is not None), None)
        if sure is not None:
            yield suggestion(gathered, row, field, _first(sure, place), place_of)


def _first(predicted: Predicted, row: int) -> tuple[Told, ...]:
    first = predicted.first(row, 1 + OTHERS)
    return (first[0], *(one for one in first[1:] if one[1] >= LEAST))


def suggestion(
    gathered: Gathered, row: int, field: str, told: Sequence[Told], place_of: PlaceOf
) -> Suggestion:
    """Put together what is said of one row; ``told`` are its labels, the likeliest first."""
    stored = gathered.stored[row]
    (value, probability), others = (told[0], told[1:]) if told else (("", 0.0), ())
    picture = place_of(stored, gathered.pictures[row])
    product = stored.product
    return Suggestion(
        product.product_id, product.title, field, value, probability, tuple(others), picture
    )

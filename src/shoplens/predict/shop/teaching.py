"""A shop's products that lack a label, those first whose labels would teach most."""

from collections.abc import Sequence

import numpy as np

from shoplens.catalogue.journal.tags import says
from shoplens.errors import NotFoundError
from shoplens.predict.heads import Heads, Predicted, Told, field_of
from shoplens.predict.shop.choosing import choose, density, uncertainty
from shoplens.predict.shop.gathering import Gathered
from shoplens.predict.shop.labels import labels_of
from shoplens.predict.shop.tagging import OTHERS, PlaceOf, Suggestion, suggestion, tasks_by_field
from shoplens.types import Embeddings

TAKEN = 5000
"""So many labelled products are looked at to tell what is new."""


def suggest_teaching(
    gathered: Gathered,
    heads: Heads | None,
    fields: Sequence[str],
    k: int,
    by: tuple[PlaceOf, np.random.Generator],
) -> list[Suggestion]:
    """Choose ``k`` products to label in ``fields``, or in every field; one line a missing label.

    Where heads have learnt a field their doubt counts, and their guess is told; else products are
    chosen that are typical and unlike those that have labels.

    Raises:
        NotFoundError: no product lacks a label in these fields.
    """
    place_of, rng = by
    fields = fields or sorted({field_of(task) for task in labels_of(gathered.products).tasks})
    lacking = [
        [field for field in fields if not says(one.product, field)] for one in gathered.stored
    ]
    rows = [row for row, some in enumerate(lacking) if some]
    if not rows:
        raise NotFoundError(
            f"every product says something in {', '.join(fields) or 'every field'}; nothing is "
            "left to label"
        )
    known = [row for row, some in enumerate(lacking) if not some]
    taken = gathered.embeddings[known if len(known) <= TAKEN else rng.choice(known, TAKEN)]
    here = gathered.embeddings[rows]
    said = _said(heads, fields, here) if heads else {}
    worth = density(here, rng)
    if said:
        worth *= uncertainty([one.probabilities for some in said.values() for one in some])
    chosen: list[int] = choose(worth, here, taken, k).tolist()
    return [
        suggestion(gathered, rows[place], field, _guess(said.get(field, ()), place), place_of)
        for place in chosen
        for field in lacking[rows[place]]
    ]


def _said(heads: Heads, fields: Sequence[str], rows: Embeddings) -> dict[str, list[Predicted]]:
    predicted = heads.predict(rows)
    tasks = tasks_by_field(heads, fields)
    return {field: [predicted[task] for task in some] for field, some in tasks.items()}


def _guess(said: Sequence[Predicted], row: int) -> tuple[Told, ...]:
    """Give what is likeliest, of a category the narrowest level."""
    return said[0].first(row, 1 + OTHERS) if said else ()

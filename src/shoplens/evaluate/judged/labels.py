"""What products share: a label makes products of one kind right for each other."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from shoplens.answer.calibrating.questions import group_of, path_of
from shoplens.catalogue.fields import fields_of
from shoplens.errors import QueryError
from shoplens.evaluate.judged.judgements import Grades, Judgements, Others
from shoplens.types import Product

CATEGORY = "category"
_NEVER = datetime.fromtimestamp(0, UTC)

Products = Mapping[str, Product]
"""The products of a shop by id."""
Labels = Mapping[str, frozenset[str]]
"""The labels of each product that has any, in one field."""


def labels_of(products: Products, name: str) -> Labels:
    """Look up what each product has in the field ``name``; several values are several labels.

    ``category`` is the whole path, ``category:1`` its first level, ``category:2`` its first two.

    Raises:
        QueryError: no product has the field, or it holds numbers.
    """
    labels = {product_id: _labels(product, name) for product_id, product in products.items()}
    labels = {product_id: own for product_id, own in labels.items() if own}
    if not labels and products:
        fields = {field for one in products.values() for field in fields_of(one, _NEVER)}
        there = ", ".join(sorted(fields - {"added", "price", "popularity"}))
        raise QueryError(f"no product has a label in {name!r}; there are: {there}, category:1")
    return labels


def _labels(product: Product, name: str) -> frozenset[str]:
    field, _, depth = name.partition(":")
    if field == CATEGORY:
        if depth and not (depth.isascii() and depth.isdecimal() and int(depth)):
            raise QueryError(f"{name!r} is no level; category:1 is the first, category the path")
        path = " > ".join(path_of(product)[: int(depth) if depth else None])
        return frozenset({path} - {""})
    if name == "group_id":
        return frozenset({group_of(product)})
    held = fields_of(product, _NEVER).get(name, ())
    if isinstance(held, str | tuple):
        return frozenset({held} if isinstance(held, str) else held)
    if isinstance(held, bool):
        return frozenset({"yes" if held else "no"})
    raise QueryError(f"{name!r} holds numbers; name a field of words, such as brand")


def label_told(labels: Labels, product_id: str) -> str:
    """Say a product's labels in one line; empty where it has none."""
    return ", ".join(sorted(labels.get(product_id, ())))


def coarse(judgements: Judgements, labels: Labels) -> Judgements:
    """Judge by labels: a product is right if it shares one with a right product.

    It has the highest grade of those it shares one with. Right products of one label count as
    that label once, and every product of the shop that has it is right. Questions whose right
    products have no label are left out; a product that is asked with is never right.
    """
    members = _members(labels)
    widened: dict[tuple[tuple[str, float], ...], Grades] = {}
    grades: dict[str, Grades] = {}
    for question in judgements.questions:
        wanted: dict[str, float] = {}
        for product_id, grade in judgements.grades.get(question.query_id, {}).items():
            for label in labels.get(product_id, ()):
                wanted[label] = max(wanted.get(label, 0.0), grade)
        key = tuple(sorted(one for one in wanted.items() if one[1] > 0))
        if key and key not in widened:
            widened[key] = _widened(key, members)
        if key:
            grades[question.query_id] = Others(widened[key], question.product_id)
    kept = tuple(question for question in judgements.questions if question.query_id in grades)
    return replace(judgements, questions=kept, grades=grades)


def _widened(wanted: Iterable[tuple[str, float]], members: Mapping[str, list[str]]) -> Grades:
    grades: dict[str, float] = {}
    for label, grade in wanted:
        for product_id in members[label]:
            grades[product_id] = max(grades.get(product_id, 0.0), grade)
    return grades


def _members(labels: Labels) -> dict[str, list[str]]:
    members: dict[str, list[str]] = {}
    for product_id, own in labels.items():
        for label in own:
            members.setdefault(label, []).append(product_id)
    return members

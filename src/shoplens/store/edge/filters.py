"""Our filters and rows in the words of Qdrant Edge.

A field's key in the payload says its kind first: ``k-`` keyword, ``n-`` number, ``b-`` boolean.
So a value only ever meets values of its own kind, the right index is known by the key, and no
field can clash with ``product_id`` and its like. Booleans are kept as 0 and 1, since Edge 0.9
silently matches nothing when a filter holds a boolean.
"""

import math
import re
from collections.abc import Mapping, Sequence

import qdrant_edge as edge

from shoplens.store.match import is_number
from shoplens.types import (
    AllOf,
    AnyOf,
    Compare,
    FieldKind,
    FieldValue,
    Filter,
    Not,
    OneOf,
)

_BOUNDS: Mapping[str, str] = {"<": "lt", "<=": "lte", ">": "gt", ">=": "gte"}
_NEVER = edge.HasIdCondition(set())
WORDED = "worded"
# The unions in Edge's stubs do not exist when Python runs.
_Condition = edge.Filter | edge.FieldCondition | edge.HasIdCondition
_Index = edge.KeywordIndexParams | edge.FloatIndexParams | edge.IntegerIndexParams


def index_of(kind: FieldKind) -> _Index:
    """The payload index that a field of this kind needs; none of them adds links to the graph."""
    if kind == "keyword":
        return edge.KeywordIndexParams(enable_hnsw=False)
    if kind == "number":
        return edge.FloatIndexParams(enable_hnsw=False)
    return edge.IntegerIndexParams(lookup=True, range=False, enable_hnsw=False)


OWN_INDEXES: Mapping[str, FieldKind] = {"product_id": "keyword", WORDED: "boolean"}
"""What this adapter itself filters by."""


def key_of(field: str, kind: FieldKind) -> str:
    """Where a field is kept: its kind, then its name with unusual characters written in hex.

    A JSON path would take dots, brackets and quotation marks for steps.
    """
    return f"{kind[0]}-" + re.sub(r"[^A-Za-z0-9_]", lambda at: f"-{ord(at[0]):x}-", field)


def only_products(product_ids: Sequence[str]) -> edge.Filter:
    """Allow the rows of these products."""
    return edge.Filter(
        must=[edge.FieldCondition("product_id", match=edge.MatchAny(list(product_ids)))]
    )


def only_worded() -> edge.Filter:
    """Allow the rows that carry words."""
    return edge.Filter(must=[edge.FieldCondition(WORDED, match=edge.MatchValue(1))])


def translated(allowed: Filter | None) -> edge.Filter | None:
    """Say a filter in Edge's words; what it means is told by ``match.matches``."""
    return None if allowed is None else edge.Filter(must=[_condition(allowed)])


def _condition(allowed: Filter) -> _Condition:
    match allowed:
        case AllOf(parts):
            return edge.Filter(must=[_condition(part) for part in parts])
        case AnyOf(parts):
            # An empty list would allow everything.
            return edge.Filter(should=[_condition(part) for part in parts] or [_NEVER])
        case Not(inner):
            return edge.Filter(must_not=[_condition(inner)])
        case OneOf(field, values):
            return edge.Filter(should=[*_equal(field, values)] or [_NEVER])
        case Compare(field, "=", value):
            return edge.Filter(should=[*_equal(field, (value,))] or [_NEVER])
        case Compare(field, order, value):
            return _ordered(field, order, value)


def _ordered(field: str, order: str, value: FieldValue) -> _Condition:
    if not isinstance(value, int | float) or not is_number(value) or math.isnan(value):
        return _NEVER
    bound = edge.RangeFloat(**{_BOUNDS[order]: float(value)})
    return edge.FieldCondition(key_of(field, "number"), range=bound)


def _equal(field: str, values: Sequence[FieldValue]) -> list[_Condition]:
    """One condition for all words, one for both booleans, one for each number."""
    words = [value for value in values if isinstance(value, str)]
    booleans = [int(value) for value in values if isinstance(value, bool)]
    numbers = [float(v) for v in values if isinstance(v, int | float) and is_number(v)]
    any_of: list[_Condition] = []
    if words:
        any_of.append(edge.FieldCondition(key_of(field, "keyword"), match=edge.MatchAny(words)))
    if booleans:
        any_of.append(edge.FieldCondition(key_of(field, "boolean"), match=edge.MatchAny(booleans)))
    # Edge panics at a range that ends in NaN, and NaN equals nothing anyway.
    any_of += [
        edge.FieldCondition(key_of(field, "number"), range=edge.RangeFloat(gte=n, lte=n))
        for n in numbers
        if not math.isnan(n)
    ]
    return any_of

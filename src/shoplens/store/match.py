"""What a filter means, said once in plain Python; every store's own translation is held to it."""

import operator
from collections.abc import Callable, Mapping, Sequence

from shoplens.types import AllOf, AnyOf, Compare, Fields, FieldValue, Filter, Not, OneOf

_ORDER: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def matches(allowed: Filter, fields: Fields) -> bool:
    """Tell whether a row with these ``fields`` may come back.

    Words compare as given (folding was done before), numbers as floats, booleans only with
    booleans; values of two kinds are never equal. A field that is missing, or holds no word,
    makes every comparison false and so every ``Not`` of one true.
    """
    match allowed:
        case AllOf(parts):
            return all(matches(part, fields) for part in parts)
        case AnyOf(parts):
            return any(matches(part, fields) for part in parts)
        case Not(inner):
            return not matches(inner, fields)
        case OneOf(field, values):
            return any(_equal(fields.get(field), value) for value in values)
        case Compare(field, "=", value):
            return _equal(fields.get(field), value)
        case Compare(field, order, value):
            return _ordered(fields.get(field), order, value)


def is_number(value: FieldValue | None) -> bool:
    """Tell numbers from booleans, which Python counts among the integers."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def plain_fields(fields: Fields, names: Sequence[str]) -> Fields:
    """Those of ``fields`` called ``names``: words as tuples, numbers as floats, no empty tuples."""
    plain: dict[str, FieldValue] = {}
    for name in names:
        held = fields.get(name)
        if isinstance(held, bool):
            plain[name] = held
        elif isinstance(held, int | float):
            plain[name] = float(held)
        elif held or held == "":
            plain[name] = (held,) if isinstance(held, str) else held
    return plain


def _equal(held: FieldValue | None, wanted: FieldValue) -> bool:
    if isinstance(held, tuple):
        return wanted in held
    if is_number(held) or isinstance(held, bool):
        return is_number(held) == is_number(wanted) and held == wanted
    return held is not None and held == wanted


def _ordered(held: FieldValue | None, order: str, wanted: FieldValue) -> bool:
    if isinstance(held, int | float) and isinstance(wanted, int | float):
        return is_number(held) and is_number(wanted) and _ORDER[order](held, wanted)
    return False

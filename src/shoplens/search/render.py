"""A filter tree becomes text again, for a page, a log or a link."""

import re
from dataclasses import dataclass

from shoplens.errors import QueryError
from shoplens.types import AllOf, AnyOf, Compare, Filter, Not, OneOf

RESERVED = re.compile("and|or|not|in|to|between", re.IGNORECASE)
"""Words that are no name and no value unless they are quoted."""

_Value = str | float | bool


def render_filter(filter_: Filter) -> str:
    """Write a tree as text that ``parse_filter`` reads back to the same tree.

    A group of one part is written as that part.

    Raises:
        QueryError: a group or list without parts, which the language cannot say.
    """
    written: list[str] = []
    todo: list[_Piece] = [_Piece(filter_)]
    while todo:  # a stack of our own, for a tree built in code may be deeper than Python's
        piece = todo.pop()
        if isinstance(piece.what, str):
            written.append(piece.what)
        else:
            todo.extend(reversed(_pieces(piece.what, piece.binding)))
    return "".join(written)


@dataclass(frozen=True, slots=True)
class _Piece:
    """Text that is ready, or a tree yet to be written where only a tighter ``binding`` is bare."""

    what: Filter | str
    binding: int = 0


def _pieces(tree: Filter, binding: int) -> list[_Piece]:
    match tree:
        case Compare(field, operator, value):
            return [_Piece(f"{_name(field)} {operator} {_literal(value)}")]
        case OneOf(field, values):
            _need_parts(values)
            return [_Piece(f"{_name(field)} IN ({', '.join(map(_literal, values))})")]
        case Not(Compare(field, "=", value)):
            return [_Piece(f"{_name(field)} != {_literal(value)}")]
        case Not(inner):
            return [_Piece("NOT "), _Piece(inner, 2)]
        case AllOf(parts):
            return _joined(parts, " AND ", binding, 1)
        case AnyOf(parts):
            return _joined(parts, " OR ", binding, 0)


def _joined(parts: tuple[Filter, ...], word: str, binding: int, own: int) -> list[_Piece]:
    _need_parts(parts)
    if len(parts) == 1:
        return [_Piece(parts[0], binding)]
    pieces = [piece for part in parts for piece in (_Piece(word), _Piece(part, own + 1))][1:]
    return [_Piece("("), *pieces, _Piece(")")] if binding > own else pieces


def _need_parts(parts: tuple[object, ...]) -> None:
    if not parts:
        raise QueryError("a filter with an empty group or list cannot be written as text")


def _name(field: str) -> str:
    plain = re.fullmatch(r"\w+", field) and not RESERVED.fullmatch(field)
    return field if plain else _quoted(field)


def _literal(value: _Value) -> str:
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(value)


def _quoted(text: str) -> str:
    escaped = re.sub(r'(["\\])', r"\\\1", text)
    return f'"{escaped}"'

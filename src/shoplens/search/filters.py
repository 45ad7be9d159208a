"""Filter text becomes the small typed tree of ``types``; ``render`` goes the other way.

``category = "Shoes" AND price < 80 AND NOT colour IN (red, 蓝)``: see docs/filters.md for all of
it. The text is read in linear time, and whatever is wrong with it is a QueryError that points at
the place.
"""

import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from typing import cast

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedInput, UnexpectedToken

from shoplens.catalogue.fields import COLOUR_SPELLINGS, fold
from shoplens.encode.colours.field import same_colour
from shoplens.errors import QueryError
from shoplens.search.render import RESERVED
from shoplens.types import AllOf, AnyOf, Compare, FieldKind, Filter, Not, OneOf, Operator

MAX_LENGTH = 4000
MAX_DEPTH = 32
MAX_VALUES = 1000

_GRAMMAR = r"""
?start: any_of
?any_of: all_of (_OR all_of)*
?all_of: part (_AND part)*
?part: NOT part                             -> negation
     | LEFT any_of _RIGHT                   -> group
     | name                                 -> flag
     | name OPERATOR value                  -> comparison
     | name value                           -> unlinked
     | name value _TO value                 -> span
     | name _BETWEEN value _AND value       -> span
     | name _IN _values                     -> one_of
     | name NOT _IN _values                 -> none_of
_values: LEFT value (_COMMA value)* _RIGHT
?name: WORD | STRING
?value: WORD | STRING

NOT: "not"i
_AND: "and"i
_OR: "or"i
_IN: "in"i
_TO: "to"i
_BETWEEN: "between"i
LEFT: /[(（]/
_RIGHT: /[)）]/
_COMMA: /[,，、]/
OPERATOR: /[<＜]\s*[=＝]|[>＞]\s*[=＝]|[!！]\s*[=＝]|<>|[=＝]{1,2}|[<＜≤>＞≥≠]/
STRING: /"(?:[^"\\]|\\.)*"/s
      | /'(?:[^'\\]|\\.)*'/s
      | /[“”](?:[^“”\\]|\\.)*[“”]/s
      | /[‘’](?:[^‘’\\]|\\.)*[‘’]/s
      | /「(?:[^」\\]|\\.)*」/s
WORD: /[^\s\ufeff\u200b()（）,，、=＝<>＜＞!！≤≥≠"“”'‘’「」]+/i
%ignore /[\s\ufeff\u200b]+/
"""

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?", re.IGNORECASE)
_BOOLEANS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_SHOWN_FIELDS = 40
_WANTED = (
    ("OPERATOR", "an operator such as =, <, IN or TO was expected after the field's name"),
    ("NOT", "a condition such as price < 80 was expected here"),
    ("WORD", "a value was expected here"),
    ("_TO", "an operator is missing in this condition, and a value of several words needs quotes"),
    ("_COMMA", ", or ) was expected in this list; a value of several words needs quotes"),
    ("_OR", "AND or OR was expected here; a value of several words needs quotes"),
    ("_AND", "AND with the upper end of the range was expected after BETWEEN"),
    ("_IN", "IN was expected after NOT; to negate a condition, put NOT before its field"),
    ("LEFT", "( with a list of values was expected after IN"),
)
"""What to say of a place, by the first of these terminals that the grammar accepts there."""


def parse_filter(text: str, fields: Mapping[str, FieldKind]) -> Filter:
    """Read ``text``; only ``fields`` may be named, and values are read by the field's kind.

    Raises:
        QueryError: the text cannot be understood; ``position`` and a caret tell where.
    """
    if len(text) > MAX_LENGTH:
        message = f"this filter has {len(text)} characters; at most {MAX_LENGTH} are read"
        raise _error(text, MAX_LENGTH, message)
    if not text.strip():
        raise _error(text, 0, "this filter is empty; write a condition such as price < 80")
    try:
        tree = _parser().parse(text)  # pyright: ignore[reportUnknownMemberType] - lark's generic
    except UnexpectedInput as error:
        raise _syntax_error(text, error) from error
    return _Reader(text, fields).read(tree, 0)


def asked_filter(text: str, fields: Mapping[str, FieldKind]) -> Filter:
    """Read ``text`` as a shop's visitor means it: a plain colour's name holds in both languages.

    Raises:
        QueryError: the text cannot be understood.
    """
    return _in_both_languages(parse_filter(text, fields))


def _in_both_languages(allowed: Filter) -> Filter:
    match allowed:
        case AllOf(parts):
            return AllOf(tuple(map(_in_both_languages, parts)))
        case AnyOf(parts):
            return AnyOf(tuple(map(_in_both_languages, parts)))
        case Not(inner):
            return Not(_in_both_languages(inner))
        case OneOf("colour", values):
            words = (word for value in values for word in same_colour(str(value)))
            return OneOf("colour", tuple(dict.fromkeys(words)))
        case Compare("colour", "=", value) if len(words := same_colour(str(value))) > 1:
            return OneOf("colour", words)
        case _:
            return allowed


def known_field(name: str, fields: Mapping[str, FieldKind]) -> str:
    """Find the field that ``name`` means, in any case and width; ``color`` and 颜色 are ``colour``.

    Raises:
        QueryError: there is none; the message names some that are spelled alike.
    """
    spelt = "colour" if fold(name) in COLOUR_SPELLINGS else name
    for known in (spelt, name, fold(name)):
        if known in fields:
            return known
    near = get_close_matches(fold(name)[:64], list(fields), n=3)
    names = sorted(fields)
    shown = ", ".join(names[:_SHOWN_FIELDS]) or "none yet"
    more = len(names) - _SHOWN_FIELDS
    guess = f"; did you mean {' or '.join(map(repr, near))}?" if near else "."
    rest = f" and {more} more" if more > 0 else ""
    raise QueryError(f"no field is called {name[:64]!r}{guess} There are: {shown}{rest}")


# ---- reading -----------------------------------------------------------------------------------


@cache
def _parser() -> Lark:
    return Lark(_GRAMMAR, parser="lalr", lexer="basic")


@dataclass(frozen=True, slots=True)
class _Reader:
    """Gives the parser's tree its types, checking every name and value on the way."""

    text: str
    fields: Mapping[str, FieldKind]

    def read(self, tree: Tree[Token], depth: int) -> Filter:
        if tree.data in {"any_of", "all_of"}:
            parts = tuple(self.read(part, depth) for part in _trees(tree))
            return AnyOf(parts) if tree.data == "any_of" else AllOf(parts)
        if tree.data not in {"negation", "group"}:
            return self._condition(tree.data, _tokens(tree))
        opening, inner = cast("tuple[Token, Tree[Token]]", tree.children)
        if depth == MAX_DEPTH:
            raise self._refused(
                opening, f"more than {MAX_DEPTH} parentheses and NOTs inside another"
            )
        found = self.read(inner, depth + 1)
        return Not(found) if tree.data == "negation" else found

    def _condition(self, rule: str, tokens: list[Token]) -> Filter:
        field, kind = self._field(tokens[0])
        match rule:
            case "flag":
                return self._flag(tokens[0], field, kind)
            case "comparison":
                return self._comparison(field, kind, tokens[1], tokens[2])
            case "span":
                return self._span(field, kind, tokens)
            case "one_of":
                return self._one_of(field, kind, tokens[2:])
            case "none_of":
                return Not(self._one_of(field, kind, tokens[3:]))
            case _:
                message = f"an operator is missing between {field!r} and this value"
                raise self._refused(tokens[1], f"{message}; write {field} = … or {field} … TO …")

    def _field(self, token: Token) -> tuple[str, FieldKind]:
        try:
            name = known_field(_plain(token), self.fields)
        except QueryError as error:
            raise self._refused(token, str(error)) from error
        return name, self.fields[name]

    def _flag(self, token: Token, field: str, kind: FieldKind) -> Filter:
        if kind != "boolean":
            example = f"{field} < 80" if kind == "number" else f'{field} = "…"'
            raise self._refused(token, f"{field!r} is a {kind}, not yes or no; write {example}")
        return Compare(field, "=", value=True)

    def _comparison(self, field: str, kind: FieldKind, operator: Token, value: Token) -> Filter:
        sign = re.sub(r"\s", "", unicodedata.normalize("NFKC", operator))
        sign = {"==": "=", "≤": "<=", "≥": ">=", "≠": "!=", "<>": "!="}.get(sign, sign)
        if sign == "!=":
            return Not(Compare(field, "=", self._value(value, field, kind)))
        if sign != "=" and kind != "number":
            raise self._refused(
                operator, f"{sign} is for numbers, and {field!r} is a {kind}; use = or IN"
            )
        return Compare(field, cast("Operator", sign), self._value(value, field, kind))

    def _span(self, field: str, kind: FieldKind, tokens: list[Token]) -> Filter:
        if kind != "number":
            raise self._refused(
                tokens[1], f"a range is for numbers, and {field!r} is a {kind}; use IN"
            )
        low, high = (self._number(token, field) for token in tokens[1:])
        if low > high:
            raise self._refused(
                tokens[1], "this range ends below its start, so it is empty; swap them"
            )
        return AllOf((Compare(field, ">=", low), Compare(field, "<=", high)))

    def _one_of(self, field: str, kind: FieldKind, tokens: list[Token]) -> Filter:
        if len(tokens) > MAX_VALUES:
            raise self._refused(tokens[MAX_VALUES], f"an IN list holds at most {MAX_VALUES} values")
        return OneOf(field, tuple(self._value(token, field, kind) for token in tokens))

    def _value(self, token: Token, field: str, kind: FieldKind) -> str | float | bool:
        written = _plain(token)
        if kind == "keyword":
            return fold(written)
        if kind == "boolean":
            value = _BOOLEANS.get(fold(written).strip())
            if value is None:
                raise self._refused(token, f"{field!r} is true or false, not {written[:64]!r}")
            return value
        return self._number(token, field)

    def _number(self, token: Token, field: str) -> float:
        written = _plain(token)
        digits = unicodedata.normalize("NFKC", written).strip()
        number = float(digits) if _NUMBER.fullmatch(digits) else math.nan
        if not math.isfinite(number):
            raise self._refused(token, f"{field!r} is a number like 79.90, not {written[:64]!r}")
        return number

    def _refused(self, token: Token, message: str) -> QueryError:
        return _error(self.text, token.start_pos or 0, message)


def _plain(token: Token) -> str:
    if token.type == "WORD":
        return str(token)
    return re.sub(r"\\(.)", r"\1", token[1:-1], flags=re.DOTALL)


def _trees(tree: Tree[Token]) -> list[Tree[Token]]:
    return [child for child in tree.children if isinstance(child, Tree)]


def _tokens(tree: Tree[Token]) -> list[Token]:
    return [child for child in tree.children if isinstance(child, Token)]


# ---- saying what is wrong ----------------------------------------------------------------------


def _error(text: str, position: int, message: str) -> QueryError:
    """Make the error, with the text around ``position`` and a caret under it."""
    start, end = max(0, position - 48), position + 24
    cut = "…" if start else ""
    shown = f"{cut}{text[start:end]}{'…' if end < len(text) else ''}"
    shown = "".join(c if c.isprintable() else " " for c in shown)
    pad = "".join(map(_blank, shown[: position - start + len(cut)]))
    return QueryError(f"{message}\n  {shown}\n  {pad}^", position)


def _blank(character: str) -> str:
    """Take as much room as ``character`` does in a fixed-width font."""
    if unicodedata.combining(character):
        return ""
    return "\u3000" if unicodedata.east_asian_width(character) in "WF" else " "


def _syntax_error(text: str, error: UnexpectedInput) -> QueryError:
    if isinstance(error, UnexpectedToken):
        token = cast("Token", error.token)  # pyright: ignore[reportUnknownMemberType] - untyped
        at_end = token.type == "$END"
        position = len(text.rstrip()) if at_end else (token.start_pos or 0)
        return _error(text, position, _wanted(token, error.accepts))
    position = error.pos_in_stream or 0
    if text[position] in "!！":
        return _error(text, position, "! stands only in !=; write NOT before a condition")
    return _error(text, position, 'this quote has no partner; write \\" for a quote inside a value')


def _wanted(token: Token, accepted: set[str]) -> str:
    """Say what belongs where ``token`` stands, from what the grammar accepts there."""
    if token.type == "_RIGHT" and "$END" in accepted:
        return "this ) has no ( before it"
    if token.type == "$END" and "_RIGHT" in accepted:
        return "a ) is missing at the end"
    for terminal, what in _WANTED:
        if terminal in accepted:
            quotes = "WORD" in accepted and RESERVED.fullmatch(token)
            hint = "; a reserved word as a value needs quotes" if quotes else ""
            return f"{what}{hint}"
    return "this does not belong here"

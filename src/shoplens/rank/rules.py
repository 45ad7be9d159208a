"""A merchandiser's rules: which of them speak now, and of which products.

Rules are read once (:func:`read_rules`), when they or the shop's fields change. One that cannot be
understood any more, say because its field is gone, is told and left out; it never stops a search.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from shoplens.catalogue.fields import fold as fold_keyword
from shoplens.encode.words.cut import STOP_WORDS, joined, pieces, tokens_of
from shoplens.encode.words.fold import fold
from shoplens.errors import QueryError
from shoplens.store.match import matches
from shoplens.types import AllOf, AnyOf, Compare, Fields, Filter, Not, OneOf, Rejection, Rule

Parse = Callable[[str], Filter]
"""Reads the text of a filter, with the fields that the shop has now; or raises QueryError."""


@dataclass(frozen=True, slots=True)
class ReadRule:
    """A rule that was understood: its product ids folded, its filter parsed, its words cut.

    ``words`` are whole tokens; ``runs`` are of scripts without spaces, looked for anywhere.
    """

    rule: Rule
    product_ids: frozenset[str]
    filter: Filter | None
    words: frozenset[str]
    runs: frozenset[str]

    def touches(self, folded_id: str, fields: Fields) -> bool:
        """Tell whether it speaks of a product: by id, or by what its filter lets through."""
        if folded_id in self.product_ids:
            return True
        return self.filter is not None and matches(self.filter, fields)

    def speaks(self, asked: "Asked", now: datetime) -> bool:
        """Tell whether it counts for a question now: from ``starts`` up to, not with, ``ends``."""
        starts, ends = self.rule.starts, self.rule.ends
        if (starts and now < starts) or (ends and now >= ends):
            return False
        return self.words <= asked.words and all(run in asked.text for run in self.runs)


@dataclass(frozen=True, slots=True)
class Asked:
    """The words of a question as rules see them, beside its folded text."""

    text: str
    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class Rulebook:
    """All rules that were understood, in their order, and why the others were not."""

    rules: tuple[ReadRule, ...] = ()
    broken: tuple[Rejection, ...] = ()

    def speaking(self, text: str, now: datetime) -> tuple[ReadRule, ...]:
        """Choose the rules that count for a question with these words, empty for a bare photo."""
        asked = asked_words(text)
        return tuple(rule for rule in self.rules if rule.speaks(asked, now))


@dataclass(frozen=True, slots=True)
class Pin:
    """One place for one product: the one called ``product_id``, or the best of ``filter``.

    ``named`` says that a merchandiser named this product for this very question; only then may
    it stand before a product whose own code or title was asked for.
    """

    position: int
    product_id: str = ""
    filter: Filter | None = None
    named: bool = False


def read_rules(rules: Iterable[Rule], parse: Parse) -> Rulebook:
    """Read ``rules``; what is wrong with one becomes a Rejection whose ``where`` is its id."""
    read: list[ReadRule] = []
    broken: list[Rejection] = []
    for rule in rules:
        try:
            read.append(_read(rule, parse))
        except QueryError as error:
            broken.append(Rejection(rule.rule_id, str(error)))
    return Rulebook(tuple(read), tuple(broken))


def hidden(rules: Iterable[ReadRule]) -> Filter | None:
    """Say what of the shop these rules hide, for a search to leave out; None if nothing."""
    parts: list[Filter] = []
    for read in rules:
        if read.rule.action == "hide":
            if read.product_ids:
                parts.append(OneOf("product_id", tuple(sorted(read.product_ids))))
            parts += [read.filter] if read.filter else []
    return AnyOf(tuple(parts)) if parts else None


def pinned(rules: Iterable[ReadRule]) -> list[Pin]:
    """List the places that these rules give, in order of position, then of the rules.

    Products of one rule stand one after the other from its position; after them, or alone, the
    best product that its filter lets through.
    """
    pins: list[Pin] = []
    for read in rules:
        if read.rule.action == "pin":
            ids, named = read.rule.product_ids, bool(read.rule.query.strip())
            places = range(read.rule.position, read.rule.position + len(ids))
            pins += [Pin(p, name, named=named) for p, name in zip(places, ids, strict=True)]
            pins += [Pin(places.stop, filter=read.filter)] if read.filter else []
    return sorted(pins, key=lambda pin: pin.position)


@dataclass(frozen=True, slots=True)
class Factors:
    """What boosts and buries multiply the likeness of products by."""

    rules: tuple[tuple[ReadRule, float], ...]

    @classmethod
    def of(cls, rules: Iterable[ReadRule]) -> "Factors":
        """Take the boosts as they are, and the buries upside down."""
        found = {"boost": 1.0, "bury": -1.0}
        return cls(
            tuple(
                (read, read.rule.factor ** found[read.rule.action])
                for read in rules
                if read.rule.action in found
            )
        )

    def on(self, folded_id: str, fields: Fields) -> float:
        """Multiply the factors of all rules that speak of a product; 1 if none does."""
        return math.prod(
            (f for read, f in self.rules if read.touches(folded_id, fields)), start=1.0
        )


def field_names(rules: Sequence[ReadRule]) -> set[str]:
    """Name the fields that must be known of a product to tell whether rules speak of it."""
    names = set[str]()
    todo = [read.filter for read in rules if read.filter]
    while todo:
        match todo.pop():
            case Compare(field) | OneOf(field):
                names.add(field)
            case Not(inner):
                todo.append(inner)
            case AllOf(parts) | AnyOf(parts):
                todo.extend(parts)
    return names


def asked_words(text: str) -> Asked:
    """Cut a question into whole words; neighbours also count as one: ``t shirt`` is ``tshirt``."""
    folded = fold(text)
    words = [word for piece in pieces(folded) if not piece.run for word in tokens_of(piece)]
    return Asked(folded, frozenset([*words, *(a + b for a, b in pairwise(words))]))


def _read(rule: Rule, parse: Parse) -> ReadRule:
    words, runs = _said(rule.query)
    if rule.query.strip() and not words | runs:
        what = f"the query {rule.query!r} of this rule has no words"
        raise QueryError(f"{what}; write some, or leave it empty for all questions")
    return ReadRule(
        rule=rule,
        product_ids=frozenset(map(fold_keyword, rule.product_ids)),
        filter=parse(rule.filter) if rule.filter.strip() else None,
        words=words,
        runs=runs,
    )


def _said(query: str) -> tuple[frozenset[str], frozenset[str]]:
    """Cut the query of a rule into words and runs, without stop words unless it has no others.

    A compound counts whole, so that ``t-shirt`` also speaks for ``tshirt`` and ``t shirt``.
    """
    words, runs = set[str](), set[str]()
    for piece in pieces(fold(query)):
        if piece.run:
            runs.update(piece.parts)
        else:
            whole = joined(piece.parts)
            words.update([whole] if whole else tokens_of(piece))
    telling = (words | runs) - STOP_WORDS or words | runs
    return frozenset(words & telling), frozenset(runs & telling)

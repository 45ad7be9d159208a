"""Products that the same visit looked at: weakly, they belong together."""

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path

from shoplens.learn.examples.gather import Examples
from shoplens.learn.examples.reading.table import PRODUCT, Column, read_cells
from shoplens.types import Rejection

SESSION = (
    "session", "session_id", "visit", "visit_id", "visitor", "visitor_id", "basket", "basket_id",
    "order_id", "会话", "会话id",
)  # fmt: skip
TIME = ("time", "timestamp", "datetime", "created_at", "clicked_at", "date", "时间")
PAUSE_S = 1800.0
"""Whoever comes back after this long has come for something else."""
LONGEST = 50
"""A visit to more products is a robot's, or says of no two that they belong together."""
FEWEST = 3
"""Visits that must agree before two products are a pair."""
MILLISECONDS = 1e11
"""Seconds since 1970 are fewer for some thousand years to come; a larger number is of these."""


@dataclass(frozen=True, slots=True)
class CoClicks:
    """Pairs of product ids with their weights in bits, the surest first; what was left out.

    ``visits`` were counted, ``robots`` were left out for seeing too much.
    """

    pairs: tuple[tuple[str, str, float], ...]
    refused: tuple[Rejection, ...]
    visits: int
    robots: int


def co_clicks(
    path: Path, products: Collection[str], *, fewest: int = FEWEST, longest: int = LONGEST
) -> CoClicks:
    """Read ``session, product_id`` and perhaps ``time``; find products that are seen together.

    The weight is pointwise mutual information (Church and Hanks, 1990), ``log2(n n_ab / (n_a
    n_b))`` over ``n`` visits, of pairs that have more than 0 and ``fewest`` visits at least: it
    overrates what is rare. With times, a session is cut where it pauses for half an hour.

    Raises:
        FeedError: the file cannot be read as a table, or lacks a column.
    """
    log = _Log(products)
    columns = (
        Column("session", SESSION),
        Column("product", PRODUCT),
        Column("time", TIME, needed=False),
    )
    for row in read_cells(path, columns):
        if isinstance(row, Rejection):
            log.refused.append(row)
        else:
            log.read(row.where, row.of["session"], row.of["product"], row.of.get("time", ""))
    visits = list(log.visits())
    seen = [visit for visit in visits if len(visit) <= longest]
    return CoClicks(
        tuple(_informative(seen, fewest)),
        (*log.refused, *log.strangers()),
        len(seen),
        len(visits) - len(seen),
    )


def paired(examples: Examples, pairs: Sequence[tuple[str, str, float]]) -> Examples:
    """Keep of ``pairs`` those of two labels: their gallery pictures are weak positives."""
    places = examples.products
    found = [(places[a], places[b]) for a, b, _ in pairs if a in places and b in places]
    weak = [(a, b) for a, b in found if examples.all[a].label != examples.all[b].label]
    return replace(examples, pairs=tuple(dict.fromkeys((*examples.pairs, *weak))))


class _Log:
    """What was clicked, by session."""

    def __init__(self, products: Collection[str]) -> None:
        self._products = products
        self._sessions: dict[str, list[tuple[float, str]]] = defaultdict(list)
        self._unknown: Counter[str] = Counter()
        self.refused: list[Rejection] = []

    def read(self, where: str, session: str, product_id: str, time: str) -> None:
        if not session or not product_id:
            missing = "product" if session else "session"
            self.refused.append(Rejection(where, f"no {missing} is given", product_id))
        elif product_id not in self._products:
            self._unknown[product_id] += 1
        else:
            seconds = _seconds(time)
            if seconds is None:
                reason = f"time is {time!r}; wanted ISO 8601, or seconds since 1970"
                self.refused.append(Rejection(where, reason, product_id))
                return
            self._sessions[session].append((seconds, product_id))

    def strangers(self) -> Iterator[Rejection]:
        """Tell of each product that the shop does not have, once."""
        for product_id, k in self._unknown.items():
            reason = f"the shop has no such product; it was clicked {k} times"
            yield Rejection(f"product {product_id}", reason, product_id)

    def visits(self) -> Iterator[set[str]]:
        """Give the products of each visit."""
        for clicks in self._sessions.values():
            clicks.sort()
            visit: set[str] = set()
            last = clicks[0][0]
            for seconds, product_id in clicks:
                if seconds - last > PAUSE_S:
                    yield visit
                    visit = set()
                visit.add(product_id)
                last = seconds
            yield visit


def _seconds(text: str) -> float | None:
    """Read a time as seconds since 1970; 0 where none is given, None where it makes no sense."""
    if not text:
        return 0.0
    try:
        number = float(text)
    except ValueError:
        try:
            time = datetime.fromisoformat(text)
        except ValueError:
            return None
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
    if not math.isfinite(number):
        return None
    return number / 1000 if number > MILLISECONDS else number


def _informative(visits: Sequence[set[str]], fewest: int) -> list[tuple[str, str, float]]:
    alone = Counter(product_id for visit in visits for product_id in visit)
    both = Counter(pair for visit in visits for pair in combinations(sorted(visit), 2))
    found = [
        (a, b, math.log2(len(visits) * k / (alone[a] * alone[b])))
        for (a, b), k in both.items()
        if k >= fewest
    ]
    return sorted((pair for pair in found if pair[2] > 0), key=lambda pair: (-pair[2], pair))

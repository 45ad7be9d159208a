"""Proof that nothing was skipped: the catalogue and the store are walked side by side."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from shoplens.indexing.ledger import POSITIONS, row_id
from shoplens.indexing.workbench import Progress, Workbench, silent
from shoplens.types import Stage

NAMED = 1000
"""Product ids named in a report; the counts are always whole."""


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What the catalogue says against what the store holds.

    ``missing`` names products called indexed whose rows the store lacks, ``orphans`` products
    in the store that the catalogue does not know as indexed or pending. Rejections are no fault:
    they have their reasons.
    """

    products: int
    indexed: int
    pending: int
    rows: int
    missing: tuple[str, ...]
    orphans: tuple[str, ...]
    rejected_images: int
    rejected_rows: int

    @property
    def ok(self) -> bool:
        """Whether every product is indexed or pending as the catalogue says, and no row is left."""
        return not self.missing and not self.orphans

    def told(self) -> str:
        """Say it in one sentence, for a list of jobs."""
        found = f"{len(self.missing)} missing, {len(self.orphans)} without a product"
        state = "nothing is missing" if self.ok else found
        return f"{self.products} products and {self.rows} rows compared: {state}"

    def to_json(self) -> str:
        """Write the report down for whoever asked for the job."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "VerifyReport":
        """Read what ``to_json`` wrote."""
        told = json.loads(text)
        told["missing"], told["orphans"] = tuple(told["missing"]), tuple(told["orphans"])
        return cls(**told)


@dataclass(frozen=True, slots=True)
class VerifyRequest:
    """A comparison to be made by the process that owns the store."""

    repair: bool = False

    def to_json(self) -> str:
        """Write the request down for a job."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "VerifyRequest":
        """Read what ``to_json`` wrote."""
        return cls(**json.loads(text))


@dataclass(frozen=True, slots=True)
class _Expected:
    number: int
    product_id: str
    stage: Stage
    rows: frozenset[int]


@dataclass(frozen=True, slots=True)
class Compared:
    """Products that lack rows, as (number, product id); rows' products that should not be there."""

    missing: list[tuple[int, str]]
    orphans: set[str]
    rows: int

    @property
    def agree(self) -> bool:
        """Whether both sides hold the same."""
        return not self.missing and not self.orphans


def verify(bench: Workbench, *, repair: bool = False, progress: Progress = silent) -> VerifyReport:
    """Compare both sides row by row; with ``repair``, mark what is missing to be done again."""
    compared = compare(bench, progress)
    if not compared.agree:
        # Products may have come and gone while both sides were walked: look again, undisturbed.
        with bench.commit:
            compared = compare(bench, progress)
            if repair:
                _repair(bench, compared)
    return _report(bench, compared)


def compare(bench: Workbench, progress: Progress) -> Compared:
    """Walk the catalogue and the store side by side."""
    missing: list[tuple[int, str]] = []
    orphans: set[str] = set()
    kept = _Kept(bench.store.rows())
    total = sum(bench.catalogue.products.counts().values())
    for seen, expected in enumerate(_expected(bench)):
        orphans |= kept.before(row_id(expected.number, 0))
        found, owners = kept.of(expected.number)
        if expected.stage is Stage.INDEXED:
            if not expected.rows <= found:
                missing.append((expected.number, expected.product_id))
            if owners - {expected.product_id} or found - expected.rows:
                orphans |= owners or {expected.product_id}
        if seen % 1000 == 0:
            progress("verify", seen, total)
    orphans |= kept.before(None)
    progress("verify", total, total)
    return Compared(missing, orphans, kept.count)


class _Kept:
    """The store's rows, consumed in order of their numbers."""

    def __init__(self, rows: Iterator[tuple[str, int]]) -> None:
        self._rows = rows
        self._next = next(rows, None)
        self.count = 0

    def _pop(self) -> tuple[str, int]:
        taken = self._next
        assert taken is not None  # noqa: S101 - told to the type checker; callers look first
        self._next = next(self._rows, None)
        self.count += 1
        return taken

    def before(self, row: int | None) -> set[str]:
        """Pass over the rows below ``row``, all of them if None, and name their products."""
        passed: set[str] = set()
        while self._next and (row is None or self._next[1] < row):
            passed.add(self._pop()[0])
        return passed

    def of(self, number: int) -> tuple[set[int], set[str]]:
        """Take the rows of one product number, with the product ids they carry."""
        rows: set[int] = set()
        owners: set[str] = set()
        while self._next and self._next[1] // POSITIONS == number:
            product_id, row = self._pop()
            rows.add(row)
            owners.add(product_id)
        return rows, owners


def _expected(bench: Workbench) -> Iterator[_Expected]:
    after = 0
    while products := bench.catalogue.products.walk(after=after, k=1000):
        after = products[-1].number
        records = bench.catalogue.images.of([p.number for p in products])
        for stored in products:
            usable = {r.position for r in records.get(stored.number, []) if not r.reason}
            yield _Expected(
                stored.number,
                stored.product.product_id,
                stored.stage,
                frozenset(row_id(stored.number, position) for position in {0, *usable}),
            )


def _repair(bench: Workbench, compared: Compared) -> None:
    orphans = sorted(compared.orphans)
    known = bench.catalogue.products.get_many(orphans)
    bench.store.delete(orphans)
    bench.store.flush()
    again = {number for number, _ in compared.missing} | {p.number for p in known.values()}
    bench.catalogue.products.mark_pending(sorted(again))


def _report(bench: Workbench, compared: Compared) -> VerifyReport:
    counts = bench.catalogue.products.counts()
    return VerifyReport(
        products=counts.get(Stage.PENDING, 0) + counts.get(Stage.INDEXED, 0),
        indexed=counts.get(Stage.INDEXED, 0),
        pending=counts.get(Stage.PENDING, 0),
        rows=compared.rows,
        missing=tuple(product_id for _, product_id in compared.missing[:NAMED]),
        orphans=tuple(sorted(compared.orphans)[:NAMED]),
        rejected_images=bench.catalogue.images.counts()[1],
        rejected_rows=bench.catalogue.rejections.count(),
    )

"""Any story of writes, searches and reopenings is told alike by a store and by a dict."""

import shutil
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from shoplens.store.base import Dims, Store
from shoplens.store.edge.store import EdgeStore
from shoplens.store.exact import ExactStore
from shoplens.types import Embedding, Filter, Row, SparseRow
from store_rows import (
    COLOUR_DIM,
    DIM,
    DIMS,
    KINDS,
    SlowStore,
    assert_ranked,
    best,
    filters,
    pairs,
    quarters,
    rows,
    sparse_rows,
)


class StoreMachine(RuleBasedStateMachine):
    """The store under test beside a dict that cannot be wrong."""

    open: ClassVar[Callable[[Path, Dims], Store]]
    optimises: ClassVar[int] = 2

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.slow = SlowStore()
        self.store = type(self).open(self.folder, DIMS)
        self.store.declare(KINDS)
        self.optimised = 0

    @rule(given=st.lists(rows(), min_size=1, max_size=12, unique_by=lambda row: row.row_id))
    def upsert(self, given: list[Row]) -> None:
        self.store.upsert(given)
        self.slow.upsert(given)

    @rule(given=st.lists(st.integers(0, 5).map(lambda i: f"p{i}"), max_size=2))
    def delete(self, given: list[str]) -> None:
        self.store.delete(given)
        self.slow.delete(given)

    @rule(query=quarters(DIM), k=st.integers(1, 12), allowed=st.none() | filters)
    def search(self, query: Embedding, k: int, allowed: Filter | None) -> None:
        found = self.store.search("picture", query, k, allowed)
        assert pairs(found) == best(self.slow.scores("picture", query, allowed), k)

    @rule(query=sparse_rows(min_size=1), k=st.integers(1, 12), allowed=st.none() | filters)
    def search_words(self, query: SparseRow, k: int, allowed: Filter | None) -> None:
        found = self.store.search_words(query, k, allowed)
        assert_ranked(found, self.slow.word_scores(query, allowed), k)

    @rule(name=st.sampled_from(["brand", "category"]), allowed=st.none() | filters)
    def facet(self, name: str, allowed: Filter | None) -> None:
        found = self.store.facet(name, 4, allowed)
        assert list(found.items()) == self.slow.facet(name, 4, allowed)

    @rule(k=st.integers(1, 12), allowed=st.none() | filters, descending=st.booleans())
    def ordered(self, k: int, allowed: Filter | None, *, descending: bool) -> None:
        found = self.store.ordered("price", k, allowed, descending=descending)
        assert pairs(found) == self.slow.ordered("price", k, allowed, descending=descending)

    @rule(query=quarters(COLOUR_DIM), k=st.integers(1, 12), allowed=st.none() | filters)
    def search_colours(self, query: Embedding, k: int, allowed: Filter | None) -> None:
        found = self.store.search("colour", query, k, allowed)
        assert pairs(found) == best(self.slow.scores("colour", query, allowed), k)

    @rule(allowed=filters)
    def count(self, allowed: Filter) -> None:
        assert self.store.count(allowed) == len(self.slow.allowed(allowed))

    @rule()
    def flush(self) -> None:
        self.store.flush()

    @rule()
    def reopen(self) -> None:
        self.store.close()
        self.store = type(self).open(self.folder, DIMS)

    @precondition(lambda self: self.optimised < self.optimises)
    @rule()
    def optimise(self) -> None:
        self.optimised += 1  # a child process takes a quarter of a second
        self.store.optimise()

    @invariant()
    def the_same_rows_are_kept(self) -> None:
        kept = self.slow.kept
        assert list(self.store.rows()) == [(kept[i].product_id, i) for i in sorted(kept)]

    @invariant()
    def the_pictures_are_as_they_came(self) -> None:
        of = [row for row in self.slow.kept.values() if row.product_id == "p1"]
        expected = {row.position: row.picture for row in of if row.picture is not None}
        found = self.store.pictures("p1")
        assert [position for position, _ in found] == sorted(expected)
        for position, embedding in found:
            np.testing.assert_array_equal(embedding, expected[position])

    def teardown(self) -> None:
        self.store.close()
        shutil.rmtree(self.folder)


class ExactMachine(StoreMachine):
    """The brute force."""

    open = ExactStore


class EdgeMachine(StoreMachine):
    """Edge as it is for small shops: never optimised."""

    open = EdgeStore


class OptimisedMachine(StoreMachine):
    """Edge, with a graph built whenever ``optimise`` is called."""

    open = partial(EdgeStore, index_above=0)


@pytest.mark.parametrize(
    ("machine", "examples"), [(ExactMachine, 20), (EdgeMachine, 15), (OptimisedMachine, 6)]
)
def test_a_store_tells_the_same_story_as_a_dict(machine: type[StoreMachine], examples: int) -> None:
    told = settings(max_examples=examples, stateful_step_count=20, deadline=None)
    run_state_machine_as_test(machine, settings=told)

from datetime import UTC, datetime

from shoplens.catalogue.fields import CORE_FIELDS, EXACT, MAIN
from shoplens.indexing.ledger import (
    POSITIONS,
    acknowledge,
    fields_in,
    forget_removed,
    row_id,
    rows_of,
)
from shoplens.indexing.prepare import Preparer
from shoplens.indexing.workbench import IndexCounts, Ready, Workbench
from shoplens.types import Product, Stage
from small_bench import Put, Work

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def prepared(bench: Workbench, product_id: str) -> Ready:
    """Make a product ready as it is now, without acknowledging it."""
    preparer = Preparer(bench, threads=1, connections=1)
    stored = bench.catalogue.products.get(product_id)
    (ready,) = preparer.finish(preparer.start([stored]))
    preparer.close()
    return ready


def rows(bench: Workbench) -> list[tuple[str, int]]:
    return list(bench.store.rows())


def test_an_older_revision_never_overwrites_a_newer(bench: Workbench, put: Put, work: Work) -> None:
    put("a", "0.png")
    late = prepared(bench, "a")
    put("a", "1.png", "2.png", title="newer")
    work()
    newer = bench.store.pictures("a")
    assert acknowledge(bench, [late]) == IndexCounts(), "nothing of it was done"
    stored = bench.catalogue.products.get("a")
    assert (stored.stage, stored.revision) == (Stage.INDEXED, 2)
    assert [r.source for r in bench.catalogue.images.of([stored.number])[stored.number]] == [
        "1.png",
        "2.png",
    ]
    after = bench.store.pictures("a")
    assert len(after) == len(newer) == 2
    assert all((a[1] == b[1]).all() for a, b in zip(after, newer, strict=True))


def test_what_came_late_for_a_product_that_waits_again_leaves_it_waiting(
    bench: Workbench, put: Put
) -> None:
    put("a", "0.png")
    late = prepared(bench, "a")
    put("a", "1.png")
    assert acknowledge(bench, [late]) == IndexCounts()
    assert bench.catalogue.products.get("a").stage is Stage.PENDING
    assert rows(bench) == []


def test_what_came_late_for_a_removed_product_leaves_nothing(bench: Workbench, put: Put) -> None:
    put("a", "0.png")
    late = prepared(bench, "a")
    bench.catalogue.products.remove(["a"])
    assert acknowledge(bench, [late]) == IndexCounts()
    assert rows(bench) == []
    assert forget_removed(bench) == 1
    assert bench.catalogue.products.walk() == []


def test_acknowledged_twice_it_stands_once(bench: Workbench, put: Put) -> None:
    put("a", "0.png", "1.png")
    ready = prepared(bench, "a")
    acknowledge(bench, [ready])
    once = rows(bench)
    acknowledge(bench, [ready])
    assert rows(bench) == once
    assert len(once) == 2


def test_a_product_that_lost_images_loses_their_rows(
    bench: Workbench, put: Put, work: Work
) -> None:
    put("a", "0.png", "1.png", "2.png")
    work()
    put("a", "1.png")
    work()
    assert [row % POSITIONS for _, row in rows(bench)] == [0]


def test_forgetting_takes_any_number_of_products_out_of_both_books(
    bench: Workbench, put: Put, work: Work
) -> None:
    for i in range(7):
        put(f"p{i}", "0.png")
    work()
    bench.catalogue.products.remove([f"p{i}" for i in range(6)])
    assert forget_removed(bench, k=4) == 6
    assert {product_id for product_id, _ in rows(bench)} == {"p6"}
    assert [s.product.product_id for s in bench.catalogue.products.walk()] == ["p6"]
    assert forget_removed(bench) == 0


def test_a_row_number_tells_its_product_and_position() -> None:
    assert row_id(7, 0) // POSITIONS == row_id(7, POSITIONS - 1) // POSITIONS == 7
    assert row_id(8, 0) == row_id(7, POSITIONS - 1) + 1


def test_only_the_main_row_counts_for_the_product(bench: Workbench, put: Put) -> None:
    put("a", "0.png", "1.png")
    first, second = rows_of(prepared(bench, "a"))
    assert (first.position, first.fields[MAIN]) == (0, True)
    assert (second.position, second.fields[MAIN]) == (1, False)
    assert EXACT not in second.fields
    assert first.fields.keys() - second.fields.keys() == {EXACT}


def test_the_main_row_says_what_its_product_is_called(bench: Workbench) -> None:
    product = Product("Ab-1 x", "Red  SHOE", gtin="400-6", mpn="", images=())
    bench.catalogue.products.put([product], feed="shop", run="1", now=NOW)
    (row,) = rows_of(prepared(bench, "Ab-1 x"))
    assert row.fields[EXACT] == ("ab-1 x", "400-6", "ab1x", "4006", "red shoe")


def test_hidden_fields_are_indexed_and_cannot_be_filtered(bench: Workbench, put: Put) -> None:
    put("a", "0.png")
    kinds = fields_in(rows_of(prepared(bench, "a")))
    assert (kinds[MAIN], kinds[EXACT]) == ("boolean", "keyword")
    assert not {MAIN, EXACT} & CORE_FIELDS.keys()

import tracemalloc
from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from shoplens.feed.draft import Draft, Place, Raw, Seen, build, merge_rows, settle
from shoplens.types import Product, Rejection


def at(line: int) -> Place:
    return Place("line {line}", line)


def made(line: int, product_id: str, *images: str, title: str = "T", price: str = "") -> Draft:
    return whole(Raw(product_id, title, price=price, images=images), line)


def whole(raw: Raw, line: int = 1) -> Draft:
    draft = build(at(line), raw)
    assert isinstance(draft, Draft)
    return draft


def merged(drafts: Iterable[Draft]) -> list[Product]:
    return [one.product for one in merge_rows(drafts) if isinstance(one, Draft)]


def test_a_bad_price_costs_the_price_and_not_the_product() -> None:
    product, problem = settle([made(3, "a", price="N/A")])
    assert isinstance(product, Product)
    assert product.price is None
    assert problem == Rejection(
        "line 3", "price 'N/A' is not a number; the product is kept without it", "a"
    )


def test_a_bad_popularity_costs_the_popularity_and_not_the_product() -> None:
    drafts = [whole(Raw(one, "T", popularity=one)) for one in ("7", "-7", "much", "NaN")]
    found = list(settle([*drafts, whole(Raw("none", "T"))]))
    kept = {one.product_id: one.popularity for one in found if isinstance(one, Product)}
    assert kept == {"7": 7, "-7": None, "much": None, "NaN": None, "none": None}
    assert [one.reason for one in found if isinstance(one, Rejection)] == [
        f"popularity {one}; the product is kept without it"
        for one in ("'-7' is negative", "'much' is not a number", "'NaN' is not a number")
    ]


def test_ids_are_stripped_bounded_and_without_control_characters() -> None:
    assert made(1, " a\x00b ").product.product_id == "a b"
    refused = build(at(1), Raw("x" * 201, "T"))
    assert isinstance(refused, Rejection)
    assert "longer than 200" in refused.reason


def test_the_first_of_an_id_is_kept_and_later_ones_name_its_line() -> None:
    found = list(settle([made(2, "a"), made(3, "b"), made(9, "a", title="Other", price="x")]))
    assert [one.product_id for one in found if isinstance(one, Product)] == ["a", "b"]
    assert found[2] == Rejection("line 9", "the id 'a' was taken at line 2; that one is kept", "a")


@given(st.lists(st.integers(0, 300).map(str), max_size=600))
def test_seen_agrees_with_a_dict(ids: list[str]) -> None:
    seen, oracle = Seen(), dict[str, int]()
    for line, one in enumerate(ids, start=1):
        earlier = seen.first(one, Place("{line}/{item}", line, line * 2))
        assert (earlier.line if earlier else None) == oracle.get(one)
        assert earlier is None or earlier.item == earlier.line * 2
        oracle.setdefault(one, line)


def test_a_hundred_thousand_ids_take_a_few_megabytes() -> None:
    tracemalloc.start()
    seen, place = Seen(), at(1)
    for number in range(100_000):
        seen.first(f"product-{number}", place)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8_000_000


def test_rows_that_differ_only_in_their_image_are_one_product() -> None:
    rows = [
        made(2, "a", "1.jpg"), made(3, "a", "2.jpg", "1.jpg"), made(4, "b", "3.jpg"),
        made(5, "a", "4.jpg"),
    ]  # fmt: skip
    assert [(p.product_id, p.images) for p in merged(rows)] == [
        ("a", ("1.jpg", "2.jpg")), ("b", ("3.jpg",)), ("a", ("4.jpg",)),
    ]  # fmt: skip


def test_rows_that_differ_otherwise_or_bring_no_image_are_not_joined() -> None:
    assert len(merged([made(2, "a", "1.jpg"), made(3, "a", "2.jpg", title="Other")])) == 2
    assert len(merged([made(2, "a", "1.jpg"), made(3, "a", "1.jpg")])) == 2


def test_attributes_of_joined_rows_are_united() -> None:
    rows = [
        build(at(n), Raw("a", "T", images=[f"{n}.jpg"], attributes={"colour": [colour]}))
        for n, colour in enumerate(["blue", "grey", "blue"])
    ]
    assert merged(row for row in rows if isinstance(row, Draft))[0].attributes == {
        "colour": ("blue", "grey")
    }


def test_images_are_bounded_and_strange_ones_are_named() -> None:
    many = made(1, "a", *(f"{n}.jpg" for n in range(300)))
    assert len(many.product.images) == 256
    assert "300 images" in many.problems[0]
    odd = made(1, "a", "data:image/png;base64,AAAA", "b\x07.jpg", " c  d.jpg ")
    assert odd.product.images == ("c  d.jpg",)
    assert len(odd.problems) == 2


def test_a_sale_price_that_is_no_sale_is_dropped() -> None:
    assert whole(Raw("a", "T", price="5", sale_price="7")).product.sale_price is None
    only = whole(Raw("a", "T", sale_price="7")).product
    assert (str(only.price), only.sale_price) == ("7", None)
    assert whole(Raw("a", "T", price="€5", currency="USD")).product.currency == "USD"


def test_an_unknown_availability_is_taken_for_in_stock_and_said() -> None:
    draft = whole(Raw("a", "T", in_stock="maybe"))
    assert draft.product.in_stock
    assert "'maybe'" in draft.problems[0]

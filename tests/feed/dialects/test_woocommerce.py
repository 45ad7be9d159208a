from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from shoplens.feed.dialects.woocommerce import open_woocommerce
from shoplens.feed.draft import Draft
from shoplens.feed.rows.text import Source
from small_feeds import SAMPLES, Take

HEAD = "ID,Type,SKU,Name,Published,Regular price,Categories,Images,Parent\n"


def test_variations_inherit_from_the_parent_they_name(take: Take) -> None:
    got = take(SAMPLES["woocommerce"])
    assert (got.feed.kind, got.reasons) == ("woocommerce", [])
    cap, blue, green = got.products
    assert got.ids == ["cap", "hood-b", "4"]
    assert (blue.group_id, green.group_id) == ("hood", "hood")
    assert (blue.title, blue.description) == ("Hoodie - Blue", "Warm")
    assert blue.category == ("Clothing", "Tops", "Hoodies")
    assert blue.images == ("https://w.example/hb.jpg", "https://w.example/h.jpg")
    assert green.attributes == {"colour": ("Green",)}
    assert (blue.in_stock, green.in_stock) == (False, True)
    assert (green.price, green.sale_price) == (Decimal(45), Decimal(42))
    assert (cap.category, cap.description) == (("Clothing", "Accessories"), "Nice")
    assert cap.attributes == {"tags": ("a",), "categories": ("Sale",)}
    assert cap.images == ("https://w.example/c.jpg", "https://w.example/c2.jpg")


def test_a_parent_may_come_after_its_variations(take: Take) -> None:
    got = take(HEAD + "5,variation,v,V,1,3,,,p\n6,variable,p,P,1,,A > B,p.jpg,\n")
    assert got.ids == ["v"]
    assert (got.products[0].category, got.products[0].images) == (("A", "B"), ("p.jpg",))


def test_variations_are_as_popular_as_the_product_that_was_sold(take: Take) -> None:
    head = HEAD.replace("Parent\n", "Parent,Meta: total_sales\n")
    got = take(
        head + "1,simple,s,S,1,1,,,,12\n2,variable,p,P,1,,,,,40\n3,variation,v,V,1,3,,,p,0\n"
        "4,simple,t,T,1,1,,,,\n"
    )
    assert {p.product_id: p.popularity for p in got.products} == {"s": 12, "v": 40, "t": None}
    assert "total_sales" not in str([p.attributes for p in got.products])


def test_a_variable_product_without_variations_is_a_product(take: Take) -> None:
    assert take(HEAD + "6,variable,p,P,1,3,A,p.jpg,\n").ids == ["p"]


def test_a_variation_without_its_parent_stands_alone_and_says_so(take: Take) -> None:
    got = take(HEAD + "5,variation,v,V,1,3,,v.jpg,gone\n")
    assert got.ids == ["v"]
    assert got.reasons == ["line 2: its parent 'gone' is not in the feed; the product stands alone"]


def test_unpublished_products_are_refused(take: Take) -> None:
    got = take(HEAD + "1,simple,a,A,0,1,,,\n2,simple,b,B,-1,1,,,\n3,simple,c,C,1,1,,,\n")
    assert got.ids == ["c"]
    assert [one.where for one in got.rejections] == ["line 2", "line 3"]


def test_parents_held_in_memory_are_bounded_and_none_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "woo.csv"
    rows = "".join(f"{n},variable,p{n},P{n},1,1,,,\n" for n in range(100))
    path.write_text(HEAD + rows + "200,variation,v,V,1,1,,,p0\n", encoding="utf-8")
    found = list(open_woocommerce(Source(path), None, max_held=10_000).found())
    ids = [one.product.product_id for one in found if isinstance(one, Draft)]
    assert sorted(ids) == sorted([f"p{n}" for n in range(100)] + ["v"])


def test_a_sale_counts_only_within_its_dates(tmp_path: Path) -> None:
    path = tmp_path / "woo.csv"
    path.write_text(
        "ID,Type,SKU,Name,Published,Regular price,Sale price,Date sale price ends,Categories\n"
        "1,simple,a,A,1,9,5,2024-05-01,x\n",
        encoding="utf-8",
    )
    for now, sale in (
        (datetime(2024, 4, 1, tzinfo=UTC), 5),
        (datetime(2024, 6, 1, tzinfo=UTC), None),
    ):
        [draft] = open_woocommerce(Source(path), now).found()
        assert isinstance(draft, Draft)
        assert draft.product.sale_price == sale


def test_commas_within_a_category_are_escaped(take: Take) -> None:
    got = take(HEAD + '1,simple,a,A,1,1,"Home\\, garden > Pots, New",,\n')
    assert got.products[0].category == ("Home, garden", "Pots")


def test_variations_of_an_unpublished_parent_are_refused_with_it(take: Take) -> None:
    got = take(
        HEAD + "4,variation,w,W,1,3,,,p\n5,variable,p,P,0,3,,,\n6,variation,v,V,1,3,,,p\n"
        "7,variation,u,U,1,3,,,id:5\n"
    )
    assert got.products == []
    assert [one.product_id for one in got.rejections] == ["w", "p", "v", "u"]
    assert got.rejections[0].reason == "its parent is not for sale: it is not published"


def test_a_second_variable_product_of_one_name_is_refused(take: Take) -> None:
    got = take(HEAD + "5,variable,p,P,1,3,,,\n6,variable,p,Q,1,3,,,\n,variable,,R,1,3,,,\n")
    assert got.ids == ["p"]
    assert [one.where for one in got.rejections] == ["line 3", "line 4"]

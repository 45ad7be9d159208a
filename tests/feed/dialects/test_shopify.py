from decimal import Decimal

from small_feeds import SAMPLES, Take


def test_each_variant_is_a_product_with_its_own_image_first(take: Take) -> None:
    got = take(SAMPLES["shopify"])
    assert got.feed.kind == "shopify"
    assert got.reasons == []
    red, blue, mug = got.products
    assert got.ids == ["T-R-S", "T-B-S", "mug"]
    assert (red.group_id, blue.group_id, blue.title) == ("tee", "tee", "Plain tee")
    assert red.images == tuple(f"https://i.example/{n}.jpg" for n in ("red", 1, 2, 3))
    assert blue.images == tuple(f"https://i.example/{n}.jpg" for n in (1, 2, 3))
    assert red.attributes == {"colour": ("Red",), "size": ("S",), "tags": ("cotton", "summer")}
    assert blue.attributes == {"colour": ("Blue",), "size": ("S",), "tags": ("cotton", "summer")}
    assert red.description == "Soft & light"
    assert (mug.attributes, mug.category) == ({}, ("Mugs",))


def test_a_metafield_may_tell_how_popular_a_product_is(take: Take) -> None:
    got = take(
        "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price,"
        "Units sold (product.metafields.custom.units_sold)\n"
        "a,A,Size,S,1,1,120\na,,,M,2,1,\nb,B,Size,S,3,1,\nc,C,Size,S,4,1,many\n"
    )
    assert {p.product_id: p.popularity for p in got.products} == {
        "1": 120, "2": 120, "3": None, "4": None,
    }  # fmt: skip
    assert got.reasons == [
        "line 5: popularity 'many' is not a number; the product is kept without it"
    ]


def test_compare_at_prices_become_full_prices(take: Take) -> None:
    red, blue, _ = take(SAMPLES["shopify"]).products
    assert (red.price, red.sale_price) == (Decimal("15.00"), Decimal("10.00"))
    assert (blue.price, blue.sale_price) == (Decimal("10.00"), None)


def test_stock_counts_only_where_it_is_tracked_and_selling_on_denied(take: Take) -> None:
    assert [p.in_stock for p in take(SAMPLES["shopify"]).products] == [True, False, True]
    assert [p.in_stock for p in take(SAMPLES["shopify-new"]).products] == [True, False]


def test_the_new_dialect_is_read_as_the_old_one(take: Take) -> None:
    got = take(SAMPLES["shopify-new"])
    assert (got.feed.kind, got.reasons) == ("shopify", [])
    small, medium = got.products
    assert got.ids == ["0012", "0013"]
    assert small.attributes == {"colour": ("red", "blue"), "type": ("Tee",), "size": ("S",)}
    assert medium.category == ("Apparel", "Shirts")
    assert medium.images == ("https://i.example/m.jpg", "https://i.example/1.jpg")
    assert (medium.price, medium.sale_price) == (Decimal(12), Decimal(11))


def test_a_sku_that_is_taken_gives_way_to_handle_and_options(take: Take) -> None:
    got = take(
        "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price\n"
        "a,A,Size,S,X,1\na,,,M,X,1\nb,B,Title,Default Title,Y,1\nc,C,Size,L,Y,1\n"
    )
    assert got.ids == ["a:S", "a:M", "Y", "c:L"]


def test_unpublished_drafts_and_titleless_handles_are_refused_with_their_line(take: Take) -> None:
    got = take(
        "Handle,Title,Variant SKU,Variant Price,Status,Published\n"
        "a,A,1,1,draft,true\nb,B,2,1,active,FALSE\nc,,3,1,active,true\nd,D,4,1,active,true\n"
    )
    assert got.ids == ["4"]
    assert [(one.where, one.product_id) for one in got.rejections] == [
        ("line 2", "a"), ("line 3", "b"), ("line 4", "c"),
    ]  # fmt: skip
    assert "'draft'" in got.rejections[0].reason


def test_a_handle_of_endless_rows_is_bounded(take: Take) -> None:
    rows = "".join(f"a,,{n}.jpg,\n" for n in range(6000))
    got = take(f"Handle,Title,Image Src,Variant Price\na,A,0.jpg,1\n{rows}")
    assert got.ids == ["a"]
    assert len(got.products[0].images) == 256
    assert sum("of one handle" in reason for reason in got.reasons) == 1001


def test_a_missing_handle_is_made_from_the_title(take: Take) -> None:
    got = take("URL handle,Title,Price,Product image URL\n,Blue Hat!,1,a.jpg\n,,,b.jpg\n,Cap,2,\n")
    assert got.ids == ["blue-hat", "cap"]
    assert got.products[0].images == ("a.jpg", "b.jpg")

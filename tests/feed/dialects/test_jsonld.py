import json
from decimal import Decimal

from small_feeds import SAMPLES, Take


def test_products_of_a_graph_arrive_and_variants_inherit(take: Take) -> None:
    got = take(SAMPLES["json-ld"])
    assert (got.feed.kind, got.reasons) == ("json-ld", [])
    lamp, red, blue = got.products
    assert got.ids == ["p1", "v1", "v2"]
    assert lamp.images == ("https://j.example/1.jpg", "https://j.example/2.jpg")
    assert (lamp.brand, lamp.category, lamp.in_stock) == ("Lux", ("Home", "Lamps"), False)
    assert (lamp.price, lamp.currency) == (Decimal("49.90"), "EUR")
    assert lamp.attributes == {"colour": ("Brass",)}
    assert (red.title, red.group_id, red.price) == ("Vase", "g", Decimal(5))
    assert (blue.title, blue.brand) == ("Vase, blue", "Lux")
    assert blue.images == ("https://j.example/b.jpg", "https://j.example/v.jpg")


def test_script_blocks_of_a_page_are_found(take: Take) -> None:
    got = take(SAMPLES["html"])
    assert got.ids == ["p1", "v1", "v2", "q"]


def test_a_bad_block_costs_only_itself(take: Take) -> None:
    block = '<script type="application/ld+json">{}</script>'
    good = block.format('{"@type":"Product","sku":"s","name":"S"}')
    nameless = block.format('[{"@type":"Product","sku":"t"}]')
    got = take(f"<html>{block.format('{oops')}{nameless}{good}</html>")
    assert got.ids == ["s"]
    assert [one.where for one in got.rejections] == ["block 1", "block 2 item 1"]
    assert got.feed.complete


def test_offers_come_in_many_shapes(take: Take) -> None:
    offers = [
        {"@type": "AggregateOffer", "lowPrice": "3.50", "priceCurrency": "USD"},
        {"@type": "AggregateOffer", "priceCurrency": "USD", "offers": [
            {"price": 9, "availability": "OutOfStock"}, {"price": 3.5, "availability": "InStock"}]},
        {"priceSpecification": {"price": "3.50", "priceCurrency": "USD"}},
        {"price": "3.50", "priceCurrency": "USD", "priceSpecification": {
            "priceType": "https://schema.org/StrikethroughPrice", "price": "5"}},
    ]  # fmt: skip
    nodes = [
        {"@type": ["Product", "Thing"], "sku": f"{n}", "name": "x", "offers": offer}
        for n, offer in enumerate(offers)
    ]
    products = take(json.dumps(nodes)).products
    assert [p.sale_price or p.price for p in products] == [Decimal("3.5")] * 4
    assert {p.currency for p in products} == {"USD"}
    assert products[3].price == 5
    assert all(p.in_stock for p in products)


def test_an_item_list_and_extra_properties_are_understood(take: Take) -> None:
    node = {
        "@context": "http://schema.org", "@type": "ItemList",
        "itemListElement": [{"@type": "ListItem", "item": {
            "@type": "http://schema.org/Product", "gtin13": "4006381333931",
            "name": "Pen &amp; cap", "category": ["Office", "Pens"],
            "audience": {"suggestedGender": "unisex"},
            "additionalProperty": [{"name": "Ink", "value": "blue"}]}}],
    }  # fmt: skip
    [pen] = take(json.dumps(node)).products
    assert (pen.product_id, pen.title) == ("4006381333931", "Pen & cap")
    assert pen.category == ("Office", "Pens")
    assert pen.attributes == {"gender": ("unisex",), "Ink": ("blue",)}


def test_deep_nesting_is_refused_not_followed(take: Take) -> None:
    got = take('{"@type": "Product", "x": ' + "[" * 200_000)
    assert got.products == []
    assert not got.feed.complete or got.rejections


def test_a_group_of_mere_references_is_a_product_beside_its_variants(take: Take) -> None:
    graph = {"@graph": [
        {"@type": "ProductGroup", "@id": "#g", "name": "Mug", "hasVariant": [{"@id": "#a"}]},
        {"@type": "Product", "@id": "#a", "name": "Mug, red", "isVariantOf": {"@id": "#g"}},
    ]}  # fmt: skip
    got = take(json.dumps(graph))
    assert [(p.product_id, p.group_id) for p in got.products] == [("#g", ""), ("#a", "#g")]


def test_a_list_inside_a_product_does_not_hide_the_product(take: Take) -> None:
    product = {
        "@context": "https://schema.org", "@type": "Product", "sku": "a", "name": "Lamp {",
        "breadcrumb": {"itemListElement": [{"item": {"@type": "WebPage", "name": "Home"}}]},
    }  # fmt: skip
    assert take(json.dumps(product)).ids == ["a"]

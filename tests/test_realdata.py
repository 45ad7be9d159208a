"""Real shops: nothing is refused, every product is found by its own picture, filters work."""

import csv
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from shoplens.config import read_settings
from shoplens.engine import Engine
from shoplens.ingest.feeds import IndexRequest
from shoplens.types import Query

DATA = Path(__file__).parents[2] / "shared" / "data"
ASKED = 40
"""Own pictures asked with, spread over the shop."""

pytestmark = [
    pytest.mark.realdata,
    pytest.mark.slow,
    pytest.mark.skipif(not DATA.exists(), reason="there is no ../shared/data"),
]


@dataclass(frozen=True, slots=True)
class RealShop:
    """A feed; a filter on its own fields, and what that means for a row of the file."""

    feed: str
    products: int
    images: int
    filter: str
    lets: Callable[[dict[str, str]], bool]
    mapping: dict[str, str] = field(default_factory=dict[str, str])
    id_column: str = "id"

    def allowed(self) -> set[str]:
        with (DATA / self.feed).open(encoding="utf-8-sig", newline="") as file:
            return {row[self.id_column] for row in csv.DictReader(file) if self.lets(row)}


SHOPS = {
    "adventure": RealShop(
        "adventure_shop/products.csv",
        101,
        101,
        "category IN (footwear, Climbing) AND price < 100",
        lambda row: row["category"] in {"Footwear", "Climbing"} and float(row["price"]) < 100,
    ),
    "magento": RealShop(
        "magento_multiview/images.csv",
        270,
        418,
        "price >= 40 AND NOT price > 70",
        lambda row: 40 <= float(row["price"] or 0) <= 70,
        {"id": "instance"},
        "instance",
    ),
    "grocery": RealShop(
        "grocery_street_to_catalogue/products.csv",
        81,
        81,
        "category = Apple",
        lambda row: row["coarse_class"] == "Apple",
        {},
        "class_id",
    ),
}


@pytest.mark.parametrize("shop", SHOPS.values(), ids=SHOPS)
def test_a_real_shop_is_indexed_whole_and_finds_its_own_pictures(
    shop: RealShop, tmp_path: Path
) -> None:
    feed = DATA / shop.feed
    with Engine.open(read_settings({"data": tmp_path, "encoder": "lite0"})) as engine:
        report = engine.index(IndexRequest(feed, mapping=shop.mapping))
        assert (report.sync.new, report.counts.products) == (shop.products, shop.products)
        assert (report.sync.rejected, report.counts.refused) == (0, 0)
        assert report.counts.encoded == shop.images
        verified = engine.verify()
        assert verified.ok
        assert (verified.indexed, verified.rows) == (shop.products, shop.images)
        everything = Query(filter=engine.filter(shop.filter), k=shop.products)
        found = [shown.product.product_id for shown in engine.search(everything).shown]
        assert set(found) == shop.allowed()
        assert len(found) == len(set(found)) > 0
        views, end = engine.page(k=1000)
        assert end == 0
        asked = views[:: max(1, len(views) // ASKED)]
        right = 0
        for view in asked:
            photo = (feed.parent / view.images[0].source).read_bytes()
            shown = engine.search(Query(picture=engine.picture(photo), k=1)).shown
            right += shown[0].product.product_id == view.product.product_id
        assert right / len(asked) >= 0.95

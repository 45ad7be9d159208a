"""Real InstantSearch widgets in a real browser, on the sample shop behind a real server.

What is right is counted here from the feed, without the server.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from sample_site import KEY, SEARCH_KEY, drive, price_of, products, sample_shop, site
from shoplens.feed.sampleshop.shop import query_photos
from shoplens.types import Product

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PAGE = 12
LISTED = 8
ODD = '<i>o"dd\\</i>'
ODD_TITLE = '<img src=x onerror="window.hacked = 1"> & a mug'


@dataclass(frozen=True, slots=True)
class Visit:
    """What the page showed after each step, and what the browser complained about.

    ``facets`` are counts of answers in which a brand was chosen with "and", then by a filter.
    """

    seen: dict[str, Any]
    complaints: list[str]
    facets: list[dict[str, dict[str, int]]]
    shop: list[Product]

    def count(self, step: str) -> int:
        """Tell how many products the page says there are."""
        return int(self.seen[step]["stats"].split()[0])

    def those(self, fits: Callable[[Product], bool]) -> list[Product]:
        """Pick products of the shop."""
        return [product for product in self.shop if fits(product)]


@pytest.fixture(scope="module")
def visit(tmp_path_factory: pytest.TempPathFactory, node: str, npm: Path, chromium: str) -> Visit:
    """Visit once, for all tests to look at."""
    photo = str(query_photos()[117].image)
    with (
        site(npm) as origin,
        sample_shop(tmp_path_factory.mktemp("shop") / "data", origin) as server,
    ):
        odd = {"title": ODD_TITLE, "brand": ODD, "price": 1, "category": ["Odds"]}
        answer = httpx.put(
            f"{server}/v1/products/odd",
            json=odd,
            headers={"x-api-key": KEY},
            timeout=60,
            trust_env=False,
        )
        assert answer.status_code == 200, answer.text
        address = f"{origin}/example.html?server={server}&key={SEARCH_KEY}"
        told: Any = drive(node, npm, address, photo=photo, odd=ODD, browser=chromium)
    one = Product("odd", ODD_TITLE, brand=ODD, category=("Odds",), price=Decimal(1))
    return Visit(told["seen"], told["complaints"], told["facets"], [*products(), one])


def brands(found: Iterable[Product]) -> Counter[str]:
    return Counter(product.brand.lower() for product in found)


def most(counted: Counter[str], chosen: Iterable[str] = ()) -> dict[str, int]:
    """Order as the widget does: what is chosen first, then by count, then by name."""
    order = sorted(counted, key=lambda name: (name not in chosen, -counted[name], name))
    return {name: counted[name] for name in order[:LISTED]}


def under(found: Iterable[Product], *path: str) -> dict[str, int]:
    """Count the categories right below a path."""
    depth = len(path)
    names = [[level.lower() for level in product.category] for product in found]
    below = [one[depth] for one in names if tuple(one[:depth]) == path and len(one) > depth]
    return dict(Counter(below))


def test_the_page_begins_with_all_products_counted_and_shown(visit: Visit) -> None:
    start = visit.seen["start"]
    assert visit.count("start") == len(visit.shop)
    assert len(start["titles"]) == PAGE
    assert start["brand"] == most(brands(visit.shop))
    assert start["category"] == under(visit.shop)
    prices = [price_of(product) for product in visit.shop]
    assert [float(end) for end in start["ends"]] == [min(prices), max(prices)]
    assert start["lastPage"]


def test_every_step_asks_the_server_once(visit: Visit) -> None:
    several = {step for step, seen in visit.seen.items() if len(seen["asked"]) != 1}
    assert several <= {"mugs"}, "only who types slowly asks more often"


def test_a_page_further_shows_others(visit: Visit) -> None:
    start, second = visit.seen["start"], visit.seen["second page"]
    assert second["page"] == "2"
    assert second["stats"] == start["stats"]
    assert len(second["titles"]) == PAGE
    assert set(second["titles"]) - set(start["titles"])


def test_prices_order_all_products_both_ways(visit: Visit) -> None:
    prices = sorted(price_of(product) for product in visit.shop)
    assert visit.seen["cheapest first"]["prices"] == prices[:PAGE]
    assert visit.seen["dearest first"]["prices"] == prices[::-1][:PAGE]
    assert visit.seen["cheapest first"]["page"] == "1"
    assert visit.seen["best first"]["titles"] == visit.seen["start"]["titles"]


def test_a_chosen_brand_narrows_everything_but_the_brands(visit: Visit) -> None:
    step = visit.seen["tarn"]
    found = visit.those(lambda product: product.brand == "Tarn")
    assert visit.count("tarn") == len(found)
    assert set(step["brands"]) == {"Tarn"}
    assert step["brand"] == most(brands(visit.shop), ["tarn"])
    assert step["category"] == under(found)
    colours = Counter(c.lower() for p in found for c in p.attributes.get("colour", ()))
    assert {*colours} & {*step["colour"]}
    for name, count in step["colour"].items():  # the server also names colours that it sees
        assert colours[name] <= count <= len(found)


def test_two_brands_are_either_of_them(visit: Visit) -> None:
    step = visit.seen["tarn or pella"]
    found = visit.those(lambda product: product.brand in {"Tarn", "Pella"})
    assert visit.count("tarn or pella") == len(found)
    assert step["brand"] == most(brands(visit.shop), ["tarn", "pella"])
    assert step["category"] == under(found)


def test_what_always_holds_also_narrows_the_counts_of_its_own_field(visit: Visit) -> None:
    found = visit.those(lambda product: product.brand == "Tarn")
    wanted = {"brand": {"tarn": len(found)}, "category.lvl0": under(found)}
    assert visit.facets == [wanted, wanted]


def test_a_range_of_prices_narrows_and_keeps_its_ends_to_choose(visit: Visit) -> None:
    found = visit.those(lambda product: 20 <= price_of(product) <= 40)
    step = visit.seen["20 to 40"]
    assert visit.count("20 to 40") == len(found)
    assert all(20 <= price <= 40 for price in step["prices"])
    assert step["brand"] == most(brands(found))
    assert step["ends"] == visit.seen["start"]["ends"]
    both = visit.seen["little fern from 20 to 40"]
    fern = visit.those(lambda product: product.brand == "Little Fern")
    assert visit.count("little fern from 20 to 40") == sum(p in found for p in fern)
    assert both["brand"] == most(brands(found), ["little fern"])
    prices = [price_of(product) for product in fern]
    assert [float(end) for end in both["ends"]] == [min(prices), max(prices)]


def test_categories_open_level_by_level(visit: Visit) -> None:
    roots = under(visit.shop)
    furniture = under(visit.shop, "furniture")
    seating = under(visit.shop, "furniture", "seating")
    assert visit.seen["furniture"]["category"] == roots | furniture
    assert visit.count("furniture") == roots["furniture"]
    assert visit.seen["seating"]["category"] == roots | furniture | seating
    assert visit.count("seating") == furniture["seating"]
    assert visit.seen["stools"]["category"] == roots | furniture | seating
    assert visit.count("stools") == seating["stools"]


def test_what_is_cleared_is_as_at_the_start(visit: Visit) -> None:
    start = visit.seen["start"]
    steps = [step for step in visit.seen if step.startswith("cleared")]
    assert steps
    for step in [*steps, "no words"]:
        for shown in ("stats", "titles", "brand", "category", "ends"):
            assert visit.seen[step][shown] == start[shown], (step, shown)


def test_only_what_is_in_stock_can_be_shown(visit: Visit) -> None:
    found = visit.those(lambda product: product.in_stock)
    assert len(found) < len(visit.shop)
    assert visit.count("in stock") == len(found)
    assert visit.seen["in stock"]["brand"] == most(brands(found))


def test_a_brand_can_be_looked_for_by_a_word_in_it(visit: Visit) -> None:
    counted = brands(visit.shop)
    assert visit.seen["a brand is looked for"]["brand"] == {"halden & rye": counted["halden & rye"]}
    assert set(visit.seen["a brand is found"]["brands"]) == {"Halden & Rye"}
    assert visit.count("a brand is found") == counted["halden & rye"]


def test_markup_and_quotes_in_a_product_are_only_text(visit: Visit) -> None:
    assert visit.seen["an odd brand is looked for"]["brand"] == {ODD: 1}
    step = visit.seen["the odd brand"]
    assert step["titles"] == [ODD_TITLE]
    assert step["brands"] == [ODD]
    assert not any(seen["hacked"] for seen in visit.seen.values())


def test_typed_words_find_and_are_marked(visit: Visit) -> None:
    step = visit.seen["mugs"]
    named = {p.title for p in visit.those(lambda product: " mug" in product.title)}
    assert named <= {*step["titles"]}
    assert step["marks"]
    assert {mark.lower() for mark in step["marks"]} == {"mug"}
    assert step["asked"][-1]["q"] == "mug"


def test_a_photo_searches_with_the_same_widgets_and_travels_once(visit: Visit) -> None:
    photo, second = visit.seen["a photo"], visit.seen["the photo's second page"]
    assert photo["titles"] != visit.seen["start"]["titles"]
    assert photo["brand"]
    assert photo["asked"][0]["image"]
    assert "image" not in second["asked"][0]
    assert second["asked"][0]["query_image_id"]
    assert not set(second["titles"]) & set(photo["titles"])
    assert set(visit.seen["the photo in a brand"]["brands"]) == {"Tarn"}
    assert visit.seen["the photo in a brand"]["titles"] != visit.seen["tarn"]["titles"]
    assert visit.seen["no photo"]["titles"] == visit.seen["tarn"]["titles"]


def test_every_picture_of_the_shop_is_seen(visit: Visit) -> None:
    assert all(visit.seen["furniture"]["pictures"])
    assert len(visit.seen["furniture"]["pictures"]) == PAGE


def test_a_mistake_is_told_on_the_page_and_nothing_else_went_wrong(visit: Visit) -> None:
    assert "no field is called 'nonsense'" in visit.seen["nonsense"]["problem"]
    others = [seen["problem"] for step, seen in visit.seen.items() if step != "nonsense"]
    assert set(others) == {""}
    assert len(visit.complaints) == 1, "the refused request only"
    assert "400" in visit.complaints[0]

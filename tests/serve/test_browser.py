"""The search page and the page of rules in a real browser, on the sample shop.

What is right is counted here from the feed, without the server.
"""

import json
import os
import subprocess
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from clients.conftest import chromium, node, npm
from command_line import run
from sample_site import KEY, SEARCH_KEY, price_of, products
from served_shop import serving
from shoplens.config import read_settings
from shoplens.engine import Engine
from shoplens.feed.sampleshop.shop import feed, query_photos
from shoplens.types import Product

__all__ = ["chromium", "node", "npm"]  # fixtures of another folder
pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]

PAGE = 24
ODD = '<i>o"dd\\</i>'
ODD_TITLE = '<img src=x onerror="window.hacked = 1"> & a thing'


@dataclass(frozen=True, slots=True)
class Visit:
    """What the pages showed after each step, and what the browser complained about."""

    seen: dict[str, Any]
    complaints: list[str]
    why: dict[str, Any]
    shop: list[Product]

    def count(self, step: str) -> int:
        """Tell how many products the page says there are."""
        return int(self.seen[step]["said"].split()[0])

    def those(self, fits: Callable[[Product], bool]) -> list[Product]:
        """Pick products of the shop."""
        return [product for product in self.shop if fits(product)]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The sample shop and one odd product, served with keys by an encoder that draws maps."""
    data = tmp_path_factory.mktemp("shop") / "data"
    indexed = run("index", feed(), data=data, encoder="lite0")
    assert indexed.returncode == 0, indexed.stderr
    keys = {"api_key": KEY, "search_key": SEARCH_KEY}
    settings = read_settings({"data": data, "encoder": "lite0", "serve": keys})
    with Engine.open(settings) as engine, serving(engine) as client:
        odd = {"title": ODD_TITLE, "brand": ODD, "price": 1, "category": ["Odds"]}
        put = client.put("/v1/products/odd", json=odd, headers={"x-api-key": KEY})
        assert put.status_code == 200, put.text
        yield str(client.base_url).rstrip("/")


@pytest.fixture(scope="module")
def visit(address: str, node: str, npm: Path, chromium: str) -> Visit:
    """Visit once, for all tests to look at; screenshots go where SHOPLENS_SHOTS says."""
    given = {"searchKey": SEARCH_KEY, "key": KEY, "odd": ODD, "browser": chromium}
    given |= {"photo": str(query_photos()[117].image), "shots": os.environ.get("SHOPLENS_SHOTS")}
    script = str(Path(__file__).with_name("visit.js"))
    ended = subprocess.run(
        [node, script, address, json.dumps(given)],
        capture_output=True,
        text=True,
        check=False,
        timeout=480,
        env={**os.environ, "SHOPLENS_NPM": str(npm)},
    )
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    one = Product("odd", ODD_TITLE, brand=ODD, category=("Odds",), price=None)
    return Visit(told["seen"], told["complaints"], told["why"], [*products(), one])


def brands(found: Iterable[Product]) -> Counter[str]:
    return Counter(product.brand for product in found)


def under(found: Iterable[Product], *path: str) -> dict[str, int]:
    """Count the categories right below a path."""
    depth = len(path)
    named = [p.category for p in found if p.category[:depth] == path and len(p.category) > depth]
    return dict(Counter(category[depth] for category in named))


def test_the_page_begins_with_the_whole_shop_once_a_key_is_given(visit: Visit) -> None:
    assert "asks for a key" in visit.seen["no key"]["notice"]
    start = visit.seen["start"]
    assert visit.count("start") == len(visit.shop)
    assert len(start["titles"]) == PAGE
    assert start["category"] == under(visit.shop)
    assert sum(start["brand"].values()) < len(visit.shop), "a long list is cut"
    assert start["brand"].items() <= brands(visit.shop).items()
    assert len(start["colour"]) >= 10
    assert start["suggested"] == []


def test_what_is_typed_is_completed_and_answered_after_a_pause(visit: Visit) -> None:
    typed = visit.seen["typed"]
    assert len(typed["asked"]) == 1, "a pause, not every letter, asks"
    assert typed["asked"][0]["typing"] is True
    assert typed["suggested"]
    named = {product.title for product in visit.those(lambda product: " mug" in product.title)}
    assert named <= {*typed["titles"]}
    assert len(named) <= visit.count("typed") < len(visit.shop)
    assert visit.seen["escaped"]["suggested"] == []
    assert visit.seen["escaped"]["q"] == "mug"


def test_arrows_mark_a_suggestion_and_enter_takes_it(visit: Visit) -> None:
    marked = visit.seen["marked"]["marked"]
    assert len(marked) == 1
    assert visit.seen["by keys"]["q"] == marked[0]
    assert "typing" not in visit.seen["by keys"]["asked"][-1]
    assert visit.seen["a category"]["asked"][-1]["filter"] == 'category = "furniture > seating"'
    assert visit.count("a category") == under(visit.shop, "Furniture")["Seating"]


def test_a_mended_word_is_told_and_can_be_taken(visit: Visit) -> None:
    assert visit.seen["misspelt"]["banner"].startswith("Showing results for teapot")
    assert visit.seen["misspelt"]["q"] == "teepot"
    assert visit.seen["misspelling taken"]["q"] == "teapot"
    assert "Showing results" not in visit.seen["misspelling taken"]["banner"]


def test_an_answer_without_a_match_says_so_above_the_nearest(visit: Visit) -> None:
    step = visit.seen["nonsense"]
    assert step["notice"] or "No confident match" in step["banner"]
    if step["titles"]:
        assert step["nearest"] == "The nearest there is"


def test_brands_are_either_of_them_and_others_stay_to_choose(visit: Visit) -> None:
    tarn, both = visit.seen["tarn"], visit.seen["tarn or pella"]
    assert visit.count("tarn") == brands(visit.shop)["Tarn"]
    assert set(tarn["brands"]) == {"Tarn"}
    assert tarn["category"] == under(visit.those(lambda product: product.brand == "Tarn"))
    assert len(tarn["brand"]) >= 8
    assert visit.count("tarn or pella") == brands(visit.shop)["Tarn"] + brands(visit.shop)["Pella"]
    assert both["asked"][0]["filter"] == 'brand IN ("tarn", "pella")'
    assert both["chips"] == ["Tarn", "Pella"]
    assert both["focus"] == "brand:pella", "the keyboard stays where it was"
    assert visit.count("pella") == brands(visit.shop)["Pella"]
    assert visit.seen["back"]["chips"] == ["Tarn", "Pella"]
    assert visit.count("cleared") == len(visit.shop)


def test_categories_open_level_by_level(visit: Visit) -> None:
    furniture, seating = visit.seen["furniture"], visit.seen["seating"]
    tops, below = under(visit.shop), under(visit.shop, "Furniture")
    assert furniture["category"] == {"Furniture": tops["Furniture"], **below}
    assert visit.count("seating") == below["Seating"]
    assert under(visit.shop, "Furniture", "Seating").items() <= seating["category"].items()
    assert visit.seen["all categories"]["category"] == tops


def test_colours_and_prices_and_stock_narrow_together(visit: Visit) -> None:
    assert visit.count("red") == visit.seen["start"]["colour"]["Red"]
    assert visit.seen["red"]["chips"] == ["Red"]
    within = visit.those(lambda p: p.product_id != "odd" and 20 <= price_of(p) <= 40)
    assert visit.count("20 to 40") == len(within)
    assert visit.seen["20 to 40"]["ends"] == visit.seen["start"]["ends"]
    stocked = [product for product in within if product.in_stock]
    assert len(stocked) < len(within)
    assert visit.count("in stock too") == len(stocked)
    cheapest = visit.seen["cheapest"]["prices"]
    assert cheapest == sorted(price_of(product) for product in stocked)[:PAGE]


def test_one_of_each_design_and_pages_to_the_very_end(visit: Visit) -> None:
    assert visit.count("one per design") == len({p.group_id or p.product_id for p in visit.shop})
    all_of_them = visit.seen["norrvik to the end"]["titles"]
    assert sorted(all_of_them) == sorted(p.title for p in visit.shop if p.brand == "Norrvik")
    assert "everything" in visit.seen["norrvik to the end"]["below"]


def test_markup_and_quotes_in_a_product_are_only_text(visit: Visit) -> None:
    assert visit.seen["odd"]["titles"] == [ODD_TITLE]
    assert visit.seen["odd"]["brands"] == [ODD]
    assert not any(step.get("hacked") for step in visit.seen.values())


def test_a_mistake_in_a_written_filter_is_shown_where_it_stands(visit: Visit) -> None:
    step = visit.seen["mistake"]
    assert step["asked"][-1]["filter"] == '(in_stock AND brnd = x) AND brand = "tarn"'
    assert step["mistake"] == "b", "the letter where the wrong name begins"


def test_a_photo_travels_once_and_again_only_if_it_was_forgotten(visit: Visit) -> None:
    assert [one.get("uploads") for one in visit.seen["photo"]["asked"]] == [True]
    (boxed,) = visit.seen["a box"]["asked"]
    assert boxed["query_image_id"].startswith("q-")
    assert [0 < side < 1 for side in boxed["box"]] == [True] * 4
    forgotten = visit.seen["a forgotten photo"]
    assert [one.get("uploads") for one in forgotten["asked"]] == [None, True]
    assert forgotten["notice"] == ""
    assert forgotten["titles"]
    assert visit.seen["photo again"]["asked"] == [], "back asks nothing again"


def test_reasons_are_told_in_words_numbers_and_a_map(visit: Visit) -> None:
    assert visit.why["map"] > 50
    assert "Likeness of pictures" in visit.why["terms"]
    score = float(visit.why["text"].split("Score ")[1].split()[0])
    assert sum(visit.why["shares"]) == pytest.approx(score, abs=0.002)


def test_more_and_less_and_a_colour_steer_and_are_taken_away(visit: Visit) -> None:
    more, less, colour = (
        visit.seen[n]["asked"][0] for n in ("more like", "less like", "of a colour")
    )
    assert len(more["like"]) == 1
    assert more["query_image_id"]
    assert less["like"] == more["like"]
    assert len(less["unlike"]) == 1
    assert colour["colour"] == "#3f8a54"
    assert len(visit.seen["of a colour"]["chips"]) == 3
    assert visit.seen["all taken away"]["chips"] == []
    assert visit.seen["all taken away"]["titles"] != visit.seen["of a colour"]["titles"]


def test_a_phone_has_everything_in_a_drawer_and_nothing_is_too_wide(visit: Visit) -> None:
    assert visit.seen["drawer"]["brand"]
    assert len(visit.seen["drawer used"]["chips"]) == 1
    assert visit.count("drawer closed") < visit.count("phone")
    assert {step.get("tooWide") for step in visit.seen.values()} == {0}


def test_every_control_has_a_name(visit: Visit) -> None:
    assert [one for step in visit.seen.values() for one in step["unnamed"]] == []


def test_rules_need_the_admin_key(visit: Visit) -> None:
    assert visit.seen["rules with the key of visitors"]["stillAsks"] == 1
    assert "No rules yet" not in str(visit.seen["rules without a key"]["rules"])
    assert visit.seen["rules"]["shelf"]


def test_rules_are_made_by_searching_and_clicking_and_seen_at_once(visit: Visit) -> None:
    assert "Click the products" in visit.seen["nothing meant"]["wrong"]
    clicked = visit.seen["boots"]["shelf"][4]
    assert visit.seen["pinned"]["shelf"][0] == clicked
    assert visit.seen["pinned"]["rules"] == [["speaks now", "Pin at place 1 for “boots”", clicked]]
    assert "title" in visit.seen["hidden wrongly"]["wrong"]
    assert visit.seen["boots for visitors"]["titles"][0] == clicked
    assert "Tarn" not in visit.seen["boots for visitors"]["brands"]
    assert visit.seen["changed"]["shelf"][2] == clicked


def test_rules_tell_when_they_speak_and_a_removed_one_comes_back(visit: Visit) -> None:
    states = [state for state, _, _ in visit.seen["buried before"]["rules"]]
    assert states == ["speaks now", "speaks now", "later", "over"]
    assert len(visit.seen["removed"]["rules"]) == 3
    assert visit.seen["undone"]["rules"] == visit.seen["changed"]["rules"]


def test_the_browser_only_complains_of_what_was_refused_on_purpose(visit: Visit) -> None:
    refused = [text.split("status of ")[1][:3] for text in visit.complaints]
    assert Counter(refused).keys() <= {"400", "401", "403", "404"}, visit.complaints

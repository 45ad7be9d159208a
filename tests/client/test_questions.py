"""Everything that a question may hold, asked by both clients of a real server."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

import httpx
import pytest

from served_shop import drawing
from shoplens import Client
from shoplens.client import sending
from shoplens.client.answers import Answer, Product, Rule, Shown
from shoplens.client.asking import Pages
from shoplens.client.refusals import status_of
from shoplens.client.sending import Asked, Narrowed, Thing
from shoplens.client.wire import Reply, Request, T, Talk
from shoplens.errors import ConfigError, NotFoundError, QueryError
from shoplens.serve.schemas import questions, rules

N = 6
LEAVES = [
    Product(
        f"leaf-{i}",
        f"{('green', 'red')[i % 2]} leaf number {i}",
        brand=("Oak & Co", "Daybird")[i % 2],
        category=("Garden", "Leaves"),
        group_id=f"branch-{i // 2}",
        price=Decimal(10 + i),
        popularity=float(-i % 4),
        attributes={"colour": (("green", "red")[i % 2],)},
    )
    for i in range(N)
]


def ids(products: Sequence[Shown] | Iterator[Shown]) -> list[str]:
    return [one.product_id for one in products]


@pytest.fixture
def stocked(shop: Client) -> Client:
    """A shop of six leaves, each with a picture of its own, two of a kind."""
    if "leaf-0" not in [one.product_id for one in shop.products()]:
        for i, leaf in enumerate(LEAVES):
            shop.put(leaf, [drawing(i)])
    return shop


# ---- things asked for and against ------------------------------------------------------------


def test_things_are_asked_for_in_any_form(stocked: Client, tmp_path: Path) -> None:
    (tmp_path / "leaf.png").write_bytes(drawing(2))
    photo_id = stocked.search(drawing(2)).query_image_id
    for thing in (
        Thing(image=drawing(2)),
        Thing(image=tmp_path / "leaf.png"),
        Thing(image=io.BytesIO(drawing(2)), box=(0, 0, 1, 1)),
        Thing(query_image_id=photo_id),
        Thing("leaf number 2"),
    ):
        assert ids(stocked.search(like=[thing], limit=1).products) == ["leaf-2"]
    found = ids(stocked.search(like=(Thing(product_id="leaf-2"),)).products)
    assert set(found) == {f"leaf-{i}" for i in range(N)} - {"leaf-2"}


def test_weights_decide_between_a_photo_and_a_thing(stocked: Client) -> None:
    for weight, first in ((0.05, "leaf-1"), (20, "leaf-4")):
        thing = Thing(image=drawing(4), weight=weight)
        assert ids(stocked.search(drawing(1), like=[thing]).products)[0] == first


def test_what_is_asked_against_goes_down(stocked: Client) -> None:
    before = ids(stocked.search(q="leaf number", limit=N).products)
    after = ids(stocked.search(q="leaf number", unlike=[Thing("red")], limit=N).products)
    assert set(after[:3]) == {"leaf-0", "leaf-2", "leaf-4"} != set(before[:3])


def test_a_photo_is_sent_once(stocked: Client) -> None:
    first = stocked.search(drawing(3), limit=3)
    again = stocked.search(query_image_id=first.query_image_id, limit=3)
    boxed = stocked.search(query_image_id=first.query_image_id, box=(0, 0, 0.5, 0.5), limit=3)
    assert again.products == first.products
    assert [one.score for one in boxed.products] != [one.score for one in first.products]
    with pytest.raises(NotFoundError, match="send the photo again"):
        stocked.search(query_image_id="q-never-seen")


# ---- which part of an answer, and what of it --------------------------------------------------


@pytest.fixture(params=["search", "similar"])
def leaves(request: pytest.FixtureRequest, stocked: Client) -> Any:
    """Ask for leaves by words, or for those like a seventh that is soon forgotten: all six come."""

    def ask(**asked: Any) -> Answer:
        asked = {"filter": "category = Leaves", "limit": N} | asked
        if request.param == "search":
            return stocked.search(q="leaf", **asked)
        stocked.put(Product("seventh", "leaf"), [drawing(99)])
        try:
            return stocked.similar("seventh", **asked)
        finally:
            stocked.remove("seventh")

    return ask


def test_facets_count_the_whole_answer(leaves: Any) -> None:
    brand, price, stock = leaves(facets=("brand", "price", "in_stock"), limit=1).facets
    assert (brand.field, brand.kind) == ("brand", "keyword")
    assert {one.value: one.products for one in brand.values} == {"oak & co": 3, "daybird": 3}
    assert (price.kind, price.lowest, price.highest) == ("number", 10.0, 15.0)
    assert sum(one.products for one in price.ranges) == N
    assert all(one.high == other.low for one, other in pairwise(price.ranges))
    assert stock.kind == "boolean"
    (brand,) = leaves(facets=["brand"], facet_values=1).facets
    assert len(brand.values) == 1


def test_an_answer_says_how_many_there_are(leaves: Any) -> None:
    answer = leaves(limit=2)
    assert (len(answer.products), answer.total, answer.total_exact) == (2, N, True)


def test_products_come_in_the_order_asked_for(leaves: Any) -> None:
    up = [f"leaf-{i}" for i in range(N)]
    assert ids(leaves(sort="price:asc").products) == up
    assert ids(leaves(sort="price:desc").products) == up[::-1]
    assert {*ids(leaves(sort="popularity").products)[:2]} == {"leaf-1", "leaf-5"}
    assert set(ids(leaves(sort="newest").products)) == set(up)


def test_variants_can_be_shown_as_one(leaves: Any) -> None:
    assert len(leaves().products) == N
    groups = [one.group_id for one in leaves(distinct=True).products]
    assert sorted(groups) == ["branch-0", "branch-1", "branch-2"]


def test_variety_changes_the_order_and_nothing_else(stocked: Client) -> None:
    alike = ids(stocked.search(drawing(0), limit=N).products)
    varied = ids(stocked.search(drawing(0), limit=N, diversity=1.0).products)
    assert alike[0] == varied[0] == "leaf-0"
    assert set(alike) == set(varied)
    assert alike != varied


def test_only_what_is_wanted_is_told(leaves: Any) -> None:
    first = leaves(fields=["title"]).products[0]
    assert first.title
    assert (first.brand, first.price, first.category) == ("", None, ())
    assert first.product_id
    assert first.score


def test_a_colour_comes_first(stocked: Client) -> None:
    for i, colour in enumerate(("#c0392b", "red")):
        answer = stocked.search(colour=colour, limit=N, offset=i)
        assert len(answer.products) == N - i
        assert answer.products[0].signals.keys() == {"colour"}
    with pytest.raises(QueryError, match="is no colour; write #c0392b"):
        stocked.search(colour="reddish-ish")


def test_reasons_are_told_when_asked_for(stocked: Client) -> None:
    (plain,) = stocked.search(q="red leaf", limit=1).products
    (told,) = stocked.search(q="red leaf", limit=1, explain=True).products
    assert plain.why is None
    assert told.why is not None
    assert told.why.words == ("red", "leaf")
    assert sum(told.why.shares.values()) == pytest.approx(told.score, abs=1e-3)
    assert (told.match in {"strong", "similar", "none"}, 0 <= told.confidence <= 1) == (True, True)


def test_words_may_hold_a_typo_or_be_unfinished(stocked: Client) -> None:
    answer = stocked.search(q="leav numbr", limit=1)
    assert answer.products
    assert "number" in answer.corrected
    assert set(ids(stocked.search(q="red lea", typing=True).products)) >= {"leaf-1", "leaf-3"}


def test_a_filter_alone_lists_what_it_allows(stocked: Client) -> None:
    answer = stocked.search(filter="price > 12", sort="price:desc")
    assert ids(answer.products) == ["leaf-5", "leaf-4", "leaf-3"]


# ---- page after page ---------------------------------------------------------------------------


@pytest.mark.parametrize("image", [None, drawing(1)], ids=["words", "photo"])
@pytest.mark.parametrize("page", [1, 2, 3, 4, 6, 100])
def test_a_whole_answer_comes_in_its_order(image: bytes | None, page: int, stocked: Client) -> None:
    whole = ids(stocked.search(image, q="leaf", limit=100).products)
    assert len(whole) == N
    assert ids(stocked.search_all(image, page, q="leaf")) == whole
    assert ids(stocked.search_all(image, page, q="leaf", limit=5, offset=1)) == whole[1:6]
    assert ids(stocked.search_all(image, page, q="leaf", limit=1)) == whole[:1]


def test_files_that_can_be_read_once_do_for_every_page(stocked: Client) -> None:
    once = Thing(image=io.BytesIO(drawing(4)))
    found = ids(stocked.search_all(io.BytesIO(drawing(1)), 2, like=[once]))
    assert sorted(found) == [f"leaf-{i}" for i in range(N)]


def test_an_answer_without_products_ends_at_once(stocked: Client) -> None:
    assert ids(stocked.search_all(filter="price > 1000")) == []
    with pytest.raises(QueryError, match="limit"):
        ids(stocked.search_all(q="leaf", limit=0))


def test_a_server_that_remembers_no_photo_is_sent_it_again(
    make_client: Any, serve_shop: Any
) -> None:
    with (
        serve_shop(privacy={"query_image_minutes": 0}) as url,
        make_client(url) as shop,
    ):
        for i in range(3):
            shop.put(LEAVES[i], [drawing(i)])
        assert shop.search(drawing(1)).query_image_id == ""
        assert len(ids(shop.search_all(drawing(1), 1))) == 3


def told(talk: Talk[T], *replies: Reply) -> tuple[T, list[Request]]:
    """Lead a talk by hand; give what it amounts to, and what was asked."""
    asked = [next(talk)]
    for reply in replies:
        try:
            asked.append(talk.send(reply))
        except StopIteration as end:
            return end.value, asked
    raise AssertionError(f"it asks once more: {asked[-1]}")


def page_of(first: int, photo: str) -> Reply:
    found = f'{{"product_id": "{first}"}}, {{"product_id": "{first + 1}"}}'
    text = f'{{"ranking_id": "r", "products": [{found}], "query_image_id": "{photo}"}}'
    return Reply(200, text.encode())


def test_a_photo_goes_with_the_first_page_and_again_once_it_is_forgotten() -> None:
    pages = Pages(b"photo", 2, {"q": "red"})
    _, (first,) = told(pages.turn(), page_of(0, "q-1"))
    assert first.files["image"][1] == b"photo"
    _, (second,) = told(pages.turn(), page_of(2, "q-1"))
    assert (second.body, second.files) == (
        {"q": "red", "limit": 2, "offset": 2, "query_image_id": "q-1"},
        {},
    )
    came, (_, again) = told(pages.turn(), Reply(404), page_of(3, "q-2"))
    assert again.files == first.files
    assert ids(came) == ["4"], "3 was on the page before"
    _, (last,) = told(pages.turn(), page_of(6, "q-2"))
    assert last.body
    assert last.body["query_image_id"] == "q-2"


# ---- as you type, pictures, rules --------------------------------------------------------------


def test_what_is_typed_is_completed(stocked: Client) -> None:
    rows = [f"twig-{i},hazel twig number {i},Garden > Twigs" for i in range(4)]
    stocked.index("\n".join(["id,title,category", *rows]).encode(), name="twigs")
    found = stocked.suggest("twi", limit=3)
    assert any("twig" in one.text and one.products == 4 for one in found.queries)
    assert ("Garden", "Twigs") in [one.category for one in found.categories]
    assert {one.product_id for one in found.products} <= {f"twig-{i}" for i in range(4)}
    assert len(found.products) == 3
    with pytest.raises(QueryError, match=r"limit: .*50"):
        stocked.suggest("lea", limit=51)


def test_a_thumbnail_and_a_map_are_pictures(make_client: Any, serve_shop: Any) -> None:
    with serve_shop(encoder="lite0") as url, make_client(url) as shop:
        shop.put(LEAVES[0], [drawing(0)])
        (found,) = shop.search(drawing(0), explain=True).products
        assert found.why
        for picture in (shop.thumbnail(found.image), shop.similarity_map(found.why.map)):
            assert picture[8:12] == b"WEBP"
        with pytest.raises(NotFoundError):
            shop.similarity_map(found.why.map.replace("q-", "q-x"))


@pytest.mark.parametrize(
    "path", ["", "http://thief/v1/images/x.webp", "//thief/v1/images/x.webp", "/v1/products"]
)
def test_no_other_path_is_asked_for_a_picture(path: str, shop: Client) -> None:
    for fetch in (shop.thumbnail, shop.similarity_map):
        with pytest.raises(QueryError, match=r"is no path below /v1/(images|maps)/") as caught:
            fetch(path)
        assert status_of(caught.value) == 0


def test_a_rule_is_put_counts_is_listed_and_removed(stocked: Client) -> None:
    starts, ends = datetime(2026, 1, 1, tzinfo=UTC), datetime(2999, 1, 1, tzinfo=UTC)
    wanted = Rule(
        "spring sale", "pin", ("leaf-5",), query="leaf", starts=starts, ends=ends, note="why not"
    )
    assert stocked.put_rule(wanted) == wanted
    try:
        assert wanted in stocked.rules()
        assert ids(stocked.search(q="green leaf").products)[0] == "leaf-5"
        hiding = stocked.put_rule(replace(wanted, action="hide", query=""))
        assert "leaf-5" not in ids(stocked.search(q="green leaf").products)
        assert stocked.put_rule(replace(hiding, problem="told by the server")) == hiding
    finally:
        stocked.remove_rule("spring sale")
    assert ids(stocked.search(q="green leaf").products)[0] != "leaf-5"
    assert wanted.rule_id not in [rule.rule_id for rule in stocked.rules()]
    with pytest.raises(NotFoundError):
        stocked.remove_rule("spring sale")


def test_a_rule_that_is_none_is_refused(stocked: Client) -> None:
    for rule, told in (
        (Rule("r", "push"), "action: .*'pin', 'hide', 'boost' or 'bury'"),
        (Rule("r", "boost", ("leaf-1",), factor=0), "factor: .*greater than 0"),
        (Rule("r", "hide", filter="prize < 3"), "prize"),
        (Rule("a/b", "hide", ("leaf-1",)), "'a/b' cannot be a rule's id"),
        (Rule("", "hide", ("leaf-1",)), "1 to 200 characters"),
    ):
        with pytest.raises(QueryError, match=told):
            stocked.put_rule(rule)
    assert stocked.rules() == ()


def test_rules_are_for_those_with_the_key(make_client: Any, server: httpx.Client) -> None:
    with make_client(str(server.base_url), key="search") as client:
        with pytest.raises(ConfigError):
            client.rules()
        assert client.suggest("x").queries == ()


# ---- limits and likeness -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"like": [Thing("leaf")] * 17}, "like: .* at most 16 items"),
        ({"unlike": [Thing(weight=2)]}, r"unlike\.0: this asks for nothing"),
        ({"like": [Thing("leaf", weight=0)]}, r"like\.0\.weight: .*greater than 0"),
        ({"like": [Thing("leaf", weight=101)]}, "less than or equal to 100"),
        ({"like": [Thing("leaf", box=(0, 0, 1, 1))]}, "a box without a photo"),
        ({"q": "leaf", "diversity": 1.5}, "diversity: .*less than or equal to 1"),
        ({"q": "leaf", "sort": "cheap"}, "sort: .*'price:asc'"),
        ({"q": "leaf", "fields": ["titel"]}, r"fields\.0: .*'title'"),
        ({"q": "leaf", "facets": ["colur"]}, "colour"),
        ({"q": "leaf", "facets": ["x"] * 51}, "facets: .*at most 50"),
        ({"unlike": [Thing("red")]}, "ask for something too"),
    ],
)
def test_a_limit_is_told_in_the_servers_words(asked: Asked, told: str, stocked: Client) -> None:
    with pytest.raises(QueryError, match=told) as caught:
        stocked.search(**asked)
    assert status_of(caught.value) in {400, 422}


def test_every_part_of_a_question_can_be_asked() -> None:
    assert Narrowed.__annotations__.keys() == questions.Similar.model_fields.keys()
    asked = {*Asked.__annotations__, "image"}
    assert asked == questions.Search.model_fields.keys()
    assert {one.name for one in fields(Thing)} == questions.Thing.model_fields.keys()
    assert get_args(sending.Sort) == get_args(questions.SortName)
    told = {"rule_id", "problem"}
    assert {one.name for one in fields(Rule)} - told == rules.RulePut.model_fields.keys()

"""What ``shoplens search`` asks and shows; ``test_beside_server`` asks the same of a server."""

import io
import json
import re
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner
from rich.console import Console

from shoplens.cli.index import index
from shoplens.cli.search import search
from shoplens.cli.show import answer_parts
from shoplens.client.answers import Answer, Facet, FacetRange, FacetValue, Guess, Shown, Why
from shoplens.errors import ShoplensError
from shoplens.serve.routes.out.answers import AnswerOut
from small_shop import SmallShop


def told(command: click.Command, *arguments: str | Path, data: Path) -> str:
    shop = ["--data", str(data), "--encoder", "colour", "--store", "exact"]
    ended = CliRunner().invoke(command, [*map(str, arguments), *shop], env={"COLUMNS": "200"})
    assert ended.exit_code == 0, (ended.output, ended.exception)
    return ended.stdout


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> tuple[SmallShop, Path]:
    """Six squares: red, green, blue, red, green, blue, each dearer than the one before."""
    folder = tmp_path_factory.mktemp("shop")
    small = SmallShop(folder / "feed.csv", folder)
    small.write(small.rows(6))
    for i in range(6):
        small.draw(f"p{i}.png", i)
    told(index, small.feed, data=folder / "data")
    return small, folder / "data"


@pytest.fixture
def ask(shop: tuple[SmallShop, Path]) -> Any:
    def ask(*arguments: str | Path) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(told(search, *arguments, "--json", data=shop[1]))
        return answer

    return ask


def ids(answer: dict[str, Any]) -> list[str]:
    return [product["product_id"] for product in answer["products"]]


def test_json_holds_all_that_the_api_tells(ask: Any, shop: tuple[SmallShop, Path]) -> None:
    answer = ask("--image", shop[0].images / "p1.png", "--explain", "-k", "2")
    assert answer.keys() == set(AnswerOut.__annotations__)
    first = answer["products"][0]
    assert (first["product_id"], first["price"]) == ("p1", 11.5)
    assert 0 <= first["confidence"] <= 1
    assert first["why"]["shares"].keys() >= {"picture"}
    assert (answer["query_image_id"], first["why"]["map"]) == ("", "")
    assert len(answer["products"]) == 2


def test_what_is_liked_comes_up_and_what_is_not_goes_down(ask: Any) -> None:
    reds = {"p0", "p3"}
    assert set(ids(ask("--text", "square", "--like", "red", "--like", "number"))[:2]) == reds
    assert set(ids(ask("--text", "square number", "--unlike", "red"))[-2:]) == reds
    assert set(ids(ask("--like", "red"))[:2]) == reds


def test_an_order_and_facets_can_be_asked_for(ask: Any) -> None:
    answer = ask("--colour", "red", "--sort", "price:desc", "--facets", "colour, price", "-k", "3")
    assert ids(answer) == ["p5", "p4", "p3"]
    assert [facet["field"] for facet in answer["facets"]] == ["colour", "price"]
    assert answer["total"] == 6


def test_a_filter_alone_lists(ask: Any, shop: tuple[SmallShop, Path]) -> None:
    assert ids(ask("--filter", "price < 13", "--sort", "price:asc")) == ["p0", "p1", "p2"]
    assert "no confident match" not in told(search, "--filter", "price < 13", data=shop[1])


def test_a_table_says_how_many_and_what_they_hold(shop: tuple[SmallShop, Path]) -> None:
    shown = told(search, "--text", "red sqare", "--facets", "brand", "--explain", data=shop[1])
    assert "understood as: red square" in shown
    assert re.search(r"\d of (at least )?\d products", shown)
    assert "square & co (" in shown
    assert "red, sqare" in shown


def test_help_teaches_by_examples() -> None:
    helped = CliRunner().invoke(search, ["--help"]).stdout
    for example in ("--unlike stripes --explain", "--facets brand,price --sort price:asc"):
        assert f"{example}\n" in helped
    assert "[relevance|price:asc|price:desc|newest|popularity]" in helped


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        (("--unlike", "red"), "ask for something too"),
        (("--text", "red", "--colour", "reddish-ish"), "write #c0392b"),
        (("--text", "red", "--diversity", "2"), "range 0<=x<=1"),
        (("--text", "red", "--sort", "cheap"), "price:asc"),
        (("--text", "red", "--facets", "colur"), "colour"),
        (("--text", "red", "--offset", "-1"), "offset: Input should be"),
        (("--explain",), "give --image, --text, --product"),
    ],
)
def test_a_mistake_says_what_is_wanted(
    arguments: tuple[str, ...], wanted: str, shop: tuple[SmallShop, Path]
) -> None:
    here = ("--data", str(shop[1]), "--encoder", "colour", "--store", "exact")
    ended = CliRunner().invoke(search, [*arguments, *here])
    known = isinstance(ended.exception, (ShoplensError, SystemExit))
    assert known, ended.exception
    assert wanted in f"{ended.output} {ended.exception}"


def shown(answer: Answer) -> str:
    console = Console(width=200, file=io.StringIO(), record=True)
    for part in answer_parts(answer):
        console.print(part)
    return console.export_text()


FOUND = Shown("1", title="[red]boot", score=0.5, signals={"words": 3.0}, confidence=0.12)


def test_an_unsure_answer_says_so_and_guesses() -> None:
    guess = Guess(("Footwear", "Boots"), 0.62)
    text = shown(Answer("r", (FOUND,), total=30, match="none", guess=guess))
    assert text.startswith("no confident match; probably Footwear > Boots (62%)\n")
    assert "1 of at least 30 products" in text
    assert "[red]boot" in text
    assert "none 12%" in text
    assert shown(Answer("r", (FOUND,))).startswith("no confident match\n")
    assert "confident" not in shown(Answer("r", (FOUND,), match="similar"))
    assert "confident" not in shown(Answer("r", ()))


def test_reasons_stand_where_signals_stood() -> None:
    assert "words 3.00" in shown(Answer("r", (FOUND,)))
    why = Why({"words": 0.25, "stock": 0.01}, ("hiking", "boot"), ("red",), "/v1/maps/x.webp")
    found = Shown("1", signals={"words": 3.0}, why=why)
    assert "words 0.25 stock 0.01 · hiking, boot · red" in shown(Answer("r", (found,)))


def test_a_facet_is_one_line_of_counts() -> None:
    many = tuple(FacetValue(f"brand{i}", 9 - i) for i in range(9))
    ranges = (FacetRange(10, 20, 3), FacetRange(20, 30, 0), FacetRange(30, 40, 1))
    facets = (Facet("brand", "keyword", many), Facet("price", "number", ranges=ranges))
    text = shown(Answer("r", (), total_exact=True, facets=facets))
    assert "brand0 (9) · brand1 (8)" in text
    assert "brand7 (2) · …" in text
    assert "brand8" not in text
    assert "10–20 (3) · 30–40 (1)" in text
    assert "0 of 0 products" in text

import json
import tomllib
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from learn.toys import HEAD, material
from shoplens.errors import StorageError
from shoplens.learn.examples.splits import Split
from shoplens.learn.fitting.fit import Fitted
from shoplens.learn.judging.card import (
    SEEN,
    UNSEEN,
    Card,
    Times,
    card_of,
    markdown,
    write_card,
)
from shoplens.learn.judging.measure import Judged, Measured
from shoplens.learn.recipe import Recipe, open_recipe, recipe_names
from shoplens.types import Rejection

NOBODY = Measured({}, {}, ())


def measured(before: float, after: float, groups: int, each: int = 5) -> Measured:
    told = [
        {name: np.full(groups * each, value) for name in ("R@1", "MRR")}
        for value in (before, after)
    ]
    return Measured(told[0], told[1], tuple(f"p{i // each}" for i in range(groups * each)))


def made(seen: Measured = NOBODY, unseen: Measured = NOBODY) -> Card:
    some = material(4, 3)
    places = np.arange(16)
    nobody = places[:0]
    examples = replace(some.examples, refused=(Rejection("photo.jpg", "it is cut off", "p01"),))
    card = card_of(HEAD, examples, Split(places, nobody, nobody, nobody, places[::4]), ["few"])
    fitted = Fitted(12, 7, ((0.5, 0.25), (0.4, 0.5)), 1.5, resumed=False)
    card = replace(card, name="head-1", base="colour", fingerprint="abc", fitted=fitted)
    card = replace(card, times=Times(1, 2, 3, 4), device="CPU, 1 threads", size_bytes=1_500_000)
    return card.judged(Judged(seen, NOBODY), Judged(unseen, NOBODY))


def strict(text: str) -> Any:
    """Read JSON as browsers do: they know no Infinity."""

    def refuse(name: str) -> float:
        raise ValueError(name)

    return json.loads(text, parse_constant=refuse)


def test_a_card_tells_before_and_after_of_both_parts() -> None:
    card = made(measured(0.25, 0.75, 4), measured(0.5, 0.75, 8))
    assert card.safe
    assert [(line.part, line.metric) for line in card.lines] == [
        (SEEN, "R@1"),
        (SEEN, "MRR"),
        (UNSEEN, "R@1"),
        (UNSEEN, "MRR"),
    ]
    first = card.lines[0]
    assert (first.before, first.after, first.low, first.high) == (0.25, 0.75, 0.5, 0.5)
    assert (first.photos, first.products) == (20, 4)
    assert card.told().startswith("head-1 may be promoted: products it never saw")


def test_its_json_is_what_lists_of_models_read() -> None:
    card = made(measured(0.25, 0.75, 4), measured(0.5, 0.75, 8))
    told = strict(card.to_json())
    assert (told["seen"]["metric"], told["unseen"]["after"]) == ("R@1", 0.75)
    assert told["summary"] == told["reason"] == card.reason
    assert told["refused"] == [
        {"where": "photo.jpg", "reason": "it is cut off", "product_id": "p01"}
    ]
    assert told["fitted"]["history"] == [[0.5, 0.25], [0.4, 0.5]]
    assert told["recipe"]["epochs"] == 12
    assert {"machine", "torch", "shoplens"} <= told.keys()


def test_a_single_product_bounds_nothing_and_is_still_json() -> None:
    card = made(measured(0.25, 0.75, 1), measured(0.5, 0.75, 1, each=30))
    assert not card.safe
    assert [(line.low, line.high) for line in card.lines] == [(-1, 1)] * 4
    assert strict(card.to_json())["seen"]["high"] == 1
    assert "inf" not in markdown(card)


def test_a_card_without_figures_is_one_too() -> None:
    card = made()
    assert (card.lines, card.safe) == ((), False)
    assert not {"seen", "unseen"} & strict(card.to_json()).keys()
    assert "**Will not be promoted**: 0 photos" in markdown(card)


def test_its_page_says_how_it_was_made() -> None:
    page = markdown(made(measured(0.25, 0.75, 4), measured(0.5, 0.75, 8)))
    for line in (
        "# head-1",
        "photos held out | R@1 | 0.250 | 0.750 | +0.500 (+0.500 to +0.500) | 20 of 4 |",
        "## What is weak\n\n- few",
        "- 12 epochs, the best was 7",
        "- base encoder colour, recipe head, seed 0",
        "1.5 MB, fingerprint abc",
        "left out: 1, because: it is cut off (1)",
        "licence of the base: not told",
    ):
        assert line in page


@pytest.mark.parametrize("name", recipe_names())
def test_the_recipe_on_its_page_is_one_that_opens(name: str) -> None:
    recipe = replace(open_recipe(name), about='says "so", and\nmore \\ 更多', rate=1e-7)
    page = markdown(Card(recipe, (), ()))
    text = page[page.index("```toml\n") + 8 : page.rindex("\n```")]
    told = tomllib.loads(text)
    assert set(told) == {field.name for field in fields(Recipe)} - {"name"}
    assert Recipe(name=name, **told) == recipe


def test_both_files_are_written_or_it_is_told(tmp_path: Path) -> None:
    card = made()
    write_card(card, tmp_path)
    assert strict((tmp_path / "card.json").read_text("utf-8"))["name"] == "head-1"
    assert (tmp_path / "card.md").read_text("utf-8") == markdown(card)
    with pytest.raises(StorageError, match="nowhere"):
        write_card(card, tmp_path / "nowhere")

import math
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from shoplens.learn.examples.clicks import CoClicks, co_clicks, paired
from shoplens.learn.examples.gather import Example, Examples

PRODUCTS = set("abcdefgh")
Read = Callable[..., CoClicks]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read(rows: list[str], header: str = "session,product_id", **options: int) -> CoClicks:
        path = tmp_path / "clicks.csv"
        path.write_text("\n".join([header, *rows]), encoding="utf-8")
        return co_clicks(path, PRODUCTS, **options)

    return read


def visits(*visits: str) -> list[str]:
    return [f"s{i},{product}" for i, visit in enumerate(visits) for product in visit]


def test_the_weight_is_how_much_more_often_than_by_chance(read: Read) -> None:
    found = read(visits("ab", "ab", "ab", "c", "d", "e", "f", "abg"))
    assert found.pairs == (("a", "b", 1.0),)  # log2(8 * 4 / (4 * 4))
    assert (found.visits, found.robots) == (8, 0)


def test_what_is_seen_with_everything_says_nothing(read: Read) -> None:
    assert read(visits("ab", "ac", "ad", "ab", "ab")).pairs == ()


def test_a_few_visits_are_chance(read: Read) -> None:
    rows = visits("ab", "ab", "c", "d")
    assert read(rows).pairs == ()
    assert read(rows, fewest=2).pairs == (("a", "b", 1.0),)


def test_clicking_the_same_again_counts_once(read: Read) -> None:
    assert read(visits("aabba", "ab", "ab", "c")).pairs == (
        ("a", "b", pytest.approx(0.415, abs=1e-3)),
    )


def test_robots_are_counted_and_left_out(read: Read) -> None:
    found = read(visits("ab", "ab", "ab", "c", "abcdef"), longest=5)
    assert (found.visits, found.robots) == (4, 1)
    assert [pair[:2] for pair in found.pairs] == [("a", "b")]


def test_whoever_comes_back_later_wants_something_else(read: Read) -> None:
    header = "session,product_id,time"
    rows = [f"s,{p},2026-01-0{day}T10:0{i}:00Z" for day in (1, 2, 3) for i, p in enumerate("ab")]
    rows += [f"s,c,2026-02-0{day}" for day in (1, 2, 3)]
    found = read(rows, header)
    assert found.visits == 6
    assert [pair[:2] for pair in found.pairs] == [("a", "b")]
    epoch = [f"s,{p},{1_767_261_600_000 + 86_400_000 * d}" for d in range(3) for p in "ab"]
    assert read(epoch, header).visits == 3


def test_bad_rows_are_told_and_strangers_once(read: Read) -> None:
    rows = [",a,", "s,,", "s,zzz,", "s,zzz,", "s,a,yesterday", "s,a,nan", "s,b,"]
    found = read(rows, "session,product_id,time")
    assert [(one.where, one.reason) for one in found.refused] == [
        ("line 2", "no session is given"),
        ("line 3", "no product is given"),
        ("line 6", "time is 'yesterday'; wanted ISO 8601, or seconds since 1970"),
        ("line 7", "time is 'nan'; wanted ISO 8601, or seconds since 1970"),
        ("product zzz", "the shop has no such product; it was clicked 2 times"),
    ]
    assert found.visits == 1


def test_pairs_are_those_that_counting_by_hand_finds(read: Read) -> None:
    rng = np.random.default_rng(5)
    drawn = ["".join(sorted(set(rng.choice(list("abcdefgh"), 3)))) for _ in range(60)]
    wanted = {
        (a, b): math.log2(60 * k / (sum(a in v for v in drawn) * sum(b in v for v in drawn)))
        for a, b in combinations("abcdefgh", 2)
        if (k := sum(a in v and b in v for v in drawn)) >= 3
    }
    found = read(visits(*drawn)).pairs
    assert {(a, b): w for a, b, w in found} == pytest.approx(
        {p: w for p, w in wanted.items() if w > 0}
    )
    assert [w for _, _, w in found] == sorted((w for _, _, w in found), reverse=True)


def test_clicks_pair_the_pictures_of_two_labels() -> None:
    made = [Example(name, name, name[0], name, "gallery", name, "f") for name in ("a1", "a2", "b1")]
    shop = Examples(tuple(made), products={"a1": 0, "a2": 1, "b1": 2})
    clicked = [("a1", "b1", 2.0), ("a1", "a2", 1.0), ("b1", "gone", 1.0), ("a1", "b1", 2.0)]
    assert paired(shop, clicked).pairs == ((0, 2),)

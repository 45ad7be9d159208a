import numpy as np

from shoplens.learn.examples.gather import Example, Examples
from shoplens.learn.examples.inspect.told import told
from shoplens.learn.examples.splits import make_split
from shoplens.types import Rejection


def shop(way: str = "product") -> Examples:
    """Twenty products: five with one picture, fifteen with six; two photos of each from files."""
    found: list[Example] = []
    for number in range(20):
        for place in range(6 if number >= 5 else 1):
            role = "photo" if place and way == "product" else "gallery"
            feed = "" if place > 3 else "feed"
            name = f"{number}-{place}"
            found.append(Example(name, f"p{number}", f"p{number}", f"p{number}", role, name, feed))
    refused = [Rejection("x", "cut off"), Rejection("y", "cut off"), Rejection("z", "gone")]
    return Examples(tuple(found), tuple(refused), ((0, 1),), way=way)


def test_a_shop_is_told_what_there_is() -> None:
    examples = shop()
    lines = told(examples, make_split(examples, np.random.default_rng(0)))
    begun = [line.partition(": ")[0] for line in lines]
    assert begun[:2] == ["95 pictures of 20 products", "pictures of one"]
    assert begun[2:4] == ["1 pairs of products were clicked together", "trained on"]
    assert begun[4:6] == ["held out to judge by", "watched to stop in time"]
    assert begun[6:] == ["only answering", "left out"]
    said = "\n".join(line.partition(": ")[2] for line in lines)
    assert "20 catalogue pictures that answer, 75 photos that ask, 30 of them from files" in said
    assert "1 at least, 6 in the middle, 6 at most; 5 have one only" in said
    assert "45 pictures of 10 products" in said
    assert "10 pictures of 10 products that are trained on, 15 of 3 that are not" in said
    assert "5 pictures of 5 products that are trained on, 10 of 2 that are not" in said
    assert "10 pictures of products that are not trained on" in said
    assert "3, because: cut off (2); gone (1)" in said


def test_pictures_of_a_category_ask_and_answer() -> None:
    examples = shop("category")
    lines = told(examples, make_split(examples, np.random.default_rng(0)))
    assert lines[0].startswith("95 pictures of 20 categories: 95 catalogue pictures that ask and")
    assert not any(line.startswith("only answering") for line in lines)


def test_an_empty_shop_is_told_too() -> None:
    empty = Examples(())
    assert told(empty, make_split(empty, np.random.default_rng(0)))[0] == "no pictures"

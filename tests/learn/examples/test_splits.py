from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shoplens.errors import MismatchError
from shoplens.learn.examples.gather import Declared, Example, Examples
from shoplens.learn.examples.splits import Ints, Split, check, folds, kinds_of, make_split


@dataclass(frozen=True, slots=True)
class Made:
    """A product of a made shop: how many pictures, and the label where that is not its id."""

    group: int
    pictures: int
    label: int = 0


def shop(products: list[Made], way: str = "product", shared: int = 0) -> Examples:
    """Draw nothing: a picture's hash tells what is in it; ``shared`` products show one picture."""
    joined = {made.group for made in products[:shared]}
    found: list[Example] = []
    for number, made in enumerate(products):
        label = {"product": f"p{number}", "group": f"g{made.group}"}.get(way, f"l{made.label}")
        for place in range(made.pictures):
            copied = number < shared and place == 1
            found.append(
                Example(
                    image_hash="copy" if copied else f"{number}-{place}",
                    product_id=f"p{number}",
                    label=label,
                    group="g-shared" if made.group in joined else f"g{made.group}",
                    role="photo" if place and way == "product" else "gallery",
                    source=f"{number}-{place}.jpg",
                    feed="feed",
                )
            )
    return Examples(tuple(found), way=way)


made = st.builds(Made, st.integers(0, 12), st.integers(1, 6), st.integers(0, 5))
ways = st.sampled_from(["product", "group", "category", "colour"])
DECLARED: list[Declared] = ["train", "val", "test"]


@st.composite
def shops(draw: st.DrawFn) -> Examples:
    products = draw(st.lists(made, min_size=1, max_size=15))
    examples = shop(products, draw(ways), draw(st.integers(0, 2)))
    parts = draw(st.sampled_from([[], ["train", "val"], ["train", "test"], DECLARED]))
    if not parts:
        return examples
    photos = [i for i, e in enumerate(examples.all) if e.source.split("-")[1] > "1"]
    chosen = (
        draw(st.dictionaries(st.sampled_from(photos), st.sampled_from(parts))) if photos else {}
    )
    return replace(examples, declared=chosen)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def parts_of(split: Split) -> dict[str, set[int]]:
    named = {
        "train": split.train,
        "dev": split.dev,
        "seen": split.seen,
        "unseen": split.unseen,
        "dev_unseen": split.dev_unseen,
    }
    return {name: set(map(int, places)) for name, places in named.items()}


def labels(examples: Examples, places: Ints | set[int]) -> set[str]:
    return {examples.all[int(i)].label for i in places}


def groups(examples: Examples, places: Ints | set[int]) -> set[str]:
    return {examples.all[int(i)].group for i in places}


# ---- always --------------------------------------------------------------------------------------


@given(examples=shops(), seed=st.integers(0, 99), augmented=st.booleans())
@settings(deadline=None, max_examples=60)
def test_every_picture_that_asks_is_in_one_part_and_one_only(
    examples: Examples, seed: int, *, augmented: bool
) -> None:
    split = make_split(examples, rng(seed), augmented=augmented)
    parts = parts_of(split)
    placed = [i for part in parts.values() for i in part]
    assert len(placed) == len(set(placed))
    asking = {
        i for i, e in enumerate(examples.all) if examples.way != "product" or e.role == "photo"
    }
    assert asking <= set(placed)
    gallery = [i for i, e in enumerate(examples.all) if e.role == "gallery"]
    assert split.gallery.tolist() == gallery
    assert set(map(int, split.unseen_declared)) <= parts["unseen"]


@given(examples=shops(), seed=st.integers(0, 99))
@settings(deadline=None, max_examples=60)
def test_nothing_of_what_is_unseen_is_trained_on(examples: Examples, seed: int) -> None:
    parts = parts_of(make_split(examples, rng(seed)))
    for held in ("unseen", "dev_unseen"):
        if examples.way in {"product", "group"} or not examples.declared:
            assert not groups(examples, parts[held]) & groups(examples, parts["train"])
        assert not labels(examples, parts[held]) & labels(examples, parts["train"])


@given(examples=shops(), seed=st.integers(0, 99))
@settings(deadline=None, max_examples=60)
def test_what_is_seen_is_of_something_trained_on(examples: Examples, seed: int) -> None:
    parts = parts_of(make_split(examples, rng(seed)))
    of = groups if examples.way in {"product", "group"} else labels
    for held in ("seen", "dev"):
        assert of(examples, parts[held]) <= of(examples, parts["train"])
        if not examples.declared:
            trained = {examples.all[i].image_hash for i in parts["train"]}
            assert not trained & {examples.all[i].image_hash for i in parts[held]}


@given(examples=shops(), seed=st.integers(0, 99))
@settings(deadline=None, max_examples=60)
def test_what_a_file_holds_out_is_never_trained_on(examples: Examples, seed: int) -> None:
    parts = parts_of(make_split(examples, rng(seed)))
    held = {i for i, part in examples.declared.items() if part != "train"}
    assert not held & parts["train"]
    if {"val", "test"} <= set(examples.declared.values()):
        watched = {i for i, part in examples.declared.items() if part == "val"}
        assert not watched & parts["seen"]


@given(examples=shops(), seed=st.integers(0, 99))
@settings(deadline=None, max_examples=60)
def test_the_gallery_pictures_trained_on_have_a_photo_that_is(
    examples: Examples, seed: int
) -> None:
    split = make_split(examples, rng(seed))
    if examples.way == "product":
        trained = [examples.all[int(i)] for i in split.train]
        photos = {e.product_id for e in trained if e.role == "photo"}
        assert {e.product_id for e in trained if e.role == "gallery"} == photos


@given(examples=shops(), seed=st.integers(0, 99))
@settings(deadline=None, max_examples=60)
def test_one_seed_makes_one_split(examples: Examples, seed: int) -> None:
    first, second = (parts_of(make_split(examples, rng(seed))) for _ in range(2))
    assert first == second


@given(
    products=st.lists(st.integers(3, 9), min_size=3, max_size=30),
    way=st.sampled_from(["product", "category"]),
    seed=st.integers(0, 99),
)
@settings(deadline=None, max_examples=60)
def test_small_shops_have_something_of_each(products: list[int], way: str, seed: int) -> None:
    made = [Made(number, pictures, number // 2) for number, pictures in enumerate(products)]
    examples = shop(made, way)
    split = make_split(examples, rng(seed))
    if len(set(labels(examples, split.gallery))) >= 3:
        assert len(split.unseen)
        assert len(labels(examples, split.train)) >= 2
    if way == "product":
        assert len(split.seen)
        assert len(split.dev)
        check(examples, split)


# ---- shares --------------------------------------------------------------------------------------


def test_shares_are_what_was_asked_for() -> None:
    examples = shop([Made(i, 11) for i in range(100)])
    split = make_split(examples, rng(1), unseen=0.3, held_photos=0.2, dev=0.1)
    parts = parts_of(split)
    assert len(labels(examples, parts["unseen"])) == 30
    assert len(labels(examples, parts["dev_unseen"])) == 10
    assert len(parts["seen"]) == 120  # of 600 photos of 60 products
    assert len(parts["dev"]) == 60
    photos = Counter(examples.all[i].label for i in parts["seen"])
    assert set(photos.values()) == {2}  # the same of each


def test_nothing_is_held_out_where_nothing_is_asked_for() -> None:
    examples = shop([Made(i, 4) for i in range(10)])
    split = make_split(examples, rng(), unseen=0, held_photos=0, dev=0)
    assert len(split.train) == len(examples.all)


def test_groups_of_all_sizes_are_unseen() -> None:
    examples = shop([Made(i, 2 if i < 50 else 20) for i in range(100)])
    for seed in range(5):
        sizes = Counter(examples.all[int(i)].label for i in make_split(examples, rng(seed)).unseen)
        assert sum(size == 1 for size in sizes.values()) == 10


def test_a_label_that_is_most_of_the_shop_is_not_held_out() -> None:
    examples = shop([Made(i, 1, 0 if i < 60 else i % 10) for i in range(100)], "colour")
    for seed in range(10):
        split = make_split(examples, rng(seed))
        assert "l0" not in labels(examples, split.unseen)
        assert 0 < len(split.unseen) <= 20


def test_products_with_one_picture_only_take_part_where_views_ask() -> None:
    examples = shop([Made(i, 1 if i < 8 else 3) for i in range(10)])
    plain, augmented = (make_split(examples, rng(), augmented=on) for on in (False, True))
    assert labels(examples, plain.train) <= {"p8", "p9"}
    assert len(labels(examples, augmented.train) | labels(examples, augmented.unseen)) == 9
    assert len(augmented.dev_unseen) == 1 or len(labels(examples, augmented.dev_unseen)) == 1


# ---- what a file declares ------------------------------------------------------------------------


def test_unseen_products_are_judged_by_their_declared_photos_too() -> None:
    examples = shop([Made(i, 7) for i in range(20)])
    declared: dict[int, Declared] = {
        i: "val" if e.source.endswith(("-5.jpg", "-6.jpg")) else "train"
        for i, e in enumerate(examples.all)
        if e.role == "photo"
    }
    split = make_split(replace(examples, declared=declared), rng())
    assert len(labels(examples, split.unseen)) == 4
    assert len(split.unseen) == 24
    assert len(split.unseen_declared) == 8
    assert all(declared[int(i)] == "val" for i in split.seen)
    assert all(declared[int(i)] == "train" for i in split.dev)
    assert len(split.seen) == 28  # 14 products that are neither unseen nor watched


def test_with_test_and_val_declared_val_is_for_stopping() -> None:
    examples = shop([Made(i, 7) for i in range(20)])
    cycle: list[Declared] = ["train", "train", "val", "test"]
    declared = {i: cycle[i % 4] for i, e in enumerate(examples.all) if e.role == "photo"}
    split = make_split(replace(examples, declared=declared), rng())
    assert {declared[int(i)] for i in split.seen} == {"test"}
    assert {declared[int(i)] for i in split.dev} == {"val"}
    assert {declared[int(i)] for i in split.unseen_declared} == {"test"}


# ---- folds ---------------------------------------------------------------------------------------


@given(products=st.lists(made, min_size=2, max_size=25), way=ways, seed=st.integers(0, 99))
@settings(deadline=None, max_examples=60)
def test_over_all_folds_each_is_unseen_once(products: list[Made], way: str, seed: int) -> None:
    examples = shop(products, way)
    asking = [e for e in examples.all if way != "product" or e.role == "photo"]
    grouped = way in {"product", "group"}
    units = Counter((e.group if grouped else e.label) for e in asking)
    k = min(4, len(units))
    if k < 2:
        with pytest.raises(MismatchError, match="2 folds cannot be made of"):
            folds(examples, 2, rng(seed))
        return
    found = folds(examples, k, rng(seed))
    asked = Counter(int(i) for split in found for i in split.unseen)
    assert len(asked) == len(asking)
    if grouped:
        assert set(asked.values()) == {1}
    for split in found:
        parts = parts_of(split)
        assert not labels(examples, parts["unseen"]) & labels(examples, parts["train"])
        assert not groups(examples, parts["unseen"]) & groups(examples, parts["train"])


def test_there_are_no_more_folds_than_groups() -> None:
    with pytest.raises(MismatchError, match="9 folds cannot be made of 3 groups"):
        folds(shop([Made(i, 3) for i in range(3)]), 9, rng())


# ---- what can be learnt --------------------------------------------------------------------------


def checked(examples: Examples, *, augmented: bool = False) -> list[str]:
    return check(examples, make_split(examples, rng(), augmented=augmented), augmented=augmented)


@pytest.mark.parametrize(
    ("examples", "said"),
    [
        (Examples(()), "no picture to learn from, and 0 were refused"),
        (shop([Made(0, 5)]), "all 5 pictures are of one kind, 'p0'"),
        (shop([Made(0, 5, 1), Made(1, 5, 1)], "category"), "tells categories apart"),
        (shop([Made(0, 5), Made(1, 5)]), "there are 2 products; wanted 3 at least"),
        (
            shop([Made(i, 1) for i in range(9)]),
            "each of the 9 products has one picture only.*--aug",
        ),
    ],
)
def test_what_cannot_teach_is_refused_with_what_is_wanted(examples: Examples, said: str) -> None:
    with pytest.raises(MismatchError, match=said):
        checked(examples)


def test_a_file_that_holds_out_everything_is_refused() -> None:
    examples = shop([Made(i, 3) for i in range(9)])
    declared: dict[int, Declared] = dict.fromkeys(range(len(examples.all)), "val")
    with pytest.raises(MismatchError, match="0 of 0 products are left to train on"):
        checked(replace(examples, declared=declared))


def test_single_pictures_are_enough_where_views_ask() -> None:
    assert checked(shop([Made(i, 1) for i in range(9)]), augmented=True)


def test_a_good_shop_gets_no_warning() -> None:
    assert checked(shop([Made(i, 20) for i in range(20)])) == []


def test_weak_examples_are_told() -> None:
    said = checked(shop([Made(i, 2 if i < 5 else 4) for i in range(10)]))
    assert said[0].startswith("5 of 10 products (50%) have fewer than 3 pictures")
    assert any(
        line.endswith("judge new products: too few to tell a small difference") for line in said
    )
    assert any("judge known products" in line for line in said)


def test_labels_that_look_like_one_are_told_unless_they_are_ids() -> None:
    examples = shop([Made(i, 30, i % 4) for i in range(12)], "category")
    spelt = {"l0": "T-Shirt", "l1": "Tshirt", "l2": "Dress", "l3": "Coat"}
    named = tuple(replace(e, label=spelt[e.label]) for e in examples.all)
    (line,) = checked(replace(examples, all=named))
    assert line.startswith("these look like one: 'T-Shirt' (90), 'Tshirt' (90): the same but for")
    assert checked(replace(shop([Made(i, 30) for i in range(9)]), way="product")) == []


def test_a_picture_with_two_labels_is_told() -> None:
    said = checked(shop([Made(i, 40) for i in range(9)], shared=2))
    assert said == [
        "one picture has 2 labels, 'p0', 'p1': 0-1.jpg",
        "if products that share a picture are variants of one thing, learn by group",
    ]


def test_a_long_list_of_doubts_is_cut() -> None:
    examples = shop([Made(i, 30) for i in range(30)])
    twice = tuple(
        replace(e, image_hash=f"both{i % 30}") if i // 30 < 2 else e
        for i, e in enumerate(examples.all)
    )
    assert "and 25 more such pictures" in checked(replace(examples, all=twice))


def test_labels_are_named_in_the_plural() -> None:
    assert kinds_of("product") == "products"
    assert kinds_of("category") == "categories"
    assert kinds_of("colour") == "values of colour"

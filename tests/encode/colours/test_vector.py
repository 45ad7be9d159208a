import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ciede2000 import ciede2000
from shoplens.encode.colours.dominant import Dominant, dominant
from shoplens.encode.colours.lab import Lab, lab_of
from shoplens.encode.colours.names import name_of
from shoplens.encode.colours.vector import ANCHORS, COLOUR_DIM, colour_vector, query_vector
from shoplens.feed.sampleshop.shop import FOLDER, feed
from shoplens.images.decode import decode
from shoplens.types import Embedding

Rgb = tuple[int, int, int]
LEVELS, STEPS = st.integers(0, 255), st.integers(-12, 12)
colours = st.tuples(LEVELS, LEVELS, LEVELS)
RED, WHITE, BLUE = (196, 30, 40), (250, 250, 250), (40, 90, 180)


def lab(rgb: Rgb) -> Lab:
    return Lab.of_row(lab_of(np.array(rgb, np.uint8)))


def product(*parts: tuple[Rgb, float]) -> tuple[Dominant, ...]:
    return tuple(Dominant(lab(rgb), share, name_of(lab(rgb))) for rgb, share in parts)


@given(colours, st.lists(st.tuples(colours, st.floats(0.03, 1)), min_size=1, max_size=3))
def test_every_colour_and_product_is_a_unit_row(
    picked: Rgb, parts: list[tuple[Rgb, float]]
) -> None:
    for row in (query_vector(picked), colour_vector(product(*parts))):
        assert row.shape == (COLOUR_DIM,)
        assert row.dtype == np.float32
        assert float(np.linalg.norm(row)) == pytest.approx(1, abs=1e-5)


@given(colours)
def test_a_product_of_one_colour_is_found_by_exactly_that(picked: Rgb) -> None:
    row = colour_vector(product((picked, 0.9)))
    assert float(query_vector(picked) @ row) == pytest.approx(1, abs=1e-5)
    assert float(query_vector(lab(picked)) @ row) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        (Lab(50.0, 2.6772, -79.7751), Lab(50.0, 0.0, -82.7485), 2.0425),
        (Lab(50.0, 2.5, 0.0), Lab(58.0, 24.0, 15.0), 19.4535),
        (Lab(6.7747, -0.2908, -2.4247), Lab(5.8714, -0.0985, -2.2286), 0.6377),
        (Lab(90.8027, -2.0831, 1.4410), Lab(91.1528, -1.6435, 0.0447), 1.4441),
    ],
)
def test_the_oracle_gives_the_published_values(one: Lab, other: Lab, apart: float) -> None:
    assert ciede2000(one, other) == pytest.approx(apart, abs=1e-4)


@given(colours, st.tuples(STEPS, STEPS, STEPS), colours)
def test_a_nearer_colour_scores_higher(picked: Rgb, step: Rgb, other: Rgb) -> None:
    red, green, blue = (
        min(max(level + by, 0), 255) for level, by in zip(picked, step, strict=True)
    )
    near = red, green, blue
    query, small = query_vector(picked), ciede2000(lab(picked), lab(near))
    large = ciede2000(lab(picked), lab(other))
    if large > 1.5 * small + 8:
        assert float(query @ query_vector(near)) > float(query @ query_vector(other)) - 0.02


def test_scores_fall_as_the_module_promises_and_in_the_order_of_ciede2000() -> None:
    rng = np.random.default_rng(0)
    others = [tuple(row) for row in rng.integers(0, 256, (150, 3)).tolist()]
    gallery, labs = np.stack([query_vector(rgb) for rgb in others]), [lab(rgb) for rgb in others]
    scores = gallery @ gallery.T
    apart = np.array([[ciede2000(one, other) for other in labs] for one in labs])
    for difference, score in ((10, 0.85), (20, 0.5), (40, 0.1)):
        assert scores[abs(apart - difference) < 2.5].mean() == pytest.approx(score, abs=0.1)
    ranks = [(-rows).argsort(axis=1).argsort(axis=1) for rows in (scores, -apart)]
    order = [np.corrcoef(found, true)[0, 1] for found, true in zip(*ranks, strict=True)]
    assert np.mean(order) > 0.9


@given(st.floats(0.05, 0.9), st.floats(0.01, 0.1))
def test_the_more_of_a_colour_the_higher_the_score(share: float, more: float) -> None:
    shares = (share, share + more)
    less, much = (
        float(query_vector(RED) @ colour_vector(product((RED, s), (WHITE, 1 - s)))) for s in shares
    )
    assert less < much


def test_the_other_colour_of_a_product_finds_it_too() -> None:
    striped = colour_vector(product((WHITE, 0.6), (BLUE, 0.4)))
    plain = colour_vector(product((WHITE, 1.0)))
    assert float(query_vector(BLUE) @ striped) > 0.4
    assert float(query_vector(BLUE) @ plain) < 0.2


def test_stored_rows_mean_the_same_on_every_machine() -> None:
    """Rows of last year are compared with today's queries: anchors and formulas must not move."""
    assert len(set(ANCHORS.split())) == COLOUR_DIM
    row = query_vector((192, 57, 43))
    assert row[:6] == pytest.approx(STORED, abs=2e-4)


def test_a_picked_colour_finds_the_sample_shops_products_of_its_name() -> None:
    """Measured: 0.72 of the first ten; 9 to 21 of the 171 products have each name."""
    items = feed().read_text(encoding="utf-8").split("<item>")[1:]
    rows: list[Embedding] = []
    families: list[str] = []
    for item in items:
        found = re.search(r"image_link>(.*?)<.*<g:custom_label_1>(.*?)<", item, re.DOTALL)
        assert found
        data = (FOLDER / found[1]).read_bytes()
        rows.append(colour_vector(dominant(decode(data, min_side_px=300))))
        families.append(found[2])
    gallery = np.stack(rows)
    right: list[bool] = [
        families[i] == family
        for family, picked in PICKED.items()
        for i in np.argsort(-(gallery @ query_vector(picked)))[:10].tolist()
    ]
    assert float(np.mean(right)) > 0.68


PICKED = {
    "red": (196, 36, 42), "orange": (232, 114, 28), "yellow": (242, 203, 29),
    "green": (47, 143, 70), "blue": (44, 98, 173), "purple": (109, 59, 149),
    "pink": (240, 140, 174), "brown": (122, 74, 40), "black": (31, 31, 33),
}  # fmt: skip
STORED = [0.0699, -0.0098, -0.0229, 0.0208, 0.0388, 0.6298]

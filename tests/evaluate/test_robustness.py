from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from drawn_products import draw_product
from shoplens.errors import ConfigError, ImageError
from shoplens.evaluate.asking import Asking
from shoplens.evaluate.judged.judgements import Judgements, Question
from shoplens.evaluate.robustness import (
    CORRUPTIONS,
    LEVELS,
    Corruption,
    corrupt,
    robustness,
)
from shoplens.evaluate.runs import Placed
from shoplens.types import Pixels, Query

SHIRT = draw_product("shirt", "crimson", "stripes", 120)
every_way = pytest.mark.parametrize("name", CORRUPTIONS)


def harm(name: Corruption, level: int, seed: int = 0) -> float:
    """How far a spoilt shirt is from the shirt, laid over it: mean difference of levels."""
    spoilt = corrupt(SHIRT, name, level, np.random.default_rng(seed))
    if spoilt.shape != SHIRT.shape:
        spoilt = np.asarray(Image.fromarray(spoilt).resize((120, 120)))
    return float(np.abs(spoilt.astype(float) - SHIRT).mean())


@every_way
def test_level_0_is_untouched_and_each_level_is_worse(name: Corruption) -> None:
    assert corrupt(SHIRT, name, 0, np.random.default_rng(0)) is SHIRT
    levels = LEVELS[:4] if name == "rotation" else LEVELS  # on its side a shirt fits itself again
    harms = [np.mean([harm(name, level, seed) for seed in range(12)]) for level in levels]
    assert harms[0] > 0
    assert all(above < below for above, below in pairwise(harms)), harms


@every_way
@settings(max_examples=12)
@given(height=st.integers(1, 40), width=st.integers(1, 40), level=st.sampled_from(LEVELS))
def test_pictures_of_any_size_stay_pictures(
    name: Corruption, height: int, width: int, level: int
) -> None:
    picture = np.full((height, width, 3), 90, np.uint8)
    picture.setflags(write=False)  # as decoded ones are
    spoilt = corrupt(picture, name, level, np.random.default_rng(0))
    assert spoilt.dtype == np.uint8
    assert spoilt.ndim == 3
    if name != "crop":
        assert spoilt.shape == picture.shape
    again = corrupt(picture, name, level, np.random.default_rng(0))
    assert np.array_equal(spoilt, again)


def test_a_crop_keeps_its_share_and_an_occlusion_hides_its_share() -> None:
    rng = np.random.default_rng(0)
    assert corrupt(SHIRT, "crop", 5, rng).shape == (60, 60, 3)
    grey = np.full((100, 200, 3), 7, np.uint8)
    hidden = (corrupt(grey, "occlusion", 3, rng) != 7).any(axis=2).mean()
    assert hidden == pytest.approx(0.2, abs=0.01)


@pytest.mark.parametrize("level", [-1, 6])
def test_there_are_five_levels(level: int) -> None:
    with pytest.raises(ConfigError, match="there are 1 to 5"):
        corrupt(SHIRT, "blur", level, np.random.default_rng(0))


# ---- the curve -----------------------------------------------------------------------------------


def look(data: bytes) -> Pixels:
    if data == b"bad":
        raise ImageError("not a picture")
    return SHIRT


def ask(query: Query) -> list[Placed]:
    """Recognise the shirt as long as most of its pixels are what they were."""
    assert query.picture is not None
    same = query.picture.shape == SHIRT.shape
    close = same and np.abs(query.picture.astype(float) - SHIRT).mean() < 25
    return [Placed("shirt" if close else "bag", 1.0)]


def nothing(_step: str, _done: int, _total: int) -> None:
    pass


def test_the_curve_starts_untouched_and_falls(tmp_path: Path) -> None:
    (tmp_path / "good").write_bytes(b"good")
    (tmp_path / "bad").write_bytes(b"bad")
    questions = (
        *(Question(f"q{i}", tmp_path / "good") for i in range(3)),
        Question("bad", tmp_path / "bad"),
        Question("words", text="shirt"),
    )
    judgements = Judgements(questions, {one.query_id: {"shirt": 1.0} for one in questions})
    rng = np.random.default_rng(0)
    points = robustness(judgements, Asking(ask, look), 3, {}, rng, nothing)
    means = {(p.corruption, p.level): p.figures["success@1"].mean for p in points}
    assert len(means) == len(points) == 1 + 5 * len(CORRUPTIONS)
    assert {point.questions for point in points} == {3}
    assert means["none", 0] == 1
    assert means["noise", 1] == 1
    assert means["noise", 5] == means["crop", 1] == 0


def test_words_alone_cannot_be_spoilt() -> None:
    judgements = Judgements((Question("words", text="shirt"),), {"words": {"shirt": 1.0}})
    with pytest.raises(ConfigError, match="no question has one"):
        robustness(judgements, Asking(ask, look), 3, {}, np.random.default_rng(0), nothing)

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shoplens.learn.views.augment import augment
from shoplens.types import Pixels


def picture(height: int, width: int, seed: int = 0) -> Pixels:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


sides = st.integers(1, 40)
strengths = st.floats(0, 1)


@settings(deadline=None)
@given(height=sides, width=sides, seed=st.integers(0, 2**32))
def test_no_strength_changes_nothing(height: int, width: int, seed: int) -> None:
    shown = picture(height, width, seed)
    np.testing.assert_array_equal(augment(shown, 0.0, np.random.default_rng(seed)), shown)


@settings(deadline=None)
@given(height=sides, width=sides, strength=strengths, seed=st.integers(0, 2**32))
def test_a_view_is_a_picture_no_larger_than_it_was(
    height: int, width: int, strength: float, seed: int
) -> None:
    shown = picture(height, width)
    kept = shown.copy()
    view = augment(shown, strength, np.random.default_rng(seed))
    assert view.dtype == np.uint8
    assert view.ndim == 3
    assert 1 <= view.shape[0] <= height
    assert 1 <= view.shape[1] <= width
    assert view.shape[2] == 3
    np.testing.assert_array_equal(shown, kept)


@settings(max_examples=30, deadline=None)
@given(shape=st.sampled_from([(1, 1), (1, 50), (50, 1), (1, 2), (3000, 1)]), seed=st.integers(0))
def test_the_thinnest_pictures_have_views(shape: tuple[int, int], seed: int) -> None:
    view = augment(picture(*shape), 1.0, np.random.default_rng(seed))
    assert view.size >= 3


@settings(deadline=None)
@given(strength=strengths, seed=st.integers(0, 2**32))
def test_one_seed_makes_one_view(strength: float, seed: int) -> None:
    one, same = (augment(picture(30, 20), strength, np.random.default_rng(seed)) for _ in range(2))
    np.testing.assert_array_equal(one, same)


def test_more_strength_changes_more() -> None:
    """A plain ramp keeps its size only where nothing is cropped, its levels where light stays."""
    ramp = np.repeat(np.linspace(60, 200, 64).astype(np.uint8)[None, :, None], 64, axis=0)
    shown: Pixels = np.repeat(ramp, 3, axis=2)

    def off(strength: float) -> float:
        views = [augment(shown, strength, np.random.default_rng(seed)) for seed in range(40)]
        light = np.mean([abs(float(view.mean()) - float(shown.mean())) for view in views])
        left = np.mean([1 - view.size / shown.size for view in views])
        return float(light / 64 + left)

    assert off(0.0) == 0
    assert off(0.1) < off(0.4) < off(1.0)


@pytest.mark.parametrize("strength", [0.3, 1.0])
def test_a_crop_leaves_out_no_more_than_it_may(strength: float) -> None:
    for seed in range(60):
        view = augment(picture(40, 40), strength, np.random.default_rng(seed))
        assert view.shape[0] * view.shape[1] >= (1 - 0.75 * strength) * 1600 * 0.75

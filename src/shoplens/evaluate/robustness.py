"""How figures fall when photos get worse: seven ways to spoil a picture, at five levels each.

After Hendrycks and Dietterich (2019) in spirit; what shoppers' photos suffer from was chosen, and
sizes are shares of the picture, so that large and small ones are spoilt alike.
"""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal, get_args

import numpy as np
from jaxtyping import Float64
from PIL import Image, ImageFilter

from shoplens.errors import ConfigError, ImageError, NotFoundError, QueryError
from shoplens.evaluate.asking import Asking, Progress
from shoplens.evaluate.judged.judgements import Judgements, Question
from shoplens.evaluate.measure import Figures, Groups, figures_of, measure
from shoplens.evaluate.runs import Placed, Run
from shoplens.types import Pixels

Corruption = Literal["blur", "noise", "jpeg", "rotation", "crop", "brightness", "occlusion"]
CORRUPTIONS: tuple[Corruption, ...] = get_args(Corruption)
LEVELS = (1, 2, 3, 4, 5)
Way = tuple[str, int]
WAYS: tuple[Way, ...] = (("none", 0), *((name, level) for name in CORRUPTIONS for level in LEVELS))
MOST = 100
"""Questions asked at every level: 35 times as many searches."""

AMOUNTS: Mapping[Corruption, tuple[float, ...]] = MappingProxyType(
    {
        "blur": (0.004, 0.008, 0.015, 0.025, 0.04),  # Gaussian radius, share of the shorter side
        "noise": (0.04, 0.08, 0.12, 0.18, 0.26),  # Gaussian deviation, share of 255
        "jpeg": (40, 25, 15, 10, 5),  # quality
        "rotation": (5, 10, 20, 45, 90),  # degrees, either way
        "crop": (0.9, 0.8, 0.7, 0.6, 0.5),  # share of each side that is left
        "brightness": (0.3, 0.6, 1.0, 1.4, 1.8),  # stops of light, more or less
        "occlusion": (0.05, 0.1, 0.2, 0.3, 0.4),  # share of the area
    }
)


@dataclass(frozen=True, slots=True)
class Point:
    """Figures of the same questions with their photos spoilt in one way; level 0 as they are."""

    corruption: str
    level: int
    questions: int
    figures: Figures


def corrupt(picture: Pixels, name: Corruption, level: int, rng: np.random.Generator) -> Pixels:
    """Spoil a picture; level 0 leaves it untouched, 5 is the worst.

    All but ``crop`` keep its size.

    Raises:
        ConfigError: there is no such level.
    """
    if level not in {0, *LEVELS}:
        raise ConfigError(f"level {level} of {name}: there are 1 to 5, and 0 for untouched")
    return _SPOIL[name](picture, AMOUNTS[name][level - 1], rng) if level else picture


def robustness(
    judgements: Judgements,
    asking: Asking,
    k: int,
    groups: Groups,
    rng: np.random.Generator,
    progress: Progress,
) -> tuple[Point, ...]:
    """Ask every question that has a photo again with the photo spoilt, in every way and level.

    Questions whose photo cannot be read are left out.

    Raises:
        ConfigError: no question has a photo.
        MismatchError: none of them could be asked.
    """
    shown = [question for question in judgements.questions if question.picture]
    if not shown:
        raise ConfigError("robustness spoils photos, and no question has one; leave it out")
    runs: dict[Way, dict[str, tuple[Placed, ...]]] = {way: {} for way in WAYS}
    for place, question in enumerate(shown, start=1):
        for way, ranking in _spoilt(question, asking, k, rng).items():
            runs[way][question.query_id] = ranking
        progress("spoiling photos", place, len(shown))
    return tuple(_point(judgements, way, Run(runs[way]), k, groups, rng) for way in WAYS)


def _spoilt(
    question: Question, asking: Asking, k: int, rng: np.random.Generator
) -> dict[Way, tuple[Placed, ...]]:
    """Ask one question in every way; in none where its photo cannot be read."""
    try:
        query = asking.query_of(question, k)
        rankings: dict[Way, tuple[Placed, ...]] = {WAYS[0]: tuple(asking.ask(query))}
    except (OSError, ImageError, NotFoundError, QueryError):
        return {}  # told when it was asked as it is
    if query.picture is not None:
        for name in CORRUPTIONS:
            for level in LEVELS:
                spoilt = replace(query, picture=corrupt(query.picture, name, level, rng))
                rankings[name, level] = tuple(asking.ask(spoilt))
    return rankings


def _point(
    judgements: Judgements,
    way: Way,
    run: Run,
    k: int,
    groups: Groups,
    rng: np.random.Generator,
) -> Point:
    measured = measure(judgements, run, k, k)
    return Point(*way, len(measured.query_ids), figures_of(measured, groups, rng))


# ---- seven ways ----------------------------------------------------------------------------------


def _blur(picture: Pixels, amount: float, _: np.random.Generator) -> Pixels:
    radius = amount * min(picture.shape[:2])
    return np.asarray(Image.fromarray(picture).filter(ImageFilter.GaussianBlur(radius)))


def _noise(picture: Pixels, amount: float, rng: np.random.Generator) -> Pixels:
    return _levels(picture + rng.normal(0.0, 255 * amount, picture.shape))


def _levels(wanted: Float64[np.ndarray, "h w 3"]) -> Pixels:
    return np.clip(np.round(wanted), 0, 255).astype(np.uint8)


def _jpeg(picture: Pixels, amount: float, _: np.random.Generator) -> Pixels:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=int(amount))
    return np.asarray(Image.open(file).convert("RGB"))


def _rotation(picture: Pixels, amount: float, rng: np.random.Generator) -> Pixels:
    """Turn about the middle; corners get the mean colour of the border."""
    border = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])
    red, green, blue = (round(float(level)) for level in border.mean(axis=0))
    degrees = amount if rng.random() < 0.5 else -amount
    turned = Image.fromarray(picture).rotate(
        degrees, Image.Resampling.BICUBIC, fillcolor=(red, green, blue)
    )
    return np.asarray(turned)


def _crop(picture: Pixels, amount: float, rng: np.random.Generator) -> Pixels:
    top, left, height, width = _part(picture, amount, rng)
    return picture[top : top + height, left : left + width].copy()


def _brightness(picture: Pixels, amount: float, rng: np.random.Generator) -> Pixels:
    light = 2.0 ** (amount if rng.random() < 0.5 else -amount)
    return _levels(picture * light)


def _occlusion(picture: Pixels, amount: float, rng: np.random.Generator) -> Pixels:
    """Put a plain rectangle of the picture's shape and of any colour somewhere in front."""
    top, left, height, width = _part(picture, amount**0.5, rng)
    covered = picture.copy()
    covered[top : top + height, left : left + width] = rng.integers(0, 256, 3, np.uint8)
    return covered


def _part(picture: Pixels, share: float, rng: np.random.Generator) -> tuple[int, int, int, int]:
    """Draw a part with ``share`` of each side: top, left, height, width."""
    whole: tuple[int, int] = picture.shape[0], picture.shape[1]
    height, width = (max(round(side * share), 1) for side in whole)
    top = int(rng.integers(whole[0] - height + 1))
    left = int(rng.integers(whole[1] - width + 1))
    return top, left, height, width


_SPOIL: Mapping[Corruption, Callable[[Pixels, float, np.random.Generator], Pixels]] = (
    MappingProxyType(
        {
            "blur": _blur,
            "noise": _noise,
            "jpeg": _jpeg,
            "rotation": _rotation,
            "crop": _crop,
            "brightness": _brightness,
            "occlusion": _occlusion,
        }
    )
)

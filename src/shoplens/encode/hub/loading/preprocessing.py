"""How a model's own files say that a picture is to be prepared, put into our words or refused.

Nothing is guessed: a wrong size, filter or mean costs accuracy and raises no error by itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shoplens.encode.added.manifest import Filter, Resize
from shoplens.errors import MismatchError

Three = tuple[float, float, float]
_FILTERS: Mapping[int, Filter] = {
    0: "nearest",
    1: "lanczos",
    2: "bilinear",
    3: "bicubic",
    4: "box",
    5: "hamming",
}
"""Pillow's numbers, as in preprocessor_config.json."""


@dataclass(frozen=True, slots=True)
class Preparing:
    """Resizing, and what becomes of a level of each colour: ``level * scale + offset``."""

    resize: Resize
    scale: Three
    offset: Three


def of_transformers(told: Any, image_size: int) -> Preparing:
    """Read an image processor of transformers, its file and its defaults taken together.

    ``image_size`` is what the network was made for, 0 if it takes any.

    Raises:
        MismatchError: it does what we cannot.
    """
    if not getattr(told, "do_resize", None):
        raise _unclear("pictures are not resized (do_resize)")
    if getattr(told, "do_pad", None):
        raise _unclear("pictures are padded (do_pad)")
    resize = _resize(told)
    if image_size not in {0, resize.size_px}:
        raise _unclear(
            f"pictures become {resize.size_px} px where the network was made for {image_size}"
        )
    factor = float(told.rescale_factor) if told.do_rescale else 1.0
    plain = not told.do_normalize
    mean = (0.0, 0.0, 0.0) if plain else _three(told.image_mean, "image_mean")
    std = (1.0, 1.0, 1.0) if plain else _three(told.image_std, "image_std")
    return _preparing(resize, factor, mean, std)


def of_open_clip(told: Mapping[str, Any]) -> Preparing:
    """Read a ``preprocess_cfg`` of open_clip, whose names Jina's files share.

    Raises:
        MismatchError: it does what we cannot.
    """
    size: Any = told["size"]
    if not isinstance(size, int):
        sides = {int(each) for each in size}
        if len(sides) != 1:
            raise _unclear(f"pictures become {size} px, no square")
        size = sides.pop()
    names: Mapping[str, Filter] = {"bicubic": "bicubic", "bilinear": "bilinear"}
    interpolation = told["interpolation"]
    if interpolation not in names:
        raise _unclear(f"interpolation {interpolation!r}")
    # open_clip takes "random", which is for training, for bicubic; nobody publishes such a file.
    mode = told["resize_mode"]
    shape: Any = {"shortest": "crop", "squash": "squash", "longest": "pad"}.get(mode)
    if shape is None:
        raise _unclear(f"resize_mode {mode!r}")
    fill = int(told["fill_color"]) if shape == "pad" else 0
    resize = Resize(shape, int(size), int(size), names[interpolation], fill, "round")
    return _preparing(resize, 1 / 255, _three(told["mean"], "mean"), _three(told["std"], "std"))


def _resize(told: Any) -> Resize:
    size = _plain(told.size)
    crops = bool(getattr(told, "do_center_crop", None))
    crop = _plain(told.crop_size) if crops else {}
    resample = getattr(told, "resample", None)
    if resample is None or int(resample) not in _FILTERS:
        raise _unclear(f"resample {resample!r}")
    filtered = _FILTERS[int(resample)]
    if {*size} == {"height", "width"} and size["height"] == size["width"]:
        side = size["height"]
        if crops and crop != size:
            raise _unclear(f"pictures are squashed to {size} and then cut to {crop}")
        return Resize("squash", side, side, filtered)
    if {*size} == {"shortest_edge"} and {*crop} == {"height", "width"}:
        side = crop["height"]
        if side == crop["width"] and side <= size["shortest_edge"]:
            return Resize("crop", side, size["shortest_edge"], filtered)
    cut = f", cut to {crop}" if crops else ", not cut"
    raise _unclear(f"pictures become {size}{cut}: no square of one size")


def _plain(told: Any) -> dict[str, int]:
    return {key: int(each) for key, each in dict(told or {}).items() if each is not None}


def _three(told: Any, name: str) -> Three:
    numbers = [float(told)] * 3 if isinstance(told, int | float) else [float(each) for each in told]
    if len(numbers) != 3:
        raise _unclear(f"{name} {told} for three colours")
    return numbers[0], numbers[1], numbers[2]


def _preparing(resize: Resize, factor: float, mean: Three, std: Three) -> Preparing:
    if min(std) <= 0 or factor <= 0:
        raise _unclear(f"a deviation of {std} and a factor of {factor}")
    scale = [factor / each for each in std]
    offset = [-middle / each for middle, each in zip(mean, std, strict=True)]
    return Preparing(resize, (scale[0], scale[1], scale[2]), (offset[0], offset[1], offset[2]))


def _unclear(what: str) -> MismatchError:
    return MismatchError(
        f"its preprocessing is none that can be done here: {what}; nothing is guessed, so this "
        "model cannot be added"
    )

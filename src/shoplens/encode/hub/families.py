"""Architectures that can be added, and how each of their words' towers wants its texts."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Family:
    """What a family of models has in common, beyond what its files tell.

    ``words``: it understands texts. ``whole``: texts are always filled up to the full context, as
    in training. ``mask``: fillings must be masked, for its tokens look in both directions; where
    tokens look back only, what follows the last one changes nothing. ``context`` is the number of
    tokens it was trained with where its positions would allow more, else 0.
    """

    words: bool
    whole: bool = False
    mask: bool = False
    context: int = 0


FAMILIES: Mapping[str, Family] = {
    "chinese_clip": Family(words=True, mask=True, context=52),  # cn_clip.clip.tokenize's default
    "clip": Family(words=True),
    "dinov2": Family(words=False),
    "dinov2_with_registers": Family(words=False),
    "dinov3_vit": Family(words=False),
    "metaclip_2": Family(words=True),
    "siglip": Family(words=True, whole=True),
}
"""By ``model_type`` in config.json. SigLIP 2 of a fixed resolution is called ``siglip`` there."""


def supported() -> str:
    """Name all that can be added, for a message."""
    return (
        f"transformers checkpoints of {', '.join(FAMILIES)}; OpenCLIP checkpoints with an "
        "open_clip_config.json (ViT, SigLIP, MobileCLIP 2, Marqo); and repositories that ship "
        "onnx/model.onnx or onnx/vision_model.onnx"
    )

"""Checkpoints of open_clip: its ViTs, SigLIP and MobileCLIP 2 by way of timm, Marqo's models."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from shoplens.encode.hub.families import Family
from shoplens.encode.hub.fetching.sources import Checkpoint
from shoplens.encode.hub.loading import tokenizing
from shoplens.encode.hub.loading import transformers_models as parts
from shoplens.encode.hub.loading.clip_words import of_simple, of_wrapped
from shoplens.encode.hub.loading.preprocessing import of_open_clip
from shoplens.encode.hub.loading.vision import OPEN_CLIP, TRANSFORM
from shoplens.encode.hub.original import Original, PictureSide, Planes, WordsSide, gain_of
from shoplens.encode.hub.quiet import quiet
from shoplens.errors import MismatchError
from shoplens.types import Pixels


def load(checkpoint: Checkpoint, *, words: bool) -> Original:
    """Open both towers of a checkpoint.

    Raises:
        MismatchError: it is damaged, or of a kind that cannot be added.
    """
    told = _config(checkpoint.folder)
    with quiet():
        model = _open(checkpoint.folder)
        picture = _pictures(model)
        side = _words(model, checkpoint.folder, told["model_cfg"]["text_cfg"]) if words else None
    return Original(f"open_clip {_kind(told['model_cfg'])}", picture, side)


def open_clip_pictures(told: Mapping[str, Any]) -> Any:
    """Make open_clip's own preprocessing of a ``preprocess_cfg``: a Pillow image to planes."""
    return TRANSFORM.image_transform_v2(TRANSFORM.PreprocessCfg(**told), is_train=False)


def _config(folder: Path) -> dict[str, Any]:
    """Read open_clip_config.json, and refuse what would fetch or guess the rest elsewhere."""
    path = folder / "open_clip_config.json"
    try:
        told: dict[str, Any] = json.loads(path.read_text("utf-8"))
        model, text = told["model_cfg"], told["model_cfg"]["text_cfg"]
        kept = bool(model["vision_cfg"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise MismatchError(f"{path} describes no model ({error!r}); fetch it again") from error
    refused = {
        "a captioner (CoCa)": "multimodal_cfg" in model,
        "a words' tower that is a repository of its own": "hf_model_name" in text,
        f"the tokenizer mode {text.get('tokenizer_mode')!r}": bool(text.get("tokenizer_mode")),
        "no preprocess_cfg with mean and std": not {"mean", "std"}
        <= {*told.get("preprocess_cfg", ())},
    }
    if why := [each for each, true in refused.items() if true or not kept]:
        raise MismatchError(f"{path} tells of {why[0]}: such a model cannot be added")
    unknown = {*text.get("tokenizer_kwargs", {})} - {"clean"}
    if unknown:
        raise MismatchError(f"{path} wants of its tokenizer what is not known here: {unknown}")
    return told


def _open(folder: Path) -> Any:
    try:
        model = OPEN_CLIP.create_model(
            f"local-dir:{folder}",
            precision="fp32",
            pretrained_text=False,
            require_pretrained=True,
            weights_only=True,
        )
    except (*parts.DAMAGED, AttributeError, AssertionError) as error:
        raise MismatchError(
            f"the checkpoint in {folder} cannot be read: a file is cut, damaged, or not what its "
            f"name says ({parts.line(error)}); fetch it again"
        ) from error
    return model.eval()


def _kind(model: Mapping[str, Any]) -> str:
    seen = model["vision_cfg"]
    if "timm_model_name" in seen:
        return str(seen["timm_model_name"])
    return f"ViT {seen.get('width', '')}x{seen.get('layers', '')}/{seen.get('patch_size', '')}"


def _pictures(model: Any) -> PictureSide:
    told: Mapping[str, Any] = model.visual.preprocess_cfg
    preparing = of_open_clip(told)
    original = open_clip_pictures(told)

    def prepare(picture: Pixels) -> Planes:
        return original(Image.fromarray(picture)).numpy()[None].astype(np.float32)

    return parts.picture_side(model, model.encode_image, (preparing, prepare))


def _words(model: Any, folder: Path, text: Mapping[str, Any]) -> WordsSide:
    context = int(model.context_length)
    kind = str(text.get("tokenizer_kwargs", {}).get("clean", ""))
    told = _tokenizing(folder, kind, wrapped=bool(text.get("hf_tokenizer_name")))
    free = _looks_back(model)
    family = Family(words=True, whole=not free, context=context)
    bias = None if model.logit_bias is None else float(model.logit_bias.detach())
    gain = gain_of(float(model.logit_scale.detach()), bias or 0.0)
    values = _short(model) if free and not hasattr(model, "text") else model.encode_text
    return parts.words_side(model, values, told, family, gain)


def _tokenizing(folder: Path, kind: str, *, wrapped: bool) -> tokenizing.Tokenizing:
    options: dict[str, Any] = {}
    if wrapped:
        # Also says clearly what is wrong with the files, where open_clip would not.
        tokenizing.open_auto(folder)
        options = {"local_files_only": True, "trust_remote_code": False}
        if not (folder / "config.json").is_file():
            options["config"] = tokenizing.no_config()
    original = OPEN_CLIP.get_tokenizer(f"local-dir:{folder}", **options)
    if wrapped:
        return of_wrapped(original, kind or "whitespace")
    return of_simple(original, kind or "lower")


def _looks_back(model: Any) -> bool:
    """Tell a tower whose tokens look back only, so that what fills a text changes nothing."""
    tower = getattr(model, "text", model)
    pool = getattr(tower, "pool_type", None) or getattr(tower, "text_pool_type", None)
    return getattr(tower, "attn_mask", None) is not None and pool == "argmax"


def _short(model: Any) -> Any:
    """Compute texts shorter than the context, which open_clip's CLIP refuses (its text tower not).

    Eight tokens instead of 77 take a tenth of the time.
    """

    def values(ids: torch.Tensor) -> torch.Tensor:
        length = ids.shape[1]
        x = model.token_embedding(ids) + model.positional_embedding[:length]
        x = model.ln_final(model.transformer(x, attn_mask=model.attn_mask[:length, :length]))
        x = x[torch.arange(x.shape[0]), ids.argmax(dim=-1)]
        if isinstance(model.text_projection, torch.nn.Linear):
            return model.text_projection(x)
        return x if model.text_projection is None else x @ model.text_projection

    return values

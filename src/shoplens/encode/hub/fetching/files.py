"""Which files of a repository or folder are needed, which library reads them, and what lacks."""

import json
import re
from collections.abc import Collection
from pathlib import Path
from typing import Any

from shoplens.encode.hub.families import FAMILIES, supported
from shoplens.encode.hub.known import Loader
from shoplens.errors import MismatchError

SMALL = (
    "config.json",
    "open_clip_config.json",
    "preprocessor_config.json",
    "processor_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.txt",
    "vocab.json",
    "merges.txt",
    "spiece.model",
    "tokenizer.model",
    "sentencepiece.bpe.model",
    "model.safetensors.index.json",
    "README.md",
    "LICENSE",
)
"""All that any of the libraries reads beside the weights; no code is among them."""
_SHARD = re.compile(r"model-\d{5}-of-\d{5}\.safetensors")
_OPEN_CLIP = (
    "open_clip_model.safetensors",
    "open_clip_pytorch_model.safetensors",
    "open_clip_pytorch_model.bin",
    "model.safetensors",
    "pytorch_model.bin",
)
_TOKENIZERS = ("tokenizer.json", "vocab.txt", "vocab.json", "spiece.model")
ONE_ONNX = "onnx/model.onnx"
TWO_ONNX = ("onnx/vision_model.onnx", "onnx/text_model.onnx")
"""Networks that a repository ships ready: both towers in one file, or one each."""


def loader_of(names: Collection[str], config: str) -> Loader:
    """Tell what reads a checkpoint from its files' names and the content of its config.json.

    Raises:
        MismatchError: nothing here does.
    """
    if "open_clip_config.json" in names:
        return "open_clip"
    kind = model_type(config)
    ready = ONE_ONNX in names or TWO_ONNX[0] in names
    if ready and (kind not in FAMILIES or not weights_of(names, "transformers")):
        return "onnx"
    if kind == "siglip2":
        raise MismatchError(
            "this is a SigLIP 2 of the NaFlex kind, whose pictures have no fixed size; take one of "
            "a fixed resolution, such as google/siglip2-base-patch16-224"
        )
    if kind not in FAMILIES:
        came = f"a model of type {kind!r}" if kind else "no config.json of a model"
        raise MismatchError(f"there is {came}; what can be added are {supported()}")
    return "transformers"


def model_type(config: str) -> str:
    """Read the ``model_type`` of a config.json, "" if it has none."""
    try:
        told: Any = json.loads(config or "{}")
        return str(told.get("model_type", ""))
    except (ValueError, AttributeError) as error:
        raise MismatchError(f"config.json makes no sense ({error}); fetch it again") from error


def weights_of(names: Collection[str], loader: Loader) -> tuple[str, ...]:
    """Choose the files of weights: safetensors where there are any."""
    if loader == "onnx":
        ready = [ONE_ONNX] if ONE_ONNX in names and TWO_ONNX[0] not in names else [*TWO_ONNX]
        beside = [f"{each}{tail}" for each in ready for tail in ("_data", ".data")]
        return tuple(each for each in (*ready, *beside) if each in names)
    if loader == "open_clip":
        return next(((each,) for each in _OPEN_CLIP if each in names), ())
    if "model.safetensors" in names:
        return ("model.safetensors",)
    if shards := sorted(each for each in names if _SHARD.fullmatch(each)):
        return tuple(shards)
    return ("pytorch_model.bin",) if "pytorch_model.bin" in names else ()


def names_in(folder: Path) -> frozenset[str]:
    """Name the files of a folder as a repository would."""
    inner = [*folder.glob("*"), *(folder / "onnx").glob("*")]
    return frozenset(each.relative_to(folder).as_posix() for each in inner if each.is_file())


def missing(folder: Path, loader: Loader, *, words: bool) -> tuple[str, ...]:
    """Name what a folder lacks to be read, in words where one of several will do."""
    names = names_in(folder)
    if loader == "open_clip":
        lacks = ["open_clip_config.json"]
        weights = "open_clip_model.safetensors (or open_clip_pytorch_model.bin)"
    else:
        lacks = ["config.json"] if loader == "transformers" else []
        weights = "model.safetensors (or pytorch_model.bin)"
        if not {"preprocessor_config.json", "processor_config.json"} & names:
            lacks.append("preprocessor_config.json")
        if words and not {*_TOKENIZERS} & names:
            lacks.append("tokenizer.json (or vocab.txt, or spiece.model)")
    lacks = [each for each in lacks if each not in names]
    lacks += _shards_missing(folder, names)
    if not weights_of(names, loader):
        lacks.append(ONE_ONNX if loader == "onnx" else weights)
    return tuple(lacks)


def _shards_missing(folder: Path, names: Collection[str]) -> list[str]:
    index = folder / "model.safetensors.index.json"
    if not index.is_file() or "model.safetensors" in names:
        return []
    try:
        told = json.loads(index.read_text("utf-8"))
        return sorted({str(each) for each in told["weight_map"].values()} - {*names})
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise MismatchError(f"{index} makes no sense ({error!r}); fetch it again") from error

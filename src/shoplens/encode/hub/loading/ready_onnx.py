"""Repositories that ship ONNX: both towers in one file (Jina-CLIP v2), or one file each (Xenova's).

The towers are cut out, and what is outside of ours put around: bytes in, unit rows out. Whatever
code lies beside them is not looked at.
"""

import json
import shutil
import tempfile
import weakref
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper
from PIL import Image

from shoplens.encode.hub.families import FAMILIES, Family
from shoplens.encode.hub.fetching.files import ONE_ONNX, TWO_ONNX, model_type
from shoplens.encode.hub.fetching.sources import Checkpoint
from shoplens.encode.hub.loading.open_clip_models import open_clip_pictures
from shoplens.encode.hub.loading.preprocessing import Preparing, of_open_clip
from shoplens.encode.hub.loading.tokenizing import Tokenizing, of_transformers
from shoplens.encode.hub.loading.transformers_models import line, prepare_with
from shoplens.encode.hub.networks.graph import cut_out, load_whole, rename, save
from shoplens.encode.hub.original import Ids, Original, PictureSide, Planes, WordsSide
from shoplens.encode.hub.quiet import quiet
from shoplens.encode.runtime.session import REFUSALS, Session
from shoplens.errors import MismatchError
from shoplens.types import Embeddings, Pixels

# Untyped, pyright is told once.
_HELPER: Any = helper
_NUMPY: Any = numpy_helper
_PICTURES = ("l2norm_image_embeddings", "image_embeds", "image_embeddings", "pooler_output")
_TEXTS = ("l2norm_text_embeddings", "text_embeds", "text_embeddings", "pooler_output")
"""What outputs are called, those of unit length first."""
_MOST_TOKENS = 512
"""Queries are no documents; Jina's would take 8,192 tokens, and the memory for them."""


def load(checkpoint: Checkpoint, *, words: bool) -> Original:
    """Cut the towers out of what a repository ships.

    Raises:
        MismatchError: it is damaged, or laid out as none known here.
    """
    folder = checkpoint.folder
    kind = _kind(folder)
    family = FAMILIES.get(kind, Family(words=True))
    both = folder / ONE_ONNX
    seen, read = folder / TWO_ONNX[0], folder / TWO_ONNX[1]
    with quiet():
        picture = _pictures(seen if seen.is_file() else both, folder)
        lies = read if seen.is_file() else both
        side = _words(lies, folder, kind, family) if words and family.words else None
    note = "" if kind == "clip" or side is None else _NOTE
    return Original(f"{kind or 'unknown'} (onnx)", picture, side, note)


_NOTE = "shipped as ONNX, without the scale of its loss: the gain of words is taken to be 1"


def _kind(folder: Path) -> str:
    config = folder / "config.json"
    return model_type(config.read_text("utf-8", "replace")) if config.is_file() else ""


def _pictures(path: Path, folder: Path) -> PictureSide:
    preparing, prepare = _preparing(folder)
    side = preparing.resize.size_px
    model = load_whole(path)
    takes = _one_of(_names(model.graph.input), ("pixel_values",), path, "input")
    output = _one_of(_names(model.graph.output), _PICTURES, path, "output")
    cut = cut_out(model, [takes], output)
    _check_floats(cut, path)
    kept = _Kept(cut, path)
    del model, cut

    def embed(planes: Planes) -> Embeddings:
        return _unit(kept.rows(output, {takes: planes}))

    dim = embed(prepare(np.zeros((side, side, 3), np.uint8))).shape[1]

    def write(to: Path) -> None:
        made = kept.again()
        _from_bytes(made, takes, preparing)
        _to_unit_rows(made, output, dim)
        save(made, to)

    return PictureSide(preparing.resize, preparing.scale, preparing.offset, prepare, embed, write)


def _words(path: Path, folder: Path, kind: str, family: Family) -> WordsSide:
    model = load_whole(path)
    names = _names(model.graph.input)
    takes = _one_of(names, ("input_ids",), path, "input")
    output = _one_of(_names(model.graph.output), _TEXTS, path, "output")
    cut = cut_out(model, [takes, "attention_mask"], output)
    masked = "attention_mask" in _names(cut.graph.input)
    told, context = _tokenizing(folder, kind, family)
    kept = _Kept(cut, path)
    del model, cut

    def embed(ids: Ids, mask: Ids) -> Embeddings:
        feed = {takes: ids, "attention_mask": mask} if masked else {takes: ids}
        return _unit(kept.rows(output, feed))

    dim = embed(*told.tokens(["a"])).shape[1]

    def write(to: Path) -> None:
        made = kept.again()
        rename(made, {takes: "ids", "attention_mask": "mask"} if masked else {takes: "ids"})
        _to_unit_rows(made, output, dim)
        for each in made.graph.input:
            _set_shape(each, ["n", context if family.whole else "t"])
        save(made, to)

    return WordsSide(
        tokenizer=told.content,
        context=context,
        pad=told.pad,
        whole=family.whole,
        mask=masked,
        gain=1.0,
        tokens=told.tokens,
        embed=embed,
        write=write,
    )


def _tokenizing(folder: Path, kind: str, family: Family) -> tuple[Tokenizing, int]:
    """Read the tokenizer; its limit is the one told in its files, and no more than 512."""
    path = folder / "tokenizer_config.json"
    told: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    limit = float(told.get("model_max_length", _MOST_TOKENS))
    usual = {"siglip": 64, "clip": 77}.get(kind, _MOST_TOKENS)
    context = family.context or int(min(limit, usual))
    siglip = kind == "siglip"
    return of_transformers(folder, context, whole=family.whole, siglip=siglip), context


def _preparing(folder: Path) -> tuple[Preparing, Callable[[Pixels], Planes]]:
    """Read preprocessing as transformers writes it, or as open_clip and Jina do."""
    path = folder / "preprocessor_config.json"
    try:
        told: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    except ValueError as error:
        raise MismatchError(f"{path} is no JSON ({error}); fetch it again") from error
    keys = ("size", "mean", "std", "resize_mode", "interpolation")
    if not all(key in told for key in keys):
        return prepare_with(folder, 0)
    cfg: dict[str, Any] = {"fill_color": 0} | {
        key: told[key] for key in (*keys, "fill_color") if key in told
    }
    original = open_clip_pictures(cfg)

    def prepare(picture: Pixels) -> Planes:
        return original(Image.fromarray(picture)).numpy()[None].astype(np.float32)

    return of_open_clip(cfg), prepare


def _from_bytes(model: onnx.ModelProto, takes: str, preparing: Preparing) -> None:
    """Put rescaling and normalising before a network."""
    make, side = _HELPER.make_node, preparing.resize.size_px
    nodes = [
        make("Transpose", ["pixels"], ["shoplens_planes"], perm=[0, 3, 1, 2]),
        make("Cast", ["shoplens_planes"], ["shoplens_levels"], to=onnx.TensorProto.FLOAT),
        make("Mul", ["shoplens_levels", "shoplens_scale"], ["shoplens_scaled"]),
        make("Add", ["shoplens_scaled", "shoplens_offset"], [takes]),
    ]
    kept = list(model.graph.node)
    del model.graph.node[:], model.graph.input[:]
    model.graph.node.extend([*nodes, *kept])
    told = {"shoplens_scale": preparing.scale, "shoplens_offset": preparing.offset}
    for name, values in told.items():
        array = np.array(values, np.float32).reshape(1, 3, 1, 1)
        model.graph.initializer.append(_NUMPY.from_array(array, name))
    shape = ["n", side, side, 3]
    model.graph.input.append(
        _HELPER.make_tensor_value_info("pixels", onnx.TensorProto.UINT8, shape)
    )


def _to_unit_rows(model: onnx.ModelProto, output: str, dim: int) -> None:
    """Put normalising after a network, and call the outcome ``embedding``."""
    rename(model, {output: "shoplens_rows"})
    make = _HELPER.make_node
    rename(model, {"embedding": "embedding_inside"})
    model.graph.node.append(make("LpNormalization", ["shoplens_rows"], ["embedding"], axis=-1, p=2))
    del model.graph.output[:]
    model.graph.output.append(
        _HELPER.make_tensor_value_info("embedding", onnx.TensorProto.FLOAT, ["n", dim])
    )


def _set_shape(value: onnx.ValueInfoProto, shape: Sequence[str | int]) -> None:
    kind = value.type.tensor_type.elem_type
    value.CopyFrom(_HELPER.make_tensor_value_info(value.name, kind, list(shape)))


def _check_floats(model: onnx.ModelProto, path: Path) -> None:
    if any(each.type.tensor_type.elem_type != onnx.TensorProto.FLOAT for each in model.graph.input):
        raise MismatchError(f"{path} takes pictures as other numbers than float32; take that one")


def _names(values: Any) -> list[str]:
    return [str(each.name) for each in values]


def _one_of(names: Sequence[str], wanted: Sequence[str], path: Path, what: str) -> str:
    for each in wanted:
        if each in names:
            return each
    raise MismatchError(
        f"{path} has the {what}s {', '.join(names)}; wanted is one of {', '.join(wanted)}"
    )


class _Kept:
    """A tower as it was shipped: open, and in a file of its own for as long as it is needed.

    Out of memory, where some towers are larger than what protobuf can hand over.
    """

    def __init__(self, model: onnx.ModelProto, path: Path) -> None:
        self._shipped = path
        folder = Path(tempfile.mkdtemp(prefix="shoplens-"))
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        self._path = folder / "tower.onnx"
        save(model, self._path)
        try:
            self._session = Session(self._path)
        except REFUSALS as error:
            raise MismatchError(f"{path} does not open: {line(error)}; fetch it again") from error

    def again(self) -> onnx.ModelProto:
        """Give the network, to be changed."""
        return load_whole(self._path)

    def rows(self, output: str, feed: Mapping[str, np.ndarray]) -> Embeddings:
        """Run it (MismatchError: it does not run)."""
        try:
            return self._session.run(output, feed).astype(np.float32)
        except REFUSALS as error:
            raise MismatchError(
                f"{self._shipped} does not run: {line(error)}; fetch it again"
            ) from error


def _unit(rows: Embeddings) -> Embeddings:
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)

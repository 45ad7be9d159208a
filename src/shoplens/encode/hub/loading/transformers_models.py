"""Checkpoints of transformers: CLIP, SigLIP and SigLIP 2, Chinese-CLIP, MetaCLIP 2, DINOv2, DINOv3.

No code of a repository is ever run, and weights in pickles are read as tensors only.
"""

import pickle
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError

from shoplens.encode.hub.families import FAMILIES, Family
from shoplens.encode.hub.fetching.sources import Checkpoint
from shoplens.encode.hub.loading import tokenizing
from shoplens.encode.hub.loading.preprocessing import Preparing, of_transformers
from shoplens.encode.hub.loading.vision import TRANSFORMERS
from shoplens.encode.hub.networks.export import export_network
from shoplens.encode.hub.original import Ids, Original, PictureSide, Planes, WordsSide, gain_of
from shoplens.encode.hub.quiet import quiet
from shoplens.errors import MismatchError
from shoplens.types import Embeddings, Pixels

# Untyped in parts, pyright is told once.
_TORCH: Any = torch
DAMAGED = (
    OSError,
    ValueError,
    RuntimeError,
    KeyError,
    TypeError,
    EOFError,
    SafetensorError,
    pickle.UnpicklingError,
)
"""What reading a checkpoint ends in that is cut, changed or of another kind than it says."""
Values = Callable[[torch.Tensor], torch.Tensor]


def load(checkpoint: Checkpoint, *, words: bool) -> Original:
    """Open both towers of a checkpoint.

    Raises:
        MismatchError: it is damaged, or of a kind that cannot be added.
    """
    folder = checkpoint.folder
    with quiet(), _no_bars():
        model = _open(folder)
        kind = str(model.config.model_type)
        family = FAMILIES[kind]
        picture = _pictures(model, family, prepare_with(folder, _image_size(model, family)))
        told = _words(model, folder, kind, family) if words and family.words else (None, "")
    return Original(kind, picture, *told)


def prepare_with(folder: Path, image_size: int) -> tuple[Preparing, Callable[[Pixels], Planes]]:
    """Open the image processor of a folder: what it does in our words, and itself.

    The one that works with Pillow is taken where there is one: it is what models were trained and
    measured with; torchvision's differs by a level here and there.
    """
    told = TRANSFORMERS.AutoImageProcessor
    try:
        processor = told.from_pretrained(
            str(folder), backend="pil", local_files_only=True, trust_remote_code=False
        )
    except (*DAMAGED, ImportError) as error:
        raise MismatchError(
            f"the preprocessing of {folder} cannot be read ({line(error)}); fetch its "
            "preprocessor_config.json again"
        ) from error
    preparing = of_transformers(processor, image_size)

    def prepare(picture: Pixels) -> Planes:
        made = processor(
            images=[picture.copy()], return_tensors="np", input_data_format="channels_last"
        )
        return np.asarray(made["pixel_values"], np.float32)

    return preparing, prepare


class PictureNetwork(torch.nn.Module):
    """Bytes in, unit rows out: rescaling and normalising around the original tower."""

    def __init__(self, tower: torch.nn.Module, values: Values, preparing: Preparing) -> None:
        super().__init__()
        self.tower = tower
        self._values = values
        self.register_buffer("scale", torch.tensor(preparing.scale).reshape(1, 3, 1, 1))
        self.register_buffer("offset", torch.tensor(preparing.offset).reshape(1, 3, 1, 1))

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """Compute embeddings (n, d) of ``pixels`` uint8 (n, s, s, 3)."""
        scale: Any = self.scale
        planes = pixels.permute(0, 3, 1, 2).float() * scale + self.offset
        return unit(self._values(planes))


class WordsNetwork(torch.nn.Module):
    """Ids in, unit rows out."""

    def __init__(self, tower: torch.nn.Module, values: Callable[..., torch.Tensor]) -> None:
        super().__init__()
        self.tower = tower
        self._values = values

    def forward(self, ids: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
        """Compute embeddings (n, d) of ``ids`` int64 (n, t)."""
        return unit(self._values(ids) if mask is None else self._values(ids, mask))


def unit(rows: torch.Tensor) -> torch.Tensor:
    """Bring rows to length 1."""
    return torch.nn.functional.normalize(rows, dim=-1)


def picture_side(
    tower: torch.nn.Module,
    values: Values,
    prepared: tuple[Preparing, Callable[[Pixels], Planes]],
) -> PictureSide:
    """Put a tower of torch and its preprocessing together."""
    preparing, prepare = prepared
    side = preparing.resize.size_px

    def embed(planes: Planes) -> Embeddings:
        with torch.inference_mode():
            # One by one, as memory wants it for the larger ones.
            rows = [unit(values(_TORCH.from_numpy(each[None]))).numpy() for each in planes]
        return np.concatenate(rows).astype(np.float32)

    def write(path: Path) -> None:
        example = torch.randint(0, 256, (2, side, side, 3), dtype=torch.uint8)
        network = PictureNetwork(tower, values, preparing)
        export_network(network, {"pixels": example}, {"pixels": {0: (1, 0)}}, path)

    return PictureSide(preparing.resize, preparing.scale, preparing.offset, prepare, embed, write)


def words_side(
    tower: torch.nn.Module,
    values: Callable[..., torch.Tensor],
    told: tokenizing.Tokenizing,
    family: Family,
    gain: float,
) -> WordsSide:
    """Put a tower of torch and its tokenizer together; ``family.context`` must be a number."""
    context = family.context

    def embed(ids: Ids, mask: Ids) -> Embeddings:
        given = [_TORCH.from_numpy(each) for each in ((ids, mask) if family.mask else (ids,))]
        with torch.inference_mode():
            return unit(values(*given)).numpy().astype(np.float32)

    def write(path: Path) -> None:
        ids, mask = told.tokens(["a red dress", "blue shoes for running on hills"])
        examples = {"ids": _TORCH.from_numpy(ids)}
        if family.mask:
            examples["mask"] = _TORCH.from_numpy(mask)
        free: Mapping[int, tuple[int, int]] = {0: (1, 0), 1: (2, context)}
        axes = {name: {0: (1, 0)} if family.whole else free for name in examples}
        export_network(WordsNetwork(tower, values), examples, axes, path)

    return WordsSide(
        tokenizer=told.content,
        context=context,
        pad=told.pad,
        whole=family.whole,
        mask=family.mask,
        gain=gain,
        tokens=told.tokens,
        embed=embed,
        write=write,
    )


def _open(folder: Path) -> Any:
    """Read configuration and weights, and see that none lacks."""
    try:
        model, told = TRANSFORMERS.AutoModel.from_pretrained(
            str(folder),
            local_files_only=True,
            trust_remote_code=False,
            dtype=torch.float32,
            output_loading_info=True,
        )
    except (*DAMAGED, ImportError) as error:
        raise MismatchError(
            f"the checkpoint in {folder} cannot be read: a file is cut, damaged, or not what its "
            f"name says ({line(error)}); fetch it again"
        ) from error
    lacks = sorted(map(str, {*told["missing_keys"], *told["mismatched_keys"]}))
    if lacks:
        raise MismatchError(
            f"the weights in {folder} lack {len(lacks)} of what its config.json promises, "
            f"{lacks[0]} first; fetch both again, of one revision"
        )
    return model.eval()


def _pictures(
    model: Any, family: Family, prepared: tuple[Preparing, Callable[[Pixels], Planes]]
) -> PictureSide:
    if family.words:
        return picture_side(
            model, lambda x: model.get_image_features(pixel_values=x).pooler_output, prepared
        )
    return picture_side(model, lambda x: model(pixel_values=x).pooler_output, prepared)


def _words(model: Any, folder: Path, kind: str, family: Family) -> tuple[WordsSide, str]:
    positions = int(model.config.text_config.max_position_embeddings)
    context = min(family.context or positions, positions)
    told = tokenizing.of_transformers(folder, context, whole=family.whole, siglip=kind == "siglip")

    def values(ids: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
        more = {} if mask is None else {"attention_mask": mask}
        return model.get_text_features(input_ids=ids, **more).pooler_output

    bias = getattr(model, "logit_bias", None)
    gain = gain_of(float(model.logit_scale.detach()), 0.0 if bias is None else float(bias.detach()))
    exact = Family(words=True, whole=family.whole, mask=family.mask, context=context)
    return words_side(model, values, told, exact, gain), told.note


def _image_size(model: Any, family: Family) -> int:
    """Tell the side a network is bound to; DINO's positions are fitted to any."""
    return int(model.config.vision_config.image_size) if family.words else 0


def line(error: BaseException) -> str:
    """Put what a library said into one line."""
    return " ".join(str(error).split())[:300] or type(error).__name__


class _no_bars:  # noqa: N801  # used as a word: with quiet(), _no_bars()
    """Keep transformers from drawing bars for the length of a block."""

    def __enter__(self) -> None:
        self._were = TRANSFORMERS.utils.logging.is_progress_bar_enabled()
        TRANSFORMERS.utils.logging.disable_progress_bar()

    def __exit__(self, *_: object) -> None:
        if self._were:
            TRANSFORMERS.utils.logging.enable_progress_bar()

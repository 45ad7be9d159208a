"""The original's tokenizer becomes a tokenizer.json that makes the same numbers without it."""

import string
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tokenizers
from google.protobuf.message import DecodeError
from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers, processors

from shoplens.encode.hub.loading.vision import PROTOBUF, TRANSFORMERS
from shoplens.encode.hub.original import Ids
from shoplens.errors import MismatchError

# Untyped in parts, pyright is told once.
_NORMALIZERS: Any = normalizers
_TOKENIZERS: Any = tokenizers
_REFUSALS = (OSError, ValueError, KeyError, TypeError, ImportError, AttributeError)
Tokenize = Callable[[Sequence[str]], tuple[Ids, Ids]]


@dataclass(frozen=True, slots=True)
class Tokenizing:
    """``content`` of a tokenizer.json, the id that fills, and the original to compare with."""

    content: str
    pad: int
    tokens: Tokenize
    note: str = ""


def of_transformers(folder: Path, context: int, *, whole: bool, siglip: bool) -> Tokenizing:
    """Read the tokenizer of a checkpoint of transformers.

    SigLIP 2 learnt from words in small letters (its paper says so, and transformers' own
    Siglip2Tokenizer does it); its repositories name Gemma's tokenizer, which keeps capitals.

    Raises:
        MismatchError: it cannot be read, or is of a kind that has no tokenizer.json.
    """
    if siglip and (folder / "spiece.model").is_file():
        return of_spiece(folder / "spiece.model", context)
    told = open_auto(folder)
    lower = siglip and "gemma" in type(told).__name__.lower()
    steps = [_NORMALIZERS.Lowercase()] if lower else []

    def tokens(texts: Sequence[str]) -> tuple[Ids, Ids]:
        asked = [each.lower() for each in texts] if lower else list(texts)
        return run(told, asked, context, whole=whole)

    return Tokenizing(content_of(told, steps), pad_of(told), tokens)


def open_auto(folder: Path) -> Any:
    """Open a tokenizer of transformers from its files alone, without any code beside them."""
    options: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
    if not (folder / "config.json").is_file():
        options["config"] = no_config()
    try:
        told = TRANSFORMERS.AutoTokenizer.from_pretrained(str(folder), **options)
    except _REFUSALS as error:
        raise MismatchError(
            f"the tokenizer in {folder} cannot be read ({' '.join(str(error).split())[:300]}); "
            "fetch its files again (tokenizer.json is best)"
        ) from error
    if not getattr(told, "is_fast", False):
        raise MismatchError(
            f"the tokenizer in {folder} ({type(told).__name__}) has no form that runs without "
            "transformers; fetch its tokenizer.json as well"
        )
    return told


def no_config() -> Any:
    """Stand in for a config.json, where the class of the tokenizer is told beside it."""
    return TRANSFORMERS.PreTrainedConfig()


def run(told: Any, texts: list[str], context: int, *, whole: bool) -> tuple[Ids, Ids]:
    """Make ids and mask as the original's users do; fillings stand at the end."""
    made = told(
        texts,
        padding="max_length" if whole else True,
        truncation=True,
        max_length=context,
        padding_side="right",
        return_attention_mask=True,
        return_tensors="np",
    )
    return made["input_ids"].astype(np.int64), made["attention_mask"].astype(np.int64)


def content_of(told: Any, steps: Sequence[Any]) -> str:
    """Write a fast tokenizer down, with ``steps`` before its own normalizer."""
    made: Any = Tokenizer.from_str(told.backend_tokenizer.to_str())
    made.no_truncation()
    made.no_padding()
    if steps:
        own = [made.normalizer] if made.normalizer is not None else []
        made.normalizer = _NORMALIZERS.Sequence([*steps, *own])
    return made.to_str()


def pad_of(told: Any) -> int:
    """Tell the id that fills short texts."""
    return int(told.pad_token_id if told.pad_token_id is not None else 0)


def of_spiece(path: Path, context: int) -> Tokenizing:
    """Rebuild SigLIP's tokenizer from its sentencepiece model.

    As transformers' SiglipTokenizer does: small letters, no ASCII punctuation, single spaces; then
    T5's pieces and ``</s>`` (which, in what somebody asks, is letters here). The original needs the
    package sentencepiece; only where that is there can the two be compared.
    """
    proto = _spiece(path)
    pieces = [(each.piece, each.score) for each in proto.pieces]
    end = next((place for place, each in enumerate(pieces) if each[0] == "</s>"), 1)
    made: Any = Tokenizer(_TOKENIZERS.models.Unigram(pieces, proto.trainer_spec.unk_id))
    charsmap = proto.normalizer_spec.precompiled_charsmap
    own = [_NORMALIZERS.Precompiled(charsmap)] if charsmap else []
    made.normalizer = _NORMALIZERS.Sequence([*canonical(), *own])
    made.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    made.post_processor = processors.TemplateProcessing(
        single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", end)]
    )
    try:
        original = TRANSFORMERS.SiglipTokenizer(vocab_file=str(path), model_max_length=context)
    except ImportError:
        note = "its tokenizer was converted and, for want of sentencepiece, not compared"
        return Tokenizing(made.to_str(), end, _own_tokens(made, context, end), note)
    return Tokenizing(
        made.to_str(), end, lambda texts: run(original, list(texts), context, whole=True)
    )


def _spiece(path: Path) -> Any:
    proto: Any = PROTOBUF().ModelProto()
    try:
        proto.ParseFromString(path.read_bytes())
    except (DecodeError, OSError) as error:
        raise MismatchError(f"{path} is no sentencepiece model; fetch it again") from error
    return proto


def _own_tokens(made: Any, context: int, pad: int) -> Tokenize:
    cut: Any = Tokenizer.from_str(made.to_str())
    cut.enable_truncation(context)
    cut.enable_padding(length=context, pad_id=pad)

    def tokens(texts: Sequence[str]) -> tuple[Ids, Ids]:
        ids = np.array([each.ids for each in cut.encode_batch(list(texts))], np.int64)
        return ids, np.ones_like(ids)

    return tokens


def canonical() -> list[Any]:
    """Give SigLIP's steps (big_vision's canonicalize_text): small letters, no punctuation."""
    return [
        _NORMALIZERS.Lowercase(),
        _NORMALIZERS.Replace(Regex(f"[{_escaped(string.punctuation)}]"), ""),
        _NORMALIZERS.Replace(Regex(r"\s+"), " "),
        _NORMALIZERS.Strip(),
    ]


def _escaped(letters: str) -> str:
    return "".join(f"\\{each}" for each in letters)

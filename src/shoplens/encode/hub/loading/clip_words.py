"""open_clip's tokenizers, and how it cleans texts before them, rebuilt as a tokenizer.json."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import tokenizers
from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers, processors

from shoplens.encode.hub.loading.tokenizing import Tokenizing, canonical, content_of, pad_of
from shoplens.encode.hub.original import Ids
from shoplens.errors import MismatchError

# Untyped in parts, pyright is told once.
_NORMALIZERS: Any = normalizers
_TOKENIZERS: Any = tokenizers
_ENTITIES: Mapping[str, str] = {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'"}
_QUOTES = (("[‘-‛]", "'"), ("[“-‟]", '"'))
_LIGATURES: Mapping[str, str] = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl"}


def cleaning(kind: str) -> list[Any]:
    """Rebuild how open_clip cleans texts: ``lower``, ``whitespace`` or ``canonicalize``.

    It first lets ftfy mend them. Of that, what befalls sound texts is done here too: NFC, straight
    quotes, no ligatures, full-width letters made narrow, entities of HTML. Broken encodings stay
    broken.

    Raises:
        MismatchError: there is no such kind.
    """
    wide = [(chr(each + 0xFEE0), chr(each)) for each in range(0x21, 0x7F)]
    plain = [*_ENTITIES.items(), *_LIGATURES.items(), *wide]
    steps: list[Any] = [_NORMALIZERS.Replace("&amp;", "&") for _ in range(2)]
    steps += [_NORMALIZERS.Replace(old, new) for old, new in plain]
    steps += [_NORMALIZERS.Replace(Regex(old), new) for old, new in _QUOTES]
    steps += [_NORMALIZERS.Replace(Regex(_CONTROLS), ""), _NORMALIZERS.NFC()]
    spaces = [_NORMALIZERS.Replace(Regex(r"\s+"), " "), _NORMALIZERS.Strip()]
    endings: Mapping[str, list[Any]] = {
        "lower": [*spaces, _NORMALIZERS.Lowercase()],
        "whitespace": spaces,
        "canonicalize": [_NORMALIZERS.Replace("_", " "), *canonical()],
    }
    if kind not in endings:
        raise MismatchError(f"its texts are cleaned in a way not known here: {kind!r}")
    return [*steps, *endings[kind]]


_CONTROLS = "[\\x00-\\x08\\x0b\\x0e-\\x1f\\x7f\\ufeff]"


def of_simple(original: Any, kind: str) -> Tokenizing:
    """Rebuild open_clip's SimpleTokenizer, which is CLIP's, from its merges.

    But for one thing: "<end_of_text>" in what somebody asks is letters here, and ends nothing.
    """
    merges = [*original.bpe_ranks]
    made: Any = Tokenizer(
        _TOKENIZERS.models.BPE(
            vocab=dict(original.encoder),
            merges=merges,
            continuing_subword_prefix="",
            end_of_word_suffix="</w>",
        )
    )
    special = {each: original.decoder[each] for each in original.all_special_ids}
    made.normalizer = _NORMALIZERS.Sequence(cleaning(kind))
    pattern = r"(?i:'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+)"
    made.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(pattern), behavior="removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    start, end = original.sot_token_id, original.eot_token_id
    made.post_processor = processors.RobertaProcessing(
        (special[end], end), (special[start], start), trim_offsets=False, add_prefix_space=False
    )

    def tokens(texts: Sequence[str]) -> tuple[Ids, Ids]:
        ids = original(list(texts)).numpy().astype(np.int64)
        return ids, np.ones_like(ids)

    return Tokenizing(made.to_str(), 0, tokens)


def of_wrapped(original: Any, kind: str) -> Tokenizing:
    """Take the fast tokenizer inside open_clip's HFTokenizer, with its cleaning before it."""
    told = original.tokenizer
    if not getattr(told, "is_fast", False):
        raise MismatchError(
            f"its tokenizer ({type(told).__name__}) has no form that runs without transformers; "
            "fetch its tokenizer.json as well"
        )

    def tokens(texts: Sequence[str]) -> tuple[Ids, Ids]:
        ids = original(list(texts)).numpy().astype(np.int64)
        return ids, np.ones_like(ids)

    return Tokenizing(content_of(told, cleaning(kind)), pad_of(told), tokens)

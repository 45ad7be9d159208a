from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

import tiny_hub
from shoplens.encode.hub.loading import clip_words, tokenizing
from shoplens.encode.hub.loading.vision import OPEN_CLIP
from shoplens.encode.hub.parity import TEXTS, same_tokens
from shoplens.errors import MismatchError

MORE = (
    "ＡＢＣ full width，test！",
    "ﬁne a_b-c e\u0301 “curly” ‘q’",
    "a &amp; b &lt;c&gt; \u2028 line\u3000end",
    "it's DON'T I'LL we'VE №5 👨‍👩‍👧",
    "\x01control ... ' -- __",
    "word " * 500,
)
# Sound texts only: what ftfy does to broken ones is not redone.
SOUND = st.text(
    st.sampled_from("abcXYZ éß019 .,!?'\"-_/()%&;:#+ 红色连衣裙，。！的鞋 빨간 красный 👗🎉 \t\n"),
    max_size=60,
)


@lru_cache(maxsize=4)
def opened(content: str, context: int) -> Any:
    ours: Any = Tokenizer.from_str(content)
    ours.enable_truncation(context)
    return ours


def agree(told: tokenizing.Tokenizing, context: int, text: str) -> bool:
    ours = opened(told.content, context)
    ids, _ = told.tokens([text])
    return same_tokens(ids[0].tolist(), ours.encode(text).ids, told.pad)


@pytest.fixture(scope="module", params=["lower", "canonicalize", "whitespace"])
def simple(request: pytest.FixtureRequest) -> tokenizing.Tokenizing:
    kind = str(request.param)
    return clip_words.of_simple(OPEN_CLIP.tokenizer.SimpleTokenizer(clean=kind), kind)


def test_open_clips_tokens_are_the_same_without_it(simple: tokenizing.Tokenizing) -> None:
    assert [text for text in (*TEXTS, *MORE) if not agree(simple, 77, text)] == []


@given(text=SOUND)
@settings(deadline=None, max_examples=60)
def test_open_clips_tokens_are_the_same_of_any_sound_text(
    simple: tokenizing.Tokenizing, text: str
) -> None:
    assert agree(simple, 77, text)


def test_what_somebody_asks_cannot_end_the_text(simple: tokenizing.Tokenizing) -> None:
    ids = Tokenizer.from_str(simple.content).encode("<end_of_text> dress").ids
    assert ids.count(ids[-1]) == 1


@pytest.mark.parametrize("write", [tiny_hub.write_clip, tiny_hub.write_chinese_clip])
def test_tokens_of_transformers_are_the_same_without_it(write: Any, tmp_path: Path) -> None:
    write(tmp_path)
    told = tokenizing.of_transformers(tmp_path, 24, whole=False, siglip=False)
    assert [text for text in (*TEXTS, *MORE) if not agree(told, 24, text)] == []


def test_a_spiece_model_cleans_texts_as_siglip_does(tmp_path: Path) -> None:
    """By hand, for sentencepiece is not here: letters, punctuation and spaces are put right."""
    tiny_hub.write_spiece(tmp_path)
    told = tokenizing.of_spiece(tmp_path / "spiece.model", 16)
    ours: Any = Tokenizer.from_str(told.content)
    plain = ours.encode("red dress size m").ids
    assert ours.encode("  RED dress,\n(size: 'M')! ").ids == plain
    assert plain[-1] == 1
    pieces = "".join(ours.id_to_token(each) for each in plain[:-1])
    assert pieces == "▁red▁dress▁size▁m"
    assert told.tokens(["red", ""])[0].shape == (2, 16)


def test_a_damaged_spiece_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "spiece.model").write_bytes(b"<html>")
    with pytest.raises(MismatchError, match="no sentencepiece model"):
        tokenizing.of_spiece(tmp_path / "spiece.model", 16)


def test_a_damaged_tokenizer_is_refused(tmp_path: Path) -> None:
    tiny_hub.write_clip(tmp_path)
    (tmp_path / "tokenizer.json").write_text('{"version": "1.0", "model"')
    with pytest.raises(MismatchError, match="fetch its files again"):
        tokenizing.of_transformers(tmp_path, 24, whole=False, siglip=False)


def test_a_way_of_cleaning_that_is_not_known_is_refused() -> None:
    with pytest.raises(MismatchError, match="'spellcheck'"):
        clip_words.cleaning("spellcheck")


def test_gemmas_tokenizer_gets_small_letters_for_siglip_only(tmp_path: Path) -> None:
    tiny_hub.write_siglip(tmp_path, gemma=True)
    lower = tokenizing.of_transformers(tmp_path, 16, whole=True, siglip=True)
    plain = tokenizing.of_transformers(tmp_path, 16, whole=True, siglip=False)
    for told, same in ((lower, True), (plain, False)):
        ours = Tokenizer.from_str(told.content)
        assert (ours.encode("RED").ids == ours.encode("red").ids) == same

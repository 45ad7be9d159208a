import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers

import tiny_added
from shoplens.encode.added.manifest import TextPart
from shoplens.encode.added.tokens import Tokens
from shoplens.errors import MismatchError
from tiny_added import VOCABULARY


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tiny")


@pytest.fixture(scope="module")
def part(folder: Path) -> TextPart:
    text = tiny_added.write(folder).text
    assert text
    return text


@pytest.fixture(scope="module")
def tokens(folder: Path, part: TextPart) -> Tokens:
    return Tokens(folder / part.tokenizer, part)


def ids(*words: str) -> list[int]:
    return [VOCABULARY.index(word) for word in words]


def test_words_become_ids_filled_up_to_the_longest(tokens: Tokens) -> None:
    made, mask = tokens(["Red shoe", "红色的鞋", "zebra"])
    assert made.tolist() == [
        ids("[CLS]", "red", "shoe", "[SEP]", "[PAD]", "[PAD]"),
        ids("[CLS]", "红", "色", "的", "鞋", "[SEP]"),
        ids("[CLS]", "[UNK]", "[SEP]", "[PAD]", "[PAD]", "[PAD]"),
    ]
    assert mask.tolist() == [[1, 1, 1, 1, 0, 0], [1] * 6, [1, 1, 1, 0, 0, 0]]


def test_a_long_text_is_cut_and_keeps_its_end(tokens: Tokens, part: TextPart) -> None:
    made, mask = tokens(["red " * 500])
    assert made.tolist() == [ids("[CLS]", *["red"] * (part.context - 2), "[SEP]")]
    assert mask.sum() == part.context


def test_a_network_that_wants_them_all_as_long_gets_them_so(folder: Path, part: TextPart) -> None:
    whole = Tokens(folder / part.tokenizer, replace(part, whole=True, pad=1, context=20))
    made, mask = whole(["red", ""])
    assert made.shape == mask.shape == (2, 20)
    assert made[0].tolist() == [*ids("[CLS]", "red", "[SEP]"), *[1] * 17]
    assert mask.sum(axis=1).tolist() == [3, 2]


@pytest.mark.parametrize(
    "text",
    ["", " ", "\x00\x07\x1b", "\ud800", "red\udfffshoe", "👟" * 50, "x" * 100_000, "红" * 100_000],
)
def test_no_text_is_too_strange(tokens: Tokens, part: TextPart, text: str) -> None:
    made, mask = tokens([text])
    assert made[0, 0] == VOCABULARY.index("[CLS]")
    assert 2 <= made.shape[1] <= part.context
    assert mask.all()


@given(text=st.text(st.characters(), max_size=60))
def test_no_text_at_all_ends_in_an_error(tokens: Tokens, part: TextPart, text: str) -> None:
    made, _ = tokens([text])
    assert made.dtype == np.int64
    assert 2 <= made.shape[1] <= part.context
    assert ((made >= 0) & (made < len(VOCABULARY))).all()


def test_no_texts_give_no_rows(tokens: Tokens) -> None:
    made, mask = tokens([])
    assert len(made) == len(mask) == 0


def test_an_empty_text_without_marks_around_it_still_shows_something(
    tmp_path: Path, part: TextPart
) -> None:
    plain = Tokenizer(models.WordLevel({"[UNK]": 0, "a": 1}, unk_token="[UNK]"))  # noqa: S106
    plain.pre_tokenizer = pre_tokenizers.Whitespace()
    plain.save(str(tmp_path / "tokenizer.json"))
    made, mask = Tokens(tmp_path / "tokenizer.json", part)(["", "a a"])
    assert made.tolist() == [[part.pad] * 2, [1, 1]]
    assert mask.tolist() == [[1, 0], [1, 1]]


def test_threads_get_what_one_gets(tokens: Tokens) -> None:
    texts = [f"red {'shoe ' * (n % 7)}" for n in range(200)]
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(tokens, [[text] for text in texts]))
    for text, (found, _) in zip(texts, made, strict=True):
        assert found.tolist() == tokens([text])[0].tolist()


def test_what_the_file_itself_says_of_cutting_and_filling_is_put_aside(
    folder: Path, tmp_path: Path, part: TextPart
) -> None:
    other: Any = Tokenizer.from_file(str(folder / part.tokenizer))
    other.enable_padding(length=40)
    other.enable_truncation(max_length=3)
    other.save(str(tmp_path / "tokenizer.json"))
    made, _ = Tokens(tmp_path / "tokenizer.json", part)(["red red red red"])
    assert made.shape == (1, 6)


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"\xff", b"\x80\x04", b'{"model": 1}'])
def test_a_file_of_something_else_is_refused(
    tmp_path: Path, part: TextPart, content: bytes
) -> None:
    path = tmp_path / "tokenizer.json"
    path.write_bytes(content)
    with pytest.raises(MismatchError, match=r"tokenizer\.json"):
        Tokens(path, part)


def test_half_a_file_is_refused(folder: Path, tmp_path: Path, part: TextPart) -> None:
    path = tmp_path / "tokenizer.json"
    content = (folder / part.tokenizer).read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(MismatchError, match="no tokenizer that can be used, or it is damaged"):
        Tokens(path, part)
    path.unlink()
    with pytest.raises(MismatchError, match="cannot be read"):
        Tokens(path, part)


def test_a_tokenizer_that_panics_is_refused(
    folder: Path, tmp_path: Path, part: TextPart, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rust's panic is no Exception; it came of a template whose mark is not in its table."""
    monkeypatch.setenv("RUST_BACKTRACE", "0")
    told = json.loads((folder / part.tokenizer).read_text("utf-8"))
    told["post_processor"]["single"][0]["SpecialToken"]["id"] = "[GONE]"
    path = tmp_path / "tokenizer.json"
    path.write_text(json.dumps(told), "utf-8")
    with pytest.raises(MismatchError, match=r"tokenizer\.json is no tokenizer"):
        Tokens(path, part)


def test_one_that_cannot_cut_as_short_as_the_network_wants_is_refused(
    folder: Path, part: TextPart
) -> None:
    with pytest.raises(MismatchError, match="tokens where the network takes 1"):
        Tokens(folder / part.tokenizer, replace(part, context=1))

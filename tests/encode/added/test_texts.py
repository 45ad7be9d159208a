from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier

import numpy as np
import pytest

import tiny_added
from shoplens.encode.added.manifest import Manifest
from shoplens.encode.added.texts import AddedWords, open_words
from shoplens.encode.base import Asks
from shoplens.encode.runtime.batching import Runs
from shoplens.encode.runtime.session import Session
from shoplens.errors import MismatchError
from tiny_added import COLOURS, GAIN, toy


def ask(words: AddedWords, texts: list[str]) -> np.ndarray:
    """Ask with embeddings that say nothing: they are of another encoder."""
    return words.ask(texts, np.zeros((len(texts), 512), np.float32))


class Door:
    """Opens the text network of a folder, and counts how often."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.opened = 0

    def __call__(self, compute: Callable[[Runs], np.ndarray]) -> Runs:
        self.opened += 1
        session = Session(self.folder / "text.onnx")
        assert compute(session).shape == (1, 8)
        return session


@pytest.fixture
def manifest(tmp_path: Path) -> Manifest:
    return tiny_added.write(tmp_path)


@pytest.fixture
def door(tmp_path: Path) -> Door:
    return Door(tmp_path)


@pytest.fixture
def words(tmp_path: Path, manifest: Manifest, door: Door) -> AddedWords:
    return open_words(tmp_path, manifest, door)


def expected(text: str) -> np.ndarray:
    """The mean over the templates, computed by other means."""
    rows = [toy().text_row(text), toy().text_row(f"a photo of {text}")]
    mean = np.mean(rows, axis=0)
    return mean / np.linalg.norm(mean) * GAIN


def test_a_row_is_the_mean_over_the_templates_times_the_gain(words: AddedWords) -> None:
    assert isinstance(words, Asks)
    texts = ["red shoe", "blue", "a dress", "zebra"]
    rows = ask(words, texts)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(rows, [expected(text) for text in texts], atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), GAIN, rtol=1e-5)


def test_words_of_a_colour_are_nearest_to_pictures_of_it(words: AddedWords) -> None:
    english = [name for name in COLOURS if name.isascii()]
    pictures = [
        toy().picture_row(np.full((32, 32, 3), COLOURS[name], np.uint8)) for name in english
    ]
    scores = ask(words, english) @ np.array(pictures).T
    np.testing.assert_array_equal(scores.argmax(axis=1), np.arange(len(english)))


@pytest.mark.parametrize("text", ["", "\x00", "\ud800", "x" * 100_000, "{}", "{0} {name} %s"])
def test_no_text_is_too_strange(words: AddedWords, text: str) -> None:
    row = ask(words, [text])[0]
    assert np.linalg.norm(row) == pytest.approx(GAIN, rel=1e-4)


def test_a_row_does_not_depend_on_its_company(words: AddedWords) -> None:
    texts = ["red", "a photo of a blue dress", "", "shoe " * 30] * 30
    together = ask(words, texts)
    singly = np.concatenate([ask(words, [text]) for text in texts])
    np.testing.assert_allclose(together, singly, atol=1e-5)


def test_no_texts_give_no_rows(words: AddedWords, door: Door) -> None:
    assert ask(words, []).shape == (0, 8)
    assert door.opened == 0


def test_the_network_is_opened_once_when_sixteen_ask_first(words: AddedWords, door: Door) -> None:
    assert door.opened == 0
    barrier = Barrier(16)

    def first(n: int) -> np.ndarray:
        barrier.wait()
        return ask(words, [f"red {'shoe ' * n}"])

    with ThreadPoolExecutor(16) as pool:
        rows = list(pool.map(first, range(16)))
    assert door.opened == 1
    np.testing.assert_allclose(rows[1][0], expected("red shoe"), atol=1e-5)


def test_an_opening_that_failed_is_tried_again(
    tmp_path: Path, words: AddedWords, door: Door
) -> None:
    path = tmp_path / "text.onnx"
    path.rename(tmp_path / "away")
    for _ in range(2):
        with pytest.raises(Exception, match=r"text\.onnx"):
            words.open()
    (tmp_path / "away").rename(path)
    words.open()
    assert door.opened == 3


def test_a_network_that_breaks_later_is_told_of(tmp_path: Path, manifest: Manifest) -> None:
    class Broken:
        def run(self, output: str, feed: Mapping[str, np.ndarray]) -> np.ndarray:
            assert (output, len(feed)) == ("embedding", 2)
            raise MemoryError("no more")

    words = open_words(tmp_path, manifest, lambda _: Broken())
    with pytest.raises(MismatchError, match=r"text\.onnx cannot compute a text \(no more\)"):
        ask(words, ["red"])


def test_another_gain_template_or_file_is_another_fingerprint(
    tmp_path: Path, manifest: Manifest, door: Door
) -> None:
    part = manifest.text
    assert part
    changed = [
        manifest,
        replace(manifest, text=replace(part, gain=2.0)),
        replace(manifest, text=replace(part, templates=("{}",))),
        replace(manifest, text=replace(part, context=9)),
        replace(
            manifest,
            files=tuple(
                replace(entry, sha256="0" * 64) if entry.name == "text.onnx" else entry
                for entry in manifest.files
            ),
        ),
    ]
    found = [open_words(tmp_path, each, door).fingerprint for each in changed]
    assert len(set(found)) == len(found)
    renamed = replace(manifest, name="other", note="x", source="elsewhere")
    assert open_words(tmp_path, renamed, door).fingerprint == found[0]


def test_a_model_of_pictures_only_has_no_words(tmp_path: Path, door: Door) -> None:
    alone = tiny_added.write(tmp_path / "alone", words=False)
    with pytest.raises(MismatchError, match="'tiny' knows pictures only"):
        open_words(tmp_path / "alone", alone, door)

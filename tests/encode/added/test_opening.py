import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from onnx import ModelProto

import tiny_added
from shoplens.encode.added.manifest import FILE, Manifest
from shoplens.encode.added.opening import WEIGHTS, open_added, running_for
from shoplens.encode.added.pictures import bytes_of
from shoplens.encode.base import Asks, Encoder
from shoplens.encode.bundled import BundledTexts
from shoplens.encode.runtime.batching import Batched, Runs
from shoplens.encode.runtime.session import Running, Session
from shoplens.errors import ConfigError, MismatchError, NotFoundError
from tiny_added import COLOURS, GAIN, toy


@pytest.fixture
def manifest(tmp_path: Path) -> Manifest:
    return tiny_added.write(tmp_path)


def forget(path: Path) -> None:
    """Take out of a network what it says of itself."""
    model = ModelProto()
    model.ParseFromString(path.read_bytes())
    del model.metadata_props[:]
    path.write_bytes(model.SerializeToString())


def ask(encoder: Encoder, *texts: str) -> np.ndarray:
    assert encoder.asks
    return encoder.asks.ask(texts, np.zeros((len(texts), 512), np.float32))


def plain(colour: str) -> np.ndarray:
    return np.full((50, 80, 3), COLOURS[colour], np.uint8)


@pytest.mark.parametrize("precision", ["fp32", "int8"])
def test_pictures_and_words_meet_in_one_space(tmp_path: Path, precision: str) -> None:
    tiny_added.write(tmp_path, "tiny-int8", precision=precision)  # pyright: ignore[reportArgumentType]
    encoder = open_added(tmp_path)
    assert encoder.name == "tiny-int8"
    assert isinstance(encoder.text, BundledTexts)
    assert isinstance(encoder.asks, Asks)
    colours = ["red", "green", "blue"]
    ready = [encoder.picture.prepare(plain(colour)) for colour in colours]
    rows = encoder.picture.encode(ready)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, rtol=1e-5)
    scores = ask(encoder, *colours) @ rows.T
    np.testing.assert_array_equal(scores.argmax(axis=1), [0, 1, 2])
    assert np.diag(scores).min() > 0.8 * GAIN


def test_one_that_knows_pictures_only_asks_nothing(tmp_path: Path) -> None:
    tiny_added.write(tmp_path, words=False)
    assert open_added(tmp_path).asks is None


def test_the_text_network_is_not_read_before_the_first_question(
    tmp_path: Path, manifest: Manifest
) -> None:
    size = manifest.entry("text.onnx").bytes
    (tmp_path / "text.onnx").write_bytes(bytes(size))
    encoder = open_added(tmp_path)
    with pytest.raises(MismatchError, match=r"text\.onnx has the SHA-256"):
        ask(encoder, "red")


def test_a_folder_without_a_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=FILE):
        open_added(tmp_path)


@pytest.mark.parametrize("name", ["picture.onnx", "text.onnx", "tokenizer.json"])
def test_a_file_that_was_cut_is_told_with_its_sizes(
    tmp_path: Path, manifest: Manifest, name: str
) -> None:
    path, size = tmp_path / name, manifest.entry(name).bytes
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(
        MismatchError, match=rf"{name} has 100 bytes where {size:,} are wanted.*models import"
    ):
        open_added(tmp_path)


def test_a_file_of_another_content_is_told_by_its_hash(tmp_path: Path, manifest: Manifest) -> None:
    path = tmp_path / "picture.onnx"
    weight = toy().weight.tobytes()
    path.write_bytes(path.read_bytes().replace(weight, weight[::-1]))
    assert path.stat().st_size == manifest.entry(path.name).bytes
    with pytest.raises(MismatchError, match=r"picture\.onnx has the SHA-256 .* models add"):
        open_added(tmp_path)


def test_a_file_that_is_no_network_is_told_of(tmp_path: Path, manifest: Manifest) -> None:
    (tmp_path / "picture.onnx").write_text("<!doctype html>")
    tiny_added.rewrite(tmp_path, manifest)
    with pytest.raises(MismatchError, match=r"picture\.onnx is no network that this ONNX Runtime"):
        open_added(tmp_path)


def test_another_way_of_resizing_is_told_as_changed_preprocessing(
    tmp_path: Path, manifest: Manifest
) -> None:
    resize = replace(manifest.picture.resize, filter="bilinear")
    changed = replace(manifest, picture=replace(manifest.picture, resize=resize))
    tiny_added.rewrite(tmp_path, changed)
    with pytest.raises(MismatchError, match=r"preprocessing was changed after.*models import"):
        open_added(tmp_path)


def test_a_network_that_tells_nothing_of_resizing_is_believed(
    tmp_path: Path, manifest: Manifest
) -> None:
    path = tmp_path / "picture.onnx"
    forget(path)
    tiny_added.rewrite(tmp_path, manifest)
    assert open_added(tmp_path).picture.dim == 8


def test_a_wrong_dimension_is_told_as_one(tmp_path: Path, manifest: Manifest) -> None:
    tiny_added.write_picture(tmp_path / "picture.onnx", toy(dim=6), manifest.picture.resize)
    tiny_added.rewrite(tmp_path, manifest)
    with pytest.raises(
        MismatchError,
        match=r"gives 6 numbers, model\.json promises an 'embedding' of 8 .*dimension",
    ):
        open_added(tmp_path)


def test_a_network_for_squares_of_another_size_is_told_of(
    tmp_path: Path, manifest: Manifest
) -> None:
    resize = replace(manifest.picture.resize, size_px=30)
    tiny_added.write_picture(tmp_path / "picture.onnx", toy(), resize)
    path = tmp_path / "picture.onnx"
    forget(path)
    tiny_added.rewrite(tmp_path, manifest)
    with pytest.raises(MismatchError, match=r"takes .*30, 30, 3.* promises .*32, 32, 3"):
        open_added(tmp_path)


def test_a_text_network_with_a_mask_that_nobody_told_of_is_refused(
    tmp_path: Path, manifest: Manifest
) -> None:
    assert manifest.text
    tiny_added.rewrite(tmp_path, replace(manifest, text=replace(manifest.text, mask=False)))
    with pytest.raises(MismatchError, match=r"text\.onnx takes .*mask.* do not belong together"):
        ask(open_added(tmp_path), "red")


def test_another_networks_self_test_is_told_with_figures(
    tmp_path: Path, manifest: Manifest
) -> None:
    tiny_added.write_picture(tmp_path / "picture.onnx", toy("other"), manifest.picture.resize)
    tiny_added.rewrite(tmp_path, manifest)
    with pytest.raises(
        MismatchError, match=r"does not reproduce its self-test: off by \d\.\d{4} where 0\.001"
    ):
        open_added(tmp_path)


def test_a_text_network_of_another_model_is_told_when_it_is_asked(
    tmp_path: Path, manifest: Manifest
) -> None:
    tiny_added.write_text(tmp_path / "text.onnx", toy("other"))
    tiny_added.rewrite(tmp_path, manifest)
    with pytest.raises(MismatchError, match=r"text\.onnx does not reproduce its self-test"):
        ask(open_added(tmp_path), "red")


def test_a_damaged_tokenizer_is_told_at_once(tmp_path: Path, manifest: Manifest) -> None:
    (tmp_path / "tokenizer.json").write_text("{}")
    tiny_added.rewrite(tmp_path, manifest)
    with pytest.raises(MismatchError, match=r"tokenizer\.json is no tokenizer"):
        open_added(tmp_path)


ALONE = """
import sys
class Refused:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"torch", "transformers", "open_clip", "onnx", "tokenizers"}:
            raise ModuleNotFoundError(name=name)
sys.meta_path.insert(0, Refused())
from pathlib import Path
import numpy as np
from shoplens.encode.added.opening import open_added
from shoplens.errors import MissingExtraError
try:
    tower = open_added(Path(sys.argv[1])).picture
    print(tower.encode([tower.prepare(np.zeros((40, 40, 3), np.uint8))]).shape)
except MissingExtraError as error:
    print(error)
"""
"""A machine with none of the packages that extras bring."""


def alone(folder: Path) -> str:
    command = [sys.executable, "-c", ALONE, str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_pictures_need_neither_torch_nor_tokenizers(tmp_path: Path) -> None:
    tiny_added.write(tmp_path, words=False)
    assert alone(tmp_path) == "(1, 8)"


def test_words_say_what_to_install_where_the_package_is_not(
    tmp_path: Path, manifest: Manifest
) -> None:
    assert manifest.text
    assert "pip install 'shoplens[models]'" in alone(tmp_path)


def test_a_model_that_needs_more_memory_than_there_may_be_is_not_opened(
    tmp_path: Path, manifest: Manifest
) -> None:
    entries = tuple(replace(entry, bytes=600_000_000) for entry in manifest.files)
    for entry in entries:
        with (tmp_path / entry.name).open("r+b") as file:
            file.truncate(entry.bytes)  # of holes: takes nothing on disk
    (tmp_path / FILE).write_text(replace(manifest, files=entries).to_json(), "utf-8")
    needed = (WEIGHTS * 1_800_000_000 + bytes_of(32)) / 1e6
    with pytest.raises(
        ConfigError,
        match=rf"'tiny' needs about {needed:,.0f} MB .* the ceiling is 3,000 "
        r"\(inference\.memory_mb\): use tiny-int8, a smaller model, or raise it",
    ):
        open_added(tmp_path, running=Running(memory_mb=3000))


def test_a_ceiling_above_the_need_leaves_smaller_batches(
    tmp_path: Path, manifest: Manifest
) -> None:
    batches: list[int] = []

    def through(network: Runs, most: int, pads: Mapping[str, int]) -> Runs:
        assert not pads
        batches.append(most)
        return network

    encoder = open_added(tmp_path, running=Running(memory_mb=12), through=through)
    open_added(tmp_path, through=through)
    nine = (12e6 - WEIGHTS * sum(entry.bytes for entry in manifest.files)) // bytes_of(32)
    assert batches == [nine**0.5, 32]
    ready = [encoder.picture.prepare(plain("red"))] * 9
    assert encoder.picture.encode(ready).shape == (9, 8)


def test_networks_may_be_reached_through_something_else(tmp_path: Path, manifest: Manifest) -> None:
    told: list[tuple[bool, int, dict[str, int]]] = []

    def through(network: Runs, most: int, pads: Mapping[str, int]) -> Runs:
        told.append((isinstance(network, Session), most, dict(pads)))
        return Batched(network, most, pads=pads)

    encoder = open_added(tmp_path, through=through)
    made = encoder.picture.encode([encoder.picture.prepare(plain("blue"))])
    rows = ask(encoder, "blue", "red shoe")
    assert told == [(True, 32, {}), (True, 32, {"ids": 0, "mask": 0})]
    straight = open_added(tmp_path)
    np.testing.assert_allclose(rows, ask(straight, "blue", "red shoe"), atol=1e-5)
    assert (rows @ made[0]).argmax() == 0
    assert manifest.text


def test_a_provider_that_is_not_installed_is_named(tmp_path: Path, manifest: Manifest) -> None:
    assert manifest.picture
    with pytest.raises(ConfigError, match="'openvino' is not installed"):
        open_added(tmp_path, running=Running(("openvino",)))


def test_int8_is_left_to_the_processor_unless_another_is_named(
    tmp_path: Path, manifest: Manifest
) -> None:
    small = tiny_added.write(tmp_path / "small", precision="int8")
    chosen = Running(("cuda", "auto"), memory_mb=700)
    assert running_for(manifest, chosen) == chosen
    assert running_for(small, chosen) == Running(("cuda", "cpu"), memory_mb=700)


def test_a_copy_of_a_folder_is_the_same_encoder(tmp_path: Path) -> None:
    tiny_added.write(tmp_path / "a")
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    first, second = open_added(tmp_path / "a"), open_added(tmp_path / "b")
    assert first.picture.fingerprint == second.picture.fingerprint
    np.testing.assert_array_equal(ask(first, "red"), ask(second, "red"))

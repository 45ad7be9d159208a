import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from safetensors import numpy as safetensors_numpy

import tiny_hub
from shoplens.encode.added.manifest import read_manifest, verify_files
from shoplens.encode.added.opening import open_added
from shoplens.encode.hub.adding import AddRequest, add
from shoplens.encode.hub.loading.vision import TRANSFORMERS
from shoplens.encode.hub.networks import export, graph
from shoplens.encode.onnx import weave
from shoplens.errors import MismatchError, NotFoundError, StorageError

from .conftest import WRITERS, Made, silent

Make = Callable[[str], Made]
WEIGHTS: Any = safetensors_numpy
PICTURE_ONLY = {"dinov2", "dinov3"}
QUICK = ("clip", "dinov3", "jina")
every_kind = pytest.mark.parametrize(
    "kind", [k if k in QUICK else pytest.param(k, marks=pytest.mark.slow) for k in WRITERS]
)
RUN = """
import sys
from pathlib import Path

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"torch", "torchvision", "transformers", "open_clip", "timm",
                                      "huggingface_hub", "onnx", "onnxscript", "safetensors"}:
            raise ModuleNotFoundError(f"{name} is not here", name=name)

sys.meta_path.insert(0, Blocked())
import numpy as np
from shoplens.encode.added.opening import open_added
from shoplens.encode.onnx import weave

encoder = open_added(Path(sys.argv[1]))
tower = encoder.picture
pictures = [weave(90), weave(300)[:, :120]]
told = {"pictures": tower.encode([tower.prepare(each) for each in pictures])}
if encoder.asks:
    texts = ["red dress", "红色连衣裙", "shoes 👟 " * 60, ""]
    told["texts"] = encoder.asks.ask(texts, encoder.text.encode(texts))
np.savez(sys.argv[2], **told)
"""


@every_kind
def test_an_added_model_agrees_with_its_original(made: Make, kind: str) -> None:
    exact, small = made(kind).manifests
    assert (exact.name, small.name) == (kind, f"{kind}-int8")
    assert exact.parity is not None
    assert small.parity is not None
    assert exact.parity.picture_min >= 0.9999
    assert 0.8 < small.parity.picture_min <= exact.parity.picture_min
    assert (exact.text is None) == (kind in PICTURE_ONLY)
    assert exact.parity.text_min is None or exact.parity.text_min >= 0.9999
    for manifest in made(kind).manifests:
        folder = made(kind).models / manifest.name
        assert read_manifest(folder) == manifest
        verify_files(folder, manifest)


@every_kind
def test_an_added_model_runs_where_torch_is_not(made: Make, kind: str, tmp_path: Path) -> None:
    folder = made(kind).models / kind
    out = tmp_path / "rows.npz"
    subprocess.run([sys.executable, "-c", RUN, str(folder), str(out)], check=True)
    rows = np.load(out)
    assert np.allclose(np.linalg.norm(rows["pictures"], axis=1), 1, atol=1e-5)
    assert rows["pictures"].shape[1] == made(kind).manifests[0].dim
    if kind not in PICTURE_ONLY:
        assert rows["texts"].shape == (4, made(kind).manifests[0].dim)


@every_kind
def test_int8_rows_do_not_depend_on_their_neighbours(made: Make, kind: str) -> None:
    tower = open_added(made(kind).models / f"{kind}-int8").picture
    one, other = tower.prepare(weave(200)), tower.prepare(np.full((50, 70, 3), 255, np.uint8))
    assert np.array_equal(tower.encode([one, other])[0], tower.encode([one])[0])


def test_what_was_added_tells_where_it_came_from(made: Make) -> None:
    exact = made("jina").manifests[0]
    assert exact.licence == "cc-by-nc-4.0"
    assert exact.source == "jina"
    assert "torch" in exact.made_with


def test_texts_that_would_change_each_other_are_run_one_by_one(made: Make) -> None:
    text, masked = made("jina").manifests[0].text, made("clip").manifests[0].text
    assert text is not None
    assert masked is not None
    assert text.batch == 1
    assert masked.batch > 1


def test_code_beside_a_model_is_never_run(made: Make) -> None:
    config = json.loads((made("jina").checkpoint / "config.json").read_text())
    assert "auto_map" in config
    assert made("jina").manifests


def test_words_can_be_left_out(made: Make, images: tuple[Path, ...], tmp_path: Path) -> None:
    request = AddRequest(
        str(made("clip").checkpoint), precisions=("fp32",), text=False, pictures=images
    )
    (manifest,) = add(request, tmp_path, silent)
    assert manifest.text is None
    assert [each.name for each in manifest.files] == ["picture.onnx"]
    assert [each.name for each in tmp_path.iterdir()] == ["clip"]


def test_weights_too_large_for_one_file_lie_beside_it(
    made: Make, images: tuple[Path, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for room in (graph, export):
        monkeypatch.setattr(room, "MOST_INLINE", 20_000)
    request = AddRequest(str(made("clip").checkpoint), text=False, pictures=images)
    for manifest in add(request, tmp_path, silent):
        names = [each.name for each in manifest.files]
        assert names == ["picture.onnx", "picture.onnx.data"]
        network = tmp_path / manifest.name / "picture.onnx"
        assert network.stat().st_size < 0.6 * (network.parent / "picture.onnx.data").stat().st_size
        tower = open_added(network.parent).picture
        other = open_added(made("clip").models / manifest.name).picture
        square = tower.prepare(weave(99))
        assert np.allclose(tower.encode([square]), other.encode([square]), atol=1e-5)


def test_a_model_is_not_written_over_another(made: Make) -> None:
    request = AddRequest(str(made("clip").checkpoint))
    with pytest.raises(MismatchError, match="there is a model 'clip' already"):
        add(request, made("clip").models, silent)


@pytest.mark.parametrize("name", ["Big Name", "../out", "a" * 61, "-x"])
def test_a_name_that_is_no_folder_is_refused(made: Make, tmp_path: Path, name: str) -> None:
    with pytest.raises(MismatchError, match="cannot be called"):
        add(AddRequest(str(made("clip").checkpoint), name=name), tmp_path, silent)


def test_nothing_is_left_of_a_model_that_fails(
    made: Make, images: tuple[Path, ...], tmp_path: Path
) -> None:
    broken = _copy(made("clip").checkpoint, tmp_path / "cut")
    weights = broken / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1000])
    with pytest.raises(MismatchError, match="cut, damaged"):
        add(AddRequest(str(broken), pictures=images), tmp_path / "models", silent)
    assert list((tmp_path / "models").iterdir()) == []


def test_a_folder_that_cannot_be_written_is_a_storage_error(made: Make, tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file, no folder")
    with pytest.raises(StorageError, match="refused the model"):
        add(AddRequest(str(made("clip").checkpoint)), tmp_path / "models", silent)


def test_weights_in_a_pickle_that_runs_code_are_refused(
    made: Make, images: tuple[Path, ...], tmp_path: Path
) -> None:
    import pickle  # noqa: PLC0415

    class Evil:
        def __reduce__(self) -> tuple[Any, tuple[str]]:
            return (Path.touch, (Path(tmp_path / "evil"),))  # type: ignore[return-value]

    folder = _copy(made("clip").checkpoint, tmp_path / "pickled")
    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").write_bytes(pickle.dumps({"weight": Evil()}))
    with pytest.raises(MismatchError, match="cannot be read"):
        add(AddRequest(str(folder), pictures=images), tmp_path / "models", silent)
    assert not (tmp_path / "evil").exists()


def test_weights_that_lack_a_layer_are_refused(made: Make, tmp_path: Path) -> None:
    folder = _copy(made("clip").checkpoint, tmp_path / "poor")
    weights = WEIGHTS.load_file(folder / "model.safetensors")
    weights.pop("visual_projection.weight")
    WEIGHTS.save_file(weights, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(MismatchError, match=r"lack 1 of what.*visual_projection"):
        add(AddRequest(str(folder)), tmp_path / "models", silent)


def test_weights_of_another_dimension_are_refused(made: Make, tmp_path: Path) -> None:
    folder = _copy(made("clip").checkpoint, tmp_path / "wrong")
    _change(folder / "config.json", projection_dim=40)
    with pytest.raises(MismatchError, match=r"cannot be read|lack"):
        add(AddRequest(str(folder)), tmp_path / "models", silent)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"do_resize": False}, "not resized"),
        ({"do_pad": True}, "padded"),
        ({"do_center_crop": False}, "no square"),
        ({"crop_size": {"height": 32, "width": 32}}, "made for 64"),
        ({"resample": 9}, "resample"),
        ({"image_std": [0.0, 1.0, 1.0]}, "deviation"),
    ],
)
def test_preprocessing_that_is_not_understood_is_never_guessed(
    made: Make, tmp_path: Path, change: dict[str, Any], told: str
) -> None:
    folder = _copy(made("clip").checkpoint, tmp_path / "odd")
    _change(folder / "preprocessor_config.json", **change)
    with pytest.raises(MismatchError, match=told):
        add(AddRequest(str(folder)), tmp_path / "models", silent)


def test_a_checkpoint_without_preprocessing_is_refused(made: Make, tmp_path: Path) -> None:
    folder = _copy(made("clip").checkpoint, tmp_path / "bare")
    (folder / "preprocessor_config.json").unlink()
    with pytest.raises(MismatchError, match=r"lacks preprocessor_config\.json"):
        add(AddRequest(str(folder)), tmp_path / "models", silent)


def test_an_unknown_architecture_is_refused_with_what_there_is(tmp_path: Path) -> None:
    folder = tmp_path / "gpt"
    folder.mkdir()
    (folder / "config.json").write_text('{"model_type": "gpt2"}')
    with pytest.raises(MismatchError, match=r"type 'gpt2'.*siglip.*OpenCLIP"):
        add(AddRequest(str(folder)), tmp_path / "models", silent)


def test_siglip_2_without_a_fixed_size_is_refused_in_words(tmp_path: Path) -> None:
    folder = tmp_path / "naflex"
    folder.mkdir()
    (folder / "config.json").write_text('{"model_type": "siglip2"}')
    with pytest.raises(MismatchError, match="fixed resolution"):
        add(AddRequest(str(folder)), tmp_path / "models", silent)


def test_a_picture_that_is_not_there_is_named(made: Make, tmp_path: Path) -> None:
    request = AddRequest(str(made("clip").checkpoint), pictures=(tmp_path / "none.jpg",))
    with pytest.raises(NotFoundError, match=r"none\.jpg"):
        add(request, tmp_path / "models", silent)


@pytest.mark.slow
def test_small_letters_reach_siglip_2_and_its_gain_lies_where_its_loss_is_even(
    images: tuple[Path, ...], tmp_path: Path
) -> None:
    folder = tiny_hub.write_siglip(tmp_path / "loud", gemma=True)
    model = TRANSFORMERS.AutoModel.from_pretrained(str(folder))
    model.logit_scale.data.fill_(np.log(100))
    model.logit_bias.data.fill_(-12.5)
    model.save_pretrained(str(folder))
    request = AddRequest(str(folder), precisions=("fp32",), pictures=images)
    (manifest,) = add(request, tmp_path / "models", silent)
    asks = open_added(tmp_path / "models" / "loud").asks
    assert asks is not None
    loud, low = asks.ask(["A Red DRESS", "a red dress"], np.zeros((2, 512), np.float32))
    assert np.array_equal(loud, low)
    assert manifest.text is not None
    assert manifest.text.gain == pytest.approx(2.0)  # 0.25 / (12.5 / 100)
    assert np.linalg.norm(loud) == pytest.approx(2.0, abs=1e-4)


@pytest.mark.slow
def test_the_sample_shop_stands_in_for_pictures_of_ones_own(made: Make, tmp_path: Path) -> None:
    request = AddRequest(str(made("dinov2").checkpoint), precisions=("int8",))
    (manifest,) = add(request, tmp_path, silent)
    assert manifest.parity is not None
    assert manifest.parity.pictures == 12
    assert [each.name for each in tmp_path.iterdir()] == ["dinov2-int8"]


def test_a_picture_is_seen_as_the_original_library_sees_it(made: Make) -> None:
    """Through transformers alone, without any of our code on that side."""
    checkpoint = str(made("clip").checkpoint)
    picture = weave(150)[:, :95]
    processor = TRANSFORMERS.AutoImageProcessor.from_pretrained(checkpoint, backend="pil")
    model = TRANSFORMERS.AutoModel.from_pretrained(checkpoint).eval()
    planes = processor(images=Image.fromarray(picture), return_tensors="pt")
    row = model.get_image_features(**planes).pooler_output.detach().numpy()[0]
    tower = open_added(made("clip").models / "clip").picture
    mine = tower.encode([tower.prepare(picture)])[0]
    assert mine == pytest.approx(row / np.linalg.norm(row), abs=2e-5)


def _copy(folder: Path, to: Path) -> Path:
    shutil.copytree(folder, to)
    return to


def _change(path: Path, **told: Any) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | told))

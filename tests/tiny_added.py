"""Added models small enough to write in a test: a network of pictures, one of words, a tokenizer.

Both look at colours. A picture becomes the mean colours of its four quarters, a word of
``COLOURS`` the row of a picture of nothing but that colour; so the right answers are known.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from zlib import crc32

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from shoplens.encode.added.manifest import (
    FILE,
    Manifest,
    Parity,
    PicturePart,
    Precision,
    Resize,
    SelfTest,
    TextPart,
    entry_of,
)
from shoplens.encode.onnx import weave

COLOURS = {
    "red": (255, 0, 0),
    "green": (0, 160, 0),
    "blue": (0, 0, 255),
    "yellow": (255, 255, 0),
    "black": (0, 0, 0),
    "white": (255, 255, 255),
    "红": (255, 0, 0),
    "绿": (0, 160, 0),
    "蓝": (0, 0, 255),
}
WORDS = ("a", "photo", "of", "picture", "shoe", "dress", "bag", "色", "鞋", "的", "-", ".")
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
VOCABULARY = (*SPECIAL, *COLOURS, *WORDS)
RESIZE = Resize("crop", size_px=32, short_px=36, filter="bicubic")
CONTEXT = 12
GAIN = 1.5


@dataclass(frozen=True, slots=True)
class Toy:
    """What the networks compute, by other means: weights (12, dim), and a row for each word."""

    weight: np.ndarray
    table: np.ndarray

    def picture_row(self, square: np.ndarray) -> np.ndarray:
        """Embed a square (s, s, 3)."""
        half = square.shape[0] // 2
        quarters = [square[y : y + half, x : x + half] for y in (0, half) for x in (0, half)]
        means = [quarter.reshape(-1, 3).astype(np.float64).mean(axis=0) for quarter in quarters]
        row = (np.concatenate(means) / 255 - 0.4) @ self.weight
        return row / np.linalg.norm(row)

    def text_row(self, text: str, context: int = CONTEXT) -> np.ndarray:
        """Embed words, without templates or gain; they stand apart by spaces here."""
        known = {word: place for place, word in enumerate(VOCABULARY)}
        ids = [known.get(word, 1) for word in text.lower().split()][: context - 2]
        row = self.table[[2, *ids, 3]].astype(np.float64).sum(axis=0)
        return row / np.linalg.norm(row)


def toy(name: str = "tiny", dim: int = 8, precision: Precision = "fp32") -> Toy:
    """Draw the weights that ``write`` gives to a model of that name."""
    rng = np.random.default_rng(crc32(name.removesuffix("-int8").encode()))
    weight = rng.normal(size=(12, dim))
    table = 0.05 * rng.normal(size=(len(VOCABULARY), dim))
    for word, colour in COLOURS.items():
        row = (np.tile(colour, 4) / 255 - 0.4) @ weight
        table[VOCABULARY.index(word)] = row / np.linalg.norm(row)
    table[0] = 0
    if precision == "int8":  # as coarse as eight bits
        weight = np.round(weight * 32) / 32
    return Toy(weight.astype(np.float32), table.astype(np.float32))


def write(
    folder: Path,
    name: str = "tiny",
    dim: int = 8,
    *,
    words: bool = True,
    precision: Precision = "fp32",
    resize: Resize = RESIZE,
) -> Manifest:
    """Write a whole model into ``folder``, which then has its ``model.json``."""
    folder.mkdir(parents=True, exist_ok=True)
    drawn = toy(name, dim, precision)
    batch = 1 if precision == "int8" else 32
    write_picture(folder / "picture.onnx", drawn, resize)
    text = None
    if words:
        write_text(folder / "text.onnx", drawn)
        write_tokenizer(folder / "tokenizer.json")
        asked = SelfTest("red shoe", _numbers(drawn.text_row("red shoe")), 0.001)
        text = TextPart(
            file="text.onnx",
            tokenizer="tokenizer.json",
            context=CONTEXT,
            pad=0,
            whole=False,
            mask=True,
            selftest=asked,
            templates=("{}", "a photo of {}"),
            gain=GAIN,
            batch=batch,
        )
    seen = SelfTest("", _numbers(drawn.picture_row(weave(resize.size_px))), 0.001)
    manifest = Manifest(
        name=name,
        architecture="toy",
        source="hf:tests/tiny@0",
        licence="apache-2.0",
        precision=precision,
        dim=dim,
        picture=PicturePart("picture.onnx", resize, seen, batch),
        text=text,
        files=tuple(entry_of(path) for path in sorted(folder.iterdir()) if path.name != FILE),
        parity=Parity(1.0, 1.0, 1.0 if words else None, 1.0 if words else None, 3),
    )
    (folder / FILE).write_text(manifest.to_json(), "utf-8")
    return manifest


def rewrite(folder: Path, manifest: Manifest) -> Manifest:
    """Write ``model.json`` anew, with the files as they are now."""
    entries = tuple(entry_of(folder / entry.name) for entry in manifest.files)
    kept = replace(manifest, files=entries)
    (folder / FILE).write_text(kept.to_json(), "utf-8")
    return kept


def change(folder: Path, *path: str | int, value: object) -> None:
    """Set one value of ``model.json``, named by the keys that lead to it."""
    told = json.loads((folder / FILE).read_text("utf-8"))
    place = told
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    (folder / FILE).write_text(json.dumps(told), "utf-8")


def write_picture(path: Path, drawn: Toy, resize: Resize) -> None:
    """Write ``pixels`` uint8 (n, s, s, 3) -> ``embedding`` float32 (n, d)."""
    size_px, dim = resize.size_px, drawn.weight.shape[1]
    half = size_px // 2
    nodes = [
        helper.make_node("Transpose", ["pixels"], ["planes"], perm=[0, 3, 1, 2]),
        helper.make_node("Cast", ["planes"], ["levels"], to=TensorProto.FLOAT),
        helper.make_node(
            "AveragePool", ["levels"], ["grid"], kernel_shape=[half, half], strides=[half, half]
        ),
        helper.make_node("Transpose", ["grid"], ["quarters"], perm=[0, 2, 3, 1]),
        helper.make_node("Flatten", ["quarters"], ["means"], axis=1),
        helper.make_node("Div", ["means", "white"], ["shares"]),
        helper.make_node("Sub", ["shares", "middle"], ["centred"]),
        helper.make_node("MatMul", ["centred", "weight"], ["projected"]),
        helper.make_node("LpNormalization", ["projected"], ["embedding"], axis=1, p=2),
    ]
    white, middle = np.array(255, np.float32), np.array(0.4, np.float32)
    kept = {"white": white, "middle": middle, "weight": drawn.weight}
    takes = [("pixels", TensorProto.UINT8, ["n", size_px, size_px, 3])]
    _save(path, nodes, kept, takes, dim, {"resize": resize.told})


def write_text(path: Path, drawn: Toy) -> None:
    """Write ``ids`` and ``mask`` int64 (n, t) -> ``embedding`` float32 (n, d)."""
    nodes = [
        helper.make_node("Gather", ["table", "ids"], ["rows"]),
        helper.make_node("Cast", ["mask"], ["shown"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["shown", "last"], ["shares"]),
        helper.make_node("Mul", ["rows", "shares"], ["seen"]),
        helper.make_node("ReduceSum", ["seen", "middle"], ["sum"], keepdims=0),
        helper.make_node("LpNormalization", ["sum"], ["embedding"], axis=1, p=2),
    ]
    kept = {"table": drawn.table, "last": np.array([2]), "middle": np.array([1])}
    takes = [(name, TensorProto.INT64, ["n", "t"]) for name in ("ids", "mask")]
    _save(path, nodes, kept, takes, drawn.table.shape[1])


def write_tokenizer(path: Path) -> None:
    """Write a real one: small letters, Chinese by the character, ``[CLS]`` and ``[SEP]`` around."""
    vocabulary = {word: place for place, word in enumerate(VOCABULARY)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))  # noqa: S106
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer.save(str(path))


def _save(
    path: Path,
    nodes: list[onnx.NodeProto],
    kept: Mapping[str, np.ndarray],
    takes: Sequence[tuple[str, int, Sequence[str | int]]],
    dim: int,
    metadata: Mapping[str, str] | None = None,
) -> None:
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info(*each) for each in takes],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["n", dim])],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in kept.items()],
    )
    opsets = [helper.make_opsetid("", 18)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=10)
    helper.set_model_props(model, dict(metadata or {}))
    path.write_bytes(model.SerializeToString())


def _numbers(row: np.ndarray) -> tuple[float, ...]:
    return tuple(round(float(number), 6) for number in row)

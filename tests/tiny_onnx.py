"""ONNX files small enough to write by hand, field by field, as protocol buffers."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np


@dataclass
class TinyModel:
    """An ONNX file that averages a picture and multiplies the three averages by ``weight``.

    Its map is every pixel multiplied by ``weight``.
    Tests need neither the onnx package nor the shipped files. ``write`` puts in the self-test
    that such a network passes, unless ``metadata`` says otherwise; None leaves a property out.
    """

    size_px: int = 16
    weight: np.ndarray = field(
        default_factory=lambda: np.array([[1, 0, 2, -1], [0, 1, -1, 1], [1, 1, 0, 3]], np.float32)
    )
    metadata: Mapping[str, str | None] = field(default_factory=dict[str, str | None])
    tolerance: float = 0.01
    resize: str = "any"

    def write(self, path: Path) -> Path:
        path.write_bytes(self.content())
        return path

    def expected(self) -> np.ndarray:
        """What the network gives for the weave, computed here by other means."""
        s = self.size_px
        sums = np.zeros(3)
        for y in range(s):
            for x in range(s):
                squares = 20 + 200 * ((x // 16 + y // 16) % 2)
                sums += [(7 * x + 3 * y) % 256, squares, (x * y // 7) % 256]
        row = (sums / s**2) @ self.weight
        return row / np.linalg.norm(row)

    def content(self) -> bytes:
        selftest = {
            "picture": "weave",
            "tolerance": self.tolerance,
            "embedding": [round(float(value), 4) for value in self.expected()],
        }
        properties: dict[str, str | None] = {
            "name": "tiny",
            "size_px": str(self.size_px),
            "dim": str(self.weight.shape[1]),
            "resize": self.resize,
            "selftest": json.dumps(selftest),
            **self.metadata,
        }
        pairs = [(key, value) for key, value in properties.items() if value is not None]
        return _model(self._graph(), dict(pairs))

    def _graph(self) -> bytes:
        side, dim = self.size_px, self.weight.shape[1]
        return b"".join(
            [
                _node("Transpose", ["pixels"], "planes", perm=[0, 3, 1, 2]),
                _node("Cast", ["planes"], "levels", to=1),
                _node("GlobalAveragePool", ["levels"], "average"),
                _node("Flatten", ["average"], "flat", axis=1),
                _node("MatMul", ["flat", "weight"], "projected"),
                _node("LpNormalization", ["projected"], "embedding", axis=1, p=2),
                _node("Cast", ["pixels"], "cells", to=1),
                _node("MatMul", ["cells", "weight"], "map"),
                _text(2, "tiny"),
                _bytes(5, _tensor("weight", self.weight)),
                _bytes(11, _value("pixels", 2, ["n", side, side, 3])),
                _bytes(12, _value("embedding", 1, ["n", dim])),
                _bytes(12, _value("map", 1, ["n", side, side, dim])),
            ]
        )


@dataclass
class TinyHead:
    """A head's file: rows of ``derives_from`` with their projection by ``weight`` (d, h) beside.

    The projection is made of unit length; ``blend`` is its share of a cosine.
    """

    weight: np.ndarray
    derives_from: str
    blend: float = 0.5
    metadata: Mapping[str, str | None] = field(default_factory=dict[str, str | None])

    def write(self, folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "head.onnx"
        path.write_bytes(self.content())
        return path

    def expected(self, row: np.ndarray) -> np.ndarray:
        """What the head makes of a row, computed here by other means."""
        out = [
            sum(float(n) * float(w) for n, w in zip(row, column, strict=True))
            for column in self.weight.T
        ]
        length = sum(number**2 for number in out) ** 0.5
        kept = [float(n) * (1 - self.blend) ** 0.5 for n in row]
        return np.array([*kept, *(number / length * self.blend**0.5 for number in out)])

    def content(self) -> bytes:
        d, h = self.weight.shape
        ramp = [math.sin(0.1 * place) for place in range(d)]
        length = sum(number**2 for number in ramp) ** 0.5
        made = self.expected(np.array(ramp) / length)
        properties: dict[str, str | None] = {
            "name": "tiny",
            "derives_from": self.derives_from,
            "base_dim": str(d),
            "dim": str(d + h),
            "blend": str(self.blend),
            "selftest": json.dumps({"tolerance": 0.001, "embedding": made.tolist()}),
            **self.metadata,
        }
        kept, share = (1 - self.blend) ** 0.5, self.blend**0.5
        graph = [
            _node("MatMul", ["row", "weight"], "projected"),
            _node("LpNormalization", ["projected"], "unit", axis=1, p=2),
            _node("Mul", ["cells", "kept"], "first"),
            _node("Mul", ["unit", "share"], "second"),
            _node("Concat", ["first", "second"], "embedding", axis=1),
            _text(2, "tiny"),
            _bytes(5, _tensor("weight", self.weight)),
            _bytes(5, _tensor("kept", np.array([kept]))),
            _bytes(5, _tensor("share", np.array([share]))),
            _bytes(11, _value("row", 1, ["m", d])),
            _bytes(11, _value("cells", 1, ["m", d])),
            _bytes(12, _value("embedding", 1, ["m", d + h])),
        ]
        told = {key: value for key, value in properties.items() if value is not None}
        return _model(b"".join(graph), told)


def _model(graph: bytes, properties: Mapping[str, str]) -> bytes:
    return b"".join(
        [
            _int(1, 8),  # ir_version
            _bytes(7, graph),
            _bytes(8, _bytes(1, b"") + _int(2, 17)),  # opset 17
            *(_bytes(14, _text(1, key) + _text(2, value)) for key, value in properties.items()),
        ]
    )


def _tensor(name: str, values: np.ndarray) -> bytes:
    sizes = b"".join(_int(1, size) for size in values.shape)
    return sizes + _int(2, 1) + _text(8, name) + _bytes(9, values.astype("<f4").tobytes())


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def _int(place: int, value: int) -> bytes:
    return _varint(place << 3) + _varint(value)


def _bytes(place: int, value: bytes) -> bytes:
    return _varint(place << 3 | 2) + _varint(len(value)) + value


def _text(place: int, value: str) -> bytes:
    return _bytes(place, value.encode())


def _node(kind: str, inputs: list[str], output: str, **attributes: int | list[int]) -> bytes:
    named = [
        _bytes(5, _text(1, name) + (
            b"".join(_int(8, each) for each in value) + _int(20, 7)
            if isinstance(value, list)
            else _int(3, value) + _int(20, 2)
        ))
        for name, value in attributes.items()
    ]  # fmt: skip
    parts = [*(_text(1, name) for name in inputs), _text(2, output), _text(4, kind), *named]
    return _bytes(1, b"".join(parts))


def _value(name: str, kind: int, shape: list[str | int]) -> bytes:
    sizes = [_bytes(1, _text(2, n) if isinstance(n, str) else _int(1, n)) for n in shape]
    tensor = _int(1, kind) + _bytes(2, b"".join(sizes))
    return _text(1, name) + _bytes(2, _bytes(1, tensor))

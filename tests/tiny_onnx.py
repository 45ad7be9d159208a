"""ONNX files small enough to write by hand, field by field, as protocol buffers."""

import json
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
        return b"".join(
            [
                _int(1, 8),  # ir_version
                _bytes(7, self._graph()),
                _bytes(8, _bytes(1, b"") + _int(2, 17)),  # opset 17
                *(_bytes(14, _text(1, key) + _text(2, value)) for key, value in pairs),
            ]
        )

    def _graph(self) -> bytes:
        side, dim = self.size_px, self.weight.shape[1]
        weight = b"".join(
            [
                *(_int(1, size) for size in self.weight.shape),
                _int(2, 1),  # float32
                _text(8, "weight"),
                _bytes(9, self.weight.astype("<f4").tobytes()),
            ]
        )
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
                _bytes(5, weight),
                _bytes(11, _value("pixels", 2, ["n", side, side, 3])),
                _bytes(12, _value("embedding", 1, ["n", dim])),
                _bytes(12, _value("map", 1, ["n", side, side, dim])),
            ]
        )


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

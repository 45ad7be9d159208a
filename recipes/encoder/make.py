"""Make the bundled picture encoder: published weights in, two small ONNX files out.

$ python make.py                    # from the stored mean and basis
$ python make.py --fit DATA_FOLDER  # fit mean and basis again, then make
"""

import argparse
import hashlib
import json
from pathlib import Path

import backbone
import graph
import numpy as np
import onnx
import onnxruntime
import projection

RECIPE_VERSION = "1"
MODELS = Path(__file__).parents[2] / "src" / "shoplens" / "encode" / "models"
RESIZE_RULE = "centred square of the whole short side, Pillow BICUBIC with box, to size_px"
SELFTEST_FORMULA = (
    "weave: y, x = mgrid[:size, :size]; "
    "(7x + 3y) % 256, 20 + 200 ((x // 16 + y // 16) % 2), (x y // 7) % 256"
)


def main() -> None:
    """Make both files and print their sizes and SHA-256."""
    parser = argparse.ArgumentParser(description="Make the bundled picture encoder.")
    parser.add_argument("--fit", type=Path, metavar="DATA", help="fit mean and basis again")
    parser.add_argument("--out", type=Path, default=MODELS, help="folder to write to")
    parser.add_argument("--precision", choices=graph.PRECISIONS, default="mixed")
    options = parser.parse_args()
    if options.fit:
        store_fit(options.fit)
    for name in backbone.WEIGHTS:
        path = make(name, options.out, options.precision)
        content = path.read_bytes()
        print(f"{hashlib.sha256(content).hexdigest()}  {path.name}  {len(content) / 1e6:.2f} MB")


def make(name: str, folder: Path, precision: str) -> Path:
    """Write one encoder and return its path."""
    mean, basis = projection.read_stored(name)
    size_px = backbone.SIZE_PX[name]
    blocks = backbone.blocks_of(backbone.read_network(name))
    model = graph.build(blocks, size_px, mean, basis, precision)
    properties = {
        "name": name,
        "size_px": str(size_px),
        "dim": str(projection.DIM),
        "licence": "Apache-2.0",
        "source": backbone.source_packages(name),
        "resize": RESIZE_RULE,
        "recipe": RECIPE_VERSION,
        "precision": precision,
        "selftest": selftest(model, size_px),
    }
    onnx.helper.set_model_props(model, properties)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.onnx"
    path.write_bytes(model.SerializeToString(deterministic=True))
    return path


def weave(size_px: int) -> np.ndarray:
    """Draw the self-test picture, from whole numbers only, so that it is the same anywhere."""
    y, x = np.mgrid[:size_px, :size_px]
    planes = [(7 * x + 3 * y) % 256, 20 + 200 * ((x // 16 + y // 16) % 2), (x * y // 7) % 256]
    return np.stack(planes, axis=-1).astype(np.uint8)


def selftest(model: onnx.ModelProto, size_px: int) -> str:
    """Say what the self-test picture must give: JSON for the property ``selftest``.

    Rounded to 4 decimals: processors differ after that, and the file stays the same on all.
    """
    session = open_session(model)
    embedding = session.run(["embedding"], {"pixels": weave(size_px)[None]})[0][0]
    expected = [round(float(value), 4) for value in embedding[:16]]
    return json.dumps(
        {"picture": "weave", "formula": SELFTEST_FORMULA, "tolerance": 0.01, "embedding": expected}
    )


def store_fit(data: Path) -> None:
    """Fit mean and basis of both networks on the pictures under ``data`` and keep them."""
    arrays: dict[str, np.ndarray] = {}
    for name, size_px in backbone.SIZE_PX.items():
        session = open_session(
            graph.build_pooled(backbone.blocks_of(backbone.read_network(name)), size_px)
        )
        kinds = (projection.photo_paths(data), projection.shop_paths(data))
        mean, basis = projection.fit(*(projection.pooled(session, kind, size_px) for kind in kinds))
        arrays[f"{name}_mean"] = mean.astype(np.float32)
        arrays[f"{name}_basis"] = basis.astype(np.float16)
    np.savez(projection.STORED, **arrays)


def open_session(model: onnx.ModelProto) -> onnxruntime.InferenceSession:
    """Run a model on two threads of the CPU."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 2
    return onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


if __name__ == "__main__":
    main()

"""Compare made files with the published networks in torch, on real pictures.

$ python check.py MODELS_FOLDER PICTURE [PICTURE ...]
"""

import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import backbone
import numpy as np
import onnxruntime
import projection
import torch
from backbone import Array

ROUNDS = 30


def main() -> None:
    """Print, for each file, how near it is to torch and how long it takes."""
    folder, pictures = Path(sys.argv[1]), [Path(argument) for argument in sys.argv[2:]]
    for name, size_px in backbone.SIZE_PX.items():
        path = folder / f"{name}.onnx"
        batch = np.stack([projection.read_square(picture, size_px) for picture in pictures])
        started = perf_counter()
        session = open_session(path, threads=2)
        load_s = perf_counter() - started
        made, wanted = embeddings_of(session, batch), reference(name, batch)
        cosine = (made * wanted).sum(1)
        print(f"{name}: {path.stat().st_size / 1e6:.2f} MB, load {load_s:.2f} s")
        print(f"  cosine to torch: mean {cosine.mean():.6f}, min {cosine.min():.6f}")
        print(f"  same nearest neighbour: {(nearest(made) == nearest(wanted)).mean():.2f}")
        for threads in (1, 2):
            print(f"  {threads} threads: {timings(open_session(path, threads), batch[:1])}")


def open_session(path: Path, threads: int) -> onnxruntime.InferenceSession:
    """Open a file on the CPU."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def embeddings_of(session: onnxruntime.InferenceSession, batch: np.ndarray) -> Array:
    """Encode a batch ten pictures at a time, so that the dynamic axis is tried too."""
    parts = [
        session.run(["embedding"], {"pixels": batch[i : i + 10]})[0]
        for i in range(0, len(batch), 10)
    ]
    return np.concatenate(parts)


def reference(name: str, batch: np.ndarray) -> Array:
    """Compute the same embeddings with the published network in torch."""
    mean, basis = projection.read_stored(name)
    network = backbone.read_network(name)
    planes = (torch.from_numpy(batch).permute(0, 3, 1, 2).float() - 127) / 128
    with torch.inference_mode():
        average = [network.extract_features(plane[None]).mean((2, 3)).numpy() for plane in planes]
    projected = (np.concatenate(average) - mean) @ basis
    return projected / np.linalg.norm(projected, axis=1, keepdims=True)


def nearest(embeddings: Array) -> np.ndarray:
    """Find each picture's nearest other picture."""
    scores = embeddings @ embeddings.T
    np.fill_diagonal(scores, -np.inf)
    return scores.argmax(1)


def timings(session: onnxruntime.InferenceSession, pixels: np.ndarray) -> str:
    """Time one picture, without the map and with it."""
    feed = {"pixels": pixels}
    alone = median_ms(lambda: session.run(["embedding"], feed))
    both = median_ms(lambda: session.run(["embedding", "map"], feed))
    return f"embedding {alone:.1f} ms, embedding and map {both:.1f} ms"


def median_ms(call: Callable[[], object]) -> float:
    """Take the median of many calls, after a few to warm up."""
    times = []
    for _ in range(ROUNDS + 3):
        started = perf_counter()
        call()
        times.append(perf_counter() - started)
    return float(np.median(times[3:]) * 1e3)


if __name__ == "__main__":
    main()

"""What do large models cost here? Each architecture at its real size, with random weights.

    python -m bench.hub [--only clip-b32 --only dinov2-s14] [--openvino PYTHON]

Every model is written as the checkpoint that a hub would hold, added as ``shoplens models add``
does (export, int8, comparison with torch), then opened and timed in a process of its own, one
thread, one picture (a text of 5 words) at a time. The baseline is the bundled lite2, timed by turns
with each in the same process. Memory is what the process grew by from before opening to after the
last picture, words' tower included. ``--openvino`` names a Python that has onnxruntime-openvino
instead of onnxruntime; without it that column stays empty. Random weights say nothing of accuracy,
and parity with them is of the arithmetic only. About half an hour with all; so400m takes 12 GB.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from bench.report import print_table

ROOT = Path(__file__).resolve().parents[1]
RUNS = 12
TEXT = "red running shoes for men"
COLUMNS = (
    *("model", "precision", "numbers", "size MB", "ms a picture", "times lite2", "ms OpenVINO"),
    *("ms a text", "memory MB", "least cosine, pictures", "words", "export s", "export GB"),
)


def clip(**vision: int) -> Callable[[Path], None]:
    """Write a CLIP of transformers at full size."""

    def write(folder: Path) -> None:
        import tiny_hub  # noqa: PLC0415 - torch is wanted in the child process only

        last = len(tiny_hub.clip_tokenizer()) - 1
        large = vision.get("hidden_size", 768) > 768
        text: dict[str, Any] = {"vocab_size": 49_408, "bos_token_id": last - 1}
        text |= {"eos_token_id": last, "pad_token_id": last}
        text |= {"hidden_size": 768, "intermediate_size": 3072} if large else {}
        text |= {"num_attention_heads": 12} if large else {}
        config = tiny_hub.TRANSFORMERS.CLIPConfig(
            text_config=text, vision_config=vision, projection_dim=768 if large else 512
        )
        tiny_hub.write_clip(folder, config)

    return write


def siglip(text: dict[str, int], vision: dict[str, int]) -> Callable[[Path], None]:
    """Write a SigLIP 2 of transformers at full size."""

    def write(folder: Path) -> None:
        import tiny_hub  # noqa: PLC0415

        told = {"vocab_size": 256_000, "max_position_embeddings": 64, **text}
        config = tiny_hub.TRANSFORMERS.SiglipConfig(text_config=told, vision_config=vision)
        tiny_hub.write_siglip(folder, config, gemma=True)

    return write


def chinese_clip(folder: Path) -> None:
    """Write a Chinese-CLIP ViT-B/16 at full size."""
    import tiny_hub  # noqa: PLC0415

    vision = {"patch_size": 16, "hidden_size": 768, "num_hidden_layers": 12}
    config = tiny_hub.TRANSFORMERS.ChineseCLIPConfig(
        text_config={"vocab_size": 21_128}, vision_config=vision, projection_dim=512
    )
    tiny_hub.write_chinese_clip(folder, config)


def dino(version: int, size: int, heads: int) -> Callable[[Path], None]:
    """Write a DINOv2 or v3 at full size."""

    def write(folder: Path) -> None:
        import tiny_hub  # noqa: PLC0415

        told = {"hidden_size": size, "num_attention_heads": heads}
        if version == 2:
            tiny_hub.write_dinov2(
                folder, tiny_hub.TRANSFORMERS.Dinov2Config(**told, image_size=518)
            )
        else:
            told |= {"intermediate_size": 4 * size, "num_hidden_layers": 12}
            config = tiny_hub.TRANSFORMERS.DINOv3ViTConfig(**told, image_size=224, patch_size=16)
            tiny_hub.write_dinov3(folder, config)

    return write


def open_clip(name: str, writer: str) -> Callable[[Path], None]:
    """Write one of open_clip's own configurations at full size."""

    def write(folder: Path) -> None:
        import tiny_hub  # noqa: PLC0415

        config = tiny_hub.OPEN_CLIP.get_model_config(name)
        getattr(tiny_hub, writer)(folder, config)

    return write


B16 = {"hidden_size": 768, "intermediate_size": 3072, "num_hidden_layers": 12}
B16 |= {"num_attention_heads": 12}
SO400M = {"hidden_size": 1152, "intermediate_size": 4304, "num_hidden_layers": 27}
SO400M |= {"num_attention_heads": 16}
L14 = {"hidden_size": 1024, "intermediate_size": 4096, "num_hidden_layers": 24}
L14 |= {"num_attention_heads": 16, "patch_size": 14}
MODELS: dict[str, Callable[[Path], None]] = {
    "clip-b32": clip(),
    "clip-l14": clip(**L14),
    "siglip2-b16": siglip(B16, {**B16, "image_size": 224, "patch_size": 16}),
    "siglip2-so400m": siglip(SO400M, {**SO400M, "image_size": 384, "patch_size": 14}),
    "mobileclip2-s0": open_clip("MobileCLIP2-S0", "write_mobileclip"),
    "fashion-siglip": open_clip("ViT-B-16-SigLIP", "write_open_siglip"),
    "chinese-clip-b16": chinese_clip,
    "dinov2-s14": dino(2, 384, 6),
    "dinov2-b14": dino(2, 768, 12),
    "dinov3-b16": dino(3, 768, 12),
}


# ---- in a process of its own ---------------------------------------------------------------------


def make(name: str, into: Path) -> None:
    """Write the checkpoint, add it, and print what that took."""
    sys.path.insert(0, str(ROOT / "tests"))
    from shoplens.encode.hub.adding import AddRequest, add  # noqa: PLC0415

    with tempfile.TemporaryDirectory(dir=into) as folder:
        MODELS[name](Path(folder))
        began = time.perf_counter()
        made = add(AddRequest(folder, name=f"{name}-random"), into, lambda *_: None)
        seconds = time.perf_counter() - began
    peak_gb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    told = {
        one.name: (one.parity and (one.parity.picture_min, one.parity.text_min)) for one in made
    }
    print(json.dumps({"seconds": seconds, "gb": peak_gb, "parity": told}))


def measure(folder: Path, provider: str) -> None:
    """Open an added model and time it by turns with lite2."""
    from shoplens.encode.added.opening import open_added  # noqa: PLC0415
    from shoplens.encode.base import open_encoder  # noqa: PLC0415
    from shoplens.encode.runtime.session import Running  # noqa: PLC0415

    lite = open_encoder("lite2").picture
    rng = np.random.default_rng(0)
    pictures = [rng.integers(0, 256, (480, 360, 3), np.uint8) for _ in range(RUNS)]
    lite.encode([lite.prepare(pictures[0])])
    before = _rss_mb()
    encoder = open_added(folder, running=Running((provider,)))
    tower = encoder.picture
    spent: dict[str, list[float]] = {"own": [], "lite2": [], "text": []}
    for picture in pictures:
        for which, one in (("own", tower), ("lite2", lite)):
            ready = one.prepare(picture)
            spent[which].append(_ms(lambda one=one, ready=ready: one.encode([ready])))
        if encoder.asks:
            asks = encoder.asks
            nothing = np.zeros((1, encoder.text.dim), np.float32)
            spent["text"].append(_ms(lambda asks=asks, no=nothing: asks.ask([TEXT], no)))
    told = {which: float(np.median(ms[2:])) for which, ms in spent.items() if ms}
    ran = getattr(tower, "provider", "")
    print(json.dumps(told | {"mb": _rss_mb() - before, "dim": tower.dim, "provider": ran}))


def _ms(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - began)


def _rss_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


# ---- all of them ---------------------------------------------------------------------------------


def child(python: str, *words: str) -> dict[str, Any]:
    """Run this module with other words; the last line that it prints is JSON."""
    paths = os.pathsep.join((str(ROOT / "src"), str(ROOT)))
    ended = subprocess.run(
        [python, "-m", "bench.hub", *words],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": paths},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    return json.loads(ended.stdout.splitlines()[-1])


def rows(name: str, openvino: str) -> list[list[object]]:
    """Add one model and time what came of it."""
    with tempfile.TemporaryDirectory() as folder:
        made = child(sys.executable, "--make", name, folder)
        told: list[list[object]] = []
        for model, parity in made["parity"].items():
            path = Path(folder) / model
            own = child(sys.executable, "--measure", str(path), "cpu")
            other = child(openvino, "--measure", str(path), "openvino") if openvino else {}
            ran = other.get("provider") == "openvino"
            size_mb = sum(file.stat().st_size for file in path.iterdir()) / 1e6
            precision = "int8" if model.endswith("-int8") else "fp32"
            told.append(
                [
                    *(name, precision, own["dim"], f"{size_mb:,.0f}", own["own"]),
                    own["own"] / own["lite2"],
                    *(other["own"] if ran else "", own.get("text", ""), f"{own['mb']:,.0f}"),
                    *(f"{parity[0]:.5f}", f"{parity[1]:.5f}" if parity[1] else ""),
                    *(made["seconds"], made["gb"]),
                ]
            )
            shutil.rmtree(path)
    return told


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append", choices=MODELS, default=[])
    parser.add_argument("--openvino", default="", help="A Python with onnxruntime-openvino.")
    parser.add_argument("--make", nargs=2, metavar=("MODEL", "FOLDER"))
    parser.add_argument("--measure", nargs=2, metavar=("FOLDER", "PROVIDER"))
    asked = parser.parse_args()
    if asked.make:
        make(asked.make[0], Path(asked.make[1]))
    elif asked.measure:
        measure(Path(asked.measure[0]), asked.measure[1])
    else:
        found = [row for name in asked.only or MODELS for row in rows(name, asked.openvino)]
        print_table("Large models, random weights, one thread", COLUMNS, found)


if __name__ == "__main__":
    main()

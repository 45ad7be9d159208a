"""Checkpoints as they lie on the hub, small and drawn at random: real files, nothing downloaded.

Each ``write_…`` fills a folder as the library of that architecture does, with tokenizer and
preprocessing. ``config`` takes a full-size configuration in place of the tiny one.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from PIL import Image
from safetensors import torch as safetensors_torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

from shoplens.encode.hub.loading.vision import OPEN_CLIP, PROTOBUF, TRANSFORMERS

import timm  # isort: skip  # after torchvision's operators are there

# Untyped in parts, pyright is told once.
TIMM: Any = timm
TORCH: Any = torch
ONNX: Any = onnx
WEIGHTS: Any = safetensors_torch

_SMALL = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
}
_SEEN = {**_SMALL, "image_size": 64, "patch_size": 16}
CARD = "---\nlicense: apache-2.0\ntags: [tiny]\n---\n# A tiny model\n"
CORPUS = (
    "a photo of a red dress and blue shoes for running",
    "men's running shoes – blue/white, size 42cm",
    "summer sale 50% off, new arrivals, it's bold",
    "红色连衣裙 适合夏天的轻便跑鞋，男款，蓝色（42码）夏季新款女装",
    "nice shoes for running on hills",
    "Crème brûlée café naïve façade ワンピース 빨간 платье",
)


def write_clip(folder: Path, config: Any = None) -> Path:
    """Write a CLIP of transformers with CLIP's kind of tokenizer."""
    tokenizer = clip_tokenizer()
    last = len(tokenizer) - 1
    text = {**_SMALL, "vocab_size": last + 1, "max_position_embeddings": 24}
    text |= {"eos_token_id": last, "bos_token_id": last - 1, "pad_token_id": last}
    config = config or TRANSFORMERS.CLIPConfig(
        text_config=text, vision_config=_SEEN, projection_dim=24
    )
    side = config.vision_config.image_size
    processor = TRANSFORMERS.CLIPImageProcessor(
        size={"shortest_edge": side}, crop_size={"height": side, "width": side}
    )
    return _save(folder, TRANSFORMERS.CLIPModel, config, processor, tokenizer)


def write_siglip(folder: Path, config: Any = None, *, gemma: bool = False) -> Path:
    """Write a SigLIP; ``gemma``: a SigLIP 2, whose tokenizer keeps capitals by itself."""
    tokenizer = gemma_tokenizer() if gemma else None
    size = len(tokenizer) if tokenizer else len(write_spiece(folder))
    config = config or TRANSFORMERS.SiglipConfig(
        text_config={**_SMALL, "vocab_size": size, "max_position_embeddings": 16},
        vision_config=_SEEN,
    )
    side = config.vision_config.image_size
    half = [0.5, 0.5, 0.5]
    processor = TRANSFORMERS.SiglipImageProcessor(
        size={"height": side, "width": side}, image_mean=half, image_std=half, resample=2
    )
    _save(folder, TRANSFORMERS.SiglipModel, config, processor, tokenizer)
    if not tokenizer:
        told = {"tokenizer_class": "SiglipTokenizer", "model_max_length": 16}
        (folder / "tokenizer_config.json").write_text(json.dumps(told))
    return folder


def write_chinese_clip(folder: Path, config: Any = None) -> Path:
    """Write a Chinese-CLIP: a BERT of characters, with nothing but vocab.txt, as on the hub."""
    letters = sorted({each for line in CORPUS for each in line.lower() if not each.isspace()})
    words = sorted({word for line in CORPUS[:3] for word in line.lower().split()})
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters]
    vocabulary += [f"##{each}" for each in letters] + [w for w in words if len(w) > 1]
    config = config or TRANSFORMERS.ChineseCLIPConfig(
        text_config={**_SMALL, "vocab_size": len(vocabulary)},
        vision_config=_SEEN,
        projection_dim=24,
    )
    side = config.vision_config.image_size
    processor = TRANSFORMERS.ChineseCLIPImageProcessor(
        size={"height": side, "width": side}, do_center_crop=False
    )
    _save(folder, TRANSFORMERS.ChineseCLIPModel, config, processor, None)
    (folder / "vocab.txt").write_text("\n".join(vocabulary) + "\n", "utf-8")
    return folder


def write_metaclip_2(folder: Path, config: Any = None) -> Path:
    """Write a MetaCLIP 2: CLIP with the tokenizer of XLM-R."""
    tokenizer = xlm_tokenizer()
    text = {**_SMALL, "vocab_size": len(tokenizer), "max_position_embeddings": 24}
    text |= {"eos_token_id": 2, "bos_token_id": 0, "pad_token_id": 1}
    config = config or TRANSFORMERS.MetaClip2Config(
        text_config=text, vision_config=_SEEN, projection_dim=24
    )
    side = config.vision_config.image_size
    processor = TRANSFORMERS.CLIPImageProcessor(
        size={"shortest_edge": side}, crop_size={"height": side, "width": side}
    )
    return _save(folder, TRANSFORMERS.MetaClip2Model, config, processor, tokenizer)


def write_dinov2(folder: Path, config: Any = None) -> Path:
    """Write a DINOv2, whose positions are those of a larger picture than it is shown."""
    short, side = (256, 224) if config else (64, 56)
    config = config or TRANSFORMERS.Dinov2Config(
        hidden_size=32, num_hidden_layers=2, num_attention_heads=2, image_size=70, patch_size=14
    )
    processor = TRANSFORMERS.BitImageProcessor(
        size={"shortest_edge": short}, crop_size={"height": side, "width": side}, resample=3
    )
    return _save(folder, TRANSFORMERS.Dinov2Model, config, processor, None)


def write_dinov3(folder: Path, config: Any = None) -> Path:
    """Write a DINOv3; it resizes numbers, not bytes."""
    config = config or TRANSFORMERS.DINOv3ViTConfig(**_SEEN)
    side = config.image_size
    processor = TRANSFORMERS.DINOv3ViTImageProcessor(size={"height": side, "width": side})
    return _save(folder, TRANSFORMERS.DINOv3ViTModel, config, processor, None)


def write_open_clip(folder: Path, config: dict[str, Any] | None = None) -> Path:
    """Write an OpenCLIP ViT, with CLIP's own tokenizer as it is in the package."""
    told = {
        "embed_dim": 24,
        "vision_cfg": {"image_size": 64, "layers": 2, "width": 64, "patch_size": 16},
        "text_cfg": {
            "context_length": 77,
            "vocab_size": 49408,
            "width": 32,
            "heads": 2,
            "layers": 2,
        },
    }
    return _save_open_clip(folder, config or told, {"mean": [0.48, 0.46, 0.41], "std": [0.27] * 3})


def write_open_siglip(folder: Path, config: dict[str, Any] | None = None) -> Path:
    """Write a SigLIP as open_clip keeps it: Marqo's models are such."""
    tokenizer = t5_tokenizer()
    told = {
        "embed_dim": 192,
        "init_logit_bias": -10,
        "init_logit_scale": float(np.log(100)),
        "custom_text": True,
        "vision_cfg": {
            "image_size": 64,
            "timm_model_name": "vit_tiny_patch16_64",
            "timm_model_pretrained": False,
            "timm_pool": "map",
            "timm_proj": "none",
        },
        "text_cfg": {
            "context_length": 16,
            "vocab_size": len(tokenizer),
            "hf_tokenizer_name": "timm/ViT-B-16-SigLIP",
            "tokenizer_kwargs": {"clean": "canonicalize"},
            "width": 192,
            "heads": 3,
            "layers": 2,
            "no_causal_mask": True,
            "proj_bias": True,
            "pool_type": "last",
        },
    }
    told = config or told
    _offer_tiny_vit()
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save_pretrained(str(folder))
    half = {"mean": [0.5] * 3, "std": [0.5] * 3, "resize_mode": "squash"}
    return _save_open_clip(folder, told, half)


def write_mobileclip(folder: Path, config: dict[str, Any] | None = None) -> Path:
    """Write a MobileCLIP 2: a network of convolutions, and words that look both ways."""
    told = {
        "embed_dim": 24,
        "vision_cfg": {
            "timm_model_name": "fastvit_mci0",
            "timm_model_pretrained": False,
            "timm_pool": "avg",
            "timm_proj": None,
            "image_size": 64,
        },
        "text_cfg": {
            "context_length": 77,
            "vocab_size": 49408,
            "width": 32,
            "heads": 2,
            "layers": 2,
            "no_causal_mask": True,
        },
        "custom_text": True,
    }
    plain = {"mean": [0.0] * 3, "std": [1.0] * 3, "interpolation": "bilinear"}
    return _save_open_clip(folder, config or told, plain)


def write_jina(folder: Path) -> Path:
    """Write a repository whose model is code that nobody should run, beside a ready ONNX."""
    (folder / "onnx").mkdir(parents=True, exist_ok=True)
    tokenizer = xlm_tokenizer()
    tokenizer.save_pretrained(str(folder))
    code = {"AutoModel": "jinaai/jina-clip-implementation--modeling_clip.JinaCLIPModel"}
    config = {"model_type": "jina_clip", "auto_map": code}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "modeling_clip.py").write_text("raise SystemExit('foreign code was run')\n")
    told = {
        "image_processor_type": "JinaCLIPImageProcessor",
        "size": 64,
        "mean": [0.48, 0.46, 0.41],
        "std": [0.27, 0.26, 0.28],
        "resize_mode": "shortest",
        "interpolation": "bicubic",
        "fill_color": 0,
    }
    (folder / "preprocessor_config.json").write_text(json.dumps(told))
    (folder / "README.md").write_text(CARD.replace("apache-2.0", "cc-by-nc-4.0"))
    _write_both_towers(folder / "onnx" / "model.onnx", len(tokenizer))
    return folder


def write_images(folder: Path, count: int = 4) -> tuple[Path, ...]:
    """Write pictures with edges and noise, wide and high ones among them."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(3)
    paths: list[Path] = []
    for place in range(count):
        high, wide = 90 + 37 * place, 200 - 31 * place
        ramp = np.linspace(0, 255, wide)[None, :, None] * np.ones((high, 1, 3))
        noise = rng.normal(0, 40, (high, wide, 3))
        ramp[high // 4 : high // 2, wide // 3 :, place % 3] = 255
        pixels = np.clip(ramp + noise, 0, 255).astype(np.uint8)
        paths.append(folder / f"{place}.png")
        Image.fromarray(pixels).save(paths[-1])
    return tuple(paths)


def clip_tokenizer() -> Any:
    """Train a tokenizer of CLIP's kind: bytes, ends of words marked, small letters."""
    made: Any = TRANSFORMERS.CLIPTokenizer()
    kind = made.backend_tokenizer
    trainer: Any = trainers.BpeTrainer(
        vocab_size=700,
        special_tokens=["<|startoftext|>", "<|endoftext|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        end_of_word_suffix="</w>",
        show_progress=False,
    )
    trained: Any = Tokenizer(models.BPE(end_of_word_suffix="</w>"))
    trained.normalizer, trained.pre_tokenizer = kind.normalizer, kind.pre_tokenizer
    trained.train_from_iterator(CORPUS, trainer)
    told = json.loads(trained.to_str())["model"]
    ordered = [each for each in told["vocab"] if not each.startswith("<|")]
    ordered += [f"{chr(n)}</w>" for n in range(33, 127) if f"{chr(n)}</w>" not in ordered]
    extra = [f"{each}</w>" for each in pre_tokenizers.ByteLevel.alphabet()]
    ordered = [*dict.fromkeys([*ordered, *extra]), "<|startoftext|>", "<|endoftext|>"]
    vocabulary = {each: place for place, each in enumerate(ordered)}
    merges = [tuple(each) for each in told["merges"]]
    return TRANSFORMERS.CLIPTokenizer(vocab=vocabulary, merges=merges, model_max_length=24)


def gemma_tokenizer() -> Any:
    """Train a tokenizer of Gemma's kind: spaces as a sign, bytes for what it does not know."""
    special = ["<pad>", "<eos>", "<bos>", "<unk>"]
    bytes_ = [f"<0x{each:02X}>" for each in range(256)]
    kind: Any = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True, fuse_unk=True))  # noqa: S106
    kind.normalizer = normalizers.Replace(" ", "▁")
    trainer: Any = trainers.BpeTrainer(
        vocab_size=700, special_tokens=[*special, *bytes_], show_progress=False
    )
    kind.train_from_iterator(CORPUS, trainer)
    kind.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")
    kind.decoder = decoders.ByteFallback()
    told = json.loads(kind.to_str())["model"]
    return TRANSFORMERS.GemmaTokenizer(
        vocab=told["vocab"],
        merges=[tuple(each) for each in told["merges"]],
        add_bos_token=False,
        add_eos_token=True,
        padding_side="right",
    )


def t5_tokenizer() -> Any:
    """Train a tokenizer of T5's kind."""
    pieces = _pieces()
    return TRANSFORMERS.T5Tokenizer(
        vocab=pieces,
        extra_ids=0,
        pad_token="</s>",  # noqa: S106
        model_max_length=16,
    )


def xlm_tokenizer() -> Any:
    """Train a tokenizer of XLM-R's kind."""
    special = [(each, 0.0) for each in ("<s>", "<pad>", "</s>", "<unk>")]
    pieces = [*special, *_pieces()[3:], ("<mask>", 0.0)]
    return TRANSFORMERS.XLMRobertaTokenizer(vocab=pieces, model_max_length=24)


def write_spiece(folder: Path) -> list[tuple[str, float]]:
    """Write a sentencepiece model such as SigLIP's, and give its pieces."""
    proto = PROTOBUF().ModelProto()
    pieces = _pieces()
    kinds = {"<pad>": 3, "</s>": 3, "<unk>": 2}
    for piece, score in pieces:
        proto.pieces.add(piece=piece, score=score, type=kinds.get(piece, 1))
    proto.trainer_spec.unk_id = 2
    proto.trainer_spec.model_type = 1
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "spiece.model").write_bytes(proto.SerializeToString())
    return pieces


def _pieces() -> list[tuple[str, float]]:
    """Train unigram pieces: ``<pad>``, ``</s>``, ``<unk>`` first."""
    kind: Any = Tokenizer(models.Unigram())
    kind.normalizer = normalizers.Lowercase()
    kind.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    trainer: Any = trainers.UnigramTrainer(
        vocab_size=300,
        special_tokens=["<pad>", "</s>", "<unk>"],
        unk_token="<unk>",  # noqa: S106
        show_progress=False,
    )
    kind.train_from_iterator(CORPUS * 3, trainer)
    return [(piece, float(score)) for piece, score in json.loads(kind.to_str())["model"]["vocab"]]


def _save(folder: Path, model: Any, config: Any, processor: Any, tokenizer: Any) -> Path:
    TORCH.manual_seed(7)
    folder.mkdir(parents=True, exist_ok=True)
    made = model(config).eval()
    _stir(made)
    made.save_pretrained(str(folder))
    processor.save_pretrained(str(folder))
    if tokenizer:
        tokenizer.save_pretrained(str(folder))
    (folder / "README.md").write_text(CARD)
    return folder


def _stir(model: torch.nn.Module) -> None:
    """Enlarge the weights: fresh ones give nearly the same row to everything."""
    with torch.no_grad():
        for weight in model.parameters():
            if weight.ndim > 1:
                weight.mul_(2.0)


def _save_open_clip(folder: Path, told: dict[str, Any], preprocess: dict[str, Any]) -> Path:
    TORCH.manual_seed(7)
    folder.mkdir(parents=True, exist_ok=True)
    whole = {"model_cfg": told, "preprocess_cfg": preprocess}
    (folder / "open_clip_config.json").write_text(json.dumps(whole))
    model = OPEN_CLIP.create_model(f"local-dir:{folder}", load_weights=False, pretrained_text=False)
    weights = {name: each.contiguous() for name, each in model.state_dict().items()}
    WEIGHTS.save_file(weights, folder / "open_clip_model.safetensors")
    (folder / "README.md").write_text(CARD)
    return folder


def _offer_tiny_vit() -> None:
    """Teach timm a vision transformer of two layers."""
    if not TIMM.is_model("vit_tiny_patch16_64"):
        TIMM.models.register_model(vit_tiny_patch16_64)


def vit_tiny_patch16_64(*, pretrained: bool = False, **told: Any) -> Any:
    """Make one as timm's own functions do."""
    assert not pretrained
    kept = {key: each for key, each in told.items() if key in {"num_classes", "global_pool"}}
    return TIMM.models.vision_transformer.VisionTransformer(
        img_size=64,
        patch_size=16,
        embed_dim=192,
        depth=2,
        num_heads=3,
        class_token=False,
        **kept,
    )


def _write_both_towers(path: Path, words: int) -> None:
    rng = np.random.default_rng(5)
    kept: dict[str, np.ndarray] = {
        "kernel": rng.normal(size=(8, 3, 16, 16)).astype(np.float32),
        "mixed": rng.normal(size=(8, 8)).astype(np.float32),
        "seen": rng.normal(size=(8, 12)).astype(np.float32),
        "table": rng.normal(size=(words, 16)).astype(np.float32),
        "read": rng.normal(size=(16, 12)).astype(np.float32),
        "one": np.array([1]),
    }
    node = helper.make_node
    nodes = [
        node("Conv", ["pixel_values", "kernel"], ["patches"], strides=[16, 16]),
        node("Relu", ["patches"], ["lit"]),
        node("ReduceMean", ["lit"], ["pooled"], keepdims=0, axes=[2, 3]),
        node("MatMul", ["pooled", "mixed"], ["mixture"]),
        node("Tanh", ["mixture"], ["bent"]),
        node("MatMul", ["bent", "seen"], ["image_embeddings"]),
        node("LpNormalization", ["image_embeddings"], ["l2norm_image_embeddings"], axis=-1, p=2),
        node("Gather", ["table", "input_ids"], ["rows"]),
        node("ReduceSum", ["rows", "one"], ["sum"], keepdims=0),
        node("MatMul", ["sum", "read"], ["text_embeddings"]),
        node("LpNormalization", ["text_embeddings"], ["l2norm_text_embeddings"], axis=-1, p=2),
    ]
    outputs = ("text_embeddings", "image_embeddings", "l2norm_text_embeddings")
    graph = helper.make_graph(
        nodes,
        "both",
        [
            _value("input_ids", TensorProto.INT64, ["n", "t"]),
            _value("pixel_values", TensorProto.FLOAT, ["m", 3, 64, 64]),
        ],
        [
            _value(each, TensorProto.FLOAT, ["n", 12])
            for each in (*outputs, "l2norm_image_embeddings")
        ],
        [numpy_helper.from_array(value, name) for name, value in kept.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    beside = "model.onnx_data"
    ONNX.save(model, str(path), save_as_external_data=True, location=beside, size_threshold=1024)


def _value(name: str, kind: int, shape: Sequence[str | int]) -> Any:
    return helper.make_tensor_value_info(name, kind, shape)

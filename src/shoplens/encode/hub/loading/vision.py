"""transformers and open_clip, imported where torchvision's binary does not fit torch, too.

torchvision's binary belongs to one version of torch. Beside another, or one for the processor only,
``import torchvision`` ends in "operator torchvision::nms does not exist", and with it whatever
imports it: transformers and open_clip. Its operators are for finding boxes in pictures
(non-maximum suppression, cutting regions out), which no encoder does; what is used of it here is
Python around torch and Pillow. So it is enough that their names exist: they are declared, and fail
if anything ever calls them.
"""

import importlib.util
import re
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

import torch

NAMED = re.compile(r'register_(?:meta|fake)\("(?:torchvision::)?(\w+)"')
_TORCH: Any = torch  # untyped in parts, pyright is told once
_LIBRARIES: list[Any] = []
"""Operators live as long as the library that declared them."""


def declare_operators() -> tuple[str, ...]:
    """Declare what ``import torchvision`` asks for, and name it; nothing where all is well."""
    spec = importlib.util.find_spec("torchvision")
    if spec is None or _LIBRARIES or _fits(spec):
        return ()
    library = _TORCH.library.Library("torchvision", "DEF")
    names = _names(spec)
    for name in names:
        library.define(f"{name}() -> ()")
    _LIBRARIES.append(library)
    return names


def _fits(spec: ModuleSpec) -> bool:
    """Load the binary as torchvision itself does, and see whether the operators are there."""
    for folder in spec.submodule_search_locations or ():
        for binary in sorted(Path(folder).glob("_C*")):
            try:
                _TORCH.ops.load_library(str(binary))
            except (OSError, RuntimeError):
                continue
    return hasattr(_TORCH.ops.torchvision, "nms")


def _names(spec: ModuleSpec) -> tuple[str, ...]:
    """Read which operators it describes to torch when it is imported."""
    for folder in spec.submodule_search_locations or ():
        source = Path(folder) / "_meta_registrations.py"
        if source.is_file():
            return tuple(sorted(set(NAMED.findall(source.read_text("utf-8")))))
    return ()


declare_operators()

# They import torchvision: only now can they.
import open_clip  # noqa: E402  # pyright: ignore[reportMissingTypeStubs]  # it ships none
import transformers  # noqa: E402
from open_clip import transform  # noqa: E402  # pyright: ignore[reportMissingTypeStubs]
from transformers.convert_slow_tokenizer import import_protobuf  # noqa: E402

# Untyped in parts, pyright is told once for all rooms here.
OPEN_CLIP: Any = open_clip
TRANSFORM: Any = transform
TRANSFORMERS: Any = transformers
PROTOBUF: Any = import_protobuf
"""Gives the module that reads sentencepiece's files."""

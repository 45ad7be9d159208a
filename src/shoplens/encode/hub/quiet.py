"""Libraries that talk while they work are asked to be silent."""

import logging
import warnings
from collections.abc import Generator
from contextlib import contextmanager

_TALKERS = ("torch.onnx", "onnxscript", "onnx_ir", "transformers", "timm", "open_clip", "root")


@contextmanager
def quiet() -> Generator[None]:
    """Keep warnings and notes of torch, transformers, open_clip and onnx from the terminal.

    What goes wrong is in their exceptions, and whether the outcome is right the parity tells.
    ``logging.info``, as open_clip calls it, gives the root logger a handler: that is undone.
    """
    before = list(logging.root.handlers)
    loggers = [logging.getLogger(name) for name in _TALKERS]
    levels = [each.level for each in loggers]
    for each in loggers:
        each.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for each, level in zip(loggers, levels, strict=True):
            each.setLevel(level)
        for handler in [each for each in logging.root.handlers if each not in before]:
            logging.root.removeHandler(handler)

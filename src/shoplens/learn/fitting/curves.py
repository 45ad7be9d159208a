"""What a training tells while it runs: to its own history, and to loggers that a shop uses."""

import importlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from shoplens.errors import ConfigError, MissingExtraError


class Curves(Protocol):
    """Takes figures by name at each step of a training."""

    def point(self, step: int, figures: Mapping[str, float]) -> None:
        """Add a point to every curve named."""
        ...

    def close(self) -> None:
        """Put all of it where it belongs."""
        ...


class NoCurves:
    """Tells nobody."""

    def point(self, step: int, figures: Mapping[str, float]) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


class _TensorBoard:
    def __init__(self, folder: Path) -> None:
        self._writer: Any = _module("torch.utils.tensorboard", "tensorboard").SummaryWriter(folder)

    def point(self, step: int, figures: Mapping[str, float]) -> None:
        for name, figure in figures.items():
            self._writer.add_scalar(name, figure, step)

    def close(self) -> None:
        self._writer.close()


class _Mlflow:
    def __init__(self, folder: Path) -> None:
        self._run: Any = _module("mlflow", "mlflow")
        self._run.start_run(run_name=folder.name)

    def point(self, step: int, figures: Mapping[str, float]) -> None:
        self._run.log_metrics(dict(figures), step=step)

    def close(self) -> None:
        self._run.end_run()


class _WandB:
    def __init__(self, folder: Path) -> None:
        self._run: Any = _module("wandb", "wandb").init(project="shoplens", name=folder.name)

    def point(self, step: int, figures: Mapping[str, float]) -> None:
        self._run.log(dict(figures), step=step)

    def close(self) -> None:
        self._run.finish()


LOGGERS: Mapping[str, Callable[[Path], Curves]] = {
    "tensorboard": _TensorBoard,
    "mlflow": _Mlflow,
    "wandb": _WandB,
}


def open_curves(logger: str, folder: Path) -> Curves:
    """Open a logger by name; "" tells nobody. MLflow and W&B go where their own settings say.

    Raises:
        ConfigError: there is no such logger.
        MissingExtraError: its package is not installed.
    """
    if not logger:
        return NoCurves()
    if logger not in LOGGERS:
        raise ConfigError(f"there is no logger {logger!r}; there are {', '.join(LOGGERS)}")
    return LOGGERS[logger](folder)


def _module(name: str, extra: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise MissingExtraError(f"logger {extra!r}", extra) from error

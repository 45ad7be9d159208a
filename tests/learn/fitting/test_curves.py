import sys
from pathlib import Path

import pytest

from shoplens.errors import ConfigError, MissingExtraError
from shoplens.learn.fitting.curves import LOGGERS, open_curves


def test_without_a_logger_nothing_is_written(tmp_path: Path) -> None:
    curves = open_curves("", tmp_path / "curves")
    curves.point(1, {"loss": 0.5})
    curves.close()
    assert not list(tmp_path.iterdir())


def test_an_unknown_logger_is_told_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="'tensorbord'; there are tensorboard, mlflow, wandb"):
        open_curves("tensorbord", tmp_path)


@pytest.mark.parametrize("name", LOGGERS)
def test_a_logger_that_is_not_installed_names_its_extra(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("torch.utils.tensorboard", "mlflow", "wandb"):
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtraError, match=rf"shoplens\[{name}\]"):
        open_curves(name, tmp_path)


def test_tensorboard_gets_every_figure(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard", reason="the extra tensorboard is not installed")
    curves = open_curves("tensorboard", tmp_path / "train")
    for step in (1, 2):
        curves.point(step, {"loss": 1 / step, "look": step / 4})
    curves.close()
    content = next((tmp_path / "train").iterdir()).read_bytes()
    assert content.count(b"loss") == content.count(b"look") >= 2

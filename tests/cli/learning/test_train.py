"""``shoplens models train``: what it prints, and what it says where something lacks."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from learn.conftest import Taught, settings_in
from learn.toys import draw, index
from shoplens.cli.learning.models import models
from shoplens.cli.learning.train import train
from shoplens.errors import ConfigError, MissingExtraError, NotFoundError, ShoplensError
from shoplens.learn.recipe import open_recipe, recipe_names

QUICK = ("--set", "epochs=2", "--set", "hidden=16", "--set", "dim=8", "--set", "folds=1")
PACKAGES = ("torch", "onnx", "optuna", "pytorch_metric_learning")


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Taught:
    folder = tmp_path_factory.mktemp("train")
    drawn, settings = draw(folder / "shop", 8, 4), settings_in(folder / "data")
    index(drawn, settings)
    return Taught(drawn, settings)


Ask = Callable[..., Result]


@pytest.fixture
def ask(taught: Taught) -> Ask:
    def asked(*arguments: str | Path) -> Result:
        shop = ("--data", str(taught.settings.data), "--encoder", "colour", "--store", "exact")
        return CliRunner().invoke(train, [*map(str, arguments), *shop])

    return asked


def told(result: Result) -> str:
    assert result.exit_code == 0, f"{result.output}\n{result.exception!r}"
    return result.stdout


def test_help_teaches_from_photos_to_promoting() -> None:
    for text in (
        told(CliRunner().invoke(train, ["--help"])),
        told(CliRunner().invoke(models, ["train", "--help"])),
    ):
        for line in (
            "judge it on products it never saw",
            "Needs the extra 'learn'",
            "--photos photos.csv",
            "shoplens models promote head-1",
            "photos.csv has the columns image and product_id",
            "[default: head]",
        ):
            assert line in " ".join(text.split())


def test_a_training_tells_what_it_learnt_from_and_how_good_it_is(ask: Ask, taught: Taught) -> None:
    text = told(ask("--photos", taught.drawn.photos, *QUICK, "--name", "first"))
    assert "40 pictures of 8 products: 8 catalogue pictures that answer, 32 photos" in text
    assert "products never seen" in text
    assert "R@1" in text
    assert "too few to judge by, 20 are needed" in text
    assert "let it serve" not in text, "it may not"
    listed = told(CliRunner().invoke(models, ["list", "--data", str(taught.settings.data)]))
    assert "first" in listed


def test_json_is_the_card(ask: Ask, taught: Taught) -> None:
    card = json.loads(told(ask("--photos", taught.drawn.photos, *QUICK, "--json")))
    assert (card["name"], card["base"]) == ("head-1", "colour")
    assert card["recipe"]["epochs"] == 2
    assert card["summary"] == card["reason"]
    assert json.loads((taught.models / "head-1" / "card.json").read_text("utf-8")) == card


def test_a_recipe_of_one_s_own_is_a_file(ask: Ask, taught: Taught, tmp_path: Path) -> None:
    own = tmp_path / "mine.toml"
    own.write_text('about = "ours"\nkind = "head"\nepochs = 1\nhidden = 8\ndim = 4\nfolds = 1\n')
    photos = ("--photos", taught.drawn.photos)
    card = json.loads(told(ask(*photos, "--recipe", own, "--json", "--label", "category")))
    assert (card["name"], card["recipe"]["about"]) == ("mine-1", "ours")
    assert "of 4 categories" in card["data"][0]


def test_recipes_are_listed_with_what_they_do(ask: Ask) -> None:
    text = told(ask("--recipes"))
    for name in recipe_names():
        words = open_recipe(name).about.split()[:3]
        assert re.search(rf"{name} +│ {' '.join(words)}", text)


@pytest.mark.parametrize(
    ("arguments", "kind", "line"),
    [
        (["--set", "epochs"], ConfigError, "--set wants FIELD=VALUE, such as epochs=40"),
        (["--set", "=3"], ConfigError, "has no ''; fields are"),
        (["--set", "epoch=3"], ConfigError, "has no 'epoch'; fields are"),
        (["--set", "epochs=many"], ConfigError, "epochs is a int, not 'many'"),
        (["--set", "blend=2"], ConfigError, "blend is from 0.01 to 1"),
        (["--recipe", "heads"], NotFoundError, "no recipe 'heads'"),
        (["--recipe", "classifier"], ConfigError, "shoplens tag --train"),
        (["--device", "tpu9"], ConfigError, "no device 'tpu9'"),
        (["--log", "paper"], ConfigError, "no logger 'paper'"),
        (["--label", "smell"], NotFoundError, "no product has the field 'smell'"),
    ],
)
def test_nonsense_is_one_line(
    arguments: list[str], kind: type[ShoplensError], line: str, ask: Ask, taught: Taught
) -> None:
    result = ask("--photos", taught.drawn.photos, *arguments)
    assert isinstance(result.exception, kind), f"{result.output}\n{result.exception!r}"
    assert line in str(result.exception)
    assert "\n" not in str(result.exception)


@pytest.mark.parametrize("arguments", [["--photos", "gone.csv"], ["--search", "1"], ["--sets"]])
def test_options_that_cannot_be_are_refused_at_once(arguments: list[str], ask: Ask) -> None:
    result = ask(*arguments)
    assert result.exit_code == 2
    assert "Error: " in result.output


@pytest.mark.parametrize("package", PACKAGES)
def test_without_a_package_the_extra_is_named(
    package: str, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    result = ask()
    assert isinstance(result.exception, MissingExtraError)
    assert str(result.exception).endswith("pip install 'shoplens[learn]'")


def test_without_the_extra_the_command_line_works_but_for_training(tmp_path: Path) -> None:
    code = (
        f"import sys\nsys.modules.update(dict.fromkeys({PACKAGES!r}))\n"
        "from shoplens.cli.main import main\nmain()"
    )

    def ended(*arguments: str) -> subprocess.CompletedProcess[str]:
        shop = ("--data", str(tmp_path), "--encoder", "colour")
        command = [sys.executable, "-c", code, "models", *arguments, *shop]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    refused = ended("train")
    assert refused.returncode == 1
    line = "error: training needs an optional package: pip install 'shoplens[learn]'\n"
    assert refused.stderr == line
    assert ended("list").returncode == 0
    assert "FIELD=VALUE" in ended("train", "--help").stdout

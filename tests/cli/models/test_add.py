import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import tiny_added
import tiny_hub
from shoplens.cli.index import index
from shoplens.cli.main import shoplens
from small_shop import MakeShop

N = 8


@pytest.fixture
def data(make_shop: MakeShop, tmp_path: Path) -> Path:
    """The data folder of an indexed shop."""
    data = tmp_path / "data"
    ended = CliRunner().invoke(
        index, [str(make_shop(N).feed), "--data", str(data), "--encoder", "colour"]
    )
    assert ended.exit_code == 0, ended.output
    return data


def models(data: Path, *words: str) -> Result:
    flags = ["--data", str(data), "--encoder", "colour"]
    return CliRunner().invoke(shoplens, ["models", *words, *flags], env={"COLUMNS": "220"})


def told(data: Path, *words: str) -> str:
    ended = models(data, *words)
    assert ended.exit_code == 0, (ended.output, ended.exception)
    return ended.stdout


def refused(data: Path, *words: str) -> str:
    ended = models(data, *words)
    assert ended.exit_code != 0
    return str(ended.exception)


def test_a_checkpoint_is_added_listed_and_let_serve(data: Path, tmp_path: Path) -> None:
    tiny_hub.write_clip(tmp_path / "clip")
    said = told(data, "add", str(tmp_path / "clip"), "--name", "ours")
    assert "ours-int8" in said
    assert "shoplens models promote ours-int8" in said
    listed = json.loads(told(data, "list", "--json"))
    assert [(one["name"], one["state"], one["safe"]) for one in listed] == [
        ("ours", "candidate", True),
        ("ours-int8", "candidate", True),
    ]
    table = told(data, "list")
    assert "may serve, not judged on this shop yet" in table
    page = told(data, "show", "ours")
    for words in ("licence", "cosine to the original", "SHA-256"):
        assert words in page
    assert "ours serves instead of colour" in told(data, "promote", "ours")
    found = CliRunner().invoke(
        shoplens, ["search", "--text", "red square", "--data", str(data), "--encoder", "colour"]
    )
    assert found.exit_code == 0, (found.output, found.exception)


def test_the_known_models_are_listed_with_licence_and_size(data: Path) -> None:
    said = told(data, "add", "--known")
    for words in ("siglip2-b16", "apache-2.0", "chinese-clip-b16", "1,535 MB", "dinov2-b14"):
        assert words in said


def test_nothing_to_add_says_what_could_be(data: Path) -> None:
    ended = models(data, "add")
    assert ended.exit_code == 2
    assert "--known" in ended.output


def test_a_model_is_carried_from_one_shop_to_another(data: Path, tmp_path: Path) -> None:
    tiny_added.write(data / "models" / "tiny", "tiny")
    file = tmp_path / "tiny.shoplens-model.tar"
    said = told(data, "export", "tiny", str(file))
    sha256 = said.rpartition("--sha256 ")[2].strip()
    assert len(sha256) == 64
    shutil.rmtree(data / "models" / "tiny")
    assert "SHA-256" in refused(data, "import", str(file), "--sha256", "0" * 64)
    assert json.loads(told(data, "list", "--json")) == []
    assert "promote tiny" in told(data, "import", str(file), "--sha256", sha256)
    assert [one["name"] for one in json.loads(told(data, "list", "--json"))] == ["tiny"]
    assert "tiny serves instead of colour" in told(data, "promote", "tiny")


def test_a_folder_without_pictures_to_compare_on_is_told(data: Path, tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    said = refused(data, "add", str(tmp_path), "--images", str(tmp_path / "none"))
    assert "no picture" in said

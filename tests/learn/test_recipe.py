from dataclasses import fields
from pathlib import Path
from typing import get_args, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shoplens.errors import ConfigError, NotFoundError
from shoplens.learn.recipe import Kind, Recipe, open_recipe, recipe_names

FEW = 'about = "a test"\nkind = "head"\n'


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return tmp_path / "mine.toml"


@pytest.mark.parametrize("name", recipe_names())
def test_every_recipe_that_comes_along_opens_and_says_what_it_does(name: str) -> None:
    recipe = open_recipe(name)
    assert recipe.name == name
    assert recipe.about.endswith(".")
    assert recipe.kind in get_args(Kind)


def test_there_is_a_recipe_of_each_kind() -> None:
    assert {open_recipe(name).kind for name in recipe_names()} == set(get_args(Kind))


def test_a_file_of_one_s_own_is_called_as_its_file(own: Path) -> None:
    own.write_text(f"{FEW}epochs = 3\nrate = 1\n", encoding="utf-8")
    recipe = open_recipe(str(own))
    assert (recipe.name, recipe.about, recipe.epochs, recipe.rate) == ("mine", "a test", 3, 1.0)
    assert recipe == Recipe("mine", "a test", "head", epochs=3, rate=1.0)


@pytest.mark.parametrize("name", ["heads", "", "../head", "head.tom", "no/such.toml", "x\0.toml"])
def test_a_recipe_that_is_not_there_is_told_with_those_that_are(name: str) -> None:
    with pytest.raises((NotFoundError, ConfigError)) as told:
        open_recipe(name)
    if "\0" not in name:
        assert "text-align" in str(told.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("about = ", "is no TOML"),
        ("[[[", "is no TOML"),
        (f"seed = {'9' * 5000}", "is no TOML"),
        (f"seed = {'[' * 5000}", "is no TOML"),
        ('about = "a"', "lacks kind"),
        ("", "lacks about and kind"),
        (f"{FEW}epoch = 3", "has no 'epoch'; fields are name, about"),
        (f"{FEW}[epochs]\nx = 1", "epochs is a int, not {'x': 1}"),
        (f"{FEW}epochs = 3.5", "epochs is a int, not 3.5"),
        (f"{FEW}epochs = true", "epochs is a int, not True"),
        (f"{FEW}mixed = 1", "mixed is a bool, not 1"),
        (f"{FEW}rate = 'fast'", "rate is a float, not 'fast'"),
        (f"{FEW}rate = {'9' * 400}", "rate is a float"),
        (f"{FEW}teacher = 2026-01-01", "teacher is a str"),
        (f"{FEW}loss = 'softmax'", "loss is one of supcon, infonce, triplet"),
        (f"{FEW}loss = []", "loss is one of supcon"),
        ('about = "a"\nkind = "tree"', "kind is one of head, tail"),
        (f"{FEW}epochs = 0", "epochs is from 1 to 10000, not 0"),
        (f"{FEW}blend = 0.0", "blend is from 0.01 to 1, not 0.0"),
        (f"{FEW}blend = 1", "blend is below 1 for the kind head, not 1.0: the rest is the encoder"),
        ('about = "a"\nkind = "align"\nblend = 1.0', "never seen"),
        (f"{FEW}rate = nan", "rate is from 1e-08 to 10, not nan"),
        (f"{FEW}rate = inf", "rate is from"),
        (f"{FEW}seed = -1", "seed is from 0"),
    ],
)
def test_a_file_that_makes_no_sense_is_refused_by_its_name(text: str, told: str, own: Path) -> None:
    own.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        open_recipe(str(own))
    assert told in str(refused.value)
    assert "mine" in str(refused.value)


def test_a_file_that_is_no_text_is_refused(own: Path, tmp_path: Path) -> None:
    own.write_bytes(b"\xff\xfe\x00 = 1")
    with pytest.raises(ConfigError, match="cannot be read as text"):
        open_recipe(str(own))
    (tmp_path / "folder.toml").mkdir()
    with pytest.raises(ConfigError, match="cannot be read as text"):
        open_recipe(str(tmp_path / "folder.toml"))


def test_changes_are_read_as_toml_or_as_words() -> None:
    changes = {"epochs": "4", "rate": "1", "mixed": "false", "loss": "triplet", "teacher": "lite2"}
    recipe = open_recipe("head", changes)
    assert (recipe.epochs, recipe.rate, recipe.mixed) == (4, 1.0, False)
    assert (recipe.loss, recipe.teacher) == ("triplet", "lite2")
    assert recipe.about == open_recipe("head").about
    assert open_recipe("head", {"teacher": '"lite2"'}).teacher == "lite2"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"epoch": "4"}, "has no 'epoch'"),
        ({"epochs": ""}, "epochs is a int, not ''"),
        ({"epochs": "4\nrate = 3"}, None),
        ({"a.b": "4"}, "has no 'a.b'"),
        ({"[x]\nepochs": "4"}, "has no"),
        ({"": "4"}, "has no ''"),
        ({"epochs": "1e3"}, "epochs is a int, not 1000.0"),
        ({"views": "65"}, "views is from 0 to 64, not 65"),
        ({"seed": "[" * 5000}, "seed is a int"),
    ],
)
def test_changes_that_make_no_sense_are_refused(changes: dict[str, str], told: str | None) -> None:
    if told is None:
        assert open_recipe("head", changes).rate == open_recipe("head").rate
        return
    with pytest.raises(ConfigError) as refused:
        open_recipe("head", changes)
    assert told in str(refused.value)


@settings(deadline=None)
@given(field=st.sampled_from([field.name for field in fields(Recipe)]), text=st.text())
def test_any_change_gives_a_recipe_or_a_reason(field: str, text: str) -> None:
    try:
        recipe = open_recipe("head", {field: text})
    except ConfigError:
        return
    wanted = get_type_hints(Recipe)[field]
    assert isinstance(getattr(recipe, field), str if get_args(wanted) else wanted)


@settings(deadline=None)
@given(text=st.text())
def test_any_text_is_a_recipe_or_a_reason(
    text: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_text(text, encoding="utf-8", errors="surrogatepass")
    with pytest.raises(ConfigError):
        open_recipe(str(path))

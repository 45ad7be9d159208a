from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from shoplens.catalogue.journal.models import Model, Models
from shoplens.catalogue.journal.notes import Notes
from shoplens.database.connect import open_database
from shoplens.errors import MismatchError, NotFoundError

NOW = datetime(2026, 5, 1, tzinfo=UTC)
LATER = NOW + timedelta(days=1)


def made(name: str, created: datetime = NOW) -> Model:
    recipe = name.rpartition("-")[0] or "head"
    return Model(name, recipe, "lite2", f"print of {name}", created, safe=True, card='{"a": 1}')


@pytest.fixture
def models(engine: Engine) -> Models:
    return Models(engine)


def states(models: Models) -> dict[str, str]:
    return {model.name: model.state for model in models.list()}


def test_a_model_comes_back_as_it_was_added(models: Models) -> None:
    model = replace(made("head-1"), safe=False, reason="worse on new products: 0.31 to 0.19")
    models.add(model)
    assert models.get("head-1") == model
    assert models.serving() is None
    assert models.previous() is None


def test_a_taken_name_or_one_that_is_no_folder_is_refused(models: Models) -> None:
    models.add(made("head-1"))
    with pytest.raises(MismatchError, match="already"):
        models.add(made("head-1"))
    for name in ("", "..", "a/b", "Head", "a" * 65, "-x", "héad"):
        with pytest.raises(MismatchError, match="cannot be a model's name"):
            models.add(replace(made("head-1"), name=name))


def test_an_unknown_model_names_those_there_are(models: Models) -> None:
    with pytest.raises(NotFoundError, match="none was trained yet"):
        models.get("head-1")
    models.add(made("head-1"))
    with pytest.raises(NotFoundError, match="no model 'head-2'; there are head-1"):
        models.get("head-2")


def test_models_are_numbered_by_recipe(models: Models) -> None:
    assert models.next_name("head") == "head-1"
    for name in ("head-1", "head-9", "head-10", "head-x", "last-blocks-3"):
        models.add(made(name))
    assert models.next_name("head") == "head-11"
    assert models.next_name("last-blocks") == "last-blocks-4"


def test_promotion_moves_one_on_and_the_oldest_is_a_candidate_again(models: Models) -> None:
    for name in ("a-1", "a-2", "a-3"):
        models.add(made(name))
    models.set_serving("a-1", NOW)
    assert states(models) == {"a-1": "serving", "a-2": "candidate", "a-3": "candidate"}
    models.set_serving("a-2", LATER)
    assert states(models) == {"a-1": "previous", "a-2": "serving", "a-3": "candidate"}
    models.set_serving("a-3", LATER)
    assert states(models) == {"a-1": "candidate", "a-2": "previous", "a-3": "serving"}
    models.set_serving("", LATER)
    assert states(models) == {"a-1": "candidate", "a-2": "candidate", "a-3": "previous"}
    assert models.get("a-1").promoted == NOW
    previous = models.previous()
    assert previous
    assert (previous.name, previous.promoted) == ("a-3", LATER)


def test_an_unknown_model_cannot_serve_and_nothing_moves(models: Models, engine: Engine) -> None:
    models.add(made("a-1"))
    models.set_serving("a-1", NOW, {"rows": "of a-1"})
    with pytest.raises(NotFoundError):
        models.set_serving("a-2", NOW, {"rows": "of a-2"})
    assert states(models) == {"a-1": "serving"}
    assert Notes(engine).get("rows") == "of a-1"


def test_only_a_candidate_can_be_removed(models: Models) -> None:
    for name in ("a-1", "a-2", "a-3"):
        models.add(made(name))
    models.set_serving("a-1", NOW)
    models.set_serving("a-2", NOW)
    with pytest.raises(MismatchError, match="a rollback goes back to"):
        models.remove("a-1")
    with pytest.raises(MismatchError, match="serves"):
        models.remove("a-2")
    models.remove("a-3")
    with pytest.raises(NotFoundError):
        models.remove("a-3")
    assert states(models) == {"a-1": "previous", "a-2": "serving"}


@settings(max_examples=25, deadline=None)
@given(turns=st.lists(st.sampled_from(["", "a-1", "a-2", "a-3"]), max_size=8))
def test_at_most_one_model_serves_and_one_was_before(
    turns: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("models")
    database = open_database(f"sqlite:///{folder / 'catalogue.db'}")
    models = Models(database)
    for name in ("a-1", "a-2", "a-3"):
        models.add(made(name))
    before = ""
    for name in turns:
        models.set_serving(name, NOW)
        serving, previous = models.serving(), models.previous()
        assert (serving.name if serving else "") == name
        if name != before:
            assert (previous.name if previous else "") == before
        before = name
    database.dispose()

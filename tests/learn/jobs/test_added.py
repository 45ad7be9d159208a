"""A model that knows pictures only is added, serves, and is taught the shop's own words."""

from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime

import pytest

import tiny_added
from learn.conftest import Taught, Teach
from learn.toys import HEAD
from shoplens.catalogue.catalogue import open_catalogue
from shoplens.engine import Engine
from shoplens.errors import MismatchError
from shoplens.ingest.added.register import list_all
from shoplens.ingest.switching.side import open_model
from shoplens.learn.job import TrainJob, TrainRequest
from shoplens.learn.recipe import Recipe
from shoplens.types import Query

ALIGN = replace(
    HEAD, name="words", kind="align", epochs=25, patience=25, dim=23, blend=0.3, folds=1
)


@pytest.fixture
def seeing(teach: Teach) -> Taught:
    """A shop that an added model serves, which was never shown a word."""
    taught = teach(products=24, photos=5)
    tiny_added.write(taught.models / "seer", "seer", dim=12, words=False)
    with closing(open_catalogue(taught.settings.database_url)) as catalogue:
        assert list_all(taught.settings, catalogue, datetime.now(UTC)) == ["seer"]
    with Engine.open(taught.settings) as engine:
        engine.promote("seer")
        assert "text_picture" not in _signals(engine)
    return taught


def _signals(engine: Engine) -> set[str]:
    shown = engine.search(Query(text="red square", k=5)).shown
    return {name for one in shown for name in one.ranked.signals}


def _train(taught: Taught, recipe: Recipe) -> str:
    with taught.open() as shop:
        assert shop.encoder.name == "seer"
        return TrainJob(shop, TrainRequest(recipe, photos=taught.drawn.photos)).run().name


def test_words_are_brought_to_a_model_that_knows_pictures_only(seeing: Taught) -> None:
    name = _train(seeing, ALIGN)
    with closing(open_catalogue(seeing.settings.database_url)) as catalogue:
        model = catalogue.models.get(name)
        assert model.base == "seer"
        asks = open_model(seeing.settings, catalogue.models, name).asks
        assert asks is not None
        with pytest.raises(MismatchError, match=f"{name} was made from model 'seer'"):
            catalogue.models.remove("seer")
    with Engine.open(seeing.settings) as engine:
        report = engine.promote(name)
        assert (report.counts.encoded, report.counts.derived > 0) == (0, True)
        assert "text_picture" in _signals(engine)


def test_a_recipe_that_takes_the_network_apart_is_refused_with_another_way(seeing: Taught) -> None:
    with pytest.raises(MismatchError, match="kind head works behind any encoder"):
        _train(seeing, replace(HEAD, name="tail", kind="tail"))

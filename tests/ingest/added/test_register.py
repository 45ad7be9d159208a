"""A model from elsewhere is listed, serves, is trained from, and goes again."""

import shutil
from contextlib import closing
from datetime import UTC, datetime

import pytest

import tiny_added
from shoplens.catalogue.catalogue import open_catalogue
from shoplens.catalogue.journal.models import Model
from shoplens.config import Settings
from shoplens.encode.combined.writing import Named, write_fused
from shoplens.encode.opening import encoder_of
from shoplens.engine import Engine
from shoplens.errors import MismatchError
from shoplens.ingest.added.cards import Card
from shoplens.ingest.added.register import list_all, register
from shoplens.ingest.feeds import IndexRequest
from shoplens.ingest.switching.side import open_model
from shoplens.learn.shop import base_of
from shoplens.parts import remove
from shoplens.types import Query
from small_shop import MakeShop
from trained_models import first, soon

N = 9
NOW = datetime(2026, 11, 21, tzinfo=UTC)
CARD = Card("added fp32", "a toy", ("licence: none",), {"licence": "none"})


def add(settings: Settings, name: str = "tiny", *, words: bool = True) -> Model:
    tiny_added.write(settings.data / "models" / name, name, words=words)
    return listed(settings, name)


def listed(settings: Settings, name: str) -> Model:
    with closing(open_catalogue(settings.database_url)) as catalogue:
        return register(settings, catalogue, name, CARD, NOW)


def test_an_added_model_is_listed_once_with_its_card(settings: Settings) -> None:
    model = add(settings)
    assert (model.base, model.recipe, model.safe, model.state) == (
        "tiny", "added fp32", True, "candidate",
    )  # fmt: skip
    assert "shoplens evaluate" in model.reason
    assert "licence: none" in (settings.data / "models" / "tiny" / "card.md").read_text("utf-8")
    assert listed(settings, "tiny") == model, "the same files again change nothing"
    shutil.rmtree(settings.data / "models" / "tiny")
    tiny_added.write(settings.data / "models" / "tiny", "tiny", dim=6)
    with pytest.raises(MismatchError, match="there is a model 'tiny' already"):
        listed(settings, "tiny")


def test_a_folder_without_a_model_is_not_listed(settings: Settings) -> None:
    (settings.data / "models" / "empty").mkdir(parents=True)
    with pytest.raises(MismatchError, match="no model that was added"):
        listed(settings, "empty")


def test_it_comes_to_serve_and_back_and_texts_stay_what_they_were(
    settings: Settings, make_shop: MakeShop
) -> None:
    shop = make_shop(N)
    photos = {f"p{i}": (shop.images / f"p{i}.png").read_bytes() for i in range(N)}
    with Engine.open(settings) as engine:
        engine.index(IndexRequest(shop.feed))
        add(settings)
        report = engine.promote("tiny")
        assert (report.before, report.after, report.counts.encoded) == ("colour", "tiny", N)
        assert {p: first(engine, photo) for p, photo in photos.items()} == {p: p for p in photos}
        answer = engine.search(Query(text="red square", k=3))
        assert {"text", "text_picture"} <= answer.shown[0].ranked.signals.keys()
        assert engine.verify().ok
        parts = engine._parts  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
        assert parts.encoder.text.fingerprint == encoder_of(settings).text.fingerprint
        with pytest.raises(MismatchError, match="serves already"):
            engine.promote("tiny")
        assert engine.rollback().after == "colour"
        soon(lambda: engine.rollback().after == "tiny", "it comes back")
    with Engine.open(settings) as engine:
        assert engine.status().encoder == "tiny"
        assert first(engine, photos["p4"]) == "p4"


def test_it_may_be_the_encoder_of_the_settings(settings: Settings, make_shop: MakeShop) -> None:
    shop = make_shop(N)
    add(settings)
    own = settings.model_copy(update={"encoder": "tiny"})
    with Engine.open(own) as engine:
        engine.index(IndexRequest(shop.feed))
        assert first(engine, (shop.images / "p2.png").read_bytes()) == "p2"
    with pytest.raises(MismatchError, match="encoder of the settings"):
        remove(own, "tiny")


def test_words_are_left_out_where_a_model_knows_none(settings: Settings) -> None:
    add(settings, words=False)
    assert encoder_of(settings, "tiny").asks is None


def test_what_something_is_made_of_is_not_removed(settings: Settings) -> None:
    for name in ("one", "two"):
        add(settings, name)
    parts = [(Named(name, encoder_of(settings, name)), 0.5) for name in ("one", "two")]
    write_fused(settings.data / "models" / "both", parts)
    listed(settings, "both")
    with pytest.raises(MismatchError, match="both is made of model 'one'"):
        remove(settings, "one")
    remove(settings, "both")
    remove(settings, "one")
    with closing(open_catalogue(settings.database_url)) as catalogue:
        assert [model.name for model in catalogue.models.list()] == ["two"]
    assert not (settings.data / "models" / "one").exists()


def test_a_changed_file_is_told_with_what_to_do(settings: Settings) -> None:
    add(settings)
    shutil.rmtree(settings.data / "models" / "tiny")
    tiny_added.write(settings.data / "models" / "tiny", "tiny", dim=6)
    with (
        closing(open_catalogue(settings.database_url)) as catalogue,
        pytest.raises(MismatchError, match="not those that were trained or added"),
    ):
        open_model(settings, catalogue.models, "tiny")


def test_a_training_starts_from_the_added_model_that_serves(
    settings: Settings, make_shop: MakeShop
) -> None:
    shop = make_shop(N)
    with Engine.open(settings) as engine:
        engine.index(IndexRequest(shop.feed))
        add(settings)
        with closing(open_catalogue(settings.database_url)) as catalogue:
            assert base_of(settings, catalogue.models) == "colour"
            engine.promote("tiny")
            assert base_of(settings, catalogue.models) == "tiny"


def test_what_a_crash_kept_from_being_listed_is_listed_by_the_next(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    models = settings.data / "models"
    tiny_added.write(models / "tiny", "tiny")
    tiny_added.write(models / "broken", "broken")
    (models / "broken" / "picture.onnx").write_bytes(b"cut")
    (models / ".draft").mkdir()
    with closing(open_catalogue(settings.database_url)) as catalogue:
        assert list_all(settings, catalogue, NOW) == ["tiny"]
        assert list_all(settings, catalogue, NOW) == []
        assert "hf:tests/tiny@0" in catalogue.models.get("tiny").card
    assert "broken" in caplog.text

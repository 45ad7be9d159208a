from contextlib import closing
from pathlib import Path

import click
import numpy as np
import pytest
from click.testing import CliRunner

from shoplens.catalogue.catalogue import open_catalogue
from shoplens.cli.learning.combine import combine, shrink
from shoplens.config import Settings
from shoplens.encode.base import Encoder, open_encoder
from shoplens.encode.combined.opening import open_combined
from shoplens.engine import Engine
from shoplens.ingest.feeds import IndexRequest
from shoplens.types import Query
from small_shop import MakeShop
from toy_words import encode, pictures
from trained_models import add_head

N = 120


@pytest.fixture
def shop(settings: Settings, make_shop: MakeShop) -> Settings:
    with Engine.open(settings) as engine:
        engine.index(IndexRequest(make_shop(N).feed))
    return settings


def flags(settings: Settings) -> list[str]:
    return ["--data", str(settings.data), "--encoder", "colour"]


def told(settings: Settings, command: click.Command, *words: str) -> str:
    ended = CliRunner().invoke(command, [*words, *flags(settings)], env={"COLUMNS": "200"})
    assert ended.exit_code == 0, (ended.output, ended.exception)
    return ended.stdout


def refused(settings: Settings, command: click.Command, *words: str) -> str:
    ended = CliRunner().invoke(command, [*words, *flags(settings)], env={"COLUMNS": "200"})
    assert ended.exit_code == 1, ended.output
    return str(ended.exception)


def models(settings: Settings) -> list[str]:
    folder: Path = settings.data / "models"
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def made(settings: Settings, name: str) -> Encoder:
    return open_combined(settings.data / "models" / name, open_encoder)


def test_rows_are_shrunk_by_what_loses_less_and_the_loss_is_told(shop: Settings) -> None:
    said = told(shop, shrink, "colour", "--dims", "24")
    assert "│ → │      24 │          96 │" in said
    assert "│   │      64 │         256 │" in said
    assert "PCA fitted on 60 of other products" in said
    assert "colour-24: 24 of the 107 numbers of colour, by PCA: 0." in said
    assert made(shop, "colour-24").picture.dim == 24


def test_rows_are_truncated_where_that_is_asked(shop: Settings) -> None:
    said = told(shop, shrink, "colour", "--dims", "24", "--truncate", "--name", "cut")
    assert "cut: 24 of the 107 numbers of colour, the first ones: 0." in said
    shown = pictures(5)
    short = encode(open_encoder("colour").picture, shown)[:, :24]
    short /= np.linalg.norm(short, axis=1, keepdims=True)
    np.testing.assert_allclose(encode(made(shop, "cut").picture, shown), short, atol=1e-5)


def test_to_measure_writes_nothing(shop: Settings) -> None:
    said = told(shop, shrink, "colour", "--measure")
    assert "truncated: kept" in said
    assert "→" not in said
    assert "promote" not in said
    assert models(shop) == []


def test_what_cannot_be_shrunk_is_refused_before_anything_is_written(shop: Settings) -> None:
    assert "--measure to see" in refused(shop, shrink, "colour")
    assert "cannot be shrunk to 107" in refused(shop, shrink, "colour", "--dims", "107")
    assert "cannot be shrunk to 500" in refused(shop, shrink, "colour", "--dims", "500", "--pca")
    said = refused(shop, shrink, "colour", "--dims", "100", "--pca")
    assert "wants at least 200 pictures, and 60 of 120 were there" in said
    assert "no encoder called 'siglip'" in refused(shop, shrink, "siglip", "--dims", "9")
    assert "cannot be a model's name" in refused(
        shop, shrink, "colour", "--dims", "9", "--name", "../up"
    )
    assert models(shop) == []


def test_without_pictures_only_truncation_is_made_and_said_not_to_be_measured(
    settings: Settings, make_shop: MakeShop
) -> None:
    with Engine.open(settings) as engine:
        engine.index(IndexRequest(make_shop(12).feed))
    for words in (["--measure"], ["--dims", "9"], ["--dims", "9", "--pca"]):
        said = refused(settings, shrink, "colour", *words)
        assert "has 12 pictures with rows of 'colour', and 100 are wanted" in said
    said = told(settings, shrink, "colour", "--dims", "9", "--truncate")
    assert "not measured: this shop has 12 pictures" in said
    assert models(settings) == ["colour-9"]


def test_a_name_is_not_given_twice(shop: Settings) -> None:
    add_head(shop, "head-1")
    assert "there is a model 'head-1' already" in refused(
        shop, shrink, "colour", "--dims", "9", "--name", "head-1"
    )
    told(shop, shrink, "colour", "--dims", "9")
    assert "'colour-9' already; give another name" in refused(shop, shrink, "colour", "--dims", "9")


def test_two_encoders_are_fused_and_their_times_told(settings: Settings) -> None:
    add_head(settings, "head-1")
    said = told(settings, combine, "colour=3", "head-1=1", "--name", "both")
    for words in ("│ colour │ 75%   │ 107     │", "│ head-1 │ 25%   │ 113     │", "promote both"):
        assert words in said
    assert "│ both   │       │ 220     │" in said


@pytest.mark.parametrize("part", ["lite2", "lite2=", "=0.3", "lite2=0", "lite2=-1", "lite2=much"])
def test_a_part_without_a_weight_is_refused(part: str, settings: Settings) -> None:
    said = refused(settings, combine, "colour=1", part, "--name", "both")
    assert f"NAME=WEIGHT, such as lite2=0.3, not {part!r}" in said


def test_parts_that_cannot_be_fused_are_refused(settings: Settings) -> None:
    assert "named twice" in refused(settings, combine, "colour=1", "colour=2", "--name", "both")
    assert "two encoders or more" in refused(settings, combine, "colour=1", "--name", "both")
    assert models(settings) == []


def test_a_shrunk_model_serves_without_encoding_a_picture_again(shop: Settings) -> None:
    told(shop, shrink, "colour", "--dims", "30")
    with Engine.open(shop) as engine:
        report = engine.promote("colour-30")
        assert (report.done, report.counts.encoded) == (True, 0)
        answer = engine.search(Query(product_id="p7", k=3))
        assert len(answer.shown) == 3
    with closing(open_catalogue(shop.database_url)) as catalogue:
        model = catalogue.models.get("colour-30")
    assert (model.recipe, model.base, model.state) == ("shrunk", "colour-30", "serving")
    card = shop.data / "models" / "colour-30" / "card.md"
    assert "of the ten nearest kept" in card.read_text("utf-8")


def test_a_fused_model_serves(settings: Settings, make_shop: MakeShop) -> None:
    shop = make_shop(8)
    with Engine.open(settings) as engine:
        engine.index(IndexRequest(shop.feed))
    add_head(settings, "head-1")
    told(settings, combine, "colour=0.4", "head-1=0.6", "--name", "both")
    with Engine.open(settings) as engine:
        assert engine.promote("both").done
        picture = engine.picture((shop.images / "p5.png").read_bytes())
        found = engine.search(Query(picture=picture, k=1)).shown
        assert [one.product.product_id for one in found] == ["p5"]

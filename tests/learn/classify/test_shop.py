import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from shoplens.catalogue.catalogue import Catalogue, open_catalogue
from shoplens.errors import MismatchError
from shoplens.learn.classify.fitting import ClassifyConfig
from shoplens.learn.classify.shop import TrainRequest, train_shop
from shoplens.predict.files import CARD, HEADS, classifier_folder, read_heads
from shoplens.predict.shop.gathering import gather
from toy_labels import NOW, TOWER, fill, toy_rows

SMALL = ClassifyConfig(hidden=16, batch=32, rate=1e-2, epochs=20, folds=2)


def silent(step: str, done: int, total: int) -> None:
    del step, done, total


@pytest.fixture
def catalogue(sqlite_url: str) -> Iterator[Catalogue]:
    opened = open_catalogue(sqlite_url)
    yield opened
    opened.close()


def test_a_shop_teaches_heads_and_writes_down_how_good_they_are(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    fill(catalogue, 150, 40)
    request = TrainRequest(tmp_path, TOWER, config=SMALL)
    card = train_shop(gather(catalogue, TOWER), request, NOW, silent)
    folder = classifier_folder(tmp_path)
    heads = read_heads(folder / HEADS, TOWER)
    assert [head.task for head in heads.heads] == ["category 2", "colour"]
    told = json.loads((folder / CARD).read_text("utf-8"))
    assert told["summary"] == card.summary()
    colour = next(one for one in told["table"] if one["task"] == "colour")
    assert sum(colour["labels"].values()) == colour["rows"] == 110
    assert colour["accuracy"] > colour["majority"]
    assert [(one["where"], one["reason"][:30]) for one in told["refused"]] == [
        ("category 1", "all 110 labelled products have")
    ]
    assert len(card.rows()[0]) == len(card.columns)
    assert any("category 1" in note for note in card.notes())
    rows, _, _ = toy_rows(150)
    assert np.isfinite(heads.predict(rows)["colour"].probabilities).all()


def test_only_the_fields_asked_for_are_learnt(catalogue: Catalogue, tmp_path: Path) -> None:
    fill(catalogue, 60, 0)
    request = TrainRequest(tmp_path, TOWER, ("colour",), SMALL)
    card = train_shop(gather(catalogue, TOWER), request, NOW, silent)
    assert [one.task for one in card.learnt] == ["colour"]
    unknown = replace(request, fields=("colour", "fabric"))
    with pytest.raises(MismatchError, match="anything in fabric; there are: category, colour"):
        train_shop(gather(catalogue, TOWER), unknown, NOW, silent)


def test_ctrl_c_keeps_what_was_there_before(catalogue: Catalogue, tmp_path: Path) -> None:
    fill(catalogue, 60, 0)
    request = TrainRequest(tmp_path, TOWER, ("colour",), SMALL)
    train_shop(gather(catalogue, TOWER), request, NOW, silent)
    folder = classifier_folder(tmp_path)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    def stop(step: str, done: int, total: int) -> None:
        del step, total
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_shop(gather(catalogue, TOWER), replace(request, seed=1), NOW, stop)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_shop_with_too_few_labels_is_told_what_it_lacks(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    fill(catalogue, 12, 0)
    request = TrainRequest(tmp_path, TOWER, ("colour",), SMALL)
    with pytest.raises(MismatchError, match="8 or more products of different groups"):
        train_shop(gather(catalogue, TOWER), request, NOW, silent)
    assert not classifier_folder(tmp_path).exists()

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from learn.conftest import Taught, Teach
from shoplens.encode.crops import crops
from shoplens.indexing.workbench import silent
from shoplens.learn.examples.gather import Example, Examples, from_catalogue, together
from shoplens.learn.examples.photos import read_photos
from shoplens.learn.material import Material, ask_all, read_material
from shoplens.learn.shop import Shop
from shoplens.types import Pixels


def gathered(shop: Shop, table: Path) -> Examples:
    found = from_catalogue(shop.catalogue)
    return together(found, read_photos(table, table.parent, found, max_bytes=1 << 20))


def read(shop: Shop, examples: Examples, looked: list[str] | None = None) -> Material:
    def look(example: Example) -> Pixels:
        if looked is not None:
            looked.append(example.source)
        return shop.opener.open(example)

    kept = shop.catalogue.embeddings
    return read_material(examples, shop.encoder.picture, kept, look, shop.pool, silent)


def test_rows_are_those_of_the_encoder_in_the_order_of_the_examples(taught: Taught) -> None:
    with taught.open() as shop:
        tower = shop.encoder.picture
        some = read(shop, gathered(shop, taught.drawn.photos))
        assert len(some.rows) == len(some.examples.all) == 72
        for example, row in zip(some.examples.all, some.rows, strict=True):
            wanted = tower.encode([tower.prepare(shop.opener.open(example))])[0]
            np.testing.assert_array_equal(row, wanted)
        assert some.labels == [example.product_id for example in some.examples.all]


def test_what_was_indexed_is_not_looked_at_and_what_was_looked_at_is_kept(taught: Taught) -> None:
    looked: list[str] = []
    with taught.open() as shop:
        examples = gathered(shop, taught.drawn.photos)
        first = read(shop, examples, looked)
        assert len(looked) == 60, "the photos, not the catalogue"
        looked.clear()
        again = read(shop, examples, looked)
        assert looked == []
        np.testing.assert_array_equal(first.rows, again.rows)


def test_what_was_kept_survives_a_stop(taught: Taught, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shoplens.learn.material.KEPT_AT_ONCE", 10)
    looked: list[str] = []

    def stopping(_: str, done: int, total: int) -> None:
        assert total == 60
        if done == 35:
            raise KeyboardInterrupt

    with taught.open() as shop:
        examples = gathered(shop, taught.drawn.photos)
        kept, look = shop.catalogue.embeddings, shop.opener.open
        with pytest.raises(KeyboardInterrupt):
            read_material(examples, shop.encoder.picture, kept, look, shop.pool, stopping)
        some = read(shop, examples, looked)
        assert len(looked) == 30
        assert len(some.rows) == 72


def test_damaged_photos_are_left_out_with_a_reason(teach: Teach) -> None:
    taught = teach(products=4, photos=3)
    folder = taught.drawn.folder
    whole = (folder / "p01-photo-1.png").read_bytes()
    (folder / "p01-photo-1.png").write_bytes(whole[: len(whole) // 2])
    (folder / "p02-photo-0.png").write_bytes(b"no picture")
    with taught.open() as shop:
        some = read(shop, gathered(shop, taught.drawn.photos))
    assert len(some.rows) == len(some.examples.all) == 14
    refused = {Path(one.where).name: one for one in some.examples.refused}
    assert set(refused) == {"p01-photo-1.png", "p02-photo-0.png"}
    assert refused["p01-photo-1.png"].product_id == "p01"
    assert all(one.reason for one in refused.values())


def test_nothing_to_learn_from_has_no_rows(taught: Taught) -> None:
    with taught.open() as shop:
        some = read(shop, replace(from_catalogue(shop.catalogue), all=(), products={}))
        assert some.rows.shape == (0, shop.encoder.picture.dim)


def test_photos_are_asked_by_all_their_crops(teach: Teach) -> None:
    taught = teach(products=4, photos=2)
    with taught.open() as shop:
        tower = shop.encoder.picture
        some = read(shop, gathered(shop, taught.drawn.photos))
        places = np.array([5, 7, 4])
        (taught.drawn.folder / Path(some.examples.all[7].source).name).unlink()
        asked = ask_all(some.examples, places, tower, shop.opener.open, shop.pool, silent)
        assert asked.places.tolist() == [5, 4]
        for place, rows in zip(asked.places, asked.rows, strict=True):
            shown = crops(shop.opener.open(some.examples.all[int(place)]))
            for row, crop in zip(rows, shown, strict=True):
                np.testing.assert_array_equal(row, tower.encode([tower.prepare(crop)])[0])
        assert asked.among(np.array([4, 7])).places.tolist() == [4]
        nobody = ask_all(some.examples, places[:0], tower, shop.opener.open, shop.pool, silent)
        assert nobody.rows.shape == (0, 1, tower.dim)

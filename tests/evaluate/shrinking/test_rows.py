from contextlib import closing

import numpy as np
import pytest

from shoplens.catalogue.catalogue import open_catalogue
from shoplens.config import Settings
from shoplens.encode.base import open_encoder
from shoplens.engine import Engine
from shoplens.evaluate.shrinking import rows as module
from shoplens.evaluate.shrinking.rows import KeptRows, kept_rows
from shoplens.ingest.feeds import IndexRequest
from small_shop import MakeShop, SmallShop

COLOUR = open_encoder("colour").picture


def index(settings: Settings, shop: SmallShop) -> None:
    with Engine.open(settings) as engine:
        engine.index(IndexRequest(shop.feed))


def kept(settings: Settings, fingerprint: str = COLOUR.fingerprint) -> KeptRows:
    with closing(open_catalogue(settings.database_url)) as catalogue:
        return kept_rows(catalogue, fingerprint, np.random.default_rng(0))


def test_every_picture_is_there_once_with_its_product(
    settings: Settings, make_shop: MakeShop
) -> None:
    shop = make_shop(8)
    told = shop.rows(8)
    told[7]["image"] = "p0.png"  # the picture of another
    shop.write(told)
    index(settings, shop)
    found = kept(settings)
    assert sorted(found.groups) == [f"p{i}" for i in range(7)]
    assert found.rows.shape == (7, COLOUR.dim)
    np.testing.assert_allclose(np.linalg.norm(found.rows, axis=1), 1, atol=1e-4)


def test_rows_of_an_encoder_that_never_served_are_none(
    settings: Settings, make_shop: MakeShop
) -> None:
    assert len(kept(settings).rows) == 0
    index(settings, make_shop(3))
    found = kept(settings, "0123456789abcdef")
    assert (len(found.rows), found.groups) == (0, ())


def test_pictures_of_products_that_are_gone_do_not_count(
    settings: Settings, make_shop: MakeShop
) -> None:
    shop = make_shop(6)
    index(settings, shop)
    shop.write(shop.rows(4))
    index(settings, shop)
    assert sorted(kept(settings).groups) == ["p0", "p1", "p2", "p3"]


def test_of_many_pictures_some_are_drawn(
    settings: Settings, make_shop: MakeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    index(settings, make_shop(9))
    monkeypatch.setattr(module, "MOST", 5)
    found = kept(settings)
    assert len(found.rows) == len(set(found.groups)) == 5

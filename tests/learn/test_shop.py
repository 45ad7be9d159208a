from pathlib import Path

import pytest

from learn.conftest import Taught, settings_in
from shoplens.errors import NotFoundError
from shoplens.learn.examples.gather import from_catalogue
from shoplens.learn.shop import open_shop


def test_a_shop_is_opened_for_reading_while_another_has_it(taught: Taught) -> None:
    with taught.open() as shop, taught.open() as again:
        assert shop.encoder.name == "colour"
        assert shop.models == taught.models
        assert shop.scratch.parent == shop.models
        for example in from_catalogue(again.catalogue).all:
            picture = shop.opener.open(example)
            assert min(picture.shape[:2]) >= 32
    assert not taught.models.exists(), "nothing was written"


def test_a_shop_is_closed_after_an_error_too(taught: Taught) -> None:
    with pytest.raises(ZeroDivisionError), taught.open() as shop:
        divmod(1, 0)
    with pytest.raises(RuntimeError, match="shutdown"):
        shop.pool.submit(print)


def test_an_unknown_encoder_is_told(taught: Taught) -> None:
    settings = taught.settings.model_copy(update={"encoder": "lite9"})
    with pytest.raises(NotFoundError, match="lite9"), open_shop(settings):
        pass


def test_a_shop_that_is_not_there_has_nothing(tmp_path: Path) -> None:
    with open_shop(settings_in(tmp_path / "nowhere")) as shop:
        assert from_catalogue(shop.catalogue).all == ()

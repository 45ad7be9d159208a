import sqlite3
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from learn.conftest import Teach, settings_in
from learn.toys import HEAD
from shoplens.encode.base import open_encoder
from shoplens.errors import ConfigError, NotFoundError
from shoplens.indexing.workbench import silent
from shoplens.learn.examples.gather import from_catalogue
from shoplens.learn.lessons.distil import taught, teacher_of
from shoplens.learn.material import Material, read_material
from shoplens.learn.shop import Shop, open_shop

RECIPE = replace(HEAD, kind="distil", teacher="colour")


def read(shop: Shop) -> Material:
    kept, look = shop.catalogue.embeddings, shop.opener.open
    found = from_catalogue(shop.catalogue)
    return read_material(found, shop.encoder.picture, kept, look, shop.pool, silent)


def test_targets_are_what_the_teacher_sees(teach: Teach) -> None:
    """The pupil is another network, so that nothing the teacher sees is known."""
    colour = open_encoder("colour").picture
    made = teach(products=4, photos=0)
    settings = made.settings.model_copy(update={"encoder": "lite0"})
    with open_shop(settings) as shop:
        some = read(shop)
        (made.drawn.folder / "p02-0.png").write_bytes(b"gone")
        forget(made.settings.data)
        targets = taught(shop, RECIPE, some, silent)
        for place, example in enumerate(some.examples.all):
            if example.product_id == "p02":
                assert not targets[place].any(), "it cannot be opened any more"
                continue
            wanted = colour.encode([colour.prepare(shop.opener.open(example))])[0]
            np.testing.assert_allclose(targets[place], wanted, atol=1e-6)
    assert len(targets) == 4


def forget(data: Path) -> None:
    """Lose the embeddings that the teacher made when this shop was indexed."""
    fingerprint = open_encoder("colour").picture.fingerprint
    with sqlite3.connect(data / "catalogue.db") as connection:
        connection.execute("DELETE FROM embeddings WHERE fingerprint = ?", (fingerprint,))


@pytest.mark.parametrize(
    ("teacher", "kind", "told"),
    [
        ("", ConfigError, "needs a teacher: --set teacher=lite2"),
        ("colour", ConfigError, "'colour' is the encoder that should learn"),
        ("lite9", NotFoundError, "lite9"),
    ],
)
def test_a_teacher_that_cannot_teach_is_told(
    teacher: str, kind: type[Exception], told: str, tmp_path: Path
) -> None:
    with open_shop(settings_in(tmp_path)) as shop, pytest.raises(kind, match=told):
        teacher_of(shop, replace(RECIPE, teacher=teacher))

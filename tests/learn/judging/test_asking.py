from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from learn.conftest import Taught, Teach
from shoplens.encode.base import Derived, PictureTower, Prepared
from shoplens.encode.trained.headed import HeadedPictures, OnnxHead, headed
from shoplens.indexing.workbench import silent
from shoplens.learn.examples.gather import Examples, from_catalogue, together
from shoplens.learn.examples.photos import read_photos
from shoplens.learn.judging import asking as module
from shoplens.learn.judging.asking import Judging
from shoplens.learn.judging.measure import Measured
from shoplens.learn.material import Material, read_material
from shoplens.learn.network.head import Head, write_head
from shoplens.learn.shop import Shop
from shoplens.types import Embeddings, Pixels

NOBODY = Measured({}, {}, ())


def learnt(shop: Shop, taught: Taught | None = None) -> Material:
    """Gather the catalogue's pictures, and the photos of a table."""
    found = from_catalogue(shop.catalogue)
    if taught:
        table = taught.drawn.photos
        found = together(found, read_photos(table, table.parent, found, max_bytes=1 << 20))
    return material_of(shop, found)


def material_of(shop: Shop, found: Examples) -> Material:
    kept, look = shop.catalogue.embeddings, shop.opener.open
    return read_material(found, shop.encoder.picture, kept, look, shop.pool, silent)


def a_head(folder: Path, base: PictureTower) -> HeadedPictures:
    rng = np.random.default_rng(0)
    shapes = ((9, base.dim), (9,), (7, 9), (7,))
    layers = Head(*(rng.normal(size=shape).astype(np.float32) for shape in shapes))
    write_head(folder / "head.onnx", layers, 0.5, {"name": "a", "derives_from": base.fingerprint})
    return headed(base, OnnxHead(folder / "head.onnx"))


@dataclass
class Looking:
    """The same tower for one who knows only pictures."""

    tower: HeadedPictures
    fingerprint: str = "looking"

    @property
    def dim(self) -> int:
        return self.tower.dim

    @property
    def size_px(self) -> int:
        return self.tower.size_px

    def prepare(self, picture: Pixels) -> Prepared:
        return self.tower.prepare(picture)

    def encode(self, prepared: Sequence[Prepared]) -> Embeddings:
        return self.tower.encode(prepared)


@dataclass
class Steps:
    taken: list[str] = field(default_factory=list[str])

    def __call__(self, step: str, done: int, total: int) -> None:
        self.taken.append(f"{step} {done} of {total}")


def parts(material: Material) -> tuple[np.ndarray, np.ndarray]:
    every = material.examples.all
    photos = [i for i, one in enumerate(every) if one.role == "photo"]
    gallery = [i for i, one in enumerate(every) if one.role == "gallery"]
    return np.array(photos, np.int64), np.array(gallery, np.int64)


def same(one: Measured, other: Measured) -> None:
    assert one.groups == other.groups
    for mine, theirs in ((one.before, other.before), (one.after, other.after)):
        for name, values in mine.items():
            np.testing.assert_allclose(values, theirs[name])


def test_a_head_is_judged_as_if_it_looked_at_every_picture(taught: Taught, tmp_path: Path) -> None:
    with taught.open() as shop:
        material = learnt(shop, taught)
        photos, gallery = parts(material)
        tower = a_head(tmp_path, shop.encoder.picture)
        assert isinstance(tower, Derived)
        assert not isinstance(Looking(tower), Derived)
        judging = Judging(shop, material, augmented=False, progress=silent)
        found = judging.measure(tower, photos, gallery)
        same(found, judging.measure(Looking(tower), photos, gallery))
    assert len(found) == 60
    assert found.before["R@1"].mean() != found.after["R@1"].mean()


def test_a_photo_is_encoded_once_for_all_folds(taught: Taught, tmp_path: Path) -> None:
    steps = Steps()
    with taught.open() as shop:
        material = learnt(shop, taught)
        photos, gallery = parts(material)
        tower = a_head(tmp_path, shop.encoder.picture)
        judging = Judging(shop, material, augmented=False, progress=steps)
        judging.measure(tower, photos[:20], gallery)
        assert len(steps.taken) == 20
        judging.measure(tower, photos[10:30], gallery)
        assert len(steps.taken) == 30


def test_nobody_asked_is_nothing_measured(taught: Taught, tmp_path: Path) -> None:
    with taught.open() as shop:
        material = learnt(shop, taught)
        gallery = parts(material)[1]
        tower = a_head(tmp_path, shop.encoder.picture)
        judging = Judging(shop, material, augmented=False, progress=silent)
        for one in (tower, Looking(tower)):
            assert judging.measure(one, gallery[:0], gallery) == NOBODY
            assert judging.measure(one, gallery, gallery) == NOBODY, "only itself would answer"


def test_what_cannot_be_opened_any_more_is_left_out(teach: Teach, tmp_path: Path) -> None:
    taught = teach()
    with taught.open() as shop:
        material = learnt(shop, taught)
        photos, gallery = parts(material)
        tower = a_head(tmp_path, shop.encoder.picture)
        for place in (int(gallery[0]), int(photos[10])):
            (taught.drawn.folder / Path(material.examples.all[place].source).name).unlink()
        judging = Judging(shop, material, augmented=False, progress=silent)
        derived = judging.measure(tower, photos, gallery)
        assert len(derived) == 59, "the gallery's rows are there already"
        looking = judging.measure(Looking(tower), photos, gallery)
        assert len(looking) == 54, "nothing answers the five photos of the first product"
        assert looking.groups.count("g0") == 5, "those of the other variant"


def test_where_nothing_can_be_opened_nothing_is_measured(teach: Teach, tmp_path: Path) -> None:
    taught = teach(products=4, photos=2)
    with taught.open() as shop:
        material = learnt(shop, taught)
        photos, gallery = parts(material)
        tower = a_head(tmp_path, shop.encoder.picture)
        for file in taught.drawn.folder.glob("*.png"):
            file.unlink()
        judging = Judging(shop, material, augmented=False, progress=silent)
        assert judging.measure(tower, photos, gallery) == NOBODY
        assert judging.measure(Looking(tower), photos, gallery) == NOBODY


def test_a_single_picture_asks_as_a_hard_photo_of_itself(taught: Taught, tmp_path: Path) -> None:
    with taught.open() as shop:
        material = learnt(shop)
        gallery = parts(material)[1]
        tower = a_head(tmp_path, shop.encoder.picture)
        found, again = (
            Judging(shop, material, augmented=True, progress=silent).measure(
                tower, gallery, gallery
            )
            for _ in range(2)
        )
    same(found, again)
    assert len(found) == 12
    assert 1 / 12 < found.before["MRR"].mean() < 1, "it is no longer quite the same picture"


def test_of_very_many_photos_some_are_asked(
    taught: Taught, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST", 10)
    with taught.open() as shop:
        material = learnt(shop, taught)
        photos, gallery = parts(material)
        judging = Judging(shop, material, augmented=False, progress=silent)
        tower = a_head(tmp_path, shop.encoder.picture)
        found, again = (judging.measure(tower, photos, gallery) for _ in range(2))
    assert len(found) == 10
    same(found, again)

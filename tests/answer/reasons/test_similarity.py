"""Maps are of the right product, size and scale; whatever is missing is said in one sentence."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from drawn_products import draw_product
from shoplens.answer.reasons.heat import warmed
from shoplens.answer.reasons.refs import PhotoRef, ProductRef, WordsRef, write_ref
from shoplens.answer.reasons.similarity import SimilarityMaps
from shoplens.answer.recent import RecentPictures
from shoplens.encode.base import CellMap, Encoder, Mapper, OneSpace, Prepared, open_encoder
from shoplens.errors import NotFoundError, QueryError
from shoplens.images.decode import decode
from shoplens.images.thumbnails import Thumbnails
from shoplens.regions.box import Box, cut
from shoplens.store.base import Dims, Store, open_store
from shoplens.types import Embedding, Embeddings, Pixels, Row

BAG, SHIRT = "b" * 64, "a" * 64
PICTURES = {
    BAG: draw_product("bag", "gold", "dots", 300),
    SHIRT: draw_product("shirt", "crimson", "stripes", 300),
}


def png(picture: Pixels) -> bytes:
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "PNG")
    return out.getvalue()


def look(data: bytes, box: Box | None) -> Pixels:
    picture = decode(data, for_eyes=False)
    return cut(picture, box) if box else picture


def row(product_id: str, number: int, embedding: Embedding) -> Row:
    return Row(number, product_id, product_id, number, embedding, None, None, {})


def colours(webp: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(webp)) as picture:
        return np.asarray(picture.convert("RGB")).astype(int)


def opened(folder: Path, encoder: Encoder) -> Store:
    return open_store("exact", folder, Dims(encoder.picture.dim, encoder.text.dim, 4))


def maps_of(folder: Path, encoder: Encoder, store: Store) -> SimilarityMaps:
    thumbnails = Thumbnails(folder / "thumbnails", 160)

    def thumbnail(image_hash: str) -> Path:
        if image_hash not in PICTURES:
            raise NotFoundError(f"no product has an image {image_hash!r}")
        return thumbnails.put(image_hash, PICTURES[image_hash])

    return SimilarityMaps(encoder, store, RecentPictures(10, 10**7), look, thumbnail, crops=False)


@pytest.fixture(scope="module")
def maps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimilarityMaps]:
    folder = tmp_path_factory.mktemp("shop")
    encoder = open_encoder("lite0")
    tower = encoder.picture
    store = opened(folder / "store", encoder)
    for number, (name, image_hash) in enumerate({"bag/1": BAG, "shirt": SHIRT}.items()):
        embedding = tower.encode([tower.prepare(PICTURES[image_hash])])[0]
        store.upsert([row(name, number, embedding)])
    made = maps_of(folder, encoder, store)
    yield made
    made.recent.close()
    store.close()


def warmth(webp: bytes, image_hash: str) -> float:
    """How far a map is from one that is all cold."""
    picture = np.asarray(Image.fromarray(PICTURES[image_hash]).resize((160, 160)))
    cold = colours(warmed(picture, np.zeros((7, 7), np.float32)))
    return float(np.abs(colours(webp) - cold).mean())


def test_a_map_has_the_thumbnail_s_size(maps: SimilarityMaps) -> None:
    query = maps.recent.put(png(PICTURES[BAG]))
    with Image.open(io.BytesIO(maps.draw(query, BAG))) as picture:
        assert (picture.format, picture.size) == ("WEBP", (160, 160))


def test_what_was_photographed_is_warm_and_another_thing_cold(maps: SimilarityMaps) -> None:
    query = maps.recent.put(png(PICTURES[BAG]))
    hot, cold = (warmth(maps.draw(query, image), image) for image in (BAG, SHIRT))
    assert hot > 1.4 * cold


def test_heat_is_what_each_cell_agrees_with_the_query(maps: SimilarityMaps) -> None:
    """The same from the definition, cell by cell."""
    tower = open_encoder("lite0").picture
    assert isinstance(tower, Mapper)
    asked = tower.encode([tower.prepare(PICTURES[SHIRT])])[0]
    thumbnail = decode(maps.thumbnail(BAG).read_bytes())
    cells = tower.map(tower.prepare(thumbnail))
    low, high = tower.map_range
    heat = np.zeros(cells.shape[:2], np.float32)
    for place in np.ndindex(*heat.shape):
        agreement = sum(float(a) * float(b) for a, b in zip(cells[place], asked, strict=True))
        heat[place] = (agreement - low) / (high - low)
    got = maps.draw(maps.recent.put(png(PICTURES[SHIRT])), BAG)
    assert np.abs(colours(got) - colours(warmed(thumbnail, heat))).mean() < 0.5
    assert heat.max() > 0.1


def test_a_product_asks_by_its_own_picture(maps: SimilarityMaps) -> None:
    ref = write_ref(ProductRef("bag/1"))
    assert warmth(maps.draw(ref, BAG), BAG) > 1.4 * warmth(maps.draw(ref, SHIRT), SHIRT)


def test_a_box_asks_for_what_it_holds(maps: SimilarityMaps) -> None:
    both = np.concatenate([PICTURES[BAG], PICTURES[SHIRT]], axis=1)
    query = maps.recent.put(png(both))
    left, right = Box(0, 0, 0.5, 1), Box(0.5, 0, 1, 1)
    in_left, in_right = (
        warmth(maps.draw(write_ref(PhotoRef(query, box)), BAG), BAG) for box in (left, right)
    )
    assert in_left > 1.3 * in_right


def test_the_path_leads_to_the_map(maps: SimilarityMaps) -> None:
    path = maps.path(ProductRef("bag/1"), SHIRT)
    assert path == f"/v1/maps/p-bag~2F1/{SHIRT}.webp"
    assert maps.draw(path.split("/")[3], SHIRT)


def test_without_a_ref_an_image_or_a_shared_space_there_is_no_path(maps: SimilarityMaps) -> None:
    assert maps.path(None, BAG) == ""
    assert maps.path(ProductRef("bag/1"), "") == ""
    assert maps.path(WordsRef("red bag"), BAG) == ""


@pytest.mark.parametrize(
    ("ref", "image_hash", "message"),
    [
        ("q-gone", BAG, "send the photo again"),
        ("p-nothing", BAG, "no product 'nothing' with a picture"),
        ("p-shirt", "c" * 64, "no product has an image"),
        ("w-red", BAG, "encoder 'lite0' has no maps of words"),
        ("nonsense", BAG, "there is no map for 'nonsense'"),
    ],
)
def test_what_is_missing_is_told(
    maps: SimilarityMaps, ref: str, image_hash: str, message: str
) -> None:
    with pytest.raises(NotFoundError, match=message):
        maps.draw(ref, image_hash)


def test_a_box_that_is_none_is_told(maps: SimilarityMaps) -> None:
    query = maps.recent.put(png(PICTURES[BAG]))
    with pytest.raises(QueryError, match="is no box"):
        maps.draw(f"{query}~1,1,0,0", BAG)


def test_an_encoder_without_maps_has_no_paths_and_says_so(tmp_path: Path) -> None:
    encoder = open_encoder("colour")
    store = opened(tmp_path / "store", encoder)
    plain = maps_of(tmp_path, encoder, store)
    assert plain.path(ProductRef("bag/1"), BAG) == ""
    with pytest.raises(NotFoundError, match="'colour' has no maps; lite2 and lite0 do"):
        plain.draw("p-bag", BAG)
    store.close()


class Quarters:
    """A tower of its own shop: two numbers a quarter, how red and how blue it is."""

    dim, size_px, fingerprint = 2, 2, "0" * 16
    map_range = (0.0, 2.0)

    def prepare(self, picture: Pixels) -> Prepared:
        small = Image.fromarray(picture).resize((2, 2), Image.Resampling.BOX)
        return Prepared(np.asarray(small), np.empty(0, np.float32))

    def encode(self, prepared: Sequence[Prepared]) -> Embeddings:
        return np.stack([self.map(ready).mean(axis=(0, 1)) for ready in prepared])

    def map(self, prepared: Prepared) -> CellMap:
        cells = prepared.pixels[:, :, ::2].astype(np.float32)
        return cells / np.linalg.norm(cells.mean(axis=(0, 1)))


class RedWords:
    """A text tower to which every text says red."""

    dim, fingerprint = 2, "1" * 16

    def encode(self, texts: Sequence[str]) -> Embeddings:
        return np.tile(np.array([[1, 0]], np.float32), (len(texts), 1))


@pytest.fixture
def shared(tmp_path: Path) -> Iterator[SimilarityMaps]:
    """A shop of one picture: red above, blue below on the right, else black."""
    encoder = Encoder("own", Quarters(), RedWords(), OneSpace(RedWords()))
    store = opened(tmp_path / "store", encoder)
    red, blue = np.eye(2, dtype=np.float32)
    store.upsert([row("two-sided", 0, blue), row("two-sided", 1, red)])
    picture = np.zeros((64, 64, 3), np.uint8)
    picture[:32, :, 0] = 60
    picture[32:, 32:, 2] = 60
    file = Thumbnails(tmp_path, 64).put(BAG, picture)

    def thumbnail(image_hash: str) -> Path:
        return file

    made = replace(maps_of(tmp_path, encoder, store), thumbnail=thumbnail)
    yield made
    store.close()


def light(webp: bytes) -> tuple[float, float, float]:
    """How light a map of that shop's dark picture is where it is red, blue and black."""
    level = colours(webp).sum(axis=2)
    return level[4:24].mean(), level[40:60, 40:60].mean(), level[40:60, 4:24].mean()


def test_words_are_mapped_where_they_share_a_space_with_pictures(shared: SimilarityMaps) -> None:
    path = shared.path(WordsRef("red bag"), BAG)
    red, blue, black = light(shared.draw(path.split("/")[3], BAG))
    assert red > blue + 100
    assert red > black + 100


def test_of_a_product_s_pictures_the_one_that_matches_best_asks(shared: SimilarityMaps) -> None:
    red, blue, _ = light(shared.draw("p-two-sided", BAG))
    assert red > blue + 100


def test_the_scale_of_words_is_shorter(shared: SimilarityMaps) -> None:
    by_words, by_picture = (light(shared.draw(ref, BAG))[0] for ref in ("w-red", "p-two-sided"))
    assert by_words > by_picture + 50

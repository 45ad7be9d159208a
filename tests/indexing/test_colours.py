import io
import os
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import delete

from shoplens.database.tables import embeddings
from shoplens.encode.colours.dominant import dominant
from shoplens.encode.colours.vector import query_vector
from shoplens.images.decode import decode
from shoplens.indexing.colours import FINGERPRINT, colours_of, dominants_of
from shoplens.indexing.workbench import IndexCounts, Workbench
from shoplens.search.filters import asked_filter
from shoplens.types import Product
from small_bench import PictureServer, Put, Work

Rgb = tuple[int, int, int]
RED, BLUE, GREEN = (196, 30, 40), (40, 90, 180), (40, 140, 70)


def patch(colour: Rgb) -> bytes:
    picture = Image.new("RGB", (80, 80), "white")
    picture.paste(colour, (20, 15, 60, 65))
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def painted(folder: Path) -> Path:
    for name, colour in (("red", RED), ("blue", BLUE), ("green", GREEN)):
        (folder / f"{name}.png").write_bytes(patch(colour))
    return folder


def nearest(bench: Workbench, colour: Rgb) -> tuple[str, float]:
    (first, *_) = bench.store.search("colour", query_vector(colour), 3)
    return first.product_id, first.score


def named(bench: Workbench, colour: str) -> set[str]:
    """List the products whose main row has this colour."""
    here = asked_filter(f'colour = "{colour}"', {"colour": "keyword"})
    return {c.product_id for c in bench.store.search("colour", query_vector(RED), 9, here)}


def drop_colours(bench: Workbench) -> None:
    """Leave the cache as a version without colours left it."""
    with bench.catalogue.database.begin() as connection:
        gone = delete(embeddings).where(embeddings.c.fingerprint == FINGERPRINT)
        assert connection.execute(gone).rowcount


def hashes(bench: Workbench, product_id: str) -> list[str]:
    number = bench.catalogue.products.get(product_id).number
    return [record.image_hash for record in bench.catalogue.images.of([number])[number]]


def test_a_picked_colour_finds_the_product_of_that_colour(
    bench: Workbench, painted: Path, put: Put, work: Work
) -> None:
    for name in ("red", "blue", "green"):
        put(name, f"{name}.png")
    work()
    for name, colour in (("red", RED), ("blue", BLUE), ("green", GREEN)):
        assert nearest(bench, colour) == (name, pytest.approx(1, abs=0.01))


def test_products_are_filtered_by_their_picture_colour_in_both_languages(
    bench: Workbench, painted: Path, put: Put, work: Work
) -> None:
    put("a", "red.png")
    put("b", "blue.png")
    work()
    assert named(bench, "red") == named(bench, "红色") == {"a"}
    assert named(bench, "blue") == named(bench, "蓝色") == {"b"}


def test_the_shops_own_word_decides_the_name_and_the_picture_the_vector(
    bench: Workbench, painted: Path, work: Work
) -> None:
    told = Product("a", "a thing", images=("red.png",), attributes={"Color": ("Petrol Blue",)})
    bench.catalogue.products.put([told], feed="shop", run="1", now=bench.now())
    work()
    assert named(bench, "petrol blue") == named(bench, "blue") == named(bench, "蓝色") == {"a"}
    assert named(bench, "red") == set()
    assert nearest(bench, RED) == ("a", pytest.approx(1, abs=0.01))


def test_the_main_image_gives_the_colour_or_the_next_if_it_cannot_be_read(
    bench: Workbench, painted: Path, put: Put, work: Work
) -> None:
    put("a", "red.png", "blue.png")
    put("b", "nowhere.png", "blue.png", "red.png")
    put("c", "nowhere.png")
    work()
    found = bench.store.search("colour", query_vector(RED), 9)
    assert [(c.product_id, c.position) for c in found] == [("a", 0), ("b", 0)]
    assert named(bench, "red") == {"a"}
    assert named(bench, "blue") == {"b"}


def test_colours_are_read_from_the_cache_as_they_were_found(
    bench: Workbench, painted: Path, put: Put, work: Work
) -> None:
    put("a", "red.png")
    work()
    (kept,) = bench.catalogue.embeddings.get(hashes(bench, "a"), FINGERPRINT).values()
    picture = decode((painted / "red.png").read_bytes())
    assert dominants_of(kept) == dominants_of(colours_of(picture))
    (one,) = dominants_of(kept)
    (true,) = dominant(picture)
    assert (one.name, one.hex) == (true.name, true.hex)
    assert one.share == pytest.approx(true.share)


def test_what_is_in_the_cache_is_not_looked_at_again(
    bench: Workbench, painted: Path, put: Put, work: Work
) -> None:
    put("a", "red.png")
    work()
    green = colours_of(decode(patch(GREEN)))
    (image_hash,) = hashes(bench, "a")
    bench.catalogue.embeddings.put({image_hash: green}, fingerprint=FINGERPRINT, now=bench.now())
    put("a", "red.png", title="another title")
    assert work() == IndexCounts(products=1, encoded=0, reused=1, refused=0)
    assert named(bench, "green") == {"a"}, "by the same name"
    (painted / "copy.png").write_bytes((painted / "red.png").read_bytes())
    put("b", "copy.png")
    assert work() == IndexCounts(products=1, encoded=0, reused=1, refused=0)
    assert named(bench, "green") == {"a", "b"}, "and by its content"


@pytest.mark.parametrize("name", ["red.png", "copy.png"], ids=["same name", "same content"])
def test_a_picture_encoded_before_colours_were_kept_is_opened_for_them_once(
    name: str, bench: Workbench, painted: Path, put: Put, work: Work
) -> None:
    put("a", "red.png")
    work()
    (image_hash,) = hashes(bench, "a")
    drop_colours(bench)
    (painted / "copy.png").write_bytes((painted / "red.png").read_bytes())
    put("a", name, title="another title")
    assert work() == IndexCounts(products=1, encoded=0, reused=1, refused=0)
    assert named(bench, "red") == {"a"}
    assert list(bench.catalogue.embeddings.get([image_hash], FINGERPRINT)) == [image_hash]


def test_a_picture_from_the_web_is_not_fetched_again_for_its_colours(
    bench: Workbench, server: PictureServer, put: Put, work: Work
) -> None:
    url = server.put("/red.png", patch(RED))
    put("a", url)
    work()
    drop_colours(bench)
    put("a", url, title="another title")
    assert work() == IndexCounts(products=1, encoded=0, reused=1, refused=0)
    assert named(bench, "red") == {"a"}
    assert server.asked == ["/red.png"]


def test_a_picture_that_cannot_be_opened_for_its_colours_is_found_by_its_likeness_still(
    bench: Workbench, painted: Path, put: Put, work: Work
) -> None:
    put("a", "red.png")
    work()
    drop_colours(bench)
    file = painted / "red.png"
    stamp = file.stat()
    file.write_bytes(bytes(stamp.st_size))
    os.utime(file, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    put("a", "red.png", title="another title")
    assert work() == IndexCounts(products=1, encoded=0, reused=1, refused=0)
    assert [position for position, _ in bench.store.pictures("a")] == [0]
    assert bench.store.search("colour", query_vector(RED), 9) == []

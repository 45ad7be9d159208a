"""The search page offers photos to try, if the shop has chosen some."""

from pathlib import Path

import pytest
from PIL import Image

from served_shop import Serve
from shoplens.errors import ConfigError
from shoplens.serve.routes.examples import MAX_BYTES, MOST, make_examples


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "photos").mkdir()
    return tmp_path / "photos"


def photos(folder: Path, count: int) -> None:
    for number in range(count):
        Image.new("RGB", (8, 8), (number, 0, 0)).save(folder / f"photo {number:02d}.png")


def test_without_a_folder_nothing_is_offered(serve: Serve) -> None:
    with serve() as shop:
        assert shop.get("/examples").json() == []


def test_photos_are_listed_and_sent_as_they_are(serve: Serve, folder: Path) -> None:
    photos(folder, 3)
    with serve(serve={"examples": folder}) as shop:
        paths = shop.get("/examples").json()
        assert paths == [f"/examples/photo%20{number:02d}.png" for number in range(3)]
        sent = shop.get(paths[1])
        assert sent.content == (folder / "photo 01.png").read_bytes()
        assert sent.headers["content-type"] == "image/png"


def test_of_many_photos_some_are_offered_from_all_over(serve: Serve, folder: Path) -> None:
    photos(folder, 60)
    with serve(serve={"examples": folder}) as shop:
        paths = shop.get("/examples").json()
    assert len(paths) == MOST
    assert paths[-1] > "/examples/photo%2050"


def test_only_photos_of_a_fair_size_are_offered(serve: Serve, folder: Path) -> None:
    photos(folder, 1)
    (folder / "secret.txt").write_text("no")
    (folder / "huge.jpg").write_bytes(bytes(MAX_BYTES + 1))
    with serve(serve={"examples": folder}) as shop:
        assert shop.get("/examples").json() == ["/examples/photo%2000.png"]
        for name in ("secret.txt", "huge.jpg", "..%2Fsecret.txt"):
            assert shop.get(f"/examples/{name}").status_code in {400, 404}


@pytest.mark.parametrize("name", ["missing", "empty"])
def test_a_folder_without_photos_is_refused_at_the_start(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ConfigError, match=r"serve\.examples"):
        make_examples(tmp_path / name)

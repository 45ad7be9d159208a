"""A disk that is too small: one clear line, and the same command goes on once there is room."""

import subprocess
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from command_line import one_line, run
from shoplens.config import read_settings
from small_shop import MakeShop
from trained_models import add_network

MOUNT = Callable[[str], None]


@pytest.fixture
def small_disk(tmp_path: Path) -> Generator[tuple[Path, MOUNT]]:
    """Mount a disk in memory; its size can be changed. Needs root on Linux."""
    folder = tmp_path / "disk"
    folder.mkdir()
    with _mounted(folder) as resize:
        yield folder, resize


@contextmanager
def _mounted(folder: Path) -> Generator[MOUNT]:
    def mount(options: str) -> None:
        made = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "shoplens-test", str(folder)],
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode:
            pytest.skip(f"no disk can be mounted here: {made.stderr.strip()}")

    mount("size=1m")
    try:
        yield lambda size: mount(f"remount,size={size}")
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.parametrize(
    ("store", "sizes", "advice"),
    [
        ("exact", ("100k", "600k"), "free some space"),
        ("edge", ("20m", "270m"), "free some"),
    ],
)
def test_a_full_disk_is_one_line_and_the_same_command_goes_on(
    make_shop: MakeShop,
    small_disk: tuple[Path, MOUNT],
    store: str,
    sizes: tuple[str, ...],
    advice: str,
) -> None:
    shop = make_shop(120)
    folder, resize = small_disk
    arguments = ("index", shop.feed, "--store", store)
    environment = {"SHOPLENS_INDEX__BATCH": "8"}
    for size in sizes:
        resize(size)
        refused = run(*arguments, data=folder / "data", environment=environment)
        assert refused.returncode == 1, refused.stdout
        line = one_line(refused.stderr)
        assert line.startswith("error: "), refused.stderr
        assert advice in line, "it says what to do"
    resize("600m")
    assert run(*arguments, data=folder / "data").returncode == 0
    verified = run("verify", "--store", store, data=folder / "data")
    assert verified.returncode == 0, verified.stdout
    assert "120 indexed, 0 waiting" in verified.stdout


def test_a_disk_too_small_for_a_second_store_leaves_the_model_that_serves(
    make_shop: MakeShop, small_disk: tuple[Path, MOUNT]
) -> None:
    shop = make_shop(120)
    folder, resize = small_disk
    data, exact = folder / "data", ("--store", "exact")
    resize("600m")
    assert run("index", shop.feed, *exact, data=data).returncode == 0
    add_network(read_settings({"data": data, "encoder": "colour"}), "tail-1")
    used = sum(file.stat().st_size for file in data.rglob("*") if file.is_file())
    resize(f"{used // 1024 + 180}k")
    refused = run("models", "promote", "tail-1", *exact, data=data)
    assert refused.returncode == 1, refused.stdout
    assert "free some space" in one_line(refused.stderr)
    resize("600m")
    verified = run("verify", *exact, data=data)
    assert "120 indexed, 0 waiting" in verified.stdout
    promoted = run("models", "promote", "tail-1", *exact, data=data)
    assert "tail-1 serves instead of colour, with 120 products" in promoted.stdout
    assert run("verify", *exact, data=data).returncode == 0


def test_a_disk_without_a_byte_left_is_one_line(
    make_shop: MakeShop, small_disk: tuple[Path, MOUNT]
) -> None:
    shop = make_shop(3)
    folder, resize = small_disk
    resize("4k")
    (folder / "filler").write_bytes(bytes(4096))
    refused = run("index", shop.feed, data=folder / "data")
    assert refused.returncode == 1
    assert "No space left on device" in one_line(refused.stderr)

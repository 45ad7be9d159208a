import json
import subprocess
import sys
from pathlib import Path

import pytest

from command_line import run
from small_shop import MakeShop


def test_help_names_every_command_and_needs_no_heavy_package() -> None:
    code = (
        "import sys; sys.argv = ['shoplens', '--help']\n"
        "from shoplens.cli.main import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'numpy', 'onnxruntime', 'qdrant_edge', 'sqlalchemy', 'fastapi', 'PIL'}\n"
        "print('heavy:', sorted(heavy & set(sys.modules)))\n"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "heavy: []" in told.stdout
    for name in ("index", "search", "serve", "demo", "status", "verify", "doctor"):
        assert f"\n  {name} " in told.stdout


def test_a_feed_goes_in_and_a_photo_finds_its_product(make_shop: MakeShop, tmp_path: Path) -> None:
    shop, data = make_shop(6), tmp_path / "data"
    told = run("index", shop.feed, data=data)
    assert told.returncode == 0, told.stderr
    assert "6 new" in told.stdout
    assert "id=id" in told.stderr, "the mapping that was guessed is shown"
    photo = shop.images / "p4.png"
    found = run("search", "--image", photo, "-k", "2", "--json", data=data)
    products = json.loads(found.stdout)["products"]
    assert products[0]["product_id"] == "p4"
    assert len(products) == 2
    table = run("search", "--text", "blue square", "--filter", "price < 13", data=data)
    assert "p2" in table.stdout
    assert "p5" not in table.stdout


def test_status_and_verify_tell_what_is_there(make_shop: MakeShop, tmp_path: Path) -> None:
    shop, data = make_shop(5), tmp_path / "data"
    (shop.images / "p1.png").write_bytes(b"GIF89a broken")
    run("index", shop.feed, data=data)
    status = json.loads(run("status", "--json", "--rejections", data=data).stdout)
    assert status["products"] == {"pending": 0, "indexed": 5, "removed": 0}
    assert [r["product_id"] for r in status["rejections"]] == ["p1"]
    verified = run("verify", data=data)
    assert verified.returncode == 0
    assert "nothing is missing" in verified.stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("search",), "give --image, --text, --product"),
        (("search", "--text", "red", "--filter", "colur = red"), "colour"),
        (("search", "--product", "nobody"), "nobody"),
        (("search", "--text", "x", "--box", "0,0,1"), "four numbers"),
        (("search", "--text", "x", "--box", "0,0,1,2"), "is no box"),
        (("search", "--text", "x", "--box", "0,0,1,1"), "give --image"),
        (("index", "--map", "id", "FEED"), "FIELD=COLUMN"),
        (("index", "--map", "id=skuu", "FEED"), "skuu"),
        (("index", "/nowhere.csv"), "does not exist"),
    ],
)
def test_mistakes_end_in_one_line(
    arguments: tuple[str, ...], told: str, make_shop: MakeShop, tmp_path: Path
) -> None:
    shop, data = make_shop(2), tmp_path / "data"
    run("index", shop.feed, data=data)
    given = [str(shop.feed) if a == "FEED" else a for a in arguments]
    ended = run(*given, data=data)
    assert ended.returncode in {1, 2}
    assert told in ended.stderr
    assert "Traceback" not in ended.stderr


def test_doctor_finds_this_machine_fit(tmp_path: Path) -> None:
    told = run("doctor", "--json", data=tmp_path / "data")
    findings = json.loads(told.stdout)
    assert told.returncode == 0, findings
    assert {"encoder", "store", "data folder"} <= {f["subject"] for f in findings}
    assert not (tmp_path / "data").exists(), "looking changes nothing"


def test_doctor_says_what_is_wrong(tmp_path: Path) -> None:
    told = run("doctor", "--json", "--database", "nonsense://x", data=tmp_path / "data")
    assert told.returncode == 1
    assert "nonsense" in told.stdout


def test_the_demo_indexes_the_sample_shop_and_answers(tmp_path: Path) -> None:
    told = run("demo", "--no-serve", data=tmp_path / "data", encoder="lite0")
    assert told.returncode == 0, told.stderr
    assert "came at place" in told.stdout

"""``shoplens tag``: from a shop with gaps to a shop without, and back."""

import csv
import json
import re
import runpy
import shlex
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from command_line import one_line, run
from shoplens.catalogue.catalogue import open_catalogue
from shoplens.cli.main import shoplens
from shoplens.predict.files import HEADS, classifier_folder
from shoplens.types import Stage

INK = {"red": (200, 40, 40), "green": (40, 170, 60), "blue": (50, 70, 200)}
N, BARE = 48, 12


@dataclass(frozen=True)
class Shop:
    """A feed of painted squares; the last twelve say neither colour nor finish."""

    folder: Path

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def feed(self) -> Path:
        return self.folder / "products.csv"

    def call(self, *arguments: str | Path) -> Result:
        shop = ["--data", str(self.data), "--encoder", "colour", "--store", "exact"]
        return CliRunner().invoke(shoplens, [*map(str, arguments), *shop])

    def tag(self, *arguments: str | Path) -> Result:
        done = self.call("tag", *arguments)
        assert done.exit_code == 0, (done.output, done.exception)
        return done

    def review(self, name: str = "tags.csv") -> list[dict[str, str]]:
        with (self.folder / name).open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))

    def decide(self, rows: list[dict[str, str]], decision: str) -> Path:
        path = self.folder / "decided.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows([{**row, "decision": decision} for row in rows])
        return path

    def colours(self) -> dict[str, tuple[tuple[str, ...], Stage]]:
        with closing(open_catalogue(f"sqlite:///{self.data / 'catalogue.db'}")) as catalogue:
            return {
                one.product.product_id: (one.product.attributes.get("colour", ()), one.stage)
                for one in catalogue.products.walk()
            }


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    lines = ["id,title,category,colour,image"]
    for i in range(N):
        colour = list(INK)[i % 3]
        levels = np.array(INK[colour]) + rng.integers(-25, 26, (32, 32, 3))
        picture = np.clip(levels, 0, 255).astype(np.uint8)
        Image.fromarray(picture).save(tmp_path / f"{i}.png")
        lines.append(f"p{i},square {i},Squares,{colour if i < N - BARE else ''},{i}.png")
    (tmp_path / "products.csv").write_text("\n".join(lines))
    shop = Shop(tmp_path)
    indexed = shop.call("index", shop.feed)
    assert indexed.exit_code == 0, indexed.output
    return shop


def test_gaps_are_told_decided_kept_and_taken_back(shop: Shop) -> None:
    trained = json.loads(shop.tag("--train", "--field", "colour", "--json").stdout)
    assert trained["table"][0]["accuracy"] > 0.9
    before = shop.colours()
    told = shop.tag("--html", "tags.html").stdout
    assert "nothing was changed" in told
    assert shop.colours() == before, "telling changes nothing"
    rows = shop.review()
    assert {row["product_id"] for row in rows} == {f"p{i}" for i in range(N - BARE, N)}
    assert all(row["value"] == list(INK)[int(row["product_id"][1:]) % 3] for row in rows)
    assert all(Path(row["image"]).is_file() for row in rows)
    assert "tags.csv" in (shop.folder / "tags.html").read_text("utf-8")

    assert "0 tags kept, 0 rejected, 12 not decided" in shop.tag("--apply", "tags.csv").stdout
    assert shop.colours() == before, "what nobody accepted is not kept"
    kept = shop.tag("--apply", shop.decide(rows, "yes")).stdout
    assert "12 tags kept" in kept
    assert "run 'shoplens index'" in kept
    assert shop.colours()["p47"] == (("blue",), Stage.PENDING)

    assert shop.call("index", shop.feed).exit_code == 0, "the feed still says nothing"
    assert shop.colours()["p47"] == (("blue",), Stage.INDEXED)
    found = shop.call(
        "search", "--text", "square", "--filter", "colour = blue", "-k", "50", "--json"
    )
    ids = {one["product_id"] for one in json.loads(found.stdout)["products"]}
    assert "p47" in ids
    assert "0 suggestions" in shop.tag().stdout

    assert "12 accepted tags" in shop.tag("--accepted", "kept.csv").stdout
    assert "12 tags taken back" in shop.tag("--undo", "kept.csv").stdout
    assert shop.colours()["p47"] == ((), Stage.PENDING)


def test_one_picture_is_told(shop: Shop) -> None:
    shop.tag("--train", "--field", "colour")
    told = json.loads(shop.tag("--image", "1.png", "--json").stdout)
    assert told["colour"]["label"] == "green"


def test_what_to_label_next_needs_no_training(shop: Shop) -> None:
    told = json.loads(shop.tag("--suggest", "3", "--field", "colour", "--json").stdout)
    assert len(told["suggestions"]) == 3
    rows = shop.review("suggest.csv")
    assert {row["value"] for row in rows} == {""}
    for row in rows:
        row["value"] = "Violet"
    assert "3 tags kept" in shop.tag("--apply", shop.decide(rows, "accept")).stdout


def test_without_a_classifier_the_way_to_one_is_told(shop: Shop) -> None:
    refused = run("tag", data=shop.data)
    assert refused.returncode == 1
    assert "nothing was trained yet" in one_line(refused.stderr)
    assert "shoplens tag --train" in one_line(refused.stderr)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--train", "--suggest", "3"), "one at a time: --train or --suggest"),
        (("--train", "--field", "fabric"), "no product says anything in fabric"),
        (("--train", "--field", "category"), "all 48 labelled products have one label"),
        (("--labels", "fabric"), "--labels wants FIELD=A,B,C"),
        (("--labels", "fabric=silk,wool"), "cannot compare words with pictures"),
        (("--apply", "products.csv"), "it lacks product_id"),
        (("--suggest", "3", "--field", "category"), "nothing is left to label"),
    ],
    ids=str,
)
def test_what_cannot_be_done_is_said_in_a_line(
    shop: Shop, arguments: tuple[str, ...], said: str
) -> None:
    done = shop.call("tag", *arguments)
    assert done.exit_code == 1
    assert said in str(done.exception)


def test_a_damaged_classifier_is_told(shop: Shop) -> None:
    folder = classifier_folder(shop.data)
    folder.mkdir(parents=True)
    (folder / HEADS).write_bytes(b"cut off")
    assert "train again" in str(shop.call("tag").exception)


def test_the_page_of_the_docs_runs_as_it_stands(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every command in order, and the Python at the end, on this shop and its encoder."""
    page = (Path(__file__).parents[3] / "docs" / "tagging.md").read_text("utf-8")
    (shop.folder / "photo.jpg").write_bytes((shop.folder / "1.png").read_bytes())
    for block in re.findall(r"^```bash\n(.*?)^```$", page, re.MULTILINE | re.DOTALL):
        for line in block.splitlines():
            words = shlex.split(line, comments=True)
            done = shop.call(*words[1:])
            assert done.exit_code == 0, (line, done.output, done.exception)
    (code,) = re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    code = code.replace('"lite2"', '"colour"').replace("shoplens-data", "data")
    (shop.folder / "block.py").write_text(code, "utf-8")
    runpy.run_path("block.py")
    assert capsys.readouterr().out.startswith("colour: green (")

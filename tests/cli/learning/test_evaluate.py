"""``shoplens evaluate`` on a small shop, where every picture finds its own product."""

import json
import re
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from shoplens.cli.index import index
from shoplens.cli.learning.evaluate import evaluate
from shoplens.database.owner import Ownership
from shoplens.errors import BusyError
from shoplens.evaluate.robustness import MOST
from small_shop import SmallShop

N = 12


def ended(command: click.Command, *arguments: str | Path, data: Path) -> Result:
    shop = ["--data", str(data), "--encoder", "colour", "--store", "exact"]
    return CliRunner().invoke(command, [*map(str, arguments), *shop])


def told(*arguments: str | Path, data: Path) -> dict[str, object]:
    """Evaluate and read the JSON."""
    out = data.parent / "told.json"
    done = ended(evaluate, *arguments, "--json", out, data=data)
    assert done.exit_code == 0, f"{done.output}\n{done.exception!r}"
    return json.loads(out.read_text())


def mean(found: dict[str, object], metric: str, of: str = "metrics") -> float:
    figures = found[of]
    assert isinstance(figures, dict)
    return figures[metric]["mean"]  # pyright: ignore[reportUnknownVariableType]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> SmallShop:
    """Products 0 and 1 are variants, and so on; every third has three pictures, two of them one."""
    folder = tmp_path_factory.mktemp("shop")
    shop = SmallShop(folder / "products.csv", folder)
    rows = shop.rows(N)
    for i, row in enumerate(rows):
        shop.draw(f"p{i}.png", i)
        row["group"] = f"g{i // 2}"
        if i % 3 == 0:
            shop.draw(f"p{i}-2.png", i)
            shop.draw(f"p{i}-3.png", 100 + i)
            row["image"] += f",p{i}-2.png,p{i}-3.png"
    columns = [*rows[0]]
    lines = [";".join(columns), *(";".join(row[name] for name in columns) for row in rows)]
    shop.feed.write_text("\n".join(lines))
    return shop


@pytest.fixture(scope="module")
def data(shop: SmallShop, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Indexed once: an evaluation changes nothing."""
    data = tmp_path_factory.mktemp("indexed") / "data"
    done = ended(index, shop.feed, "--map", "group_id=group", data=data)
    assert done.exit_code == 0, done.output
    return data


def judged(shop: SmallShop, *lines: str) -> Path:
    path = shop.images / "judged.csv"
    path.write_text("\n".join(["query_image,query_text,product_id,grade,place", *lines]))
    return path


PICTURES = [f"p{i}.png,,p{i},2,{'home' if i % 2 else 'street'}" for i in range(N)]


def test_questions_are_asked_and_everything_is_told(
    shop: SmallShop, data: Path, tmp_path: Path
) -> None:
    page, kept = tmp_path / "out" / "report.html", tmp_path / "run.trec"
    (shop.images / "broken.png").write_bytes(b"\x89PNG broken")
    lines = (*PICTURES, ",red square number 3,p3,1,", "broken.png,,p1,1,", "p1.png,,nobody,1,")
    path = judged(shop, *lines, "p1.png,,p2,lots,")
    done = ended(evaluate, path, "--html", page, "--run-file", kept, "--coarse", "brand", data=data)
    assert done.exit_code == 0, f"{done.output}\n{done.exception!r}"
    out = " ".join(done.stdout.split())
    assert re.search(r"success@1 │ 1\.000 │ 1\.000–1\.000 │ 1\.000", out)
    assert "street" in out
    assert "broken.png: " in out
    assert "product nobody: the shop has none of this id; judged 1× [nobody]" in out
    assert "line 17: grade is 'lots'" in out
    assert "3 lines, photos or products could not be used" in out
    assert re.search(r"13 questions to 12 products; each took \d+ ms", out)
    assert page.read_text().startswith("<!doctype html>")
    assert len(kept.read_text().splitlines()) == 13 * 10
    again = ended(evaluate, path, "--against", kept, data=data)
    assert "against the run before, no difference that can be told: success@1" in again.stdout
    assert "not be told: " not in again.stdout


def test_a_worse_run_before_makes_now_better(shop: SmallShop, data: Path, tmp_path: Path) -> None:
    before = tmp_path / "before.trec"
    before.write_text("".join(f"p{i}.png Q0 p{(i + 5) % N} 1 0.5 old\n" for i in range(N)))
    found = told(judged(shop, *PICTURES), "--against", before, "-k", "3", data=data)
    compared = found["compared"]
    assert isinstance(compared, dict)
    assert compared["success@1"]["verdict"] == "better"
    assert compared["success@1"]["before"] == 0
    assert mean(found, "success@3") == 1


def test_one_question_alone_has_figures_and_no_intervals(shop: SmallShop, data: Path) -> None:
    path = judged(shop, "p1.png,,p1,,home")
    done = ended(evaluate, path, "--by", "brand", "--by", "Place", data=data)
    assert done.exit_code == 0, done.output
    assert "one product" in done.stdout
    assert "square & co" in done.stdout


def test_trec_and_beir_judgements_are_read(shop: SmallShop, data: Path, tmp_path: Path) -> None:
    questions, qrels = shop.images / "questions.tsv", tmp_path / "judged.qrels"
    questions.write_text("query_id\tquery_image\nq1\tp1.png\nq2\tp2.png\n")
    qrels.write_text("q1 0 p1 3\nq2 0 p2 3\nq2 0 p3 1\n")
    found = told(questions, "--qrels", qrels, data=data)
    assert (found["questions"], mean(found, "success@1")) == (2, 1)
    beir = tmp_path / "beir"
    (beir / "qrels").mkdir(parents=True)
    (beir / "queries.jsonl").write_text('{"_id": "1", "text": "red square number 3"}\n')
    (beir / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\n1\tp3\t1\n")
    assert told(beir, data=data)["questions"] == 1


def test_the_shop_asks_about_itself(data: Path) -> None:
    variants = told("--derive", "variants", "--depth", "12", data=data)
    assert variants["questions"] == N
    assert mean(variants, "recall@10") > 0
    labels = told("--derive", "label:colour", "--queries", "5", "--coarse", "brand", data=data)
    assert (labels["questions"], mean(labels, "success@1", "metrics")) >= (5, 0)
    photos = told("--derive", "photos", "--queries", "6", "--html", data / "photos.html", data=data)
    assert photos["questions"] == 6
    pictures = told("--derive", "pictures", data=data)
    assert (pictures["questions"], mean(pictures, "success@1")) == (N, 1)
    images = told("--derive", "images", "--html", data / "images.html", data=data)
    assert images["questions"] == N // 3 * 2
    assert images["latency"] is None
    assert "cannot be shown" not in (data / "images.html").read_text()


def test_photos_are_spoilt_in_every_way(shop: SmallShop, data: Path) -> None:
    assert MOST >= 2
    found = told(judged(shop, *PICTURES[:2]), "--robustness", data=data)
    points = found["robustness"]
    assert isinstance(points, list)
    assert len(points) == 36  # pyright: ignore[reportUnknownArgumentType]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ((), "name a file of judgements, or --derive one of: variants"),
        (("JUDGED", "--derive", "variants"), "name a file of judgements, or"),
        (("--derive", "guesses"), "--derive guesses is none of"),
        (("--derive", "label:size"), "no product has a label in 'size'"),
        (("--derive", "images", "--robustness"), "--derive pictures can be spoilt"),
        (("--derive", "variants", "--robustness"), "no question has one"),
        (("--derive", "variants", "--by", "size"), "no product has a label in 'size'"),
        (("JUDGED", "--by", "plaice"), "no product has a label in 'plaice'"),
        (("--derive", "variants", "--qrels", "JUDGED"), "--qrels needs a table of its questions"),
        (("EMPTY",), "is empty: a header and rows were expected"),
        (("HEADER",), "none of 0 questions was answered"),
        (("JUDGED", "--against", "EMPTY"), "holds no line of a TREC run"),
        (("JUDGED", "--html", "FOLDER"), "cannot be written"),
    ],
)
def test_what_cannot_be_evaluated_is_told(
    arguments: tuple[str, ...], reason: str, shop: SmallShop, data: Path, tmp_path: Path
) -> None:
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "header.csv").write_text("query_text,product_id\n")
    names = {
        "JUDGED": judged(shop, *PICTURES[:3]),
        "EMPTY": tmp_path / "empty.csv",
        "HEADER": tmp_path / "header.csv",
        "FOLDER": tmp_path,
    }
    done = ended(evaluate, *(names.get(one, one) for one in arguments), data=data)
    assert done.exit_code == 1
    assert reason in str(done.exception)


def test_a_served_shop_is_not_evaluated(data: Path) -> None:
    owner = Ownership(data, address="http://127.0.0.1:8000")
    try:
        done = ended(evaluate, "--derive", "variants", data=data)
    finally:
        owner.close()
    assert isinstance(done.exception, BusyError)
    assert "stop the server, or copy the folder" in str(done.exception)

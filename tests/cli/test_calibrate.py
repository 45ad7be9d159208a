"""``shoplens calibrate``, here and beside a server."""

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from command_line import begun, one_line, run
from shoplens.cli.index import index
from shoplens.cli.upkeep import calibrate
from small_shop import MakeShop, SmallShop


def ended(command: click.Command, *arguments: str | Path, data: Path) -> Result:
    shop = ["--data", str(data), "--encoder", "colour"]
    return CliRunner().invoke(command, [*map(str, arguments), *shop])


@pytest.fixture
def indexed(make_shop: MakeShop, tmp_path: Path) -> tuple[SmallShop, Path]:
    shop, data = make_shop(30), tmp_path / "data"
    assert ended(index, shop.feed, data=data).exit_code == 0
    return shop, data


def test_a_shop_calibrates_itself_once_and_a_dry_run_keeps_nothing(
    indexed: tuple[SmallShop, Path], tmp_path: Path
) -> None:
    _, data = indexed
    plots = tmp_path / "plots"
    asked = ("--queries", "50", "--json")
    dry = ended(calibrate, *asked, "--dry-run", "--plot", plots, data=data)
    assert dry.exit_code == 0, dry.exception
    told = json.loads(dry.stdout)
    assert not told["kept"]
    assert told["answers"] >= 80
    assert "picture" in told["after"]
    drawn = (plots / "picture.svg").read_text()
    assert drawn.startswith("<svg")
    assert f"ECE {told['after']['picture']['error']:.3f}" in drawn
    again = json.loads(ended(calibrate, *asked, data=data).stdout)
    assert again["before"] == told["before"], "the dry run changed nothing"
    assert again["kept"] == again["better"] is True
    after = json.loads(ended(calibrate, *asked, "--dry-run", data=data).stdout)
    assert after["before"] != told["before"], "what was kept is what counts now"


def test_judged_pairs_are_read_and_too_few_are_told(
    indexed: tuple[SmallShop, Path], tmp_path: Path
) -> None:
    _, data = indexed
    judged = tmp_path / "judged.csv"
    lines = [f",red square number {i},p{i},1" for i in range(0, 30, 3)]
    judged.write_text("\n".join(["query_image,query_text,product_id,right", *lines]))
    refused = run("calibrate", "--judged", judged, data=data)
    assert refused.returncode == 1
    assert "10 questions are too few" in one_line(refused.stderr)


def test_judged_pairs_teach_and_bad_lines_are_told(
    indexed: tuple[SmallShop, Path], tmp_path: Path
) -> None:
    _, data = indexed
    judged = tmp_path / "judged.csv"
    lines = [
        f",{word} square number {i},p{i},1" for i in range(30) for word in ("red", "green", "blue")
    ]
    judged.write_text(
        "\n".join(["query_image,query_text,product_id,right", *lines, ",red,nobody,1"])
    )
    done = ended(calibrate, "--judged", judged, data=data)
    assert done.exit_code == 0, done.exception
    assert "line 92" in done.stdout
    assert "nobody" in done.stdout
    assert "calibrated by 90 answers" in done.stdout


@pytest.mark.slow
def test_a_running_server_calibrates_itself(indexed: tuple[SmallShop, Path]) -> None:
    _, data = indexed
    with begun("serve", "--port", "0", data=data) as child:
        assert child.stdout
        assert child.stdout.readline().startswith("search page")
        done = run("calibrate", "--queries", "50", "--json", data=data)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["kept"]

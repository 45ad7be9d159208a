"""The command line beside a running server: it asks, and hands over, instead of failing."""

import json
import signal
import socket
import subprocess
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

import click
import httpx
import pytest
from click.testing import CliRunner

from command_line import begun, eventually, one_line, run
from shoplens.catalogue.catalogue import open_catalogue
from shoplens.cli.index import index
from shoplens.cli.search import search
from shoplens.cli.upkeep import status, verify
from shoplens.config import read_settings
from shoplens.database.owner import owner_of
from small_shop import MakeShop, SmallShop

KEY = {"SHOPLENS_SERVE__API_KEY": "a-long-secret"}
SLOWLY = {"SHOPLENS_INDEX__BATCH": "1", "SHOPLENS_INDEX__THREADS": "1"}


@contextmanager
def serving(
    data: Path, environment: Mapping[str, str] | None = None
) -> Generator[tuple[subprocess.Popen[str], str]]:
    """Serve a shop by a process of its own; gives it and its address."""
    with begun("serve", "--port", "0", data=data, environment=environment) as child:
        assert child.stdout
        line = child.stdout.readline()
        assert line.startswith("search page"), line or child.communicate()[1]
        yield child, line.split()[-1].rstrip("/")


def ended(child: subprocess.Popen[str], number: signal.Signals) -> str:
    """Ask a process to end; gives what it said on the way."""
    child.send_signal(number)
    return child.communicate(timeout=30)[1]


def told(
    command: click.Command,
    *arguments: str | Path,
    data: Path,
    key: Mapping[str, str] | None = None,
) -> str:
    """Run a command in this process; gives what it printed."""
    shop = ["--data", str(data), "--encoder", "colour"]
    ended = CliRunner().invoke(command, [*map(str, arguments), *shop], env=key)
    assert ended.exit_code == 0, (ended.output, ended.exception)
    return ended.stdout


@pytest.fixture
def indexed(make_shop: MakeShop, tmp_path: Path) -> tuple[SmallShop, Path]:
    shop, data = make_shop(8), tmp_path / "data"
    told(index, shop.feed, data=data)
    return shop, data


@pytest.mark.slow
def test_a_question_is_answered_through_the_server_as_it_is_here(
    indexed: tuple[SmallShop, Path],
) -> None:
    shop, data = indexed
    questions = (
        ("--image", shop.images / "p3.png", "--filter", "price < 16"),
        ("--text", "blue square", "-k", "3", "--offset", "1"),
        ("--product", "p5", "--distinct", "--diversity", "0.5"),
        ("--text", "square", "--like", "red", "--unlike", "blue", "--explain"),
        ("--colour", "red", "--facets", "brand,price", "--sort", "price:desc"),
        ("--filter", "price > 12", "--sort", "newest"),
    )
    here = [told(search, *asked, "--json", data=data) for asked in questions]
    with serving(data, KEY):
        there = [told(search, *asked, "--json", data=data, key=KEY) for asked in questions]
        unknown = run("search", "--product", "nobody", data=data, environment=KEY)
        keyless = run("search", "--text", "red", data=data)
    for local, remote in zip(here, there, strict=True):
        answer, other = json.loads(remote), json.loads(local)
        assert answer["products"]
        assert answer.keys() == other.keys()
        own = {"ranking_id", "timings_ms", "query_image_id"}
        assert {n: answer[n] for n in {*answer} - own} == {n: other[n] for n in {*other} - own}
    assert one_line(unknown.stderr) == "error: no product 'nobody'"
    assert "SHOPLENS_SERVE__API_KEY" in one_line(keyless.stderr)
    assert (unknown.returncode, keyless.returncode) == (1, 1)


@pytest.mark.slow
def test_the_server_does_the_work_and_tells_how_things_stand(
    indexed: tuple[SmallShop, Path],
) -> None:
    shop, data = indexed
    shop.write([*shop.rows(10)[1:], {**shop.rows(1)[0], "id": ""}])
    shop.draw("p8.png", 8)
    with serving(data, KEY):
        done = run("index", shop.feed, data=data)
        again = told(index, shop.feed, data=data)
        state = json.loads(told(status, "--json", "--rejections", data=data, key=KEY))
        table = told(status, data=data, key=KEY)
        compared = told(verify, data=data)
        other = run("serve", "--port", "0", data=data)
    assert done.returncode == 0, done.stderr
    for words in ("2 new, 0 changed, 7 unchanged, 1 removed", "1 encoded, 0 reused, 1 refused"):
        assert words in done.stdout, "the same summary as without a server"
    for words in ("columns: id=id", "the product has no id", "p9.png: no such file"):
        assert words in done.stderr
    assert "indexed now  │ 0" in again, "a second run has nothing to do"
    assert state["products"] == {"pending": 0, "indexed": 9, "removed": 0}
    assert {r["product_id"] for r in state["rejections"]} == {"", "p9"}
    assert "9 indexed, 0 waiting" in table
    assert "nothing is missing" in compared
    assert other.returncode == 1
    assert "is served by process" in one_line(other.stderr)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_server_ends_well_and_frees_the_folder(
    number: signal.Signals, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    with serving(data) as (child, address):
        assert httpx.get(f"{address}/healthz", trust_env=False).status_code == 200
        said = ended(child, number)
    assert child.returncode == 0
    assert not said
    assert owner_of(data) is None
    assert "0 indexed" in told(status, data=data)


def test_a_busy_port_is_one_clear_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = run("serve", "--port", str(port), data=tmp_path / "data")
    assert refused.returncode == 1
    assert f"port {port} is taken" in one_line(refused.stderr)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_who_waits_for_a_server_that_ends_is_told_and_goes_on_without_it(
    number: signal.Signals, make_shop: MakeShop, tmp_path: Path
) -> None:
    shop, data = make_shop(150), tmp_path / "data"
    with serving(data, SLOWLY) as (server, _), begun("index", shop.feed, data=data) as child:
        catalogue = open_catalogue(read_settings({"data": data}).database_url)
        jobs = catalogue.jobs

        def halfway() -> bool:
            """Not while the feed is read: a bar of 1 in 150 shows nothing."""
            return any(j.message == "encode" and j.done >= 30 for j in jobs.list(k=1))

        eventually(halfway, "the job began")
        catalogue.close()
        ended(server, number)
        _, stderr = child.communicate(timeout=30)
    assert child.returncode == 1
    assert "━" in stderr, "it showed how far the server was"
    assert "the same command goes on without it" in one_line(stderr)
    told(index, shop.feed, data=data)
    assert "150 indexed, 0 waiting" in told(verify, data=data)

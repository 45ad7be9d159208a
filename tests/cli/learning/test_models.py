import json
import signal
import subprocess
from collections.abc import Generator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from command_line import begun, eventually, one_line, run
from shoplens.catalogue.catalogue import open_catalogue
from shoplens.cli.index import index
from shoplens.cli.main import shoplens
from shoplens.cli.upkeep import verify
from shoplens.config import Settings, read_settings
from small_shop import MakeShop
from trained_models import add_head, add_network

N = 10


@pytest.fixture
def shop(make_shop: MakeShop, tmp_path: Path) -> Settings:
    """An indexed shop, its settings as a command line with --data sees them."""
    settings = read_settings({"data": tmp_path / "data", "encoder": "colour"})
    ended = CliRunner().invoke(index, [str(make_shop(N).feed), *flags(settings)])
    assert ended.exit_code == 0, ended.output
    return settings


def flags(settings: Settings) -> list[str]:
    return ["--data", str(settings.data), "--encoder", "colour"]


def told(settings: Settings, *words: str) -> str:
    """Run ``shoplens models`` in this process; gives what it printed."""
    ended = CliRunner().invoke(
        shoplens, ["models", *words, *flags(settings)], env={"COLUMNS": "200"}
    )
    assert ended.exit_code == 0, (ended.output, ended.exception)
    return ended.stdout


def refused(settings: Settings, *words: str) -> str:
    ended = CliRunner().invoke(shoplens, ["models", *words, *flags(settings)])
    assert ended.exit_code == 1
    return str(ended.exception)


def test_the_help_names_every_command() -> None:
    ended = CliRunner().invoke(shoplens, ["models", "--help"])
    for name in ("train", "list", "show", "compare", "promote", "rollback", "remove"):
        assert f"\n  {name} " in ended.output, name


def test_a_shop_without_models_says_how_to_get_one(shop: Settings) -> None:
    said = told(shop, "list")
    assert "shoplens models train" in said
    assert "shoplens models add" in said
    assert json.loads(told(shop, "list", "--json")) == []
    assert "nothing to go back to" in refused(shop, "rollback")


def test_models_are_listed_compared_and_shown(shop: Settings) -> None:
    add_head(shop, "head-1")
    add_head(shop, "head-2", safe=False, reason="worse on new products")
    (shop.data / "models" / "head-1" / "card.md").write_text("# head-1\nlearnt well\n")
    listed = told(shop, "list")
    for words in ("R@1 0.310 → 0.620", "candidate", "colour", "not let serve: worse on new"):
        assert words in listed
    compared = told(shop, "compare", "head-1", "head-2")
    for words in ("known products", "0.330 → 0.340", "+0.200 to +0.410", "better on photos"):
        assert words in compared
    both = json.loads(told(shop, "compare", "head-1", "head-2", "--json"))
    assert [one["name"] for one in both] == ["head-1", "head-2"]
    assert both[0]["seen"]["after"] == 0.62
    assert "learnt well" in told(shop, "show", "head-1")
    assert "better on photos" in told(shop, "show", "head-2")
    assert json.loads(told(shop, "show", "head-2", "--json"))["safe"] is False
    assert "no model 'head-3'; there are head-1, head-2" in refused(shop, "show", "head-3")


@pytest.mark.parametrize("card", ["", "[1]", '{"seen": 3}', '{"seen": {"before": "x"}}', "{"])
def test_a_card_of_another_kind_does_no_harm(card: str, shop: Settings) -> None:
    add_head(shop, "head-1")
    with closing(open_catalogue(shop.database_url)) as catalogue:
        from_registry = catalogue.models.get("head-1")
        catalogue.models.remove("head-1")
        catalogue.models.add(replace(from_registry, card=card))
    assert "head-1" in told(shop, "list")
    assert "head-1" in told(shop, "compare", "head-1")


def test_a_model_is_promoted_rolled_back_and_removed(shop: Settings) -> None:
    path = add_head(shop, "head-1")
    add_head(shop, "head-2")
    promoted = told(shop, "promote", "head-1")
    assert f"head-1 serves instead of colour, with {N} products and {N} rows" in promoted
    assert f"{N} embeddings derived, 0 pictures encoded" in promoted
    second = json.loads(told(shop, "promote", "head-2", "--json"))
    assert (second["done"], second["dropped"]) == (True, ["colour"])
    path.unlink()
    assert "a rollback goes back to" in refused(shop, "remove", "head-1")
    assert "is gone" in refused(shop, "rollback")
    assert "colour serves instead of head-2" in told(shop, "promote", "colour")
    assert "model head-1 was removed" in told(shop, "remove", "head-1")
    assert not (shop.data / "models" / "head-1").exists()
    assert [one["name"] for one in json.loads(told(shop, "list", "--json"))] == ["head-2"]
    assert len(list((shop.data / "store").iterdir())) == 2, "of colour and of head-2"
    assert CliRunner().invoke(verify, flags(shop)).exit_code == 0


def test_a_shop_that_cannot_open_is_rolled_back(shop: Settings) -> None:
    path = add_head(shop, "head-1")
    told(shop, "promote", "head-1")
    path.unlink()
    failed = run("search", "--text", "red", data=shop.data)
    assert failed.returncode == 1
    assert "shoplens models rollback" in one_line(failed.stderr)
    assert "colour serves instead of head-1" in told(shop, "rollback")
    assert run("search", "--text", "red", data=shop.data).returncode == 0


def test_removing_forgets_embeddings_that_no_other_model_has(shop: Settings) -> None:
    add_head(shop, "head-1")
    told(shop, "promote", "head-1")
    told(shop, "promote", "colour")
    add_head(shop, "head-2")
    told(shop, "promote", "head-2")
    told(shop, "remove", "head-1")
    with closing(open_catalogue(shop.database_url)) as catalogue:
        assert catalogue.embeddings.count(catalogue.models.get("head-2").fingerprint) == N
    stores = list((shop.data / "store").iterdir())
    assert len(stores) == 2


@contextmanager
def serving(data: Path) -> Generator[tuple[subprocess.Popen[str], str]]:
    with begun("serve", "--port", "0", data=data) as child:
        assert child.stdout
        line = child.stdout.readline()
        assert line.startswith("search page"), line or child.communicate()[1]
        yield child, line.split()[-1].rstrip("/")


@pytest.mark.slow
def test_a_server_switches_while_it_answers(shop: Settings) -> None:
    add_network(shop, "tail-1")
    add_head(shop, "head-1")
    with serving(shop.data) as (server, address):
        client = httpx.Client(base_url=address, trust_env=False)

        def encoder() -> str:
            return client.get("/v1/status").json()["encoder"]

        assert encoder() == "colour"
        assert "tail-1 serves instead of colour" in told(shop, "promote", "tail-1")
        assert encoder() == "tail-1"
        found = client.get("/v1/search", params={"q": "red square"})
        assert found.json()["products"]
        added = client.put("/v1/products/new", json={"title": "a new thing"})
        assert added.status_code == 200, added.text
        assert "colour serves instead of tail-1" in told(shop, "rollback")
        assert encoder() == "colour"
        assert client.get("/v1/products/new").status_code == 200
        assert "serves already" in refused(shop, "promote", "colour")
        assert "model head-1 was removed" in told(shop, "remove", "head-1")
        client.close()
        server.send_signal(signal.SIGINT)
        server.communicate(timeout=60)
    assert f"{N + 1} indexed, 0 waiting" in CliRunner().invoke(verify, flags(shop)).output


def test_ctrl_c_leaves_the_model_that_serves(make_shop: MakeShop, tmp_path: Path) -> None:
    shop, data = make_shop(150), tmp_path / "data"
    settings = read_settings({"data": data, "encoder": "colour"})
    assert run("index", shop.feed, data=data).returncode == 0
    add_network(settings, "tail-1")
    slowly = {"SHOPLENS_INDEX__BATCH": "1", "SHOPLENS_INDEX__THREADS": "1"}
    with closing(open_catalogue(settings.database_url)) as catalogue:
        fingerprint = catalogue.models.get("tail-1").fingerprint
        with begun("models", "promote", "tail-1", data=data, environment=slowly) as child:
            eventually(lambda: catalogue.embeddings.count(fingerprint) >= 5, "some are encoded")
            child.send_signal(signal.SIGINT)
            _, stderr = child.communicate(timeout=60)
        done = catalogue.embeddings.count(fingerprint)
    assert child.returncode == 130
    assert "is kept, the same command goes on" in one_line(stderr)
    assert 5 <= done < 150
    report = json.loads(told(settings, "promote", "tail-1", "--json"))
    assert report["counts"]["encoded"] == 150 - done
    assert report["products"] == 150

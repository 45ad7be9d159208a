"""The code on the pages runs as it stands, in a small shop drawn for each page."""

import re
import runpy
import shlex
import signal
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from shoplens.cli.main import shoplens
from shoplens.config import read_settings
from shoplens.engine import Engine
from shoplens.feed.read import open_feed
from shoplens.learn.recipe import open_recipe
from shoplens.types import Product
from small_shop import SmallShop
from trained_models import add_head

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"
PAGES = (
    "README.md",
    *(f"docs/{name}.md" for name in ("index", "searching", "feeds", "operations", "settings")),
    "docs/sample-shop.md",
    "docs/evaluation.md",
    "docs/models.md",
)
NOT_RUN = (
    "make ",
    "pip install ",
    "python3 -m venv ",
    ". .venv/bin/activate",
    "git clone ",
    "cd ",
    "export SHOPLENS_DATABASE=",
    "curl ",  # the API's page has a test of its own
)
FEEDS = {"csv", "tsv", "json", "xml", "html"}
FENCE = re.compile(
    r'^```(\w*)(?: title="([^"]+)")?\n(.*?)^```$|^#+ ([^\n]+)$|(^```[^\n]*)',
    re.MULTILINE | re.DOTALL,
)
SHOP = """id,title,brand,category,price,stock,colour,image
1042,Brown leather boots,Daybird,Shoes > Boots,89.50,3,brown,boot.jpg
1043,Red shoes,Daybird,Shoes,59.00,1,red,shoe.jpg
1044,Red bag,Acme,Bags,35.00,0,red,bag.jpg
1045,红色的包,Acme,Bags,49.00,2,red,pack.jpg
"""


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its language, the name of its file, its text, the heading above it."""

    kind: str
    title: str
    body: str
    heading: str


def blocks(page: str) -> Iterator[Block]:
    heading = ""
    for kind, title, body, under, stray in FENCE.findall((ROOT / page).read_text("utf-8")):
        assert not stray, f"{page}: this fence is not understood: {stray.splitlines()[0]}"
        heading = under or heading
        if not under:
            yield Block(kind, title, body, heading)


def commands(body: str) -> list[str]:
    """Lines of a shell, those that go on joined, without what follows a ``#``."""
    lines = body.replace("\\\n", " ").splitlines()
    return [line for line in lines if shlex.split(line, comments=True)]


@dataclass(frozen=True, slots=True)
class Page:
    """A page being read by someone who types what it says, standing in ``folder``."""

    folder: Path
    export: Callable[[str, str], None]

    def follow(self, block: Block) -> str:
        """Do what a block says; give what commands printed."""
        if block.kind in FEEDS and block.title:
            (self.folder / block.title).write_text(block.body, "utf-8")
            self.draw(*re.findall(r"(?<!/)\bimg/[\w-]+\.jpg", block.body))
        elif block.kind == "python":
            (self.folder / "block.py").write_text(block.body, "utf-8")
            runpy.run_path("block.py")
        prompted = "\n".join(re.findall(r"^\$ (shoplens .+)$", block.body, re.MULTILINE))
        shell = {"bash": block.body, "": prompted}.get(block.kind, "")
        typed = [one for one in commands(shell) if not one.startswith(NOT_RUN)]
        return " ".join(map(self.type, typed))

    def type(self, command: str) -> str:
        """Run one command and give what it printed."""
        words = shlex.split(command, comments=True)
        if words[0] == "export":
            self.export(*words[1].split("=", 1))
            return ""
        assert words[0] == "shoplens", f"{command!r} is neither a command of ours nor in NOT_RUN"
        serves = words[1] == "demo" and not {"--no-serve", "--export"} & {*words}
        if words[1] == "serve" or serves:
            return self._serve(words[1:])
        if words[1] == "index" and not (self.folder / words[2]).exists():
            pytest.fail(f"{command!r} reads a feed that the page does not show")
        return told_by(words[1:])

    def _serve(self, words: list[str]) -> str:
        command = [sys.executable, "-m", "shoplens.cli", *words, "--port", "0"]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as server:
            assert server.stdout is not None
            told: list[str] = []
            for line in server.stdout:
                told.append(line)
                if line.startswith("Ctrl-C"):
                    server.send_signal(signal.SIGINT)
            assert server.wait(30) in {0, 130}, "".join(told)
        assert any(line.startswith("search page") for line in told), "".join(told)
        return "".join(told)

    def draw(self, *names: str) -> None:
        for name in names:
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            SmallShop(self.folder, self.folder).draw(name, sum(name.encode()))


def told_by(words: list[str]) -> str:
    """Run a command in this process; what it prints, on lines of any length."""
    done = CliRunner().invoke(shoplens, words)
    assert done.exit_code == 0, f"{words}\n{done.output}\n{done.exception!r}"
    return " ".join(done.output.split())


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Page:
    monkeypatch.chdir(tmp_path)
    for name, value in (("DATA", "data"), ("ENCODER", "colour"), ("INDEX__THREADS", "1")):
        monkeypatch.setenv(f"SHOPLENS_{name}", value)
    page = Page(tmp_path, monkeypatch.setenv)
    page.draw(*(f"img/{name}.jpg" for name in ("boot", "shoe", "bag", "pack")), "photo.jpg")
    return page


@pytest.mark.parametrize("name", PAGES)
def test_every_command_of_a_page_runs(name: str, page: Page) -> None:
    shown = list(blocks(name))
    if not any(block.title == "products.csv" for block in shown):
        (page.folder / "products.csv").write_text(SHOP, "utf-8")
        page.type("shoplens index products.csv --images img")
    if name == "docs/models.md":
        for model in ("head-1", "head-2"):
            add_head(read_settings(), model)
    told = ""
    for block in shown:
        if block.kind == "text" and name == "docs/feeds.md":
            for line in said(block.body):
                assert line in told, f"{line}\nis not what was printed:\n{told}"
        else:
            told = page.follow(block) or told
    with Engine.open(read_settings()) as engine:
        proof, refused = engine.verify(), engine.rejections(k=1000)
    assert proof.ok
    assert (proof.products > 0, proof.pending) == (True, 0)
    assert [one for one in refused if "no such file" in one.reason] == []


def said(text: str) -> list[str]:
    """Lines of an output as it was printed; the page breaks the one with the columns."""
    lines = [text] if text.startswith("columns:") else text.splitlines()
    return [" ".join(line.split()) for line in lines]


EXAMPLES = [
    block
    for block in blocks("docs/feeds.md")
    if block.kind in FEEDS and block.title != "broken.csv"
]


@pytest.mark.parametrize("block", EXAMPLES, ids=lambda block: block.title)
def test_every_feed_of_the_page_is_recognised_and_has_nothing_refused(
    block: Block, tmp_path: Path
) -> None:
    assert block.title, "a feed on this page needs a title: it becomes a file"
    path = tmp_path / block.title
    path.write_text(block.body, "utf-8")
    mapping = {"id": "code", "title": "label"} if "label" in block.body else {}
    feed = open_feed(path, mapping=mapping)
    records = list(feed.records)
    assert records
    assert [one for one in records if not isinstance(one, Product)] == []
    assert feed.complete
    told = re.search(r"`([\w-]+)`$", block.heading)
    assert feed.kind == (told[1] if told else "csv")


def leaves(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in tree.items():
        if isinstance(value, dict):
            yield from leaves(value, f"{prefix}{name}.")  # pyright: ignore[reportUnknownArgumentType] - any TOML
        else:
            yield prefix + name, value


@pytest.mark.parametrize("name", PAGES)
def test_settings_on_a_page_are_read_as_they_stand(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for block in blocks(name):
        if block.kind == "toml":
            (tmp_path / "shoplens.toml").write_text(block.body, "utf-8")
            settings = read_settings().model_dump(mode="json")
            for setting, value in leaves(tomllib.loads(block.body)):
                assert dict(leaves(settings))[setting] == value
    (tmp_path / "shoplens.toml").unlink(missing_ok=True)
    for variable, value in exports(name):
        monkeypatch.setenv(variable, value)
        read_settings()
        monkeypatch.delenv(variable)


def exports(name: str) -> Iterator[tuple[str, str]]:
    """Variables that a page sets; one that is no setting would be passed over without a word."""
    known = {
        "SHOPLENS_" + setting.replace(".", "__").upper()
        for setting, _ in leaves(read_settings().model_dump(mode="json"))
    }
    for block in blocks(name):
        for variable, value in re.findall(r"export (SHOPLENS_\w+)=(\S+)", block.body):
            assert variable in known, f"{variable} is no setting"
            yield variable, value


@pytest.mark.realdata
def test_the_real_shops_hold_what_the_page_says() -> None:
    rows = re.findall(
        r"\| `shoplens index (\S+)(?: --map (\w+)=(\w+))?` \| (\d+) \| (\d+) \| (\d+) \|",
        (ROOT / "docs/feeds.md").read_text("utf-8"),
    )
    assert len(rows) == 4
    for name, field, column, products, images, refused in rows:
        if not (DATA / name).exists():
            pytest.skip(f"{DATA / name} is absent")
        records = list(open_feed(DATA / name, mapping={field: column} if field else {}).records)
        found = [one for one in records if isinstance(one, Product)]
        told = (len(found), sum(len(one.images) for one in found), len(records) - len(found))
        assert told == (int(products), int(images), int(refused))


@pytest.mark.parametrize("name", ["README.md", "docs/training.md"])
def test_every_command_that_learns_is_understood(name: str, page: Page) -> None:
    """Trainings themselves are run by tests/cli/learning; here are names, options and recipes."""
    for file in ("photos.csv", "visits.csv", "judged.csv"):
        (page.folder / file).write_text("image,product_id\n", "utf-8")
    bodies = [block.body for block in blocks(name) if block.kind == "sh"]
    typed = [line for body in bodies for line in commands(body) if "shoplens " in line]
    assert len(typed) >= 3
    for line in (part for whole in typed for part in whole.split("&&")):
        words = shlex.split(line, comments=True)
        if words[:2] == ["pip", "install"]:
            continue
        context = understood(shoplens, words[1:])
        if context.command.name == "train":
            changes = dict(change.split("=", 1) for change in context.params["changes"])
            open_recipe(context.params["recipe"] or "head", changes)


def understood(command: click.Command, words: list[str]) -> click.Context:
    """Find the command that words mean, with its options read."""
    context = command.make_context(command.name, list(words))
    while isinstance(command, click.Group):
        found = command.get_command(context, words[0])
        assert found is not None, words
        command, words = found, words[1:]
        context = command.make_context(command.name, list(words))
    return context

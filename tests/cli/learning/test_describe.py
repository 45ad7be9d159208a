"""``shoplens describe``: from a shop with gaps, past a server and a person, to a shop without."""

import csv
import json
import os
import re
import shlex
import signal
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from command_line import begun, eventually, one_line
from shoplens.cli.main import shoplens
from small_shop import MakeShop
from stub_llm import Call, Says, StubLlm, chat, stub_llm

N = 4
KEY = "sk-very-secret"


def sees(call: Call) -> Says:
    """Tell something for whatever is asked."""
    properties = call.body["response_format"]["json_schema"]["schema"]["properties"]
    told = {name: one.get("enum", ["striped"])[0] for name, one in properties.items()}
    return chat(told | ({"caption": f"A {call.product['title']}."} if "caption" in told else {}))


@dataclass(frozen=True)
class Shop:
    """Four products without description, material or pattern, and a server that sees them."""

    folder: Path
    stub: StubLlm

    def call(self, *arguments: str | Path) -> Result:
        return CliRunner().invoke(shoplens, list(map(str, arguments)))

    def describe(self, *arguments: str | Path) -> Result:
        server = ("--llm", self.stub.address, "--model", "m")
        return self.call("describe", *server, *arguments)

    def review(self, name: str = "described.csv") -> list[dict[str, str]]:
        with (self.folder / name).open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))

    def decide(self, decision: str, name: str = "described.csv") -> Path:
        rows = self.review(name)
        with (self.folder / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows([{**row, "decision": decision} for row in rows])
        return self.folder / name

    def found(self, *query: str) -> set[str]:
        done = self.call("search", *query, "--json")
        assert done.exit_code == 0, done.output
        return {one["product_id"] for one in json.loads(done.stdout)["products"]}


@pytest.fixture
def shop(make_shop: MakeShop, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    small = make_shop(N)
    monkeypatch.chdir(small.images)
    for name, value in (("DATA", "data"), ("ENCODER", "colour"), ("STORE", "exact")):
        monkeypatch.setenv(f"SHOPLENS_{name}", value)
    with stub_llm(sees) as stub:
        shop = Shop(small.images, stub)
        indexed = shop.call("index", "products.csv")
        assert indexed.exit_code == 0, indexed.output
        yield shop


def test_gaps_are_told_decided_kept_found_and_taken_back(shop: Shop) -> None:
    done = shop.describe("--field", "pattern", "--caption", "--html", "described.html")
    assert done.exit_code == 0, done.output
    assert "of 4 products go to 127.0.0.1:" in done.stderr
    assert "(this machine)" in done.stderr
    assert "8 suggestions in described.csv; nothing was changed" in done.stdout
    rows = shop.review()
    assert {row["field"] for row in rows} == {"pattern", "description"}
    assert all(Path(row["image"]).is_file() for row in rows)
    assert {row["decision"] for row in rows} == {""}
    assert "described.csv" in (shop.folder / "described.html").read_text("utf-8")

    assert "0 tags kept" in shop.call("tag", "--apply", "described.csv").stdout
    assert "8 tags kept" in shop.call("tag", "--apply", shop.decide("accept")).stdout
    assert shop.call("index", "products.csv").exit_code == 0
    assert len(shop.found("--filter", "pattern = striped")) == N
    refused = shop.call("search", "--filter", "description = x")
    assert refused.exit_code == 1, "a description is read, not filtered by"

    spared = shop.describe("--field", "pattern", "--caption")
    assert "described.csv holds decisions: 8 accepted" in str(spared.exception)
    again = shop.describe("--field", "pattern", "--caption", "--out", "more.csv")
    assert "0 suggestions" in again.stdout, "nothing is lacking"
    assert shop.stub.asked == N
    assert "8 tags taken back" in shop.call("tag", "--undo", "described.csv").stdout
    last = shop.describe("--field", "pattern", "--caption", "--out", "more.csv")
    assert "8 suggestions" in last.stdout
    assert shop.stub.asked == N, "answers are kept"


def test_pictures_do_not_leave_this_machine_unasked(shop: Shop) -> None:
    far = ("describe", "--llm", "http://llm.example/v1", "--model", "m", "--field", "fit")
    done = shop.call(*far)
    assert done.exit_code == 1
    assert "--send-pictures-to llm.example" in str(done.exception)
    shown = shop.call(*far, "--dry-run")
    assert shown.exit_code == 0, "looking is free"
    assert "llm.example (not encrypted)" in shown.stdout


def test_a_file_that_is_no_review_is_not_written_over(shop: Shop) -> None:
    before = (shop.folder / "products.csv").read_bytes()
    done = shop.describe("--field", "fit", "--out", "products.csv")
    assert "is it a file that 'shoplens tag' wrote?" in str(done.exception)
    assert (shop.folder / "products.csv").read_bytes() == before
    assert shop.stub.asked == 0


def test_a_dry_run_shows_one_request_and_sends_nothing(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOPLENS_LLM__API_KEY", KEY)
    done = shop.describe("--field", "fit=slim,wide", "--dry-run", "--limit", "3")
    assert done.exit_code == 0, done.exception
    assert shop.stub.asked == 0
    assert "3 products would be asked about" in done.stdout
    assert '"slim"' in done.stdout
    assert KEY not in done.output
    told = json.loads(shop.describe("--field", "fit", "--dry-run", "--json").stdout)
    assert told["request"]["model"] == "m"
    assert told["products"] == N


def test_a_key_is_sent_and_never_shown(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOPLENS_LLM__API_KEY", KEY)
    done = shop.describe("--field", "fit", "--json", "--limit", "2")
    assert shop.stub.calls[0].headers["Authorization"] == f"Bearer {KEY}"
    told = json.loads(done.stdout)
    assert told["answers"] == {"new": 2, "kept": 0}
    assert (told["left"], told["spent"]["tokens_in"]) == (2, 1800)
    files = [path for path in shop.folder.rglob("*") if stat.S_ISREG(path.stat().st_mode)]
    assert not any(KEY.encode() in path.read_bytes() for path in files)
    assert KEY not in done.output


def test_the_budget_and_the_price_are_told(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("MAX_TOKENS", "100"), ("PRICE_IN", "2"), ("PRICE_OUT", "10")):
        monkeypatch.setenv(f"SHOPLENS_LLM__{name}", value)
    done = shop.describe("--field", "fit", "--budget", "1900")
    assert done.exit_code == 0, done.output
    assert "1 products answered now" in done.stdout
    assert "900 tokens in, 40 out, 0.0022 at your prices" in done.stdout
    assert "3 products are left: the budget allows no more" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--field", "fit"), "no language model was named"),
        (("--llm", "http://127.0.0.1:1/v1", "--field", "fit"), "no model was named"),
        (("--llm", "http://127.0.0.1:1/v1", "--model", "m"), "ask for 1 to 20"),
        (
            ("--llm", "http://127.0.0.1:1/v1", "--model", "m", "--field", "price"),
            "cannot be tagged",
        ),
    ],
    ids=str,
)
def test_what_is_missing_is_said_in_a_line(
    shop: Shop, arguments: tuple[str, ...], said: str
) -> None:
    done = shop.call("describe", *arguments)
    assert done.exit_code == 1
    assert said in str(done.exception)


def test_ctrl_c_leaves_a_file_of_what_is_there_and_the_same_command_goes_on(shop: Shop) -> None:
    def first_only(call: Call) -> Says:
        return sees(call) if shop.stub.asked <= 1 else Says(b"", hangs=True)

    shop.stub.answer = first_only
    call = ["describe", "--llm", shop.stub.address, "--model", "m", "--field", "fit"]
    with begun(*call, data=shop.folder / "data", environment=dict(os.environ)) as child:
        eventually(lambda: shop.stub.asked >= 2, "a second question")
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=60)
    assert child.returncode == 130, err
    assert "the same command goes on" in one_line(err)
    assert "1 suggestions in described.csv" in out
    assert len(shop.review()) == 1
    shop.stub.answer = sees
    assert "4 suggestions" in shop.describe("--field", "fit").stdout


def test_the_page_of_the_docs_runs_as_it_stands(shop: Shop) -> None:
    """Every command in order, with the settings shown above it, our server in Ollama's place."""
    page = (Path(__file__).parents[3] / "docs" / "describing.md").read_text("utf-8")
    page = page.replace("http://127.0.0.1:11434/v1", shop.stub.address)
    blocks = re.findall(r"^```(bash|toml)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert [kind for kind, _ in blocks] == ["bash", "toml", "bash"]
    for kind, block in blocks:
        if kind == "toml":
            (shop.folder / "shoplens.toml").write_text(block, "utf-8")
            continue
        for line in block.replace("\\\n", " ").splitlines():
            words = shlex.split(line, comments=True)
            done = shop.call(*words[1:])
            assert done.exit_code == 0, (line, done.output, done.exception)
    assert (shop.folder / "gaps.csv").is_file()
    assert shop.stub.asked > N

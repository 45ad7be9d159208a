"""The hub itself is a server of ours on this machine; its own client talks to it, in a process."""

import json
import os
import subprocess
import sys
from collections.abc import Generator, Mapping
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from shoplens.encode.hub.fetching.licence import UNKNOWN, licence_of
from shoplens.encode.hub.fetching.sources import find, plain_name
from shoplens.errors import MismatchError, NotFoundError

COMMIT = "a" * 40
CARD = (
    b"---\nlicense: other\nlicense_name: tiny-1\nlicense_link: https://x.example/l\n---\n# Tiny\n"
)
FILES: Mapping[str, bytes] = {
    "config.json": b'{"model_type": "clip"}',
    "preprocessor_config.json": b"{}",
    "model.safetensors": b"w" * 5000,
    "pytorch_model.bin": b"never fetched",
    "modeling_evil.py": b"raise SystemExit",
    "tokenizer.json": b"{}",
    "README.md": CARD,
}
NEEDED = ("preprocessor_config.json", "model.safetensors", "tokenizer.json")
RUN = """
import sys
from shoplens.encode.hub.fetching.sources import find
from shoplens.errors import ShoplensError
told = []
try:
    found = find(sys.argv[1], lambda *step: told.append(step))
except ShoplensError as error:
    print(type(error).__name__, error)
else:
    print(sorted(each.name for each in found.folder.iterdir()))
    print(found.loader, found.name, found.source, found.licence)
    print(max(told, key=lambda step: step[1:], default=()))
"""


class Hub(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def _answer(self) -> None:
        path = self.path.partition("?")[0]
        repo = "/".join(path.removeprefix("/api/models").split("/")[1:3])
        if repo == "tiny/gated":
            self._send(403, b"", {"X-Error-Code": "GatedRepo"})
        elif repo == "tiny/broken" and not path.startswith("/api/"):
            self.close_connection = True
        elif repo not in {"tiny/clip", "tiny/broken"}:
            self._send(401, b"", {"X-Error-Code": "RepoNotFound"})
        elif "/revision/" in path and not path.endswith(("main", COMMIT)):
            self._send(404, b"", {"X-Error-Code": "RevisionNotFound"})
        elif path.startswith("/api/"):
            listed = [{"rfilename": name, "size": len(each)} for name, each in FILES.items()]
            told = {"id": repo, "modelId": repo, "sha": COMMIT, "siblings": listed}
            self._send(200, json.dumps(told).encode(), {"Content-Type": "application/json"})
        else:
            body = FILES[path.split("/", 5)[5]]
            etag = sha256(body).hexdigest()
            self._send(200, body, {"ETag": f'"{etag}"', "X-Repo-Commit": COMMIT})

    def _send(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


@pytest.fixture
def hub() -> Generator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def ask(source: str, home: Path, endpoint: str, **env: str) -> str:
    kept = {key: each for key, each in os.environ.items() if not key.startswith("HF_")}
    told = {**kept, "HF_HOME": str(home), "HF_ENDPOINT": endpoint, **env}
    done = subprocess.run(
        [sys.executable, "-c", RUN, source], env=told, check=True, capture_output=True, text=True
    )
    return done.stdout


def test_what_is_needed_is_fetched_and_its_commit_noted(hub: str, tmp_path: Path) -> None:
    files, told, step = ask("hf:tiny/clip", tmp_path, hub).strip().split("\n")
    assert "model.safetensors" in files
    assert "pytorch_model.bin" not in files
    assert "modeling_evil.py" not in files
    assert told == f"transformers clip hf:tiny/clip@{COMMIT} tiny-1 (https://x.example/l)"
    assert step.startswith("('fetch model.safetensors', ")
    assert step.endswith(", 5000)")


def test_what_was_fetched_once_is_found_without_the_hub(hub: str, tmp_path: Path) -> None:
    first = ask("hf:tiny/clip", tmp_path, hub)
    again = ask("hf:tiny/clip", tmp_path, hub, HF_HUB_OFFLINE="1")
    assert again.split("\n")[:2] == first.split("\n")[:2]


def test_without_a_hub_the_files_of_a_known_model_are_listed(tmp_path: Path) -> None:
    told = ask("siglip2-b16", tmp_path, "http://127.0.0.1:9")
    assert told.startswith(
        "NotFoundError google/siglip2-base-patch16-224: the hub cannot be reached"
    )
    assert "https://huggingface.co/google/siglip2-base-patch16-224/resolve/" in told
    assert "/model.safetensors\n" in told
    assert "about 1,535 MB" in told
    assert "then: shoplens models add siglip2-b16/" in told


def test_without_a_hub_the_usual_files_of_any_model_are_listed(tmp_path: Path) -> None:
    told = ask("hf:some/body@v2", tmp_path, "http://127.0.0.1:9")
    assert "  https://huggingface.co/some/body/resolve/v2/config.json\n" in told
    assert "then: shoplens models add body/" in told


def test_a_shop_that_forbids_asking_the_hub_is_told_the_same(hub: str, tmp_path: Path) -> None:
    told = ask("hf:tiny/clip", tmp_path, hub, HF_HUB_OFFLINE="1")
    assert "HF_HUB_OFFLINE forbids" in told
    assert "resolve/main/model.safetensors" in told


def test_a_hub_that_goes_away_on_the_way_is_no_full_disk(hub: str, tmp_path: Path) -> None:
    told = ask("hf:tiny/broken", tmp_path, hub)
    assert told.startswith("NotFoundError tiny/broken: the hub cannot be reached")


def test_a_gated_model_says_where_to_accept_its_terms(hub: str, tmp_path: Path) -> None:
    told = ask("hf:tiny/gated", tmp_path, hub)
    assert told.startswith("MismatchError the owner of tiny/gated asks for consent first")
    assert "https://huggingface.co/tiny/gated" in told
    assert "HF_TOKEN" in told


def test_a_repository_that_is_not_there_is_told_as_such(hub: str, tmp_path: Path) -> None:
    assert "NotFoundError the hub shows no repository tiny/none" in ask(
        "hf:tiny/none", tmp_path, hub
    )
    assert "has no revision 'v9'" in ask("hf:tiny/clip@v9", tmp_path, hub)
    assert "no name of a repository" in ask("hf:a/b/c", tmp_path, hub)


def nothing(step: str, done: int, total: int) -> None:
    """Tell nobody."""


def folder_of(tmp_path: Path, *leave_out: str, **more: str) -> Path:
    folder = tmp_path / "My_Model v1"
    folder.mkdir()
    for name in ("config.json", "preprocessor_config.json", "model.safetensors", "tokenizer.json"):
        if name not in leave_out:
            (folder / name).write_bytes(FILES[name])
    for name, text in more.items():
        (folder / name.replace("__", ".")).write_text(text)
    return folder


def test_a_folder_is_taken_as_it_is(tmp_path: Path) -> None:
    found = find(str(folder_of(tmp_path)), nothing)
    assert (found.loader, found.name, found.licence) == ("transformers", "my-model-v1", UNKNOWN)


@pytest.mark.parametrize(
    "name", ["preprocessor_config.json", "model.safetensors", "tokenizer.json"]
)
def test_a_folder_fetched_in_part_names_what_lacks(tmp_path: Path, name: str) -> None:
    with pytest.raises(MismatchError, match=rf"lacks {name}"):
        find(str(folder_of(tmp_path, name)), nothing)


def test_a_missing_shard_is_named(tmp_path: Path) -> None:
    shard = "model-00002-of-00002.safetensors"
    index = json.dumps({"weight_map": {"a": "model-00001-of-00002.safetensors", "b": shard}})
    folder = folder_of(tmp_path, "model.safetensors")
    (folder / "model.safetensors.index.json").write_text(index)
    (folder / "model-00001-of-00002.safetensors").write_bytes(b"")
    with pytest.raises(MismatchError, match=rf"lacks {shard}"):
        find(str(folder), nothing)


def test_a_folder_fetched_by_hand_under_a_known_name_is_known(tmp_path: Path) -> None:
    folder = folder_of(tmp_path).rename(tmp_path / "siglip2-b16")
    found = find(str(folder), nothing)
    assert found.known is not None
    assert found.licence == "apache-2.0"
    assert found.source == "hf:google/siglip2-base-patch16-224, by hand"


def test_what_is_no_checkpoint_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "x.tar").write_bytes(b"")
    with pytest.raises(MismatchError, match="models import"):
        find(str(tmp_path / "x.tar"), nothing)
    with pytest.raises(NotFoundError, match=r"known are siglip2-b16.*hf:owner/name"):
        find("siglip3", nothing)
    (tmp_path / "model.json").write_text("{}")
    with pytest.raises(MismatchError, match="added already"):
        find(str(tmp_path), nothing)


def test_a_config_that_is_no_json_is_refused(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, "config.json", config__json="<html>not found</html>")
    with pytest.raises(MismatchError, match="makes no sense"):
        find(str(folder), nothing)


@pytest.mark.parametrize(
    ("card", "told"),
    [
        ("---\nlicense: mit\n---\n", "mit"),
        ("---\nlicense:\n- mit\n- apache-2.0\ntags: x\n---\n", "mit, apache-2.0"),
        ("---\r\nlicense: 'cc-by-nc-4.0'\r\n---\r\ntext", "cc-by-nc-4.0"),
        ("# no front matter\nlicense: mit\n", UNKNOWN),
        ("---\ntags: [a]\n---\n", UNKNOWN),
        (CARD.decode(), "tiny-1 (https://x.example/l)"),
    ],
)
def test_the_licence_is_read_from_the_card(tmp_path: Path, card: str, told: str) -> None:
    (tmp_path / "README.md").write_text(card)
    assert licence_of(tmp_path) == told


def test_without_a_card_the_licence_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "LICENSE").write_text("\n\n  Apple ML Research Licence\nterms")
    assert licence_of(tmp_path) == "Apple ML Research Licence (see its file LICENSE)"


@pytest.mark.parametrize(
    ("told", "name"),
    [("SigLIP2 B/16", "siglip2-b-16"), ("模型", "model"), ("a" * 90, "a" * 60), ("--x--", "x")],
)
def test_any_name_becomes_a_plain_one(told: str, name: str) -> None:
    assert plain_name(told) == name

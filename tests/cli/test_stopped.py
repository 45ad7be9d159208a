"""Ctrl-C, SIGTERM, and a second process on the same shop."""

import signal
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from command_line import PATIENCE_S, begun, command, eventually, one_line, run
from shoplens.config import read_settings
from shoplens.engine import Engine
from shoplens.errors import BusyError
from shoplens.ingest.feeds import IndexRequest
from shoplens.types import Stage
from small_shop import MakeShop, SmallShop

N = 150
SLOWLY = {"SHOPLENS_INDEX__BATCH": "1", "SHOPLENS_INDEX__THREADS": "1"}


def acknowledged(data: Path) -> int:
    """Count from outside what is indexed."""
    try:
        with closing(sqlite3.connect(f"file:{data / 'catalogue.db'}?mode=ro", uri=True)) as base:
            query = "SELECT count(*) FROM products WHERE stage = 'indexed'"
            return int(base.execute(query).fetchone()[0])
    except sqlite3.OperationalError:
        return 0  # not there yet


def in_the_middle(child: subprocess.Popen[str], data: Path) -> None:
    eventually(lambda: acknowledged(data) >= 5 or child.poll() is not None, "some are indexed")
    assert child.poll() is None, "the feed is too small for this machine to be stopped in"


def go_on(shop: SmallShop, data: Path) -> None:
    """Index to the end in this process, and see that nothing is done twice."""
    before = acknowledged(data)
    assert 5 <= before < N
    with Engine.open(read_settings({"data": data, "encoder": "colour"})) as engine:
        assert engine.verify().ok
        report = engine.index(IndexRequest(shop.feed))
        assert (report.sync.new, report.sync.changed) == (0, 0)
        assert report.counts.products == N - before
        assert report.counts.encoded <= N - before
        assert engine.status().products[Stage.INDEXED] == N
        assert engine.verify().ok


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopped_in_the_middle_it_says_what_is_kept_and_goes_on_later(
    number: signal.Signals, make_shop: MakeShop, tmp_path: Path
) -> None:
    shop, data = make_shop(N), tmp_path / "data"
    with begun("index", shop.feed, data=data, environment=SLOWLY) as child:
        in_the_middle(child, data)
        child.send_signal(number)
        _, stderr = child.communicate(timeout=30)
    assert child.returncode == 128 + number
    assert "is kept, the same command goes on" in one_line(stderr)
    go_on(shop, data)


def test_the_second_of_two_indexers_names_the_first_and_harms_nothing(
    make_shop: MakeShop, tmp_path: Path
) -> None:
    shop, data = make_shop(40), tmp_path / "data"
    with begun("index", shop.feed, data=data, environment=SLOWLY) as child:
        in_the_middle(child, data)
        child.send_signal(signal.SIGSTOP)  # it holds the folder for as long as we like
        second = run("index", shop.feed, data=data)
        with pytest.raises(BusyError, match=f"in use by process {child.pid}; wait"):
            Engine.open(read_settings({"data": data, "encoder": "colour"}))
        child.send_signal(signal.SIGCONT)
        child.communicate(timeout=60)
    assert second.returncode == 1
    assert f"in use by process {child.pid}; wait" in one_line(second.stderr)
    assert child.returncode == 0
    with Engine.open(read_settings({"data": data, "encoder": "colour"})) as engine:
        assert engine.status().products[Stage.INDEXED] == 40
        assert engine.verify().ok


HANGING = """
import sys
from functools import partial
import shoplens.parts
from shoplens.cli.main import main
from shoplens.images.fetch import Fetcher
from shoplens.images.network import Network
port = int(sys.argv.pop(1))
here = Network(lambda host, port: ["127.0.0.1"], lambda address, port: True, (port,))
shoplens.parts.Fetcher = partial(Fetcher, network=here)
main()
"""


def test_stopped_it_waits_for_no_download(make_shop: MakeShop, tmp_path: Path) -> None:
    shop, data = make_shop(1), tmp_path / "data"
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = str(silent.getsockname()[1])
        shop.write([{**shop.rows(1)[0], "image": f"http://shop.test:{port}/a.png"}])
        call = command("index", shop.feed, "--allow-host", "shop.test", data=data)
        child = subprocess.Popen(
            [sys.executable, "-c", HANGING, port, *call[3:]], stderr=subprocess.PIPE, text=True
        )
        silent.settimeout(PATIENCE_S)
        asked, _ = silent.accept()
        with asked:
            began = time.monotonic()
            child.send_signal(signal.SIGINT)
            _, stderr = child.communicate(timeout=PATIENCE_S)
    assert time.monotonic() - began < 10, "a download may take images.timeout_s, 20 s"
    assert child.returncode == 130
    assert "the same command goes on" in one_line(stderr)
    with Engine.open(read_settings({"data": data, "encoder": "colour"})) as engine:
        assert engine.status().products[Stage.PENDING] == 1
        assert engine.rejections() == [], "the image was not to blame"

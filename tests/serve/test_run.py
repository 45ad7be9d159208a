import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from shoplens.errors import BusyError, ConfigError
from shoplens.serve.run import listen

SERVER = """
import sys
from pathlib import Path
from shoplens.config import read_settings
from shoplens.engine import Engine
from shoplens.serve.app import create_app
from shoplens.serve.run import listen, run

given = {"data": Path(sys.argv[1]), "encoder": "colour", "store": "exact"}
with listen("127.0.0.1", 0) as listener, Engine.open(read_settings(given)) as engine:
    print(listener.address, flush=True)
    run(create_app(engine), listener)
print("closed", flush=True)
"""


def test_port_0_takes_a_free_one_and_tells_which() -> None:
    with listen("127.0.0.1", 0) as one, listen("127.0.0.1", 0) as other:
        assert one.port != other.port
        assert one.address == f"http://127.0.0.1:{one.port}"
        with socket.create_connection(("127.0.0.1", one.port), timeout=5):
            pass  # a visitor can wait in line before the server runs


def test_a_busy_port_is_one_clear_sentence() -> None:
    with listen("127.0.0.1", 0) as taken, pytest.raises(BusyError) as busy:
        listen("127.0.0.1", taken.port)
    assert str(busy.value) == (
        f"port {taken.port} is taken by another program; use --port {taken.port + 1} or --port 0"
    )
    listen("127.0.0.1", taken.port).close()  # given back


def test_a_name_or_every_address_is_shown_as_one_that_can_be_opened() -> None:
    for host, shown in (("localhost", "localhost"), ("0.0.0.0", "127.0.0.1"), ("", "127.0.0.1")):  # noqa: S104
        with listen(host, 0) as listener:
            assert listener.address == f"http://{shown}:{listener.port}"


def test_ipv6_stands_in_brackets() -> None:
    if not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    try:
        listener = listen("::1", 0)
    except ConfigError:
        pytest.skip("this machine has no IPv6 address")
    with listener:
        assert listener.address == f"http://[::1]:{listener.port}"


@pytest.mark.parametrize("host", ["no such host", "203.0.113.7", "a" * 300])
def test_an_address_that_is_not_ours_is_one_clear_sentence(host: str) -> None:
    with pytest.raises(ConfigError, match="listen on"):
        listen(host, 0)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_politely(number: signal.Signals, tmp_path: Path) -> None:
    command = [sys.executable, "-c", SERVER, str(tmp_path / "data")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stdout
        assert child.stderr
        address = child.stdout.readline().decode()
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+\n", address), child.stderr.read()
        port = int(address.rsplit(":", 1)[1])
        with socket.create_connection(("127.0.0.1", port), timeout=10) as visitor:
            visitor.sendall(
                b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
            )
            assert visitor.recv(100).startswith(b"HTTP/1.1 200")
        os.kill(child.pid, number)
        said, complaints = child.communicate(timeout=30)
    assert said == b"closed\n"
    assert complaints == b""
    assert child.returncode == 0

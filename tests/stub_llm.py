"""A server that speaks as vLLM, Ollama, llama.cpp and the clouds do, in their own words."""

import base64
import json
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

Json = dict[str, Any]


@dataclass(frozen=True)
class Call:
    """One request as it came."""

    path: str
    headers: Mapping[str, str]
    body: Json

    @property
    def text(self) -> str:
        return cast("str", self.body["messages"][1]["content"][0]["text"])

    @property
    def jpeg(self) -> bytes:
        url: str = self.body["messages"][1]["content"][1]["image_url"]["url"]
        assert url.startswith("data:image/jpeg;base64,")
        return base64.b64decode(url.partition(",")[2])

    @property
    def form(self) -> str:
        return cast("str", self.body.get("response_format", {}).get("type", "plain"))

    @property
    def product(self) -> Json:
        line = next(one for one in self.text.splitlines() if one.startswith("Texts about"))
        return cast("Json", json.loads(line.partition("as data: ")[2]))


@dataclass(frozen=True)
class Says:
    """What is sent back; ``hangs`` sends nothing until the server is closed."""

    body: Json | bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    hangs: bool = False


Answering = Callable[[Call], Says]


def chat(
    content: object, *, finish: str = "stop", tokens: tuple[int, int] | None = (900, 40)
) -> Says:
    """Answer as all of them do when it goes well."""
    text = content if isinstance(content, str) else json.dumps(content)
    message = {"role": "assistant", "content": text}
    body: Json = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
    }
    if tokens:
        body["usage"] = {
            "prompt_tokens": tokens[0],
            "completion_tokens": tokens[1],
            "total_tokens": sum(tokens),
        }
    return Says(body)


def refuses(status: int, message: str, **headers: str) -> Says:
    """Refuse as OpenAI, Ollama, llama.cpp and newer vLLM do."""
    error = {"message": message, "type": "invalid_request_error", "param": None, "code": status}
    return Says({"error": error}, status, {k.replace("_", "-"): v for k, v in headers.items()})


class StubLlm:
    """Counts what it is asked; ``answer`` may be changed at any time."""

    def __init__(self, answer: Answering) -> None:
        self.answer = answer
        self.calls: list[Call] = []
        self.models = ["qwen3-vl", "gemma4"]
        self.closing = threading.Event()
        self.address = ""

    @property
    def asked(self) -> int:
        return len(self.calls)


def in_turn(*says: Says) -> Answering:
    """Give these one after the other, the last one for ever."""
    waiting = list(says)
    lock = threading.Lock()

    def answer(_: Call) -> Says:
        with lock:
            return waiting.pop(0) if len(waiting) > 1 else waiting[0]

    return answer


def strict_about(forms: Sequence[str], then: Answering) -> Answering:
    """Refuse every ``response_format`` but these, as older servers do."""

    def answer(call: Call) -> Says:
        if call.form in forms:
            return then(call)
        return refuses(400, f"response_format type {call.form!r} is not supported")

    return answer


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, *args: object, stub: StubLlm) -> None:
        self._stub = stub
        super().__init__(*args)  # type: ignore[arg-type]

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        call = Call(self.path, dict(self.headers), json.loads(raw))
        self._stub.calls.append(call)
        if self.path != "/v1/chat/completions":
            self._send(Says(b"404 page not found", 404))
            return
        said = self._stub.answer(call)
        if said.hangs:
            self._stub.closing.wait(60)
            self.close_connection = True
        else:
            self._send(said)

    def do_GET(self) -> None:
        if self.path == "/v1/models":
            listed = [{"id": name, "object": "model"} for name in self._stub.models]
            self._send(Says({"object": "list", "data": listed}))
        else:
            self._send(Says(b"404 page not found", 404))

    def _send(self, said: Says) -> None:
        body = said.body if isinstance(said.body, bytes) else json.dumps(said.body).encode()
        self.send_response(said.status)
        for name, value in ({"Content-Length": str(len(body))} | dict(said.headers)).items():
            self.send_header(name, value)
        self.end_headers()
        try:
            self.wfile.write(body)
        except ConnectionError:
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its own name
        """Say nothing."""


@contextmanager
def stub_llm(answer: Answering) -> Generator[StubLlm]:
    """Serve on a free port of this machine."""
    stub = StubLlm(answer)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, stub=stub)) as server:
        stub.address = f"http://127.0.0.1:{server.server_port}/v1"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield stub
        finally:
            stub.closing.set()
            server.shutdown()
            thread.join()

"""What a server says becomes an answer, a reason to try again, or the end: words from outside."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from shoplens.predict.describe.server.spending import Spent

SAID_CHARS = 200
_BLIND = re.compile(
    r"image input|image_url|mmproj|multi-?modal|vision|support\w* images?|0 image", re.IGNORECASE
)
_SPENT_OUT = re.compile(r"insufficient_quota|quota|billing|credit", re.IGNORECASE)
Json = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Answered:
    """The model's text as it came, nothing of it believed; ``cut`` when it was not finished."""

    text: str
    cut: bool
    cost: Spent


def read_reply(body: bytes, guess: Spent) -> Answered | str:
    """Read the body of a 200; a string says why it is no answer of such a server.

    ``guess`` is what it counts for where the server does not say.
    """
    told = parse_object(body)
    choices = None if told is None else told.get("choices")
    if told is None or not isinstance(choices, list) or not choices:
        return "it is not the JSON of a chat completion"
    choice = cast("list[object]", choices)[0]
    if not isinstance(choice, dict):
        return "its first choice is no object"
    first = cast("Json", choice)
    message = first.get("message")
    text = _text(cast("Json", message).get("content")) if isinstance(message, dict) else ""
    return Answered(text, first.get("finish_reason") == "length", _cost(told.get("usage"), guess))


def parse_object(text: bytes | str) -> Json | None:
    """Read a JSON object; None if it is something else, or nested too deep to be meant well."""
    try:
        found: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return cast("Json", found) if isinstance(found, dict) else None


def _text(content: object) -> str:
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""
    parts = [cast("Json", part) for part in cast("list[object]", content) if isinstance(part, dict)]
    return "".join(text for part in parts if isinstance(text := part.get("text"), str))


def _cost(usage: object, guess: Spent) -> Spent:
    if isinstance(usage, dict):
        counts = cast("Json", usage)
        paid_in, paid_out = counts.get("prompt_tokens"), counts.get("completion_tokens")
        if isinstance(paid_in, int) and isinstance(paid_out, int) and min(paid_in, paid_out) >= 0:
            return Spent(1, paid_in, paid_out)
    return guess


def said_in(body: bytes, key: str) -> str:
    """Give a server's words on an error, on one line, cut, and without the key that it was shown.

    OpenAI, Ollama and llama.cpp write ``{"error": {"message": …}}``, older vLLM ``{"message": …}``,
    FastAPI ``{"detail": …}``.
    """
    told = parse_object(body) or {}
    error: object = told.get("error") or told.get("message") or told.get("detail") or ""
    if isinstance(error, dict):
        one = cast("Json", error)
        error = " ".join(str(one[name]) for name in ("message", "code") if one.get(name))
    text = str(error) or body[: 20 * SAID_CHARS].decode("utf-8", "replace")
    return one_line(text.replace(key, "***") if key else text)


def one_line(text: str) -> str:
    """Make words from outside fit for a terminal: one line, nothing but what can be printed."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= SAID_CHARS else f"{line[:SAID_CHARS]}…"


def names_in(body: bytes) -> str | None:
    """Name the models of an answer to ``/models``; None if it is no such answer."""
    listed = (parse_object(body) or {}).get("data")
    if not isinstance(listed, list):
        return None
    models = [cast("Json", one) for one in cast("list[object]", listed) if isinstance(one, dict)]
    return one_line(", ".join(str(one.get("id", "")) for one in models))


def is_blind(said: str) -> bool:
    """Tell from a server's words that its model takes no pictures."""
    return _BLIND.search(said) is not None


def is_out_of_money(said: str) -> bool:
    """Tell from a server's words that waiting will not help: nothing is left to pay with."""
    return _SPENT_OUT.search(said) is not None

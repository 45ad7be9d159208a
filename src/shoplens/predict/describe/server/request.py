"""A question as the servers want it: one protocol, spoken a little differently by each.

vLLM, llama.cpp and the clouds keep to a JSON schema in ``response_format``; Ollama mostly does, and
older or smaller servers refuse it or know only ``json_object`` (their documents, 2026). OpenAI's
newer models want ``max_completion_tokens``, and no temperature.
"""

import base64
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from shoplens.config import LlmSettings

Form = Literal["schema", "object", "plain"]
_NEXT: Mapping[Form, Form] = {"schema": "object", "object": "plain"}
PATCH_PX = 28
"""Models of the Qwen-VL kind see a picture in squares of so many pixels, one token each."""
BYTES_A_TOKEN = 3
FRAME_TOKENS = 100


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked about one picture; ``size`` is its (width, height).

    ``schema`` is the JSON schema that the answer must keep to; it stands in the text, too, as a
    grammar alone tells a model nothing of what it may choose from.
    """

    system: str
    text: str
    schema: Mapping[str, object]
    jpeg: bytes
    size: tuple[int, int]

    def tokens(self) -> int:
        """Guess how many tokens a server counts for it, rather too many than too few."""
        written = len(self.system.encode()) + len(self.text.encode())
        width, height = self.size
        seen = math.ceil(width / PATCH_PX) * math.ceil(height / PATCH_PX)
        return FRAME_TOKENS + math.ceil(written / BYTES_A_TOKEN) + seen


@dataclass(frozen=True, slots=True)
class Style:
    """How a server wants to be asked; one that refuses is asked in a simpler way."""

    form: Form = "schema"
    limit: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    temperature: bool = True
    reasoning: bool = True

    def simpler(self, refusal: str) -> "Style | None":
        """Give what is to be tried after ``refusal``, a server's words; None if nothing is left."""
        if self.limit == "max_tokens" and "max_completion_tokens" in refusal:
            return replace(self, limit="max_completion_tokens")
        if self.temperature and "temperature" in refusal:
            return replace(self, temperature=False)
        if self.reasoning and "reasoning" in refusal:
            return replace(self, reasoning=False)
        following = _NEXT.get(self.form)
        return replace(self, form=following) if following else None


def body_of(question: Question, settings: LlmSettings, style: Style) -> bytes:
    """Write the body of the request, as JSON."""
    picture = "data:image/jpeg;base64," + base64.b64encode(question.jpeg).decode()
    content = [
        {"type": "text", "text": question.text},
        {"type": "image_url", "image_url": {"url": picture}},
    ]
    body: dict[str, object] = {
        "model": settings.model,
        "messages": [
            {"role": "system", "content": question.system},
            {"role": "user", "content": content},
        ],
        "stream": False,
        style.limit: settings.max_tokens,
    }
    if style.temperature:
        body["temperature"] = 0
    if style.reasoning and settings.reasoning:
        body["reasoning_effort"] = settings.reasoning
    if style.form == "schema":
        wanted = {"name": "product", "strict": True, "schema": question.schema}
        body["response_format"] = {"type": "json_schema", "json_schema": wanted}
    elif style.form == "object":
        body["response_format"] = {"type": "json_object"}
    return json.dumps(body, ensure_ascii=False).encode()

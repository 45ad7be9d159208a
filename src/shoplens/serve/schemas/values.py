"""What values look like on the wire, and how wrong ones are told."""

import base64
import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, cast

from fastapi.exceptions import RequestValidationError
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
)

MAX_ID = 200
MAX_LINE = 2_000
MAX_TEXT = 100_000
MAX_FILTER = 4_000
DATA_URL = re.compile(r"data:[\w.+-]+/[\w.+-]+(;[\w.+-]+=[^;,]*)*;base64,", re.ASCII)


def image_bytes(given: object) -> object:
    """Decode base64 text, bare or as a data URL; bytes, as a form sends them, stay as they are."""
    if not isinstance(given, str):
        return given
    prefix = DATA_URL.match(given[:200])
    if given.startswith("data:") and not prefix:
        raise ValueError("a data URL of an image is data:image/jpeg;base64,…")
    text = "".join(given[prefix.end() if prefix else 0 :].split())
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as error:
        raise ValueError(f"this is not base64: {error}") from error


def printable(text: str) -> str:
    """Refuse control characters (ValueError)."""
    if re.search(r"[\x00-\x1f\x7f\u2028\u2029]", text):
        raise ValueError("it holds a control character")
    return text


def writable(text: str) -> str:
    """Refuse NUL, which no database keeps (ValueError)."""
    if "\0" in text:
        raise ValueError("it holds a NUL character")
    return text


def levels(given: object) -> object:
    """Accept a category as 'Shoes > Boots' too."""
    if isinstance(given, str):
        return [level.strip() for level in given.split(">") if level.strip()]
    return given


def several(given: object) -> object:
    """Accept one value where several may stand."""
    if not isinstance(given, Mapping):
        return given
    values = cast("Mapping[object, object]", given)
    return {name: [value] if isinstance(value, str) else value for name, value in values.items()}


def json_object(given: object) -> object:
    """Read a form's text field as JSON."""
    try:
        return json.loads(given) if isinstance(given, str) and given else given or {}
    except ValueError as error:
        raise ValueError(f'this is not JSON such as {{"title": "Name"}}: {error}') from error


def numbers(given: object) -> object:
    """Accept numbers as a form writes them: with commas, or as a JSON list."""
    if not isinstance(given, str):
        return given
    return given.removeprefix("[").removesuffix("]").split(",") if _closed(given) else given


def names(given: object) -> object:
    """Accept a list as a form or an address writes it: with commas, or as a JSON list."""
    found: list[object] = []
    for each in cast("list[object]", given) if isinstance(given, list) else [given]:
        if isinstance(each, str) and each.startswith("["):
            return json_value(each)
        parts = each.split(",") if isinstance(each, str) else [each]
        found += [part.strip() if isinstance(part, str) else part for part in parts]
    return [each for each in found if each != ""]


def json_value(given: object) -> object:
    """Read a form's text field as JSON; what is no text stays as it is."""
    if not isinstance(given, str):
        return given
    try:
        return cast("object", json.loads(given))
    except ValueError as error:
        raise ValueError(f"this is not JSON: {error}") from error


def _closed(text: str) -> bool:
    return text.startswith("[") == text.endswith("]")


Sides = tuple[float, float, float, float]
ProductId = Annotated[str, Field(min_length=1, max_length=MAX_ID), AfterValidator(printable)]
Line = Annotated[str, Field(max_length=MAX_LINE), AfterValidator(printable)]
Text = Annotated[str, Field(max_length=MAX_TEXT), AfterValidator(writable)]
Money = Annotated[Decimal, Field(ge=0, le=10**12, allow_inf_nan=False, examples=[109.99])]
ImageData = Annotated[
    bytes,
    BeforeValidator(image_bytes),
    WithJsonSchema({"type": "string", "contentEncoding": "base64"}),
]
WebUrl = Annotated[str, Field(max_length=4000, pattern=r"^(https?://\S*)?$")]


class Wire(BaseModel):
    """What comes in: nothing but what is described, and it does not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def invalid(field: str, reason: str) -> RequestValidationError:
    """Make the error that tells what is wrong with a field of the body."""
    return RequestValidationError([{"loc": ("body", field), "msg": reason, "type": "value_error"}])

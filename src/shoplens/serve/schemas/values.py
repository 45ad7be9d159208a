"""What values look like on the wire, and how wrong ones are told."""

import base64
import json
import re
from collections.abc import Collection
from decimal import Decimal
from difflib import get_close_matches
from typing import Annotated, LiteralString, Self, cast

from fastapi.exceptions import RequestValidationError
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    ModelWrapValidatorHandler,
    TypeAdapter,
    ValidationError,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

MAX_ID = 200
MAX_LINE = 2_000
MAX_TEXT = 100_000
MAX_FILTER = 4_000
MAX_MISTAKES = 50
"""Told of one thing that was sent: a hundred thousand unknown fields are no answer's worth."""
_NUL = r"\x00"
_CONTROL = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f"
_ENDS = r"\t\n\r\u2028\u2029"
NO_OTHER_KEYS: dict[str, JsonValue] = {"additionalProperties": False}
"""Else OpenAPI would allow, beside keys without control characters, all others."""
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
    """Refuse control characters and ends of lines (ValueError)."""
    return _without(_CONTROL + _ENDS, text)


def typed(text: str) -> str:
    """Refuse control characters that nobody types: all but tabs and ends of lines (ValueError)."""
    return _without(_CONTROL, text)


def writable(text: str) -> str:
    """Refuse NUL, which no database keeps (ValueError)."""
    return _without(_NUL, text)


def counted(given: object) -> object:
    """Refuse true and false where a number stands (ValueError): Python takes them for 1 and 0."""
    if isinstance(given, bool):
        raise ValueError(f"this is a number, not {str(given).lower()}")  # noqa: TRY004 - told so
    return given


def decided(given: object) -> object:
    """Refuse a number where true or false stands (ValueError); a form writes both as text."""
    if isinstance(given, int | float) and not isinstance(given, bool):
        raise ValueError(f"this is true or false, not {given}")  # noqa: TRY004 - told so
    return given


def levels(given: object) -> object:
    """Accept a category as 'Shoes > Boots' too."""
    if isinstance(given, str):
        return [level.strip() for level in given.split(">") if level.strip()]
    return given


def several(given: object) -> object:
    """Accept one value where several may stand."""
    return [given] if isinstance(given, str) else given


def json_object(given: object) -> object:
    """Read a form's text field as JSON."""
    try:
        return json_value(given) if given else given or {}
    except ValueError as error:
        raise ValueError(f'{error}; wanted such as {{"title": "Name"}}') from error


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
    except RecursionError:
        raise ValueError("this is JSON inside JSON, too deep to be read") from None
    except ValueError as error:
        raise ValueError(f"this is not JSON: {error}") from error


def _without(characters: str, text: str) -> str:
    found = re.search(f"[{characters}]", text)
    if found:
        shown = f"U+{ord(found.group()):04X}"
        raise ValueError(f"there is a control character ({shown}) at {found.start()}; leave it out")
    return text


def _pattern(characters: str) -> dict[str, JsonValue]:
    """Tell in OpenAPI which characters are refused."""
    return {"pattern": f"^[^{characters}]*$"}


def _closed(text: str) -> bool:
    return text.startswith("[") == text.endswith("]")


_ON_A_LINE = Field(json_schema_extra=_pattern(_CONTROL + _ENDS))

Number = BeforeValidator(counted)
Flag = Annotated[bool, BeforeValidator(decided)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False), Number]
Sides = tuple[Share, Share, Share, Share]
Weight = Annotated[float, Field(gt=0, le=100, allow_inf_nan=False), Number]
Count = Annotated[int, Field(ge=1), Number]
Offset = Annotated[int, Field(ge=0), Number]
Page = Annotated[int, Field(ge=1, le=500), Number]
SomeId = Annotated[str, Field(max_length=MAX_ID), AfterValidator(printable), _ON_A_LINE]
ProductId = Annotated[
    str, Field(min_length=1, max_length=MAX_ID), AfterValidator(printable), _ON_A_LINE
]
Line = Annotated[str, Field(max_length=MAX_LINE), AfterValidator(printable), _ON_A_LINE]
Title = Annotated[
    str, Field(min_length=1, max_length=MAX_LINE), AfterValidator(printable), _ON_A_LINE
]
FeedName = Annotated[str, Field(max_length=100), AfterValidator(printable), _ON_A_LINE]
Levels = Annotated[list[Line], BeforeValidator(levels, json_schema_input_type=list[Line] | Line)]
Values = Annotated[list[Line], BeforeValidator(several, json_schema_input_type=list[Line] | Line)]
Text = Annotated[
    str,
    Field(max_length=MAX_TEXT, json_schema_extra=_pattern(_NUL)),
    AfterValidator(writable),
]
Typed = Annotated[
    str,
    Field(max_length=MAX_TEXT, json_schema_extra=_pattern(_CONTROL)),
    AfterValidator(typed),
]
Begun = Annotated[
    str,
    Field(max_length=200, json_schema_extra=_pattern(_CONTROL)),
    AfterValidator(typed),
]
ImageText = Annotated[
    str,
    Field(min_length=1, json_schema_extra=_pattern(_NUL)),
    AfterValidator(writable),
]
FilterText = Annotated[
    str,
    Field(max_length=MAX_FILTER, json_schema_extra=_pattern(_CONTROL)),
    AfterValidator(typed),
]
Money = Annotated[Decimal, Field(ge=0, le=10**12, allow_inf_nan=False, examples=[109.99])]
ImageData = Annotated[
    bytes,
    BeforeValidator(image_bytes),
    WithJsonSchema({"type": "string", "contentEncoding": "base64"}),
]
WebUrl = Annotated[str, Field(max_length=4000, pattern=r"^(https?://[^\s\x00-\x1f\x7f]*)?$")]


class Wire(BaseModel):
    """What comes in: nothing but what is described, and it does not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="wrap")
    @classmethod
    def _guess(cls, given: object, read: ModelWrapValidatorHandler[Self]) -> Self:
        """Say of an unknown field which one may be meant."""
        try:
            return read(given)
        except ValidationError as error:
            found = error.errors(include_url=False, include_context=False)[:MAX_MISTAKES]
            told: list[InitErrorDetails] = []
            for mistake in found:
                loc, reason = mistake["loc"], mistake["msg"]
                if mistake["type"] == "extra_forbidden" and len(loc) == 1:  # else an inner one's
                    reason = no_such_field(str(loc[-1]), cls.model_fields)
                kind = PydanticCustomError(
                    cast("LiteralString", mistake["type"]), cast("LiteralString", reason)
                )
                told.append({"type": kind, "loc": loc, "input": None})
            raise ValidationError.from_exception_data(cls.__name__, told) from None


def no_such_field(name: str, fields: Collection[str]) -> str:
    """Say what there is instead of ``name``."""
    near = get_close_matches(name[:64], list(fields), n=3)
    if near:
        return f"there is no such field; did you mean {' or '.join(map(repr, near))}?"
    return f"there is no such field; there are {', '.join(fields)}"


def checked(kind: TypeAdapter[str], given: str, field: str) -> str:
    """Check a text that came outside of the body, or was made of it.

    Raises:
        RequestValidationError: it is none of ``kind``.
    """
    try:
        return kind.validate_python(given)
    except ValidationError as error:
        raise invalid(field, error.errors()[0]["msg"]) from error


def invalid(field: str, reason: str) -> RequestValidationError:
    """Make the error that tells what is wrong with a field of the body."""
    return RequestValidationError([{"loc": ("body", field), "msg": reason, "type": "value_error"}])

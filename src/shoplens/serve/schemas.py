"""What may come in over the wire; pydantic ends here, inside there are only dataclasses."""

import base64
import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Self, cast

from fastapi import UploadFile
from fastapi.exceptions import RequestValidationError
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    WithJsonSchema,
    model_validator,
)

from shoplens.ingest.feeds import API_FEED
from shoplens.types import Product

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


def _printable(text: str) -> str:
    if re.search(r"[\x00-\x1f\x7f\u2028\u2029]", text):
        raise ValueError("it holds a control character")
    return text


def _writable(text: str) -> str:
    if "\0" in text:
        raise ValueError("it holds a NUL character")
    return text


def _levels(given: object) -> object:
    """Accept a category as 'Shoes > Boots' too."""
    if isinstance(given, str):
        return [level.strip() for level in given.split(">") if level.strip()]
    return given


def _several(given: object) -> object:
    """Accept one value where several may stand."""
    if not isinstance(given, Mapping):
        return given
    values = cast("Mapping[object, object]", given)
    return {name: [value] if isinstance(value, str) else value for name, value in values.items()}


def _object(given: object) -> object:
    """Read a form's text field as JSON."""
    try:
        return json.loads(given) if isinstance(given, str) and given else given or {}
    except ValueError as error:
        raise ValueError(f'this is not JSON such as {{"title": "Name"}}: {error}') from error


def _numbers(given: object) -> object:
    """Accept numbers as a form writes them: with commas, or as a JSON list."""
    if not isinstance(given, str):
        return given
    return given.removeprefix("[").removesuffix("]").split(",") if _closed(given) else given


def _closed(text: str) -> bool:
    return text.startswith("[") == text.endswith("]")


Sides = tuple[float, float, float, float]
ProductId = Annotated[str, Field(min_length=1, max_length=MAX_ID), AfterValidator(_printable)]
Line = Annotated[str, Field(max_length=MAX_LINE), AfterValidator(_printable)]
Text = Annotated[str, Field(max_length=MAX_TEXT), AfterValidator(_writable)]
Money = Annotated[Decimal, Field(ge=0, le=10**12, allow_inf_nan=False, examples=[109.99])]
ImageData = Annotated[
    bytes,
    BeforeValidator(image_bytes),
    WithJsonSchema({"type": "string", "contentEncoding": "base64"}),
]
WebUrl = Annotated[str, Field(max_length=4000, pattern=r"^(https?://\S*)?$")]


class _Wire(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _invalid(field: str, reason: str) -> RequestValidationError:
    return RequestValidationError([{"loc": ("body", field), "msg": reason, "type": "value_error"}])


# ---- questions ---------------------------------------------------------------------------------


class Similar(_Wire):
    """What narrows the products similar to one."""

    q: Text = Field("", description="Words that the products should answer to.")
    filter: str = Field(
        "",
        max_length=MAX_FILTER,
        description="Which products may answer at all.",
        examples=["price < 100 AND in_stock"],
    )
    limit: int | None = Field(
        None, ge=1, description="How many products; the setting search.k if not given."
    )
    offset: int = Field(0, ge=0, description="How many products to pass over.")


class Words(Similar):
    """A question without a photo."""

    product_id: str = Field("", description="A product that the answers should be similar to.")


class Search(Words):
    """A question: a photo, words, a product, or several of them together."""

    image: ImageData | None = Field(
        None, description="A photo: an image file as base64, or as a data URL."
    )
    box: Annotated[Sides | None, BeforeValidator(_numbers)] = Field(
        None,
        description="The thing in the photo that is meant: left, top, right, bottom, each from 0 "
        "to 1 of the photo's width or height. A form writes them with commas.",
        examples=[[0.1, 0.2, 0.55, 0.9]],
    )

    @model_validator(mode="after")
    def _box_of_a_photo(self) -> Self:
        if self.box and self.image is None:
            raise ValueError("a box without a photo says nothing; send image too")
        return self


class Listing(_Wire):
    """A page of a list."""

    limit: int = Field(50, ge=1, le=500, description="How many.")
    after: int = Field(0, ge=0, le=2**63 - 1, description="`next` of the page before.")


class Last(_Wire):
    """The newest of a list."""

    limit: int = Field(50, ge=1, le=500, description="How many.")


class FeedForm(_Wire):
    """A feed to index."""

    file: UploadFile = Field(description="CSV, TSV, JSON lines, XML, JSON-LD or Parquet.")
    name: Annotated[Line, Field(max_length=100)] = Field(
        "", description="Tells feeds apart; the file's own name if not given."
    )
    kind: str = Field("", max_length=40, description="The feed's format; guessed if not given.")
    mapping: Annotated[dict[Line, Line], BeforeValidator(_object)] = Field(
        {}, description='JSON object: product field to column, such as {"title": "Name"}.'
    )
    allow_shrink: bool = Field(
        default=False, description="Accept a feed that has lost most of its products."
    )

    @property
    def feed(self) -> str:
        """The feed's name.

        Raises:
            RequestValidationError: it is the name of the products that came one by one.
        """
        name = self.name.strip() or (self.file.filename or "feed").rsplit(".", 1)[0]
        if name == API_FEED or re.search(r"[/\\]", name):
            raise _invalid("name", f"{name!r} cannot be a feed's name; send another")
        return name


def read_search(given: bytes | Mapping[str, object]) -> Search:
    """Read a question out of JSON text or of a form's fields.

    Raises:
        RequestValidationError: something in it cannot be used; says what.
    """
    try:
        if isinstance(given, bytes):
            return Search.model_validate_json(given)
        return Search.model_validate(given)
    except ValidationError as error:
        raise RequestValidationError(
            [{**found, "loc": ("body", *found["loc"])} for found in error.errors()]
        ) from error


# ---- products going in -------------------------------------------------------------------------


class ProductFields(_Wire):
    """What a shop tells about a product."""

    title: Annotated[Line, Field(min_length=1)]
    description: Text = ""
    brand: Line = ""
    category: Annotated[
        list[Line],
        BeforeValidator(_levels),
        Field(max_length=20, description="From broad to narrow; 'Shoes > Boots' works too."),
    ] = []
    group_id: Annotated[str, Field(max_length=MAX_ID), AfterValidator(_printable)] = Field(
        "", description="Shared by the variants of one product."
    )
    price: Money | None = None
    sale_price: Money | None = Field(None, description="What is asked now, if less.")
    currency: str = Field("", pattern=r"^([A-Z]{3})?$", description="ISO 4217, such as EUR.")
    in_stock: bool = True
    url: WebUrl = Field("", description="The product's page in the shop.")
    gtin: Line = ""
    mpn: Line = ""
    images: list[Annotated[str, Field(min_length=1), AfterValidator(_writable)]] = Field(
        [],
        max_length=256,
        description="Image URLs, the main one first, or data URLs (data:image/jpeg;base64,…), "
        "which come after all others. Hosts must be allowed by the setting images.allowed_hosts.",
    )
    attributes: Annotated[dict[Line, list[Line]], BeforeValidator(_several)] = Field(
        {}, max_length=200, description="Everything else worth filtering: colour, size, material."
    )

    def uploads(self) -> list[bytes]:
        """Decode the images that were sent along, as data URLs.

        Raises:
            RequestValidationError: one of them is not base64.
        """
        try:
            sent = (image_bytes(image) for image in self.images if image.startswith("data:"))
            return [data for data in sent if isinstance(data, bytes)]
        except ValueError as error:
            raise _invalid("images", str(error)) from error

    def product(self, product_id: str) -> Product:
        """Make the noun of it, without the images that were sent along."""
        return Product(
            product_id=product_id,
            title=self.title,
            description=self.description,
            brand=self.brand,
            category=tuple(self.category),
            group_id=self.group_id,
            price=self.price,
            sale_price=self.sale_price,
            currency=self.currency,
            in_stock=self.in_stock,
            url=self.url,
            gtin=self.gtin,
            mpn=self.mpn,
            images=tuple(image for image in self.images if not image.startswith("data:")),
            attributes={name: tuple(kept) for name, kept in self.attributes.items()},
        )


class ProductPut(ProductFields):
    """A product whose id stands in the path; if it stands here too, it must be the same."""

    product_id: ProductId | None = None

    def id_in(self, path: str) -> str:
        """Check the id that the path gives against the rules, and against our own.

        Raises:
            RequestValidationError: it is no good id, or the body has another.
        """
        if self.product_id not in {None, path}:
            raise _invalid("product_id", f"the path says {path!r}")
        try:
            return TypeAdapter[str](ProductId).validate_python(path)
        except ValidationError as error:
            raise _invalid("product_id", error.errors()[0]["msg"]) from error


class ProductPost(ProductFields):
    """A product with its id."""

    product_id: ProductId


# ---- what goes wrong ---------------------------------------------------------------------------


class Mistake(_Wire):
    """One thing wrong in what was sent."""

    at: str
    reason: str


class ProblemOut(BaseModel):
    """What went wrong (RFC 9457)."""

    model_config = ConfigDict(title="Problem")

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    position: int | None = Field(
        None, description="Where in the filter, counting characters from 0."
    )
    errors: list[Mistake] = Field([], description="Each thing that cannot be used.")
    instance: str | None = Field(None, description="How the server's log calls this occurrence.")

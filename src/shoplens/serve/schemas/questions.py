"""Questions as they come in over the wire."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from fastapi.exceptions import RequestValidationError
from pydantic import BeforeValidator, Field, ValidationError, model_validator

from shoplens.serve.schemas.values import (
    Begun,
    Count,
    FilterText,
    Flag,
    ImageData,
    Number,
    Offset,
    Share,
    Sides,
    SomeId,
    Typed,
    Weight,
    Wire,
    json_value,
    names,
    numbers,
)

MAX_TERMS = 16
SortName = Literal["relevance", "price:asc", "price:desc", "newest", "popularity"]
ProductField = Literal[
    "group_id", "title", "brand", "category", "price", "sale_price", "currency", "in_stock",
    "url", "image",
]  # fmt: skip
Names = Annotated[list[str], Field(max_length=50), BeforeValidator(names)]
BoxSides = Annotated[Sides | None, BeforeValidator(numbers)]
BOX = (
    "The thing in the photo that is meant: left, top, right, bottom, each from 0 "
    "to 1 of the photo's width or height. A form writes them with commas."
)
IMAGE_ID = Field(
    "",
    max_length=200,
    description="A photo sent before: the `query_image_id` of its answer, kept for some minutes.",
)


class Shown(Wire):
    """Which part of an answer is wanted, in which order, and what is told of it."""

    filter: FilterText = Field(
        "",
        description="Which products may answer at all.",
        examples=["price < 100 AND in_stock"],
    )
    facets: Names = Field(
        [],
        description="Fields whose values are counted over the whole answer; with commas.",
        examples=[["category", "brand", "colour", "price"]],
    )
    facet_values: Annotated[int, Field(ge=1, le=1000), Number] = Field(
        20, description="Most values told of each facet, the most frequent first."
    )
    sort: SortName = Field("relevance", description="The order.")
    limit: Count | None = Field(
        None, description="How many products; the setting search.k if not given."
    )
    offset: Offset = Field(0, description="How many products to pass over.")
    distinct: Flag = Field(
        default=False, description="Show the best variant of each group_id, not all of them."
    )
    diversity: Share = Field(0.0, description="From 0, most alike, to 1, most varied.")
    fields: Annotated[list[ProductField], Field(max_length=50), BeforeValidator(names)] = Field(
        [], description="What is told of each product beside its id and score; all if not given."
    )
    explain: Flag = Field(
        default=False, description="Tell why each product is there: shares, words, colours, a map."
    )


class Similar(Shown):
    """What narrows the products similar to one."""

    q: Typed = Field("", description="Words that the products should answer to.")
    typing: Flag = Field(
        default=False, description="The last word of `q` may be unfinished: as you type."
    )
    colour: str = Field(
        "",
        max_length=100,
        description="A colour that the products should have: #c0392b, or its name.",
        examples=["#c0392b"],
    )


class Words(Similar):
    """A question without a photo."""

    product_id: SomeId = Field("", description="A product that the answers should be similar to.")


class Thing(Wire):
    """One more thing asked for, or against: words, a photo, or a product of the shop."""

    q: Typed = ""
    image: ImageData | None = None
    query_image_id: str = IMAGE_ID
    box: BoxSides = Field(None, description=BOX)
    product_id: SomeId = ""
    weight: Weight | None = Field(
        None, description="How much it counts; the question's own photo and words count 1."
    )

    @model_validator(mode="after")
    def _something(self) -> Self:
        shown = self.image is not None or self.query_image_id or self.product_id
        if not (shown or self.q.strip()):
            raise ValueError("this asks for nothing; give q, image, query_image_id or product_id")
        _check_box(self.box, self.image, self.query_image_id)
        return self


Things = Annotated[list[Thing], Field(max_length=MAX_TERMS), BeforeValidator(json_value)]


class Search(Words):
    """A question: a photo, words, a colour, a product, or several of them together."""

    image: ImageData | None = Field(
        None, description="A photo: an image file as base64, or as a data URL."
    )
    query_image_id: str = IMAGE_ID
    box: BoxSides = Field(None, description=BOX, examples=[[0.1, 0.2, 0.55, 0.9]])
    like: Things = Field(
        [],
        description="More things that the products should be like; in a form as JSON.",
        examples=[[{"q": "for women", "weight": 0.5}]],
    )
    unlike: Things = Field(
        [],
        description="Things that they should not be like.",
        examples=[[{"q": "stripes"}]],
    )

    @model_validator(mode="after")
    def _box_of_a_photo(self) -> Self:
        _check_box(self.box, self.image, self.query_image_id)
        if self.image is not None and self.query_image_id:
            raise ValueError("send either image or query_image_id, not both")
        return self


class Suggest(Wire):
    """What has been typed so far."""

    q: Begun = Field(description="What has been typed so far.", examples=["hik"])
    limit: Annotated[int, Field(ge=1, le=50), Number] = Field(
        8, description="How many of each kind."
    )


def _check_box(box: Sides | None, image: bytes | None, query_image_id: str) -> None:
    if box and image is None and not query_image_id:
        raise ValueError("a box without a photo says nothing; send image too")


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

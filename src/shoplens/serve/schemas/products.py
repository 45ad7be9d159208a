"""Products and feeds as they come in over the wire."""

import re
from typing import Annotated

from fastapi import UploadFile
from pydantic import AfterValidator, BeforeValidator, Field, TypeAdapter

from shoplens.feed.read import KINDS
from shoplens.ingest.feeds import API_FEED
from shoplens.serve.schemas.values import (
    NO_OTHER_KEYS,
    FeedName,
    Flag,
    ImageText,
    Levels,
    Line,
    Money,
    Number,
    ProductId,
    SomeId,
    Text,
    Title,
    Values,
    WebUrl,
    Wire,
    checked,
    image_bytes,
    invalid,
    json_object,
)
from shoplens.types import Product

SENT = tuple(kind for kind in KINDS if kind != "folder")


def _known(kind: str) -> str:
    """Refuse a kind of feed that nobody can send (ValueError)."""
    if kind and kind not in SENT:
        raise ValueError(
            f"no feed of the kind {kind[:40]!r} can be sent; there are {', '.join(SENT)}"
        )
    return kind


Kind = Annotated[str, AfterValidator(_known), Field(json_schema_extra={"enum": ["", *SENT]})]


class FeedForm(Wire):
    """A feed to index."""

    file: UploadFile = Field(description="CSV, TSV, JSON lines, XML, JSON-LD or Parquet.")
    name: FeedName = Field("", description="Tells feeds apart; the file's own name if not given.")
    kind: Kind = Field("", description="The feed's format; guessed if not given.")
    mapping: Annotated[dict[Line, Line], BeforeValidator(json_object)] = Field(
        {},
        description='JSON object: product field to column, such as {"title": "Name"}.',
        json_schema_extra=NO_OTHER_KEYS,
    )
    allow_shrink: Flag = Field(
        default=False, description="Accept a feed that has lost most of its products."
    )

    @property
    def feed(self) -> str:
        """The feed's name.

        Raises:
            RequestValidationError: it is the name of the products that came one by one.
        """
        name = self.name.strip() or (self.file.filename or "").rsplit(".", 1)[0].strip() or "feed"
        if name == API_FEED or re.search(r"[/\\]", name):
            raise invalid("name", f"{name[:100]!r} cannot be a feed's name; send another")
        return checked(TypeAdapter(FeedName), name, "name")


class ProductFields(Wire):
    """What a shop tells about a product."""

    title: Title
    description: Text = ""
    brand: Line = ""
    category: Levels = Field(
        [], max_length=20, description="From broad to narrow; 'Shoes > Boots' works too."
    )
    group_id: SomeId = Field("", description="Shared by the variants of one product.")
    price: Money | None = None
    sale_price: Money | None = Field(None, description="What is asked now, if less.")
    currency: str = Field("", pattern=r"^([A-Z]{3})?$", description="ISO 4217, such as EUR.")
    in_stock: Flag = True
    url: WebUrl = Field("", description="The product's page in the shop.")
    gtin: Line = ""
    mpn: Line = ""
    popularity: Annotated[float, Field(ge=0, allow_inf_nan=False), Number] | None = Field(
        None,
        description="Any number of your own, more is more popular: units sold, views.",
    )
    images: list[ImageText] = Field(
        [],
        max_length=256,
        description="Image URLs, the main one first, or data URLs (data:image/jpeg;base64,…), "
        "which come after all others. Hosts must be allowed by the setting images.allowed_hosts.",
    )
    attributes: dict[Line, Values] = Field(
        {},
        max_length=200,
        description="Everything else worth filtering: colour, size, material.",
        json_schema_extra=NO_OTHER_KEYS,
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
            raise invalid("images", str(error)) from error

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
            popularity=self.popularity,
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
            raise invalid("product_id", f"the path says {path!r}")
        return checked(TypeAdapter(ProductId), path, "product_id")


class ProductPost(ProductFields):
    """A product with its id."""

    product_id: ProductId

"""Products, jobs and counts as they go out over the wire."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from shoplens.catalogue.catalogue import ProductView
from shoplens.catalogue.images import ImageRecord
from shoplens.catalogue.journal.jobs import Job
from shoplens.ingest.status import Status
from shoplens.serve.routes.out.answers import number, thumbnail_path
from shoplens.types import FieldKind, Rejection, Rule


@dataclass(frozen=True, slots=True)
class ImageOut:
    """What became of one image: `reason` is empty when it is searchable."""

    position: int
    source: str
    width: int
    height: int
    image: str
    reason: str

    @classmethod
    def of(cls, record: ImageRecord) -> "ImageOut":
        """Render one image of a product."""
        image = thumbnail_path("" if record.reason else record.image_hash)
        size = (record.width, record.height)
        return cls(record.position, record.source, *size, image, record.reason)


@dataclass(frozen=True, slots=True)
class ProductOut:
    """A product as it stands; `stage` is pending or indexed (searchable)."""

    product_id: str
    group_id: str
    title: str
    description: str
    brand: str
    category: Sequence[str]
    price: float | None
    sale_price: float | None
    currency: str
    in_stock: bool
    url: str
    gtin: str
    mpn: str
    popularity: float | None
    attributes: Mapping[str, Sequence[str]]
    stage: str
    images: Sequence[ImageOut]

    @classmethod
    def of(cls, view: ProductView) -> "ProductOut":
        """Render a product."""
        product = view.product
        return cls(
            product_id=product.product_id,
            group_id=product.group_id or product.product_id,
            title=product.title,
            description=product.description,
            brand=product.brand,
            category=product.category,
            price=number(product.price),
            sale_price=number(product.sale_price),
            currency=product.currency,
            in_stock=product.in_stock,
            url=product.url,
            gtin=product.gtin,
            mpn=product.mpn,
            popularity=product.popularity,
            attributes=product.attributes,
            stage=view.stage.value,
            images=[ImageOut.of(record) for record in view.images],
        )


@dataclass(frozen=True, slots=True)
class PageOut:
    """Products, the oldest first; `next` is `after` for the next page, null at the end."""

    products: Sequence[ProductOut]
    next: int | None


@dataclass(frozen=True, slots=True)
class FieldOut:
    """Something that can be filtered."""

    name: str
    kind: FieldKind


@dataclass(frozen=True, slots=True)
class FieldsOut:
    """Everything that can be filtered."""

    fields: Sequence[FieldOut]


@dataclass(frozen=True, slots=True)
class JobOut:
    """Work in the background: `done` of `total`, which is 0 while it is not known."""

    job_id: str
    kind: str
    state: str
    feed: str
    done: int
    total: int
    message: str
    created: datetime
    started: datetime | None
    finished: datetime | None

    @classmethod
    def of(cls, job: Job) -> "JobOut":
        """Render a job."""
        feed = str(json.loads(job.spec or "{}").get("name", ""))
        times = (job.created, job.started, job.finished)
        return cls(job.job_id, job.kind, job.state, feed, job.done, job.total, job.message, *times)


@dataclass(frozen=True, slots=True)
class JobsOut:
    """Jobs, the newest first."""

    jobs: Sequence[JobOut]


@dataclass(frozen=True, slots=True)
class StatusOut:
    """What is indexed, and with what; `products` counts by stage."""

    products: Mapping[str, int]
    images: int
    rejected_images: int
    rejected_rows: int
    rows: int
    encoder: str
    fingerprint: str
    provider: str
    store: str
    database: str
    data: str
    jobs_running: int

    @classmethod
    def of(cls, status: Status) -> "StatusOut":
        """Render the engine's own count."""
        return cls(
            products={stage.value: count for stage, count in status.products.items()},
            images=status.images,
            rejected_images=status.rejected_images,
            rejected_rows=status.rejected_rows,
            rows=status.rows,
            encoder=status.encoder,
            fingerprint=status.fingerprint,
            provider=status.provider,
            store=status.store,
            database=status.database,
            data=str(status.data),
            jobs_running=status.jobs_running,
        )


@dataclass(frozen=True, slots=True)
class RejectionsOut:
    """Refused feed rows, then refused images: where each stands, and why it was refused."""

    rejections: Sequence[Rejection]


@dataclass(frozen=True, slots=True)
class StateOut:
    """How the server is: ok, or ready."""

    status: str


@dataclass(frozen=True, slots=True)
class RuleOut:
    """A merchandiser's rule.

    `problem` tells why it cannot be followed any more, say because its field is gone.
    """

    rule_id: str
    action: str
    product_ids: Sequence[str]
    filter: str
    query: str
    position: int
    factor: float
    starts: datetime | None
    ends: datetime | None
    note: str
    problem: str

    @classmethod
    def of(cls, rule: Rule, problem: str) -> "RuleOut":
        """Render a rule."""
        return cls(
            rule_id=rule.rule_id,
            action=rule.action,
            product_ids=rule.product_ids,
            filter=rule.filter,
            query=rule.query,
            position=rule.position,
            factor=rule.factor,
            starts=rule.starts,
            ends=rule.ends,
            note=rule.note,
            problem=problem,
        )


@dataclass(frozen=True, slots=True)
class RulesOut:
    """Every rule, in order of their ids."""

    rules: Sequence[RuleOut]

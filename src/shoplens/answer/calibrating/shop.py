"""A whole shop is calibrated: its products and pictures become questions, asked of itself."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from shoplens.answer.calibrating.calibrate import (
    Progress,
    ask,
    calibrate,
    fingerprint_of,
    keep,
    kept,
)
from shoplens.answer.calibrating.questions import (
    JudgedFile,
    judged_questions,
    own_questions,
    path_of,
)
from shoplens.answer.calibrating.report import CalibrateReport
from shoplens.answer.reaching import Reaching, asked_by
from shoplens.catalogue.catalogue import Catalogue
from shoplens.encode.base import Encoder
from shoplens.errors import MismatchError, NotFoundError
from shoplens.rank.confidence import AskedBy, CategoryPath
from shoplens.search.retrieve import Stopwatch
from shoplens.types import Pixels, Product, Query, RankedProduct, Stage

PAGE = 1000
FEWEST = 80
"""Questions that a calibration needs at least: half of them judge."""


@dataclass(frozen=True, slots=True)
class CalibrateRequest:
    """``judged`` is a file of judged pairs; without it the shop asks about its own products.

    ``queries`` is how often it asks about one of them. Nothing is kept of a ``dry_run``.
    """

    judged: str = ""
    queries: int = 200
    dry_run: bool = False
    seed: int = 0

    def to_json(self) -> str:
        """Write it down for the process that owns the store."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "CalibrateRequest":
        """Read what ``to_json`` wrote."""
        return cls(**json.loads(text))


@dataclass(frozen=True, slots=True)
class Calibrating:
    """What a shop needs to ask itself: ``look`` decodes a photo, ``thumbnail`` finds a file."""

    catalogue: Catalogue
    encoder: Encoder
    reaching: Reaching
    look: Callable[[bytes], Pixels]
    thumbnail: Callable[[str], Path]

    def run(self, request: CalibrateRequest, progress: Progress) -> CalibrateReport:
        """Ask, learn, judge, and keep what was learnt if it is better than what was there.

        Raises:
            FeedError: the file of judged pairs cannot be read.
            MismatchError: there are too few questions to learn from.
        """
        products = self.products()
        asked = self.questions(request, products)
        cases = ask(asked.questions, self.rank, progress)
        if len(cases) < FEWEST:
            what = f"{len(cases)} questions are too few to learn from; at least {FEWEST} are needed"
            raise MismatchError(f"{what}: index more products, or judge more pairs")
        fingerprint = fingerprint_of(self.encoder)
        base = kept(self.catalogue.notes, fingerprint)
        found = calibrate(cases, base, categories_of(products))
        keeping = found.better and not request.dry_run
        if keeping:
            keep(self.catalogue.notes, found.calibration, fingerprint)
        return CalibrateReport.of(found, kept=keeping, refused=asked.refused)

    def questions(self, request: CalibrateRequest, products: Mapping[str, Product]) -> JudgedFile:
        """Read the judged pairs, or make questions of the shop's own products."""
        if request.judged:
            return judged_questions(Path(request.judged), products, self.look)
        rng = np.random.default_rng(request.seed)
        sold = list(products.values())

        def picture_of(product_id: str) -> Pixels:
            hashes = self._images(product_id)
            if not hashes:
                raise NotFoundError(f"product {product_id!r} has no usable picture")
            return self.look(self.thumbnail(hashes[int(rng.integers(len(hashes)))]).read_bytes())

        return JudgedFile(tuple(own_questions(sold, picture_of, rng, request.queries)), ())

    def _images(self, product_id: str) -> list[str]:
        stored = self.catalogue.products.get(product_id)
        records = self.catalogue.images.of([stored.number])[stored.number]
        return [record.image_hash for record in records if record.image_hash and not record.reason]

    def rank(self, query: Query) -> tuple[Sequence[RankedProduct], AskedBy]:
        """Take the first tier as it was found: rules and traits tell nothing of likeness."""
        watch = Stopwatch()
        question = self.reaching.searcher.understand(query, watch)
        first = next(self.reaching.searcher.tiers(question, query.filter, watch), None)
        return (first.products if first else ()), asked_by(question, query)

    def products(self) -> dict[str, Product]:
        """Read every product that is indexed."""
        found: dict[str, Product] = {}
        after = 0
        while page := self.catalogue.products.walk(after=after, k=PAGE):
            indexed = (stored.product for stored in page if stored.stage is Stage.INDEXED)
            found |= {product.product_id: product for product in indexed}
            after = page[-1].number
        return found


def categories_of(products: Mapping[str, Product]) -> dict[str, CategoryPath]:
    """Give the category path of each product that has one."""
    return {name: path for name, product in products.items() if (path := path_of(product))}

"""What a run has told, whatever ended it: suggestions for a person, and what went wrong."""

import dataclasses
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from shoplens.predict.describe.question.asking import Asked, Field
from shoplens.predict.describe.question.reading import Reading
from shoplens.predict.describe.server.spending import Spent
from shoplens.predict.describe.wanted import Wanted
from shoplens.predict.shop.tagging import PlaceOf, Suggestion
from shoplens.types import Rejection


@dataclass(frozen=True, slots=True)
class Job:
    """What to ask about which products; ``size_px`` is the longest side of their pictures.

    ``limit`` counts new questions, as answers that are kept cost nothing. With ``again``, what was
    refused before is asked anew.
    """

    wanted: Sequence[Wanted]
    asked: Asked
    size_px: int
    limit: int | None = None
    again: bool = False


@dataclass(slots=True)
class Ledger:
    """What became of products, by their place in the job; ``kept`` of them were known before."""

    readings: dict[int, Reading] = dataclasses.field(default_factory=dict[int, Reading])
    reasons: dict[int, str] = dataclasses.field(default_factory=dict[int, str])
    kept: int = 0
    in_a_row: int = 0
    out_of_budget: bool = False
    spent: Spent = dataclasses.field(default_factory=Spent)

    @property
    def done(self) -> int:
        """How many products this run has dealt with."""
        return len(self.readings) + len(self.reasons) - self.kept


@dataclass(frozen=True, slots=True)
class Report:
    """What a run has told, in the order of the catalogue.

    ``told`` and ``unknown`` count by the field of a tag; ``left`` products wait for another run.
    """

    suggestions: tuple[Suggestion, ...]
    told: Mapping[str, int]
    unknown: Mapping[str, int]
    rejections: tuple[Rejection, ...]
    products: int
    kept: int
    left: int
    out_of_budget: bool
    spent: Spent


def report_of(job: Job, ledger: Ledger, place_of: PlaceOf) -> Report:
    """Put together what is there so far; only fields that a product lacks are spoken of."""
    readings = [(job.wanted[place], ledger.readings[place]) for place in sorted(ledger.readings)]
    suggestions = [new for one in readings for new in _suggested(*one, job.asked, place_of)]
    unknown = Counter(
        field.tag
        for one, reading in readings
        for field in _lacking(one, job.asked)
        if field.name in reading.unknown
    )
    failed = [(job.wanted[place], why) for place, why in sorted(ledger.reasons.items())]
    wrong = [(one, why) for one, reading in readings for why in _wrong(one, reading, job.asked)]
    return Report(
        tuple(suggestions),
        Counter(one.field for one in suggestions),
        unknown,
        tuple(Rejection(o.image.source, why, o.product.product_id) for o, why in failed + wrong),
        len(readings),
        ledger.kept,
        len(job.wanted) - len(readings) - len(failed),
        ledger.out_of_budget,
        ledger.spent,
    )


def _lacking(one: Wanted, asked: Asked) -> list[Field]:
    return [field for field in asked.fields if field.tag in one.lacking]


def _suggested(
    one: Wanted, reading: Reading, asked: Asked, place_of: PlaceOf
) -> Iterator[Suggestion]:
    picture = place_of(one.stored, one.image)
    for field in _lacking(one, asked):
        if value := reading.values.get(field.name):
            product = one.product
            about = (product.product_id, product.title, field.tag, value)
            yield Suggestion(*about, probability=0.0, picture=picture)


def _wrong(one: Wanted, reading: Reading, asked: Asked) -> Iterator[str]:
    for field in _lacking(one, asked):
        if why := reading.refused.get(field.name):
            yield f"{field.name}: {why}"
    if reading.extra:
        yield f"passed over what nobody asked for: {', '.join(reading.extra)}"

"""What goes out: the products as a visitor sees them, counted, explained, and how sure it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from shoplens.answer.reasons.explain import Reasons
from shoplens.rank.confidence import Guess
from shoplens.types import Facet, Match, Shown


@dataclass(frozen=True, slots=True)
class Answer:
    """A ranking with everything needed to show it.

    ``total`` counts the products of all pages; where it is not exact there are at least so many.
    ``match`` is that of the best product; where it is none there may be a ``guess`` of the category
    meant. ``corrected`` is how the words were understood when a typo was mended. ``reasons`` are by
    product id, and only there when they were asked for.
    """

    ranking_id: str
    shown: tuple[Shown, ...]
    complete: bool
    timings_ms: Mapping[str, float]
    total: int
    total_exact: bool = True
    match: Match = "none"
    guess: Guess | None = None
    facets: tuple[Facet, ...] = ()
    corrected: str = ""
    reasons: Mapping[str, Reasons] = field(default_factory=dict[str, Reasons])

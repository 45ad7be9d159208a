"""What of a product lifts or lowers it besides likeness: stock, popularity, freshness.

Each trait becomes a lift from -1 to 1, and its weight in the settings times that is what it gives
to the score. 0 is neutral: a product that does not tell a trait neither gains nor loses by it.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from types import MappingProxyType

from shoplens.config import RankSettings
from shoplens.types import Fields, FieldValue

TRAITS: Mapping[str, str] = MappingProxyType(
    {"stock": "in_stock", "popularity": "popularity", "freshness": "added"}
)
"""Each trait, and the field of a product that tells it."""

DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Traits:
    """How much traits count in this shop, at this moment.

    ``typical_popularity`` is that of the whole shop (see :func:`typical`), never of one list, so
    that a product's score does not depend on what it was found with; 0 if nobody knows.
    """

    settings: RankSettings
    now: datetime
    typical_popularity: float = 0.0

    @property
    def weights(self) -> dict[str, float]:
        """The traits that count, with the most that each may give or take."""
        named = {name: float(getattr(self.settings, name)) for name in TRAITS}
        return {name: weight for name, weight in named.items() if weight}

    def shares(self, products: Sequence[Fields]) -> list[dict[str, float]]:
        """Tell what each trait gives to the score of products with these fields; no zeros."""
        given: list[dict[str, float]] = [{} for _ in products]
        for name, weight in self.weights.items():
            held, lift = TRAITS[name], self._lift(name)
            for shares, fields in zip(given, products, strict=True):
                if share := weight * lift(fields.get(held)):
                    shares[name] = share
        return given

    def _lift(self, name: str) -> Callable[[FieldValue | None], float]:
        """Choose what turns the field of a trait into its lift; 0 for what is no number."""
        if name == "stock":
            return stock_lift
        now_s, half_life_days = self.now.timestamp(), self.settings.freshness_half_life_days

        def lift(value: FieldValue | None) -> float:
            if not isinstance(value, int | float) or isinstance(value, bool):
                return 0.0
            if name == "popularity":
                return popularity_lift(value, self.typical_popularity)
            return freshness_lift((now_s - value) / DAY_S, half_life_days)

        return lift


def stock_lift(in_stock: FieldValue | None) -> float:
    """Give 1 for what can be bought now, -1 for what cannot, 0 if nobody knows."""
    if isinstance(in_stock, bool):
        return 1.0 if in_stock else -1.0
    return 0.0


def popularity_lift(popularity: float, typical_popularity: float) -> float:
    """Compare with the shop's typical product: ``(x - typical) / (x + typical)``.

    Units do not matter (pieces sold, views), and no bestseller outshines all others: nothing sold
    is -1, typical 0, three times typical 1/2, a thousand times typical hardly more than a hundred
    times. Without a scale, or where the number makes no sense, it is 0.
    """
    if not (popularity >= 0 and 0 < typical_popularity < math.inf):
        return 0.0
    # Written so that every step rounds the same way: more popularity never lowers, not by an ulp.
    return 1.0 - 2.0 / (popularity / typical_popularity + 1.0)


def freshness_lift(age_days: float, half_life_days: float) -> float:
    """Give 1 for what is new, 0 at the half-life, near -1 long after; the future counts as now."""
    if not math.isfinite(age_days):
        return 0.0
    return 2.0 ** (1.0 - max(age_days, 0.0) / half_life_days) - 1.0


def typical(popularities: Iterable[float]) -> float:
    """Find the popularity of a typical product: the median of those above 0; 0 if none is.

    Zeros are left out since in many shops most products were not sold at all.
    """
    return float(median([p for p in popularities if 0 < p < math.inf] or [0.0]))

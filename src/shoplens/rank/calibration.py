"""What was learnt of how far scores can be trusted, and how it is learnt; numbers only.

Evidence comes as named columns, each of which speaks for a hit the more, the larger it is. A
``Curve`` makes a probability of it, and never weighs a column below 0.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, cast

import numpy as np
from jaxtyping import Float64

from shoplens.errors import MismatchError

Column = Float64[np.ndarray, " n"]
Matrix = Float64[np.ndarray, "n c"]
Evidence = Mapping[str, Column]

SHIPPED = Path(__file__).with_name("defaults.json")
UNKNOWN = ""
"""The fingerprint of an encoder that nothing was learnt of."""

PULL = 0.0005
"""How strongly weights are pulled to 0: enough to settle what the pairs leave open."""
STEPS, ENOUGH = 3000, 1e-6
SPREAD = np.array([0.2, 0.5])
"""How far a category's slope and shift usually lie from the shop's: the prior's deviation."""
STEEPEST, FLATTEST = 2.0, 0.25


@dataclass(frozen=True, slots=True)
class Curve:
    """A logistic curve over evidence (Platt, 1999), rising in every column."""

    weights: Mapping[str, float]
    bias: float

    def odds(self, evidence: Evidence, n: int) -> Column:
        """Weigh the evidence of ``n`` hits into log-odds; a column that is missing counts 0."""
        total = np.full(n, self.bias)
        for name, weight in self.weights.items():
            if name in evidence:
                total += weight * evidence[name]
        return total


@dataclass(frozen=True, slots=True)
class Slant:
    """How a category differs from the shop: its log-odds are ``slope`` times those, and ``shift``.

    ``slope`` is above 0, so that the order of the hits stays.
    """

    slope: float
    shift: float


@dataclass(frozen=True, slots=True)
class Way:
    """What was learnt of one way to ask, such as by a picture and words.

    ``meant`` tells whether a hit is the product that is meant or of its group, ``kind`` whether it
    is of its category, ``blind`` the same without knowing categories, ``guess`` whether the
    category guessed is right. ``pairs`` is how many it was learnt from.
    """

    meant: Curve
    kind: Curve
    blind: Curve
    guess: Curve
    pairs: int = 0


@dataclass(frozen=True, slots=True)
class Calibration:
    """How the scores of one encoder become probabilities, in one shop or in any.

    ``fingerprint`` names the encoder, empty for one that is not known. ``ways`` are named by
    the evidence they weigh, ``picture+text+words``; ``slants`` by top-level category, folded.
    A hit is ``strong`` and ``similar`` from these probabilities on: at one half, it is more
    likely right than wrong. ``exact`` is the probability where words are a product's own code.
    """

    fingerprint: str
    ways: Mapping[str, Way]
    slants: Mapping[str, Slant] = field(default_factory=dict[str, Slant])
    strong: float = 0.5
    similar: float = 0.5
    exact: float = 0.99

    def to_json(self) -> str:
        """Write it as JSON; numbers are kept to 5 places."""
        return json.dumps(_rounded(asdict(self)), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> "Calibration":
        """Read what ``to_json`` wrote (MismatchError if it is something else)."""
        try:
            return _read(json.loads(text))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            what = f"this is no calibration that this Shoplens can read: {error!r}"
            raise MismatchError(f"{what}; run 'shoplens calibrate' again") from error


def default_calibration(fingerprint: str) -> Calibration:
    """Give what ships for an encoder; for an unknown one, what holds for several, made cautious.

    ``recipes/confidence`` learnt it from the sample shop.
    """
    shipped = json.loads(SHIPPED.read_text(encoding="utf-8"))
    return _read(shipped.get(fingerprint) or shipped[UNKNOWN])


def _read(kept: Mapping[str, Any]) -> Calibration:
    ways = {
        name: Way(**{part: Curve(**way[part]) for part in PARTS}, pairs=way["pairs"])
        for name, way in cast("dict[str, dict[str, Any]]", kept["ways"]).items()
    }
    slants = {name: Slant(**slant) for name, slant in kept["slants"].items()}
    cuts = {name: float(kept[name]) for name in ("strong", "similar", "exact")}
    return Calibration(str(kept["fingerprint"]), ways, slants, **cuts)


PARTS = ("meant", "kind", "blind", "guess")


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 5)
    if isinstance(value, dict):
        return {key: _rounded(inner) for key, inner in cast("dict[str, Any]", value).items()}
    return value


def probability(odds: Column) -> Column:
    """Turn log-odds into probabilities."""
    return 1.0 / (1.0 + np.exp(np.minimum(-odds, 30.0)))


# ---- learning ------------------------------------------------------------------------------------


def fit_curve(
    evidence: Evidence, right: Column, weights: Column, *, only: Sequence[str] | None = None
) -> Curve:
    """Fit a rising logistic curve to pairs that were right (1) or not (0), each weighing so much.

    Columns are brought to one scale. Platt's targets keep the curve off 0 and 1, so it is defined
    even where all pairs are right or all are wrong.
    """
    names = [name for name in evidence if only is None or name in only]
    y, share = _targets(right), weights / weights.sum()
    middle = [float(share @ evidence[name]) for name in names]
    scale = [max(float(np.std(evidence[name])), 1e-3) for name in names]
    columns = [(evidence[n] - m) / s for n, m, s in zip(names, middle, scale, strict=True)]
    x = np.column_stack([*columns, np.ones(len(right))])  # (n, c + 1), the last for the bias
    found = _descend(x, y, share)
    slopes = {n: float(w / s) for n, w, s in zip(names, found[:-1], scale, strict=True) if w > 0}
    bias = float(found[-1]) - sum(
        slopes.get(n, 0.0) * m for n, m in zip(names, middle, strict=True)
    )
    return Curve(slopes, bias)


def _descend(x: Matrix, y: Column, share: Column) -> Float64[np.ndarray, " c"]:
    """Minimise the log-loss with every weight but the bias at 0 or above.

    Accelerated projected gradients that start anew when they climb (Beck and Teboulle, 2009;
    O'Donoghue and Candès, 2015).
    """
    pull = np.full(x.shape[1], PULL)
    pull[-1] = 0.0
    pace = 1.0 / float(np.linalg.eigvalsh(0.25 * (x.T * share) @ x + np.diag(pull))[-1])
    found = ahead = np.zeros(x.shape[1])
    momentum = 1.0
    for _ in range(STEPS):
        slope = x.T @ (share * (probability(x @ ahead) - y)) + pull * ahead
        reached = ahead - pace * slope
        reached[:-1] = np.maximum(reached[:-1], 0.0)
        moved = reached - found
        if np.abs(moved).max() < ENOUGH:
            return reached
        if slope @ moved > 0:
            momentum = 1.0
        faster = (1.0 + np.sqrt(1.0 + 4.0 * momentum**2)) / 2.0
        found, ahead = reached, reached + (momentum - 1.0) / faster * moved
        momentum = faster
    return found


def _targets(right: Column) -> Column:
    """Soften what was right and wrong as Platt (1999) does."""
    yes = float(right.sum())
    no = len(right) - yes
    return np.where(right > 0, (yes + 1) / (yes + 2), 1 / (no + 2))


def fit_slant(odds: Column, right: Column, weights: Column) -> Slant:
    """Fit slope and shift of one category, both drawn to 1 and 0: few pairs say little.

    The most likely two under normal priors (Newton's method).
    """
    usual = np.array([1.0, 0.0])
    found = usual
    x = np.column_stack([odds, np.ones(len(odds))])
    for _ in range(50):
        p = probability(x @ found)
        slope = x.T @ (weights * (p - right)) + (found - usual) / SPREAD**2
        bend = (x.T * (weights * p * (1 - p))) @ x + np.diag(1 / SPREAD**2)
        found = found - np.clip(np.linalg.solve(bend, slope), -1.0, 1.0)
    return Slant(float(np.clip(found[0], FLATTEST, STEEPEST)), float(found[1]))


# ---- judging -------------------------------------------------------------------------------------


def calibration_error(told: Column, right: Column, bins: int = 10) -> float:
    """Give the expected calibration error: bins of equal width, weighed by their pairs."""
    return sum(abs(t - r) * k for t, r, k in reliability(told, right, bins)) / max(len(told), 1)


def reliability(told: Column, right: Column, bins: int = 10) -> list[tuple[float, float, int]]:
    """Give each bin that has pairs: mean probability told, share that was right, how many."""
    place = np.minimum((told * bins).astype(int), bins - 1)
    return [
        (float(told[place == b].mean()), float(right[place == b].mean()), int((place == b).sum()))
        for b in range(bins)
        if (place == b).any()
    ]


def brier(told: Column, right: Column) -> float:
    """Give the mean squared error of the probabilities (Brier, 1950)."""
    return float(np.mean((told - right) ** 2)) if len(told) else 0.0


def auroc(scores: Column, right: Column) -> float:
    """Give the chance that a right one scores above a wrong one; ties count half.

    One half where there are none of either.
    """
    yes, no = np.sort(scores[right > 0]), scores[right <= 0]
    if not len(yes) or not len(no):
        return 0.5
    above = len(yes) - (np.searchsorted(yes, no, "left") + np.searchsorted(yes, no, "right")) / 2
    return float(above.mean() / len(yes))

"""What a calibration did, for a person: sentences, a table, a plot."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from xml.sax.saxutils import escape

from shoplens.answer.calibrating.calibrate import Calibrated
from shoplens.answer.calibrating.learning import Judged
from shoplens.types import Rejection

COLUMNS = ("asked by", "answers", "right", "ECE", "Brier", "outside", "guess")
SIDE, EDGE = 260, 44
COLOURS = ("#9aa0a6", "#1a73e8", "#d93025", "#188038")


@dataclass(frozen=True, slots=True)
class CalibrateReport:
    """What ``shoplens calibrate`` did; ``kept`` is false if nothing was gained, or only tried."""

    answers: int
    before: Mapping[str, Judged]
    after: Mapping[str, Judged]
    better: bool
    kept: bool
    refused: tuple[Rejection, ...] = ()

    @classmethod
    def of(
        cls, found: Calibrated, *, kept: bool, refused: Sequence[Rejection] = ()
    ) -> "CalibrateReport":
        """Report what was found."""
        return cls(found.answers, found.before, found.after, found.better, kept, tuple(refused))

    @classmethod
    def from_json(cls, text: str) -> "CalibrateReport":
        """Read what ``to_json`` wrote."""
        told = json.loads(text)
        for when in ("before", "after"):
            told[when] = {name: _judged(one) for name, one in told[when].items()}
        told["refused"] = tuple(Rejection(**one) for one in told["refused"])
        return cls(**told)

    def told(self) -> str:
        """Say it in one sentence."""
        state = "kept" if self.kept else "not kept"
        gain = "better than before" if self.better else "no better than before"
        return f"calibrated by {self.answers} answers: {gain}, {state}"

    def to_json(self) -> str:
        """Write all of it down."""
        return json.dumps(asdict(self), ensure_ascii=False)


def _judged(told: dict[str, Any]) -> Judged:
    told["bins"] = tuple((t, r, k) for t, r, k in told["bins"])
    return Judged(**told)


def rows(report: CalibrateReport) -> list[tuple[str, ...]]:
    """List both calibrations way by way, as text in the order of ``COLUMNS``."""
    told: list[tuple[str, ...]] = []
    for name, before in report.before.items():
        after = report.after[name]
        told.append(
            (
                spoken(name),
                str(before.answers),
                f"{before.right:.2f}",
                f"{before.error:.3f}→{after.error:.3f}",
                f"{before.brier:.3f}→{after.brier:.3f}",
                f"{before.outside:.3f}→{after.outside:.3f}",
                f"{before.guesses:.2f}→{after.guesses:.2f}",
            )
        )
    return told


def spoken(name: str) -> str:
    """Say in which way was asked: ``picture and words``."""
    words = {"coverage": "words", "text": ""}
    return " and ".join(filter(None, (words.get(kind, kind) for kind in name.split("+")[::-1])))


def plot(curves: Mapping[str, Judged], title: str) -> str:
    """Draw how often answers told with some confidence were right, as SVG."""
    height = EDGE + SIDE + EDGE + 18 * len(curves)
    width = SIDE + 2 * EDGE
    frame = f'width="{SIDE}" height="{SIDE}" fill="none" stroke="#dadce0"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">',
        '<g font-family="system-ui, sans-serif" font-size="12" fill="#3c4043">',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        f'<text x="{EDGE}" y="24" font-size="14">{escape(title)}</text>',
        f'<rect x="{EDGE}" y="{EDGE}" {frame}/>',
        f'<path d="M{_x(0)} {_y(0)}L{_x(1)} {_y(1)}" stroke="#dadce0" stroke-dasharray="4"/>',
        f'<text x="{EDGE}" y="{EDGE + SIDE + 16}">confidence told: 0 to 1</text>',
        f'<text transform="translate({EDGE - 8} {EDGE + SIDE}) rotate(-90)">share right</text>',
    ]
    for place, (name, judged) in enumerate(curves.items()):
        parts += _curve(name, judged, COLOURS[place % len(COLOURS)], place)
    return "\n".join([*parts, "</g>", "</svg>", ""])


def _curve(name: str, judged: Judged, colour: str, place: int) -> list[str]:
    points = " ".join(f"{_x(told)},{_y(right)}" for told, right, _ in judged.bins)
    dots = [
        f'<circle cx="{_x(told)}" cy="{_y(right)}" r="{2 + 8 * (k / judged.answers) ** 0.5:.1f}" '
        f'fill="{colour}" fill-opacity="0.6"/>'
        for told, right, k in judged.bins
    ]
    y = EDGE + SIDE + 38 + 18 * place
    legend = f"{name}: ECE {judged.error:.3f}, {judged.answers} answers"
    return [
        f'<polyline points="{points}" fill="none" stroke="{colour}"/>',
        *dots,
        f'<circle cx="{EDGE + 5}" cy="{y - 4}" r="5" fill="{colour}"/>',
        f'<text x="{EDGE + 16}" y="{y}">{escape(legend)}</text>',
    ]


def _x(share: float) -> float:
    return round(EDGE + SIDE * share, 1)


def _y(share: float) -> float:
    return round(EDGE + SIDE * (1 - share), 1)

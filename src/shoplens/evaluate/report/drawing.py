"""Drawings for the page, as SVG that takes its colours from the page's style."""

from collections.abc import Sequence
from html import escape

import numpy as np

from shoplens.evaluate.compare import Compared, Interval
from shoplens.evaluate.robustness import Point

BAR_WIDTH, BAR_HEIGHT = 200, 18
SIDE, EDGE = 132, 26


def bar(told: Interval, name: str) -> str:
    """Draw a value from 0 to 1 with its interval, if there is one."""
    known = np.isfinite(told.low)
    told = _within(told)
    middle, scale = BAR_HEIGHT / 2, BAR_WIDTH - 10
    mean, low, high = (5 + scale * value for value in told)
    parts = [
        f'<rect x="5" y="{middle - 3}" width="{scale}" height="6" rx="3" class="track"/>',
        f'<rect x="5" y="{middle - 3}" width="{mean - 5:.1f}" height="6" rx="3" class="fill"/>',
        f'<path d="M{low:.1f} {middle}H{high:.1f}" class="spread"/>' if known else "",
        f'<circle cx="{mean:.1f}" cy="{middle}" r="4.5" class="dot"/>',
    ]
    label = f"{name}: {told.mean:.3f}"
    label += f", from {told.low:.3f} to {told.high:.3f}" if known else ""
    return _svg(BAR_WIDTH, BAR_HEIGHT, label, parts)


def difference(told: Compared, name: str, reach: float) -> str:
    """Draw a difference with its interval about zero; ``reach`` is at both ends."""
    middle, half = BAR_HEIGHT / 2, BAR_WIDTH / 2 - 5
    values = np.clip([told.difference, told.low, told.high], -reach, reach) / (reach or 1.0)
    mean, low, high = (BAR_WIDTH / 2 + half * value for value in values.tolist())
    verdict = told.verdict() if told.verdict() in {"better", "worse"} else "same"
    parts = [
        f'<path d="M{BAR_WIDTH / 2} 0V{BAR_HEIGHT}" class="axis"/>',
        f'<path d="M{low:.1f} {middle}H{high:.1f}" class="spread {verdict}"/>',
        f'<circle cx="{mean:.1f}" cy="{middle}" r="4.5" class="dot {verdict}"/>',
    ]
    return _svg(BAR_WIDTH, BAR_HEIGHT, f"{name}: {told.difference:+.3f}", parts)


def curve(points: Sequence[Point], name: str, first: str, second: str) -> str:
    """Draw how two metrics fall from level to level, the first with its interval."""
    spread = [_within(point.figures[first]) for point in points]
    up = [f"{_x(i)} {_y(one.high)}" for i, one in enumerate(spread)]
    down = [f"{_x(i)} {_y(one.low)}" for i, one in reversed(list(enumerate(spread)))]
    others = [f"{_x(i)} {_y(point.figures[second].mean)}" for i, point in enumerate(points)]
    line = [f"{_x(i)} {_y(one.mean)}" for i, one in enumerate(spread)]
    height = SIDE + 2 * EDGE
    parts = [
        f'<text x="{EDGE}" y="15" class="name">{escape(name)}</text>',
        *(_grid(share) for share in (0.0, 0.5, 1.0)),
        *(
            f'<text x="{_x(i)}" y="{height - 8}" text-anchor="middle">{point.level}</text>'
            for i, point in enumerate(points)
        ),
        f'<path d="M{"L".join([*up, *down])}Z" class="band"/>',
        f'<path d="M{"L".join(others)}" class="second"/>',
        f'<path d="M{"L".join(line)}" class="first"/>',
        *(
            f'<circle cx="{_x(i)}" cy="{_y(o.mean)}" r="3" class="dot"/>'
            for i, o in enumerate(spread)
        ),
    ]
    falls = " → ".join(f"{one.mean:.2f}" for one in spread)
    return _svg(SIDE + 2 * EDGE, height, f"{name}: {first} {falls}", parts)


def _grid(share: float) -> str:
    y = _y(share)
    label = f'<text x="{EDGE - 5}" y="{y + 4}" text-anchor="end">{share:g}</text>'
    return f'<path d="M{EDGE} {y}H{EDGE + SIDE}" class="axis"/>{label}'


def _within(told: Interval) -> Interval:
    """Keep bounds that nothing is known of within what a metric can be."""
    return Interval(told.mean, max(told.low, 0.0), min(told.high, 1.0))


def _x(place: int) -> float:
    return round(EDGE + SIDE * place / 5, 1)


def _y(share: float) -> float:
    return round(EDGE + SIDE * (1 - share), 1)


def _svg(width: int, height: int, label: str, parts: Sequence[str]) -> str:
    head = f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{escape(label)}">'
    return f"{head}<title>{escape(label)}</title>{''.join(parts)}</svg>"

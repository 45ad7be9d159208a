import base64
import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from PIL import Image

from shoplens.errors import ImageError, NotFoundError
from shoplens.evaluate.asking import Asked
from shoplens.evaluate.compare import Interval
from shoplens.evaluate.evaluation import Evaluation, Plan, evaluate, with_robustness
from shoplens.evaluate.judged.judgements import Judgements, Question
from shoplens.evaluate.report.page import page
from shoplens.evaluate.report.pictures import SIDE_PX, Gallery
from shoplens.evaluate.robustness import WAYS, Point
from shoplens.evaluate.runs import Placed, Run
from shoplens.types import Pixels, Product, Rejection

HOSTILE = '<script>alert("x")</script>'
NOW = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
PRODUCTS = {f"p{i}": Product(f"p{i}", f"{HOSTILE} {i}", category=(f"Kind {i}",)) for i in range(14)}


def look(data: bytes) -> Pixels:
    if data == b"bad":
        raise ImageError("not a picture")
    return np.full((300, 600, 3), len(data), np.uint8)


@pytest.fixture
def evaluation(tmp_path: Path) -> Evaluation:
    (tmp_path / "good.jpg").write_bytes(b"photo")
    (tmp_path / "bad.jpg").write_bytes(b"bad")
    questions = (
        Question("q0", tmp_path / "good.jpg", slices={"place": HOSTILE}),
        Question("q1", tmp_path / "bad.jpg"),
        Question("q2", text=HOSTILE),
        Question("q3", product_id="p3"),
        *(Question(f"q{i}", text="words") for i in range(4, 14)),
    )
    judgements = Judgements(questions, {f"q{i}": {f"p{i}": 1.0} for i in range(14)})
    run = Run({f"q{i}": (Placed("p1", 0.9), Placed("p0", 0.8)) for i in range(14)})
    run = Run({**run.rankings, "q1": (Placed("p0", 0.9), Placed("p1", 0.8))})
    before = Run({f"q{i}": (Placed("p2", 0.9),) for i in range(14)}, (Rejection(HOSTILE, "bad"),))
    rng = np.random.default_rng(0)
    found = evaluate(judgements, Asked(run, {"q0": 3.0}), PRODUCTS, Plan(), rng, before)
    points = tuple(
        Point(*way, 9, {n: Interval(1 - way[1] / 5, -np.inf, np.inf) for n in found.figures})
        for way in WAYS
    )
    return with_robustness(found, points)


def thumbnail(folder: Path, product_id: str) -> Path:
    if product_id == "p2":
        raise NotFoundError(product_id)
    return folder / "good.jpg"


@pytest.fixture
def html(evaluation: Evaluation, tmp_path: Path) -> str:
    gallery = Gallery(PRODUCTS, lambda product_id: thumbnail(tmp_path, product_id), look)
    return page(evaluation, gallery, HOSTILE, NOW)


VOID = {"meta", "img"}


class Balanced(HTMLParser):
    """Every tag is closed where it should be; all are noted."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self.seen.append(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_whole_and_nothing_of_the_shop_is_markup(html: str) -> None:
    parser = Balanced()
    parser.feed(html)
    parser.close()
    assert parser.open == []
    assert "script" not in parser.seen
    assert "&lt;script&gt;" in html


def test_the_page_needs_no_other_file(html: str) -> None:
    assert re.findall(r'(?:src|href)="(?!data:image/webp;base64,)', html) == []
    assert "url(" not in html
    assert "http" not in html
    assert "prefers-color-scheme: dark" in html
    assert 'name="viewport"' in html


def test_pictures_are_small_and_drawings_are_well_formed(html: str, tmp_path: Path) -> None:
    data = re.findall(r"data:image/webp;base64,([^\"]+)", html)
    assert data
    (tmp_path / "small.webp").write_bytes(base64.b64decode(data[0]))
    with Image.open(tmp_path / "small.webp") as small:
        assert max(small.size) == SIDE_PX
    drawings = re.findall(r"<svg.*?</svg>", html, re.DOTALL)
    assert len(drawings) > 30
    for drawing in drawings:
        for number in re.findall(r"-?(?:nan|inf)\b", drawing):
            pytest.fail(f"{number} in {drawing}")
        ET.fromstring(drawing)  # noqa: S314 - our own


def test_right_products_are_framed_and_what_cannot_be_shown_is_told(html: str) -> None:
    right = re.findall(r'<figure class="right" title="(\w+)"', html)
    assert right == ["p0", "p1"], "the second of each of two rankings"
    for told in ("words only", "cannot be shown", "no picture", "The worst failures", "Left out"):
        assert told in html, told
    assert "2026-01-02 03:04 UTC" in html
    assert "<summary>4 more</summary>" in html, "of 14 kinds 10 are open"


def test_a_page_of_little_has_no_empty_sections(tmp_path: Path) -> None:
    judgements = Judgements((Question("q", text="red"),), {"q": {"p0": 1.0}})
    run = Run({"q": (Placed("p0", 1.0),)})
    found = evaluate(judgements, Asked(run, {}), PRODUCTS, Plan(), np.random.default_rng(0))
    html = page(found, Gallery(PRODUCTS, Path, look), "one", NOW)
    assert re.findall(r"<h2>([^<]+)", html) == ["How good it is"]

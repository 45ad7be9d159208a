from collections.abc import Iterator
from itertools import count
from pathlib import Path

import numpy as np
import pytest

from shoplens.errors import ImageError, NotFoundError
from shoplens.evaluate.asking import WARM, Asking, ask_all
from shoplens.evaluate.judged.judgements import Question
from shoplens.evaluate.runs import Placed
from shoplens.types import Pixels, Query


def look(data: bytes) -> Pixels:
    if not data.startswith(b"photo"):
        raise ImageError("not a picture")
    return np.zeros((4, 4, 3), np.uint8)


def nothing(_step: str, _done: int, _total: int) -> None:
    pass


@pytest.fixture
def asked() -> list[Query]:
    return []


@pytest.fixture
def asking(asked: list[Query]) -> Asking:
    seconds: Iterator[int] = count()

    def ask(query: Query) -> list[Placed]:
        asked.append(query)
        if query.product_id == "gone":
            raise NotFoundError("no product 'gone'")
        return [Placed("a", 0.5)]

    return Asking(ask, look, lambda: float(next(seconds)))


def test_questions_are_asked_timed_and_bad_ones_told(
    asking: Asking, asked: list[Query], tmp_path: Path
) -> None:
    (tmp_path / "good.jpg").write_bytes(b"photo")
    (tmp_path / "bad.jpg").write_bytes(b"text")
    questions = [
        Question("bad", tmp_path / "bad.jpg"),
        Question("lost", tmp_path / "lost.jpg"),
        Question("good", tmp_path / "good.jpg", "in red"),
        Question("gone", product_id="gone"),
        Question("words", text="red"),
    ]
    found = ask_all(questions, asking, 7, nothing)
    assert [*found.run.rankings] == ["good", "words"]
    assert found.took_ms == {"good": 1000, "words": 1000}
    assert {(query.k, query.text) for query in asked if not query.product_id} == {
        (7, "in red"),
        (7, "red"),
    }
    assert [(one.where, one.reason) for one in found.refused] == [
        (str(tmp_path / "bad.jpg"), "not a picture"),
        (str(tmp_path / "lost.jpg"), "No such file or directory"),
        ("question gone", "no product 'gone'"),
    ]


def test_first_questions_are_asked_before_the_clock_counts(
    asking: Asking, asked: list[Query]
) -> None:
    told: list[tuple[int, int]] = []
    questions = [Question(f"q{i}", text="red") for i in range(5)]
    found = ask_all(questions, asking, 3, lambda _, done, total: told.append((done, total)))
    assert len(asked) == 5 + WARM
    assert len(found.took_ms) == 5
    assert told == [(0, 5)] * WARM + [(i, 5) for i in range(1, 6)]

import numpy as np
import pytest

from shoplens.errors import MismatchError
from shoplens.predict.heads import Head, Heads, Layer, field_of

PLAIN = Head(
    "colour",
    ("red", "blue"),
    Layer(np.array([[4, 0], [0, 4]], np.float32), np.zeros(2, np.float32)),
    temperature=2.0,
    threshold=0.8,
)
RED, BETWEEN = np.array([1, 0], np.float32), np.array([0.71, 0.70], np.float32)


def test_a_head_tells_softmax_of_its_numbers_over_its_temperature() -> None:
    told = Heads("f", None, (PLAIN,)).predict(np.stack([RED, BETWEEN]))["colour"]
    assert told.best(0) == ("red", pytest.approx(1 / (1 + np.exp(-2.0))))
    assert told.probabilities.sum(axis=1) == pytest.approx([1, 1])
    assert [label for label, _ in told.first(1, 5)] == ["red", "blue"]


def test_what_is_not_sure_enough_is_not_told() -> None:
    heads = Heads("f", None, (PLAIN,))
    told = heads.predict(np.stack([RED, BETWEEN]))["colour"]
    assert (told.told(0), told.told(1)) == ("red", None)
    assert heads.tell(RED).keys() == {"colour"}
    assert heads.tell(BETWEEN) == {}


def test_the_hidden_layer_is_cut_off_below_zero() -> None:
    hidden = Layer(np.array([[1, 0], [-1, 0]], np.float32), np.zeros(2, np.float32))
    told = Heads("f", hidden, (PLAIN,)).predict(np.stack([RED, -RED]))["colour"]
    assert (told.best(0)[0], told.best(1)[0]) == ("red", "blue")


def test_rows_of_other_dimensions_are_refused() -> None:
    with pytest.raises(MismatchError, match="of 2 dimensions, not of 3"):
        Heads("f", None, (PLAIN,)).predict(np.zeros((1, 3), np.float32))


def test_levels_of_a_category_fill_one_field() -> None:
    assert [field_of(task) for task in ("category 1", "category 2", "colour")] == [
        "category", "category", "colour",
    ]  # fmt: skip

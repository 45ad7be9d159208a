from itertools import product

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from drawn_products import COLOURS, OUTLINES, PATTERNS, draw_product
from shoplens.encode.base import open_encoder

KINDS = list(product(OUTLINES, COLOURS, PATTERNS))


def in_common(one: tuple[str, str, str], other: tuple[str, str, str]) -> int:
    return sum(a == b for a, b in zip(one, other, strict=True))


def test_more_in_common_means_nearer_on_the_whole() -> None:
    tower = open_encoder("colour").picture
    rows = tower.encode([tower.prepare(draw_product(*kind, 300)) for kind in KINDS])
    scores = rows @ rows.T
    shared = np.array([[in_common(one, other) for other in KINDS] for one in KINDS])
    means = [float(scores[shared == count].mean()) for count in range(4)]
    assert means == sorted(means)
    assert means[3] > means[2] + 0.05


def test_the_nearest_other_product_shares_two_of_three_things() -> None:
    tower = open_encoder("colour").picture
    rows = tower.encode([tower.prepare(draw_product(*kind, 300)) for kind in KINDS])
    scores = rows @ rows.T - 2 * np.eye(len(KINDS))
    for i, kind in enumerate(KINDS):
        assert in_common(kind, KINDS[int(scores[i].argmax())]) == 2


def test_texts_that_share_words_are_near() -> None:
    tower = open_encoder("colour").text
    asked, near, far = tower.encode(["red shoes", "Red leather shoe", "blue sofa"])
    assert asked @ near > 0.5 > asked @ far


@given(words=st.lists(st.sampled_from(["red", "shoe", "红色", "AB-123"])), data=st.data())
def test_word_order_does_not_change_a_text(words: list[str], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(words))
    one, other = open_encoder("colour").text.encode([" ".join(words), " ".join(shuffled)])
    np.testing.assert_allclose(one, other, atol=1e-6)

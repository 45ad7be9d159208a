import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoplens.answer.reasons.refs import (
    MAX_WORDS,
    PhotoRef,
    ProductRef,
    Ref,
    WordsRef,
    read_ref,
    write_ref,
)
from shoplens.answer.recent import new_query_image_id
from shoplens.errors import NotFoundError, QueryError
from shoplens.regions.box import Box

sides = st.floats(0, 1)
written = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=MAX_WORDS)


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    left, right = sorted(draw(st.tuples(sides, sides).filter(lambda pair: pair[0] != pair[1])))
    top, bottom = sorted(draw(st.tuples(sides, sides).filter(lambda pair: pair[0] != pair[1])))
    return Box(left, top, right, bottom)


refs = st.one_of(
    st.builds(PhotoRef, st.builds(new_query_image_id), st.none() | boxes()),
    st.builds(ProductRef, written),
    st.builds(WordsRef, written),
)


@given(ref=refs)
def test_what_is_written_is_read_again(ref: Ref) -> None:
    assert read_ref(write_ref(ref)) == ref


@given(ref=refs)
def test_a_ref_is_one_part_of_an_address_that_no_proxy_touches(ref: Ref) -> None:
    text = write_ref(ref)
    assert re.fullmatch(r"[A-Za-z0-9._~,-]+", text)
    assert text not in {".", ".."}


def test_a_plain_id_stays_readable() -> None:
    assert write_ref(ProductRef("mug-harbour_12.b")) == "p-mug-harbour_12.b"
    assert write_ref(ProductRef("a/b ~ü")) == "p-a~2Fb~20~7E~C3~BC"


def test_words_are_cut_and_lone_surrogates_do_not_crash() -> None:
    assert read_ref(write_ref(WordsRef("红" * 300))) == WordsRef("红" * MAX_WORDS)
    assert read_ref(write_ref(WordsRef("a\ud800b"))) == WordsRef("a?b")


@pytest.mark.parametrize(
    "text",
    ["", "p-", "w-", "q-", "x-1", "q-abc~", "q-abc~1,2,3", "q-abc~a,b,c,d", "q-a b", "p-~FF", "q~"],
)
def test_what_was_never_written_has_no_map(text: str) -> None:
    with pytest.raises(NotFoundError, match="there is no map for"):
        read_ref(text)


@pytest.mark.parametrize("sides", ["0.5,0,0.4,1", "nan,0,1,1", "0,0,1,inf"])
def test_a_box_that_is_none_is_told(sides: str) -> None:
    with pytest.raises(QueryError, match="is no box"):
        read_ref(f"q-abc~{sides}")


@given(text=st.text(max_size=40))
def test_whatever_is_read_is_written_the_same_way_once_more(text: str) -> None:
    with suppress(NotFoundError, QueryError):
        ref = read_ref(text)
        assert read_ref(write_ref(ref)) == ref

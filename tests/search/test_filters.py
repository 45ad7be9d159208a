import re
import sys
from collections.abc import Mapping
from types import FrameType
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoplens.catalogue.fields import fold
from shoplens.errors import QueryError
from shoplens.search.filters import MAX_DEPTH, MAX_LENGTH, MAX_VALUES, parse_filter
from shoplens.search.render import render_filter
from shoplens.types import AllOf, AnyOf, Compare, FieldKind, Filter, Not, OneOf, Operator

FIELDS: Mapping[str, FieldKind] = {
    "category": "keyword",
    "colour": "keyword",
    "gtin": "keyword",
    "材质": "keyword",
    "in": "keyword",
    "shoe size": "keyword",
    "price": "number",
    "in_stock": "boolean",
}
RED, CHEAP = Compare("colour", "=", "red"), Compare("price", "<", 80.0)
STOCKED = Compare("in_stock", "=", value=True)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("colour = red", RED),
        ('colour == "RED"', RED),
        ("COLOUR='Red'", RED),
        ("price<80", CHEAP),
        ("price < +80.0", CHEAP),
        ("price >= -1.5", Compare("price", ">=", -1.5)),
        ("price < = 2", Compare("price", "<=", 2.0)),
        ("price ≤ .5", Compare("price", "<=", 0.5)),
        ("in_stock", STOCKED),
        ("in_stock = Yes", STOCKED),
        ("in_stock = 1", STOCKED),
        ("in_stock = no", Compare("in_stock", "=", value=False)),
        ("colour != red", Not(RED)),
        ("colour <> red", Not(RED)),
        ("colour ≠ red", Not(RED)),
        ("NOT colour = red", Not(RED)),
        ("gtin = 0012", Compare("gtin", "=", "0012")),
        ("gtin IN (0012, 7.50)", OneOf("gtin", ("0012", "7.50"))),
        ("price in (1, 2.5)", OneOf("price", (1.0, 2.5))),
        ("in_stock IN (true, no)", OneOf("in_stock", (True, False))),
        ("colour NOT IN (red)", Not(OneOf("colour", ("red",)))),
        ('colour = "say \\"hi\\" \\\\"', Compare("colour", "=", 'say "hi" \\')),
        ("colour = 'and'", Compare("colour", "=", "and")),
        ("colour = android", Compare("colour", "=", "android")),
        ('"in" = notable', Compare("in", "=", "notable")),
        ('"shoe size" = 42', Compare("shoe size", "=", "42")),
        ("颜色 ＝ 红色", Compare("colour", "=", "红色")),
        ("Color = red", RED),
        ("材质 IN （“羊 毛”，「棉」、麻）", OneOf("材质", ("羊 毛", "棉", "麻"))),
        ("（price＜８０）", CHEAP),
        ("price ！＝ 80", Not(Compare("price", "=", 80.0))),
    ],
)
def test_each_form_means_what_it_says(text: str, tree: Filter) -> None:
    assert parse_filter(text, FIELDS) == tree


@pytest.mark.parametrize("text", ["price 10 TO 20", "price between 10 and 20", "price 10 to 20"])
def test_a_range_holds_both_its_ends(text: str) -> None:
    ends = AllOf((Compare("price", ">=", 10.0), Compare("price", "<=", 20.0)))
    assert parse_filter(text, FIELDS) == ends


def test_not_binds_tighter_than_and_and_that_tighter_than_or() -> None:
    text = "NOT colour = red AND price < 80 OR in_stock"
    assert parse_filter(text, FIELDS) == AnyOf((AllOf((Not(RED), CHEAP)), STOCKED))
    grouped = parse_filter("NOT (colour = red and (price < 80 or in_stock))", FIELDS)
    assert grouped == Not(AllOf((RED, AnyOf((CHEAP, STOCKED)))))


@pytest.mark.parametrize(
    ("marked", "message"),
    [
        ("@", "empty"),
        ("@ \n", "empty"),
        ("@colr = red", "did you mean 'colour'?.*category, colour, gtin"),
        ("price < 5 AND @zzz", "no field is called 'zzz'. There are"),
        ("colour @red", "an operator is missing between 'colour'"),
        ("colour dark @blue", "an operator is missing"),
        ("colour = dark @blue", "several words needs quotes"),
        ("colour = red @price < 5", "AND or OR was expected"),
        ("(price < 5@", r"a \) is missing"),
        ("price < 5@)", r"this \) has no \("),
        ("colour IN @red", r"\( with a list"),
        ("colour IN (@)", "a value was expected"),
        ("colour IN (a @b)", r", or \) was expected"),
        ("colour NOT @red", "IN was expected after NOT"),
        ("price BETWEEN 1 @OR 2", "AND with the upper end"),
        ("price 1 TO@", "a value was expected"),
        ("price @20 TO 10", "ends below its start"),
        ("colour @1 TO 2", "a range is for numbers, and 'colour' is a keyword"),
        ("colour @<= red", "<= is for numbers, and 'colour' is a keyword"),
        ("in_stock @> 0", "> is for numbers, and 'in_stock' is a boolean"),
        ("in_stock = @maybe", "is true or false, not 'maybe'"),
        ("price = @$80", r"is a number like 79.90, not '\$80'"),
        ("price IN (1, @1e999)", "is a number like 79.90"),
        ("price = @nan", "is a number like 79.90"),
        ("@price", "is a number, not yes or no"),
        ("price <@", "a value was expected"),
        ("colour = @in", "a reserved word as a value needs quotes"),
        ("@= 5", "a condition such as"),
        ("price < 5 AND@", "a condition such as"),
        ("@!in_stock", "write NOT before a condition"),
        ("colour = 'men'@s'", "several words needs quotes"),
        ("colour = @“red", "this quote has no partner"),
    ],
)
def test_an_error_points_at_the_place(marked: str, message: str) -> None:
    with pytest.raises(QueryError, match=message) as caught:
        parse_filter(marked.replace("@", ""), FIELDS)
    assert caught.value.position == marked.index("@")


def test_the_caret_stands_under_the_place_between_wide_letters_too() -> None:
    with pytest.raises(QueryError) as caught:
        parse_filter("颜色 = 红 OR\ncolr = 红", FIELDS)
    _, shown, caret = str(caught.value).split("\n")
    assert shown == "  颜色 = 红 OR colr = 红"
    assert caret == "  \u3000\u3000   \u3000    ^"


def test_a_long_text_is_shown_around_the_place_only() -> None:
    text = " AND ".join(["price < 80"] * 50) + " AND colr = red AND in_stock" * 9
    with pytest.raises(QueryError) as caught:
        parse_filter(text, FIELDS)
    _, shown, caret = str(caught.value).split("\n")
    assert len(shown) < 80
    assert shown[caret.index("^") :].startswith("colr = red")


def test_a_thousand_fields_are_not_all_listed() -> None:
    many: dict[str, FieldKind] = {f"field_{i:04}": "keyword" for i in range(1000)}
    with pytest.raises(QueryError, match="field_0039 and 960 more"):
        parse_filter("x" * 3999, many)


def test_limits_are_kept_at_their_place() -> None:
    with pytest.raises(QueryError, match="4001 characters; at most 4000") as caught:
        parse_filter("in_stock".ljust(MAX_LENGTH + 1), FIELDS)
    assert caught.value.position == MAX_LENGTH
    assert parse_filter("in_stock".ljust(MAX_LENGTH), FIELDS) == STOCKED
    many = ",".join("1" * (MAX_VALUES + 1))
    with pytest.raises(QueryError, match="at most 1000 values") as caught:
        parse_filter(f"gtin IN ({many})", FIELDS)
    assert caught.value.position == len("gtin IN (") + 2 * MAX_VALUES
    assert isinstance(parse_filter(f"gtin IN ({many[2:]})", FIELDS), OneOf)


@pytest.mark.parametrize(("opening", "closing"), [("(", ")"), ("NOT ", ""), ("NOT (", ")")])
def test_nesting_has_a_limit_and_never_overflows(opening: str, closing: str) -> None:
    levels = MAX_DEPTH // len(opening.split(" ")[:2]) if opening == "NOT (" else MAX_DEPTH
    parse_filter(opening * levels + "in_stock" + closing * levels, FIELDS)
    for depth in (levels + 1, 390):
        text = opening * depth + "in_stock" + closing * depth
        with pytest.raises(QueryError, match="more than 32") as caught:
            parse_filter(text, FIELDS)
        assert caught.value.position == levels * len(opening)
    with pytest.raises(QueryError, match="was expected"):
        parse_filter("(" * MAX_LENGTH, FIELDS)


# ---- fuzz and round trip -----------------------------------------------------------------------

WORDS = (
    "and OR NOT in to BETWEEN ( ) , = < != ≥ （ ） ， ＝ “红” ' \" \\ 80 -1.5 1e400 true red \x00"
)
TOKENS = st.sampled_from([*FIELDS, *WORDS.split(" "), "'x y'", " "])
TEXTS = st.one_of(st.text(), st.lists(TOKENS, max_size=40).map(" ".join), st.text("()! '\"=a\\"))


@given(text=TEXTS)
def test_any_text_gives_a_filter_or_an_error_with_a_place(text: str) -> None:
    error = None
    try:
        parse_filter(text, FIELDS)
    except QueryError as refused:
        error = refused
    if error:
        assert error.position is not None
        assert 0 <= error.position <= len(text)
        assert str(error).endswith("^")


KEYWORDS = st.text(max_size=8).map(fold)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
VALUES = {"keyword": KEYWORDS, "number": NUMBERS, "boolean": st.booleans()}


@st.composite
def conditions(draw: st.DrawFn) -> Filter:
    field = draw(st.sampled_from(sorted(FIELDS)))
    values = VALUES[FIELDS[field]]
    if draw(st.booleans()):
        return OneOf(field, tuple(draw(st.lists(values, min_size=1, max_size=3))))
    order = FIELDS[field] == "number"
    operator: Operator = draw(st.sampled_from(get_args(Operator) if order else ("=",)))
    return Compare(field, operator, draw(values))


def _groups(inner: st.SearchStrategy[Filter]) -> st.SearchStrategy[Filter]:
    parts = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.one_of(inner.map(Not), parts.map(AllOf), parts.map(AnyOf))


TREES = st.recursive(conditions(), _groups, max_leaves=12)


@given(tree=TREES)
def test_what_was_written_reads_back_to_the_same_tree(tree: Filter) -> None:
    assert parse_filter(render_filter(tree), FIELDS) == tree


@given(tree=TREES)
def test_writing_what_was_read_changes_nothing_more(tree: Filter) -> None:
    text = render_filter(tree)
    assert render_filter(parse_filter(text, FIELDS)) == text


def test_a_group_of_one_is_written_as_its_part_and_an_empty_one_is_refused() -> None:
    assert render_filter(Not(AllOf((AnyOf((CHEAP,)),)))) == "NOT price < 80"
    for empty in (AllOf(()), AnyOf(()), OneOf("colour", ()), Not(AllOf((CHEAP, AnyOf(()))))):
        with pytest.raises(QueryError, match="cannot be written"):
            render_filter(empty)


def test_a_tree_deeper_than_the_stack_of_python_is_written() -> None:
    tree: Filter = STOCKED
    for _ in range(5000):
        tree = Not(tree)
    assert render_filter(tree).count("NOT ") == 4999


def test_twice_the_text_takes_twice_the_steps() -> None:
    def steps(parts: int) -> int:
        calls = 0

        def count(_frame: FrameType, _event: str, _argument: Any) -> None:
            nonlocal calls
            calls += 1

        text = " OR ".join(["(price < 8 AND colour IN (a, b, c))"] * parts)
        before = sys.getprofile()
        sys.setprofile(count)
        try:
            parse_filter(text, FIELDS)
        finally:
            sys.setprofile(before)
        return calls

    steps(1)  # builds the parser
    assert steps(100) < 2.1 * steps(50)


def test_every_message_tells_what_to_do_in_one_line_before_the_text() -> None:
    with pytest.raises(QueryError) as caught:
        parse_filter("colour = red) OR in_stock", FIELDS)
    assert re.fullmatch(r"[^\n]+\n  [^\n]+\n +\^", str(caught.value))

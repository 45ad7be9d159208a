import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from shoplens.catalogue.fields import CORE_FIELDS, attribute_field
from shoplens.errors import QueryError
from shoplens.search.filters import MAX_DEPTH, MAX_LENGTH, MAX_VALUES, parse_filter
from shoplens.search.render import RESERVED, render_filter
from shoplens.types import FieldKind

PAGE = (Path(__file__).parents[2] / "docs" / "filters.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```filter\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
EXAMPLES = [line for block in BLOCKS for line in block.splitlines()]
ATTRIBUTES = ("Colour", "gtin", "title note", "颜色")
FIELDS: Mapping[str, FieldKind] = {
    **CORE_FIELDS,
    **dict.fromkeys(map(attribute_field, ATTRIBUTES), "keyword"),
}


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_is_understood(example: str) -> None:
    tree = parse_filter(example, FIELDS)
    assert parse_filter(render_filter(tree), FIELDS) == tree


def test_the_page_has_examples_and_names_every_core_field() -> None:
    assert len(EXAMPLES) > 20
    assert set(CORE_FIELDS) <= set(re.findall(r"`(\w+)`", PAGE))


def test_both_ways_to_write_a_range_mean_the_same() -> None:
    to, between = (example for example in EXAMPLES if " TO " in example or "BETWEEN" in example)
    assert parse_filter(to, FIELDS) == parse_filter(between, FIELDS)


def test_the_limits_on_the_page_are_the_real_ones() -> None:
    assert f"{MAX_LENGTH:,} characters, {MAX_DEPTH} parentheses" in PAGE
    assert f"{MAX_VALUES:,} values" in PAGE
    assert f"`{RESERVED.pattern.replace('|', ' ')}`" in PAGE


def test_the_error_on_the_page_is_the_real_one() -> None:
    first, shown, caret = re.findall(r"^```text\n(.*?)\n(.*?)\n(.*?)\n", PAGE, re.MULTILINE)[0]
    with pytest.raises(QueryError) as caught:
        parse_filter(shown.strip(), FIELDS)
    message = str(caught.value).splitlines()
    assert message[0].startswith(first.removesuffix("…"))
    assert message[1:] == [shown, caret]

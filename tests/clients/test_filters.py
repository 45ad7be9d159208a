"""The adapter's translation, held to the real filter language; and the tests that node runs."""

import json
import operator
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shoplens.catalogue.fields import fold
from shoplens.search.filters import parse_filter
from shoplens.store.match import matches
from shoplens.types import AllOf, AnyOf, Compare, FieldKind, Fields, Filter, Not, OneOf

CLIENT = Path(__file__).resolve().parents[2] / "clients" / "instantsearch"
KINDS: dict[str, FieldKind] = {
    "brand": "keyword",
    "size": "keyword",
    "颜色": "keyword",
    "to": "keyword",
    "price": "number",
    "in_stock": "boolean",
    "on_sale": "boolean",
}
KEYWORDS = [name for name, kind in KINDS.items() if kind == "keyword"]
ORDERS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
    "!=": operator.ne,
    ">=": operator.ge,
    ">": operator.gt,
}
Translate = Callable[[dict[str, Any]], str]
Part = tuple[str, str, bool]
Parts = list[Part | list[Part]]


def row(words: dict[str, tuple[str, ...]], price: float, in_stock: bool) -> Fields:  # noqa: FBT001
    return {**words, "price": price, "in_stock": in_stock, "on_sale": False}


values = st.sampled_from(
    ["acme", "-acme", "a:b", 'o"dd\\', "x or y", "levi's", "(a, b)", "红色", "to", "1 TO 2"]
)
keyword_names = st.sampled_from(KEYWORDS)
some = st.sets(values, min_size=1, max_size=3).map(tuple)
keywords = st.fixed_dictionaries({}, optional=dict.fromkeys(KEYWORDS, some))
numbers = st.sampled_from([0.5, 1, 2, 10])
rows = st.builds(row, keywords, numbers.map(float), st.booleans())
part = st.tuples(st.sampled_from(KEYWORDS), values, st.booleans())
facet_parts = st.lists(st.one_of(part, st.lists(part, min_size=1, max_size=3)), max_size=3)
number_parts = st.lists(st.tuples(st.sampled_from(sorted(ORDERS)), numbers), max_size=2)


@pytest.fixture(scope="module")
def translate(node: str) -> Iterator[Translate]:
    """Ask the adapter for the filter that parameters become."""
    script = Path(__file__).with_name("translate.mjs")
    with subprocess.Popen(
        [node, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:

        def ask(params: dict[str, Any]) -> str:
            assert child.stdin
            assert child.stdout
            child.stdin.write(json.dumps(params) + "\n")
            child.stdin.flush()
            return json.loads(child.stdout.readline())

        yield ask
        child.kill()


def said(part: Part) -> str:
    """Write one part as algoliasearch-helper does: a minus excludes, a value's own is escaped."""
    field, value, wanted = part
    if not wanted:
        return f"{field}:-{value}"
    return f"{field}:\\{value}" if value.startswith("-") else f"{field}:{value}"


def holds(part: Part, row: Fields) -> bool:
    field, value, wanted = part
    held = row.get(field, ())
    assert isinstance(held, tuple)
    return (fold(value) in map(fold, held)) == wanted


def folded(row: Fields) -> Fields:
    return {
        name: tuple(map(fold, held)) if isinstance(held, tuple) else held
        for name, held in row.items()
    }


def fields_in(tree: Filter) -> set[str]:
    match tree:
        case Compare(field, _, _) | OneOf(field, _):
            return {field}
        case Not(inner):
            return fields_in(inner)
        case AllOf(parts) | AnyOf(parts):
            return set[str]().union(*map(fields_in, parts))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(facet_parts, number_parts, st.lists(rows, min_size=1, max_size=8), st.sets(keyword_names))
def test_what_instantsearch_asks_for_is_what_the_filter_lets_through(
    translate: Translate,
    parts: Parts,
    limits: list[tuple[str, float]],
    shop: list[Fields],
    facets: set[str],
) -> None:
    text = translate(
        {
            "facetFilters": [[*map(said, p)] if isinstance(p, list) else said(p) for p in parts],
            "numericFilters": [f"price{order}{number}" for order, number in limits],
            "facets": sorted(facets),
        }
    )
    tree = parse_filter(text, KINDS) if text else AllOf(())
    for row in shop:
        wanted = all(
            any(holds(one, row) for one in (p if isinstance(p, list) else [p])) for p in parts
        ) and all(ORDERS[order](float(str(row["price"])), number) for order, number in limits)
        assert matches(tree, folded(row)) == wanted, text


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(part, keyword_names)
def test_only_what_is_chosen_with_or_is_a_part_about_its_field_alone(
    translate: Translate, part: Part, facet: str
) -> None:
    chosen_with_or = translate({"facetFilters": [[said(part)]], "facets": [facet]})
    assert fields_in(parse_filter(chosen_with_or, KINDS)) == {part[0]}
    chosen_with_and = translate({"facetFilters": [said(part)], "facets": [part[0]]})
    assert len(fields_in(parse_filter(chosen_with_and, KINDS))) > 1


def test_the_adapters_own_tests_pass(node: str) -> None:
    tests = [str(test) for test in sorted((CLIENT / "test").glob("*.test.js"))]
    assert tests
    ended = subprocess.run(
        [node, "--test", *tests], capture_output=True, text=True, check=False, timeout=120
    )
    assert ended.returncode == 0, ended.stdout[-8000:]
    assert "# fail 0" in ended.stdout


def test_the_package_holds_what_it_names() -> None:
    package = json.loads((CLIENT / "package.json").read_text("utf-8"))
    assert "dependencies" not in package
    named = [*package["exports"]["."].values(), *package["files"]]
    assert [name for name in named if not (CLIENT / name).exists()] == []
    for script in (CLIENT / "index.js", *(CLIENT / "src").glob("*.js")):
        text = script.read_text("utf-8")
        assert text.startswith("// @ts-check\n/**"), script
        assert text.count("\n") <= 350

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoplens.predict.describe.question.asking import CAPTION_CHARS, WORD_CHARS, read_asked
from shoplens.predict.describe.question.reading import read_answer, read_answers

ASKED = read_asked(["material=Cotton,Wool", "pattern"], caption=True)
GOOD = {"material": "Wool", "pattern": "striped", "caption": "A striped wool scarf."}


def told(**changes: object) -> str:
    return json.dumps({**GOOD, **changes})


@pytest.mark.parametrize(
    "text",
    [
        told(),
        f"```json\n{told()}\n```",
        f"```\n{told()}\n```",
        f"<think>It says {{wool}}. Hm.</think>\n\n{told()}",
        f"Here is the JSON you asked for:\n{told()}\nAnything else?",
        told(material="  WOOL "),
    ],
    ids=["bare", "fenced", "fenced without a name", "thought", "chatty", "spelled otherwise"],
)
def test_an_answer_is_found_in_what_models_put_around_it(text: str) -> None:
    assert read_answer(text, ASKED).values == GOOD


@pytest.mark.parametrize("value", [None, "", " ", "unknown", "Unknown"])
def test_not_knowing_is_an_answer(value: object) -> None:
    reading = read_answer(told(material=value, caption=value), ASKED)
    assert (reading.unknown, reading.refused) == (("material", "caption"), {})
    assert reading.values == {"pattern": "striped"}


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("material", "silk", "'silk' is none of its labels"),
        ("material", ["Wool"], "wanted text"),
        ("material", 3, "wanted text"),
        ("pattern", "x" * (WORD_CHARS + 1), "at most 40"),
        ("pattern", "=HYPERLINK(1)", "formula"),
        ("pattern", "＝cmd", "formula"),
        ("pattern", "@SUM", "formula"),
        ("pattern", "12 345", "no word"),
        ("caption", "x" * (CAPTION_CHARS + 1), "at most 300"),
        ("caption", "See https://evil.example for more", "an address"),
        ("caption", "Buy it at evil-shop.com now", "an address"),
        ("caption", "Ask at 10.0.0.1 for a discount", "an address"),
        ("caption", "Write to me@evil.example", "an address"),
        ("caption", "<img src=x onerror=alert(1)> a bag", "markup"),
        ("caption", "＜script＞ a bag", "markup"),
        ("caption", "a **bold** bag", "markup"),
        ("caption", "[a bag](x)", "markup"),
        ("caption", "a bag\u202e gab", "cannot be seen"),
        ("caption", "a\x1b[31m bag", "cannot be seen"),
        ("caption", "a \ue000 bag", "cannot be seen"),
    ],
)
def test_what_was_not_allowed_is_refused_with_its_reason(
    field: str, value: object, why: str
) -> None:
    reading = read_answer(told(**{field: value}), ASKED)
    assert why in reading.refused[field]
    assert reading.values == {name: text for name, text in GOOD.items() if name != field}


def test_plain_words_of_many_scripts_are_taken() -> None:
    for words in (
        "条纹羊毛围巾。",
        "ein Schal, 1.5 m lang (50% Wolle)",
        "شال\u200cگردن",
        "Un café n°5",
    ):
        assert read_answer(told(caption=words), ASKED).values["caption"] == words
    assert read_answer(told(caption=" two\nlines "), ASKED).values["caption"] == "two lines"


def test_fields_that_nobody_asked_for_are_passed_over_and_told() -> None:
    reading = read_answer(told(price="0.01", **{"\x1b]0;": "x"}), ASKED)
    assert reading.values == GOOD
    assert reading.extra == ("'price'", "']0;'")


@pytest.mark.parametrize(
    "text", ["", "I cannot help with that.", '{"material": "Wo', "[1]", "[" * 9000, "x" * 30_000]
)
def test_no_answer_refuses_every_field(text: str) -> None:
    reading = read_answers([text], ASKED)
    assert set(reading.refused) == {"material", "pattern", "caption"}
    assert not reading.values


def test_a_second_answer_mends_the_first_and_takes_nothing_back() -> None:
    first = told(material="silk")
    second = json.dumps({"material": "Cotton", "pattern": "dotted", "caption": "unknown"})
    reading = read_answers([first, second], ASKED)
    assert reading.values == {**GOOD, "material": "Cotton"}
    assert (reading.refused, reading.unknown) == ({}, ())
    twice = read_answers([first, "no"], ASKED)
    assert twice.values == {"pattern": "striped", "caption": GOOD["caption"]}
    assert set(twice.refused) == {"material"}


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(answer=st.dictionaries(st.sampled_from([*GOOD, "price"]), JSON) | JSON | st.text())
def test_whatever_comes_only_allowed_values_go_on(answer: object) -> None:
    text = answer if isinstance(answer, str) else json.dumps(answer)
    reading = read_answers([text], ASKED)
    assert {*reading.values, *reading.unknown, *reading.refused} == set(GOOD)
    assert reading.values.get("material", "Wool") in {"Cotton", "Wool"}
    for name, longest in (("pattern", WORD_CHARS), ("caption", CAPTION_CHARS)):
        words = reading.values.get(name, "ok")
        assert 1 <= len(words) <= longest
        assert not set(words) & set("<>{}`[]\\|\n\r\t\x00")
        assert words[0] not in "=+-@"

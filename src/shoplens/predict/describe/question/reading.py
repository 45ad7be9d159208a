"""A model's text becomes checked values, or reasons: it is data, whoever made the model say it.

Only fields that were asked for, only labels that were given, or a few plain words: no markup, no
web addresses, no control characters, nothing that a spreadsheet would run.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from shoplens.catalogue.fields import fold
from shoplens.predict.describe.question.asking import (
    CAPTION,
    CAPTION_CHARS,
    JOINERS,
    UNKNOWN,
    WORD_CHARS,
    Asked,
    Field,
)
from shoplens.predict.describe.server.reply import Json, one_line, parse_object
from shoplens.predict.review.table import FORMULA

WHOLE = "answer"
"""Stands for a field where the whole answer is wrong."""
MOST_CHARS = 20_000
SHOWN_CHARS = 60
MOST_EXTRA = 5
Checked = tuple[str, str]
"""A value or, if there is a second, why it is refused; neither where the answer is unknown."""

_THOUGHTS = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL)
_FENCE = re.compile(r"\A```\w*\s*\n(.*?)\n?```\s*\Z", re.DOTALL)
_ADDRESS = re.compile(r"://|www\.|\S@\S|\b[\w-]{2,}\.[a-z]{2,24}\b|\d(\.\d+){3}", re.IGNORECASE)
_MARKUP = re.compile(r"[<>{}\[\]`\\|]|\*\*|__|&#?\w+;|javascript:|data:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reading:
    """What an answer tells: values by field, fields that it could not tell, reasons by field.

    ``extra`` names what it says without being asked, which is passed over.
    """

    values: Mapping[str, str] = field(default_factory=dict[str, str])
    unknown: tuple[str, ...] = ()
    refused: Mapping[str, str] = field(default_factory=dict[str, str])
    extra: tuple[str, ...] = ()


def read_answers(texts: Sequence[str], asked: Asked) -> Reading:
    """Read one answer, or the first and the second: what was good in the first stays."""
    readings = [read_answer(text, asked) for text in texts]
    values: dict[str, str] = {}
    refused: dict[str, str] = {}
    for one in readings:
        values = {**one.values, **values}
        refused |= one.refused
    seen = {name for one in readings for name in one.unknown} - values.keys()
    names = [one.name for one in asked.fields]
    open_names = [name for name in names if name not in values and name not in seen]
    whole = refused.get(WHOLE, "it is missing")
    return Reading(
        values,
        tuple(name for name in names if name in seen),
        {name: refused.get(name, whole) for name in open_names},
        tuple(dict.fromkeys(name for one in readings for name in one.extra)),
    )


def read_answer(text: str, asked: Asked) -> Reading:
    """Read one answer as it came, thoughts and fences around its JSON left out."""
    found = _object_in(text)
    if isinstance(found, str):
        return Reading(refused={WHOLE: found})
    values: dict[str, str] = {}
    unknown: list[str] = []
    refused: dict[str, str] = {}
    for one in asked.fields:
        value, why = _checked(found, one)
        if why:
            refused[one.name] = why
        elif value:
            values[one.name] = value
        else:
            unknown.append(one.name)
    wanted = {one.name for one in asked.fields}
    extra = [_shown(name) for name in found if name not in wanted]
    return Reading(values, tuple(unknown), refused, tuple(extra[:MOST_EXTRA]))


def _checked(found: Json, one: Field) -> Checked:
    told = found.get(one.name)
    if one.name not in found:
        return "", "it is missing"
    if told is None or (isinstance(told, str) and fold(told) in {"", UNKNOWN}):
        return "", ""
    if not isinstance(told, str):
        return "", f"it is {_shown(told)}; wanted text"
    return _label(told, one) if one.labels else _plain(told, one)


def _object_in(text: str) -> Json | str:
    if not text.strip():
        return "it is empty; if the model thinks, set llm.reasoning to none or raise llm.max_tokens"
    if len(text) > MOST_CHARS:
        return f"it has {len(text):,} characters; at most {MOST_CHARS:,} are read"
    bare = _THOUGHTS.sub("", text).strip()
    fenced = _FENCE.match(bare)
    bare = fenced[1] if fenced else bare
    found = parse_object(bare)
    if found is None:  # words around it: from the first brace to the last
        found = parse_object(bare[bare.find("{") : bare.rfind("}") + 1])
    return f"it holds no JSON object: {_shown(bare)}" if found is None else found


def _label(told: str, one: Field) -> Checked:
    """Take the label that was meant, in our spelling."""
    label = {fold(label): label for label in one.labels}.get(fold(told), "")
    return label, "" if label else f"{_shown(told)} is none of its labels"


def _plain(told: str, one: Field) -> Checked:
    """Take some plain words, white space made one."""
    words = " ".join(unicodedata.normalize("NFC", told).split())
    longest = CAPTION_CHARS if one.name == CAPTION else WORD_CHARS
    if len(words) > longest:
        return "", f"it has {len(words)} characters; at most {longest} are taken"
    if any(unicodedata.category(c).startswith("C") and c not in JOINERS for c in words):
        return "", "it holds characters that cannot be seen"
    folded = unicodedata.normalize("NFKC", words)
    if _ADDRESS.search(folded):
        return "", f"it holds an address: {_shown(words)}"
    if _MARKUP.search(folded) or folded.startswith(FORMULA):
        return "", f"it holds markup or a formula: {_shown(words)}"
    if not any(c.isalpha() for c in words):
        return "", f"there is no word in it: {_shown(words)}"
    return words, ""


def _shown(value: object) -> str:
    """Quote words from outside, cut and on one line."""
    line = one_line(str(value))
    return repr(line if len(line) <= SHOWN_CHARS else f"{line[:SHOWN_CHARS]}…")

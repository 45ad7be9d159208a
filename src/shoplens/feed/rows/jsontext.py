"""JSON as a stream of objects: one a line, or the elements of one large array."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Protocol, cast

from shoplens.feed.draft import BrokenOff, Place
from shoplens.feed.parse import clean, image_texts
from shoplens.feed.rows.text import MAX_LINE, Lines, LongLineError
from shoplens.types import Rejection

MAX_ELEMENT = 4_000_000
"""Longest element of an array that is read, characters."""
_CHUNK = 1 << 16
_MARKS = re.compile(r'["\\{}\[\],]')


@dataclass(frozen=True, slots=True)
class Item:
    """One JSON object and where it stands."""

    place: Place
    value: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Element:
    """The text of one array element; empty when it was too long."""

    place: Place
    text: str


def parse_json(text: str) -> object:
    """Decode with numbers as they are written, ``12.90``; line breaks in texts are let pass.

    Raises:
        ValueError: not JSON, or nested too deeply.
    """
    try:
        value: object = json.loads(
            text, parse_float=str, parse_int=str, parse_constant=str, strict=False
        )
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return value


def read_items(text: IO[str]) -> Iterator[Item | Rejection | BrokenOff]:
    """Objects of JSON lines, or of an array when the text begins with ``[``."""
    start, line = text.read(1), 1
    while start and (start.isspace() or start == "\ufeff"):
        line += start == "\n"
        start = text.read(1)
    if start == "[":
        for element in split_array(text, line):
            yield _decode(element) if isinstance(element, Element) else element
    elif start:
        lines = Lines(text)
        lines.push([start + text.readline(MAX_LINE - 1)])
        lines.number = line - 1
        yield from _read_lines(lines)


def _decode(element: Element) -> Item | Rejection:
    if not element.text:
        return Rejection(str(element.place), f"longer than {MAX_ELEMENT:,} characters")
    return _item(element.place, element.text)


def _item(place: Place, text: str) -> Item | Rejection:
    try:
        value = parse_json(text)
    except ValueError as error:
        return Rejection(str(place), f"not JSON: {error}")
    if not isinstance(value, dict):
        return Rejection(str(place), f"an object was expected, not {clean(text, 40)!r}")
    return Item(place, cast("Mapping[str, object]", value))


def _read_lines(lines: Lines) -> Iterator[Item | Rejection | BrokenOff]:
    while True:
        try:
            line = next(lines)
        except StopIteration:
            return
        except LongLineError as error:
            yield Rejection(f"line {lines.number}", str(error))
            continue
        if not line.strip("\ufeff \t\r\n\x00,"):
            continue
        item = _item(Place("line {line}", lines.number), line.strip("\ufeff\x00 \t\r\n"))
        if isinstance(item, Rejection) and not line.endswith(("\n", "\r")):
            yield BrokenOff(item.where, f"the feed breaks off: {item.reason}")
        else:
            yield item


class Readable(Protocol):
    """Where text comes from, a piece at a time."""

    def read(self, size: int, /) -> str:
        """Give about ``size`` characters, none at the end."""
        ...


def split_array(text: Readable, line: int = 1) -> Iterator[Element | BrokenOff]:
    """Elements of an array whose ``[`` was just read, found by their brackets alone.

    An element that is not JSON inside costs only itself. Memory: one element.
    """
    splitter = _Splitter(line)
    while not splitter.done:
        chunk = text.read(_CHUNK)
        if not chunk:
            reason = f"the feed breaks off inside its array, after {splitter.count} elements"
            yield BrokenOff(f"line {splitter.line}", reason)
            return
        yield from splitter.feed(chunk)


class _Splitter:
    """Counts brackets outside of strings."""

    def __init__(self, line: int) -> None:
        self.done = False
        self.count = 0
        self.line = line
        self._begun = line
        self._depth = 0
        self._in_string = False
        self._skip = -1
        self._held: list[str] = []
        self._size = 0

    def feed(self, chunk: str) -> Iterator[Element]:
        """Elements that end in this chunk."""
        start = 0
        for match in _MARKS.finditer(chunk):
            at = match.start()
            if at == self._skip or not self._ends(match[0], at):
                continue
            self._hold(chunk[start:at])
            start = at + 1
            element = self._take()
            if element is not None:
                yield element
            if self.done:
                return
        self._hold(chunk[start:])
        self._skip = 0 if self._skip == len(chunk) else -1

    def _ends(self, mark: str, at: int) -> bool:
        """Whether an element ends before this mark."""
        if mark == "\\":
            if self._in_string:
                self._skip = at + 1
        elif mark == '"':
            self._in_string = not self._in_string
        elif not self._in_string:
            if mark in "{[":
                self._depth += 1
            elif mark in "}]":
                self._depth -= 1
                self.done = self._depth < 0
            return self.done or (mark == "," and self._depth == 0)
        return False

    def _hold(self, text: str) -> None:
        if not self._size:
            bare = text.lstrip()
            self.line += text[: len(text) - len(bare)].count("\n")
            self._begun, text = self.line, bare
        self.line += text.count("\n")
        self._size += len(text)
        if self._size > MAX_ELEMENT:
            self._held = []
        else:
            self._held.append(text)

    def _take(self) -> Element | None:
        text, size = "".join(self._held).rstrip(), self._size
        self._held, self._size = [], 0
        if not size:
            return None
        self.count += 1
        return Element(Place("item {item} (line {line})", self._begun, self.count), text)


def flatten(value: Mapping[str, object]) -> dict[str, str | tuple[str, ...]]:
    """Cells of an object: inner objects become ``outer.inner``, lists of texts become tuples."""
    cells: dict[str, str | tuple[str, ...]] = {}
    for key, inner in value.items():
        if isinstance(inner, dict):
            for name, one in cast("Mapping[str, object]", inner).items():
                cells[f"{key}.{name}"] = _cell(one)
        else:
            cells[key] = _cell(inner)
    return cells


def _cell(value: object) -> str | tuple[str, ...]:
    if isinstance(value, list):
        return tuple(image_texts(cast("object", value)))
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else ""

"""Bytes become text: compression undone, encoding found, every line bounded."""

import codecs
import gzip
import io
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from shoplens.errors import FeedError

HEAD_BYTES = 1 << 18
SCAN_BYTES = 1 << 26
"""How far to look for a first byte that is not ASCII; past it the text is taken for UTF-8."""
MAX_LINE = 1_000_000
"""Longest line that is read, characters; a longer one is skipped without being held."""
MAX_UNPACKED = 1 << 35
"""Most bytes that a compressed feed may unpack to."""

_KNOWN = re.compile(
    r"(?i)utf-?(8|16|32)([-_]?(le|be|sig))?|(us-?)?ascii|gbk?|gb-?2312|gb-?18030|big5|"
    r"(iso|windows|cp)-?_?[0-9]+(-[0-9]+)?|latin-?1|shift[_-]?jis|euc-(jp|kr)|koi8-[ru]|mac-?roman"
)
_WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "iso8859-1": "cp1252", "ascii": ""}
_DECLARED = re.compile(rb"""(?:encoding|charset)\s*=\s*["']?\s*([A-Za-z0-9_\-]+)""")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_PAIRS = re.compile(
    rb"[\x81-\xfe][0-9][\x81-\xfe][0-9]|[\x81-\xfe][\x40-\x7e\x80-\xfe]|[\x80-\xff]"
)


class Source:
    """A feed's file: reread from the start by every ``bytes`` or ``text``, gzip undone.

    ``failure`` is not empty once reading broke off early; what was read until then is good.
    """

    def __init__(self, path: Path, encoding: str = "") -> None:
        self.path = path
        self.failure = ""
        self._raw: IO[bytes] | None = None
        self._consumed = 0
        try:
            self.size_bytes = path.stat().st_size
            with path.open("rb") as file:
                self._packed = file.read(2) == b"\x1f\x8b"
        except OSError as error:
            raise FeedError(f"the feed {path} cannot be read: {error.strerror}") from error
        with self.bytes() as stream:
            self.head = stream.read(HEAD_BYTES)
        self.encoding = _named(encoding) if encoding else self._find_encoding()
        self._consumed = 0

    def position(self) -> int:
        """Bytes of the file consumed so far, compressed ones where it is."""
        raw = self._raw
        if raw is not None and not raw.closed:
            self._consumed = raw.tell()
        return min(self._consumed, self.size_bytes)

    def bytes(self) -> io.BufferedReader:
        """The content from its start; the caller closes it."""
        self.failure = ""
        self._raw = self.path.open("rb", buffering=0)
        return io.BufferedReader(_Tolerant(self, self._raw, packed=self._packed), 1 << 16)

    def text(self) -> io.TextIOWrapper:
        """The decoded content from its start, newlines as they are; the caller closes it."""
        return io.TextIOWrapper(self.bytes(), encoding=self.encoding, errors="replace", newline="")

    @property
    def head_text(self) -> str:
        """The first characters, for finding out what this is."""
        decoder = codecs.getincrementaldecoder(self.encoding)("replace")
        return decoder.decode(self.head, final=False)

    def _find_encoding(self) -> str:
        for mark, encoding in _BOMS:
            if self.head.startswith(mark):
                return encoding
        if self.head[:4096].lstrip().startswith(b"<"):
            match = _DECLARED.search(self.head[:4096])
            declared = _named(match[1].decode("ascii"), strict=False) if match else ""
            if declared and not declared.startswith("utf"):
                return declared
        with self.bytes() as stream:
            scanned = 0
            while (chunk := stream.read(HEAD_BYTES)) and scanned < SCAN_BYTES:
                if not chunk.isascii() or b"\x00" in chunk[:4096]:
                    return guess_encoding(chunk)
                scanned += len(chunk)
        return "utf-8"


class _Tolerant(io.RawIOBase):
    """Reads a file, unpacking it; a failure in the middle is noted and ends the stream."""

    def __init__(self, source: Source, raw: IO[bytes], *, packed: bool) -> None:
        self._source = source
        self._raw = raw
        self._inner: IO[bytes] | gzip.GzipFile = gzip.GzipFile(fileobj=raw) if packed else raw
        self._packed = packed
        self._produced = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview") -> int:  # pyright: ignore[reportIncompatibleMethodOverride] the base names a type of typeshed
        try:
            data = self._inner.read(len(buffer))
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            self._source.failure = f"the compressed file breaks off: {error}"
            return 0
        except OSError as error:
            self._source.failure = f"the file cannot be read any further: {error.strerror or error}"
            return 0
        self._produced += len(data)
        if self._packed and self._produced > MAX_UNPACKED:
            self._source.failure = f"the file unpacks to more than {MAX_UNPACKED >> 30} GB"
            return 0
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._source.position()
            if self._inner is not self._raw:
                self._inner.close()
            self._raw.close()
        super().close()


def _named(encoding: str, *, strict: bool = True) -> str:
    """The codec of that name, or the wider one that web browsers take for it."""
    if _KNOWN.fullmatch(encoding):
        try:
            name = codecs.lookup(encoding).name
            return _WIDER.get(name, name)
        except LookupError:
            pass
    if strict:
        raise FeedError(
            f"no text encoding is called {encoding!r}; there are utf-8, utf-16, gb18030, "
            "windows-1252, big5, shift_jis and others"
        )
    return ""


def guess_encoding(chunk: bytes) -> str:
    """UTF-8, UTF-16, GB18030 or Windows-1252, from a stretch that is not plain ASCII.

    UTF-8 may hold some bad bytes: other encodings look like it by chance only. GB18030 is told by
    its pairs: most characters of Chinese text are in the first level of GB 2312 (lead byte B0 to
    D7, trail from A1).
    """
    wide = _guess_utf16(chunk)
    if wide:
        return wide
    decoded = codecs.getincrementaldecoder("utf-8")("replace").decode(chunk, final=False)
    bad = decoded.count("\ufffd")
    good = sum(1 for c in decoded if c > "\x7f") - bad
    if bad * 2 <= good:
        return "utf-8"
    found = [m.group() for m in _PAIRS.finditer(chunk)]
    common = sum(
        1
        for pair in found
        if len(pair) == 2
        and pair[1] >= 0xA1
        and (0xB0 <= pair[0] <= 0xD7 or pair[0] in (0xA1, 0xA3))
    )
    return "gb18030" if common > 0.6 * len(found) else "cp1252"


def _guess_utf16(chunk: bytes) -> str:
    """Text of mostly ASCII in UTF-16 has a NUL in every other byte."""
    sample = chunk[:4096]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    half = len(sample) / 2
    if odd > 0.3 * half and even < 0.05 * half:
        return "utf-16-le"
    return "utf-16-be" if even > 0.3 * half and odd < 0.05 * half else ""


class LongLineError(Exception):
    """A line that is not held in memory; its number is that of the reader."""


class Lines(Iterator[str]):
    """Physical lines with their newlines, counted from 1; ``push`` gives some back.

    Raises:
        LongLineError: from ``next``, for a line over ``MAX_LINE``; the line has been skipped.
    """

    def __init__(self, text: IO[str]) -> None:
        self.number = 0
        self._text = text
        self._pushed: list[str] = []

    def __next__(self) -> str:
        line = self._pushed.pop() if self._pushed else self._text.readline(MAX_LINE)
        if not line:
            raise StopIteration
        self.number += 1
        if len(line) == MAX_LINE and not line.endswith(("\n", "\r")):
            while (rest := self._text.readline(MAX_LINE)) and not rest.endswith(("\n", "\r")):
                pass
            raise LongLineError(f"the line is longer than {MAX_LINE:,} characters")
        return line

    def push(self, lines: list[str]) -> None:
        """Give ``lines``, the last ones read, back."""
        self._pushed.extend(reversed(lines))
        self.number -= len(lines)

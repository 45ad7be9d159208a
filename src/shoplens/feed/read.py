"""A feed is opened: its kind found from its content, its columns understood, its rows streamed."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

from shoplens.errors import FeedError
from shoplens.feed.dialects import google
from shoplens.feed.dialects.folder import open_folder
from shoplens.feed.dialects.jsonld import open_jsonld
from shoplens.feed.dialects.plain import open_csv, open_jsonl
from shoplens.feed.dialects.shopify import is_shopify, open_shopify
from shoplens.feed.dialects.woocommerce import is_woocommerce, open_woocommerce
from shoplens.feed.draft import BrokenOff, Reading, settle
from shoplens.feed.mapping import plain_name
from shoplens.feed.rows.table import find_layout
from shoplens.feed.rows.text import Source
from shoplens.plugins import load
from shoplens.types import Product, Rejection

MAPPED = {
    "csv": open_csv,
    "jsonl": open_jsonl,
    "google-xml": google.open_xml,
    "google-tsv": google.open_table,
}
FIXED = {"shopify": open_shopify, "woocommerce": open_woocommerce, "json-ld": open_jsonld}
PARQUET = {"parquet": "shoplens.feed.dialects.parquet:open_parquet"}
KINDS = (*MAPPED, *PARQUET, *FIXED, "folder")

_FOREIGN = (
    (b"PK\x03\x04", "a ZIP archive or an Excel workbook; save its sheet as CSV"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook; save its sheet as CSV"),
    (b"%PDF", "a PDF"),
    (b"\xff\xd8\xff", "a JPEG image; give its folder instead"),
    (b"\x89PNG", "a PNG image; give its folder instead"),
    (b"GIF8", "a GIF image; give its folder instead"),
    (b"RIFF", "an image, sound or film"),
    (b"SQLite format 3", "an SQLite database"),
    (b"7z\xbc\xaf", "a 7z archive; unpack it first"),
    (b"BZh", "bzip2; unpack it first, or use gzip"),
    (b"\xfd7zXZ", "xz; unpack it first, or use gzip"),
    (b"\x28\xb5\x2f\xfd", "zstd; unpack it first, or use gzip"),
)


class Feed:
    """A feed that was understood and can be read once.

    ``mapping`` is field -> column, as guessed or given; ``ignored`` names columns that are not
    used. A Rejection that has a ``product_id`` and follows its Product means that only the field
    it names was dropped. ``size_bytes`` is 0 where it is not known, as for a folder.
    """

    def __init__(self, kind: str, reading: Reading, source: Source | None) -> None:
        self.kind = kind
        self.mapping = reading.mapping
        self.ignored = reading.ignored
        self.encoding = source.encoding if source and kind not in PARQUET else ""
        self.size_bytes = source.size_bytes if source else 0
        self.complete = False
        """True once ``records`` came to a proper end: nothing was cut, nothing was unreadable."""
        self._reading = reading
        self._source = source
        self._records = self._read()

    @property
    def records(self) -> Iterator[Product | Rejection]:
        """What is left to read, in order; memory does not grow with the feed."""
        return self._records

    def position(self) -> int:
        """Bytes consumed so far; a finished feed is at its end."""
        return self.size_bytes if self.complete or not self._source else self._source.position()

    def _read(self) -> Iterator[Product | Rejection]:
        broken = False
        for one in settle(self._reading.found()):
            if isinstance(one, BrokenOff):
                broken = True
                yield Rejection(one.where, one.reason)
            else:
                yield one
        if self._source is not None and self._source.failure:
            broken = True
            yield Rejection(self._source.path.name, self._source.failure)
        self.complete = not broken


def open_feed(
    path: Path,
    *,
    kind: str = "",
    mapping: Mapping[str, str] | None = None,
    encoding: str = "",
    now: datetime | None = None,
) -> Feed:
    """Open a feed; without ``kind`` its content decides, without ``encoding`` its bytes.

    ``mapping`` is field -> column and beats what would be guessed. With ``now``, a sale price
    counts only within its dates.

    Raises:
        FeedError: it cannot be read, its kind cannot be told, or columns it needs are missing.
        MissingExtraError: Parquet needs an optional package.
    """
    given = dict(mapping or {})
    if kind and kind not in KINDS:
        raise FeedError(f"no kind of feed is called {kind!r}; there are {', '.join(KINDS)}")
    if not path.exists():
        raise FeedError(f"there is no feed at {path}")
    if path.is_dir():
        if kind not in ("", "folder") or given:
            raise FeedError(f"{path} is a folder; it has no columns and is no {kind or 'table'}")
        return Feed("folder", open_folder(path), None)
    if kind == "folder" or not path.is_file():
        raise FeedError(f"{path} is no {'folder' if kind == 'folder' else 'regular file'}")
    source = Source(path, encoding)
    kind = kind or find_kind(source)
    return Feed(kind, _open(source, kind, given, now), source)


def _open(source: Source, kind: str, given: Mapping[str, str], now: datetime | None) -> Reading:
    if kind in MAPPED:
        return MAPPED[kind](source, given, now)
    if kind in PARQUET:
        open_parquet: Callable[[Source, Mapping[str, str], datetime | None], Reading]
        open_parquet = load("feed", kind, PARQUET)
        return open_parquet(source, given, now)
    if given:
        raise FeedError(
            f"a {kind} feed has its own columns, a mapping does not apply to it; it does to "
            f"{', '.join((*MAPPED, *PARQUET))}: give one of these as the kind"
        )
    return FIXED[kind](source, now)


def find_kind(source: Source) -> str:
    """Tell the kind from the first bytes.

    Raises:
        FeedError: it is something else; the message says what it looks like.
    """
    if source.head.startswith(b"PAR1"):
        return "parquet"
    for magic, what in _FOREIGN:
        if source.head.startswith(magic):
            raise _unsupported(source, what)
    text = source.head_text.lstrip("\ufeff \t\r\n")
    if not text:
        raise FeedError(f"{source.path.name} is empty")
    if text.startswith("<"):
        return _markup_kind(source, text)
    return _json_kind(source, text) if text[0] in "{[" else _table_kind(source, text)


def _unsupported(source: Source, what: str) -> FeedError:
    return FeedError(f"{source.path.name} is {what}; feeds are {', '.join(KINDS)}")


def _markup_kind(source: Source, text: str) -> str:
    folded = text.casefold()
    if any(mark in folded[:20_000] for mark in ("<rss", "<feed", "<channel", "<rdf:rdf")):
        return "google-xml"
    if "<html" in folded or "<!doctype html" in folded[:200] or "application/ld+json" in folded:
        return "json-ld"
    if "<item" in folded or "<entry" in folded:
        return "google-xml"
    raise _unsupported(source, "XML or HTML without <rss>, <feed> or JSON-LD in it")


def _json_kind(source: Source, text: str) -> str:
    """JSON-LD says ``@context``, ``@type`` or ``@graph`` in its first object."""
    if any(f'"{key}"' in text[:20_000] for key in ("@context", "@graph", "@type")):
        return "json-ld"
    first = text.splitlines()[0].rstrip()
    if text[0] == "[" or first.endswith("}") or len(first) > 10_000:
        return "jsonl"
    raise _unsupported(source, "JSON, but neither an object a line, an array, nor JSON-LD")


def _table_kind(source: Source, text: str) -> str:
    if sum(c < " " and c not in "\t\r\n" for c in text[:4096]) > len(text[:4096]) * 0.1:
        raise _unsupported(source, "no text, or text in an encoding that is not known")
    columns = find_layout(source).columns
    if is_shopify(columns):
        return "shopify"
    if is_woocommerce(columns):
        return "woocommerce"
    plain = {plain_name(column) for column in columns}
    ours = len(plain & {plain_name(name) for name in google.NAMES})
    return "google-tsv" if ours >= 6 and {"id", "title", "imagelink", "link"} <= plain else "csv"

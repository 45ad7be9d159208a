"""What a reader hands over: a product with its place and its problems, before ids are compared.

Readers fill a ``Raw`` with texts as they stand in the feed; ``build`` is the one place where texts
become a clean ``Product``. ``settle`` then keeps the first of every id and refuses the others.
"""

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from hashlib import blake2b

from shoplens.feed.parse import (
    Price,
    clean,
    parse_currency,
    parse_popularity,
    parse_price,
    parse_stock,
    plain_title,
    sale_is_on,
    strip_html,
)
from shoplens.types import Product, Rejection

MAX_ID = 200
MAX_IMAGES = 256
"""A product's images are numbered by one byte in a store's rows."""
MAX_URL = 4000


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row stands; ``pattern`` is written with ``{line}`` and ``{item}``."""

    pattern: str
    line: int
    item: int = 0

    def __str__(self) -> str:
        return self.pattern.format(line=self.line, item=self.item)


@dataclass(frozen=True, slots=True)
class Raw:
    """One product's texts as they stand in the feed."""

    product_id: str
    title: str
    description: str = ""
    brand: str = ""
    category: tuple[str, ...] = ()
    group_id: str = ""
    price: str = ""
    sale_price: str = ""
    sale_dates: tuple[str, ...] = ()
    currency: str = ""
    in_stock: str = ""
    url: str = ""
    gtin: str = ""
    mpn: str = ""
    images: Sequence[str] = ()
    attributes: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    popularity: str = ""
    spare_id: str = ""
    """What to call the product when another has taken its ``product_id``."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A product that has all it needs; each of its ``problems`` cost it one field."""

    place: Place
    product: Product
    problems: tuple[str, ...] = ()
    spare_id: str = ""


@dataclass(frozen=True, slots=True)
class BrokenOff:
    """The feed ends before its end, or a part of it cannot be read: what is gone is unknown."""

    where: str
    reason: str


Found = Draft | Rejection | BrokenOff


@dataclass(frozen=True, slots=True)
class Reading:
    """A feed that was understood: how its columns are used, and a way to read it once."""

    mapping: Mapping[str, str]
    ignored: tuple[str, ...]
    found: Callable[[], Iterator[Found]]


def build(place: Place, raw: Raw, now: datetime | None = None) -> Draft | Rejection:
    """Clean and parse every field; without id or title there is no product."""
    product_id = clean(raw.product_id, MAX_ID + 1)
    title = plain_title(raw.title)
    reason = _refusal(product_id, title)
    if reason:
        return Rejection(str(place), reason, product_id[:MAX_ID])
    problems: list[str] = []
    price, sale_price, currency = _prices(raw, now, problems)
    description = strip_html(raw.description)
    if "\ufffd" in title or "\ufffd" in description:
        problems.append("the text has characters that do not fit the feed's encoding")
    product = Product(
        product_id=product_id,
        title=title,
        description=description,
        brand=plain_title(raw.brand)[:200],
        category=tuple(level for part in raw.category if (level := plain_title(part)[:200])),
        group_id=clean(raw.group_id, MAX_ID),
        price=price,
        sale_price=sale_price,
        currency=currency,
        in_stock=_stock(raw.in_stock, problems),
        url=clean(raw.url, MAX_URL),
        gtin=clean(raw.gtin, 50),
        mpn=clean(raw.mpn, 100),
        images=_images(raw.images, problems),
        attributes=_attributes(raw.attributes),
        popularity=_popularity(raw.popularity, problems),
    )
    return Draft(place, product, tuple(problems), clean(raw.spare_id, MAX_ID))


def _refusal(product_id: str, title: str) -> str:
    if not product_id:
        return "the product has no id"
    if len(product_id) > MAX_ID:
        return f"the id is longer than {MAX_ID} characters"
    return "" if title else "the product has no title"


def _prices(
    raw: Raw, now: datetime | None, problems: list[str]
) -> tuple[Decimal | None, Decimal | None, str]:
    """Price and sale price; a sale that is none, or not at this time, is no sale."""
    full = _price("price", raw.price, problems)
    sale = None
    if raw.sale_price.strip() and sale_is_on(raw.sale_dates, now):
        sale = _price("sale_price", raw.sale_price, problems)
    if full is None and sale is not None and not raw.price.strip():
        full, sale = sale, None
    currency = parse_currency(raw.currency) or next((p.currency for p in (full, sale) if p), "")
    price = full.amount if full else None
    lower = sale.amount if sale and (price is None or sale.amount < price) else None
    return price, lower, currency


def _price(name: str, cell: str, problems: list[str]) -> Price | None:
    if not cell.strip():
        return None
    price = parse_price(cell)
    if isinstance(price, str):
        problems.append(f"{name} {price}; the product is kept without it")
        return None
    return price


def _popularity(cell: str, problems: list[str]) -> float | None:
    if not cell.strip():
        return None
    popularity = parse_popularity(cell)
    if isinstance(popularity, str):
        problems.append(f"popularity {popularity}; the product is kept without it")
        return None
    return popularity


def _stock(cell: str, problems: list[str]) -> bool:
    if not cell.strip():
        return True
    in_stock = parse_stock(cell)
    if in_stock is None:
        problems.append(f"availability {clean(cell, 60)!r} is not understood; taken to be in stock")
    return in_stock is not False


def _images(sources: Sequence[str], problems: list[str]) -> tuple[str, ...]:
    kept: dict[str, None] = {}
    for source in sources:
        # Paths keep their inner spaces and their Unicode form: both may be part of a file's name.
        text = source.strip().strip("\ufeff\x00")
        if not text:
            continue
        if not text.isprintable() or len(text) > MAX_URL or text.startswith("data:"):
            problems.append(f"image {clean(text, 60)!r} is neither a path nor a URL; left out")
        else:
            kept[text] = None
    if len(kept) > MAX_IMAGES:
        problems.append(f"{len(kept)} images, of which the first {MAX_IMAGES} are kept")
    return tuple(kept)[:MAX_IMAGES]


def _attributes(raw: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    attributes: dict[str, tuple[str, ...]] = {}
    for name, values in raw.items():
        kept = [value for one in values if (value := clean(one, 200))]
        if kept and (key := clean(name, 100)):
            attributes[key] = tuple(dict.fromkeys((*attributes.get(key, ()), *kept)))
    return attributes


def merge_rows(found: Iterable[Found]) -> Iterator[Found]:
    """Join consecutive rows of one id that differ only in images and attributes.

    Some feeds have a row per picture. A row joins the one before it when it brings a new image
    and every other field is equal; values of attributes are united. Memory: one product.
    """
    last: Draft | None = None
    for one in found:
        if last is not None and isinstance(one, Draft):
            joined = _join(last, one)
            if joined is not None:
                last = joined
                continue
        if last is not None:
            yield last
        last = one if isinstance(one, Draft) else None
        if last is None:
            yield one
    if last is not None:
        yield last


def _join(first: Draft, second: Draft) -> Draft | None:
    ours, theirs = first.product, second.product
    if ours.product_id != theirs.product_id:
        return None
    alike = replace(theirs, images=ours.images, attributes=ours.attributes) == ours
    if not alike or set(theirs.images) <= set(ours.images):
        return None
    names = dict.fromkeys((*ours.attributes, *theirs.attributes))
    united = {n: (*ours.attributes.get(n, ()), *theirs.attributes.get(n, ())) for n in names}
    problems = list(dict.fromkeys((*first.problems, *second.problems)))
    images = _images((*ours.images, *theirs.images), problems)
    product = replace(ours, images=images, attributes=_attributes(united))
    return replace(first, product=product, problems=tuple(dict.fromkeys(problems)))


class Seen:
    """Remembers where an id first stood: 16 bytes and a free slot an id, 32 MB for a million.

    Ids are kept as 64-bit hashes (open addressing, linear probing); two of a million ids share
    one with probability 3e-8.
    """

    def __init__(self) -> None:
        self._keys = array("Q", [0]) * 1024
        self._places = array("Q", [0]) * 1024
        self._used = 0

    def first(self, product_id: str, place: Place) -> Place | None:
        """Where ``product_id`` stood before, or None after noting that it stands at ``place``."""
        digest = blake2b(product_id.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        key = int.from_bytes(digest, "little") or 1
        slot = self._slot(key)
        if self._keys[slot]:
            packed = self._places[slot]
            return Place(place.pattern, packed & (1 << 40) - 1, packed >> 40)
        self._keys[slot] = key
        self._places[slot] = min(place.line, (1 << 40) - 1) | min(place.item, (1 << 24) - 1) << 40
        self._used += 1
        if self._used * 3 > len(self._keys) * 2:
            self._grow()
        return None

    def _slot(self, key: int) -> int:
        keys, mask = self._keys, len(self._keys) - 1
        slot = key & mask
        while keys[slot] and keys[slot] != key:
            slot = (slot + 1) & mask
        return slot

    def _grow(self) -> None:
        keys, places = self._keys, self._places
        self._keys = array("Q", [0]) * (2 * len(keys))
        self._places = array("Q", [0]) * (2 * len(keys))
        for key, packed in zip(keys, places, strict=True):
            if key:
                slot = self._slot(key)
                self._keys[slot], self._places[slot] = key, packed


def settle(found: Iterable[Found]) -> Iterator[Product | Rejection | BrokenOff]:
    """Keep the first product of every id; later ones become Rejections that name its place.

    A product's problems follow it as Rejections with its id: only that field was dropped.
    """
    seen = Seen()
    for one in found:
        if not isinstance(one, Draft):
            yield one
            continue
        product = one.product
        earlier = seen.first(product.product_id, one.place)
        if earlier is not None and one.spare_id:
            product = replace(product, product_id=one.spare_id)
            earlier = seen.first(product.product_id, one.place)
        if earlier is not None:
            reason = f"the id {product.product_id!r} was taken at {earlier}; that one is kept"
            yield Rejection(str(one.place), reason, product.product_id)
            continue
        yield product
        for problem in one.problems:
            yield Rejection(str(one.place), problem, product.product_id)

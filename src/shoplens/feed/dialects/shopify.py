"""Shopify's product CSV, in its old and its new dialect: one product a variant.

Rows of one handle stand together; the first has the title, further ones add a variant, an image
or both. Drafts and unpublished products are refused: a shop does not want them found.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal

from shoplens.feed.draft import BrokenOff, Found, Place, Raw, Reading, build
from shoplens.feed.mapping import attribute_name, names_popularity, plain_name
from shoplens.feed.parse import Price, clean, parse_price, parse_stock, split_path, split_values
from shoplens.feed.rows.table import Layout, TableRow, find_layout, read_rows
from shoplens.feed.rows.text import Source
from shoplens.types import Rejection

MAX_ROWS = 5000
"""Most rows of one handle; Shopify itself allows 2,048 variants and 250 images."""

# Field -> header in the old and the new dialect, as plain names.
_HEADERS: dict[str, tuple[str, ...]] = {
    "handle": ("handle", "urlhandle"),
    "title": ("title",),
    "body": ("bodyhtml", "description"),
    "vendor": ("vendor",),
    "category": ("productcategory",),
    "type": ("type",),
    "tags": ("tags",),
    "published": ("published", "publishedononlinestore"),
    "status": ("status",),
    "sku": ("variantsku", "sku"),
    "barcode": ("variantbarcode", "barcode"),
    "price": ("variantprice", "price"),
    "compare": ("variantcompareatprice", "compareatprice"),
    "tracker": ("variantinventorytracker", "inventorytracker"),
    "quantity": ("variantinventoryqty", "inventoryquantity"),
    "policy": ("variantinventorypolicy", "continuesellingwhenoutofstock"),
    "image": ("imagesrc", "productimageurl"),
    "image_position": ("imageposition",),
    "variant_image": ("variantimage", "variantimageurl"),
    "mpn": ("googleshoppingmpn",),
    "gender": ("googleshoppinggender",),
    "age_group": ("googleshoppingagegroup",),
} | {
    f"option{n}_{part}": (f"option{n}{part}",) for n in (1, 2, 3) for part in ("name", "value")
}  # fmt: skip
_VARIANT = ("sku", "price", "option1_value", "option2_value", "option3_value", "barcode")
_METAFIELD = re.compile(r"(.+) \((?:product|variant)\.metafields\.[^)]*\)")

Cells = Mapping[str, str]
HandleRow = tuple[int, Cells]


def is_shopify(columns: tuple[str, ...]) -> bool:
    """Whether a header is Shopify's: a handle, and columns that only Shopify calls so."""
    names = {plain_name(column) for column in columns}
    telling = {"variantsku", "variantprice", "option1name", "option1value", "bodyhtml", "imagesrc"}
    return "title" in names and (
        ("urlhandle" in names and bool(names & {"option1name", "sku", "price", "productimageurl"}))
        or ("handle" in names and bool(names & telling))
    )


def open_shopify(source: Source, now: datetime | None) -> Reading:
    """Both dialects; the headers decide."""
    layout = find_layout(source)
    by_plain = {plain_name(column): column for column in reversed(layout.columns)}
    mapping = {
        field: by_plain[name]
        for field, names in _HEADERS.items()
        for name in names
        if name in by_plain
    }
    for column in layout.columns:
        metafield = _METAFIELD.fullmatch(column)
        if metafield:
            popular = names_popularity(metafield[1])
            field = "popularity" if popular else f"attributes.{attribute_name(metafield[1])}"
            mapping[field] = column
    used = set(mapping.values())

    def found() -> Iterator[Found]:
        for one in _groups(source, layout, mapping):
            if isinstance(one, list):
                yield from _products(one, now)
            else:
                yield one

    return Reading(mapping, tuple(c for c in layout.columns if c not in used), found)


def _groups(
    source: Source, layout: Layout, mapping: Mapping[str, str]
) -> Iterator[list[HandleRow] | Rejection | BrokenOff]:
    """Consecutive rows of one handle; memory: those of one handle."""
    places = {field: layout.columns.index(column) for field, column in mapping.items()}
    group: list[HandleRow] = []
    for row in read_rows(source, layout):
        if isinstance(row, BrokenOff) and group:
            yield _cut(group)
            group = []
        if not isinstance(row, TableRow):
            yield row
            continue
        cells = {field: row.cells[at].strip() for field, at in places.items()}
        cells["handle"] = cells["handle"] or _handle(cells.get("title", ""), group)
        if not cells["handle"]:
            yield Rejection(f"line {row.line}", "the row has neither a handle nor a title")
            continue
        if group and cells["handle"] != group[0][1]["handle"]:
            yield group
            group = []
        if len(group) < MAX_ROWS:
            group.append((row.line, cells))
        else:
            yield Rejection(f"line {row.line}", f"row {MAX_ROWS + 1} or later of one handle")
    if group:
        yield _cut(group) if source.failure else group


def _handle(title: str, group: list[HandleRow]) -> str:
    """A row without handle: made from its title as Shopify does, else it continues the last."""
    made = re.sub(r"\W+", "-", title.casefold()).strip("-")
    return made or (group[0][1]["handle"] if group else "")


def _cut(group: list[HandleRow]) -> Rejection:
    line, cells = group[0]
    reason = "the feed breaks off here, perhaps within the rows of this handle"
    return Rejection(f"line {line}", reason, clean(cells["handle"], 200))


def _products(rows: list[HandleRow], now: datetime | None) -> Iterator[Found]:
    line, first = rows[0]
    handle = first["handle"]
    refusal = _refusal(first)
    if refusal:
        yield Rejection(f"line {line}", refusal, clean(handle, 200))
        return
    images = _images(rows)
    names = [_cell(first, f"option{n}_name") for n in (1, 2, 3)]
    variants = [row for row in rows if any(_cell(row[1], field) for field in _VARIANT)] or rows[:1]
    skus = [_sku(cells) for _, cells in variants]
    for (at, cells), sku in zip(variants, skus, strict=True):
        options = _options(names, cells)
        own = ":".join([handle, *(value for _, value in options)])
        price, sale = _prices(cells)
        raw = Raw(
            product_id=sku if sku and skus.count(sku) == 1 else own,
            spare_id=own,
            title=first["title"],
            description=_cell(first, "body"),
            brand=_cell(first, "vendor"),
            category=split_path(_cell(first, "category")) or split_path(_cell(first, "type")),
            group_id=handle,
            price=price,
            sale_price=sale,
            in_stock=_stock(cells),
            gtin=_cell(cells, "barcode").lstrip("'"),
            mpn=_cell(cells, "mpn") or _cell(first, "mpn"),
            images=[_cell(cells, "variant_image"), *images],
            attributes=_attributes(first, cells, options),
            popularity=_cell(cells, "popularity") or _cell(first, "popularity"),
        )
        yield build(Place("line {line}", at), raw, now)


def _cell(cells: Cells, field: str) -> str:
    return cells.get(field, "")


def _refusal(first: Cells) -> str:
    handle, title = first["handle"], _cell(first, "title")
    if not title:
        return f"no title: no row with one begins the handle {clean(handle, 200)!r} here"
    status = _cell(first, "status").casefold()
    if status in {"draft", "archived", "unlisted"}:
        return f"not for sale: its status is {status!r}"
    if _cell(first, "published").casefold() in {"false", "no", "0"}:
        return "not for sale: it is not published"
    return ""


def _sku(cells: Cells) -> str:
    """Shopify exports a numeric SKU with an apostrophe, so that spreadsheets keep its zeros."""
    return clean(_cell(cells, "sku").lstrip("'"))


def _images(rows: list[HandleRow]) -> list[str]:
    """The handle's images in order of their position, those without one in order of rows."""
    numbered: list[tuple[int, str]] = []
    for _, cells in rows:
        position = _cell(cells, "image_position")
        order = int(position) if position.isdecimal() and position.isascii() else MAX_ROWS
        if _cell(cells, "image"):
            numbered.append((order, _cell(cells, "image")))
    return [image for _, image in sorted(numbered, key=lambda one: one[0])]


def _options(names: list[str], cells: Cells) -> list[tuple[str, str]]:
    """Name and value of each option; a product without options has ``Default Title``."""
    options: list[tuple[str, str]] = []
    for number, name in enumerate(names, start=1):
        value = clean(_cell(cells, f"option{number}_value"))
        own_name = _cell(cells, f"option{number}_name") or name
        if value and (own_name.casefold(), value.casefold()) != ("title", "default title"):
            options.append((own_name or f"option {number}", value))
    return options


def _attributes(
    first: Cells, cells: Cells, options: list[tuple[str, str]]
) -> dict[str, tuple[str, ...]]:
    """What the variant itself says wins over what the product says about all its variants."""
    kept: dict[str, tuple[str, ...]] = {}
    for field in first:
        if field.startswith("attributes."):
            kept[field.removeprefix("attributes.")] = split_values(
                _cell(cells, field) or first[field], ";"
            )
    for field in ("gender", "age_group"):
        kept[field] = split_values(_cell(cells, field) or _cell(first, field), "")
    kept["tags"] = split_values(_cell(first, "tags"), ",")
    if _cell(first, "category"):
        kept["type"] = split_values(_cell(first, "type"), "")
    for name, value in options:
        kept[attribute_name(name)] = (value,)
    return {name: values for name, values in kept.items() if values}


def _prices(cells: Cells) -> tuple[str, str]:
    """Compare-at above the price is the full price, and the price a sale."""
    price, compare = _cell(cells, "price"), _cell(cells, "compare")
    now, before = _amount(price), _amount(compare)
    if now is not None and before is not None and before > now:
        return compare, price
    return price, ""


def _amount(cell: str) -> Decimal | None:
    price = parse_price(cell) if cell else ""
    return price.amount if isinstance(price, Price) else None


def _stock(cells: Cells) -> str:
    """Out of stock only where stock is tracked, used up, and selling on is denied."""
    quantity = _cell(cells, "quantity")
    denied = _cell(cells, "policy").casefold() in {"", "deny", "false", "no"}
    tracked = bool(_cell(cells, "tracker"))
    return "0" if quantity and tracked and denied and parse_stock(quantity) is False else ""

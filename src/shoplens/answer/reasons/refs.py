"""What a map compares a product with, as one part of an address: ``/v1/maps/REF/HASH.webp``.

    q-Zk3…              a query picture that is remembered
    q-Zk3…~0.1,0,0.5,1  what a box in it holds: left, top, right, bottom
    p-1042              a product of the shop
    w-red~20shoes       words, for an encoder of words and pictures in one space

Only letters, digits and ``-_.~,`` are written, which no proxy touches: other bytes of UTF-8 are
``~`` and two hexadecimal digits.
"""

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

from shoplens.errors import NotFoundError
from shoplens.regions.box import Box

MAX_WORDS = 200
"""Characters of the words in an address; what they ask for stands at their beginning."""

_PHOTO = re.compile(r"(q-[A-Za-z0-9_-]{1,80})(?:~([^~]+))?")


@dataclass(frozen=True, slots=True)
class PhotoRef:
    """A remembered query picture, or what ``box`` in it holds."""

    query_image_id: str
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class ProductRef:
    """A product of the shop, by its pictures."""

    product_id: str


@dataclass(frozen=True, slots=True)
class WordsRef:
    """A visitor's words."""

    text: str


Ref = PhotoRef | ProductRef | WordsRef


def write_ref(ref: Ref) -> str:
    """Write ``ref`` so that it may stand between two slashes; words are cut to 200 characters."""
    match ref:
        case PhotoRef(query_image_id, box):
            return f"{query_image_id}~{_sides(box)}" if box else query_image_id
        case ProductRef(product_id):
            return f"p-{_escaped(product_id)}"
        case WordsRef(text):
            return f"w-{_escaped(text[:MAX_WORDS])}"


def read_ref(text: str) -> Ref:
    """Read what ``write_ref`` wrote.

    Raises:
        NotFoundError: it was not written by ``write_ref``.
        QueryError: the box in it is none.
    """
    photo = _PHOTO.fullmatch(text)
    try:
        if photo:
            return PhotoRef(photo[1], _box(photo[2]) if photo[2] else None)
        kind, rest = text[:2], unquote(text[2:].replace("~", "%"), errors="strict")
    except ValueError:
        kind, rest = "", ""
    if kind == "p-" and rest:
        return ProductRef(rest)
    if kind == "w-" and rest:
        return WordsRef(rest)
    wanted = "a query_image_id, p- and a product's id, or w- and words"
    raise NotFoundError(
        f"there is no map for {text[:80]!r}; wanted {wanted}, as an answer wrote it"
    )


def _escaped(text: str) -> str:
    return quote(text, safe="", errors="replace").replace("~", "%7E").replace("%", "~")


def _sides(box: Box) -> str:
    return ",".join(repr(float(side)) for side in (box.left, box.top, box.right, box.bottom))


def _box(text: str) -> Box:
    left, top, right, bottom = (float(side) for side in text.split(","))
    return Box(left, top, right, bottom)

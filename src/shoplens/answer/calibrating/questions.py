"""Questions whose answer is known: made from a shop's own products, or judged by people."""

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from shoplens.answer.calibrating.photos import as_photo
from shoplens.catalogue.fields import fold
from shoplens.errors import FeedError, ImageError, NotFoundError
from shoplens.rank.confidence import CategoryPath
from shoplens.types import Pixels, Product, Query, Rejection

K = 64
"""Products asked for: as many are left when what is meant is taken out."""
COLUMNS = ("query_image", "query_text", "product_id", "right")

_WORD = re.compile(r"[\u4e00-\u9fff]+|[^\W_]+(?:['’.-][^\W_]+)*")
_HAN = re.compile(r"[\u4e00-\u9fff]+")

PictureOf = Callable[[str], Pixels]
"""Gives a product's picture by the product's id and at random; NotFoundError if it has none."""


@dataclass(frozen=True, slots=True)
class Known:
    """A question with its answer: the groups that are meant, none if the shop sells nothing of it.

    Questions of one ``key`` are about one thing.
    """

    query: Query
    groups: frozenset[str]
    category: CategoryPath
    key: str


def group_of(product: Product) -> str:
    """Name the group of a product; one without variants is its own."""
    return product.group_id or product.product_id


def path_of(product: Product) -> CategoryPath:
    """Give the category path as filters and answers hold it."""
    return tuple(fold(level) for level in product.category)


# ---- from a shop's own products ------------------------------------------------------------------


def own_questions(
    products: Sequence[Product], picture_of: PictureOf, rng: np.random.Generator, k: int
) -> Iterator[Known]:
    """Ask ``k`` times about a product, drawn group by group, in every way that visitors have.

    By a photo of it, by a photo and words, and by the product itself if it has variants. Not by
    words alone: visitors use other words than titles do, and only people can judge these.
    """
    groups: dict[str, list[Product]] = {}
    for product in products:
        groups.setdefault(group_of(product), []).append(product)
    names = sorted(groups)
    for place in range(k if names else 0):
        if place % len(names) == 0:
            rng.shuffle(names)
        variants = groups[names[place % len(names)]]
        meant = variants[int(rng.integers(len(variants)))]
        known = Known(Query(k=K), frozenset({group_of(meant)}), path_of(meant), group_of(meant))
        behind = products[int(rng.integers(len(products)))]
        for query in _ways(meant, behind, picture_of, rng):
            yield replace(known, query=query)
        if len(variants) > 1:
            yield replace(known, query=Query(product_id=meant.product_id, k=K))


def _ways(
    meant: Product, behind: Product, picture_of: PictureOf, rng: np.random.Generator
) -> Iterator[Query]:
    words = some_words(meant, rng)
    try:
        photo = as_photo(picture_of(meant.product_id), picture_of(behind.product_id), rng)
    except (NotFoundError, ImageError):
        return
    yield Query(picture=photo, k=K)
    if words:
        yield Query(picture=photo, text=words, k=K)


def some_words(product: Product, rng: np.random.Generator) -> str:
    """Ask as visitors do: a few words of the title, or the kind with something of the title.

    A run of Chinese characters is cut to a part of it.
    """
    title = [_part(word, rng) for word in _WORD.findall(product.title)]
    kind = _WORD.findall(product.category[-1]) if product.category else []
    share = rng.uniform(0.3, 1.0)
    kept = [word for word in title if rng.random() < share] or title[:1]
    if kind and rng.random() < 0.4:
        kept = [*kept[: int(rng.integers(3))], *kind]
    return " ".join(kept)


def _part(word: str, rng: np.random.Generator) -> str:
    if len(word) < 4 or not _HAN.fullmatch(word):
        return word
    length = int(rng.integers(2, len(word) + 1))
    start = int(rng.integers(len(word) - length + 1))
    return word[start : start + length]


# ---- judged by people ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class JudgedFile:
    """What a file of judged pairs holds: questions, and the lines that could not be used."""

    questions: tuple[Known, ...]
    refused: tuple[Rejection, ...]


def judged_questions(
    path: Path, products: Mapping[str, Product], decode: Callable[[bytes], Pixels]
) -> JudgedFile:
    """Read ``query_image, query_text, product_id, right`` (1 if not given; 0: this is not it).

    Lines of one picture and text are one question. Images are paths relative to the file. A
    question with wrong products only is one for something that the shop does not sell.

    Raises:
        FeedError: the file cannot be read, or lacks its columns.
    """
    asked: dict[tuple[str, str], set[str]] = {}
    refused: list[Rejection] = []
    for line, row in _rows(path):
        key, product_id = (row["query_image"], row["query_text"]), row["product_id"]
        reason = _reason(row, key, products)
        if reason:
            refused.append(Rejection(f"line {line}", reason, product_id))
            continue
        right = asked.setdefault(key, set())
        if row["right"] != "0":
            right.add(product_id)
    questions: list[Known] = []
    for (image, text), right in asked.items():
        try:
            picture = decode((path.parent / image).read_bytes()) if image else None
        except (OSError, ImageError) as error:
            refused.append(Rejection(image, str(error)))
            continue
        meant = [products[product_id] for product_id in sorted(right)]
        paths = {path_of(product) for product in meant}
        groups = frozenset(map(group_of, meant))
        category = paths.pop() if len(paths) == 1 else ()
        query = Query(picture=picture, text=text, k=K)
        questions.append(Known(query, groups, category, min(groups, default=f"{image} {text}")))
    return JudgedFile(tuple(questions), tuple(refused))


def _reason(row: Mapping[str, str], key: tuple[str, str], products: Mapping[str, Product]) -> str:
    if not any(key):
        return "neither query_image nor query_text; give at least one"
    if row["right"] not in {"", "0", "1"}:
        return f"right is {row['right']!r}; wanted 1 (it is) or 0 (it is not)"
    if row["product_id"] not in products:
        return f"the shop has no product {row['product_id']!r}"
    return ""


def _rows(path: Path) -> list[tuple[int, dict[str, str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            columns = [name for name in reader.fieldnames or () if name in COLUMNS]
            rows = [
                (reader.line_num, {name: (row.get(name) or "").strip() for name in COLUMNS})
                for row in reader
            ]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise FeedError(f"{path} cannot be read as CSV: {error}") from error
    if "product_id" not in columns or not {"query_image", "query_text"} & {*columns}:
        wanted = "product_id, query_image or query_text, and right if some are wrong"
        raise FeedError(f"{path} has the columns {', '.join(columns) or 'none'}; wanted {wanted}")
    return rows

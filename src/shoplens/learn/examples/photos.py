"""Photos whose product is known, from a table that somebody kept."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from shoplens.errors import ImageError
from shoplens.images.source import ImageSource
from shoplens.learn.examples.gather import Declared, Example, Examples
from shoplens.learn.examples.reading.table import PRODUCT, Cells, Column, read_cells
from shoplens.types import Rejection

IMAGE = (
    "query_image", "photo", "image", "picture", "path", "file", "filename", "photo_path",
    "image_path", "照片", "图片",
)  # fmt: skip
SPLIT = ("split", "part", "subset", "set")
PARTS: Mapping[str, Declared] = MappingProxyType(
    {
        **dict.fromkeys(("train", "training"), "train"),
        **dict.fromkeys(("val", "valid", "validation", "dev", "eval"), "val"),
        **dict.fromkeys(("test", "testing", "holdout"), "test"),
    }
)


def read_photos(
    path: Path,
    root: Path,
    shop: Examples,
    *,
    max_bytes: int,
    image_column: str = "",
    product_column: str = "",
) -> Examples:
    """Read ``image, product_id`` and, where it is there, ``split`` (train, val or test).

    Put the photos to those of ``shop`` by ``together``. Files are hashed, not decoded.

    Args:
        path: CSV or TSV; further columns are passed over.
        root: the folder that its paths start from, and may not leave.
        shop: the catalogue's examples: a photo gets the label and the group of its product.
        max_bytes: largest file that is read: ``images.max_bytes`` of the settings.
        image_column: the header of the column with the paths, if it is an unusual one.
        product_column: the header of the column with the product ids, likewise.

    Raises:
        FeedError: the file cannot be read as a table, or lacks a column.
    """
    columns = (
        Column("image", IMAGE, image_column),
        Column("product", PRODUCT, product_column),
        Column("split", SPLIT, needed=False),
    )
    source = ImageSource(root, None, max_bytes)
    reader = _Reader(shop.by_product(), root.resolve(), source)
    for row in read_cells(path, columns):
        if isinstance(row, Rejection):
            reader.refused.append(row)
        else:
            reader.read(row)
    return Examples(tuple(reader.all), tuple(reader.refused), (), reader.declared, shop.way)


class _Reader:
    """Takes row after row; what became of them is in its lists."""

    def __init__(self, products: Mapping[str, Example], root: Path, source: ImageSource) -> None:
        self._products = products
        self._root = root
        self._source = source
        self._seen: dict[tuple[str, str], tuple[int, str]] = {}
        self.all: list[Example] = []
        self.refused: list[Rejection] = []
        self.declared: dict[int, Declared] = {}

    def read(self, row: Cells) -> None:
        image, product_id = row.of["image"], row.of["product"]
        part = PARTS.get(row.of.get("split", "").casefold())
        reason = self._reason(row)
        if reason:
            self.refused.append(Rejection(row.where, reason, product_id))
            return
        try:
            image_hash = self._source.read(image).image_hash
        except ImageError as error:
            self.refused.append(Rejection(row.where, str(error), product_id))
            return
        known = self._products[product_id]
        place, where = self._seen.setdefault((known.label, image_hash), (len(self.all), row.where))
        if part and (place == len(self.all) or part != "train"):
            # A file that is given twice stays held out if it is so once.
            self.declared[place] = part
        if place < len(self.all):
            self.refused.append(Rejection(row.where, f"the same file as in {where}", product_id))
            return
        path = str((self._root / image.replace("\\", "/")).resolve())
        example = replace(known, image_hash=image_hash, product_id=product_id)
        self.all.append(replace(example, role="photo", source=path, feed=""))

    def _reason(self, row: Cells) -> str:
        image, product_id, part = row.of["image"], row.of["product"], row.of.get("split", "")
        if not image or not product_id:
            return f"no {'path of a photo' if not image else 'product'} is given"
        if product_id not in self._products:
            return f"no product {product_id!r} with a usable picture is indexed"
        if part and part.casefold() not in PARTS:
            return f"split is {part!r}; wanted train, val or test"
        return ""

"""The review page: pictures to click through, and the same CSV to download; one file, no server."""

import json
from collections.abc import Sequence
from pathlib import Path

from shoplens.predict.files import write_file
from shoplens.predict.review.table import COLUMNS
from shoplens.predict.shop.tagging import Suggestion

TEMPLATE = Path(__file__).with_name("page.html")


def write_page(path: Path, suggestions: Sequence[Suggestion], file: str) -> None:
    """Write the page; what it downloads is called ``file`` (StorageError)."""
    shown = {"columns": COLUMNS, "file": file, "rows": [_row(one) for one in suggestions]}
    # As JSON inside a script element, where only what could end the element must be written apart.
    data = json.dumps(shown, ensure_ascii=False).replace("<", "\\u003c")
    write_file(path, TEMPLATE.read_text("utf-8").replace("@DATA@", data).encode())


def _row(one: Suggestion) -> dict[str, object]:
    return {
        "product_id": one.product_id,
        "title": one.title,
        "field": one.field,
        "value": one.value,
        "probability": round(one.probability, 3) or "",
        "others": one.others,
        "picture": _address(one.picture),
        "image": one.picture,
        "decision": one.decision,
    }


def _address(picture: str) -> str:
    """Write a path as a browser wants it."""
    local = picture and not picture.startswith(("http://", "https://"))
    return Path(picture).as_uri() if local else picture

"""Small pictures within the page itself, so that it is one file that can be sent."""

import base64
import io
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from pathlib import Path

from PIL import Image

from shoplens.errors import ImageError, NotFoundError
from shoplens.evaluate.judged.judgements import Question
from shoplens.evaluate.judged.labels import Products
from shoplens.types import Pixels

SIDE_PX = 160
QUALITY = 72


@dataclass(frozen=True, slots=True)
class Gallery:
    """What is shown of a shop: titles, and the file of each product's small picture."""

    products: Products
    thumbnail: Callable[[str], Path]
    look: Callable[[bytes], Pixels]

    def title(self, product_id: str) -> str:
        """Give a product's title, or its id where it has none."""
        product = self.products.get(product_id)
        return (product.title if product else "") or product_id

    def product(self, product_id: str) -> str:
        """Show a product's picture."""
        try:
            return self._image(self.thumbnail(product_id), self.title(product_id))
        except NotFoundError:
            return _nothing("no picture")

    def question(self, question: Question) -> str:
        """Show the photo that was asked, or the product's picture, or the words alone."""
        if question.picture:
            return self._image(question.picture, question.told())
        return self.product(question.product_id) if question.product_id else _nothing("words only")

    def _image(self, path: Path, told: str) -> str:
        try:
            picture = Image.fromarray(self.look(path.read_bytes()))
        except (OSError, ImageError):
            return _nothing("cannot be shown")
        picture.thumbnail((SIDE_PX, SIDE_PX))
        file = io.BytesIO()
        picture.save(file, "WEBP", quality=QUALITY)
        data = base64.b64encode(file.getvalue()).decode()
        size = f'width="{picture.width}" height="{picture.height}"'
        return f'<img {size} alt="{escape(told)}" src="data:image/webp;base64,{data}">'


def _nothing(told: str) -> str:
    return f'<span class="none">{escape(told)}</span>'

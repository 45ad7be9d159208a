"""``shoplens search``: ask the shop, here or through the server that owns it."""

import base64
import json
from collections.abc import Mapping
from dataclasses import astuple
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from shoplens.cli.shop import ask, server_of, settings_of, shared
from shoplens.cli.show import Line, answer_table, lines_of, price_text
from shoplens.config import Settings
from shoplens.database.owner import Owner
from shoplens.engine import Engine
from shoplens.errors import QueryError
from shoplens.regions.box import Box
from shoplens.types import Query


class BoxType(click.ParamType[Box]):
    """Four numbers with commas between."""

    name = "L,T,R,B"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Box:
        """Read a box, or say what is wrong with it."""
        if isinstance(value, Box):
            return value
        parts = str(value).split(",")
        try:
            left, top, right, bottom = map(float, parts)
            return Box(left, top, right, bottom)
        except ValueError:
            told = f"{value} is not four numbers with commas, such as 0.1,0.2,0.55,0.9"
            self.fail(told, param, ctx)
        except QueryError as error:
            self.fail(str(error), param, ctx)


@click.command()
@click.option(
    "--image",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Photo to ask with.",
)
@click.option(
    "--box",
    type=BoxType(),
    help="The thing in the photo that is meant: 0.1,0.2,0.55,0.9 is left, top, right, bottom.",
)
@click.option("--text", default="", help="Words to ask with, in any language.")
@click.option("--product", default="", metavar="ID", help="Product to find similar ones of.")
@click.option("--filter", "filter_text", default="", help="Such as 'price < 80 AND in_stock'.")
@click.option("-k", type=int, help="Distinct products wanted.  [default: search.k]")
@click.option("--offset", type=int, default=0, help="Products to skip, for the next page.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@shared
def search(image: Path | None, *, as_json: bool, **rest: Any) -> None:
    r"""Find the products most like a photo, some words, a product, or a photo and words together.

    \b
    shoplens search --image shoe.jpg -k 8
    shoplens search --text "red bag" --filter 'price < 50 AND in_stock'
    shoplens search --image shoe.jpg --text "in red"
    shoplens search --image room.jpg --box 0.1,0.2,0.55,0.9
    """
    if rest["box"] and not image:
        raise QueryError("--box points into a photo: give --image too")
    if not (image or rest["text"] or rest["product"]):
        raise QueryError("nothing to search for: give --image, --text or --product")
    settings = settings_of(rest, search={"k": rest["k"]})
    server = server_of(settings)
    lines, timings_ms = (
        _ask_server(settings, server, image, rest) if server else _ask_here(settings, image, rest)
    )
    if as_json:
        products = [
            {
                "product_id": line.product_id,
                "title": line.title,
                "brand": line.brand,
                "price": line.price,
                "score": round(line.score, 6),
                "signals": dict(line.signals),
            }
            for line in lines
        ]
        click.echo(json.dumps({"products": products, "timings_ms": timings_ms}, ensure_ascii=False))
    else:
        Console().print(answer_table(lines, timings_ms))


Lines = tuple[list[Line], Mapping[str, float]]


def _ask_here(settings: Settings, image: Path | None, rest: Mapping[str, Any]) -> Lines:
    with Engine.open(settings) as engine:
        query = Query(
            picture=engine.picture(image.read_bytes(), rest["box"]) if image else None,
            text=rest["text"],
            product_id=rest["product"],
            filter=engine.filter(rest["filter_text"]),
            k=settings.search.k,
            offset=rest["offset"],
        )
        answer = engine.search(query)
    return lines_of(answer), answer.timings_ms


def _ask_server(
    settings: Settings, server: Owner, image: Path | None, rest: Mapping[str, Any]
) -> Lines:
    body = {
        "q": rest["text"],
        "product_id": rest["product"],
        "filter": rest["filter_text"],
        "limit": settings.search.k,
        "offset": rest["offset"],
        "box": astuple(rest["box"]) if rest["box"] else None,
        "image": base64.b64encode(image.read_bytes()).decode() if image else "",
    }
    given = {name: value for name, value in body.items() if value not in {"", None}}
    told = ask(settings, server, "POST", "/v1/search", given)
    return [_line(product) for product in told["products"]], told["timings_ms"]


def _line(product: Mapping[str, Any]) -> Line:
    price = product["sale_price"] if product["sale_price"] is not None else product["price"]
    return Line(
        product["product_id"],
        product["title"],
        product["brand"],
        price_text(price, product["currency"]),
        product["score"],
        product["signals"],
    )

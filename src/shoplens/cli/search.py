"""``shoplens search``: ask the shop, here or through the server that owns it."""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import astuple
from pathlib import Path
from typing import Any, get_args

import click
from fastapi.exceptions import RequestValidationError
from rich.console import Console

from shoplens.cli.shop import Command, ask, server_of, settings_of, shared
from shoplens.cli.show import answer_parts, told_of
from shoplens.client.answers import Answer
from shoplens.client.parse import parse
from shoplens.config import Settings
from shoplens.engine import Engine
from shoplens.errors import QueryError
from shoplens.regions.box import Box
from shoplens.serve.routes.asking import answer_to
from shoplens.serve.schemas.questions import SortName, read_search


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


_OPTIONS: list[Callable[[Any], Any]] = [
    click.option(
        "--image",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="Photo to ask with.",
    ),
    click.option(
        "--box",
        type=BoxType(),
        help="The thing in the photo that is meant: 0.1,0.2,0.55,0.9 is left, top, right, bottom.",
    ),
    click.option("--text", default="", help="Words to ask with, in any language."),
    click.option("--product", default="", metavar="ID", help="Product to find similar ones of."),
    click.option("--colour", default="", help="Colour wanted: '#c0392b', or a name such as red."),
    click.option("--like", multiple=True, metavar="TEXT", help="More like this; repeatable."),
    click.option("--unlike", multiple=True, metavar="TEXT", help="Less like this; repeatable."),
    click.option("--filter", "filter_text", default="", help="Such as 'price < 80 AND in_stock'."),
    click.option("--sort", type=click.Choice(get_args(SortName)), help="Order.  [relevance]"),
    click.option("--distinct", is_flag=True, help="Best variant of each group only."),
    click.option(
        "--diversity", type=click.FloatRange(0, 1), help="From 0, most alike, to 1, most varied."
    ),
    click.option("--facets", default="", help="Fields to count over the whole answer: brand,price"),
    click.option("--explain", is_flag=True, help="Tell why each product is there."),
    click.option("-k", type=int, help="Distinct products wanted.  [default: search.k]"),
    click.option("--offset", type=int, default=0, help="Products to skip, for the next page."),
    click.option("--json", "as_json", is_flag=True, help="Print JSON, as the HTTP API has it."),
]


def questions(command: Command) -> Command:
    """Give ``command`` the options that a question has."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


EPILOG = """\b
For example:
  shoplens search --image shoe.jpg -k 8
  shoplens search --text "red bag" --filter 'price < 50 AND in_stock'
  shoplens search --image shoe.jpg --text "in red"
  shoplens search --image room.jpg --box 0.1,0.2,0.55,0.9
  shoplens search --text dress --like "for a wedding" --unlike stripes --explain
  shoplens search --colour '#c0392b' --facets brand,price --sort price:asc
"""


@click.command(epilog=EPILOG)
@questions
@shared
def search(*, as_json: bool, **rest: Any) -> None:
    """Find the products most like a photo, words, a colour, a product, or several together.

    Without anything asked, it lists what --filter allows, in the order of --sort.
    """
    if rest["box"] and not rest["image"]:
        raise QueryError("--box points into a photo: give --image too")
    if not any(rest[name] for name in _ASKS):
        raise QueryError("nothing to search for: give --image, --text, --product, --colour, …")
    forgetting = {"query_image_minutes": 0}  # a map of a photo that ends with us leads nowhere
    settings = settings_of(rest, search={"k": rest["k"]}, privacy=forgetting)
    server = server_of(settings)
    body = _body(settings, rest)
    if server:
        told = ask(settings, server, "POST", "/v1/search", body)
    else:
        told = _answered_here(settings, body)
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
    else:
        console = Console()
        for part in answer_parts(parse(Answer, told)):
            console.print(part)


_ASKS = ("image", "text", "product", "colour", "like", "unlike", "filter_text", "sort", "facets")


def _body(settings: Settings, rest: Mapping[str, Any]) -> dict[str, Any]:
    """Write the question as the HTTP API takes it: asked here or there, it is the same."""
    body = {
        "q": rest["text"],
        "product_id": rest["product"],
        "colour": rest["colour"],
        "like": [{"q": words} for words in rest["like"]],
        "unlike": [{"q": words} for words in rest["unlike"]],
        "filter": rest["filter_text"],
        "sort": rest["sort"],
        "distinct": rest["distinct"],
        "diversity": rest["diversity"],
        "facets": rest["facets"],
        "explain": rest["explain"],
        "limit": settings.search.k,
        "offset": rest["offset"],
        "box": astuple(rest["box"]) if rest["box"] else None,
        "image": base64.b64encode(rest["image"].read_bytes()).decode() if rest["image"] else "",
    }
    return {name: value for name, value in body.items() if value}


def _answered_here(settings: Settings, body: Mapping[str, Any]) -> dict[str, Any]:
    try:
        asked = read_search(body)
    except RequestValidationError as error:
        wrong = (f"{found['loc'][-1]}: {found['msg']}" for found in error.errors())
        raise QueryError("; ".join(wrong)) from error
    with Engine.open(settings) as engine:
        answer, _ = answer_to(engine, asked)
    return told_of(answer)

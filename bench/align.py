"""Do words find pictures, before and after ``text-align``? English and Chinese, seen and unseen.

    python -m bench.align

On fashion_catalog, texts of the products left out of the search: only pictures answer. Asked are
the 30 article types of ``queries/fashion_types.csv``, right are pictures of that type.

seen: pictures that were trained on. new products: a fifth of the products, held out, of types that
were trained on. new types: a fifth of the types, no picture or title of which was trained on; the
gallery holds all held-out pictures. before: the share of the type in the gallery, which is what
chance comes to, as the bundled encoder has no words for pictures at all. Titles are English only.
"""

import csv
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.learn import DATA, TASKS, shop_of
from bench.report import print_table
from shoplens.encode.base import Derived, Encoder
from shoplens.encode.trained.opening import open_trained
from shoplens.evaluate.metrics import label_gains, precision_at, rank_gallery
from shoplens.learn.examples.gather import from_catalogue
from shoplens.learn.examples.splits import Split, folds
from shoplens.learn.fitting.fit import Desk
from shoplens.learn.fitting.steps import device_of
from shoplens.learn.lessons.lessons import lesson_of
from shoplens.learn.material import Material, read_material
from shoplens.learn.recipe import open_recipe
from shoplens.learn.shop import Shop
from shoplens.learn.train import train

K = 10
FOLDS = 5
LANGUAGES = ("en", "zh")


@dataclass(frozen=True)
class Asked:
    """An article type, and what it is called."""

    label: str
    words: str


def queries(language: str) -> list[Asked]:
    """Read what is asked."""
    path = Path(__file__).with_name("queries") / "fashion_types.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return [Asked(row["type"], row[language]) for row in csv.DictReader(file)]


def types() -> dict[str, str]:
    """Give the article type of each product."""
    path = DATA / "fashion_catalog" / "products.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {row["id"]: row["articleType"] for row in csv.DictReader(file)}


def trained(shop: Shop, material: Material, split: Split, folder: Path) -> Encoder:
    """Train as ``shoplens models train --recipe text-align`` does."""
    recipe = open_recipe("text-align")
    lesson = lesson_of(shop, recipe, material, lambda *_: None)
    model = train(lesson, material, split, recipe, Desk(device_of())).model
    lesson.write(model, folder, "text-align")
    return open_trained(folder, "text-align", shop.encoder)


def precision(
    encoder: Encoder, asked: Sequence[Asked], rows: np.ndarray, labels: np.ndarray
) -> tuple[float, float, int]:
    """Give the precision of the first 10 and the share of what is right, over types there are."""
    here = [one for one in asked if (labels == one.label).sum() >= K]
    if encoder.asks is None or not isinstance(encoder.picture, Derived):
        raise TypeError("text-align made an encoder that knows no words")
    words = [one.words for one in here]
    questions = encoder.asks.ask(words, encoder.text.encode(words))
    order = rank_gallery(questions, encoder.picture.derive(rows), K)
    gains = label_gains(order, [one.label for one in here], labels.tolist())
    share = np.mean([(labels == one.label).mean() for one in here])
    return float(precision_at(gains, K).mean()), float(share), len(here)


def measured(shop: Shop, way: str) -> Iterator[tuple[str, str, float, float, int]]:
    """Train on folds and ask for pictures of what was seen and of what was not."""
    kinds = types()
    examples = from_catalogue(shop.catalogue, way)
    look, kept = shop.opener.open, shop.catalogue.embeddings
    material = read_material(examples, shop.encoder.picture, kept, look, shop.pool, lambda *_: None)
    labels = np.array([kinds[example.product_id] for example in material.examples.all])
    splits = folds(material.examples, FOLDS, np.random.default_rng(0), augmented=True)
    for split in splits:
        with tempfile.TemporaryDirectory() as folder:
            encoder = trained(shop, material, split, Path(folder))
            held = np.concatenate([split.unseen, split.dev_unseen, split.seen, split.dev])
            unseen = set(labels[split.unseen])
            for language in LANGUAGES:
                asked = queries(language)
                if way == "product":
                    for part, places in (("seen", split.train), ("new products", split.unseen)):
                        found = precision(encoder, asked, material.rows[places], labels[places])
                        yield (part, language, *found)
                else:
                    of_new = [one for one in asked if one.label in unseen]
                    if of_new:
                        found = precision(encoder, of_new, material.rows[held], labels[held])
                        yield ("new types", language, *found)


def main() -> None:
    """Print one table."""
    with (
        tempfile.TemporaryDirectory() as data,
        shop_of(TASKS["fashion"](Path(data)), Path(data)) as shop,
    ):
        found = [*measured(shop, "product"), *measured(shop, "category")]
    rows: list[list[object]] = []
    for part in ("seen", "new products", "new types"):
        for language in LANGUAGES:
            some = [one for one in found if one[:2] == (part, language) and one[4]]
            weights = [one[4] for one in some]
            after, before = (
                float(np.average([one[i] for one in some], weights=weights)) for i in (2, 3)
            )
            rows.append([part, language, sum(weights), before, after])
    columns = ["pictures of", "asked in", "questions", "P@10 before", "P@10 after"]
    print_table("words to pictures, fashion_catalog", columns, rows)


if __name__ == "__main__":
    main()

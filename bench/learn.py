"""What does training gain, and lose? Frozen, head and last blocks, on seen and unseen products.

    python -m bench.learn [grocery] [magento] [fashion] [--recipes head,last-blocks] [--set F=V]

Every figure comes from the whole training as a shop runs it (``shoplens models train``), through
the files that would serve. Photos are asked as visitors ask: the mean of three crops.

grocery: labelled phone photos; the published train split teaches, the val split judges, against 81
catalogue pictures. unseen: five models, each trained without a fifth of the products.
magento: products with several views; the main view answers, the others ask.
fashion: pictures of one article type should be near each other; unseen are whole article types.
fine, coarse: accuracy of a classifier (``shoplens tag``'s) on the embeddings of train, asked val.
"""

import argparse
import csv
import json
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from bench.report import DATA, print_table
from bench.retrieval import read_csv
from shoplens.config import Settings, read_settings
from shoplens.encode.base import Derived, PictureTower
from shoplens.encode.crops import encode_query
from shoplens.encode.trained.opening import open_trained
from shoplens.engine import Engine
from shoplens.ingest.feeds import IndexRequest
from shoplens.learn.classify.fitting import ClassifyConfig
from shoplens.learn.classify.training import judge, train_classifier
from shoplens.learn.examples.gather import Example
from shoplens.learn.job import TrainJob, TrainRequest
from shoplens.learn.judging.card import SEEN, UNSEEN, Card
from shoplens.learn.material import read_material
from shoplens.learn.recipe import open_recipe
from shoplens.learn.shop import Shop, open_shop

METRICS = ("R@1", "R@5", "mAP")
COLUMNS = (
    "encoder", *(f"seen {name}" for name in METRICS), *(f"unseen {name}" for name in METRICS),
    "fine", "coarse", "train s", "in all s", "safe",
)  # fmt: skip


@dataclass(frozen=True)
class Task:
    """A shop to train for: its feed, and what is beside the recipe in the request."""

    feed: Path
    photos: Path | None = None
    label: str = "product"
    root: Path | None = None


def grocery(folder: Path) -> Task:
    """Photos taken in shops, with the split that was published."""
    del folder
    data = DATA / "grocery_street_to_catalogue"
    return Task(data / "products.csv", photos=data / "photos.csv")


def magento(folder: Path) -> Task:
    """Write a feed of products with all their views, the main one first."""
    views: dict[str, list[Mapping[str, str]]] = defaultdict(list)
    for row in read_csv(DATA / "magento_multiview" / "images.csv"):
        views[row["instance"]].append(row)
    feed = folder / "feed.jsonl"
    with feed.open("w", encoding="utf-8") as file:
        for instance, rows in views.items():
            rows.sort(key=lambda row: row["view"] != "main")
            images = [row["image"] for row in rows]
            title = rows[0]["name"] or rows[0]["sku"]
            told = {"id": instance, "title": title, "group_id": rows[0]["sku"], "images": images}
            file.write(json.dumps(told) + "\n")
    return Task(feed, root=DATA / "magento_multiview")


def fashion(folder: Path) -> Task:
    """One picture a product; what should be near are pictures of one article type."""
    del folder
    return Task(DATA / "fashion_catalog" / "products.csv", label="category")


TASKS = {"grocery": grocery, "magento": magento, "fashion": fashion}


@contextmanager
def shop_of(task: Task, data: Path) -> Iterator[Shop]:
    """Index the feed, then open the shop as a training does."""
    settings: Settings = read_settings({"data": data})
    with Engine.open(settings) as engine:
        engine.index(IndexRequest(task.feed, task.root))
    with open_shop(settings) as shop:
        yield shop


def measure(name: str, recipes: Sequence[str], changes: Mapping[str, str]) -> None:
    """Train with each recipe and print one table."""
    with tempfile.TemporaryDirectory() as data:
        task = TASKS[name](Path(data))
        with shop_of(task, Path(data)) as shop:
            rows: list[list[object]] = []
            for recipe in recipes:
                request = TrainRequest(
                    open_recipe(recipe, changes), photos=task.photos, label=task.label
                )
                began = time.monotonic()
                job = TrainJob(shop, request)
                card = job.run()
                spent = time.monotonic() - began
                if not rows:
                    rows.append(
                        ["frozen", *_figures(card, "before"), *_told(job, None), "", "", ""]
                    )
                told = _told(job, card)
                seconds = [round(card.times.training), round(spent)]
                rows.append([recipe, *_figures(card, "after"), *told, *seconds, card.safe])
                print(card.told(), flush=True)
            counts = {line.part: (line.photos, line.products) for line in card.lines}
            title = f"{name}: {counts} (photos, products), label {task.label}"
            print_table(title, COLUMNS, rows)


def _figures(card: Card, when: str) -> Iterator[object]:
    for part in (SEEN, UNSEEN):
        lines = {line.metric: line for line in card.lines if line.part == part}
        for name in METRICS:
            yield float(getattr(lines[name], when)) if name in lines else ""


def _told(job: TrainJob, card: Card | None) -> list[object]:
    """Tell the label of val photos, and the coarse one, by embeddings of the train photos."""
    if job.request.photos is None:
        return ["", ""]
    shop, examples = job.shop, job.examples()
    base = shop.encoder
    tower = base.picture
    if card is not None:
        tower = open_trained(shop.models / card.name, card.name, base).picture
    photos = [e for e in examples.all if e.role == "photo"]
    parts = {e.image_hash: examples.declared[i] for i, e in enumerate(examples.all) if not e.feed}
    train = [e for e in photos if parts[e.image_hash] == "train"]
    held = [e for e in photos if parts[e.image_hash] != "train"]
    coarse = _coarse()
    tasks = {"fine": [e.product_id for e in train], "coarse": [coarse[e.product_id] for e in train]}
    asked = {"fine": [e.product_id for e in held], "coarse": [coarse[e.product_id] for e in held]}
    groups = [str(place // 5) for place in range(len(train))]
    rng = np.random.default_rng(0)
    config = replace(ClassifyConfig(), fewest=2)
    classifier = train_classifier(_rows(shop, tower, train), tasks, groups, config, rng)
    queries = np.stack(list(shop.pool.map(lambda e: _query(shop, tower, e), held)))
    found = judge(classifier.heads, queries, asked)
    return [found["fine"].accuracy, found["coarse"].accuracy]


def _coarse() -> dict[str, str]:
    path = DATA / "grocery_street_to_catalogue" / "products.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {row["class_id"]: row["coarse_class_id"] for row in csv.DictReader(file)}


def _rows(shop: Shop, tower: PictureTower, photos: Sequence[Example]) -> np.ndarray:
    kept, look = shop.catalogue.embeddings, shop.opener.open
    base = shop.encoder.picture
    examples = replace(
        TrainJob(shop, TrainRequest(open_recipe("head"))).examples(), all=tuple(photos)
    )
    examples = replace(examples, declared={}, products={}, pairs=())
    reads = base if isinstance(tower, Derived) else tower
    rows = read_material(examples, reads, kept, look, shop.pool, lambda *_: None).rows
    return tower.derive(rows) if isinstance(tower, Derived) else rows


def _query(shop: Shop, tower: PictureTower, example: Example) -> np.ndarray:
    return encode_query(tower, shop.opener.open(example), multi=True)


def main() -> None:
    """Read what is asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("tasks", nargs="*", default=[], choices=[*TASKS, []])
    parser.add_argument("--recipes", default="head,last-blocks")
    parser.add_argument("--set", action="append", default=[], dest="changes")
    asked = parser.parse_args()
    changes = dict(change.split("=", 1) for change in asked.changes)
    for name in asked.tasks or TASKS:
        measure(name, asked.recipes.split(","), changes)


if __name__ == "__main__":
    main()

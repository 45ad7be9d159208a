"""Does confidence mean what it says, and is it low for what the shop does not sell?

    python -m bench.confidence [sample] [grocery] [magento] [fashion] [--encoder lite2]
    python -m bench.confidence --learn        write the calibrations that ship

Every photo is asked once. A third of what is asked for, whole groups, is taken out of the answers:
the shop as if it did not sell it. ``shipped`` is what ships, ``own`` what ``shoplens calibrate``
learns from the shop's own products and pictures; neither has seen the photos that are asked.
``raw`` takes the best cosine itself for a probability.

What ships was learnt from half of the sample shop's groups; the other half is in the tables.
"""

import argparse
import csv
import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from bench.report import DATA, print_table
from bench.retrieval import open_engine, read_csv
from bench.sample import part
from bench.text import judged as judged_words
from shoplens.answer.calibrating.calibrate import ask, calibrate, fingerprint_of
from shoplens.answer.calibrating.learning import (
    Case,
    Judged,
    halves,
    judge,
    learn,
    some_outside,
    without,
)
from shoplens.answer.calibrating.questions import Known, group_of, path_of, some_words
from shoplens.answer.calibrating.report import plot
from shoplens.answer.calibrating.shop import CalibrateRequest, Calibrating, categories_of
from shoplens.engine import Engine
from shoplens.feed.sampleshop.shop import feed, query_photos, scenes
from shoplens.indexing.workbench import silent
from shoplens.ingest.feeds import IndexRequest
from shoplens.rank.calibration import (
    SHIPPED,
    UNKNOWN,
    Calibration,
    Curve,
    Way,
    auroc,
    calibration_error,
    default_calibration,
)
from shoplens.rank.confidence import Categories
from shoplens.types import Product, Query

K = 64
OWN = 100
"""Products that a shop asks itself about, half of what ``shoplens calibrate`` does."""
ENCODERS = ("lite2", "lite0", "colour")
SEEN = 0.5
"""How much of a product must be visible in a scene for it to be asked for."""
IMAGES = Path(__file__).parents[1] / "docs" / "images"
WIDER, LOWER = 0.7, 0.5
"""What is learnt for encoders that are not known is made flatter, and told lower."""


@dataclass(frozen=True)
class Asked:
    """Everything that is asked of a shop, and the category of each of its products."""

    engine: Engine
    cases: Mapping[str, Sequence[Case]]
    categories: Categories

    @property
    def shop(self) -> Calibrating:
        """What asks the shop."""
        return self.engine.calibrating()


# ---- what is asked -------------------------------------------------------------------------------


def known(product: Product, query: Query) -> Known:
    """Ask for one product."""
    group = group_of(product)
    return Known(query, frozenset({group}), path_of(product), group)


def sample(engine: Engine, language: str = "en") -> Asked:
    """Ask the sample shop with all that is known of it."""
    engine.index(IndexRequest(feed("google", "zh" if language == "zh" else "en")))
    shop = engine.calibrating()
    products = shop.products()
    rng = np.random.default_rng(5)
    asked: dict[str, list[Known]] = {name: [] for name in ("photo", "words", "photo and words")}
    for photo in query_photos():
        product, picture = products[photo.product_id], engine.picture(photo.image.read_bytes())
        words = some_words(product, rng)
        asked["photo"].append(known(product, Query(picture=picture, k=K)))
        asked["words"].append(known(product, Query(text=words, k=K)))
        asked["photo and words"].append(known(product, Query(picture=picture, text=words, k=K)))
    asked["thing in a scene"] = list(_things(engine, products))
    asked["product"] = [
        known(product, Query(product_id=name, k=K)) for name, product in products.items()
    ]
    asked["judged words"] = [
        Known(
            Query(text=one.text, k=K),
            frozenset(group_of(products[name]) for name in one.right),
            path_of(products[min(one.right)]) if len(_paths(one.right, products)) == 1 else (),
            min(one.right),
        )
        for one in judged_words("sample_shop", "zh" if language == "zh" else "en")
    ]
    return _asked(engine, asked)


def _paths(names: frozenset[str], products: Mapping[str, Product]) -> set[tuple[str, ...]]:
    return {path_of(products[name]) for name in names}


def _things(engine: Engine, products: Mapping[str, Product]) -> Iterator[Known]:
    for scene in scenes():
        data = scene.image.read_bytes()
        for thing in scene.things:
            if thing.visible >= SEEN:
                picture = engine.picture(data, part(scene.image, thing.box))
                yield known(products[thing.product_id], Query(picture=picture, k=K))


def grocery(engine: Engine) -> Asked:
    """Ask with phone photos; the coarse class is the category."""
    folder = DATA / "grocery_street_to_catalogue"
    with tempfile.TemporaryDirectory() as scratch:
        rows = read_csv(folder / "products.csv")
        path = Path(scratch) / "grocery.csv"
        columns = {"class_id": "id", "title": "title", "coarse_class": "category"}
        _write(path, rows, {**columns, "image": "image", "description": "description"})
        engine.index(IndexRequest(path, folder))
    photos = [row for row in read_csv(folder / "photos.csv") if row["split"] == "val"]
    return _photos(engine, [(folder / row["photo"], row["class_id"]) for row in photos])


def magento(engine: Engine) -> Asked:
    """Ask with other sides; colours of one sku are a group."""
    folder = DATA / "magento_multiview"
    by_instance: dict[str, list[dict[str, str]]] = {}
    for row in read_csv(folder / "images.csv"):
        if row["instance"]:
            by_instance.setdefault(row["instance"], []).append(row)
    mains = {name: min(r, key=lambda x: x["view"] != "main") for name, r in by_instance.items()}
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "magento.csv"
        columns = {"instance": "id", "name": "title", "image": "image", "category": "category"}
        rows = [{**row, "name": row["name"] or row["sku"]} for row in mains.values()]
        _write(path, rows, {**columns, "sku": "group_id"})
        engine.index(IndexRequest(path, folder))
    others = [(r, name) for name, rows in by_instance.items() for r in rows if r != mains[name]]
    return _photos(engine, [(folder / row["image"], name) for row, name in others])


def fashion(engine: Engine) -> Asked:
    """Ask with independent thumbnails; near-duplicates are a group."""
    folder = DATA / "fashion_catalog"
    rows = read_csv(folder / "products.csv")
    levels = ("masterCategory", "subCategory", "articleType")
    for row in rows:
        row["category"] = " > ".join(row[level] for level in levels)
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "fashion.csv"
        columns = {"id": "id", "title": "title", "image": "image", "category": "category"}
        _write(path, rows, {**columns, "group": "group_id"})
        engine.index(IndexRequest(path, folder))
    some = np.random.default_rng(0).choice(len(rows), 250, replace=False)
    return _photos(engine, [(folder / rows[i]["thumb"], rows[i]["id"]) for i in some])


def _photos(engine: Engine, photos: Sequence[tuple[Path, str]]) -> Asked:
    products = engine.calibrating().products()
    asked = [
        known(products[name], Query(picture=engine.picture(path.read_bytes()), k=K))
        for path, name in photos
    ]
    return _asked(engine, {"photo": asked})


def _asked(engine: Engine, asked: Mapping[str, Sequence[Known]]) -> Asked:
    shop = engine.calibrating()
    cases = {name: ask(questions, shop.rank, silent) for name, questions in asked.items()}
    return Asked(engine, cases, categories_of(shop.products()))


def _write(path: Path, rows: Sequence[Mapping[str, str]], columns: Mapping[str, str]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns.values())
        writer.writerows([row[column] for column in columns] for row in rows)


SHOPS: Mapping[str, Callable[[Engine], Asked]] = {
    "sample": sample, "grocery": grocery, "magento": magento, "fashion": fashion,
}  # fmt: skip

# ---- judging -------------------------------------------------------------------------------------


def own(asked: Asked, base: Calibration) -> Calibration:
    """Learn from the shop's own products alone, as ``shoplens calibrate`` does."""
    products = asked.shop.products()
    questions = asked.shop.questions(CalibrateRequest(queries=OWN), products).questions
    return calibrate(ask(questions, asked.shop.rank, silent), base, asked.categories).calibration


def raw(cases: Sequence[Case]) -> tuple[float, float]:
    """Give the calibration error and the outside AUROC of the first hit's own cosine."""
    first = [case.products[0] for case in cases]
    cosines = np.array([p.signals.get("picture", p.signals.get("text", 0.0)) for p in first])
    groups = [product.group_id or product.product_id for product in first]
    right = [float(group in case.groups) for case, group in zip(cases, groups, strict=True)]
    inside = np.array([float(not case.outside) for case in cases])
    return calibration_error(np.clip(cosines, 0, 1), np.array(right)), auroc(cosines, inside)


def tell(names: Sequence[str], encoder: str) -> None:
    """Print the table, and draw the plots of photos."""
    rows: list[list[object]] = []
    drawn: dict[str, dict[str, Judged]] = {"shipped": {}, "own": {}}
    for name in names:
        with tempfile.TemporaryDirectory() as data, open_engine(data, encoder) as engine:
            asked = SHOPS[name](engine)
            base = default_calibration(fingerprint_of(asked.shop.encoder))
            learnt = own(asked, base)
            for way, cases in asked.cases.items():
                held = halves(cases)[1] if name == "sample" else cases
                held = [case for case in some_outside(held) if case.products]
                found = [judge(held, one, asked.categories) for one in (base, learnt)]
                rows.append([encoder, name, way, *_row(held, *found)])
                if way == "photo":
                    drawn["shipped"][name], drawn["own"][name] = found
    columns = [
        "encoder", "shop", "asked with", "answers", "right", "ECE raw", "ECE shipped", "ECE own",
        "Brier shipped", "Brier own", "outside AUROC raw", "shipped", "own", "guess right",
        "guess ECE",
    ]  # fmt: skip
    print_table("confidence of the first hit", columns, rows)
    for kind, curves in drawn.items():
        path = IMAGES / f"confidence-{kind}.svg"
        path.write_text(plot(curves, f"photos, {kind} calibration"), encoding="utf-8")


def _row(cases: Sequence[Case], shipped: Judged, learnt: Judged) -> list[object]:
    error, outside = raw(cases)
    return [
        shipped.answers, shipped.right, error, shipped.error, learnt.error, shipped.brier,
        learnt.brier, outside, shipped.outside, learnt.outside, shipped.guesses,
        shipped.guess_error,
    ]  # fmt: skip


COLOUR = Way(
    meant=Curve({"colour": 4.0}, -5.0),
    kind=Curve({"colour": 12.0}, -6.0),
    blind=Curve({"colour": 12.0}, -6.0),
    guess=Curve({}, -4.0),
)
"""A colour alone, which is stated, not learnt: it names no product and no category, and what is
within a CIEDE2000 of 20 (a likeness of one half) is of that colour."""

# ---- what ships ----------------------------------------------------------------------------------


def ship() -> None:
    """Learn from half of the sample shop, in both languages, and write what ships."""
    shipped: dict[str, Calibration] = {}
    everything: list[Case] = []
    categories: dict[str, tuple[str, ...]] = {}
    for encoder in ENCODERS:
        cases: list[Case] = []
        for language in ("en", "zh"):
            with tempfile.TemporaryDirectory() as data, open_engine(data, encoder) as engine:
                asked = sample(engine, language)
                fingerprint = fingerprint_of(asked.shop.encoder)
                found = [case for group in asked.cases.values() for case in group]
                learnt = halves(found)[0]
                both = [*learnt, *map(without, learnt)]
                cases += [_named(case, language) for case in both]
                categories |= {
                    f"{language} {name}": path for name, path in asked.categories.items()
                }
        cases += [replace(c, asked=replace(c.asked, ideal=0.0)) for c in cases if c.asked.ideal]
        everything += cases
        shipped[fingerprint] = replace(
            learn(cases, Calibration(fingerprint, {"colour": COLOUR}), categories), slants={}
        )
        print(encoder, ", ".join(shipped[fingerprint].ways), file=sys.stderr)
    endings = (".rise", ".gap")
    unknown = learn(everything, Calibration(UNKNOWN, {}), categories, endings=endings)
    shipped[UNKNOWN] = _cautious(replace(unknown, slants={}))
    lines = [f"{json.dumps(name)}: {one.to_json()}" for name, one in shipped.items()]
    SHIPPED.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def _named(case: Case, language: str) -> Case:
    """Tell the products of both languages apart; their categories have other names."""
    products = (replace(p, product_id=f"{language} {p.product_id}") for p in case.products)
    return replace(case, products=tuple(products))


def _cautious(unknown: Calibration) -> Calibration:
    ways = {
        name: replace(
            way,
            meant=Curve(
                {column: weight * WIDER for column, weight in way.meant.weights.items()},
                way.meant.bias * WIDER - LOWER,
            ),
        )
        for name, way in unknown.ways.items()
    }
    return replace(unknown, ways={**ways, "colour": COLOUR})


def main() -> None:
    """Learn what ships, or tell how good it is."""
    parser = argparse.ArgumentParser()
    parser.add_argument("shops", nargs="*", metavar="SHOP", help=", ".join(SHOPS))
    parser.add_argument("--encoder", default="lite2")
    parser.add_argument("--learn", action="store_true")
    given = parser.parse_args()
    if given.learn:
        ship()
    else:
        tell(given.shops or list(SHOPS), given.encoder)


if __name__ == "__main__":
    main()

"""How well are labels told from pictures, with how many labels, and which should be given next?

    python -m bench.tagging [tasks] [grocery] [active] [pseudo]

tasks: fashion, 70 % of the groups teach and 30 % judge; products of one title or picture are a
group. Rows whose label was too rare to learn count as wrong. "told" and "right" are at the
threshold that training chose for 90 % right. The pixels' own colour names are compared with
baseColour where that is one of the twelve names.
grocery: photos of the published train split teach, those of val judge; 81 products, 43 kinds. Then
the same with photos that look taken together as one group: what training promises depends on it.
active: accuracy on the judging half of fashion after so many labels, the first 100 at random.
pseudo: a share of the teaching groups has labels; sure guesses for the rest join, or not.
Embeddings are made once by the frozen lite2 and kept in the system's temporary folder.
"""

import csv
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from bench.report import DATA, print_table
from shoplens.encode.base import open_encoder
from shoplens.encode.colours.field import colour_words
from shoplens.encode.colours.names import ColourName
from shoplens.images.decode import decode
from shoplens.indexing.colours import colours_of, dominants_of
from shoplens.learn.classify.classes import classes_of
from shoplens.learn.classify.fitting import ClassifyConfig, fit
from shoplens.learn.classify.parting import Rows, split_groups
from shoplens.learn.classify.training import judge, train_classifier
from shoplens.predict.judging import Figures, macro_f1
from shoplens.predict.shop.choosing import choose, density, uncertainty
from shoplens.types import Embeddings

FASHION = ("masterCategory", "articleType", "gender", "baseColour", "season", "usage")
LINEAR = ClassifyConfig(hidden=0, rate=1e-2)
SEEDS = 5
START, ROUNDS, EACH = 100, 5, 100
EPOCHS = 40
ALIKE = 0.8
Tasks = Mapping[str, Sequence[str | None]]


@dataclass(frozen=True)
class Pictures:
    """One row a picture, and the first colour that its pixels are called."""

    embeddings: Embeddings
    colours: Sequence[str]


@dataclass(frozen=True)
class Part:
    """Some rows with their labels and groups."""

    embeddings: Embeddings
    tasks: Tasks
    groups: Sequence[str]

    def only(self, rows: Sequence[int] | Rows) -> "Part":
        """Take some of the rows."""
        tasks = {name: [labels[row] for row in rows] for name, labels in self.tasks.items()}
        return Part(self.embeddings[rows], tasks, [self.groups[row] for row in rows])


def read_csv(path: Path) -> list[dict[str, str]]:
    """Read a small CSV whole."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def seen(name: str, paths: Sequence[Path]) -> Pictures:
    """Encode pictures, or read what an earlier run made of them."""
    tower = open_encoder("lite2").picture
    kept = Path(tempfile.gettempdir()) / "shoplens-bench" / f"{name}-{tower.fingerprint}.npz"
    if not kept.exists():
        rows, colours = [], []
        for path in paths:
            picture = decode(path.read_bytes(), min_side_px=312, for_eyes=False)
            rows.append(tower.encode([tower.prepare(picture)])[0])
            colours.append(next(iter(colour_words((), dominants_of(colours_of(picture)))), ""))
        kept.parent.mkdir(exist_ok=True)
        np.savez(kept, embeddings=np.stack(rows), colours=np.array(colours))
    with np.load(kept) as arrays:
        return Pictures(arrays["embeddings"], arrays["colours"].tolist())


def fashion() -> tuple[Part, Sequence[str]]:
    """Give every product with its labels, and the colours of the pixels."""
    folder = DATA / "fashion_catalog"
    rows = read_csv(folder / "products.csv")
    pictures = seen("fashion", [folder / row["image"] for row in rows])
    tasks = {name: [row[name] or None for row in rows] for name in FASHION}
    return Part(pictures.embeddings, tasks, [row["group"] for row in rows]), pictures.colours


def neighbours(learn: Part, held: Part, task: str) -> float:
    """Let the five nearest vote; how often they are right."""
    nearest = np.argsort(-(held.embeddings @ learn.embeddings.T), axis=1)[:, :5]
    right = [
        Counter(learn.tasks[task][row] for row in rows).most_common(1)[0][0] == label
        for rows, label in zip(nearest, held.tasks[task], strict=True)
        if label is not None
    ]
    return float(np.mean(right))


def compared(learn: Part, held: Part, fewest: int = 8) -> list[list[object]]:
    """Train both kinds of heads on one part, and ask them about the other."""
    began = time.perf_counter(), time.process_time()
    rng = np.random.default_rng(0)
    heads, lines = (replace(one, fewest=fewest) for one in (ClassifyConfig(), LINEAR))
    made = train_classifier(learn.embeddings, learn.tasks, learn.groups, heads, rng)
    print(
        f"{len(learn.groups)} rows learnt from in {time.perf_counter() - began[0]:.0f} s, "
        f"{time.process_time() - began[1]:.0f} CPU s, {made.epochs} epochs"
    )
    linear = train_classifier(learn.embeddings, learn.tasks, learn.groups, lines, rng)
    told = judge(made.heads, held.embeddings, held.tasks)
    plain = judge(linear.heads, held.embeddings, held.tasks)
    rows: list[list[object]] = []
    for one in made.learnt:
        figures: Figures = told[one.task]
        rows.append(
            [
                one.task, len(one.labels), figures.rows, figures.majority,
                neighbours(learn, held, one.task), plain[one.task].accuracy,
                figures.accuracy, figures.macro_f1, one.before, one.figures.error,
                figures.error, figures.told, figures.right,
            ]
        )  # fmt: skip
    return rows


COLUMNS = (
    *("task", "labels", "judged", "majority", "5 nearest", "linear", "hidden layer", "macro F1"),
    *("ECE raw", "ECE", "ECE judged", "told", "right"),
)


def tasks() -> None:
    """Tell the labels of a fashion shop."""
    whole, colours = fashion()
    learn, held = split_groups(whole.groups, 0.7, np.random.default_rng(0))
    rows = compared(whole.only(learn), whole.only(held))
    print_table("fashion: 70 % of the groups teach, 30 % judge", COLUMNS, rows)
    made = train_classifier(
        whole.only(learn).embeddings,
        {"baseColour": whole.only(learn).tasks["baseColour"]},
        whole.only(learn).groups,
        ClassifyConfig(),
        np.random.default_rng(0),
    )
    names = {name.value for name in ColourName}
    truth = [(row, str(whole.tasks["baseColour"][row]).casefold()) for row in held.tolist()]
    plain = [(row, label) for row, label in truth if label in names]
    predicted = made.heads.predict(whole.embeddings[[row for row, _ in plain]])["baseColour"]
    heads = [predicted.best(place)[0].casefold() for place in range(len(plain))]
    pixels = [colours[row] for row, _ in plain]
    place = {name: number for number, name in enumerate(sorted({*names, *heads, ""}))}
    right = np.array([place[label] for _, label in plain])
    table: list[list[object]] = []
    for name, said in (("pixels", pixels), ("head", heads)):
        numbers = np.array([place[label] for label in said])
        table.append([name, len(plain), float((numbers == right).mean()), macro_f1(numbers, right)])
    print_table("baseColour, where it is a plain name", ["by", "judged", "accuracy", "F1"], table)


def grocery() -> None:
    """Tell 81 products, and their 43 kinds, in phone photos."""
    folder = DATA / "grocery_street_to_catalogue"
    photos = read_csv(folder / "photos.csv")
    pictures = seen("grocery", [folder / row["photo"] for row in photos])
    labels = {"fine": "class_id", "coarse": "coarse_class_id"}
    tasks = {name: [row[column] for row in photos] for name, column in labels.items()}
    whole = Part(pictures.embeddings, tasks, [row["photo"] for row in photos])
    parts = [
        whole.only([place for place, row in enumerate(photos) if row["split"] == split])
        for split in ("train", "val")
    ]
    print_table("grocery: photos of train teach, val judges", COLUMNS, compared(*parts))
    apart = replace(parts[0], groups=bursts(parts[0].embeddings))
    title = f"the same, {len(set(apart.groups))} groups of photos that look alike"
    print_table(title, COLUMNS, compared(apart, parts[1], 2))


def bursts(embeddings: Embeddings) -> list[str]:
    """Group photos that look as if they were taken together: chains of cosines above 0.8."""
    group = np.arange(len(embeddings))
    for one, other in np.argwhere(np.triu(embeddings @ embeddings.T >= ALIKE, 1)):
        group[group == group[one]] = group[other]
    return [str(name) for name in group]


def active() -> None:
    """Compare what is labelled next: at random, by doubt alone, by doubt and variety."""
    whole, _ = fashion()
    by_way: dict[str, list[list[float]]] = {"random": [], "doubt": [], "suggest": []}
    for seed in range(SEEDS):
        rng = np.random.default_rng(seed)
        learn, held = (whole.only(rows) for rows in split_groups(whole.groups, 0.7, rng))
        first = rng.choice(len(learn.groups), START, replace=False)
        for way, found in by_way.items():
            found.append(_rounds(learn, held, way, first.tolist(), np.random.default_rng(seed)))
    labels = [START + EACH * step for step in range(ROUNDS)]
    rows = [
        [way, *(f"{m:.3f} ± {s:.3f}" for m, s in zip(np.mean(f, 0), np.std(f, 0), strict=True))]
        for way, f in by_way.items()
    ]
    title = f"articleType after so many labels, {SEEDS} seeds (mean ± deviation)"
    print_table(title, ["next", *map(str, labels)], rows)


def _rounds(
    learn: Part, held: Part, way: str, chosen: list[int], rng: np.random.Generator
) -> list[float]:
    config = ClassifyConfig(epochs=EPOCHS, batch=64)
    dense = density(learn.embeddings, rng)
    found: list[float] = []
    for step in range(ROUNDS):
        some = learn.only(chosen)
        classes, _ = classes_of({"articleType": some.tasks["articleType"]}, some.groups, 1)
        heads = fit(some.embeddings, classes, config, rng).heads
        told = heads.predict(held.embeddings)["articleType"]
        right = [told.best(row)[0] == label for row, label in enumerate(held.tasks["articleType"])]
        found.append(float(np.mean(right)))
        if step == ROUNDS - 1:
            break
        rest = np.setdiff1d(np.arange(len(learn.groups)), chosen)
        doubt = uncertainty([heads.predict(learn.embeddings[rest])["articleType"].probabilities])
        if way == "random":
            following = rng.choice(len(rest), EACH, replace=False)
        elif way == "doubt":
            following = np.argsort(-doubt)[:EACH]
        else:
            taken = learn.embeddings[chosen]
            following = choose(doubt * dense[rest], learn.embeddings[rest], taken, EACH)
        chosen = [*chosen, *rest[following].tolist()]
    return found


def pseudo() -> None:
    """Give a share of the teaching products labels, and let the rest be guessed or not."""
    whole, _ = fashion()
    rows: list[list[object]] = []
    for share in (0.05, 0.1, 0.25):
        for guesses in (False, True):
            found = [_semi(whole, share, seed, guesses=guesses) for seed in range(3)]
            rows.append([f"{share:.0%}", "yes" if guesses else "no", *np.mean(found, 0).tolist()])
    names = ["articleType", "gender", "baseColour", "season", "usage"]
    print_table("accuracy, 3 seeds", ["labelled", "pseudo-labels", *names, "mean"], rows)


def _semi(whole: Part, share: float, seed: int, *, guesses: bool) -> list[float]:
    rng = np.random.default_rng(seed)
    learn, held = (whole.only(rows) for rows in split_groups(whole.groups, 0.7, rng))
    known = set(split_groups(learn.groups, share, rng)[0].tolist())
    tasks = {
        name: [label if row in known else None for row, label in enumerate(labels)]
        for name, labels in learn.tasks.items()
        if name != "masterCategory"
    }
    config = ClassifyConfig(pseudo=guesses, fewest=3)
    made = train_classifier(learn.embeddings, tasks, learn.groups, config, rng)
    told = judge(made.heads, held.embeddings, held.tasks)
    accuracies = [told[name].accuracy for name in tasks]
    return [*accuracies, float(np.mean(accuracies))]


if __name__ == "__main__":
    for wanted in sys.argv[1:] or ["tasks", "grocery", "active", "pseudo"]:
        {"tasks": tasks, "grocery": grocery, "active": active, "pseudo": pseudo}[wanted]()

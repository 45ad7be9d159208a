"""Are a product's colours named as the shop names them, and found by a picked colour? How fast?

    python -m bench.colours [FOLDER]

fashion: the column baseColour, its 38 names mapped to the twelve; every choice was made on a random
half of the groups, the figures are of the other half.
sample shop: the main pictures of ``feed.sampleshop``; the truth is the feed's plain colour. Its
pictures were looked at while ``ground`` was written.
filter: a product counts as right only under the one name that the shop gives it.
picked: each family's own place is asked for. "in order" compares the first 50 with the order by
CIEDE2000: the sum over a product's colours of share times exp(-(difference / 15)²), as nDCG@50.
FOLDER: where ``recipes/sample_shop`` rendered, such as /tmp/shop; the truth is Variant.family. What
``ground`` does in photos was chosen on them.
nearest of places: instead of the boxes of ``name_of``, by CIEDE2000 (CIE 142-2001).
"""

import ast
import csv
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float64
from PIL import Image

from bench.report import DATA, print_table
from shoplens.encode.colours.dominant import Dominant, dominant
from shoplens.encode.colours.field import colour_words
from shoplens.encode.colours.lab import Lab, lab_of
from shoplens.encode.colours.names import ColourName, name_of
from shoplens.encode.colours.parse import WORDS, parse_colour
from shoplens.encode.colours.vector import colour_vector, query_vector
from shoplens.feed.sampleshop.shop import FOLDER, feed
from shoplens.types import Pixels

KINDS = Path(__file__).parents[1] / "recipes" / "sample_shop" / "kinds"
SIDE_PX = 260
FAMILY = {
    "navy blue": "blue", "turquoise blue": "blue", "maroon": "red", "burgundy": "red",
    "olive": "green", "teal": "green", "cream": "beige", "khaki": "beige", "skin": "beige",
    "off white": "white", "tan": "brown", "copper": "brown", "coffee brown": "brown",
    "rust": "brown", "taupe": "brown", "bronze": "brown", "charcoal": "grey", "steel": "grey",
    "grey melange": "grey", "silver": "grey", "magenta": "pink", "peach": "pink",
    "lavender": "purple", "mustard": "yellow",
}  # fmt: skip
"""Gold, multi and clear are not among the twelve, so always wrong; silver counts as grey."""

Answer = Callable[[Pixels], Sequence[str]]
Namer = Callable[[Lab], str]
Confused = Counter[tuple[str, str]]


@dataclass(frozen=True)
class Judged:
    """A picture and the plain name of its product's colour."""

    picture: Pixels
    family: str


def read(path: Path, box: Sequence[int] | None = None) -> Pixels:
    """Decode a picture, or what a box holds of it, at most 260 pixels on a side."""
    with Image.open(path) as file:
        picture = file.convert("RGB").crop(tuple(box)) if box else file.convert("RGB")
    picture.thumbnail((SIDE_PX, SIDE_PX))
    return np.asarray(picture)


def fashion(*, train: bool) -> list[Judged]:
    """Read one random half of the fashion groups."""
    folder = DATA / "fashion_catalog"
    with (folder / "products.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    groups = np.array(sorted({row["group"] for row in rows}))
    order = np.random.default_rng(0).permutation(len(groups))
    half = set(groups[order[: len(groups) // 2]])
    return [
        Judged(read(folder / row["image"]), FAMILY.get(said := row["baseColour"].lower(), said))
        for row in rows
        if (row["group"] in half) is train
    ]


def sample_shop() -> list[Judged]:
    """Read the main pictures of the shipped shop; what has no plain colour is left out."""
    items = feed().read_text(encoding="utf-8").split("<item>")[1:]
    label = re.compile(r"image_link>(.*?)<.*<g:custom_label_1>(.*?)<", re.DOTALL)
    told = [found.groups() for item in items if (found := label.search(item))]
    return [Judged(read(FOLDER / image), name) for image, name in told if name in set(ColourName)]


def families() -> dict[str, str]:
    """Read each sample product's family from the recipes, which need bpy to be imported."""
    found: dict[str, str] = {}
    calls = [
        node
        for file in sorted(KINDS.glob("[a-z]*.py"))
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    ]
    for group in (call for call in calls if call.func.id == "Group"):
        group_id = ast.literal_eval(group.args[0])
        for call in ast.walk(group):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "Variant":
                colour = ast.literal_eval(call.args[0].args[0]).lower()
                slug = "-".join("".join(c if c.isalnum() else " " for c in colour).split())
                family = ast.literal_eval(call.args[2])
                found[f"{group_id}-{slug}"] = FAMILY.get(family, family)
    return found


def sample(folder: Path) -> dict[str, list[Judged]]:
    """Read the rendered catalogue's first pictures, and the visitors' photos whole and cut out."""
    of = families()
    sets: dict[str, list[Judged]] = {
        "catalogue": [
            Judged(read(path), of[path.stem.removesuffix("-1")])
            for path in sorted((folder / "catalogue").glob("*-1.png"))
        ]
    }
    photos = [
        (path.with_suffix(".png"), json.loads(path.read_text(encoding="utf-8"))["seen"][0])
        for path in sorted((folder / "query").glob("*.json"))
    ]
    sets["photos"] = [Judged(read(path), of[true["product_id"]]) for path, true in photos]
    sets["photos, cut out by box"] = [
        Judged(read(path, true["box"]), of[true["product_id"]]) for path, true in photos
    ]
    return {f"sample {name}": judged for name, judged in sets.items() if judged}


# ---- the ways to answer ------------------------------------------------------------------------


def ours(picture: Pixels, namer: Namer = name_of) -> list[str]:
    """Name the dominant colours, each name once."""
    return list(dict.fromkeys(str(namer(one.lab)) for one in dominant(picture)))


def mean_of(picture: Pixels) -> list[str]:
    """Name the mean colour of the whole picture."""
    return [name_of(Lab.of_row(lab_of(picture).reshape(-1, 3).mean(axis=0)))]


def mean_of_middle(picture: Pixels) -> list[str]:
    """Name the mean colour of the middle half of each side."""
    height, width = picture.shape[:2]
    return mean_of(picture[height // 4 : -(height // 4), width // 4 : -(width // 4)])


def nearest_of(places: Sequence[tuple[Lab, str]]) -> Namer:
    """Name a colour as the place that is nearest by CIEDE2000."""

    def name(lab: Lab) -> str:
        return min(places, key=lambda place: ciede2000(lab, place[0]))[1]

    return name


def ciede2000(one: Lab, other: Lab) -> float:
    """Give the difference of two colours (CIE 142-2001; Sharma, Wu & Dalal 2005)."""
    mean_chroma = (one.chroma + other.chroma) / 2
    stretch = 1.5 - 0.5 * np.sqrt(mean_chroma**7 / (mean_chroma**7 + 25**7))
    p, q = (Lab(lab.lightness, lab.a * stretch, lab.b) for lab in (one, other))
    turn = (q.hue_deg - p.hue_deg + 180) % 360 - 180 if p.chroma * q.chroma else 0
    hue = p.hue_deg + turn / 2
    chroma, lightness = (p.chroma + q.chroma) / 2, (p.lightness + q.lightness) / 2
    cosines = (-0.17, 1, -30), (0.24, 2, 0), (0.32, 3, 6), (-0.2, 4, -63)
    t = 1 + sum(size * np.cos(np.radians(times * hue + at)) for size, times, at in cosines)
    off = (lightness - 50) ** 2
    d_light = (q.lightness - p.lightness) / (1 + 0.015 * off / np.sqrt(20 + off))
    d_chroma = (q.chroma - p.chroma) / (1 + 0.045 * chroma)
    across = 2 * np.sqrt(p.chroma * q.chroma) * np.sin(np.radians(turn / 2))
    d_hue = across / (1 + 0.015 * chroma * t)
    angle = 60 * np.exp(-(((hue - 275) / 25) ** 2))
    twist = -2 * np.sqrt(chroma**7 / (chroma**7 + 25**7)) * np.sin(np.radians(angle))
    return float(np.sqrt(d_light**2 + d_chroma**2 + d_hue**2 + twist * d_chroma * d_hue))


def namers() -> dict[str, Namer]:
    """List ways to name one colour."""
    basic = [(lab, str(name)) for name in ColourName if (lab := parse_colour(name))]
    every = [(lab, str(name_of(lab))) for place in WORDS if (lab := Lab.of_hex(place))]
    return {
        "boxes": name_of,
        f"nearest of {len(basic)} places": nearest_of(basic),
        f"nearest of {len(every)} places": nearest_of(every),
    }


# ---- filtering, picking ------------------------------------------------------------------------


def filtered(judged: Sequence[Judged]) -> list[object]:
    """Give precision and recall of ``colour = NAME``, over all names and as their means."""
    named = [set(colour_words((), dominant(one.picture))) for one in judged]
    right = Counter(j.family for j, names in zip(judged, named, strict=True) if j.family in names)
    wanted, came = Counter(j.family for j in judged), Counter(n for names in named for n in names)
    known = [name for name in ColourName if wanted[name]]
    return [
        sum(right.values()) / sum(came[name] for name in ColourName),
        sum(right.values()) / sum(wanted[name] for name in known),
        float(np.mean([right[name] / max(came[name], 1) for name in known])),
        float(np.mean([right[name] / wanted[name] for name in known])),
    ]


def picked(judged: Sequence[Judged]) -> list[object]:
    """Give precision@10 by the products' rows and by CIEDE2000, then how alike their orders are."""
    found = [dominant(one.picture) for one in judged]
    rows = np.stack([colour_vector(one) for one in found])
    right: list[list[bool]] = [[], []]
    gains: list[float] = []
    for name in ColourName:
        place = parse_colour(name)
        if not place or not any(one.family == name for one in judged):
            continue
        true = np.array([sum(d.share * near(place, d.lab) for d in one) for one in found])
        for at, scores in enumerate((rows @ query_vector(place), true)):
            best = np.argsort(-scores, kind="stable")
            right[at] += [judged[i].family == name for i in best[:10]]
            if not at:
                gains.append(ndcg(true[best], np.sort(true)[::-1]))
    return [*(float(np.mean(one)) for one in right), float(np.mean(gains))]


def near(one: Lab, other: Lab) -> float:
    """Tell how alike two colours look, from 0 to 1."""
    return float(np.exp(-((ciede2000(one, other) / 15) ** 2)))


def ndcg(found: Float64[np.ndarray, " n"], ideal: Float64[np.ndarray, " n"], k: int = 50) -> float:
    """Give how much of the best possible gain the first k have (Järvelin & Kekäläinen 2002)."""
    discount = 1 / np.log2(np.arange(min(k, len(found))) + 2)
    return float((found[:k] @ discount) / (ideal[:k] @ discount))


# ---- measuring ---------------------------------------------------------------------------------


def score(
    judged: Iterable[Judged], answer: Answer
) -> tuple[list[object], Counter[tuple[str, str]]]:
    """Give how often the first name, then one of the first two, is right; and who was taken for."""
    first, two = [], []
    confused: Confused = Counter()
    by_family: dict[str, list[bool]] = {}
    for one in judged:
        names = answer(one.picture)
        first.append(names[0] == one.family)
        two.append(one.family in names[:2])
        by_family.setdefault(one.family, []).append(first[-1])
        if not first[-1]:
            confused[one.family, names[0]] += 1
    balanced = np.mean([np.mean(right) for right in by_family.values() if len(right) > 5])
    return [len(first), float(np.mean(first)), float(np.mean(two)), float(balanced)], confused


def spent(judged: Sequence[Judged], times: int = 200) -> list[object]:
    """Give the median and the 95th percentile of ms a picture, of this thread's CPU time."""
    took: list[float] = []
    for one in judged[:times]:
        began = time.thread_time()
        found: tuple[Dominant, ...] = dominant(one.picture)
        took.append((time.thread_time() - began) * 1000)
        del found
    return [float(np.median(took)), float(np.percentile(took, 95))]


def main() -> None:
    """Measure every set, every way to answer."""
    sets = {"fashion, other half": fashion(train=False), "sample shop": sample_shop()}
    if len(sys.argv) > 1:
        sets |= sample(Path(sys.argv[1]))
    ways: dict[str, Answer] = {
        "dominant": ours, "mean colour": mean_of, "mean of the middle": mean_of_middle,
    }  # fmt: skip
    for label, namer in list(namers().items())[1:]:
        ways[f"dominant, {label}"] = lambda picture, namer=namer: ours(picture, namer)
    rows: list[list[object]] = []
    pairs: list[list[object]] = []
    times: list[list[object]] = []
    filters = [[name, len(judged), *filtered(judged)] for name, judged in sets.items()]
    picks = [[name, len(judged), *picked(judged)] for name, judged in sets.items()]
    for name, judged in sets.items():
        for way, answer in ways.items():
            figures, confused = score(judged, answer)
            rows.append([name, way, *figures])
            if way == "dominant":
                pairs += [[name, *pair, n] for pair, n in confused.most_common(8)]
        times.append([name, "x".join(map(str, judged[0].picture.shape[:2])), *spent(judged)])
    columns = ["pictures", "named by", "how many", "first", "of first two", "mean of families"]
    print_table("the plain name of a product's colour", columns, rows)
    columns = ["pictures", "how many", "precision", "recall", "of names: precision", "recall"]
    print_table("colour = NAME, by pictures alone", columns, filters)
    columns = ["pictures", "how many", "right of 10", "by CIEDE2000", "in order"]
    print_table("a picked colour", columns, picks)
    print_table("most confused", ["pictures", "is", "named", "times"], pairs)
    print_table("ms a picture, one thread", ["pictures", "h x w", "median", "p95"], times)


if __name__ == "__main__":
    main()

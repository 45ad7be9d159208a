"""What teaches and what judges: products held out whole, and further photos of those trained on."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Int64

from shoplens.errors import MismatchError
from shoplens.learn.examples.gather import Declared, Example, Examples
from shoplens.learn.examples.holding.groups import Held, held_groups, held_labels, held_with
from shoplens.learn.examples.holding.spread import Shares, by_size
from shoplens.learn.examples.holding.units import Part, cut
from shoplens.predict.shop.alike import near_duplicates

Ints = Int64[np.ndarray, " n"]

USUAL = Shares()
MIN_CLASSES = 3
"""Labels that can be learnt at least: two to train on, one to hold out."""
GOOD = 3
"""Pictures of a label from which learning pays."""
STEADY = 30
"""Pictures below which a judgement is a matter of luck."""
TOLD = 5
"""Doubtful things of one sort that are listed."""


def _none() -> Ints:
    return np.zeros(0, np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Places in ``Examples.all``, in order.

    Where labels are products: ``train`` holds photos, and the gallery pictures of products with
    such a photo. ``seen`` holds further photos of trained groups, ``unseen`` all photos of groups
    no picture of which is trained on. Where labels are others, ``unseen`` holds whole labels that
    are not trained on, ``seen`` other products of trained ones, and what a file declares of them.
    ``dev`` and ``dev_unseen`` are the same for early stopping. ``gallery`` is what answers, held
    out or not. ``unseen_declared`` are those of ``unseen`` that a file held out itself.
    """

    train: Ints
    dev: Ints
    seen: Ints
    unseen: Ints
    gallery: Ints
    dev_unseen: Ints = field(default_factory=_none)
    unseen_declared: Ints = field(default_factory=_none)


def make_split(
    examples: Examples,
    rng: np.random.Generator,
    unseen: float = USUAL.unseen,
    held_photos: float = USUAL.held_photos,
    dev: float = USUAL.dev,
    *,
    augmented: bool = False,
) -> Split:
    """Hold out shares of groups (or labels), and of the photos of the others.

    Small shops keep something of each. What a file declares as ``test``, or else as ``val``,
    judges; with both, ``val`` is for early stopping. ``augmented`` says that views of a single
    picture will ask for it: then products with one picture take part.
    """
    shares = Shares(unseen, held_photos, dev)
    asking = _asking(examples, augmented=augmented)
    parts = _judging(examples)
    judging = [i for i in asking if examples.declared.get(i) in parts] or asking
    if _by_groups(examples):
        sizes = Counter(examples.all[i].group for i in judging)
        held = held_groups(sizes, shares, rng)
    else:
        held = held_labels([examples.all[i] for i in asking], shares, rng)
    return _split(examples, asking, held, shares, rng)


def folds(
    examples: Examples, k: int, rng: np.random.Generator, *, augmented: bool = False
) -> list[Split]:
    """Split ``k`` times so that each group (or label) is unseen once: for small shops.

    Raises:
        MismatchError: there are fewer groups (or labels) than folds, or fewer than two folds.
    """
    asking = _asking(examples, augmented=augmented)
    shown = [examples.all[i] for i in asking]
    grouped = _by_groups(examples)
    sizes = _units(examples, asking)
    if not 2 <= k <= len(sizes):
        raise MismatchError(
            f"{k} folds cannot be made of {len(sizes)} {'groups' if grouped else 'labels'}; "
            "each fold holds out at least one, and two folds are the fewest"
        )
    order = by_size(sizes, rng)
    splits: list[Split] = []
    for fold in range(k):
        names = order[fold::k]
        held = Held(set(names)) if grouped else held_with(shown, names)
        rest = [example for example in shown if example.group not in held.groups]
        watched = _watched(rest, rng, grouped=grouped)
        splits.append(_split(examples, asking, (held, watched), USUAL, rng))
    return splits


def asked_units(examples: Examples, *, augmented: bool = False) -> int:
    """Count the groups (or labels) that can be held out: those with a picture that asks."""
    return len(_units(examples, _asking(examples, augmented=augmented)))


def _units(examples: Examples, asking: Sequence[int]) -> Counter[str]:
    """Count the asking pictures of each group, or label, whichever is held out whole."""
    grouped = _by_groups(examples)
    shown = (examples.all[i] for i in asking)
    return Counter(example.group if grouped else example.label for example in shown)


def _watched(rest: Sequence[Example], rng: np.random.Generator, *, grouped: bool) -> Held:
    """Draw what early stopping watches as unseen, of what a fold trains on."""
    shares = Shares(unseen=USUAL.dev, dev=0)
    if grouped:
        return held_groups(Counter(example.group for example in rest), shares, rng)[0]
    return held_labels(rest, shares, rng)[0]


# ---- what can be learnt --------------------------------------------------------------------------


def check(examples: Examples, split: Split, *, augmented: bool = False) -> list[str]:
    """Say what is weak in the examples, one line each.

    Raises:
        MismatchError: nothing can be learnt of them; says what was found and what is wanted.
    """
    counts = Counter(example.label for example in examples.all)
    _check_labels(examples, counts)
    kinds = kinds_of(examples.way)
    if not augmented and max(counts.values()) < 2:
        raise MismatchError(
            f"each of the {len(counts)} {kinds} has one picture only, and it takes two to tell "
            "what stays the same: add labelled photos (--photos FILE), or let views of the one "
            "picture be the second (--augmented)"
        )
    trained = Counter(examples.all[int(i)].label for i in split.train)
    if len(trained) < 2 or (not augmented and max(trained.values()) < 2):
        raise MismatchError(
            f"of {len(examples.all)} pictures, {len(split.train)} of {len(trained)} {kinds} are "
            "left to train on after what is held out to judge by; wanted at least 2 with 2 "
            "pictures: add photos, or let the file declare fewer of them val or test"
        )
    return [*_few(examples, counts), *_unjudged(examples, split), *_doubtful(examples, counts)]


def kinds_of(way: str) -> str:
    """Name what labels are, in the plural."""
    plain = {"product": "products", "group": "groups", "brand": "brands", "category": "categories"}
    return plain.get(way, f"values of {way}")


def _check_labels(examples: Examples, counts: Counter[str]) -> None:
    if not counts:
        raise MismatchError(
            f"there is no picture to learn from, and {len(examples.refused)} were refused: index a "
            "feed with pictures first (shoplens index)"
        )
    if len(counts) == 1:
        raise MismatchError(
            f"all {len(examples.all)} pictures are of one kind, {next(iter(counts))!r}: what tells "
            f"{kinds_of(examples.way)} apart is learnt from {MIN_CLASSES} at least"
        )
    if len(counts) < MIN_CLASSES:
        raise MismatchError(
            f"there are {len(counts)} {kinds_of(examples.way)}; wanted {MIN_CLASSES} at least: two "
            "to train on and one to hold out. Index more, or learn by another label"
        )


def _few(examples: Examples, counts: Counter[str]) -> Iterator[str]:
    few = sum(count < GOOD for count in counts.values())
    if few:
        yield (
            f"{few} of {len(counts)} {kinds_of(examples.way)} ({few / len(counts):.0%}) have fewer "
            f"than {GOOD} pictures: more photos of these would teach most"
        )


def _unjudged(examples: Examples, split: Split) -> Iterator[str]:
    kinds = kinds_of(examples.way)
    for name, places in ((f"new {kinds}", split.unseen), (f"known {kinds}", split.seen)):
        if not len(places):
            yield f"no picture is held out to judge {name} by"
        elif len(places) < STEADY:
            yield f"{len(places)} pictures judge {name}: too few to tell a small difference"


def _doubtful(examples: Examples, counts: Counter[str]) -> Iterator[str]:
    """Tell labels that look like one, and pictures that have two."""
    if not _by_groups(examples):
        likely = near_duplicates(counts)
        for often, seldom, why in likely[:TOLD]:
            yield (
                f"these look like one: {often!r} ({counts[often]}), {seldom!r} ({counts[seldom]}): "
                f"{why}"
            )
        yield from _more(len(likely), "such pairs of labels")
    labels: dict[str, list[Example]] = defaultdict(list)
    for example in examples.all:
        labels[example.image_hash].append(example)
    twice = [same for same in labels.values() if len({one.label for one in same}) > 1]
    for same in twice[:TOLD]:
        named = ", ".join(sorted({repr(one.label) for one in same})[:TOLD])
        yield f"one picture has {len(same)} labels, {named}: {same[0].source}"
    yield from _more(len(twice), "such pictures")
    if twice and examples.way == "product":
        yield "if products that share a picture are variants of one thing, learn by group"


def _more(k: int, what: str) -> Iterator[str]:
    if k > TOLD:
        yield f"and {k - TOLD} more {what}"


# ---- who is where --------------------------------------------------------------------------------


def _by_groups(examples: Examples) -> bool:
    return examples.way in {"product", "group"}


def _judging(examples: Examples) -> set[Declared]:
    """Tell which declared part judges."""
    declared = set(examples.declared.values())
    return {"test"} if "test" in declared else declared - {"train"}


def _asking(examples: Examples, *, augmented: bool) -> list[int]:
    """Give the places of all pictures that ask: not those that only answer."""
    if examples.way != "product":
        return list(range(len(examples.all)))
    asked = {example.product_id for example in examples.all if example.role == "photo"}
    return [
        i
        for i, example in enumerate(examples.all)
        if example.role == "photo" or (augmented and example.product_id not in asked)
    ]


def _split(
    examples: Examples,
    asking: Sequence[int],
    held: tuple[Held, Held],
    shares: Shares,
    rng: np.random.Generator,
) -> Split:
    parts = _parts(examples, asking, held)
    free = [i for i in asking if i not in parts]
    if {"test", "val"} <= set(examples.declared.values()):
        shares = Shares(held_photos=0, dev=0)
    elif _judging(examples):
        shares = Shares(held_photos=0, dev=shares.dev)
    parts |= cut(examples, free, shares, rng)
    _settle(examples, parts)
    if examples.way == "product":
        parts |= _answering(examples, parts)
    places: dict[str, list[int]] = defaultdict(list)
    for i in sorted(parts):
        places[parts[i]].append(i)
    judging = _judging(examples)
    declared = [i for i in places["unseen"] if examples.declared.get(i) in judging]
    gallery = [i for i, example in enumerate(examples.all) if example.role == "gallery"]
    return Split(
        train=_ints(places["train"]),
        dev=_ints(places["dev"]),
        seen=_ints(places["seen"]),
        unseen=_ints(places["unseen"]),
        gallery=_ints(gallery),
        dev_unseen=_ints(places["dev_unseen"]),
        unseen_declared=_ints(declared),
    )


def _ints(places: Iterable[int]) -> Ints:
    return np.array(list(places), np.int64)


def _parts(examples: Examples, asking: Sequence[int], held: tuple[Held, Held]) -> dict[int, Part]:
    """Place what is held out with its group, and what a file holds out of the others."""
    unseen, watched = held
    judging = _judging(examples)
    parts: dict[int, Part] = {}
    for i in asking:
        example, declared = examples.all[i], examples.declared.get(i, "train")
        if example.group in unseen.groups:
            parts[i] = "unseen" if unseen.has(example) else "seen"
        elif example.group in watched.groups:
            parts[i] = "dev_unseen" if watched.has(example) else "dev"
        elif declared != "train":
            parts[i] = "seen" if declared in judging else "dev"
    return parts


def _settle(examples: Examples, parts: dict[int, Part]) -> None:
    """Call unseen what was held out of groups, or labels, that nothing is left to train of."""
    grouped = _by_groups(examples)

    def kind(i: int) -> str:
        return examples.all[i].group if grouped else examples.all[i].label

    trained = {kind(i) for i, part in parts.items() if part == "train"}
    for i, part in parts.items():
        if part in {"seen", "dev"} and kind(i) not in trained:
            parts[i] = "unseen" if part == "seen" else "dev_unseen"


def _answering(examples: Examples, parts: Mapping[int, Part]) -> dict[int, Part]:
    """Train on the gallery pictures of products that have a photo to train on, and on no others.

    A product of which only the gallery picture is trained on is found by its photos far worse
    than one that is not trained on at all (DESIGN.md).
    """
    trained = {examples.all[i].product_id for i, part in parts.items() if part == "train"}
    return {
        i: "train"
        for i, example in enumerate(examples.all)
        if example.role == "gallery" and example.product_id in trained
    }

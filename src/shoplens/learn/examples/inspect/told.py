"""What there is to learn from, in words: the same lines for the terminal and the model's card."""

import statistics
from collections import Counter
from collections.abc import Iterator

from shoplens.learn.examples.gather import Examples
from shoplens.learn.examples.splits import Split, kinds_of

MOST = 3
"""Reasons for refusing that are named."""


def told(examples: Examples, split: Split) -> list[str]:
    """Tell how much there is, what teaches and what judges, and what could not be used."""
    return [*_counted(examples), *_split(examples, split), *_left_out(examples)]


def _counted(examples: Examples) -> Iterator[str]:
    kinds = kinds_of(examples.way)
    counts = Counter(example.label for example in examples.all)
    if not counts:
        yield "no pictures"
        return
    sizes = sorted(counts.values())
    photos = sum(example.role == "photo" for example in examples.all)
    files = sum(not example.feed for example in examples.all)
    shown = len(examples.all) - photos
    asking = "answer" if examples.way == "product" else "ask and answer"
    yield (
        f"{len(examples.all)} pictures of {len(counts)} {kinds}: {shown} catalogue pictures that "
        f"{asking}, {photos} photos that ask" + (f", {files} of them from files" if files else "")
    )
    yield (
        f"pictures of one: {sizes[0]} at least, {statistics.median(sizes):g} in the middle, "
        f"{sizes[-1]} at most; {sum(size == 1 for size in sizes)} have one only"
    )
    if examples.pairs:
        yield f"{len(examples.pairs)} pairs of products were clicked together"


def _split(examples: Examples, split: Split) -> Iterator[str]:
    kinds = kinds_of(examples.way)

    def labels(places: Iterator[int]) -> int:
        return len({examples.all[place].label for place in places})

    trained = labels(map(int, split.train))
    yield f"trained on: {len(split.train)} pictures of {trained} {kinds}"
    for name, known, new in (
        ("held out to judge by", split.seen, split.unseen),
        ("watched to stop in time", split.dev, split.dev_unseen),
    ):
        yield (
            f"{name}: {len(known)} pictures of {labels(map(int, known))} {kinds} that are trained "
            f"on, {len(new)} of {labels(map(int, new))} that are not"
        )
    placed = {int(i) for part in (split.train, split.dev, split.seen) for i in part}
    placed |= {int(i) for part in (split.unseen, split.dev_unseen) for i in part}
    only = sum(i not in placed for i in range(len(examples.all)))
    if only:
        yield f"only answering: {only} pictures of products that are not trained on"


def _left_out(examples: Examples) -> Iterator[str]:
    if not examples.refused:
        return
    reasons = Counter(rejection.reason for rejection in examples.refused)
    named = "; ".join(f"{reason} ({k})" for reason, k in reasons.most_common(MOST))
    yield f"left out: {len(examples.refused)}, because: {named}"

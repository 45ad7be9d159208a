"""Labels that look like one: spelt in two ways, or mistyped. They are told, never merged."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations

from shoplens.encode.words.cut import singular
from shoplens.encode.words.fold import fold

SHORTEST, LONGEST = 5, 40
"""Letters of the words that may be mistyped."""
MOST_WORDS = 8
"""A label of more words is a text, in which nobody looks for typos."""
FEW, FAR_MORE = 5, 5
"""A label so rare may be a typo of any other; one that is not, of one so many times as frequent."""
LAST_OF_ALPHABETS = "\u058f"
"""Up to here, Latin, Greek, Cyrillic and Armenian are spelt letter by letter; Chinese is not."""

SPELLING = "the same but for case, width, accents, spaces or punctuation"
PLURAL = "the same but for a plural ending"
TYPO = "one letter apart, perhaps a typo"

# A number with its sign and points, a run of letters, or a symbol that tells two things apart.
_PARTS = re.compile(r"(?<!\w)[-\u2212]?\d+(?:[.,/:]\d+)*|\d+(?:[.,/:]\d+)*|[^\W\d_]+|[+$€£°<>=%#]")

Words = tuple[str, ...]


def near_duplicates(counts: Mapping[str, int]) -> list[tuple[str, str, str]]:
    """Find labels that people probably mean as one: (the more frequent, the other, why).

    One is the other in another case, width, punctuation or plural; or one word of it, of five
    letters at least, is one edit away: a letter more, less or other, or two neighbours swapped
    (Damerau, 1964). Numbers must be equal: ``iPhone 12`` and ``iPhone 13`` are two things. Of two
    labels that are both frequent neither is a typo: ``Shirts``, ``Tshirts``. The most frequent
    come first.
    """
    labels = sorted(counts, key=lambda label: (-counts[label], label))
    spelt = _alike(labels, lambda label: _joined(_words(label)))
    numbered = _alike([kept for kept, *_ in spelt], lambda label: _joined(_singular(label)))
    found = [(kept, other, SPELLING) for kept, *others in spelt for other in others]
    found += [(kept, other, PLURAL) for kept, *others in numbered for other in others]
    words = {kept: _singular(kept) for kept, *_ in numbered}
    found += [
        (often, seldom, TYPO)
        for often, seldom in _one_word_apart(words)
        if counts[seldom] <= max(FEW, counts[often] / FAR_MORE)
    ]
    place = {label: i for i, label in enumerate(labels)}
    return sorted(found, key=lambda pair: (place[pair[0]], place[pair[1]]))


def _alike(labels: Sequence[str], key: Callable[[str], str]) -> list[list[str]]:
    """Put labels of one key together, in order; one without letters or digits stays alone."""
    found: dict[str, list[str]] = {}
    for label in labels:
        found.setdefault(key(label) or f" {label}", []).append(label)
    return list(found.values())


def _words(label: str) -> Words:
    return tuple(_PARTS.findall(fold(label)))


def _singular(label: str) -> Words:
    return tuple(singular(word) for word in _words(label))


def _joined(words: Words) -> str:
    """Write words as one, but keep numbers apart: ``1 2`` is not ``12``."""
    return "".join(word if word.isalpha() else f" {word} " for word in words)


def _one_word_apart(words: Mapping[str, Words]) -> Iterator[tuple[str, str]]:
    """Give pairs of labels, in their order, that differ by one edit in one word.

    Words one edit apart are equal once a letter is left out of one or both (Garbe's symmetric
    deletes, 2012), so only labels that share such a remainder are compared.
    """
    shared: dict[tuple[Words, str, Words], list[str]] = defaultdict(list)
    for label, parts in words.items():
        for place, word in enumerate(parts if len(parts) <= MOST_WORDS else ()):
            for rest in _remainders(word):
                shared[parts[:place], rest, parts[place + 1 :]].append(label)
    pairs: dict[tuple[str, str], None] = {}
    for (before, _, _), labels in shared.items():
        place = len(before)
        for one, other in combinations(labels, 2):
            if _one_edit(words[one][place], words[other][place]):
                pairs[one, other] = None
    yield from pairs


def _remainders(word: str) -> set[str]:
    spelt = word.isalpha() and max(word) <= LAST_OF_ALPHABETS
    if not spelt or not SHORTEST - 1 <= len(word) <= LONGEST:
        return set()
    return {word, *(word[:i] + word[i + 1 :] for i in range(len(word)))}


def _one_edit(one: str, other: str) -> bool:
    if max(len(one), len(other)) < SHORTEST:
        return False
    begin = _same(one, other)
    one, other = one[begin:], other[begin:]
    end = _same(one[::-1], other[::-1])
    one, other = one[: len(one) - end], other[: len(other) - end]
    swapped = len(one) == 2 and one == other[::-1]
    return swapped or max(len(one), len(other)) == 1


def _same(one: str, other: str) -> int:
    """Count the letters from the start on that both have."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(one), len(other)))

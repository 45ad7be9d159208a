"""Words that mean the same, told by the shop in plain text files."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from shoplens.encode.words.cut import Piece, pieces, plain, tokens, tokens_of
from shoplens.errors import ConfigError

_FOLDER = Path(__file__).with_name("groups")
SHIPPED: Mapping[str, Path] = {name: _FOLDER / f"{name}.txt" for name in ("en", "zh")}
_Phrase = tuple[str, ...]
"""A word or several, each as it is found among the pieces of a question."""


@dataclass(frozen=True, slots=True)
class Synonyms:
    """For every phrase, the phrases that mean the same; ``runs`` are of scripts without spaces."""

    phrases: Mapping[_Phrase, tuple[str, ...]] = field(
        default_factory=dict[_Phrase, tuple[str, ...]]
    )
    runs: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])

    @classmethod
    def read(cls, paths: Iterable[Path]) -> "Synonyms":
        """Read files of groups, one a line: ``sofa, couch, settee``, or ``tee => t-shirt`` one way.

        What stands behind ``#`` is passed over.

        Raises:
            ConfigError: a file or a line of it makes no sense; the message names the line.
        """
        means: dict[str, list[str]] = {}
        for path in paths:
            for line, text in enumerate(_lines(path), start=1):
                for phrase, others in _rules(text, f"{path}, line {line}"):
                    means.setdefault(phrase, []).extend(others)
        phrases: dict[_Phrase, tuple[str, ...]] = {}
        runs: dict[str, tuple[str, ...]] = {}
        for phrase, others in means.items():
            kept = tuple(dict.fromkeys(other for other in others if other != phrase))
            cut = list(pieces(phrase))
            if len(cut) == 1 and cut[0].run:
                runs[phrase] = kept
            else:
                phrases[tuple(map(_key, cut))] = kept
        return cls(phrases, runs)

    def others(self, cut: Sequence[Piece]) -> Iterator[tuple[_Phrase, _Phrase]]:
        """Give the tokens of each known part of a question, and of a phrase that means the same."""
        seen = set[tuple[str, str]]()
        for part, phrases in (*self._of_words(cut), *self._of_runs(cut)):
            for other in phrases:
                if (part, other) not in seen:
                    seen.add((part, other))
                    yield tuple(tokens(part)), tuple(dict.fromkeys(tokens(other)))

    def _of_words(self, cut: Sequence[Piece]) -> Iterator[tuple[str, tuple[str, ...]]]:
        longest = max(map(len, self.phrases), default=0)
        for start in range(len(cut)):
            for end in range(start + 1, min(start + longest, len(cut)) + 1):
                part = cut[start:end]
                if others := self.phrases.get(tuple(map(_key, part))):
                    yield " ".join(piece.text for piece in part), others

    def _of_runs(self, cut: Sequence[Piece]) -> Iterator[tuple[str, tuple[str, ...]]]:
        written = [piece.text for piece in cut if piece.run]
        return (
            (phrase, others)
            for phrase, others in self.runs.items()
            if any(phrase in text for text in written)
        )


def shop_synonyms(names: Iterable[str]) -> Synonyms:
    """Read files of synonyms; ``en`` and ``zh`` name those that come with the package.

    Raises:
        ConfigError: a file, or a line of one, makes no sense.
    """
    return Synonyms.read(SHIPPED.get(name, Path(name)) for name in names)


def _key(piece: Piece) -> str:
    """Name a piece so that ``T-Shirts`` and ``tshirt`` are one."""
    return piece.text if piece.run else list(tokens_of(piece))[-1]


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8-sig").splitlines()
    except (OSError, ValueError) as error:
        what = f"the synonyms in {path} cannot be read: {error}"
        raise ConfigError(f"{what}; wanted is a text file in UTF-8") from error


def _rules(text: str, where: str) -> list[tuple[str, list[str]]]:
    """Turn a line into phrases, each with those that it also stands for."""
    text = text.partition("#")[0].strip()
    if not text:
        return []
    left, arrow, right = text.partition("=>")
    group, meant = _phrases(left, where), _phrases(right, where) if arrow else []
    if not arrow and len(group) < 2:
        raise ConfigError(f"{where}: {text!r} is one word; write two or more: sofa, couch")
    return [(phrase, meant if arrow else group) for phrase in group]


def _phrases(text: str, where: str) -> list[str]:
    phrases = [" ".join(plain(phrase).split()) for phrase in text.replace("，", ",").split(",")]
    for phrase in phrases:
        if not tokens(phrase):
            raise ConfigError(f"{where}: {phrase!r} is no word; write words between the commas")
    return phrases

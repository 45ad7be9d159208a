"""What is told of an added model before it is let serve."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from shoplens.encode.added.manifest import FILE, Manifest, Parity, read_manifest
from shoplens.encode.combined.opening import names_in


@dataclass(frozen=True, slots=True)
class Card:
    """What is told of a model: ``summary`` in a list, ``lines`` on its page, ``facts`` as JSON.

    ``recipe`` says in a word how it came here.
    """

    recipe: str
    summary: str
    lines: Sequence[str]
    facts: Mapping[str, object]

    def to_json(self) -> str:
        """Write it down for the registry."""
        return json.dumps({"summary": self.summary, **self.facts}, ensure_ascii=False)

    def page(self, name: str) -> str:
        """Write it as Markdown."""
        told = "\n".join(f"- {line}" for line in self.lines)
        return f"# {name}\n\n{self.summary}\n\n{told}\n"


def card_of(made: Manifest) -> Card:
    """Tell of an added model what a shop should know before it lets it serve."""
    told = [
        f"source: {made.source}",
        f"licence: {made.licence}",
        f"architecture: {made.architecture}, {made.precision}, {made.dim} numbers",
        f"pictures: {resize_told(made)}",
        f"words: {_words_told(made)}",
        f"size: {made.megabytes:.0f} MB",
        f"cosine to the original: {parity_told(made.parity)}",
        *([f"note: {made.note}"] if made.note else []),
        *(f"{entry.name}: {entry.bytes:,} bytes, SHA-256 {entry.sha256}" for entry in made.files),
    ]
    summary = f"{made.architecture} {made.precision} from {made.source}, licence {made.licence}"
    facts = {"source": made.source, "licence": made.licence, "precision": made.precision}
    return Card(f"added {made.precision}", summary, told, facts)


def card_in(folder: Path) -> Card:
    """Tell of the model in a folder, added or combined, what its files say."""
    if (folder / FILE).is_file():
        return card_of(read_manifest(folder))
    parts = names_in(folder)
    return Card("combined", f"made of {', '.join(parts)}", parts, {"parts": parts})


def resize_told(made: Manifest) -> str:
    """Say how its pictures are resized."""
    how = made.picture.resize
    return f"{how.shape} to {how.size_px} px, {how.filter}"


def _words_told(made: Manifest) -> str:
    if made.text is None:
        return "none: it knows pictures only; 'models train --recipe text-align' brings words to it"
    return f"up to {made.text.context} tokens, asked as {' | '.join(made.text.templates)}"


def parity_told(parity: Parity | None) -> str:
    """Say how like the original it computes."""
    if parity is None:
        return "not compared"
    words = f", words {parity.text_min:.5f}" if parity.text_min is not None else ""
    return f"least {parity.picture_min:.5f} on {parity.pictures} pictures{words}"

"""The shop's words in memory and in files, made from the catalogue when it has changed."""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from zipfile import BadZipFile

from shoplens.disk import write_whole
from shoplens.search.words.suggest.entries import Spell
from shoplens.search.words.suggest.suggest import Gathering, Suggestions
from shoplens.search.words.vocabulary import Vocabulary, words_of
from shoplens.types import Product

VOCABULARY, SUGGESTIONS = "vocabulary.bin", "suggestions.bin"
SHARE = 0.1
"""The share of the products that must have changed for the catalogue to be walked again."""
SMALL = 2000
"""In a shop of so many products a walk takes under a second: any change will do."""

_UNREADABLE = (OSError, ValueError, KeyError, IndexError, EOFError, BadZipFile)
log = logging.getLogger(__name__)


class WordsKeeper:
    """Owns the vocabulary and the suggestions of one shop; safe to share by threads.

    Both are derived: a file that is lost or broken is no error, they are empty until
    :meth:`settle` has walked the catalogue again.
    """

    def __init__(
        self, folder: Path, walk: Callable[[], Iterator[Product]], spell: Spell | None = None
    ) -> None:
        self._folder = folder
        self._walk = walk
        self._spell = spell
        self._lock = threading.Lock()
        self._walking = threading.Lock()
        self._changed = 0
        self._stale = False
        self._noted: list[set[str]] = []
        self._vocabulary = Vocabulary.of(())
        self._suggestions = Gathering().suggestions()
        try:
            self._vocabulary = Vocabulary.from_bytes((folder / VOCABULARY).read_bytes())
            self._suggestions = Suggestions.from_bytes((folder / SUGGESTIONS).read_bytes())
            self._vocabulary.warm()
            self._suggestions.warm()
        except _UNREADABLE as error:
            self._stale = True
            if not isinstance(error, FileNotFoundError):
                log.warning("the shop's words are gathered again: %s", error)

    @property
    def vocabulary(self) -> Vocabulary:
        """The words as they are now; empty before the first walk."""
        return self._vocabulary

    @property
    def suggestions(self) -> Suggestions:
        """What can be suggested now."""
        return self._suggestions

    def note(self, products: Iterable[Product]) -> None:
        """Take in the words of products that were just put; they are known when this returns."""
        with self._lock:
            for product in products:
                words = words_of(product)
                self._vocabulary = self._vocabulary.add(words)
                self._noted.append(words)
                self._changed += 1

    def settle(self, changed: int = 0) -> bool:
        """Walk the catalogue if enough changed since the last walk; tell whether it was walked.

        ``changed`` counts products that were put or removed and not noted.
        """
        with self._walking:
            with self._lock:
                self._changed += changed
                enough = max(1, SHARE * self._vocabulary.products)
                few = self._changed < enough and self._vocabulary.products > SMALL
                if not self._stale and (not self._changed or few):
                    self._save_noted()
                    return False
                self._changed, self._noted = 0, []
            vocabulary, suggestions = self._gather()
            with self._lock:
                for words in self._noted:  # put while the walk went on, perhaps behind it
                    vocabulary = vocabulary.add(words)
                self._vocabulary, self._suggestions = vocabulary, suggestions
                self._stale = False
            self._write(VOCABULARY, vocabulary.to_bytes())
            self._write(SUGGESTIONS, suggestions.to_bytes())
            return True

    def close(self) -> None:
        """Put on disk what was noted."""
        with self._lock:
            self._save_noted()

    def _gather(self) -> tuple[Vocabulary, Suggestions]:
        gathering = Gathering()

        def passing() -> Iterator[set[str]]:
            for product in self._walk():
                gathering.add(product)
                yield words_of(product)

        vocabulary = Vocabulary.of(passing())
        suggestions = gathering.suggestions(self._spell)
        vocabulary.warm()
        suggestions.warm()
        return vocabulary, suggestions

    def _save_noted(self) -> None:
        if self._noted and not self._stale:
            self._write(VOCABULARY, self._vocabulary.to_bytes())
            self._noted = []

    def _write(self, name: str, content: bytes) -> None:
        """Write a file that can be done without: a full disk costs a walk after the next start."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            write_whole(self._folder / name, content)
        except OSError as error:
            log.warning("%s cannot be written: %s", self._folder / name, error)

"""What a store is: it keeps rows by ``row_id`` and finds the nearest that a filter allows."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from shoplens.plugins import load
from shoplens.types import (
    Candidate,
    Embedding,
    FieldKind,
    Fields,
    Filter,
    Row,
    Space,
    SparseRow,
)

STORES = {
    "exact": "shoplens.store.exact:ExactStore",
    "edge": "shoplens.store.edge.store:EdgeStore",
}


@dataclass(frozen=True, slots=True)
class Dims:
    """How many dimensions the embeddings of each space have."""

    picture: int
    text: int
    colour: int

    def of(self, space: Space) -> int:
        """How many dimensions one space has."""
        return {"picture": self.picture, "text": self.text, "colour": self.colour}[space]

    def __str__(self) -> str:
        """Say them for a message."""
        return f"{self.picture} (picture), {self.text} (text) and {self.colour} (colour) dimensions"


@runtime_checkable
class Store(Protocol):
    """Keeps rows; every implementation passes tests/store/test_contract.py.

    One process owns a store; its methods may be called from several threads at once. Whatever a
    method has returned from survives ``kill -9`` and is seen by the next search.
    """

    def declare(self, fields: Mapping[str, FieldKind]) -> None:
        """Make ``fields`` filterable; those declared before stay. Cheap when nothing is new."""
        ...

    def upsert(self, rows: Sequence[Row]) -> None:
        """Add rows, or replace those of the same ``row_id`` whole."""
        ...

    def delete(self, product_ids: Sequence[str]) -> None:
        """Forget every row of these products; unknown ones are no error."""
        ...

    def search(
        self, space: Space, query: Embedding, k: int, allowed: Filter | None = None
    ) -> list[Candidate]:
        """Best ``k`` rows that ``allowed`` lets through, by inner product; ties by ``row_id``."""
        ...

    def search_words(
        self, query: SparseRow, k: int, allowed: Filter | None = None
    ) -> list[Candidate]:
        """Best ``k`` rows by BM25: sum over shared tokens of query weight, row weight and idf.

        ``idf = ln(1 + (n - df + 0.5) / (df + 0.5))`` over the rows that carry words (Robertson
        and Zaragoza, 2009). A row that shares no token is not a candidate.
        """
        ...

    def count_words(
        self, query: SparseRow, least: float, most: int, allowed: Filter | None = None
    ) -> int:
        """How many of the best ``most`` rows by BM25 score at least ``least``, above 0."""
        ...

    def pictures(self, product_id: str) -> list[tuple[int, Embedding]]:
        """The picture embeddings of one product with their positions, in order of position."""
        ...

    def embeddings(self, space: Space, row_ids: Sequence[int]) -> dict[int, Embedding]:
        """The embeddings that these rows have in ``space``; rows without one are left out."""
        ...

    def fields(self, row_ids: Sequence[int], names: Sequence[str]) -> dict[int, Fields]:
        """What these rows hold in the fields called ``names``; unknown rows are left out.

        Keywords come back as a tuple, numbers as floats, booleans as booleans.
        """
        ...

    def facet(self, field: str, k: int, allowed: Filter | None = None) -> dict[str, int]:
        """Count the rows that hold each word of a keyword field: the ``k`` most frequent words.

        Most frequent first, then by word; always exact.
        """
        ...

    def ordered(
        self,
        field: str,
        k: int,
        allowed: Filter | None = None,
        *,
        descending: bool = False,
        skip: int = 0,
    ) -> list[Candidate]:
        """First ``k`` allowed rows in order of a number field, the number as their score.

        Ties by ``row_id``; rows without the number are left out, and so are the first ``skip``.
        """
        ...

    def first(self, k: int, allowed: Filter | None = None, *, skip: int = 0) -> list[Candidate]:
        """First ``k`` allowed rows after ``skip``, in order of ``row_id``; their scores are 0."""
        ...

    def count(self, allowed: Filter | None = None) -> int:
        """How many rows there are, or how many ``allowed`` lets through."""
        ...

    def rows(self) -> Iterator[tuple[str, int]]:
        """Every kept row as (product_id, row_id), in order of ``row_id``; for ``verify``."""
        ...

    def optimise(self) -> None:
        """Build what makes search fast, after bulk writes; blocks, may take minutes."""
        ...

    def flush(self) -> None:
        """Put everything on disk, so that it survives a power cut too."""
        ...

    def close(self) -> None:
        """Flush and let go of the folder."""
        ...


def open_store(name: str, folder: Path, dims: Dims) -> Store:
    """Open or create the store of kind ``name`` in ``folder``, for these dimensions.

    Raises:
        NotFoundError: there is no such kind of store.
        MismatchError: the folder holds rows of other dimensions.
        BusyError: another process, or another store of this one, has it open.
        StorageError: it is damaged, or the disk is nearly full.
    """
    make: Callable[[Path, Dims], Store] = load("store", name, STORES)
    return make(folder, dims)

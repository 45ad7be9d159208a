"""What is asked of a switch from one model to another, and what it did."""

import json
from dataclasses import asdict, dataclass

from shoplens.indexing.workbench import IndexCounts
from shoplens.ingest.switching.prove import Proven


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """A model by its name, to be promoted or removed by the process that owns the shop."""

    model: str

    def to_json(self) -> str:
        """Write the request down for a job."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "ModelRequest":
        """Read what ``to_json`` wrote."""
        return cls(**json.loads(text))


@dataclass(frozen=True, slots=True)
class RemoveReport:
    """A model that was deleted."""

    model: str

    def told(self) -> str:
        """Say it in one sentence, for a list of jobs."""
        return f"model {self.model} was removed, with its files, its store and its embeddings"

    def to_json(self) -> str:
        """Write the report down for whoever asked for the job."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "RemoveReport":
        """Read what ``to_json`` wrote."""
        return cls(**json.loads(text))


@dataclass(frozen=True, slots=True)
class PromoteReport:
    """What a switch did: ``after`` serves instead of ``before``, unless it is not ``done``.

    ``counts`` tells what filled the new store. ``waiting`` counts products with a picture that can
    no longer be read: they wait for the next run of their feed. ``dropped`` names models whose
    stores were deleted.
    """

    before: str
    after: str
    done: bool
    products: int
    rows: int
    waiting: int
    counts: IndexCounts
    dropped: tuple[str, ...]
    seconds: float

    def told(self) -> str:
        """Say it in one sentence, for a list of jobs."""
        if not self.done:
            return (
                f"stopped before {self.after} could serve; {self.before} goes on serving, and what "
                "was done is kept"
            )
        counts = self.counts
        return (
            f"{self.after} serves instead of {self.before}, with {self.products} products and "
            f"{self.rows} rows; filled in {self.seconds:.1f} s: {counts.derived} embeddings "
            f"derived, {counts.encoded} pictures encoded, {counts.reused} reused"
        )

    def lines(self) -> list[str]:
        """Say what else an engineer should know, a line each."""
        said: list[str] = []
        if self.waiting:
            said.append(
                f"{self.waiting} products wait, as a picture of theirs cannot be read any more; "
                "until their feed is indexed again they are found by their words"
            )
        said += [
            f"the store of {name} was deleted; promoting it again fills a new one"
            for name in self.dropped
        ]
        return said

    def to_json(self) -> str:
        """Write the report down for whoever asked for the job."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "PromoteReport":
        """Read what ``to_json`` wrote."""
        told = json.loads(text)
        told["counts"], told["dropped"] = IndexCounts(**told["counts"]), tuple(told["dropped"])
        return cls(**told)


def report_of(
    names: tuple[str, str], proven: Proven | None, dropped: tuple[str, ...], seconds: float
) -> PromoteReport:
    """Tell what a switch between two names did; None: it was stopped."""
    return PromoteReport(
        before=names[0],
        after=names[1],
        done=proven is not None,
        products=proven.products if proven else 0,
        rows=proven.rows if proven else 0,
        waiting=len(proven.lacking) if proven else 0,
        counts=proven.counts if proven else IndexCounts(),
        dropped=dropped,
        seconds=seconds,
    )

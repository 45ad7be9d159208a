"""What was learnt, written down beside the heads: for a person, and for programs."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from shoplens.learn.classify.fitting import ClassifyConfig
from shoplens.learn.classify.training import Classifier, Learnt
from shoplens.predict.files import CARD, HEADS, write_file, write_heads
from shoplens.types import Rejection

RECIPE = "classifier"
_COLUMNS = (
    *("task", "labels", "products", "commonest", "accuracy", "macro F1"),
    *("ECE before", "ECE", "told", "right"),
)


@dataclass(frozen=True, slots=True)
class ClassifierCard:
    """How a classifier was made and judged; ``alike`` are labels that may be one."""

    fingerprint: str
    created: datetime
    seconds: float
    products: int
    config: ClassifyConfig
    learnt: tuple[Learnt, ...]
    refused: tuple[Rejection, ...]
    alike: tuple[str, ...]

    def summary(self) -> str:
        """Say it in one sentence."""
        return (
            f"{len(self.learnt)} tasks learnt from {self.products} products in "
            f"{self.seconds:.0f} s, judged in {self.config.folds} folds by products not learnt from"
        )

    @property
    def columns(self) -> Sequence[str]:
        """Name the columns of ``rows``."""
        return _COLUMNS

    def notes(self) -> list[str]:
        """Say what was not learnt and why, which labels look alike, and all of it in short."""
        return [
            *(f"{one.where}: {one.reason}" for one in self.refused),
            *self.alike,
            self.summary(),
        ]

    def rows(self) -> list[list[str]]:
        """Lay the tasks out under ``columns``."""
        return [
            [
                one.task,
                str(len(one.labels)),
                str(one.figures.rows),
                f"{one.figures.majority:.1%}",
                f"{one.figures.accuracy:.1%}",
                f"{one.figures.macro_f1:.3f}",
                f"{one.before:.3f}",
                f"{one.figures.error:.3f}",
                f"{one.figures.told:.1%}",
                f"{one.figures.right:.1%}" if one.figures.told else "",
            ]
            for one in self.learnt
        ]

    def to_json(self) -> str:
        """Write the card for programs."""
        told = {
            "recipe": RECIPE,
            "summary": self.summary(),
            "fingerprint": self.fingerprint,
            "created": self.created.isoformat(),
            "seconds": round(self.seconds, 1),
            "products": self.products,
            "split": f"{self.config.folds} folds by group",
            "config": asdict(self.config),
            "table": [_told(one) for one in self.learnt],
            "refused": [asdict(one) for one in self.refused],
            "alike": self.alike,
        }
        return json.dumps(told, ensure_ascii=False, indent=1)


def _told(one: Learnt) -> Mapping[str, object]:
    return {
        "task": one.task,
        "labels": dict(zip(one.labels, one.counts, strict=True)),
        "ece_before": one.before,
        "temperature": one.temperature,
        "threshold": one.threshold,
        **asdict(one.figures),
    }


def write_classifier(folder: Path, classifier: Classifier, card: ClassifierCard) -> Sequence[Path]:
    """Put heads and card in ``folder``, each whole or not at all, the heads last (StorageError)."""
    write_file(folder / CARD, card.to_json().encode())
    write_heads(folder / HEADS, classifier.heads)
    return folder / HEADS, folder / CARD

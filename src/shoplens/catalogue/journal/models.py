"""Trained models: what each was made from, how it was judged, and which one serves."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Engine, Row, delete, func, select, update

from shoplens.database.tables import models as table
from shoplens.database.tables import notes
from shoplens.database.transactions import reading, upsert, writing
from shoplens.errors import MismatchError, NotFoundError

ModelState = Literal["candidate", "serving", "previous"]
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_TAKEN = frozenset({"classifier", "curves", "lite0", "lite2", "colour"})
"""Folders beside those of models, and the encoders that come with Shoplens."""


@dataclass(frozen=True, slots=True)
class Model:
    """A picture tower trained by ``recipe`` from the encoder called ``base``.

    ``card`` is JSON text that tells how it was made and judged. ``safe`` says that it was judged
    not worse on products it never saw, ``reason`` why or why not. ``promoted`` is when it last
    began to serve.
    """

    name: str
    recipe: str
    base: str
    fingerprint: str
    created: datetime
    safe: bool
    reason: str = ""
    card: str = "{}"
    state: ModelState = "candidate"
    promoted: datetime | None = None


_COLUMNS = tuple(table.c[name] for name in Model.__slots__)


class Models:
    """The registry of trained models; the encoder of the settings is none, and is called ""."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, model: Model) -> None:
        """Keep a new model.

        Raises:
            MismatchError: its name is taken, or cannot be the name of a folder everywhere.
        """
        self.check_name(model.name)
        with writing(self._engine) as connection:
            connection.execute(table.insert(), [asdict(model)])

    def check_name(self, name: str) -> None:
        """Refuse a name that is taken, or cannot be that of a folder everywhere (MismatchError)."""
        if not _NAME.fullmatch(name):
            raise MismatchError(
                f"{name[:80]!r} cannot be a model's name; give small letters, digits and dashes, "
                "at most 64"
            )
        if name in _TAKEN or any(model.name == name for model in self.list()):
            raise MismatchError(f"there is a model {name!r} already; give another name (--name)")

    def get(self, name: str) -> Model:
        """Give one model; NotFoundError if there is none."""
        found = {model.name: model for model in self.list()}
        if name not in found:
            known = f"there are {', '.join(found)}" if found else "none was trained yet"
            raise NotFoundError(f"no model {name!r}; {known}")
        return found[name]

    def serving(self) -> Model | None:
        """Give the model that serves; None while the encoder of the settings does itself."""
        return self._in("serving")

    def previous(self) -> Model | None:
        """Give the model that served before; None if it was the encoder of the settings."""
        return self._in("previous")

    def set_serving(self, name: str, now: datetime, noted: Mapping[str, str] | None = None) -> None:
        """Let ``name`` serve, or the encoder of the settings if it is empty: all at once or not.

        The one that served becomes the previous one, and what was previous a candidate. ``noted``
        are notes that become true at the same moment.

        Raises:
            NotFoundError: there is no such model.
        """
        with writing(self._engine) as connection:
            _become(connection, "candidate", table.c.state == "previous")
            _become(connection, "previous", table.c.state == "serving")
            if name and not _become(connection, "serving", table.c.name == name, promoted=now):
                raise NotFoundError(f"no model {name!r}")
            if noted:
                rows = [{"name": note, "value": value} for note, value in noted.items()]
                connection.execute(upsert(self._engine, notes), rows)

    def remove(self, name: str) -> None:
        """Forget a model that neither serves nor did so before the one that does.

        Raises:
            NotFoundError: there is no such model.
            MismatchError: it serves, is what a rollback goes back to, or others were made from it.
        """
        model = self.get(name)
        if made := [other.name for other in self.list() if other.base == name != other.name]:
            raise MismatchError(f"{', '.join(made)} was made from model {name!r}; remove it first")
        this = (table.c.name == name) & (table.c.state == "candidate")
        with writing(self._engine) as connection:
            gone = connection.execute(delete(table).where(this)).rowcount
        if not gone:
            what = "serves" if model.state == "serving" else "is what a rollback goes back to"
            raise MismatchError(f"model {name!r} {what}; promote another one first")

    def next_name(self, recipe: str) -> str:
        """Name the next model of a recipe: head-1, head-2, and so on."""
        numbers = [
            int(number)
            for kind, _, number in (model.name.rpartition("-") for model in self.list())
            if kind == recipe and number.isdecimal()
        ]
        return f"{recipe}-{max(numbers, default=0) + 1}"

    def _in(self, state: ModelState) -> Model | None:
        with reading(self._engine) as connection:
            row = connection.execute(select(*_COLUMNS).where(table.c.state == state)).first()
        return None if row is None else _model(row)

    def list(self) -> list[Model]:
        """Give every model, the oldest first."""
        query = select(*_COLUMNS).order_by(table.c.created, func.length(table.c.name), table.c.name)
        with reading(self._engine) as connection:
            return [_model(row) for row in connection.execute(query)]


def _become(
    connection: Connection, state: ModelState, which: ColumnElement[bool], **values: datetime
) -> int:
    return connection.execute(update(table).where(which).values(state=state, **values)).rowcount


def _model(row: Row[*tuple[Any, ...]]) -> Model:
    return Model(**{column.name: row[place] for place, column in enumerate(_COLUMNS)})

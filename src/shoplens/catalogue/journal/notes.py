"""Small facts by name, such as the fingerprint of the encoder that the store was built with."""

from sqlalchemy import Engine, select

from shoplens.database.tables import notes as table
from shoplens.database.transactions import reading, upsert, writing
from shoplens.errors import NotFoundError


class Notes:
    """Named facts; the newest value wins."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def get(self, name: str) -> str:
        """Give the value of a note; NotFoundError if it was never written."""
        with reading(self._engine) as connection:
            value = connection.scalar(select(table.c.value).where(table.c.name == name))
        if value is None:
            raise NotFoundError(f"no note called {name!r}")
        return value

    def put(self, name: str, value: str) -> None:
        """Write a note, instead of what it said before."""
        with writing(self._engine) as connection:
            connection.execute(upsert(self._engine, table), [{"name": name, "value": value}])

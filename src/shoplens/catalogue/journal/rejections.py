"""Rows of a feed that were refused, with the reasons, as of its newest run."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Engine, delete, func, select

from shoplens.database.tables import rejections as table
from shoplens.database.transactions import reading, writing
from shoplens.types import Rejection


class Rejections:
    """Written while a feed is read, a batch at a time; the older run goes when the new is whole."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, feed: str, run: str, rejections: Sequence[Rejection], now: datetime) -> None:
        """Keep a batch of ``run``, beside those that came before."""
        rows = [
            {
                "feed": feed,
                "run": run,
                "place": rejection.where,
                "reason": rejection.reason,
                "product_id": rejection.product_id,
                "created": now,
            }
            for rejection in rejections
        ]
        if rows:
            with writing(self._engine) as connection:
                connection.execute(table.insert(), rows)

    def sweep(self, feed: str, run: str) -> int:
        """Forget what other runs of ``feed`` refused; returns how many."""
        with writing(self._engine) as connection:
            return connection.execute(
                delete(table).where(table.c.feed == feed, table.c.run != run)
            ).rowcount

    def count(self, feed: str | None = None) -> int:
        """Count the rejections of one feed, or of all."""
        query = select(func.count()).select_from(table)
        if feed is not None:
            query = query.where(table.c.feed == feed)
        with reading(self._engine) as connection:
            return connection.scalar(query) or 0

    def list(self, feed: str | None, *, k: int, after: int = 0) -> list[Rejection]:
        """Give ``k`` rejections of one feed, or of all, in order, passing over ``after`` first."""
        query = select(table.c.place, table.c.reason, table.c.product_id)
        query = query.order_by(table.c.number).limit(k).offset(after)
        if feed is not None:
            query = query.where(table.c.feed == feed)
        with reading(self._engine) as connection:
            return [Rejection(*row) for row in connection.execute(query)]

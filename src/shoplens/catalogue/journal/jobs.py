"""Long work that was asked for over HTTP, and how far it has come."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Engine, Row, select, update

from shoplens.database.tables import jobs as table
from shoplens.database.transactions import reading, writing
from shoplens.errors import MismatchError, NotFoundError

JobEnd = Literal["done", "failed", "interrupted"]
JobState = Literal["queued", "running"] | JobEnd
ENDS = frozenset[str]({"done", "failed", "interrupted"})


@dataclass(frozen=True, slots=True)
class Job:
    """Work asked for: what ``kind``, with the JSON text ``spec``; ``total`` 0 means unknown."""

    job_id: str
    kind: str
    state: JobState
    spec: str
    done: int
    total: int
    message: str
    created: datetime
    started: datetime | None
    finished: datetime | None


class Jobs:
    """A queue that survives its process."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def submit(self, kind: str, spec: str, now: datetime) -> Job:
        """Put a job at the end of the queue."""
        values = {"kind": kind, "state": "queued", "spec": spec, "created": now}
        insert = table.insert().values(**values, done=0, total=0, message="")
        with writing(self._engine) as connection:
            connection.execute(insert)
            newest = select(table).order_by(table.c.number.desc()).limit(1)
            return _job(connection.execute(newest).one())  # ours, for nobody else writes now

    def claim(self, now: datetime) -> Job | None:
        """Take the oldest queued job and start it; no two callers get the same one."""
        queued = select(table).where(table.c.state == "queued").order_by(table.c.number).limit(1)
        with writing(self._engine) as connection:  # the only writer, so none can come between
            row = connection.execute(queued).first()
            if row is None:
                return None
            this = update(table).where(table.c.number == row.number)
            connection.execute(this.values(state="running", started=now))
        return replace(_job(row), state="running", started=now)

    def progress(self, job_id: str, done: int, total: int, message: str) -> None:
        """Note how far a running job has come; one that runs no more is left as it is."""
        with writing(self._engine) as connection:
            connection.execute(
                update(table)
                .where(_is(job_id), table.c.state == "running")
                .values(done=done, total=total, message=message)
            )

    def finish(self, job_id: str, state: JobEnd, message: str, now: datetime) -> None:
        """End a running job; its ``message`` is what it leaves behind.

        Raises:
            NotFoundError: there is no such job.
            MismatchError: it is not running, or ``state`` is no end.
        """
        if state not in ENDS:
            raise MismatchError(f"a job ends as done, failed or interrupted, not as {state}")
        end = update(table).where(_is(job_id), table.c.state == "running")
        with writing(self._engine) as connection:
            ended = connection.execute(
                end.values(state=state, message=message, finished=now)
            ).rowcount
        if not ended:
            job = self.get(job_id)
            raise MismatchError(f"job {job_id} is {job.state}; only a running job can end")

    def get(self, job_id: str) -> Job:
        """Give one job; NotFoundError if there is none."""
        with reading(self._engine) as connection:
            row = connection.execute(select(table).where(_is(job_id))).first()
        if row is None:
            raise NotFoundError(f"no job {job_id!r}")
        return _job(row)

    def abandon(self, now: datetime) -> int:
        """Fail the jobs that a dead process left running, as "interrupted"; returns how many.

        For the one process that owns the data folder, when it opens it.
        """
        left = update(table).where(table.c.state == "running")
        with writing(self._engine) as connection:
            return connection.execute(
                left.values(state="failed", message="interrupted", finished=now)
            ).rowcount

    def list(self, k: int) -> list[Job]:
        """Give the newest ``k`` jobs, the newest first."""
        query = select(table).order_by(table.c.number.desc()).limit(k)
        with reading(self._engine) as connection:
            return [_job(row) for row in connection.execute(query)]


def _is(job_id: str) -> ColumnElement[bool]:
    """Compare as a number, -1 standing for what cannot be one of ours."""
    ours = job_id.isascii() and job_id.isdecimal() and len(job_id) < 19
    return table.c.number == (int(job_id) if ours else -1)


def _job(row: Row[*tuple[Any, ...]]) -> Job:
    return Job(
        job_id=str(row.number),
        kind=row.kind,
        state=row.state,
        spec=row.spec,
        done=row.done,
        total=row.total,
        message=row.message,
        created=row.created,
        started=row.started,
        finished=row.finished,
    )

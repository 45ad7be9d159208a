import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import text

from shoplens.catalogue.catalogue import Catalogue, open_catalogue
from shoplens.catalogue.journal.jobs import Job
from shoplens.errors import FeedError
from shoplens.indexing.workbench import Progress, utc_now
from shoplens.ingest.worker import Worker, report_of

PATIENCE_S = 20.0


@dataclass(frozen=True, slots=True)
class Said:
    words: str

    def told(self) -> str:
        return self.words

    def to_json(self) -> str:
        return f'"{self.words}"'


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    return open_catalogue(f"sqlite:///{tmp_path / 'catalogue.db'}")


def ended(catalogue: Catalogue, job: Job) -> Job:
    until(lambda: catalogue.jobs.get(job.job_id).finished is not None)
    return catalogue.jobs.get(job.job_id)


def until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_job_that_breaks_is_told_and_the_next_is_done(
    catalogue: Catalogue, caplog: pytest.LogCaptureFixture
) -> None:
    def run(job: Job, progress: Progress) -> Said:
        progress("read", 1, 1)
        if job.spec == "1":
            raise FeedError("this feed is empty")
        if job.spec == "2":
            raise ZeroDivisionError
        return Said(f"did {job.spec}")

    jobs = [catalogue.jobs.submit("index", str(i), utc_now()) for i in range(1, 4)]
    worker = Worker(catalogue.jobs, catalogue.notes, run)
    worker.start()
    told = [ended(catalogue, job) for job in jobs]
    worker.close()
    assert [(job.state, job.message) for job in told] == [
        ("failed", "this feed is empty"),
        ("failed", "this was not foreseen; the server's log says more"),
        ("done", "did 3"),
    ]
    assert report_of(catalogue.notes, jobs[2]) == '"did 3"'
    assert "ZeroDivisionError" in caplog.text
    catalogue.close()


def test_the_end_of_a_job_is_written_as_soon_as_the_database_lets(
    catalogue: Catalogue, caplog: pytest.LogCaptureFixture
) -> None:
    def sql(statement: str) -> None:
        with catalogue.database.begin() as connection:
            connection.execute(text(statement))

    def run(job: Job, progress: Progress) -> Said:
        sql("ALTER TABLE jobs RENAME TO elsewhere")
        return Said("did it")

    job = catalogue.jobs.submit("index", "{}", utc_now())
    worker = Worker(catalogue.jobs, catalogue.notes, run)
    worker.start()
    until(lambda: "cannot be written" in caplog.text)
    sql("ALTER TABLE elsewhere RENAME TO jobs")
    assert ended(catalogue, job).state == "done"
    worker.close()
    catalogue.close()

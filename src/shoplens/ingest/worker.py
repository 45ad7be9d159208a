"""Queued jobs are run one after the other in a thread, with their progress written down."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Protocol

from shoplens.catalogue.journal.jobs import Job, JobEnd, Jobs
from shoplens.catalogue.journal.notes import Notes
from shoplens.errors import ShoplensError, StorageError
from shoplens.indexing.workbench import Progress, utc_now

INDEX, VERIFY, CALIBRATE = "index", "verify", "calibrate"
"""Kinds of jobs; those of models are in ``switching.switch``."""
POLL_S = 0.5
"""How often the queue is looked at: other processes put jobs there too."""

log = logging.getLogger(__name__)


class Report(Protocol):
    """What a job did."""

    def told(self) -> str:
        """Say it in one sentence, for a list of jobs."""
        ...

    def to_json(self) -> str:
        """Write all of it down, for whoever asked for the job."""
        ...


def report_of(notes: Notes, job: Job) -> str:
    """Give the JSON text of the report that ``job`` left; NotFoundError if it left none."""
    return notes.get(_note_of(job))


def _note_of(job: Job) -> str:
    return f"report of job {job.job_id}"


class Worker:
    """Runs what ``run`` makes of a job, and keeps the report that it returns."""

    def __init__(self, jobs: Jobs, notes: Notes, run: Callable[[Job, Progress], Report]) -> None:
        self._jobs = jobs
        self._notes = notes
        self._run = run
        self._ended = threading.Event()
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="jobs", daemon=True)

    def start(self) -> None:
        """Begin to look at the queue."""
        self._thread.start()

    def wake(self) -> None:
        """Look at the queue now."""
        self._wake.set()

    def close(self) -> None:
        """End after the job at hand."""
        self._ended.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()

    def _loop(self) -> None:
        while not self._ended.is_set():
            try:
                job = self._jobs.claim(utc_now())
                if job:
                    self._finish(job)
                    continue
            except ShoplensError:
                log.exception("the job queue cannot be read; trying again")
            self._wake.wait(POLL_S)
            self._wake.clear()

    def _finish(self, job: Job) -> None:
        state, message = self._outcome(job)
        while True:
            try:
                self._jobs.finish(job.job_id, state, message, utc_now())
            except StorageError as error:  # whoever waits for this job would wait for ever
                log.warning("the end of job %s cannot be written: %s", job.job_id, error)
                if self._ended.wait(POLL_S):
                    return  # the next to open the shop will call the job interrupted
            else:
                return

    def _outcome(self, job: Job) -> tuple[JobEnd, str]:
        try:
            report = self._run(job, _Written(self._jobs, job.job_id))
            self._notes.put(_note_of(job), report.to_json())
        except ShoplensError as error:
            log.warning("job %s failed: %s", job.job_id, error)
            return "failed", str(error)
        except Exception:  # the next job may be a better one: the thread must live
            log.exception("job %s broke", job.job_id)
            return "failed", "this was not foreseen; the server's log says more"
        return ("interrupted" if self._ended.is_set() else "done"), report.told()


class _Written:
    """Progress that is written down at most a few times a second."""

    def __init__(self, jobs: Jobs, job_id: str) -> None:
        self._jobs = jobs
        self._job_id = job_id
        self._next = 0.0

    def __call__(self, step: str, done: int, total: int) -> None:
        if time.monotonic() >= self._next or done == total:
            self._jobs.progress(self._job_id, done, total, step)
            self._next = time.monotonic() + POLL_S

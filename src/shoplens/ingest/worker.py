"""Queued jobs are run one after the other in a thread, with their progress written down."""

import logging
import threading
import time
from collections.abc import Callable

from shoplens.catalogue.journal.jobs import Job, Jobs
from shoplens.errors import ShoplensError
from shoplens.indexing.workbench import Progress, utc_now

POLL_S = 0.5
"""How often the queue is looked at: other processes put jobs there too."""

log = logging.getLogger(__name__)


class Worker:
    """Runs what ``run`` makes of a job; its return value is the job's closing message."""

    def __init__(self, jobs: Jobs, run: Callable[[Job, Progress], str]) -> None:
        self._jobs = jobs
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
        try:
            message = self._run(job, _Written(self._jobs, job.job_id))
            state = "interrupted" if self._ended.is_set() else "done"
        except ShoplensError as error:
            state, message = "failed", str(error)
        except Exception:
            log.exception("job %s broke", job.job_id)
            self._jobs.finish(job.job_id, "failed", "an internal error; see the log", utc_now())
            raise
        self._jobs.finish(job.job_id, state, message, utc_now())


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

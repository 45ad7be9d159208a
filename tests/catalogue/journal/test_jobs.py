from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from shoplens.catalogue.journal.jobs import Job, Jobs
from shoplens.errors import MismatchError, NotFoundError

NOW = datetime(2026, 5, 1, tzinfo=UTC)
SOON = NOW + timedelta(seconds=5)
LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def jobs(engine: Engine) -> Jobs:
    return Jobs(engine)


def test_a_job_goes_from_queued_to_running_to_done(jobs: Jobs) -> None:
    queued = jobs.submit("index", '{"path": "a.csv"}', NOW)
    assert queued == Job(
        queued.job_id, "index", "queued", '{"path": "a.csv"}', 0, 0, "", NOW, None, None
    )
    running = jobs.claim(SOON)
    assert running is not None
    assert (running.job_id, running.state, running.started) == (queued.job_id, "running", SOON)
    jobs.progress(queued.job_id, 3_000_000_000, 4_000_000_000, "encode")
    now = jobs.get(queued.job_id)
    assert (now.done, now.total, now.message) == (3_000_000_000, 4_000_000_000, "encode")
    jobs.finish(queued.job_id, "done", "4 products", LATER)
    done = jobs.get(queued.job_id)
    assert (done.state, done.message, done.finished) == ("done", "4 products", LATER)
    assert done.done == 3_000_000_000


def test_the_oldest_queued_job_is_claimed_first(jobs: Jobs) -> None:
    ids = [jobs.submit("index", "{}", NOW).job_id for _ in range(3)]
    claimed = [jobs.claim(NOW) for _ in range(4)]
    assert [job and job.job_id for job in claimed] == [*ids, None]


def test_no_two_threads_claim_the_same_job(jobs: Jobs) -> None:
    ids = {jobs.submit("index", "{}", NOW).job_id for _ in range(20)}
    with ThreadPoolExecutor(8) as pool:
        claimed = list(pool.map(jobs.claim, [NOW] * 30))
    got = [job.job_id for job in claimed if job]
    assert len(got) == len(ids)
    assert set(got) == ids


def test_jobs_left_running_by_a_dead_process_are_failed(jobs: Jobs) -> None:
    left, waiting = (jobs.submit("index", "{}", NOW).job_id for _ in range(2))
    jobs.claim(NOW)
    assert jobs.abandon(LATER) == 1
    job = jobs.get(left)
    assert (job.state, job.message, job.finished) == ("failed", "interrupted", LATER)
    assert jobs.get(waiting).state == "queued"
    assert jobs.abandon(LATER) == 0


def test_a_job_that_runs_no_more_cannot_move(jobs: Jobs) -> None:
    job_id = jobs.submit("index", "{}", NOW).job_id
    with pytest.raises(MismatchError, match=f"job {job_id} is queued; only a running job can end"):
        jobs.finish(job_id, "done", "", NOW)
    jobs.claim(NOW)
    jobs.finish(job_id, "failed", "disk full", NOW)
    jobs.progress(job_id, 1, 2, "still here")
    with pytest.raises(MismatchError, match="is failed"):
        jobs.finish(job_id, "done", "", NOW)
    assert jobs.get(job_id).message == "disk full"


def test_a_job_ends_in_an_end_state(jobs: Jobs) -> None:
    job_id = jobs.submit("index", "{}", NOW).job_id
    jobs.claim(NOW)
    with pytest.raises(MismatchError, match="not as queued"):
        jobs.finish(job_id, "queued", "", NOW)  # pyright: ignore[reportArgumentType] - on purpose


@pytest.mark.parametrize("job_id", ["7", "", "x", "-1", "1.0", "٣", "9" * 40, "\x00"])
def test_an_unknown_job_is_not_found(jobs: Jobs, job_id: str) -> None:
    with pytest.raises(NotFoundError, match="no job"):
        jobs.get(job_id)
    with pytest.raises(NotFoundError, match="no job"):
        jobs.finish(job_id, "done", "", NOW)
    jobs.progress(job_id, 1, 2, "")


def test_jobs_are_listed_newest_first(jobs: Jobs) -> None:
    ids = [jobs.submit("index", "{}", NOW).job_id for _ in range(3)]
    assert [job.job_id for job in jobs.list(k=2)] == [ids[2], ids[1]]

"""Long work and how things stand: feeds, jobs, counts, what was refused."""

import hashlib
import re
import shutil
import uuid
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi import Path as InPath

from shoplens.errors import StorageError
from shoplens.ingest.feeds import IndexRequest
from shoplens.serve.auth import may_change
from shoplens.serve.problems import told
from shoplens.serve.routes.asking import FORM, engine_of, only_form
from shoplens.serve.routes.out.records import JobOut, JobsOut, RejectionsOut, StatusOut
from shoplens.serve.schemas.listing import Last
from shoplens.serve.schemas.products import FeedForm

router = APIRouter(prefix="/v1", dependencies=[Depends(may_change)])

_SUFFIXES = re.compile(r"(\.[a-z0-9]{1,8}){1,2}$", re.IGNORECASE)


@router.post(
    "/feeds",
    tags=["feeds"],
    summary="Index a feed",
    status_code=202,
    responses=told(400, 401, 403, 413, 415, 422, 507),
    dependencies=[Depends(only_form)],
)
def post_feed(request: Request, asked: Annotated[FeedForm, Form(media_type=FORM)]) -> JobOut:
    """Queue a feed; its images must be URLs. What it held before and holds no more is removed."""
    engine = engine_of(request)
    path = _keep(asked, engine.settings.data / "feeds")
    job = IndexRequest(
        path, None, asked.feed, asked.kind, asked.mapping, allow_shrink=asked.allow_shrink
    )
    return JobOut.of(engine.submit(job))


@router.get("/jobs", tags=["feeds"], summary="List jobs", responses=told(401, 403, 422))
def jobs(request: Request, asked: Annotated[Last, Query()]) -> JobsOut:
    """List the newest jobs first."""
    return JobsOut([JobOut.of(job) for job in engine_of(request).jobs.list(k=asked.limit)])


@router.get(
    "/jobs/{job_id}", tags=["feeds"], summary="Watch a job", responses=told(401, 403, 404, 422)
)
def job(request: Request, job_id: Annotated[str, InPath(examples=["1"])]) -> JobOut:
    """Show how far a job has come."""
    return JobOut.of(engine_of(request).jobs.get(job_id))


@router.get("/status", tags=["server"], summary="Count everything", responses=told(401, 403))
def status(request: Request) -> StatusOut:
    """Count products, images and rows, and say what they are indexed with."""
    return StatusOut.of(engine_of(request).status())


@router.get(
    "/rejections", tags=["feeds"], summary="List what was refused", responses=told(401, 403, 422)
)
def rejections(request: Request, asked: Annotated[Last, Query()]) -> RejectionsOut:
    """List refused feed rows, then refused images, each with its reason."""
    return RejectionsOut(engine_of(request).rejections(k=asked.limit))


def _keep(asked: FeedForm, folder: Path) -> Path:
    """Write the feed down, alone in a folder of its own, where a job can read it later.

    The next one of the same name takes its place, whole: a job that reads it now is not disturbed.
    """
    suffix = _SUFFIXES.search(asked.file.filename or "")
    name = hashlib.sha256(asked.feed.encode()).hexdigest()[:16]
    path = folder / name / f"feed{suffix.group().lower() if suffix else ''}"
    part = path.with_name(f"{uuid.uuid4().hex}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            shutil.copyfileobj(asked.file.file, file)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise StorageError(f"the feed cannot be kept: {error}") from error
    return path.absolute()

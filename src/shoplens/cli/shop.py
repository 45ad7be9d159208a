"""Which shop a command means, and what the server that owns it does for the command."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click
import httpx

from shoplens.catalogue.catalogue import Catalogue
from shoplens.catalogue.journal.jobs import Job
from shoplens.config import Settings, read_settings
from shoplens.database.owner import Owner, owner_of
from shoplens.errors import BusyError, ShoplensError
from shoplens.indexing.workbench import Progress, utc_now
from shoplens.ingest.worker import report_of

ANSWER_S = 60.0
LOOK_S = 0.2
SLOW_S = 10.0
"""A server looks at its queue twice a second; after this long it is worth a word."""

Command = TypeVar("Command", bound=Callable[..., Any])

SHARED_NAMES = ("data", "encoder", "store", "database")
_SHARED = [
    click.option("--data", type=click.Path(path_type=Path), help="Folder that keeps everything."),
    click.option("--encoder", help="Encoder: lite2, lite0 (faster), colour, or a plugin."),
    click.option("--store", help="Vector store: edge, exact, or a plugin."),
    click.option("--database", help="Database URL; SQLite in the data folder if not given."),
]


def shared(command: Command) -> Command:
    """Give ``command`` the options that say which shop is meant."""
    for option in reversed(_SHARED):
        command = option(command)
    return command


def settings_of(shop: Mapping[str, Any], **sections: Mapping[str, Any]) -> Settings:
    """Read the settings with the flags of ``shared`` and those of the command on top."""
    return read_settings({**{name: shop[name] for name in SHARED_NAMES}, **sections})


def server_of(settings: Settings) -> Owner | None:
    """Find the server that owns this shop; None if there is none, or another kind of process."""
    owner = owner_of(settings.data)
    return owner if owner and owner.address else None


def ask(
    settings: Settings, server: Owner, method: str, path: str, body: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Ask the server with the key that is set here.

    Raises:
        ShoplensError: it does not answer, or it refuses; its own words are the message.
    """
    key = settings.serve.api_key or settings.serve.search_key
    try:
        answer = httpx.request(
            method,
            f"{server.address}{path}",
            json=body,
            headers={"Authorization": f"Bearer {key}"} if key else {},
            timeout=ANSWER_S,
            trust_env=False,
        )
        told = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise ShoplensError(
            f"process {server.pid} owns {settings.data}, but {server.address} does not answer as "
            f"it should ({error}); if it hangs, stop it and try again"
        ) from error
    if answer.status_code in {401, 403}:
        raise ShoplensError(
            f"the server at {server.address} wants {'another' if key else 'a'} key: set "
            "SHOPLENS_SERVE__API_KEY to the one it was started with"
        )
    if answer.is_error:
        raise ShoplensError(str(told.get("detail", told)))
    return told


def let_do(
    settings: Settings, catalogue: Catalogue, kind: str, spec: str, progress: Progress
) -> str:
    """Queue a job for the server, watch it, and give the JSON text of its report.

    Raises:
        BusyError: the server does not take it, as it ended or has another database.
        ShoplensError: the job failed; its own words are the message.
    """
    job = catalogue.jobs.submit(kind, spec, utc_now())
    queued = time.monotonic()
    step = "encode" if kind == "index" else kind
    while job.state in {"queued", "running"}:
        time.sleep(LOOK_S)
        job = catalogue.jobs.get(job.job_id)
        if job.state == "running" and job.message:
            step = job.message
        if job.total:  # also of a job that ended between two looks
            progress(step, job.done, job.total)
        if job.state == "queued":
            _doubt(settings, catalogue, job, time.monotonic() - queued)
        _still_there(settings, job)
    if job.state == "interrupted":
        raise _ended(job)
    if job.state != "done":
        raise ShoplensError(f"the server could not do it: {job.message}")
    return report_of(catalogue.notes, job)


def _doubt(settings: Settings, catalogue: Catalogue, job: Job, waited_s: float) -> None:
    if waited_s > SLOW_S and all(other.state != "running" for other in catalogue.jobs.list(k=100)):
        raise BusyError(
            f"the server that owns {settings.data} does not take job {job.job_id}; if it keeps its "
            "products in another database, name that with --database"
        )


def _still_there(settings: Settings, job: Job) -> None:
    if job.state in {"queued", "running"} and server_of(settings) is None:
        raise _ended(job)


def _ended(job: Job) -> BusyError:
    return BusyError(
        f"the server ended before job {job.job_id} did; what was done is kept, the same command "
        "goes on without it"
    )

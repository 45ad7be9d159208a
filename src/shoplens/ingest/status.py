"""How a shop stands, in numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from shoplens.config import Settings
from shoplens.encode.base import OnProvider
from shoplens.indexing.workbench import Workbench
from shoplens.types import Stage


@dataclass(frozen=True, slots=True)
class Status:
    """What is indexed, and with what; ``provider`` runs the encoder's network, if it has one."""

    products: Mapping[Stage, int]
    images: int
    rejected_images: int
    rejected_rows: int
    rows: int
    encoder: str
    fingerprint: str
    provider: str
    store: str
    database: str
    data: Path
    jobs_running: int


def status_of(bench: Workbench, settings: Settings) -> Status:
    """Count everything."""
    catalogue, tower = bench.catalogue, bench.encoder.picture
    images, refused = catalogue.images.counts()
    running = [job for job in catalogue.jobs.list(k=1000) if job.state == "running"]
    return Status(
        products=catalogue.products.counts(),
        images=images,
        rejected_images=refused,
        rejected_rows=catalogue.rejections.count(),
        rows=bench.store.count(),
        encoder=bench.encoder.name,
        fingerprint=tower.fingerprint,
        provider=tower.provider if isinstance(tower, OnProvider) else "",
        store=settings.store,
        database=catalogue.database.url.render_as_string(hide_password=True),
        data=settings.data.absolute(),
        jobs_running=len(running),
    )

"""Render what is missing: ``python -m sample_shop.render --out /tmp/shop --workers 2``.

Every picture is a PNG and a JSON of its truth beside it (and a PNG mask where one belongs). A
picture whose JSON exists is not made again, so the work can be stopped and taken up at any time;
delete a picture's JSON to have it made anew.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from PIL import Image

from sample_shop.shop import Job, plan
from sample_shop.stage.defects import KINDS as DEFECTS
from sample_shop.stage.defects import catalogue_picture, defective
from sample_shop.stage.photo import query_photo, scene_photo

SAMPLES = {"catalogue": 16, "query": 10, "scene": 10, "defect": 16}


def main() -> None:
    """Share the missing pictures out to processes of one thread each and tell how far they are."""
    options = _options()
    jobs = _missing(options)
    if options.share:
        _work(jobs, options.out, *(int(part) for part in options.share.split("/")))
        return
    total = len(jobs)
    print(f"{total} pictures to make", flush=True)
    command = [sys.executable, "-m", "sample_shop.render", *sys.argv[1:]]
    log = options.out / "render.log"
    with log.open("a") as sink:
        workers = [
            subprocess.Popen(  # noqa: S603 -- this very program
                [*command, "--share", f"{n}/{options.workers}"], stdout=sink, stderr=sink
            )
            for n in range(options.workers)
        ]
        start = time.monotonic()
        while any(worker.poll() is None for worker in workers):
            time.sleep(20)
            left = len(_missing(options))
            speed = (time.monotonic() - start) / max(total - left, 1)
            print(
                f"{total - left}/{total}, {speed:.1f} s each, {left * speed / 60:.0f} min left",
                flush=True,
            )
    if any(worker.returncode for worker in workers):
        sys.exit(f"a worker failed; its last words are in {log}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--out", type=Path, required=True, help="folder for pictures and their truth"
    )
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--only", default="", help="catalogue, query, scene or defect")
    parser.add_argument("--match", default="", help="only names or products that contain this")
    parser.add_argument("--share", default="", help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    return options


def _missing(options: argparse.Namespace) -> list[Job]:
    return [
        job
        for job in plan()
        if (not options.only or job.what == options.only)
        and (options.match in job.name or any(options.match in p.product_id for p in job.products))
        and not _truth(options.out, job).exists()
    ]


def _truth(out: Path, job: Job) -> Path:
    return out / job.what / f"{job.name}.json"


def _work(jobs: Sequence[Job], out: Path, number: int, of: int) -> None:
    for job in jobs[number::of]:
        path = out / job.what / f"{job.name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        truth = _made(job, path)
        part = path.with_suffix(".json.part")
        part.write_text(json.dumps(truth))
        part.replace(path.with_suffix(".json"))


def _made(job: Job, path: Path) -> dict[str, object]:
    """Make one picture; tell what is true of it."""
    truth: dict[str, object] = {"what": job.what, "name": job.name}
    samples = SAMPLES[job.what]
    if job.what == "catalogue":
        catalogue_picture(job.products[0], job.side, path, samples).save(path)
        return {**truth, "product_id": job.products[0].product_id}
    if job.what == "defect":
        return {**truth, **_defective(job, path, samples)}
    photo = (
        query_photo(job.products[0], job.rng, path, samples, hidden=job.hidden)
        if job.what == "query"
        else scene_photo(job.products, job.rng, path, samples)
    )
    photo.picture.save(path)
    Image.fromarray(photo.numbers).save(path.with_suffix(".mask.png"))
    return {**truth, "place": photo.place, "seen": [asdict(one) for one in photo.seen]}


def _defective(job: Job, path: Path, samples: int) -> dict[str, object]:
    """Make the planned defect, or the next kind of which something can be seen on this product."""
    rng, first = job.rng, DEFECTS.index(job.defect)
    for kind in (*DEFECTS[first:], *DEFECTS[:first]) * 2:
        defect = defective(job.products[0], kind, rng, path, samples)
        if defect:
            defect.picture.save(path)
            Image.fromarray(defect.mask).save(path.with_suffix(".mask.png"))
            return {"product_id": job.products[0].product_id, "kind": kind}
    message = f"no defect can be seen on {job.products[0].product_id}"
    raise RuntimeError(message)


if __name__ == "__main__":
    main()

import time
from pathlib import Path

import httpx

from served_shop import Serve, ids, problem

CSV = b"id,title,price,image_link\n1,red boot,10,\n2,blue boot,20,\n3,,30,\n"


def ended(client: httpx.Client, job_id: str) -> dict[str, object]:
    """Wait for a job as a shop's own script would."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        job: dict[str, object] = client.get(f"/v1/jobs/{job_id}").json()
        if job["state"] not in {"queued", "running"}:
            return job
    raise AssertionError(f"job {job_id} did not end")


def test_a_feed_becomes_a_job_and_then_products(serve: Serve) -> None:
    with serve() as client:
        answer = client.post("/v1/feeds", files={"file": ("boots.csv", CSV)})
        assert answer.status_code == 202, answer.text
        told = answer.json()
        assert (told["kind"], told["feed"]) == ("index", "boots")
        job = ended(client, told["job_id"])
        assert job["state"] == "done", job
        assert "2 products indexed" in str(job["message"])
        assert set(ids(client.get("/v1/search", params={"q": "boot"}))) == {"1", "2"}
        (rejection,) = client.get("/v1/rejections").json()["rejections"]
        assert "line 4" in rejection["where"]
        assert client.get("/v1/jobs").json()["jobs"] == [job]
        status = client.get("/v1/status").json()
        assert status["products"]["indexed"] == 2
        assert (status["rejected_rows"], status["encoder"], status["store"]) == (
            1,
            "colour",
            "exact",
        )


def test_the_same_feed_again_replaces_what_it_held(serve: Serve) -> None:
    with serve() as client:
        for rows in (b"1,boot\n2,boot\n3,boot\n4,boot\n", b"1,boot\n2,boot\n3,boot\n5,boot\n"):
            form = {"name": "summer"}
            sent = client.post(
                "/v1/feeds", data=form, files={"file": ("a.csv", b"id,title\n" + rows)}
            )
            assert ended(client, sent.json()["job_id"])["state"] == "done"
        assert set(ids(client.get("/v1/search", params={"q": "boot"}))) == {"1", "2", "3", "5"}


def test_columns_can_be_named(serve: Serve) -> None:
    with serve() as client:
        form = {"mapping": '{"id": "nummer", "title": "was"}', "kind": "csv"}
        file = {"file": ("f.txt", b"nummer,was\n7,Stiefel\n")}
        sent = client.post("/v1/feeds", data=form, files=file)
        assert ended(client, sent.json()["job_id"])["state"] == "done"
        assert client.get("/v1/products/7").json()["title"] == "Stiefel"


def test_a_feed_from_the_network_reaches_no_file_of_this_machine(
    serve: Serve, tmp_path: Path
) -> None:
    (tmp_path / "secret.png").write_bytes(b"x")
    rows = (
        f"id,title,image_link\n1,a,{tmp_path}/secret.png\n2,b,../../../secret.png\n3,c,feed.csv\n"
    )
    with serve() as client:
        sent = client.post("/v1/feeds", files={"file": ("f.csv", rows.encode())})
        assert ended(client, sent.json()["job_id"])["state"] == "done"
        for product_id in "123":
            (image,) = client.get(f"/v1/products/{product_id}").json()["images"]
            assert image["reason"]
            assert not image["image"]


def test_a_feed_that_cannot_be_read_fails_as_a_job(serve: Serve) -> None:
    with serve() as client:
        sent = client.post("/v1/feeds", files={"file": ("f.csv", b"\x00\x01\x02")})
        job = ended(client, sent.json()["job_id"])
        assert job["state"] == "failed"
        assert job["message"]


def test_a_form_that_makes_no_sense_is_a_problem(shop: httpx.Client) -> None:
    file = {"file": ("f.csv", CSV)}
    problem(shop.post("/v1/feeds", data={"name": "x"}, files={"other": (None, "1")}), 422)
    problem(shop.post("/v1/feeds", json={}), 415)
    for form in (
        {"mapping": "{"},
        {"mapping": "[1]"},
        {"name": "api"},
        {"name": "/etc"},
        {"x": "1"},
    ):
        problem(shop.post("/v1/feeds", data=form, files=file), 422)
    assert shop.get("/v1/jobs").json()["jobs"] == []


def test_a_job_that_is_not_there_is_a_problem(shop: httpx.Client) -> None:
    problem(shop.get("/v1/jobs/77"), 404)
    problem(shop.get("/v1/jobs/x"), 404)
    problem(shop.get("/v1/jobs", params={"limit": 100_000}), 422)

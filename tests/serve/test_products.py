from pathlib import Path

import httpx
import pytest

from served_shop import Serve, data_url, drawing, ids, problem, put, quoted


def test_a_product_is_shown_as_it_was_put(serve: Serve) -> None:
    given = {
        "product_id": "boot-1", "title": "Hiking boot", "description": "Waterproof.",
        "brand": "Daybird", "category": ["Shoes", "Boots"], "group_id": "boot", "price": 109.99,
        "sale_price": 89.5, "currency": "EUR", "in_stock": False,
        "url": "https://shop.example/boot-1", "gtin": "123", "mpn": "B1", "popularity": 17.0,
        "attributes": {"colour": ["black"], "size": ["41", "42"]},
    }  # fmt: skip
    with serve() as client:
        answer = client.post("/v1/products", json={**given, "images": [data_url(drawing(1))]})
        assert answer.status_code == 201
        told = client.get("/v1/products/boot-1").json()
        assert told == answer.json()
        images = told.pop("images")
        assert told.pop("stage") == "indexed"
        assert told == given
        assert [image["reason"] for image in images] == [""]
        assert (images[0]["width"], images[0]["height"]) == (64, 64)


@pytest.mark.parametrize(
    "product_id",
    ["a/b", "a/similar", "a%2Fb", "100%", "鞋子/红", "a b", "?x=1#y", "é", ".a", "a;b=c&d"],
)
def test_any_id_works_in_a_path(serve: Serve, product_id: str) -> None:
    with serve() as client:
        put(client, product_id, drawing(1))
        put(client, "other", drawing(2))
        path = f"/v1/products/{quoted(product_id)}"
        assert client.get(path).json()["product_id"] == product_id
        assert ids(client.get(f"{path}/similar")) == ["other"]
        assert client.delete(path).status_code == 204
        problem(client.get(path), 404)
        problem(client.delete(path), 404)
        assert ids(client.get("/v1/search", params={"q": "square"})) == ["other"]


def test_a_slash_may_also_stand_as_it_is(serve: Serve) -> None:
    with serve() as client:
        put(client, "a/b", drawing(1))
        assert client.get("/v1/products/a/b").json()["product_id"] == "a/b"
        assert client.get("/v1/products/a/b/similar").status_code == 200


def test_products_are_listed_page_by_page(shop: httpx.Client) -> None:
    seen: list[str] = []
    after: int | None = 0
    while after is not None:
        told = shop.get("/v1/products", params={"limit": 4, "after": after}).json()
        seen += [product["product_id"] for product in told["products"]]
        after = told["next"]
    assert seen == [f"q{i}" for i in range(6)]
    problem(shop.get("/v1/products", params={"limit": 0}), 422)
    problem(shop.get("/v1/products", params={"after": "x"}), 422)


@pytest.mark.parametrize(
    "source",
    ["/etc/passwd", "img/1.png", "../1.png", "file:///etc/passwd", "C:\\a.png", "ftp://x/y"],
)
def test_a_path_on_this_machine_is_never_taken(serve: Serve, source: str, tmp_path: Path) -> None:
    (tmp_path / "1.png").write_bytes(drawing(1))
    with serve() as client:
        given = {"product_id": "p", "title": "P", "images": [source]}
        problem(client.post("/v1/products", json=given), 422)
        problem(client.get("/v1/products/p"), 404)


def test_a_url_is_fetched_only_from_hosts_that_are_allowed(serve: Serve) -> None:
    with serve() as client:
        told = put(client, "p", images=["http://127.0.0.1:9/x.png", "https://cdn.example/a.png"])
        reasons = [image["reason"] for image in told.json()["images"]]
        assert len(reasons) == 2
        assert all(reasons)
        assert told.json()["stage"] == "indexed"  # words find it all the same
        assert ids(client.get("/v1/search", params={"q": "square"})) == ["p"]


def test_an_image_that_is_no_picture_costs_only_itself(serve: Serve) -> None:
    with serve() as client:
        images = put(client, "p", b"nonsense", drawing(1)).json()["images"]
        assert [bool(image["reason"]) for image in images] == [True, False]
        assert client.get("/v1/rejections").json()["rejections"][0]["product_id"] == "p"


@pytest.mark.parametrize(
    ("given", "at"),
    [
        ({}, "title"),
        ({"title": "A", "prize": 3}, "prize"),
        ({"title": "A", "price": "N/A"}, "price"),
        ({"title": "A", "product_id": "other"}, "product_id"),
        ({"title": "A", "images": ["data:image/png;base64,###"]}, "images"),
    ],
)
def test_a_product_that_makes_no_sense_says_where(
    shop: httpx.Client, given: dict[str, object], at: str
) -> None:
    told = problem(shop.put("/v1/products/new", json=given), 422)
    assert told["errors"][0]["at"] == at
    problem(shop.get("/v1/products/new"), 404)


def test_a_body_that_is_not_json_is_refused(shop: httpx.Client) -> None:
    problem(shop.put("/v1/products/new", content=b'{"title": "A"}'), 415)
    kind = {"content-type": "application/json"}
    problem(shop.put("/v1/products/new", content=b'{"title": ', headers=kind), 422)
    problem(shop.put(f"/v1/products/{'x' * 201}", json={"title": "A"}), 422)
    problem(shop.put("/v1/products/%00", json={"title": "A"}), 422)

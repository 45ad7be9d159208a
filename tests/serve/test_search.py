import base64
import io

import httpx
import pytest
from PIL import Image

from served_shop import Serve, data_url, drawing, ids, problem, put


def jpeg(seed: int) -> bytes:
    """Photograph a square: another format, another size."""
    out = io.BytesIO()
    Image.open(io.BytesIO(drawing(seed))).resize((300, 300)).save(out, "JPEG", quality=85)
    return out.getvalue()


def test_a_photo_finds_its_product_however_it_is_sent(shop: httpx.Client) -> None:
    photo = jpeg(3)
    bare = base64.b64encode(photo).decode()
    as_url = f"data:image/jpeg;base64,{bare}"
    for answer in (
        shop.post("/v1/search", files={"image": ("photo.jpg", photo, "image/jpeg")}),
        shop.post("/v1/search", files={"image": ("x", photo, "application/octet-stream")}),
        shop.post("/v1/search", json={"image": bare}),
        shop.post("/v1/search", json={"image": as_url}),
        shop.post("/v1/search", files={"image": (None, as_url)}),
    ):
        assert ids(answer)[0] == "q3"


def two_squares(left: int, right: int) -> bytes:
    """Photograph two squares next to each other."""
    photo = Image.new("RGB", (640, 320), "white")
    for x, seed in ((10, left), (330, right)):
        photo.paste(Image.open(io.BytesIO(drawing(seed))).resize((300, 300)), (x, 10))
    out = io.BytesIO()
    photo.save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize(("box", "wanted"), [([0, 0, 0.5, 1], "q1"), ([0.5, 0, 1, 1], "q4")])
def test_a_box_tells_which_thing_in_a_photo_is_meant(
    shop: httpx.Client, box: list[float], wanted: str
) -> None:
    photo = two_squares(1, 4)
    for written in (",".join(map(str, box)), str(box)):
        answer = shop.post("/v1/search", files={"image": photo}, data={"box": written})
        assert ids(answer)[0] == wanted
    body = {"image": base64.b64encode(photo).decode(), "box": box}
    assert ids(shop.post("/v1/search", json=body))[0] == wanted


@pytest.mark.parametrize(
    "box", ["0.5,0,0.5,1", "0,0,2,1", "nan,0,1,1", "a,b,c,d", "0,0,1", "[0,0,1,1", "0,0,1,1,1"]
)
def test_what_is_no_box_is_a_clear_refusal(shop: httpx.Client, box: str) -> None:
    answer = shop.post("/v1/search", files={"image": jpeg(1)}, data={"box": box})
    assert answer.status_code in {400, 422}
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_box_without_a_photo_is_refused(shop: httpx.Client) -> None:
    answer = shop.post("/v1/search", json={"q": "square", "box": [0, 0, 1, 1]})
    assert answer.status_code == 422
    assert "photo" in answer.text


def test_an_answer_holds_all_that_a_page_needs(shop: httpx.Client) -> None:
    told = shop.post("/v1/search", files={"image": jpeg(2)}, data={"limit": "3"}).json()
    assert set(told) == {
        "ranking_id", "products", "total", "total_exact", "match", "guess", "facets",
        "corrected", "query_image_id", "complete", "timings_ms",
    }  # fmt: skip
    assert len(told["products"]) == 3
    first = told["products"][0]
    assert (first["product_id"], first["group_id"], first["title"]) == ("q2", "q2", "square q2")
    assert (first["brand"], first["price"], first["sale_price"]) == ("Square & Co", 12.0, None)
    assert first["in_stock"] is True
    assert first["signals"].keys() == {"picture"}
    assert told["timings_ms"].keys() >= {"encode", "search"}
    scores = [product["score"] for product in told["products"]]
    assert scores == sorted(scores, reverse=True)
    assert shop.get(first["image"]).headers["content-type"] == "image/webp"


def test_words_a_product_and_a_photo_can_be_asked_together(shop: httpx.Client) -> None:
    assert ids(shop.get("/v1/search", params={"q": "square q4"}))[0] == "q4"
    both = shop.post("/v1/search", files={"image": jpeg(1)}, data={"q": "square q1"})
    assert ids(both)[0] == "q1"
    assert both.json()["products"][0]["signals"].keys() >= {"picture", "words"}
    like = ids(shop.get("/v1/search", params={"product_id": "q0"}))
    assert like == ids(shop.get("/v1/products/q0/similar"))
    assert like == ids(shop.post("/v1/search", json={"product_id": "q0"}))
    assert "q0" not in like
    assert len(like) == 5


def test_a_filter_narrows_and_pages_go_on(shop: httpx.Client) -> None:
    cheap = {"q": "square", "filter": "price < 13"}
    assert set(ids(shop.get("/v1/search", params=cheap))) == {"q0", "q1", "q2"}
    every = ids(shop.get("/v1/search", params={"q": "square"}))
    pages = [
        ids(shop.get("/v1/search", params={"q": "square", "limit": 2, "offset": at}))
        for at in (0, 2, 4, 6)
    ]
    assert [product for page in pages for product in page] == every
    assert ids(shop.get("/v1/products/q0/similar", params={"filter": "price > 14"})) == ["q5"]


def test_a_wrong_filter_says_where(shop: httpx.Client) -> None:
    told = problem(shop.get("/v1/search", params={"q": "x", "filter": "price << 3"}), 400)
    assert told["position"] == 7
    told = problem(shop.post("/v1/search", json={"q": "x", "filter": "prize < 3"}), 400)
    assert told["position"] == 0
    assert "price" in told["detail"]


def test_what_can_be_filtered_is_listed(shop: httpx.Client) -> None:
    fields = {f["name"]: f["kind"] for f in shop.get("/v1/fields").json()["fields"]}
    assert (fields["price"], fields["brand"], fields["in_stock"]) == (
        "number",
        "keyword",
        "boolean",
    )


@pytest.mark.parametrize(
    ("params", "status"),
    [
        ({"q": "x" * 10_000}, 400),
        ({"q": "x", "limit": "101"}, 400),
        ({"q": "x", "limit": "0"}, 422),
        ({"q": "x", "limit": "ten"}, 422),
        ({"q": "x", "offset": "-1"}, 422),
        ({"q": "x", "offset": "9" * 40}, 400),
        ({"q": "a\0b"}, 422),
        ({"q": "x", "filter": "x" * 5000}, 422),
        ({"q": "x", "filters": "price < 3"}, 422),
        ({"product_id": "nobody"}, 404),
    ],
)
def test_a_question_that_cannot_be_answered_is_a_problem(
    shop: httpx.Client, params: dict[str, str], status: int
) -> None:
    problem(shop.get("/v1/search", params=params), status)
    if status != 422:
        problem(shop.post("/v1/search", data=params, files={"image": ("", b"")}), status)


def test_a_form_that_a_browser_sent_half_filled_is_understood(shop: httpx.Client) -> None:
    fields = {"q": "square q1", "limit": "", 'image"; filename="': "", "filter": ""}
    parts = [
        f'--b\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n'
        for n, v in fields.items()
    ]
    kind = {"content-type": "multipart/form-data; boundary=b"}
    answer = shop.post("/v1/search", content="".join([*parts, "--b--\r\n"]), headers=kind)
    assert ids(answer)[0] == "q1"


@pytest.mark.parametrize("text", ["\u202e", "💥" * 50, "'; DROP TABLE products", "红 鞋", "\r\n"])
def test_odd_words_are_words(shop: httpx.Client, text: str) -> None:
    assert shop.get("/v1/search", params={"q": f"square {text}"}).status_code == 200


@pytest.mark.parametrize("image", [b"", b"no picture", drawing(1)[:90], b"<svg/>"])
def test_a_file_that_is_no_picture_is_a_problem(shop: httpx.Client, image: bytes) -> None:
    problem(shop.post("/v1/search", files={"image": ("photo.png", image)}), 422)


def test_a_body_of_another_kind_is_refused(shop: httpx.Client) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "image/png", ""):
        answer = shop.post("/v1/search", content=b"q=x", headers={"content-type": kind})
        problem(answer, 415)


def test_a_broken_form_is_a_problem(shop: httpx.Client) -> None:
    def sent(body: bytes, kind: str = "multipart/form-data; boundary=b") -> httpx.Response:
        return shop.post("/v1/search", content=body, headers={"content-type": kind})

    problem(sent(b"", "multipart/form-data"), 400)
    problem(sent(b"garbage"), 400)
    assert sent(b"--b--\r\n").json()["total"] == 6  # nothing asked: everything is listed
    twice = [("q", (None, "a")), ("q", (None, "b"))]
    assert problem(shop.post("/v1/search", files=twice), 422)["errors"][0]["at"] == "q"
    two = [("image", drawing(1)), ("image", drawing(2))]
    problem(shop.post("/v1/search", files=two), 400)
    strange = {"image": drawing(1), "hue": (None, "red")}
    assert "hue" in problem(shop.post("/v1/search", files=strange), 422)["detail"]


def test_a_problem_does_not_repeat_what_was_sent(shop: httpx.Client) -> None:
    answer = shop.post("/v1/search", json={"image": "secret" * 1000, "limit": 0})
    problem(answer, 422)
    assert "secret" not in answer.text


def test_a_thumbnail_may_be_kept_for_ever(shop: httpx.Client) -> None:
    path = shop.get("/v1/products/q0").json()["images"][0]["image"]
    answer = shop.get(path)
    assert "immutable" in answer.headers["cache-control"]
    assert Image.open(io.BytesIO(answer.content)).format == "WEBP"
    problem(shop.get(f"/v1/images/{'0' * 64}.webp"), 404)
    for bad in ("x", "..%2F..%2Fetc%2Fpasswd", "A" * 64):
        assert shop.get(f"/v1/images/{bad}.webp").status_code in {404, 422}


def test_a_shop_without_products_answers_with_none(serve: Serve) -> None:
    with serve() as client:
        told = client.get("/v1/search", params={"q": "anything"}).json()
        assert (told["products"], told["complete"]) == ([], True)
        assert client.post("/v1/search", json={"image": data_url(drawing(0))}).status_code == 200


@pytest.mark.parametrize("store", ["exact", "edge"])
def test_what_is_put_is_found_by_the_next_request(serve: Serve, store: str) -> None:
    with serve(store=store) as client:
        for i in range(3):
            put(client, f"p{i}", drawing(i))
            found = ids(client.post("/v1/search", files={"image": jpeg(i)}))
            assert found[0] == f"p{i}"
            assert len(found) == i + 1
        put(client, "p0", drawing(7), title="Sevenfold")
        assert ids(client.post("/v1/search", files={"image": jpeg(7)}))[0] == "p0"
        assert ids(client.get("/v1/search", params={"q": "sevenfold"}))[0] == "p0"
        assert client.delete("/v1/products/p0").status_code == 204
        assert set(ids(client.post("/v1/search", files={"image": jpeg(7)}))) == {"p1", "p2"}
        problem(client.get("/v1/products/p0/similar"), 404)


def test_where_nothing_is_asked_everything_is_listed_to_the_end(shop: httpx.Client) -> None:
    pages = [
        shop.get("/v1/search", params={"limit": 3, "offset": offset, "sort": "price:asc"}).json()
        for offset in (0, 3, 6, 9)
    ]
    prices = [product["price"] for page in pages for product in page["products"]]
    assert prices == sorted(prices)
    assert [page["total"] for page in pages] == [len(prices)] * 4
    assert pages[-1]["products"] == []
    assert shop.get("/v1/search", params={"q": "   ", "limit": 3}).json()["total"] == len(prices)

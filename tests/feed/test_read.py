import gzip
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from shoplens.errors import FeedError
from shoplens.feed.read import open_feed
from shoplens.types import Product, Rejection
from small_feeds import SAMPLES, Take

DATA = Path(__file__).parents[3] / "shared" / "data"
KINDS = (
    "csv", "jsonl", "array", "google-xml", "google-tsv", "shopify", "shopify-new", "woocommerce",
    "json-ld", "html", "csv.gz",
)  # fmt: skip
Write = Callable[[int], Iterator[str]]
every_kind = pytest.mark.parametrize("kind", KINDS)


@every_kind
def test_a_whole_feed_is_complete_and_without_rejections(take: Take, kind: str) -> None:
    got = take(SAMPLES[kind], name=kind)
    assert got.feed.complete
    assert got.products
    assert got.reasons == []
    assert got.feed.position() == got.feed.size_bytes == len(SAMPLES[kind])


@every_kind
def test_a_feed_cut_anywhere_gives_only_whole_products(take: Take, kind: str) -> None:
    """A row that lacks nothing but the end of its last cell cannot be told from a whole one.

    That happens in tables whose last cell is not quoted; it is the last product only.
    """
    whole = {p.product_id: p for p in take(SAMPLES[kind], name=kind).products}
    for end in range(1, len(SAMPLES[kind]), 3):
        try:
            got = take(SAMPLES[kind][:end], name=f"{kind}-cut")
        except FeedError:
            continue
        last_may_be_cut = kind in {"google-tsv", "shopify", "shopify-new", "woocommerce"}
        for product in got.products[:-1] if last_may_be_cut else got.products:
            if kind.startswith("shopify"):
                # A handle's rows may be cut between two lines: then it has fewer images.
                assert product.title == whole[product.product_id].title
            else:
                assert product == whole[product.product_id]


def test_a_cut_feed_is_never_complete_where_that_can_be_known(take: Take) -> None:
    for kind in ("array", "google-xml", "csv.gz"):
        for end in range(60, len(SAMPLES[kind]) - 8, 11):
            try:
                assert not take(SAMPLES[kind][:end], name=f"{kind}-cut").feed.complete
            except FeedError:
                assert end < len(SAMPLES[kind])


@every_kind
def test_the_kind_can_be_named(take: Take, kind: str) -> None:
    found = take(SAMPLES[kind]).feed.kind
    assert take(SAMPLES[kind], kind=found).products == take(SAMPLES[kind]).products


def test_encodings_and_compression_make_no_difference(take: Take) -> None:
    text = "商品编号,标题,价格,图片\n1,红色连衣裙,￥1299,a.jpg\n2,羊毛围巾,99元,b.jpg\n"
    expected = take(text).products
    assert [p.title for p in expected] == ["红色连衣裙", "羊毛围巾"]
    for encoding in ("utf-8-sig", "utf-16", "utf-16-be", "gb18030", "utf-32"):
        bom = "\ufeff" if encoding == "utf-16-be" else ""
        assert take((bom + text).encode(encoding)).products == expected
    assert take(gzip.compress(text.encode("gb18030"))).products == expected


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"  \n\n ", "is empty"),
        (b"PK\x03\x04zzzz", "an Excel workbook; save its sheet as CSV"),
        (b"\x89PNG\r\n\x1a\n", "give its folder instead"),
        (b"%PDF-1.7", "is a PDF; feeds are csv, jsonl"),
        (bytes(range(256)) * 4, "no text"),
        (b"<html><body>nothing", "html"),
        (b"<svg><path/></svg>", "without <rss>"),
        (b'{\n "a": {\n "b": 1}}', "neither an object a line"),
        (b"just one line", "no column looks like the id"),
        (b"PAR1 not really", "no readable Parquet file"),
    ],
)
def test_what_is_no_feed_is_named(take: Take, content: bytes, message: str) -> None:
    if message == "html":
        assert take(content).products == []
        return
    with pytest.raises(FeedError, match=message):
        take(content)


def test_wrong_questions_are_answered(tmp_path: Path, take: Take) -> None:
    with pytest.raises(FeedError, match="there is no feed at"):
        open_feed(tmp_path / "gone.csv")
    with pytest.raises(FeedError, match="no kind of feed is called 'xlsx'; there are csv"):
        open_feed(tmp_path, kind="xlsx")
    with pytest.raises(FeedError, match="is a folder"):
        open_feed(tmp_path, kind="csv")
    with pytest.raises(FeedError, match="is no folder"):
        take("id,title\n", kind="folder")
    with pytest.raises(FeedError, match="shopify feed has its own columns"):
        take("Handle,Title,Variant SKU\n", kind="shopify", mapping={"id": "Handle"})


def rows(n: int) -> Iterator[str]:
    yield "id,title,description,price,image,colour\n"
    for i in range(n):
        yield f'{i},"Product {i}, good","{"words " * 20}",{i}.50,img/{i}.jpg,red\n'


def items(n: int) -> Iterator[str]:
    yield '<?xml version="1.0"?><rss><channel>'
    for i in range(n):
        yield (
            f"<item><g:id>{i}</g:id><title>Product {i}</title><g:price>{i}.50 EUR</g:price>"
            f"<description>{'words ' * 20}</description>"
            f"<g:image_link>{i}.jpg</g:image_link></item>\n"
        )
    yield "</channel></rss>"


def elements(n: int) -> Iterator[str]:
    yield "["
    for i in range(n):
        yield f'{{"id": {i}, "title": "Product {i}", "images": ["{i}.jpg"], "price": {i}.5}}'
        yield ",\n" if i < n - 1 else "]"


# A child of its own, since a process's peak never falls; kilobytes on Linux, bytes on macOS.
READ = """
import resource, sys
from pathlib import Path
from shoplens.feed.read import open_feed
from shoplens.types import Product

def peak_bytes():
    unit_bytes = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit_bytes

def count(path):
    feed = open_feed(Path(path))
    found = sum(isinstance(one, Product) for one in feed.records)
    return found if feed.complete else -1

count(sys.argv[1])
before = peak_bytes()
print(count(sys.argv[2]), peak_bytes() - before)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="it has no module resource")
@pytest.mark.parametrize(("write", "n"), [(rows, 100_000), (items, 30_000), (elements, 30_000)])
def test_large_feeds_are_read_in_bounded_memory(tmp_path: Path, write: Write, n: int) -> None:
    small, large = tmp_path / "small", tmp_path / "large"
    for path, size in ((small, 100), (large, n)):
        with path.open("w", encoding="utf-8") as file:
            file.writelines(write(size))
    done = subprocess.run(
        [sys.executable, "-c", READ, str(small), str(large)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    count, grown_bytes = map(int, done.stdout.split())
    assert count == n
    assert grown_bytes < 30_000_000


@pytest.mark.realdata
@pytest.mark.parametrize(
    ("name", "mapping", "count"),
    [
        ("fashion_catalog/products.csv", {}, 3647),
        ("adventure_shop/products.csv", {}, 101),
        ("grocery_street_to_catalogue/products.csv", {}, 81),
        ("zh_product_text/yanxuan_catalog.csv", {}, 239),
        ("demo_shops_multiview/images.csv", {}, 66),
        ("magento_multiview/images.csv", {"id": "instance", "group_id": "sku"}, 270),
    ],
)
def test_real_feeds_are_read_whole(name: str, mapping: Mapping[str, str], count: int) -> None:
    if not (DATA / name).exists():
        pytest.skip(f"{DATA / name} is absent")
    feed = open_feed(DATA / name, mapping=mapping)
    records = list(feed.records)
    assert [one for one in records if isinstance(one, Rejection)] == []
    assert (len(records), feed.complete) == (count, True)


@pytest.mark.realdata
def test_the_columns_of_real_feeds_are_guessed() -> None:
    path = DATA / "fashion_catalog" / "products.csv"
    if not path.exists():
        pytest.skip(f"{path} is absent")
    feed = open_feed(path)
    assert feed.mapping["category"] == "masterCategory > subCategory > articleType"
    assert feed.mapping["attributes.colour"] == "baseColour"
    assert feed.ignored == ("thumb",)
    first = next(feed.records)
    assert isinstance(first, Product)
    assert first.category == ("Apparel", "Topwear", "Tshirts")
    yanxuan = open_feed(DATA / "zh_product_text" / "yanxuan_catalog.csv")
    assert yanxuan.mapping["price"] == "retail_price_cny"
    assert yanxuan.mapping["currency"] == "=CNY"

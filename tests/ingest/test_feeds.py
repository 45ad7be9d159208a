from pathlib import Path

from shoplens.config import IndexSettings, Settings
from shoplens.engine import Engine
from shoplens.feed.sync import SyncReport
from shoplens.indexing.workbench import IndexCounts
from shoplens.ingest.feeds import IndexReport, IndexRequest
from shoplens.ingest.verify import VerifyReport, VerifyRequest
from small_shop import COLUMNS, MakeShop


def test_a_request_means_the_same_in_another_process(tmp_path: Path) -> None:
    request = IndexRequest(
        tmp_path / "feed.csv", tmp_path, "", "csv", {"id": "sku"}, allow_shrink=True
    )
    again = IndexRequest.from_json(request.to_json())
    assert (again.path, again.root, again.feed) == (request.path, request.root, request.feed)
    assert (again.kind, again.mapping, again.allow_shrink, again.rebuild) == (
        "csv",
        {"id": "sku"},
        True,
        False,
    )
    assert IndexRequest.from_json(IndexRequest(tmp_path).to_json()).root == tmp_path
    assert VerifyRequest.from_json(VerifyRequest(repair=True).to_json()).repair


def test_reports_come_back_as_they_went() -> None:
    counts = IndexCounts(4, 3, 2, 1)
    sync = SyncReport(1, 2, 3, 4, 5)
    indexed = IndexReport("f", "csv", {"id": "sku"}, ("w", "h"), sync, 6, counts, 1.5)
    assert IndexReport.from_json(indexed.to_json()) == indexed
    assert "4 products indexed in 2 s" in indexed.told()
    verified = VerifyReport(3, 2, 1, 9, ("a", "b"), ("c",), 4, 5)
    assert VerifyReport.from_json(verified.to_json()) == verified
    assert "2 missing, 1 without a product" in verified.told()


def test_another_limit_of_images_is_noticed(settings: Settings, make_shop: MakeShop) -> None:
    shop = make_shop(5)
    rows = shop.rows(2)
    rows[0]["image"] = ",".join(f"p{i}.png" for i in range(5))
    assert "image" in COLUMNS
    shop.write(rows)

    def index(limit: int) -> tuple[int, int, int, int]:
        few = IndexSettings.model_validate({"threads": 1, "max_images": limit})
        with Engine.open(settings.model_copy(update={"index": few})) as engine:
            report = engine.index(IndexRequest(shop.feed))
            again = engine.index(IndexRequest(shop.feed))
            assert (again.stale, again.counts.products) == (0, 0)
            assert engine.verify().ok
            told = [r.where for r in engine.rejections() if "index.max_images" in r.reason]
            assert told == [f"p{i}.png" for i in range(limit, 5)]
            return report.stale, report.counts.encoded, report.counts.reused, engine.status().rows

    assert index(2) == (0, 2, 1, 3)  # p1.png is the second product's own picture, too
    assert index(4) == (1, 2, 2, 5)
    assert index(3) == (1, 0, 3, 4)

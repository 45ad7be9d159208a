"""The smoke gate of quality: the sample shop's photos find their products, through everything.

Floors lie under what docs/benchmarks.md measured, by a margin that another machine's rounding does
not cross but a broken crop, colour or normalisation does.
"""

from pathlib import Path

import numpy as np
import pytest

from shoplens.config import read_settings
from shoplens.engine import Engine
from shoplens.feed.sampleshop.shop import feed, query_photos
from shoplens.ingest.feeds import IndexRequest
from shoplens.types import Query

R1, R5, GROUP1 = 0.75, 0.90, 0.83


@pytest.mark.slow
def test_photos_find_their_products_about_as_often_as_they_did(tmp_path: Path) -> None:
    photos = query_photos()
    places: list[int] = []
    groups: list[bool] = []
    with Engine.open(read_settings({"data": tmp_path / "data"})) as engine:
        engine.index(IndexRequest(feed()))
        for photo in photos:
            answer = engine.search(Query(picture=engine.picture(photo.image.read_bytes()), k=5))
            found = [shown.product for shown in answer.shown]
            ids = [product.product_id for product in found]
            right = engine.product(photo.product_id).product
            places.append(ids.index(right.product_id) + 1 if right.product_id in ids else 0)
            groups.append(found[0].group_id == right.group_id)
    got = np.array(places)
    assert (got == 1).mean() >= R1
    assert (got > 0).mean() >= R5
    assert np.mean(groups) >= GROUP1

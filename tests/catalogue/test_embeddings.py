from datetime import UTC, datetime

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sqlalchemy import Engine, select

from shoplens.catalogue.embeddings import Embeddings
from shoplens.database.tables import embeddings as table
from shoplens.database.transactions import reading
from shoplens.types import Embedding

NOW = datetime(2026, 5, 1, tzinfo=UTC)
ROWS = {f"h{i}": np.full(4, i, np.float32) for i in range(1200)}


def test_embeddings_are_kept_by_content_and_by_encoder(engine: Engine) -> None:
    kept = Embeddings(engine)
    kept.put(ROWS, fingerprint="a", now=NOW)
    kept.put({"h1": np.zeros(2, np.float32)}, fingerprint="b", now=NOW)
    found = kept.get([*ROWS, "unknown"], "a")
    assert found.keys() == ROWS.keys()
    assert all(np.array_equal(found[key], ROWS[key]) for key in ROWS)
    assert kept.get(["h1", "h2"], "b").keys() == {"h1"}
    assert kept.get(["h1"], "c") == {}
    assert [kept.count(name) for name in "abc"] == [1200, 1, 0]


def test_putting_again_replaces(engine: Engine) -> None:
    kept = Embeddings(engine)
    kept.put({"h": np.ones(3, np.float32)}, fingerprint="a", now=NOW)
    kept.put({"h": np.zeros(3, np.float32)}, fingerprint="a", now=NOW)
    np.testing.assert_array_equal(kept.get(["h"], "a")["h"], np.zeros(3))
    assert kept.count("a") == 1


def test_nothing_to_put_or_get_is_no_error(engine: Engine) -> None:
    kept = Embeddings(engine)
    kept.put({}, fingerprint="a", now=NOW)
    assert kept.get([], "a") == {}


def test_an_embedding_is_float32_little_endian_and_may_be_written_to(engine: Engine) -> None:
    kept = Embeddings(engine)
    kept.put({"h": np.array([1, -2], ">f4")}, fingerprint="a", now=NOW)
    with reading(engine) as connection:
        data = connection.execute(select(table.c.embedding)).scalar_one()
    assert data == b"\x00\x00\x80\x3f\x00\x00\x00\xc0"
    row = kept.get(["h"], "a")["h"]
    assert row.dtype == np.float32
    row += 1


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(row=hnp.arrays(np.float32, st.integers(0, 64), elements=st.floats(width=32)))
def test_every_bit_of_an_embedding_comes_back(engine: Engine, row: Embedding) -> None:
    kept = Embeddings(engine)
    kept.put({"h": row}, fingerprint="a", now=NOW)
    assert kept.get(["h"], "a")["h"].tobytes() == row.tobytes()

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shoplens.errors import FeedError, StorageError
from shoplens.evaluate.runs import Placed, Run, one_word, read_run, write_run

ids = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
scores = st.floats(-1, 2) | st.sampled_from([0.5, 0.25])
placed = st.builds(Placed, ids, scores)
rankings = st.lists(placed, min_size=1, max_size=6, unique_by=lambda one: one.product_id)


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=st.dictionaries(ids.map(one_word), rankings, min_size=1, max_size=4))
def test_a_run_that_was_written_is_read_in_the_same_order(
    drawn: dict[str, list[Placed]], tmp_path: Path
) -> None:
    run = Run({query_id: tuple(ranking) for query_id, ranking in drawn.items()})
    write_run(run, tmp_path / "runs" / "now.trec")
    found = read_run(tmp_path / "runs" / "now.trec")
    assert found.refused == ()
    for query_id in drawn:
        assert found.ids(query_id) == run.ids(query_id)
        told = [one.score for one in found.rankings[query_id]]
        assert all(above > below for above, below in pairwise(told))


@given(one=ids, other=ids)
def test_words_that_differ_stay_different(one: str, other: str) -> None:
    assert (one_word(one) == one_word(other)) == (one == other)
    assert len(one_word(one).split()) == 1


def test_runs_of_other_tools_are_read_by_score_then_place(tmp_path: Path) -> None:
    path = tmp_path / "other.trec"
    path.write_text(
        "\ufeffq1 Q0 a 1 0.5 x\nq1 Q0 b 3 0.9 x\nq1 Q0 c 2 0.9 x\nq1 Q0 a 4 0.1 x\n\n"
        "q1 Q0 d one 0.9 x\nq1 Q0 d 5 nan x\nq1 d\n"
    )
    found = read_run(path)
    assert found.rankings["q1"] == (Placed("c", 0.9), Placed("b", 0.9), Placed("a", 0.5))
    assert [one.where for one in found.refused] == [f"other.trec line {n}" for n in (6, 7, 8)]
    assert found.ids("q2") == []


def test_what_is_no_run_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "empty.trec"
    path.write_text("hello\n")
    with pytest.raises(FeedError, match="no line of a TREC run"):
        read_run(path)
    with pytest.raises(FeedError, match="cannot be read"):
        read_run(tmp_path)
    with pytest.raises(StorageError, match="cannot be written"):
        write_run(Run({}), tmp_path)

import json
from pathlib import Path

import pytest

from shoplens.errors import FeedError
from shoplens.evaluate.judged.files import read_beir, read_judged, read_trec


def written(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding)
    return path


def test_a_table_becomes_questions_grades_and_slices(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "judged.csv",
        "query_image,query_text,product_id,grade,Place\n"
        "photos/1.jpg,,a,2,street\n"
        "photos/1.jpg,,b,,street\n"
        ",red bag,c,0.5,\n"
        "photos/1.jpg,in red,a,1,home\n",
    )
    found = read_judged(path)
    assert found.refused == ()
    first, words, both = found.questions
    assert first.picture == tmp_path / "photos/1.jpg"
    assert (first.text, first.slices) == ("", {"place": "street"})
    assert found.grades[first.query_id] == {"a": 2, "b": 1}
    assert (words.picture, words.text, words.slices) == (None, "red bag", {})
    assert found.grades[words.query_id] == {"c": 0.5}
    assert both.query_id != first.query_id
    assert not any(" " in one.query_id for one in found.questions)
    assert found.right(first.query_id) == ["a", "b"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gb18030"])
def test_tables_as_offices_write_them_are_read(
    delimiter: str, encoding: str, tmp_path: Path
) -> None:
    rows = [("query_text", "product_id", "right"), ("红色的包", "包1", "1"), ("鞋", "鞋1", "0")]
    text = "".join(delimiter.join(row) + "\r\n" for row in rows)
    found = read_judged(written(tmp_path, "judged.csv", text, encoding))
    assert [question.text for question in found.questions] == ["红色的包", "鞋"]
    assert [*found.grades.values()] == [{"包1": 1}, {"鞋1": 0}]


def test_bad_lines_are_told_and_the_others_count(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "judged.csv",
        "query_id,query_text,product_id,grade\n"
        "q1,red,a,many\n"
        "q1,red,a,-1\n"
        "q1,red,a,nan\n"
        "q2,,a,1\n"
        "q1,red,,1\n"
        "q1,red,a,1\n"
        "q1,blue,a,1\n"
        "q1,,b,3\n"
        "q1,red,a,1,more\n",
    )
    found = read_judged(path)
    assert [question.query_id for question in found.questions] == ["q1"]
    assert found.grades == {"q1": {"a": 1, "b": 3}}
    reasons = {one.where: one.reason for one in found.refused}
    assert [*reasons] == [f"line {line}" for line in (2, 3, 4, 5, 6, 8, 10)]
    assert "'many'; wanted a number" in reasons["line 2"]
    assert "neither query_image nor query_text" in reasons["line 5"]
    assert "no product_id" in reasons["line 6"]
    assert "asked something else" in reasons["line 8"]


def test_clicks_add_up_and_few_are_none(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "clicks.csv",
        "query_text,product_id,clicks\nbag,a,2\nbag,b,2\nbag,a,9\nbag,c,some\n",
    )
    found = read_judged(path)
    assert [*found.grades.values()] == [{"a": 11, "b": 0}]
    assert "clicks is 'some'" in found.refused[0].reason


@pytest.mark.parametrize("text", ["", "\n\n", "product_id,grade\na,1\n", "query_text\nred\n"])
def test_a_table_without_its_columns_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(FeedError, match=r"expected|wanted"):
        read_judged(written(tmp_path, "judged.csv", text))


def test_trec_qrels_judge_a_table_of_questions(tmp_path: Path) -> None:
    questions = written(
        tmp_path, "questions.tsv", "query_id\tquery_image\tplace\nq1\t1.jpg\tbed\nq2\t2.jpg\t\n"
    )
    lines = "q1 0 a 3\nq1 0 b -1\n\nq2 0 a x\nq9 0 a 1\nq1 0\n"
    found = read_trec(questions, written(tmp_path, "judged.qrels", lines))
    assert [one.picture for one in found.questions] == [tmp_path / "1.jpg", tmp_path / "2.jpg"]
    assert found.questions[0].slices == {"place": "bed"}
    assert found.grades == {"q1": {"a": 3, "b": 0}}
    assert [one.where.rpartition(" ")[2] for one in found.refused] == ["4", "5", "6"]
    assert "no question has the id 'q9'" in found.refused[1].reason


def test_questions_without_ids_cannot_be_judged_by_qrels(tmp_path: Path) -> None:
    qrels = written(tmp_path, "judged.qrels", "q1 0 a 3\n")
    with pytest.raises(FeedError, match="wanted query_id"):
        read_trec(written(tmp_path, "questions.csv", "query_text\nred\n"), qrels)
    with pytest.raises(FeedError, match="cannot be read"):
        read_trec(written(tmp_path, "questions.csv", "query_id,query_text\nq1,red\n"), tmp_path)


def test_a_beir_folder_is_read_and_its_test_is_what_counts(tmp_path: Path) -> None:
    queries: list[dict[str, object]] = [
        {"_id": "1", "text": "red\u2028bag", "metadata": {"Lang": "en", "list": []}},
        {"_id": "2", "text": "", "image": "2.jpg"},
    ]
    lines = "\n".join(json.dumps(query, ensure_ascii=False) for query in queries)
    written(tmp_path, "queries.jsonl", lines + '\n{"text": "no id"}\n{broken\n')
    header = "query-id\tcorpus-id\tscore\n"
    written(tmp_path, "qrels/train.tsv", header + "1\tz\t1\n")
    written(tmp_path, "qrels/test.tsv", header + "1\ta\t2\n2\tb\t1\n2\tb b\t1\nodd\n")
    found = read_beir(tmp_path)
    assert [one.text for one in found.questions] == ["red\u2028bag", ""]
    assert found.questions[0].slices == {"lang": "en"}
    assert found.questions[1].picture == tmp_path / "2.jpg"
    assert found.grades == {"1": {"a": 2}, "2": {"b": 1, "b b": 1}}
    assert [one.where for one in found.refused] == [
        "queries.jsonl line 3",
        "queries.jsonl line 4",
        "test.tsv line 5",
    ]


def test_a_beir_folder_without_a_test_is_judged_by_all_and_one_without_qrels_by_none(
    tmp_path: Path,
) -> None:
    written(tmp_path, "queries.jsonl", '{"_id": "1", "text": "red"}\n')
    with pytest.raises(FeedError, match="no qrels"):
        read_beir(tmp_path)
    for name in ("dev", "train"):
        written(tmp_path, f"qrels/{name}.tsv", f"query-id\tcorpus-id\tscore\n1\t{name}\t1\n")
    assert read_beir(tmp_path).grades == {"1": {"dev": 1, "train": 1}}

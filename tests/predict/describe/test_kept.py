from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoplens.errors import StorageError
from shoplens.predict.describe.kept import Answers


def keep(data: Path, *texts: str, version: str = "v") -> Path:
    answers = Answers(data, "org/Model:7b")
    for place, text in enumerate(texts):
        answers.put(f"hash{place}", version, (text,))
    answers.close()
    return answers.path


def test_what_was_answered_is_known_to_the_next_run(tmp_path: Path) -> None:
    keep(tmp_path, '{"a": "ü\n\u2028"}', "two")
    answers = Answers(tmp_path, "org/Model:7b")
    assert answers.get("hash0", "v") == ('{"a": "ü\n\u2028"}',)
    assert answers.get("hash0", "other question") is None
    assert answers.get("hash9", "v") is None
    assert Answers(tmp_path, "another model").get("hash0", "v") is None


def test_the_last_answer_to_a_question_counts(tmp_path: Path) -> None:
    keep(tmp_path, "old")
    keep(tmp_path, "new")
    assert Answers(tmp_path, "org/Model:7b").get("hash0", "v") == ("new",)


@pytest.mark.parametrize("cut", [1, 5, 30])
def test_a_torn_last_line_loses_itself_alone(tmp_path: Path, cut: int) -> None:
    path = keep(tmp_path, "one", "two")
    path.write_bytes(path.read_bytes()[:-cut])
    answers = Answers(tmp_path, "org/Model:7b")
    assert answers.get("hash0", "v") == ("one",)
    answers.put("hash2", "v", ("three",))
    answers.close()
    again = Answers(tmp_path, "org/Model:7b")
    assert (again.get("hash0", "v"), again.get("hash2", "v")) == (("one",), ("three",))
    assert (again.get("hash1", "v") is None) == (cut > 1), "only its end of line was torn"


@given(junk=st.binary(max_size=200))
def test_junk_in_the_file_is_passed_over(
    tmp_path_factory: pytest.TempPathFactory, junk: bytes
) -> None:
    data = tmp_path_factory.mktemp("data")
    path = keep(data, "one")
    path.write_bytes(junk + b"\n" + path.read_bytes())
    assert Answers(data, "org/Model:7b").get("hash0", "v") == ("one",)


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "described").write_text("a file")
    with pytest.raises(StorageError):
        keep(tmp_path, "one")

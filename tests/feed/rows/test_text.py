import gzip
import io
from pathlib import Path

import pytest

from shoplens.errors import FeedError
from shoplens.feed.rows.text import Lines, LongLineError, Source, guess_encoding

CHINESE = "编号,标题,描述\n1,纯棉连衣裙,设计师原款，精致绣花\n2,羊毛围巾,秋冬保暖加厚\n"
WESTERN = "id;title\n1;Größe für Mädchen\n2;Crème brûlée – 5 €\n3;Señor\n"


@pytest.mark.parametrize(
    ("text", "written_in", "found"),
    [
        (CHINESE, "utf-8", "utf-8"),
        (CHINESE, "utf-8-sig", "utf-8-sig"),
        (CHINESE, "utf-16", "utf-16"),
        (CHINESE, "gb18030", "gb18030"),
        (WESTERN, "utf-8", "utf-8"),
        (WESTERN, "cp1252", "cp1252"),
        (WESTERN, "utf-16-le", "utf-16-le"),
        (WESTERN, "utf-16-be", "utf-16-be"),
        (WESTERN, "utf-32", "utf-32"),
        ("id,title\n1,plain\n", "ascii", "utf-8"),
    ],
)
def test_encodings_are_told_apart(tmp_path: Path, text: str, written_in: str, found: str) -> None:
    path = tmp_path / "feed"
    path.write_bytes(text.encode(written_in))
    source = Source(path)
    assert source.encoding == found
    with source.text() as stream:
        assert stream.read() == text


def test_a_few_bad_bytes_do_not_change_the_encoding() -> None:
    assert guess_encoding(CHINESE.encode() + b"\xff\xe9") == "utf-8"
    assert guess_encoding(("x" * 999 + CHINESE).encode()[:-1]) == "utf-8"


def test_the_first_strange_byte_may_come_late(tmp_path: Path) -> None:
    path = tmp_path / "feed"
    path.write_bytes(b"id,title\n" * 100_000 + "1,Größe\n".encode("cp1252"))
    assert Source(path).encoding == "cp1252"


def test_an_encoding_can_be_named(tmp_path: Path) -> None:
    path = tmp_path / "feed"
    path.write_bytes("帽子".encode("big5"))
    assert Source(path, "Big5").encoding == "big5"
    assert Source(path, "gb2312").encoding == "gb18030"
    with pytest.raises(FeedError, match="no text encoding is called 'rot13'"):
        Source(path, "rot13")


def test_gzip_is_undone_and_a_cut_one_says_so(tmp_path: Path) -> None:
    path = tmp_path / "feed.gz"
    packed = gzip.compress(b"".join(b"%d,x\n" % n for n in range(5000)), mtime=0)
    path.write_bytes(packed)
    source = Source(path)
    with source.text() as stream:
        assert stream.read().count("\n") == 5000
    assert source.failure == ""
    assert source.position() == len(packed)
    path.write_bytes(packed[: len(packed) // 2])
    cut = Source(path)
    with cut.text() as stream:
        assert stream.read().startswith("0,x\n1,x\n")
    assert "breaks off" in cut.failure


def test_lines_are_counted_bounded_and_can_be_given_back() -> None:
    lines = Lines(io.StringIO("a\nb\r\n" + "x" * 3_000_000 + "\nd", newline=""))
    assert [next(lines), next(lines)] == ["a\n", "b\r\n"]
    lines.push(["b\r\n"])
    assert (next(lines), lines.number) == ("b\r\n", 2)
    with pytest.raises(LongLineError, match="1,000,000"):
        next(lines)
    assert (lines.number, next(lines), next(lines, "end")) == (3, "d", "end")


def test_a_missing_or_unreadable_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FeedError, match=r"gone\.csv cannot be read"):
        Source(tmp_path / "gone.csv")

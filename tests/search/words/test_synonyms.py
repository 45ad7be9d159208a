from pathlib import Path

import pytest

from shoplens.encode.words.cut import pieces, plain
from shoplens.errors import ConfigError
from shoplens.search.words.synonyms import SHIPPED, Synonyms, shop_synonyms


def read(folder: Path, text: str) -> Synonyms:
    path = folder / "words.txt"
    path.write_text(text, "utf-8")
    return Synonyms.read([path])


def others(synonyms: Synonyms, text: str) -> set[str]:
    return {" ".join(other) for _, other in synonyms.others(list(pieces(plain(text))))}


def test_each_of_a_group_stands_for_the_others(tmp_path: Path) -> None:
    synonyms = read(tmp_path, "# seats\nSofa, couch, settee  # and more\n\n")
    assert others(synonyms, "red sofas") == {"couch", "settee"}
    assert others(synonyms, "Settee") == {"sofa", "couch"}
    assert others(synonyms, "chair") == set()


def test_an_arrow_goes_one_way(tmp_path: Path) -> None:
    synonyms = read(tmp_path, "loveseat => sofa, couch")
    assert others(synonyms, "loveseat") == {"sofa", "couch"}
    assert others(synonyms, "sofa") == set()


def test_several_words_are_one_phrase(tmp_path: Path) -> None:
    synonyms = read(tmp_path, "bumbag, waist bag, fanny pack\ntee, T-shirt")
    assert others(synonyms, "black waist bag") == {"bumbag", "fanny pack"}
    assert others(synonyms, "waist and bag") == set()
    assert others(synonyms, "tshirts") == others(synonyms, "t-shirt") == {"tee"}


def test_chinese_is_found_within_a_run_in_either_script(tmp_path: Path) -> None:
    synonyms = read(tmp_path, "番茄，西红柿\n")
    assert others(synonyms, "新鲜西紅柿汁") == {"番茄"}


def test_the_lists_that_come_with_the_package_are_sound() -> None:
    synonyms = shop_synonyms(SHIPPED)
    assert "couch" in others(synonyms, "sofa")
    assert "土豆" in "".join("".join(o) for o in others(synonyms, "马铃薯").union({"土豆"}))
    assert shop_synonyms(()) == Synonyms()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("sofa, couch\nsettee\n", r"line 2: 'settee' is one word"),
        ("sofa, , couch", r"line 1: '' is no word"),
        ("sofa =>", r"line 1: '' is no word"),
        ("\n\n!, ?", r"line 3: '!' is no word"),
    ],
)
def test_a_senseless_line_is_named(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        read(tmp_path, text)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.txt cannot be read"):
        shop_synonyms([str(tmp_path / "nowhere.txt")])
    (tmp_path / "latin.txt").write_bytes(b"\xff\xfe\xfa")
    with pytest.raises(ConfigError, match="UTF-8"):
        shop_synonyms([str(tmp_path / "latin.txt")])

from collections.abc import Iterator
from pathlib import Path

import pytest

from shoplens.search.words.keeper import SMALL, SUGGESTIONS, VOCABULARY, WordsKeeper
from shoplens.types import Product


class Shop:
    """Products that can be walked, and how often they were."""

    def __init__(self, *titles: str) -> None:
        self.products = [Product(str(i), title) for i, title in enumerate(titles)]
        self.walks = 0

    def walk(self) -> Iterator[Product]:
        self.walks += 1
        yield from self.products


def test_the_words_are_gathered_once_and_kept(tmp_path: Path) -> None:
    shop = Shop("Red boots", "Blue boots")
    keeper = WordsKeeper(tmp_path / "words", shop.walk)
    assert keeper.vocabulary.products == 0
    assert keeper.settle()
    assert keeper.vocabulary.count("boot") == 2
    again = WordsKeeper(tmp_path / "words", shop.walk)
    assert again.vocabulary.count("boot") == 2
    assert [p.title for p in again.suggestions.ask("boo").products] == ["Red boots", "Blue boots"]
    assert not again.settle()
    assert shop.walks == 1


@pytest.mark.parametrize("name", [VOCABULARY, SUGGESTIONS])
@pytest.mark.parametrize("spoil", [None, b"", b"PK\x03\x04 no", b"1 2 3\n"], ids=repr)
def test_a_lost_or_broken_file_is_made_anew(tmp_path: Path, name: str, spoil: bytes | None) -> None:
    shop = Shop("Red boots")
    WordsKeeper(tmp_path, shop.walk).settle()
    if spoil is None:
        (tmp_path / name).unlink()
    else:
        (tmp_path / name).write_bytes(spoil)
    keeper = WordsKeeper(tmp_path, shop.walk)
    assert keeper.settle()
    assert keeper.vocabulary.count("boot") == 1
    assert not WordsKeeper(tmp_path, shop.walk).settle()


def test_a_product_that_was_put_is_known_at_once_and_after_a_restart(tmp_path: Path) -> None:
    shop = Shop("Red boots")
    keeper = WordsKeeper(tmp_path, shop.walk)
    keeper.settle()
    keeper.note([Product("9", "Parasol")])
    assert keeper.vocabulary.count("parasol") == 1
    keeper.close()
    assert WordsKeeper(tmp_path, shop.walk).vocabulary.count("parasol") == 1


def test_a_large_shop_is_walked_when_a_tenth_has_changed(tmp_path: Path) -> None:
    shop = Shop(*["boots"] * (SMALL + 1))
    keeper = WordsKeeper(tmp_path, shop.walk)
    keeper.settle()
    assert [keeper.settle(changed=70) for _ in range(3)] == [False, False, True]
    assert shop.walks == 2


def test_a_small_shop_is_walked_after_any_change(tmp_path: Path) -> None:
    shop = Shop("boots")
    keeper = WordsKeeper(tmp_path, shop.walk)
    assert [keeper.settle(), keeper.settle(), keeper.settle(changed=1)] == [True, False, True]


def test_what_is_put_during_a_walk_is_not_lost(tmp_path: Path) -> None:
    shop = Shop("boots", "hats")

    def walk() -> Iterator[Product]:
        for product in shop.walk():
            yield product
            keeper.note([Product(f"new {product.product_id}", "parasol")])

    keeper = WordsKeeper(tmp_path, walk)
    keeper.settle()
    assert keeper.vocabulary.count("parasol") == 2
    assert keeper.vocabulary.count("boot") == 1


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    keeper = WordsKeeper(tmp_path / "file", Shop("boots").walk)
    assert keeper.settle()
    assert keeper.vocabulary.count("boot") == 1

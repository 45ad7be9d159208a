import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoplens.encode.words.cut import tokens
from shoplens.search.words.suggest.entries import Entries, look, open_spell
from shoplens.search.words.suggest.suggest import Gathering, Suggested, Suggestions
from shoplens.types import Product

PRODUCTS = [
    Product("1", "Red hiking boots", brand="Tarn", category=("Shoes", "Boots"),
            attributes={"colour": ("Red",), "condition": ("new",), "size": ("42",)}),
    Product("2", "Blue hiking boots", category=("Shoes", "Boots"),
            attributes={"colour": ("Blue",), "condition": ("new",)}),
    Product("3", "Blue hiking boots", category=("Shoes", "Boots"),
            attributes={"condition": ("new",)}),
    Product("4", "无线蓝牙耳机", category=("电器", "耳机")),
    Product("5", "Café cups", category=("Kitchen",)),
]  # fmt: skip


def gather(products: list[Product], spell: str = "") -> Suggestions:
    gathering = Gathering()
    for product in products:
        gathering.add(product)
    return gathering.suggestions(open_spell(spell) if spell else None)


SHOP = gather(PRODUCTS)


def texts(found: Suggested) -> list[str]:
    return [query.text for query in found.queries]


def test_questions_are_completed_from_what_the_shop_sells() -> None:
    assert "hiking boots" in texts(SHOP.ask("hik"))
    assert "red boots" in texts(SHOP.ask("red b"))
    assert texts(SHOP.ask("tar"))[0] == "tarn"
    assert next(q.products for q in SHOP.ask("boo").queries if q.text == "boots") == 3


def test_what_all_of_a_category_have_and_sizes_are_no_questions() -> None:
    assert not any("new" in text or "42" in text for text in texts(SHOP.ask("boots", 50)))


def test_categories_come_with_their_path_the_largest_first() -> None:
    found = SHOP.ask("bo").categories
    assert [(c.category, c.products) for c in found] == [(("Shoes", "Boots"), 3)]
    assert SHOP.ask("sho").categories[0].category == ("Shoes",)


def test_products_of_one_title_come_once() -> None:
    assert [p.product_id for p in SHOP.ask("hiking boot").products] == ["1", "2"]
    assert [p.title for p in SHOP.ask("caf").products] == ["Café cups"]


def test_a_space_ends_the_word() -> None:
    assert not SHOP.ask("hik ").products
    assert SHOP.ask("hiking ").products
    assert look("hik").begun
    assert not look("hik ").begun


@pytest.mark.parametrize("typed", ["耳", "耳机", "無線", "蓝牙耳", "无线 耳机"])
def test_chinese_is_completed_from_any_character(typed: str) -> None:
    assert [p.product_id for p in SHOP.ask(typed).products] == ["4"]


def test_a_typo_is_mended() -> None:
    assert [p.product_id for p in SHOP.ask("hikng bo").products] == ["1", "2"]


def test_pinyin_finds_questions_and_their_products() -> None:
    pytest.importorskip("pypinyin")
    shop = gather(PRODUCTS, "pinyin")
    for typed in ("erji", "ej", "er"):
        assert "耳机" in texts(shop.ask(typed))
        assert [p.product_id for p in shop.ask(typed).products] == ["4"]


def test_suggestions_come_back_from_their_bytes() -> None:
    again = Suggestions.from_bytes(SHOP.to_bytes())
    for typed in ("b", "hik", "耳", "zzz", ""):
        assert again.ask(typed) == SHOP.ask(typed)
    empty = Suggestions.from_bytes(gather([]).to_bytes())
    assert empty.ask("b") == Suggested()


@pytest.mark.parametrize("odd", ["", " ", "\x00\x01", "🙂", "x" * 10_000, "红" * 10_000, "的", "a"])
def test_odd_beginnings_are_no_error(odd: str) -> None:
    assert len(SHOP.ask(odd, 3).queries) <= 3


@given(
    lines=st.lists(
        st.lists(st.sampled_from(["red", "reed", "shoe", "红鞋"]), min_size=1).map(" ".join)
    ),
    first=st.sampled_from(["", "red ", "shoe ", "红鞋 "]),
    last=st.sampled_from(["r", "re", "red", "sh", "s", "红", "红鞋", "x"]),
    k=st.integers(1, 5),
)
def test_every_word_must_be_there_and_the_last_begun(
    lines: list[str], first: str, last: str, k: int
) -> None:
    entries = Entries.of([(line, 1) for line in lines])
    wanted = [
        number
        for number, line in enumerate(lines)
        if set(tokens(first)) <= set(tokens(line))
        and any(word.startswith(last) for word in tokens(line))
    ]
    assert entries.find(look(first + last), k) == wanted[:k]
    assert [entries.at(number) for number in wanted] == [lines[number] for number in wanted]

import pytest

from shoplens.predict.shop.labels import labels_of, look_alikes
from shoplens.types import Product


def product(number: int, category: tuple[str, ...] = (), **attributes: str) -> Product:
    told = {name: tuple(value.split("|")) for name, value in attributes.items()}
    return Product(str(number), "t", category=category, attributes=told)


def test_each_level_of_the_category_is_a_task_of_paths() -> None:
    found = labels_of([product(1, ("Shoes", "Boots")), product(2, ("Shoes",)), product(3)])
    assert found.tasks == {
        "category 1": ("Shoes", "Shoes", None),
        "category 2": ("Shoes > Boots", None, None),
    }


def test_spellings_that_fold_to_one_are_one_told_as_most_often_written() -> None:
    found = labels_of([product(n, Colour=c) for n, c in enumerate(["Red", "RED", "red ", "Red"])])
    assert found.tasks == {"colour": ("Red",) * 4}


def test_a_product_of_several_values_teaches_nothing_in_that_field() -> None:
    found = labels_of([product(1, fit="slim"), product(2, fit="slim|wide"), product(3, fit="wide")])
    assert found.tasks["fit"] == ("slim", None, "wide")


def test_a_field_that_mostly_has_several_values_is_passed_over() -> None:
    found = labels_of([product(1, sizes="S|M"), product(2, sizes="M|L"), product(3, sizes="L")])
    assert "sizes" not in found.tasks
    (why,) = found.passed
    assert (why.where, why.reason[:3]) == ("sizes", "67%")


@pytest.mark.parametrize(
    "counts",
    [
        {"T-Shirt": 120, "Tshirt": 7},
        {"Boots": 50, "Boot": 40},
        {"ＡＢＣ shoes": 9, "abc-shoe": 8},
        {"Trousers": 90, "Trouser s": 2},
        {"Sandals": 100, "Sandlas": 3},
        {"Jackets": 100, "Jckets": 2},
        {"Cotton": 50, "Cottton": 1},
        {"Leather": 50, "Leathor": 1},
    ],
    ids=str,
)
def test_labels_that_look_like_one_are_told_together(counts: dict[str, int]) -> None:
    (told,) = look_alikes(counts)
    assert told == "these look like one: " + ", ".join(f"{n!r} ({k})" for n, k in counts.items())


@pytest.mark.parametrize(
    "counts",
    [
        {"Shirts": 120, "Skirts": 90},
        {"red": 50, "bed": 1},
        {"Size 10": 50, "Size 11": 1},
        {"2010": 50, "2011": 2},
        {"Women": 100, "Men": 5},
    ],
    ids=str,
)
def test_labels_that_are_two_are_not(counts: dict[str, int]) -> None:
    assert look_alikes(counts) == []


def test_many_labels_that_look_like_one_are_one_line() -> None:
    counts = {"T-Shirts": 300, "t-shirt": 30, "Tshirts": 20, "Shoes": 99}
    assert look_alikes(counts) == [
        "these look like one: 'T-Shirts' (300), 't-shirt' (30), 'Tshirts' (20)"
    ]


def test_look_alikes_of_a_shop_name_their_field() -> None:
    products = [product(n, fabric="Linen" if n else "Linnen") for n in range(12)]
    (told,) = labels_of(products).alike
    assert told == "fabric: these look like one: 'Linen' (11), 'Linnen' (1)"

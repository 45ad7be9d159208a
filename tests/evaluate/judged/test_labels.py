import pytest

from shoplens.errors import QueryError
from shoplens.evaluate.judged.judgements import Judgements, Question
from shoplens.evaluate.judged.labels import coarse, label_told, labels_of
from shoplens.types import Product

PRODUCTS = {
    product.product_id: product
    for product in (
        Product(
            "boot", "Boot", category=("Shoes", "Boots"), attributes={"Colour": ("Red", "Blue")}
        ),
        Product("ski", "Ski boot", category=("Shoes", "Boots"), attributes={"Colour": ("Blue",)}),
        Product("clog", "Clog", category=("Shoes",), group_id="g"),
        Product("bag", "Bag", category=("Bags", "Totes"), attributes={"Colour": ("Red",)}),
        Product("thing", "Thing", in_stock=False),
    )
}


def test_labels_are_fields_levels_and_paths() -> None:
    path = labels_of(PRODUCTS, "category")
    assert path["boot"] == {"shoes > boots"}
    assert "thing" not in path
    assert labels_of(PRODUCTS, "category:1")["boot"] == {"shoes"}
    assert labels_of(PRODUCTS, "category:2")["clog"] == {"shoes"}
    assert labels_of(PRODUCTS, "colour")["boot"] == {"red", "blue"}
    assert labels_of(PRODUCTS, "in_stock")["thing"] == {"no"}
    assert labels_of(PRODUCTS, "group_id")["clog"] == {"g"}
    assert labels_of(PRODUCTS, "group_id")["bag"] == {"bag"}
    assert label_told(labels_of(PRODUCTS, "colour"), "boot") == "blue, red"
    assert label_told(path, "thing") == ""


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("colur", "no product has a label in 'colur'; there are: .*colour"),
        ("added", "'added' holds numbers"),
        ("category:0", "is no level"),
        ("category:one", "is no level"),
    ],
)
def test_what_is_no_field_of_words_is_told(name: str, told: str) -> None:
    with pytest.raises(QueryError, match=told):
        labels_of(PRODUCTS, name)


def test_a_product_is_right_if_it_shares_a_label_with_a_right_one() -> None:
    questions = (
        Question("photo"),
        Question("ski", product_id="ski"),
        Question("other"),
        Question("wrong"),
    )
    grades = {
        "photo": {"boot": 1.0, "bag": 3.0},
        "ski": {"boot": 1.0},
        "other": {"thing": 1.0},
        "wrong": {"boot": 0.0},
    }
    found = coarse(Judgements(questions, grades), labels_of(PRODUCTS, "category:1"))
    assert [one.query_id for one in found.questions] == ["photo", "ski"]
    assert found.grades["photo"] == {"boot": 1, "ski": 1, "clog": 1, "bag": 3}
    assert dict(found.grades["ski"]) == {"boot": 1, "clog": 1}
    by_colour = coarse(Judgements(questions, grades), labels_of(PRODUCTS, "colour"))
    assert by_colour.grades["photo"] == {"boot": 3, "ski": 1, "bag": 3}

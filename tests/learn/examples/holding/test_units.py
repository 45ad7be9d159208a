import numpy as np

from shoplens.learn.examples.gather import Example, Examples
from shoplens.learn.examples.holding.spread import Shares
from shoplens.learn.examples.holding.units import cut

SHARES = Shares(held_photos=0.3, dev=0.2)


def parts(examples: Examples, shares: Shares = SHARES, seed: int = 0) -> dict[int, str]:
    return dict(cut(examples, range(len(examples.all)), shares, np.random.default_rng(seed)))


def picture(name: str, product: str, label: str, group: str = "g") -> Example:
    return Example(name, product, label, group, "photo", name, "feed")


def test_each_label_keeps_one_to_train_on() -> None:
    examples = Examples(tuple(picture(f"{i}", f"p{i // 2}", f"p{i // 2}") for i in range(20)))
    for seed in range(10):
        found = parts(examples, Shares(held_photos=0.9, dev=0.9), seed)
        for i in range(0, 20, 2):
            assert "train" in {found[i], found[i + 1]}


def test_a_picture_that_is_there_twice_is_trained_on() -> None:
    pictures = [picture("same" if i < 2 else f"{i}", f"p{i % 2}", f"p{i % 2}") for i in range(12)]
    for seed in range(10):
        found = parts(Examples(tuple(pictures)), seed=seed)
        assert found[0] == found[1] == "train"


def test_all_pictures_of_a_product_of_a_group_go_together() -> None:
    pictures = [picture(f"{i}", f"p{i // 3}", f"g{i // 12}", f"g{i // 12}") for i in range(48)]
    found = parts(Examples(tuple(pictures), way="group"))
    assert {len({found[i] for i in range(start, start + 3)}) for start in range(0, 48, 3)} == {1}
    assert set(found.values()) == {"train", "seen", "dev"}


def test_a_group_of_two_colours_goes_together() -> None:
    pictures = [picture(f"{i}", f"p{i}", ("red", "blue")[i % 2], f"g{i // 2}") for i in range(40)]
    found = parts(Examples(tuple(pictures), way="colour"))
    assert all(found[i] == found[i + 1] for i in range(0, 40, 2))
    assert set(found.values()) == {"train", "seen", "dev"}


def test_of_one_spare_photo_it_is_judged() -> None:
    pictures = [picture("0", "a", "a"), picture("1", "a", "a"), picture("2", "b", "b")]
    assert sorted(parts(Examples(tuple(pictures))).values()) == ["seen", "train", "train"]

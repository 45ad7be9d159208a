import json
import re
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from learn.conftest import Taught, Teach, settings_in
from learn.network.drawn_networks import SIZE_PX, convolutional
from learn.toys import HEAD, draw, index
from shoplens.catalogue.journal.models import Model
from shoplens.cli.learning.train import tell, train
from shoplens.encode.bundled import RESIZE_RULE
from shoplens.encode.onnx import OnnxNetwork
from shoplens.encode.trained.opening import NETWORK, open_trained
from shoplens.errors import ConfigError, MismatchError, StorageError
from shoplens.indexing.workbench import silent, utc_now
from shoplens.learn.examples.gather import from_catalogue, together
from shoplens.learn.examples.photos import read_photos
from shoplens.learn.examples.splits import Split
from shoplens.learn.int8 import make_int8
from shoplens.learn.job import TrainJob, TrainRequest
from shoplens.learn.judging.asking import Judging
from shoplens.learn.judging.card import INT8, SEEN, Card, markdown
from shoplens.learn.judging.measure import Measured, Verdict, verdict_int8
from shoplens.learn.material import Material, read_material
from shoplens.learn.network.write import seal
from shoplens.learn.recipe import open_recipe
from shoplens.learn.shop import Shop
from tiny_onnx import TinyModel

NOBODY = np.zeros(0, np.int64)
SAFE = "products it never saw are found no worse"


# ---- the whole training, once, with a bundled network --------------------------------------------

QUICK = {"blocks": 1, "views": 0, "epochs": 1, "rate": 1e-4, "folds": 1}


@dataclass(frozen=True, slots=True)
class Both:
    """A shop of twenty pictures after ``shoplens models train --int8``, and what that printed."""

    taught: Taught
    whole: dict[str, Any]
    small: dict[str, Any]

    def folder(self, name: str) -> Path:
        return self.taught.models / name


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Both:
    folder = tmp_path_factory.mktemp("int8")
    drawn, settings = draw(folder / "shop", 5, 3), settings_in(folder / "data", "lite0")
    index(drawn, settings)
    changes = [f"--set={name}={value}" for name, value in QUICK.items()]
    asked = ["--recipe=last-blocks", "--photos", str(drawn.photos), "--int8", "--json", *changes]
    shop = ["--data", str(settings.data), "--encoder", "lite0"]
    ended = CliRunner().invoke(train, [*asked, *shop], catch_exceptions=False)
    assert ended.exit_code == 0, ended.output
    whole, small = json.loads(ended.stdout)
    return Both(Taught(drawn, settings), whole, small)


def test_two_candidates_are_registered_each_with_its_card(both: Both) -> None:
    with both.taught.open() as shop:
        models = shop.catalogue.models.list()
    names = ["last-blocks-1", "last-blocks-1-int8"]
    assert [(one.name, one.state, one.base) for one in models] == [
        (name, "candidate", "lite0") for name in names
    ]
    assert {one.name for one in both.taught.models.iterdir()} == set(names)
    for model, card in zip(models, (both.whole, both.small), strict=True):
        assert json.loads(model.card) == card
        assert json.loads((both.folder(model.name) / "card.json").read_text("utf-8")) == card
        assert (card["name"], card["fingerprint"]) == (model.name, model.fingerprint)
        assert (model.safe, model.reason) == (card["safe"], card["reason"])


def test_both_open_as_encoders_of_their_own(both: Both) -> None:
    with both.taught.open() as shop:
        base, towers = shop.encoder, list[str]()
        for card in (both.whole, both.small):
            tower = open_trained(both.folder(card["name"]), card["name"], base).picture
            assert tower.fingerprint == card["fingerprint"]
            towers.append(tower.fingerprint)
        assert len({base.picture.fingerprint, *towers}) == 3
    opened = OnnxNetwork(both.folder("last-blocks-1-int8") / NETWORK)
    assert opened.about.name == "last-blocks-1-int8"


def test_the_second_is_judged_beside_the_first_and_the_first_as_ever(both: Both) -> None:
    parts = {line["part"] for line in both.small["lines"]}
    assert parts == {INT8}
    assert not {"seen", "unseen"} & both.small.keys()
    whole = {line["metric"]: line for line in both.whole["lines"] if line["part"] == SEEN}
    for line in both.small["lines"]:
        same = whole[line["metric"]]
        assert line["before"] == pytest.approx(same["after"]), "the same photos and gallery"
        assert (line["photos"], line["products"]) == (same["photos"], same["products"])


def test_what_cannot_be_told_of_the_first_is_not_promised_of_the_second(both: Both) -> None:
    assert not both.whole["safe"], "a handful of photos"
    assert not both.small["safe"]
    assert both.whole["reason"] in both.small["reason"]


def test_size_time_and_likeness_are_told(both: Both) -> None:
    told = re.fullmatch(
        r"int8 of last-blocks-1: (\S+) MB instead of (\S+), cosine to float (\S+) "
        r"\(least (\S+)\), (\S+) ms a picture on one thread instead of (\S+)",
        both.small["int8"],
    )
    assert told
    small, whole, mean, least, *times = map(float, told.groups())
    for name, size in (("last-blocks-1", whole), ("last-blocks-1-int8", small)):
        found = (both.folder(name) / NETWORK).stat().st_size / 1e6
        assert size == pytest.approx(found, abs=0.051)
    assert small < whole
    assert 0.9 < least <= mean <= 1
    assert min(times) > 0
    assert both.whole["int8"] == ""
    page = (both.folder("last-blocks-1-int8") / "card.md").read_text("utf-8")
    assert both.small["int8"] in page
    assert "is the float model" in page
    assert "of five models" not in page


# ---- the rule ------------------------------------------------------------------------------------


def compared(before: float, after: float, photos: int = 60, products: int = 20) -> Measured:
    """A share of photos that find their product first, before and after."""

    def told(share: float) -> dict[str, np.ndarray]:
        first = (np.arange(photos) * 7 % photos < share * photos).astype(np.float64)
        return {"R@1": first, "R@5": first, "MRR": first, "mAP": first}

    return Measured(
        told(before), told(after), tuple(f"g{place % products}" for place in range(photos))
    )


@pytest.mark.parametrize(
    ("whole", "photos", "safe", "told"),
    [
        (True, compared(0.8, 0.8), True, "no worse than in float: R@1 0.800 → 0.800"),
        (True, compared(0.8, 0.78), True, SAFE),
        (True, compared(0.8, 0.9), True, SAFE),
        (True, compared(0.8, 0.4), False, "photos are found worse than in float: R@1 0.800"),
        (False, compared(0.8, 0.9), False, f"nor may it as a float model: {SAFE}"),
        (True, compared(0.8, 0.8, 19), False, "19 photos of products it was trained on are too"),
        (True, compared(0.8, 0.8, 0), False, "0 photos"),
        (True, compared(0.8, 0.2, 60, 1), False, "60 photos of a single product"),
    ],
)
def test_int8_may_serve_where_the_float_model_may_and_it_is_no_worse(
    *, whole: bool, photos: Measured, safe: bool, told: str
) -> None:
    found = verdict_int8(Verdict(whole, SAFE), photos)
    assert found.safe is safe
    assert told in found.reason


# ---- with a drawn network ------------------------------------------------------------------------

CARD = Card(HEAD, ("twelve products",), ("few",), name="drawn-1", safe=True, reason=SAFE)


def drawn_network(folder: Path) -> Path:
    """Write a network of the bundled kind that sees 16 px."""
    folder.mkdir()
    told = {"name": "drawn-1", "size_px": str(SIZE_PX), "resize": RESIZE_RULE, "dim": "5"}
    seal(convolutional(np.random.default_rng(1)), folder / NETWORK, told, 0.01)
    return folder


def learnt(shop: Shop, taught: Taught) -> tuple[Material, Split]:
    """Every photo judges, the catalogue answers and calibrates."""
    table, found = taught.drawn.photos, from_catalogue(shop.catalogue)
    found = together(found, read_photos(table, table.parent, found, max_bytes=1 << 20))
    kept, look = shop.catalogue.embeddings, shop.opener.open
    material = read_material(found, shop.encoder.picture, kept, look, shop.pool, silent)
    roles = np.array([one.role for one in material.examples.all])
    photos, gallery = np.flatnonzero(roles == "photo"), np.flatnonzero(roles == "gallery")
    return material, Split(gallery, NOBODY, photos, NOBODY, gallery)


def made_int8(taught: Taught, tmp_path: Path, whole: Path) -> Card:
    (tmp_path / "small").mkdir()
    with taught.open() as shop:
        material, split = learnt(shop, taught)
        judging = Judging(shop, material, augmented=False, progress=silent)
        return make_int8(CARD, whole, tmp_path / "small", judging, split)


def test_a_model_that_int8_hardly_changes_may_serve(taught: Taught, tmp_path: Path) -> None:
    card = made_int8(taught, tmp_path, drawn_network(tmp_path / "whole"))
    assert (card.name, card.data, card.weak) == ("drawn-1-int8", CARD.data, CARD.weak)
    assert card.safe, card.reason
    assert SAFE in card.reason
    assert {(line.part, line.photos, line.products) for line in card.lines} == {(INT8, 60, 6)}
    changes = [abs(line.after - line.before) for line in card.lines]
    assert max(changes) < 0.1


def test_pictures_that_are_gone_neither_calibrate_nor_answer(teach: Teach, tmp_path: Path) -> None:
    taught, whole = teach(), drawn_network(tmp_path / "whole")
    (tmp_path / "small").mkdir()
    with taught.open() as shop:
        material, split = learnt(shop, taught)
        for place in map(int, split.gallery[:3]):
            (taught.drawn.folder / Path(material.examples.all[place].source).name).unlink()
        judging = Judging(shop, material, augmented=False, progress=silent)
        card = make_int8(CARD, whole, tmp_path / "small", judging, split)
    assert {line.photos for line in card.lines} == {45}, "three of twelve products answer no more"


def test_a_network_without_anything_for_int8_says_how_to_go_on(
    taught: Taught, tmp_path: Path
) -> None:
    (tmp_path / "whole").mkdir()
    TinyModel(resize=RESIZE_RULE).write(tmp_path / "whole" / NETWORK)
    with pytest.raises(MismatchError, match=r"no layer that int8 would.*without --int8"):
        made_int8(taught, tmp_path, tmp_path / "whole")


def test_one_tower_is_judged_against_another_as_each_against_the_base(
    taught: Taught, tmp_path: Path
) -> None:
    whole = drawn_network(tmp_path / "whole")
    with taught.open() as shop:
        material, split = learnt(shop, taught)
        judging = Judging(shop, material, augmented=False, progress=silent)
        one = open_trained(whole, "drawn-1", shop.encoder).picture
        other = shop.encoder.picture
        found = judging.measure(other, split.seen, split.gallery, one)
        turned = judging.measure(one, split.seen, split.gallery)
    assert found.groups == turned.groups
    for name in found.before:
        np.testing.assert_array_equal(found.before[name], turned.after[name])
        np.testing.assert_array_equal(found.after[name], turned.before[name])


def test_the_command_line_tells_what_int8_changed(
    taught: Taught, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    card = made_int8(taught, tmp_path, drawn_network(tmp_path / "whole"))
    tell(card)
    told = capsys.readouterr().out
    assert "int8 of drawn-1: " in told.splitlines()[0]
    assert "twelve products" not in told, "that is told of the float model"
    assert "shoplens models promote drawn-1-int8" in told
    assert "smaller" not in json.loads(replace(CARD, smaller=card).to_json())
    assert "in int8" in markdown(card)


# ---- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["head", "text-align", "classifier"])
def test_recipes_that_write_no_network_are_refused_before_any_work(name: str) -> None:
    recipe = open_recipe(name)
    with pytest.raises(ConfigError, match=f"int8 is for recipes that write a network.*{name!r}"):
        TrainRequest(recipe, int8=True)


@pytest.mark.parametrize("name", ["last-blocks", "full", "lora", "distil"])
def test_recipes_that_write_a_network_may_ask_for_int8(name: str) -> None:
    assert TrainRequest(open_recipe(name), int8=True).int8


def test_the_command_line_refuses_int8_of_a_head_before_it_opens_the_shop(tmp_path: Path) -> None:
    shop = ["--data", str(tmp_path / "none")]
    ended = CliRunner().invoke(train, ["--int8", *shop])
    assert isinstance(ended.exception, ConfigError)
    assert not (tmp_path / "none").exists()


def test_a_name_whose_int8_is_taken_is_refused_before_any_work(taught: Taught) -> None:
    with taught.open() as shop:
        taken = Model("mine-int8", "full", "colour", "0123456789abcdef", utc_now(), safe=True)
        shop.catalogue.models.add(taken)
        request = TrainRequest(open_recipe("full"), name="mine", int8=True)
        with pytest.raises(MismatchError, match="there is a model 'mine-int8' already"):
            TrainJob(shop, request).run()
        long = TrainRequest(open_recipe("full"), name="m" * 60, int8=True)
        with pytest.raises(MismatchError, match="cannot be a model's name"):
            TrainJob(shop, long).run()


def test_where_the_second_cannot_be_written_neither_is_registered(
    both: Both, tmp_path: Path
) -> None:
    shutil.copytree(both.taught.settings.data, tmp_path / "data")
    taught = Taught(both.taught.drawn, settings_in(tmp_path / "data", "lite0"))
    (taught.models / "mine-int8").write_text("in the way")
    recipe = replace(open_recipe("last-blocks"), **QUICK)
    request = TrainRequest(recipe, name="mine", photos=taught.drawn.photos, int8=True)
    with taught.open() as shop:
        before = shop.catalogue.models.list()
        with pytest.raises(StorageError, match="mine-int8 cannot be written"):
            TrainJob(shop, request).run()
        assert shop.catalogue.models.list() == before
    assert not (taught.models / "mine").exists()

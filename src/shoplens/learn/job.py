"""The whole story of a training: gather, split, train, judge on unseen products, register."""

import hashlib
import shutil
import tempfile
import time
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event

import numpy as np

from shoplens.catalogue.journal.models import Model
from shoplens.encode.base import OneFile, PictureTower
from shoplens.encode.trained.opening import open_trained
from shoplens.errors import ConfigError, MismatchError, StorageError
from shoplens.indexing.workbench import Progress, silent, utc_now
from shoplens.learn.examples.clicks import co_clicks, paired
from shoplens.learn.examples.gather import Examples, from_catalogue, together
from shoplens.learn.examples.photos import read_photos
from shoplens.learn.examples.splits import Split, asked_units, check, folds, make_split
from shoplens.learn.fitting.checkpoint import Checkpoints
from shoplens.learn.fitting.curves import open_curves
from shoplens.learn.fitting.fit import Desk
from shoplens.learn.fitting.steps import device_of, told_of
from shoplens.learn.int8 import ENDING, make_int8
from shoplens.learn.judging.asking import Judging
from shoplens.learn.judging.card import Card, Times, card_of, write_card
from shoplens.learn.judging.measure import Judged, together_of
from shoplens.learn.lessons.lesson import Lesson
from shoplens.learn.lessons.lessons import lesson_of
from shoplens.learn.material import Material, read_material
from shoplens.learn.recipe import Recipe
from shoplens.learn.search import search
from shoplens.learn.shop import Shop
from shoplens.learn.train import Trained, train

PARTS = 5
"""Products are dealt into so many parts, of which a recipe holds out one after the other."""


@dataclass(frozen=True, slots=True)
class TrainRequest:
    """What to learn, from what: ``photos`` is a table of labelled photos, ``clicks`` of visits.

    ``label`` is ``product``, ``group``, ``category``, ``category:2`` or an attribute.
    ``augmented``: products with a single picture take part, asked by photos made of it.
    ``int8``: the network that was trained becomes a second, smaller model beside the first.
    """

    recipe: Recipe
    name: str = ""
    photos: Path | None = None
    image_column: str = ""
    product_column: str = ""
    clicks: Path | None = None
    label: str = "product"
    augmented: bool = False
    device: str = ""
    logger: str = ""
    int8: bool = False
    trials: int = 0

    def __post_init__(self) -> None:
        """Refuse what cannot be had together (ConfigError)."""
        if self.int8 and self.recipe.kind not in {"tail", "distil"}:
            raise ConfigError(
                "int8 is for recipes that write a network (last-blocks, full, lora, distil); "
                f"{self.recipe.name!r} is of kind {self.recipe.kind}: leave --int8 out"
            )


@dataclass(frozen=True, slots=True)
class TrainJob:
    """One training under way; ``run`` does all of it."""

    shop: Shop
    request: TrainRequest
    progress: Progress = silent
    stop: Event = field(default_factory=Event)

    def run(self) -> Card:
        """Train, judge, and register a candidate; nothing that serves is touched.

        Where int8 was asked for, it is a second one: ``smaller`` of the card.

        Raises:
            MismatchError: there is too little to learn from, or the loss broke down.
            FeedError: a table of photos or clicks cannot be read.
            StorageError: the disk is full.
            KeyboardInterrupt: stopped; the same call goes on where it was.
        """
        began = time.monotonic()
        name = self._name()
        plan = self._plan()
        recipe = self._searched(plan)
        lesson = lesson_of(self.shop, recipe, plan.material, self.progress)
        judging = Judging(self.shop, plan.material, plan.augmented, self.progress)
        ready = time.monotonic()
        unseen = [self._fold(lesson, judging, split, recipe) for split in plan.parts]
        with self._folder() as folder, self._folder() as small:
            trained = self._train(lesson, plan.material, plan.final, recipe)
            lesson.write(trained.model, folder, name)
            encoder = open_trained(folder, name, self.shop.encoder)
            done = time.monotonic()
            seen = judging.of(encoder, plan.final.seen, plan.final)
            spent = ready - began, trained.fitted.seconds, done - ready, time.monotonic() - done
            weak = (*plan.weak, *trained.fitted.notes)
            card = replace(
                card_of(recipe, plan.material.examples, plan.final, weak),
                name=name,
                times=Times(*spent),
                fitted=trained.fitted,
                fingerprint=encoder.picture.fingerprint,
            ).judged(seen, together_of(unseen))
            made = {folder: card}
            if self.request.int8:
                made[small] = make_int8(card, folder, small, judging, plan.final)
            return self._registered(made)

    def examples(self) -> Examples:
        """Gather what there is to learn from."""
        request = self.request
        found = from_catalogue(self.shop.catalogue, request.label)
        if request.photos is not None:
            photos = read_photos(
                request.photos,
                request.photos.parent,
                found,
                max_bytes=self.shop.max_bytes,
                image_column=request.image_column,
                product_column=request.product_column,
            )
            found = together(found, photos)
        if request.clicks is not None:
            clicked = co_clicks(request.clicks, set(found.by_product()))
            found = paired(found, clicked.pairs)
            found = replace(found, refused=(*found.refused, *clicked.refused))
        return found

    def _material(self, examples: Examples) -> Material:
        shop = self.shop
        kept, look = shop.catalogue.embeddings, shop.opener.open
        return read_material(examples, shop.encoder.picture, kept, look, shop.pool, self.progress)

    def _plan(self) -> "_Plan":
        """Decide who teaches and who judges, before and after pictures are opened."""
        recipe = self.request.recipe
        examples = self.examples()
        augmented = self.request.augmented or (
            recipe.kind in {"align", "distil"} and not any(e.role == "photo" for e in examples.all)
        )
        try:  # before hours of work
            final_split(examples, recipe.seed, augmented=augmented)
        except MismatchError as error:
            raise MismatchError(f"{error}{_refused(examples)}") from error
        material = self._material(examples)
        final, weak = final_split(material.examples, recipe.seed, augmented=augmented)
        rng = np.random.default_rng(recipe.seed)
        units = asked_units(material.examples, augmented=augmented)
        parts = folds(material.examples, min(PARTS, units), rng, augmented=augmented)
        if self.request.trials:  # what chooses the recipe judges nothing: no other fold, no photo
            watched = np.concatenate([parts[0].dev, parts[0].dev_unseen])
            final = replace(final, seen=np.setdiff1d(final.seen, watched))
            parts = parts[:1]
        return _Plan(material, final, tuple(parts[: recipe.folds]), tuple(weak), augmented)

    def _searched(self, plan: "_Plan") -> Recipe:
        """Try variants of the recipe if that was asked for."""
        recipe = self.request.recipe
        if not self.request.trials:
            return recipe
        desk = replace(self._desk("variants"), checkpoints=None)

        def lesson(variant: Recipe) -> Lesson:
            return lesson_of(self.shop, variant, plan.material, self.progress)

        return search(lesson, plan.material, plan.parts[0], recipe, desk, self.request.trials)

    def _fold(self, lesson: Lesson, judging: Judging, split: Split, recipe: Recipe) -> Judged:
        """Judge by products that an encoder of the same recipe never saw."""
        trained = self._train(lesson, judging.material, split, recipe)
        asked = split.unseen_declared if len(split.unseen_declared) else split.unseen
        with self._folder() as folder:
            lesson.write(trained.model, folder, "fold")
            return judging.of(open_trained(folder, "fold", self.shop.encoder), asked, split)

    def _train(self, lesson: Lesson, material: Material, split: Split, recipe: Recipe) -> Trained:
        key = key_of(lesson, material, split, recipe)
        path = self._scratch() / f"{key[:16]}.pt"
        unseen = f" without {len(split.unseen)} photos" if len(split.unseen) else ""
        desk = replace(self._desk(f"train{unseen}"), checkpoints=Checkpoints(path, key))
        try:
            return train(lesson, material, split, recipe, desk)
        finally:
            desk.curves.close()

    def _desk(self, what: str) -> Desk:
        return Desk(
            device=device_of(self.request.device),
            progress=lambda _, done, total: self.progress(what, done, total),
            curves=open_curves(self.request.logger, self.shop.models / "curves" / what),
            stop=self.stop,
        )

    def _scratch(self) -> Path:
        try:
            self.shop.scratch.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(f"{self.shop.scratch} cannot be made: {error}") from error
        return self.shop.scratch

    def _name(self) -> str:
        """Choose a name, or refuse one that is taken before any work is done."""
        models = self.shop.catalogue.models
        name = self.request.name or models.next_name(self.request.recipe.name)
        models.check_name(name)
        if self.request.int8:
            models.check_name(f"{name}{ENDING}")
        return name

    @contextmanager
    def _folder(self) -> Generator[Path]:
        with tempfile.TemporaryDirectory(dir=self._scratch()) as folder:
            yield Path(folder)

    def _registered(self, made: Mapping[Path, Card]) -> Card:
        """Put models where they serve from and tell the registry, all of it or nothing."""
        models = self.shop.catalogue.models
        cards = [self._finished(card, folder) for folder, card in made.items()]
        with ExitStack() as undo:
            for folder, card in zip(made, cards, strict=True):
                models.check_name(card.name)  # or its folder is another one's by now
                undo.callback(shutil.rmtree, self.shop.models / card.name, ignore_errors=True)
                _put(folder, self.shop.models / card.name)
            for card in cards:
                self._register(card)
                undo.callback(models.remove, card.name)
            undo.pop_all()
        shutil.rmtree(self.shop.scratch, ignore_errors=True)
        return replace(cards[0], smaller=cards[1]) if len(cards) > 1 else cards[0]

    def _finished(self, card: Card, folder: Path) -> Card:
        """Tell on the card what is known last, and write it beside the model."""
        sizes = [file.stat().st_size for file in folder.iterdir()]
        card = replace(
            card,
            base=self.shop.encoder.name,
            licence=licence_of(self.shop.encoder.picture),
            device=told_of(device_of(self.request.device)),
            size_bytes=sum(sizes),
        )
        write_card(card, folder)
        return card

    def _register(self, card: Card) -> None:
        self.shop.catalogue.models.add(
            Model(
                name=card.name,
                recipe=card.recipe.name,
                base=card.base,
                fingerprint=card.fingerprint,
                created=utc_now(),
                safe=card.safe,
                reason=card.reason,
                card=card.to_json(),
            )
        )


@dataclass(frozen=True, slots=True)
class _Plan:
    """Who teaches and who judges: ``final`` trains on every product, ``parts`` hold some out."""

    material: Material
    final: Split
    parts: tuple[Split, ...]
    weak: tuple[str, ...]
    augmented: bool


def _put(folder: Path, place: Path) -> None:
    try:
        shutil.rmtree(place, ignore_errors=True)  # left by a training that was killed here
        shutil.copytree(folder, place)
    except OSError as error:
        raise StorageError(f"{place} cannot be written: {error}") from error


def _refused(examples: Examples) -> str:
    """Say what was refused, as it may be why there is too little."""
    if not examples.refused:
        return ""
    first = examples.refused[0]
    return f". {len(examples.refused)} were refused, the first: {first.where}: {first.reason}"


def final_split(examples: Examples, seed: int, *, augmented: bool) -> tuple[Split, list[str]]:
    """Split for the training that makes the model, and say what is weak; folds judge new products.

    Raises:
        MismatchError: there is too little to learn from.
    """
    rng = np.random.default_rng(seed)
    split = make_split(examples, rng, 0.0, augmented=augmented)
    weak = check(examples, split, augmented=augmented)
    return whole(split, examples), [line for line in weak if "to judge new" not in line]


def whole(split: Split, examples: Examples) -> Split:
    """Train on every product that has a photo: as unseen they are judged by the folds.

    What a file of photos held back is judged by, and never trained on. A product of which only the
    gallery picture were trained on would be found far worse than before (DESIGN.md).
    """
    held = {place for place, part in examples.declared.items() if part != "train"}
    watched = [place for place in split.dev_unseen.tolist() if place in held]
    seen = np.union1d(split.seen, np.array(watched, np.int64))
    judged = np.concatenate([split.dev, seen, split.unseen])
    train = np.setdiff1d(np.concatenate([split.train, split.dev_unseen]), judged)
    taught = {examples.all[place].product_id for place in map(int, train)}
    answers = [p for p in map(int, split.gallery) if examples.all[p].product_id in taught]
    train = np.setdiff1d(np.union1d(train, np.array(answers, np.int64)), judged)
    return replace(split, train=train, seen=seen, dev_unseen=np.zeros(0, np.int64))


def key_of(lesson: Lesson, material: Material, split: Split, recipe: Recipe) -> str:
    """Name a training by all that it depends on: one that was stopped goes on with the same only.

    The rows tell the encoder and the pictures, the targets the titles or the teacher.
    """
    told = (recipe, material.labels, split.train.tolist(), split.dev.tolist())
    digest = hashlib.sha256(repr(told).encode())
    for rows in (lesson.rows, lesson.targets):
        digest.update(b"" if rows is None else rows.tobytes())
    return digest.hexdigest()


def licence_of(tower: PictureTower) -> str:
    """Tell the licence of the base encoder, as its file does."""
    return tower.licence if isinstance(tower, OneFile) else ""

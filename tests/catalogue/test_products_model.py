"""Products against a plain dictionary that is told the same, whatever the order of events."""

import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from shoplens.catalogue.fields import attribute_field
from shoplens.catalogue.products import Products, PutCounts
from shoplens.database.connect import open_database
from shoplens.types import Product, Stage

NOW = datetime(2026, 5, 1, tzinfo=UTC)
ids = st.sampled_from("abcde")
feeds = st.sampled_from(["shop", "other"])
runs = st.sampled_from(["1", "2"])
drafts = st.builds(
    Product,
    product_id=ids,
    title=st.sampled_from(["x", "y"]),
    attributes=st.dictionaries(
        st.sampled_from(["colour", "Colour", "size"]), st.just(("v",)), max_size=3
    ),
)


@dataclass
class Told:
    number: int
    product: Product
    stage: Stage
    revision: int
    feed: str
    run: str


@dataclass
class Model:
    told: dict[str, Told] = field(default_factory=dict[str, Told])
    highest: int = 0

    def put(self, products: list[Product], feed: str, run: str) -> PutCounts:
        counts = {"new": 0, "changed": 0, "unchanged": 0}
        for product in products:
            old = self.told.get(product.product_id)
            if old is None:
                self.told[product.product_id] = Told(0, product, Stage.PENDING, 1, feed, run)
                counts["new"] += 1
            elif old.stage is Stage.REMOVED or old.product != product:
                old.product, old.stage, old.revision = product, Stage.PENDING, old.revision + 1
                counts["changed"] += 1
            else:
                counts["unchanged"] += 1
            self.told[product.product_id].feed = feed
            self.told[product.product_id].run = run
        return PutCounts(**counts)

    def here(self) -> list[Told]:
        return [told for told in self.told.values() if told.stage is not Stage.REMOVED]


class ProductsMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.engine = open_database(f"sqlite:///{self.folder.name}/catalogue.db")
        self.products = Products(self.engine)
        self.model = Model()

    def teardown(self) -> None:
        self.engine.dispose()
        self.folder.cleanup()

    @rule(
        products=st.lists(drafts, max_size=4, unique_by=lambda p: p.product_id),
        feed=feeds,
        run=runs,
    )
    def put(self, products: list[Product], feed: str, run: str) -> None:
        counts = self.products.put(products, feed=feed, run=run, now=NOW)
        assert counts == self.model.put(products, feed, run)
        for product in products:
            told = self.model.told[product.product_id]
            if not told.number:
                told.number = self.products.get(product.product_id).number
                assert told.number > self.model.highest
        self.model.highest = max([self.model.highest, *(t.number for t in self.model.here())])

    @rule(feed=feeds, run=runs)
    def sweep(self, feed: str, run: str) -> None:
        gone = [told for told in self.model.here() if told.feed == feed and told.run != run]
        assert self.products.sweep(feed=feed, run=run) == len(gone)
        for told in gone:
            told.stage = Stage.REMOVED

    @rule(product_ids=st.lists(ids, max_size=3))
    def remove(self, product_ids: list[str]) -> None:
        gone = [told for told in self.model.here() if told.product.product_id in product_ids]
        assert self.products.remove(product_ids) == len(gone)
        for told in gone:
            told.stage = Stage.REMOVED

    @rule(product_ids=st.lists(ids, max_size=3))
    def purge(self, product_ids: list[str]) -> None:
        self.products.purge(product_ids)
        for product_id in set(product_ids) & self.model.told.keys():
            if self.model.told[product_id].stage is Stage.REMOVED:
                del self.model.told[product_id]

    @rule(product_ids=st.sets(ids), behind=st.integers(0, 1))
    def mark_indexed(self, product_ids: set[str], behind: int) -> None:
        told = [self.model.told[i] for i in product_ids & self.model.told.keys()]
        fresh = [t for t in told if t.stage is Stage.PENDING and not behind]
        marks = [(t.number, t.revision - behind) for t in told]
        assert self.products.mark_indexed(marks) == len(fresh)
        for one in fresh:
            one.stage = Stage.INDEXED

    @rule(product_ids=st.sets(ids))
    def mark_pending(self, product_ids: set[str]) -> None:
        told = [t for t in self.model.told.values() if t.product.product_id in product_ids]
        here = [t for t in told if t.stage is not Stage.REMOVED]
        assert self.products.mark_pending([t.number for t in told]) == len(here)
        for one in here:
            one.stage, one.revision = Stage.PENDING, one.revision + 1

    @invariant()
    def both_say_the_same(self) -> None:
        told = sorted(self.model.told.values(), key=lambda t: t.number)
        assert [
            (s.number, s.product, s.stage, s.revision, s.feed) for s in self.products.walk()
        ] == [(t.number, t.product, t.stage, t.revision, t.feed) for t in told]
        here = self.model.here()
        assert self.products.get_many(list("abcde")).keys() == {t.product.product_id for t in here}
        assert self.products.attribute_names() == sorted(
            {attribute_field(name) for t in here for name in t.product.attributes}
        )
        assert self.products.counts() == {
            stage: sum(t.stage is stage for t in told) for stage in Stage
        }


ProductsMachine.TestCase.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
TestProducts = ProductsMachine.TestCase

"""The tables of the system of record; ``migrations`` brings a database to what stands here."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
)

from shoplens.database.columns import Moment, Money, SafeText

# SQLite only counts up by itself in a column that is called INTEGER.
_Number = BigInteger().with_variant(Integer(), "sqlite")

metadata = MetaData()

products = Table(
    "products",
    metadata,
    Column("number", _Number, Identity(), primary_key=True),
    Column("product_id", SafeText, nullable=False),
    Column("group_id", SafeText, nullable=False),
    Column("title", SafeText, nullable=False),
    Column("description", SafeText, nullable=False),
    Column("brand", SafeText, nullable=False),
    Column("category", JSON, nullable=False),
    Column("price", Money),
    Column("sale_price", Money),
    Column("currency", SafeText, nullable=False),
    Column("in_stock", Boolean, nullable=False),
    Column("url", SafeText, nullable=False),
    Column("gtin", SafeText, nullable=False),
    Column("mpn", SafeText, nullable=False),
    Column("images", JSON, nullable=False),
    Column("attributes", JSON, nullable=False),
    Column("popularity", Double),
    Column("content_hash", SafeText, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("stage", SafeText, nullable=False),
    Column("feed", SafeText, nullable=False),
    Column("run", SafeText, nullable=False),
    Column("updated", Moment, nullable=False),
    Column("added", Moment, nullable=False),
    Index("products_product_id", "product_id", unique=True),
    Index("products_stage_number", "stage", "number"),
    Index("products_feed_run", "feed", "run"),
    Index("products_group_id", "group_id"),
    sqlite_autoincrement=True,  # a number is never given twice, not even after a purge
)

attribute_names = Table(
    "attribute_names",
    metadata,
    Column("name", SafeText, primary_key=True),
    Column("products", Integer, nullable=False),
)
"""How many products that are not removed carry each attribute field."""

images = Table(
    "images",
    metadata,
    Column("number", _Number, ForeignKey("products.number", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("source", SafeText, nullable=False),
    Column("stamp", SafeText, nullable=False),
    Column("image_hash", SafeText, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("reason", SafeText, nullable=False),
    Index("images_image_hash", "image_hash"),
)

embeddings = Table(
    "embeddings",
    metadata,
    Column("fingerprint", SafeText, primary_key=True),
    Column("image_hash", SafeText, primary_key=True),
    Column("embedding", LargeBinary, nullable=False),
    Column("created", Moment, nullable=False),
)
"""Float32, little-endian; they outlive the products whose images they came from."""

rejections = Table(
    "rejections",
    metadata,
    Column("number", _Number, Identity(), primary_key=True),
    Column("feed", SafeText, nullable=False),
    Column("run", SafeText, nullable=False),
    Column("place", SafeText, nullable=False),
    Column("reason", SafeText, nullable=False),
    Column("product_id", SafeText, nullable=False),
    Column("created", Moment, nullable=False),
    Index("rejections_feed_number", "feed", "number"),
    sqlite_autoincrement=True,
)

jobs = Table(
    "jobs",
    metadata,
    Column("number", _Number, Identity(), primary_key=True),
    Column("kind", SafeText, nullable=False),
    Column("state", SafeText, nullable=False),
    Column("spec", SafeText, nullable=False),
    Column("done", _Number, nullable=False),
    Column("total", _Number, nullable=False),
    Column("message", SafeText, nullable=False),
    Column("created", Moment, nullable=False),
    Column("started", Moment),
    Column("finished", Moment),
    Index("jobs_state_number", "state", "number"),
    sqlite_autoincrement=True,
)

rules = Table(
    "rules",
    metadata,
    Column("rule_id", SafeText, primary_key=True),
    Column("action", SafeText, nullable=False),
    Column("product_ids", JSON, nullable=False),
    Column("filter", SafeText, nullable=False),
    Column("query", SafeText, nullable=False),
    Column("position", Integer, nullable=False),
    Column("factor", Double, nullable=False),
    Column("starts", Moment),
    Column("ends", Moment),
    Column("note", SafeText, nullable=False),
    Column("updated", Moment, nullable=False),
)
"""What merchandisers want of rankings."""

models = Table(
    "models",
    metadata,
    Column("name", SafeText, primary_key=True),
    Column("recipe", SafeText, nullable=False),
    Column("base", SafeText, nullable=False),
    Column("fingerprint", SafeText, nullable=False),
    Column("state", SafeText, nullable=False),
    Column("created", Moment, nullable=False),
    Column("promoted", Moment),
    Column("card", SafeText, nullable=False),
    Column("safe", Boolean, nullable=False),
    Column("reason", SafeText, nullable=False),
)

held = Table(
    "held",
    metadata,
    Column("store", SafeText, primary_key=True),
    Column("number", _Number, primary_key=True, autoincrement=False),
    Column("product_id", SafeText, nullable=False),
    Column("revision", Integer, nullable=False),
    Index("held_store_product_id", "store", "product_id"),
)
"""What a second store holds of products, also of those that are gone by now."""

tags = Table(
    "tags",
    metadata,
    Column("product_id", SafeText, primary_key=True),
    Column("field", SafeText, primary_key=True),
    Column("value", SafeText, nullable=False),
    Column("created", Moment, nullable=False),
)
"""What a person accepted of labels that a feed lacks; also of products that are gone."""

notes = Table(
    "notes",
    metadata,
    Column("name", SafeText, primary_key=True),
    Column("value", SafeText, nullable=False),
)

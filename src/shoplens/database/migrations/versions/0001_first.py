"""The first tables: products, attribute names, images, embeddings, rejections, jobs, notes."""

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0001"
down_revision = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MONEY = sa.Numeric().with_variant(sa.Text(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade(op: Operations) -> None:
    """Make every table of the first version."""
    _products(op)
    _images(op)
    _rejections(op)
    _jobs(op)
    op.create_table("notes", _key("name"), _text("value"))


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), primary_key=True, nullable=False)


def _number() -> sa.Column[int]:
    return sa.Column("number", NUMBER, sa.Identity(), primary_key=True, nullable=False)


def _products(op: Operations) -> None:
    op.create_table(
        "products",
        _number(),
        *map(_text, ("product_id", "group_id", "title", "description", "brand")),
        sa.Column("category", sa.JSON(), nullable=False),
        sa.Column("price", MONEY),
        sa.Column("sale_price", MONEY),
        _text("currency"),
        sa.Column("in_stock", sa.Boolean(), nullable=False),
        *map(_text, ("url", "gtin", "mpn")),
        sa.Column("images", sa.JSON(), nullable=False),
        sa.Column("attributes", sa.JSON(), nullable=False),
        _text("content_hash"),
        sa.Column("revision", sa.Integer(), nullable=False),
        *map(_text, ("stage", "feed", "run")),
        sa.Column("updated", MOMENT, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("products_product_id", "products", ["product_id"], unique=True)
    op.create_index("products_stage_number", "products", ["stage", "number"])
    op.create_index("products_feed_run", "products", ["feed", "run"])
    op.create_index("products_group_id", "products", ["group_id"])
    op.create_table(
        "attribute_names", _key("name"), sa.Column("products", sa.Integer(), nullable=False)
    )


def _images(op: Operations) -> None:
    op.create_table(
        "images",
        sa.Column(
            "number",
            NUMBER,
            sa.ForeignKey("products.number", ondelete="CASCADE"),
            primary_key=True,
            nullable=False,
        ),
        sa.Column("position", sa.Integer(), primary_key=True, nullable=False),
        *map(_text, ("source", "stamp", "image_hash")),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        _text("reason"),
    )
    op.create_index("images_image_hash", "images", ["image_hash"])
    op.create_table(
        "embeddings",
        _key("fingerprint"),
        _key("image_hash"),
        sa.Column("embedding", sa.LargeBinary(), nullable=False),
        sa.Column("created", MOMENT, nullable=False),
    )


def _rejections(op: Operations) -> None:
    op.create_table(
        "rejections",
        _number(),
        *map(_text, ("feed", "run", "place", "reason", "product_id")),
        sa.Column("created", MOMENT, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("rejections_feed_number", "rejections", ["feed", "number"])


def _jobs(op: Operations) -> None:
    op.create_table(
        "jobs",
        _number(),
        *map(_text, ("kind", "state", "spec")),
        sa.Column("done", NUMBER, nullable=False),
        sa.Column("total", NUMBER, nullable=False),
        _text("message"),
        sa.Column("created", MOMENT, nullable=False),
        sa.Column("started", MOMENT),
        sa.Column("finished", MOMENT),
        sqlite_autoincrement=True,
    )
    op.create_index("jobs_state_number", "jobs", ["state", "number"])

"""Rules of merchandisers; when a product was first put, and how popular it is."""

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0002"
down_revision = "0001"

NUMBER: sa.Double[float] = sa.Double()
MOMENT = sa.DateTime(timezone=True)
EPOCH = "1970-01-01 00:00:00.000000"
COLOURS = (
    *("color", "colours", "colors", "colour_name", "color_name", "base_colour", "base_color"),
    *("basecolour", "basecolor", "farbe", "颜色", "顏色", "商品颜色", "颜色分类"),
)
RENAMED = {
    "added": "attribute_added",
    "popularity": "attribute_popularity",
    "main": "attribute_main",
    "exact": "attribute_exact",
    **dict.fromkeys(COLOURS, "colour"),
}


def upgrade(op: Operations) -> None:
    """Make the table of rules, and give every product the date of its last change."""
    _products(op)
    _attribute_names(op)
    _rules(op)


def _products(op: Operations) -> None:
    op.add_column("products", sa.Column("popularity", NUMBER))
    # SQLite takes a new column that is never empty only with a default, and can only lose it again
    # by a copy of the whole table, whose end would take all images along.
    op.add_column("products", sa.Column("added", MOMENT, nullable=False, server_default=EPOCH))
    op.execute("UPDATE products SET added = updated")
    if op.get_bind().dialect.name != "sqlite":
        op.alter_column("products", "added", server_default=None)


def _attribute_names(op: Operations) -> None:
    """Count attributes under the names that they have beside the new fields."""
    names = sa.table("attribute_names", sa.column("name"), sa.column("products"))
    bind = op.get_bind()
    for old, new in RENAMED.items():
        carried = bind.scalar(sa.select(names.c.products).where(names.c.name == old))
        if carried is None:
            continue
        bind.execute(names.delete().where(names.c.name == old))
        grown = names.update().values(products=names.c.products + carried)
        if not bind.execute(grown.where(names.c.name == new)).rowcount:
            bind.execute(names.insert().values(name=new, products=carried))


def _rules(op: Operations) -> None:
    op.create_table(
        "rules",
        sa.Column("rule_id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("product_ids", sa.JSON(), nullable=False),
        sa.Column("filter", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("factor", NUMBER, nullable=False),
        sa.Column("starts", MOMENT),
        sa.Column("ends", MOMENT),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("updated", MOMENT, nullable=False),
    )

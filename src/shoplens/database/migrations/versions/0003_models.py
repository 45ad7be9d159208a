"""Trained models, and which revision of which product a second store holds."""

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0003"
down_revision = "0002"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade(op: Operations) -> None:
    """Make both tables."""
    op.create_table(
        "models",
        sa.Column("name", sa.Text(), primary_key=True, nullable=False),
        sa.Column("recipe", sa.Text(), nullable=False),
        sa.Column("base", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created", MOMENT, nullable=False),
        sa.Column("promoted", MOMENT),
        sa.Column("card", sa.Text(), nullable=False),
        sa.Column("safe", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
    )
    op.create_table(
        "held",
        sa.Column("store", sa.Text(), primary_key=True, nullable=False),
        sa.Column("number", NUMBER, primary_key=True, nullable=False, autoincrement=False),
        sa.Column("product_id", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
    )
    op.create_index("held_store_product_id", "held", ["store", "product_id"])

"""What a person accepted of labels that a feed lacks."""

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0004"
down_revision = "0003"


def upgrade(op: Operations) -> None:
    """Make the table."""
    op.create_table(
        "tags",
        sa.Column("product_id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("field", sa.Text(), primary_key=True, nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
    )

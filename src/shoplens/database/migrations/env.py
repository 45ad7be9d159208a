"""What Alembic's own commands (check, revision) run; opening a database does not need it."""

from alembic import context
from alembic.operations import Operations

from shoplens.database.migrate import VERSION_TABLE
from shoplens.database.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
)
with context.begin_transaction():
    context.run_migrations(op=Operations(context.get_context()))

"""Alembic's way in: runs over the connection, and in the transaction, that `migrations` opened."""

from alembic import context

from twosigma.adapters.sql.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()

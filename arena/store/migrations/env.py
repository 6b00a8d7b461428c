"""Run by Alembic, over the connection that `arena.store.migrate` hands in."""

from alembic import context

from arena.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transaction_per_migration=False,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()

"""Alembic's entry: ``app.storage.migrate`` hands it a connection; there is no alembic.ini and no URL here."""

from alembic import context

from app.storage import models

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=models.metadata,
    transaction_per_migration=True,
    compare_type=True,
    include_name=lambda name, kind, _: not (kind == "table" and name and name.startswith("audit_events_")),
)
with context.begin_transaction():
    context.run_migrations()

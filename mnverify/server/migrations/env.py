"""Runs the migrations on the connection that it is given (``mnverify.server.storage.schema``)."""

from alembic import context

from mnverify.server.storage.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
with context.begin_transaction():
    context.run_migrations()

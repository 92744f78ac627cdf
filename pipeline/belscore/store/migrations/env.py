"""Alembic's entry: migrates over the connection that `database` or `make migration` hands in."""

from alembic import context

from belscore.store.tables import metadata

# Imported by anything but Alembic, such as a search for doctests, there is nothing to migrate.
if hasattr(context, "config"):
    connection = context.config.attributes["connection"]
    # SQLite changes few things of a table in place: `render_as_batch` copies it then.
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True, compare_type=True)
    context.run_migrations()

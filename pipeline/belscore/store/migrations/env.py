"""Alembic's entry: migrates over the connection that `database` or `make migration` hands in."""

from typing import Any, Literal

from alembic import context
from sqlalchemy.types import TypeDecorator

from belscore.store.tables import metadata


def as_it_lies(kind: str, item: Any, _context: object) -> str | Literal[False]:
    """A migration tells what lies in the database, not what the program makes of it."""
    return f"sa.{item.impl!r}" if kind == "type" and isinstance(item, TypeDecorator) else False


# Imported by anything but Alembic, such as a search for doctests, there is nothing to migrate.
if hasattr(context, "config"):
    connection = context.config.attributes["connection"]
    # SQLite changes few things of a table in place: `render_as_batch` copies it then.
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=True,
        render_item=as_it_lies,
        compare_type=True,
    )
    context.run_migrations()

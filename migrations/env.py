"""Alembic's entry: runs revisions on the database that the settings, or the caller, name."""

from __future__ import annotations

from alembic import context
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from config.settings import load_settings
from ops.migrate import comparison

# ``flask --app wsgi db`` and the tests hand the address over; the alembic command reads the settings.
url = context.config.attributes.get("url") or load_settings().database_url
engine = create_engine(url, poolclass=NullPool)

with engine.connect() as connection:
    context.configure(
        connection=connection,
        render_as_batch=connection.dialect.name == "sqlite",
        transaction_per_migration=True,
        **comparison(),
    )
    with context.begin_transaction():
        context.run_migrations()

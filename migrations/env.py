"""Alembic's entry: runs revisions on the database that the settings, or the caller, name."""

from __future__ import annotations

from alembic import context
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from backend.db import Database
from config.settings import load_settings
from ops.migrate import MAIN, comparison

# The product and the tests hand the address over; the alembic command reads the settings.
url = context.config.attributes.get("url") or load_settings().database_url
sqlite = url.startswith("sqlite")
# SQLite through our own engine, whose BEGIN makes a revision all or nothing. MariaDB without its time-outs,
# since a change of a large table may take long (and commits by itself: hence one change per revision).
engine = Database(url).engine if sqlite else create_engine(url, poolclass=NullPool)

with engine.connect() as connection:
    context.configure(
        connection=connection,
        render_as_batch=sqlite,
        transactional_ddl=sqlite,
        transaction_per_migration=True,
        include_object=context.config.attributes.get("include", lambda *_: True),
        **comparison(context.config.attributes.get("tables", MAIN)),
    )
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()

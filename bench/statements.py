"""The statements of a command, recorded while it runs and replayed by the bare driver: the floor of its transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pymysql
from sqlalchemy import Engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from backend.db import Database


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement with its values, as the driver got them."""

    sql: str
    values: Any
    many: bool


def connect(address: str, *, autocommit: bool = False) -> pymysql.connections.Connection:
    """A bare connection to the database of a URL."""
    url = make_url(address)
    return pymysql.connect(
        host=url.host or "127.0.0.1",
        port=url.port or 3306,
        user=url.username,
        password=url.password or "",
        database=url.database,
        unix_socket=url.query.get("unix_socket"),
        charset="utf8mb4",
        ssl_disabled=True,
        autocommit=autocommit,
        init_command="SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
    )


@contextmanager
def recording(engine: Engine) -> Iterator[list[Statement]]:
    """Every statement that this engine's connections run within the block."""
    found: list[Statement] = []

    def note(_connection: Any, _cursor: Any, sql: str, values: Any, _context: Any, many: bool) -> None:
        # A bulk INSERT that returns its ids is one statement with one set of values.
        found.append(Statement(sql, values, many and isinstance(values, list)))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)


def rehearse(db: Database, *commands: Callable[[Session], object]) -> list[Statement]:
    """The statements of commands in one transaction that is rolled back: a replay finds what they found."""
    with recording(db.engine) as found, Session(db.engine, expire_on_commit=False) as session:
        for command in commands:
            command(session)
            session.flush()
        session.rollback()
    return found


def replay(connection: pymysql.connections.Connection, statements: Sequence[Statement]) -> None:
    """Run statements and fetch what they find; the caller commits."""
    with connection.cursor() as cursor:
        for statement in statements:
            if statement.many:
                cursor.executemany(statement.sql, statement.values)
            else:
                cursor.execute(statement.sql, statement.values)
                cursor.fetchall()

"""The database: engines, ``transact`` (the only place that commits) and ``reading``.

A command is ``def verb(session, *, …) -> result``: no commit, no I/O but the session, so it can
simply be run again. MariaDB errors that mean "try again": 1213 deadlock, 1205 lock wait, 1020 record
changed, 1047 and 1180 Galera, 2003/2006/2013 connection; SQLite: BUSY. A file that is away, full or cannot be
read is 503 like a server that is.
"""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from pymysql.constants import SERVER_STATUS
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, InvalidatePoolError, TimeoutError as PoolTimeout
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.pool import ConnectionPoolEntry

from backend.kernel.clock import SHANGHAI
from backend.kernel.errors import Collision, Unavailable
from backend.kernel.i18n import N_

P = ParamSpec("P")
R = TypeVar("R")

TRIES = 5
#: 1305: a deadlock inside a savepoint took the savepoint with it, and the driver reports only that.
AGAIN = {1213, 1205, 1020, 1047, 1180, 1305}
LOST = {2006, 2013, 2014, 2055}
REFUSED = {2002, 2003, 1040, 1053}
#: READONLY, IOERR, FULL, CANTOPEN of SQLite.
AWAY = {8, 10, 13, 14}
#: Seconds of rest after which a connection is asked (SQLAlchemy's own ping asks each time: a fifth of a short read).
RESTED = 1.0
AUTOCOMMIT = {"isolation_level": "AUTOCOMMIT", "skip_autocommit_rollback": True}


class Database:
    """One database. ``patient`` ones (workers) wait for a refused server; requests answer 503 at once.

    On MariaDB reads have connections of their own, in autocommit: each statement sees what was committed when it
    began, exactly as in a READ COMMITTED transaction, and nothing is left to roll back (one round trip less a read).
    """

    def __init__(
        self, url: str, *, pool_size: int = 8, patient: bool = False, today: Callable[[], date] | None = None
    ) -> None:
        """``today``: for a database that shall keep no time of day (the tip line)."""
        self.engine = _engine(url, pool_size)
        self.patient = patient
        self._writer = self.engine.execution_options(begin="IMMEDIATE")
        self._reader = self.engine if self.is_sqlite else _mariadb(url, pool_size, **AUTOCOMMIT)
        if today is not None:
            for engine in {self.engine, self._reader}:
                _keep_no_time(engine, today)
            if self.is_sqlite:
                event.listen(self.engine, "do_connect", _never_make)

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    def transact(self, command: Callable[Concatenate[Session, P], R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a command and commit; again on a conflict. A lost COMMIT is 503: it may have happened."""
        result: R = self._run(command, False, *args, **kwargs)
        return result

    def transact_once(self, command: Callable[Concatenate[Session, P], R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """The same under an idempotency or dedupe key: there even a lost COMMIT may be run again."""
        result: R = self._run(command, True, *args, **kwargs)
        return result

    def _run(self, command: Any, keyed: bool, *args: Any, **kwargs: Any) -> Any:
        for attempt in range(1, TRIES + 1):
            session = Session(self._writer, expire_on_commit=False)
            committing = False
            try:
                result = command(session, *args, **kwargs)
                session.flush()
                committing = True
                session.commit()
                return result
            except (DBAPIError, StaleDataError, Collision, PoolTimeout) as error:
                _rollback(session)
                if not self._worth_again(error, attempt, lost_commit=committing and not keyed):
                    raise _refusal(error) from error
                time.sleep(random.uniform(0.2, 1) * 0.02 * 2**attempt)  # noqa: S311 - jitter, not a secret
            except BaseException:
                _rollback(session)
                raise
            finally:
                session.close()
        raise AssertionError("unreachable")

    def _worth_again(self, error: Exception, attempt: int, *, lost_commit: bool) -> bool:
        if attempt == TRIES:
            return False
        if isinstance(error, (StaleDataError, Collision)):
            return True
        number = _number(error)
        if lost_commit and number in LOST:
            return False
        if number in AGAIN or _busy(error):
            return True
        if number in LOST:
            return self.patient or attempt == 1
        return self.patient and number in REFUSED

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that only reads: no locks; what was read stays readable after it; a lost server becomes 503."""
        session = Session(self._reader, expire_on_commit=False, autoflush=False)
        try:
            yield session
        except (DBAPIError, PoolTimeout) as error:
            raise _refusal(error) from error
        finally:
            _close(session)

    def empty_log(self) -> None:
        """SQLite: write the log back into the file and empty it, so that what was destroyed lies in neither of them.

        Best effort: a long reader keeps the log until the next time. MariaDB cleans up by itself.
        """
        if self.is_sqlite:
            connection = self.engine.raw_connection()
            try:
                connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
            finally:
                connection.close()

    def dispose(self, *, close: bool = True) -> None:
        """Give up all connections; a forked child leaves them open (``close=False``): they are its parent's."""
        for engine in (self.engine, self._reader):
            engine.dispose(close=close)


def _refusal(error: Exception) -> Exception:
    number = _number(error)
    known = number in AGAIN | LOST | REFUSED or _busy(error) or _away(error)
    if known or isinstance(error, (PoolTimeout, StaleDataError, Collision)):
        return Unavailable("database_unavailable", N_("系统正忙，请过一会儿再试，已填的内容都在"), retry_after=5)
    return error


def _number(error: Exception) -> int:
    original = getattr(error, "orig", None)
    arguments = getattr(original, "args", ())
    return arguments[0] if arguments and isinstance(arguments[0], int) else 0


def _busy(error: Exception) -> bool:
    return "database is locked" in str(getattr(error, "orig", ""))


def _away(error: Exception) -> bool:
    code = getattr(getattr(error, "orig", None), "sqlite_errorcode", 0)
    return code & 0xFF in AWAY


def _rollback(session: Session) -> None:
    try:
        session.rollback()
    except DBAPIError:
        session.invalidate()


def _close(session: Session) -> None:
    """Give the connection back, or throw it away when it broke."""
    try:
        session.close()
    except DBAPIError:
        session.invalidate()


def _engine(url: str, pool_size: int) -> Engine:
    if make_url(url).get_backend_name() == "sqlite":
        engine = create_engine(
            url,
            pool_size=pool_size,
            hide_parameters=True,
            connect_args={"timeout": 10, "check_same_thread": False},
        )
        event.listen(engine, "connect", _sqlite_connect)
        event.listen(engine, "begin", _sqlite_begin)
        return engine
    return _mariadb(url, pool_size, isolation_level="READ COMMITTED")


def _mariadb(url: str, pool_size: int, **isolation: Any) -> Engine:
    engine = create_engine(
        url,
        **isolation,
        pool_size=pool_size,
        hide_parameters=True,  # an error's text must not carry values into a log
        max_overflow=pool_size,
        pool_timeout=5,
        pool_recycle=1800,
        pool_reset_on_return=None,
        connect_args={
            "charset": "utf8mb4",
            "connect_timeout": 1,
            "read_timeout": 10,
            "write_timeout": 10,
            "ssl_disabled": "ssl" not in make_url(url).query,
            "init_command": "SET time_zone = '+00:00', innodb_lock_wait_timeout = 5",
        },
    )
    event.listen(engine, "checkin", _note_use)
    event.listen(engine, "checkout", _ping_idle)
    event.listen(engine, "reset", _end_forgotten)
    return engine


def _keep_no_time(engine: Engine, today: Callable[[], date]) -> None:
    """MariaDB writes the second of each statement into its binary log: here the session stands at midnight (China).

    SQLite overwrites what is deleted, so that a destroyed key is not left in a free page.
    """
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda connection, _record: connection.execute("PRAGMA secure_delete=ON"))
        return

    def stand_at_midnight(connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
        day = today()
        if record.info.get("day") != day:
            midnight = int(datetime(day.year, day.month, day.day, tzinfo=SHANGHAI).timestamp())
            with connection.cursor() as cursor:
                cursor.execute(f"SET timestamp = {midnight:d}")
            record.info["day"] = day

    event.listen(engine, "checkout", stand_at_midnight)


def _never_make(_dialect: Any, _record: Any, arguments: Any, _options: Any) -> None:
    """A file that was moved away is away: SQLite would begin an empty one, into which some requests would write."""
    if not Path(arguments[0]).exists():
        gone = sqlite3.OperationalError("unable to open database file")
        gone.sqlite_errorcode = sqlite3.SQLITE_CANTOPEN
        raise gone


def _end_forgotten(connection: Any, _record: ConnectionPoolEntry, _state: Any) -> None:
    """The pool's own ROLLBACK after each COMMIT is a round trip for nothing; only a forgotten transaction needs it.

    The server says with each answer whether one is open.
    """
    if connection.server_status & SERVER_STATUS.SERVER_STATUS_IN_TRANS:
        connection.rollback()


def _note_use(_connection: Any, record: ConnectionPoolEntry) -> None:
    record.info["used_at"] = time.monotonic()


def _ping_idle(connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
    """Ask a connection that rested whether its server is still there; no server restarts within ``RESTED``."""
    if time.monotonic() - record.info.get("used_at", float("inf")) < RESTED:
        return
    try:
        connection.ping(reconnect=False)
    except Exception as error:
        raise InvalidatePoolError from error  # the others died with it; the pool connects anew


def _sqlite_connect(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # SQLAlchemy's begin event below decides how a transaction starts
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000"):
        connection.execute(f"PRAGMA {pragma}")


def _sqlite_begin(connection: Connection) -> None:
    kind = connection.get_execution_options().get("begin", "DEFERRED")
    connection.exec_driver_sql(f"BEGIN {kind}")

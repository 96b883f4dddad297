"""Statements that run often, compiled once for MariaDB and handed to its driver as they are.

SQLAlchemy's execution of a built statement costs three to four times what the driver itself needs; where many want
the same row at once, that is what they wait for. SQLite keeps the ordinary way: its driver spells moments differently.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import CursorResult, Executable
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Session

Values = Mapping[str, Any]


class Prepared:
    """One statement; ``columns``: those an INSERT gets values for, where it does not name them itself.

    Only for values that the driver writes as they are: numbers, texts, days, truth, and moments, which become naive UTC
    like ``UtcDateTime``. Rows come back as the driver reads them: a truth is 0 or 1.
    """

    def __init__(self, statement: Executable, columns: Sequence[str] | None = None) -> None:
        self._statement = statement
        self._columns = list(columns) if columns is not None else None
        self._text: tuple[str, list[str], dict[str, Any]] | None = None

    def run(self, session: Session, values: Values | Sequence[Values]) -> CursorResult[Any]:
        """Execute with one set of values, or with several at once."""
        connection = session.connection()
        if connection.dialect.driver != "pymysql":
            return connection.execute(self._statement, values)
        text, names, fixed = self._text or self._compile(connection.dialect)
        many = [values] if isinstance(values, Mapping) else values
        bound = [{name: _plain(one[name] if name in one else fixed[name]) for name in names} for one in many]
        return connection.exec_driver_sql(text, bound[0] if len(bound) == 1 else bound)

    def _compile(self, dialect: Dialect) -> tuple[str, list[str], dict[str, Any]]:
        """The text, the names of its values, and the values that stand in the statement itself."""
        compiled: Any = self._statement.compile(dialect=dialect, column_keys=self._columns)  # type: ignore[attr-defined]
        fixed = {name: bind.value for bind, name in compiled.bind_names.items() if not bind.required}
        # Defaults that are plain values; SQLAlchemy would fill them in when it executes.
        fixed |= {column.key: column.default.arg for column in compiled.insert_prefetch}
        names = list(compiled.bind_names.values())
        self._text = str(compiled), names, fixed
        return self._text


def _plain(value: Any) -> Any:
    return value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) else value

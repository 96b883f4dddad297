"""Writing the rows a change leaves behind: plain INSERTs below the ORM, whose bookkeeping costs more than they do."""

from __future__ import annotations

from functools import cache
from typing import Any, cast

from sqlalchemy import Table, insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.events.prepared import Prepared
from backend.kernel.errors import Collision


def write(session: Session, model: Any, values: dict[str, Any]) -> None:
    """One row of a model, at once; nobody holds it as an object. Values as ``Prepared`` takes them."""
    _insert(model, tuple(values)).run(session, values)


def chain(session: Session, model: Any, values: dict[str, Any]) -> None:
    """The same for a row whose place in a chain may be taken by a faster writer: then the command runs again."""
    try:
        write(session, model, values)
    except IntegrityError as error:
        raise Collision from error


@cache
def _insert(model: Any, columns: tuple[str, ...]) -> Prepared:
    return Prepared(insert(cast(Table, model.__table__)).inline(), columns)

"""Writing down what is counted of a case: as often as anyone likes, the newest reading stays."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import CursorResult, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.kernel.errors import Collision
from backend.models.statistics import CaseFact


def put(session: Session, *, application_id: int, sequence: int, **values: Any) -> None:
    """One row per case; ``sequence`` of the case's chain tells an older reading from a newer one.

    ``Collision`` when another worker wrote the first row of this case: then it is looked at again.
    """
    known = update(CaseFact).where(CaseFact.application_id == application_id, CaseFact.sequence <= sequence)
    done = session.execute(known.values(sequence=sequence, **values), execution_options={"synchronize_session": False})
    if cast("CursorResult[Any]", done).rowcount:
        return
    if session.scalar(select(CaseFact.sequence).where(CaseFact.application_id == application_id)) is not None:
        return
    try:
        with session.begin_nested():
            session.add(CaseFact(application_id=application_id, sequence=sequence, **values))
    except IntegrityError as error:
        raise Collision("case fact") from error

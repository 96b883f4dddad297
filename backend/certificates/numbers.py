"""Certificate numbers ``HY-370402-2026-000045``: per type prefix, county and year, without gap or duplicate."""

from __future__ import annotations

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.kernel.errors import Collision
from backend.models.certificate import CertificateSequence as Sequence


def reserve(session: Session, *, prefix: str, county: str, year: int) -> str:
    """The next number of a series; rolled back with the transaction, so none is lost.

    The row stays locked until the commit: certificates of one series are issued one after another.
    ``Collision`` when another process began the series in the same moment.
    """
    series = f"{prefix}-{county[:6]}-{year}"
    step = update(Sequence).where(Sequence.series == series).values(last=Sequence.last + 1)
    if not session.execute(step, execution_options={"synchronize_session": False}).rowcount:  # type: ignore[attr-defined]
        _begin(session, series)
    last = session.scalar(select(Sequence.last).where(Sequence.series == series))
    return f"{series}-{last:06d}"


def _begin(session: Session, series: str) -> None:
    try:
        session.execute(insert(Sequence).values(series=series, last=1))
    except IntegrityError as error:
        raise Collision(series) from error

"""Who may use a station: residents of the county, and migrants who have lived there long enough, as they declare."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, String, and_, bindparam, literal_column, or_

from backend.kernel.clock import today
from backend.kernel.errors import Invalid
from backend.kernel.i18n import N_
from backend.models.station import Slot, Station

REGISTERED, LIVING = "registered", "living"
KINDS = (REGISTERED, LIVING)
#: More than a station may ask.
MONTHS_MAX = 9999
_COUNTY, _MONTHS = bindparam("county", type_=String), bindparam("months", type_=Integer)


@dataclass(frozen=True, slots=True)
class Residence:
    """What the couple declares: ``kind`` registered 户籍 or living 居住; ``region`` 12 digits; ``since``: of living."""

    kind: str
    region: str
    since: date | None = None


def check(slot: Any, declared: Residence | None, *, now: datetime) -> str:
    """The 12-digit town of the declaration, "" without one.

    ``slot`` has ``county`` and ``residence_months``. ``Invalid`` ``residence_required`` where the station asks,
    ``not_resident`` elsewhere or not long enough.
    """
    months = slot.residence_months
    if declared is None:
        if months or slot.shared:
            raise Invalid("residence_required", REQUIRED, errors={"residence": [REQUIRED]})
        return ""
    if declared.region[:6] != slot.county[:6]:
        raise _refused(N_("这个服务站只接待本区的居民，请选您户籍地或居住地的服务站，那里同样免费"))
    if declared.kind == LIVING and months:
        _check_since(declared.since, months, today(now))
    return f"{declared.region[:9]}000"


def fits() -> ColumnElement[bool]:
    """The same for a statement that is run with ``asked``: ``check`` would refuse nothing."""
    silent = and_(literal_column("''") == _COUNTY, Slot.shared.is_(False))
    return and_(or_(Station.county == _COUNTY, silent), Station.residence_months <= _MONTHS)


def asked(declared: Residence | None, *, now: datetime) -> dict[str, Any]:
    """The values for ``fits``: the county and the town declared, and the months lived there."""
    if declared is None:
        return {"county": "", "town": "", "months": 0}
    town = f"{declared.region[:9]}000"
    county = f"{declared.region[:6]}000000"
    return {"county": county, "town": town, "months": _months(declared, today(now))}


def _months(declared: Residence, on: date) -> int:
    """Whole months lived there, and as many as anybody may ask of the registered."""
    if declared.kind != LIVING:
        return MONTHS_MAX
    if declared.since is None or declared.since > on:
        return 0
    months = (on.year - declared.since.year) * 12 + on.month - declared.since.month
    return months if declared.since <= months_before(on, months) else months - 1


def _check_since(since: date | None, months: int, on: date) -> None:
    if since is None or since > on:
        raise _refused(N_("请填从哪天起住在本区"))
    if since > months_before(on, months):
        raise _refused(N_("在本区住满 %(n)s 个月就能约；没住满的，请在户籍地检查，那里同样免费", n=months))


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier, or the last day of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError("unreachable")


REQUIRED = N_("请说明户籍或居住在哪个镇街：这里接待本区的居民和住满一定时间的外来人口")


def _refused(words: Any) -> Invalid:
    return Invalid("not_resident", words, errors={"residence": [words]})

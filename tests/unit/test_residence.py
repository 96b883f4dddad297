"""The rule of residence stands in a statement and in words: the two say the same of every declaration."""

from __future__ import annotations

from datetime import date, datetime
from types import SimpleNamespace

from hypothesis import given, strategies as st

from backend.bookings import residence
from backend.bookings.residence import Residence
from backend.kernel.clock import SHANGHAI
from backend.kernel.errors import Invalid

COUNTY = "370402000000"
DAYS = st.dates(date(2020, 1, 1), date(2028, 12, 31))
DECLARED = st.none() | st.builds(
    Residence,
    kind=st.sampled_from(residence.KINDS),
    region=st.sampled_from(("370402001000", "370403001000")),
    since=st.none() | DAYS,
)


def says_words(where: SimpleNamespace, declared: Residence | None, now: datetime) -> bool:
    try:
        residence.check(where, declared, now=now)
    except Invalid:
        return False
    return True


def says_statement(where: SimpleNamespace, declared: Residence | None, now: datetime) -> bool:
    """``residence.fits``, read out in Python."""
    asked = residence.asked(declared, now=now)
    silent = asked["county"] == "" and not where.shared
    return (asked["county"] == where.county or silent) and where.residence_months <= asked["months"]


@given(declared=DECLARED, on=DAYS, months=st.integers(0, 36), shared=st.booleans())
def test_statement_and_words_let_in_the_same_people(
    declared: Residence | None, on: date, months: int, shared: bool
) -> None:
    now = datetime(on.year, on.month, on.day, 12, tzinfo=SHANGHAI)
    where = SimpleNamespace(county=COUNTY, residence_months=months, shared=shared)
    assert says_words(where, declared, now) == says_statement(where, declared, now)

"""Periods of payments: their days meet without a gap, and only the form of the item's own kind is taken."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from backend.benefits import checksums, periods
from backend.benefits.checksums import Frozen
from backend.kernel import cells, ids
from backend.kernel.errors import Invalid

DAYS = st.dates(date(2001, 1, 1), date(2099, 11, 30))


@given(DAYS, st.sampled_from(["year", "month", "once"]))
def test_a_day_lies_in_the_period_that_runs(day: date, kind: str) -> None:
    period = periods.read(kind, periods.current(kind, day), today=day)
    assert period.first <= day < period.beyond
    assert str(periods.label(period.code))


@given(DAYS, st.sampled_from(["year", "month"]))
def test_the_period_before_ends_where_this_one_begins(day: date, kind: str) -> None:
    now, before = (periods.read(kind, code, today=day) for code in periods.recent(kind, day))
    assert before.beyond == now.first
    assert before.code < now.code


@given(st.text(max_size=8))
def test_other_forms_are_refused_in_words(code: str) -> None:
    for kind, form in periods.FORMS.items():
        if not form.fullmatch(code):
            with pytest.raises(Invalid) as refused:
                periods.read(kind, code, today=date(2026, 11, 23))
            assert refused.value.code == "invalid_period"


def test_ids_of_one_moment_are_different_and_ascend() -> None:
    found = ids.new_ids(datetime(2026, 11, 23, tzinfo=UTC), 20_000)
    assert found == sorted(set(found))
    assert len(found) == 20_000
    assert {ids.encode(one)[:5] for one in found} == {ids.encode(found[0])[:5]}


@given(st.lists(st.tuples(st.integers(1, 2**60), st.integers(1, 10**9), st.text("v1|abc", min_size=1)), max_size=9))
def test_the_checksum_does_not_depend_on_the_order_but_on_every_value(rows: list[tuple[int, int, str]]) -> None:
    lines = [
        Frozen(checksums.reference(one), at, "standard", fen, sealed) for at, (one, fen, sealed) in enumerate(rows)
    ]
    sums = checksums.of(lines)
    assert (sums.count, sums.total_fen) == (len(rows), sum(fen for _, fen, _ in rows))
    if len({line.reference for line in lines}) == len(lines):
        assert checksums.of(reversed(lines)) == sums
    for at, line in enumerate(lines):
        other = Frozen(line.reference, line.recipient_id, line.amount_class, line.fen, line.account + "x")
        assert checksums.of([*lines[:at], other, *lines[at + 1 :]]).checksum != sums.checksum


@given(st.text(max_size=12))
def test_a_cell_is_never_a_formula_and_loses_nothing(cell: str) -> None:
    shown = cells.harmless(cell)
    assert shown in (cell, f"'{cell}")
    assert not shown.lstrip(" \u3000").startswith(cells.DANGEROUS)


@pytest.mark.parametrize("moved", [timedelta(0), timedelta(days=400)])
def test_a_reference_is_no_number_for_a_spreadsheet(moved: timedelta) -> None:
    for one in ids.new_ids(datetime(2026, 11, 23, tzinfo=UTC) + moved, 500):
        assert checksums.reference(one)[0] == "P"
        assert len(checksums.reference(one)) == 14

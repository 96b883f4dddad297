"""Nobody ever gets a list of who came on a past day or of who did not come (PRODUCT §2.1, §2.2)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask

from backend.bookings import day
from backend.lifecycles.booking import BookingStatus
from ops.openapi import fresh_app
from tests.architecture.tree import ROOT, sources, templates

#: What staff see and ask.
STAFF = ("backend/api/staff/", "backend/api/admin/", "h5/staff/", "h5/admin/")
WORD = re.compile(r"\bMISSED\b|[\"']missed[\"']")
RANGE = {"from", "to", "since", "until", "before", "month", "year"}


@pytest.fixture(scope="module")
def app() -> Flask:
    with fresh_app() as app:
        return app


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_the_day_lists_no_missed_visit() -> None:
    assert set(day.LISTED) == {BookingStatus.CONFIRMED, BookingStatus.CHECKED_IN, BookingStatus.COMPLETED}


def test_no_page_or_endpoint_of_the_staff_asks_for_missed_visits() -> None:
    found = [relative(p) for p in (*sources(), *templates()) if WORD.search(p.read_text(encoding="utf-8"))]
    assert [path for path in found if path.startswith((*STAFF, "h5/templates/staff/", "h5/templates/admin/"))] == []


def test_no_endpoint_of_the_staff_takes_a_range_of_booking_days(app: Flask) -> None:
    with app.test_client() as client:
        paths = (client.get("/api/v1/openapi.json").json or {})["paths"]
    lists = {path: methods["get"] for path, methods in paths.items() if "/staff/bookings" in path and "get" in methods}
    assert "/api/v1/staff/bookings" in lists
    for path, method in lists.items():
        assert {p["name"] for p in method.get("parameters", []) if "name" in p} & RANGE == set(), path


def test_every_list_of_the_day_goes_through_the_sheet() -> None:
    for room in ("backend/api/staff/bookings.py", "h5/staff/bookings.py"):
        text = (ROOT / room).read_text(encoding="utf-8")
        assert "day.sheet(" in text
        assert not re.search(r"\bqueries\.|select\(", text)

"""What comes after a checkup belongs to one person (PRODUCT §2.2): staff read what was sent to them, no more."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from backend.models.checkup import CheckupResult, FollowUp, FollowUpAnswer
from ops.openapi import fresh_app
from tests.architecture.tree import ROOT, sources, tree

STAFF = ("backend/api/staff/", "backend/api/admin/", "h5/staff/", "h5/admin/")
#: The only files that may touch each kind of row.
HANDS = {
    "FollowUp": {"backend/bookings/followups.py"},
    "FollowUpAnswer": {"backend/bookings/followups.py", "backend/bookings/followup_desk.py"},
    "CheckupResult": {"backend/bookings/results.py", "backend/bookings/result_desk.py"},
}
#: Rooms of the persons themselves.
OWN = {"backend.bookings.followups", "backend.bookings.results", "backend.web.followups", "backend.web.results"}


@pytest.fixture(scope="module")
def paths() -> dict[str, Any]:
    with fresh_app() as app:
        return _paths(app)


def _paths(app: Flask) -> dict[str, Any]:
    with app.test_client() as client:
        found: dict[str, Any] = (client.get("/api/v1/openapi.json").json or {})["paths"]
        return found


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def imported(path: Path) -> set[str]:
    """``backend.bookings.results`` for either way of importing it."""
    found = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found


def columns(table: Any) -> set[str]:
    return {column.key for column in table.__table__.columns}


def test_a_follow_up_has_no_column_for_an_account() -> None:
    assert columns(FollowUp) == {"id", "person", "who", "station", "kind", "ask_on", "until", "stop_index", "asked_at"}
    assert columns(FollowUpAnswer) == {"id", "station", "kind", "content", "answered_at", "seen_at", "purge_at"}
    assert columns(CheckupResult) == {"id", "booking_id", "resident_id", "risk", "document_id", "ready_at"}


@pytest.mark.parametrize("row", sorted(HANDS))
def test_only_its_own_files_touch_a_row(row: str) -> None:
    touching = {name(path) for path in sources() if f"backend.models.checkup.{row}" in imported(path)}
    assert touching == HANDS[row]
    assert not [name(path) for path in sources() if "backend.models.checkup" in imported(path) and name(path) not in
                set().union(*HANDS.values())]  # fmt: skip


def test_no_room_of_the_staff_reaches_what_belongs_to_persons() -> None:
    rooms = [path for path in sources() if name(path).startswith(STAFF)]
    assert [name(path) for path in rooms if imported(path) & OWN] == []


def test_the_stations_side_never_counts_and_never_opens_a_result() -> None:
    for desk in ("followup_desk", "result_desk"):
        text = (ROOT / "backend" / "bookings" / f"{desk}.py").read_text(encoding="utf-8")
        assert "count(" not in text
        assert ".open(" not in text or desk == "followup_desk"
        assert "open_text(" not in text


def test_staff_have_these_endpoints_and_no_other(paths: dict[str, Any]) -> None:
    after = {
        (path.removeprefix("/api/v1"), method)
        for path, methods in paths.items()
        for method in methods
        if method != "parameters" and "/staff/" in path and ("result" in path or "follow-up" in path)
    }
    assert after == {
        ("/staff/results", "get"),
        ("/staff/bookings/{booking_id}/results", "get"),
        ("/staff/bookings/{booking_id}/results", "post"),
        ("/staff/follow-ups", "get"),
        ("/staff/follow-ups/{answer_id}/seen", "post"),
    }

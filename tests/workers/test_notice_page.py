"""Looking at the page from outside, and the relay's work on notices."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from sqlalchemy import select

from backend.gateways.heartbeat import MARK, FakeHeartbeat, HttpHeartbeat
from backend.models.notice import PageHeartbeat, PageOutage
from backend.runtime import build_runtime
from config.settings import Settings
from tests import announced
from tests.clock import MovableClock
from tests.people import Cast, assemble
from workers import notices, schedule


class Page(BaseHTTPRequestHandler):
    """Answers what the path's first part says."""

    def do_GET(self) -> None:
        status, body = {
            "/good/notices": (200, b"<div " + MARK + b">"),
            "/excuse/notices": (200, b"be back soon"),
            "/broken/notices": (503, MARK),
        }[self.path]
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def base() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize(("at", "readable"), [("good", True), ("excuse", False), ("broken", False)])
def test_the_page_counts_only_when_it_is_itself(base: str, at: str, readable: bool) -> None:
    assert HttpHeartbeat(f"{base}/{at}").readable() is readable


def test_nobody_there_is_not_readable() -> None:
    assert HttpHeartbeat("http://127.0.0.1:9", seconds=0.5).readable() is False


def test_the_relay_writes_down_what_it_saw(settings: Settings) -> None:
    page = FakeHeartbeat()
    runtime = replace(build_runtime(settings), heartbeat=page)
    notices.look(runtime)
    page.there = False
    notices.look(runtime)
    with runtime.db.reading() as session:
        assert session.scalars(select(PageHeartbeat.name)).all() == ["public-notices"]
        assert session.scalars(select(PageOutage.ended_at)).all() == [None]


def test_the_relay_looks_extends_and_then_concludes() -> None:
    names = [work.name for work in schedule.SCHEDULE]
    places = [names.index(name) for name in ("notice_page", "notice_extensions", "notices")]
    assert places == sorted(places)


def test_one_notice_that_fails_holds_up_no_other(
    settings: Settings, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime = replace(build_runtime(settings), clock=clock, heartbeat=FakeHeartbeat())
    cast: Cast = assemble(runtime.db, runtime.vault, clock)
    cast.publish()
    rows = [announced.announced(cast, who, serial=serial) for who, serial in (("王㐂", 7), ("甲某", 8))]
    bad = announced.notice(cast, rows[0].id).id
    cast.clock.set(announced.at(announced.notice(cast, rows[0].id).closes_on, 10))
    cast.clock.now = cast.clock.now.replace(day=1, month=12)
    whole = notices.notices.conclude

    def conclude(session, *, notice_id, **arguments):  # type: ignore[no-untyped-def]
        if notice_id == bad:
            raise ValueError("broken")
        return whole(session, notice_id=notice_id, **arguments)

    monkeypatch.setattr(notices.notices, "conclude", conclude)
    with pytest.raises(ValueError, match="broken"):
        notices.conclude(runtime)
    assert [announced.notice(cast, row.id).ended_as for row in rows] == [None, "completed"]

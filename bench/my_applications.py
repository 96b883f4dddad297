"""The list of my applications over HTTP, against a Flask view that runs the same two statements bare."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import closing
from functools import partial
from pathlib import Path

from backend.accounts import queries as accounts
from backend.app import create_app
from backend.applications import queries
from bench import county
from bench.context import Context
from bench.harness import Figure, compare
from bench.statements import connect, recording
from config.settings import Settings
from tests import factories
from tests.people import Cast

#: Enough that nobody reaches the calls one account may make a minute.
RESIDENTS, CASES = 200, 25
PAGE = 20


def run(context: Context) -> list[Figure]:
    """Requests per second at 32 connections, a page of 20 each."""
    settings, environment = context.installation("bench_mine")
    cast = county.populated(settings)
    people = _fill(cast, settings)
    floor = context.directory() / "statements.json"
    _write_statements(cast, people, floor)
    bare = context.serve("bench.floors:app", environment | {"FLOOR_STATEMENTS": str(floor)})
    full = context.serve("ops.web:app", environment)
    named = _script(context, [f"X-Session: {sid}\nX-Resident: {resident}" for resident, sid, _ in people])
    signed = _script(context, [f"Authorization: Bearer {token}" for _, _, token in people])
    figure = compare(
        "api_my_applications",
        floor=partial(context.requests_per_second, f"{bare}/applications", script=named),
        ours=partial(context.requests_per_second, f"{full}/api/v1/applications?limit={PAGE}", script=signed),
        goal="≥ 0.6",
        unit="requests/s",
    )
    cast.db.dispose()
    return [figure]


def _fill(cast: Cast, settings: Settings) -> list[tuple[int, int, str]]:
    """Residents with their cases; id, session id and access token of each."""
    first = factories.submitted(cast)
    residents = [cast.resident(f"李{chr(0x4E00 + n)}", n) for n in range(100, 100 + RESIDENTS)]
    with closing(connect(settings.database_url)) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_resident (place INT PRIMARY KEY, id BIGINT)")
        cursor.executemany("INSERT INTO bench_resident VALUES (%s, %s)", list(enumerate(residents)))
        changed = {
            "resident_id": f"(SELECT r.id FROM bench_resident r WHERE r.place = seq % {RESIDENTS})",
            "created_at": "application.created_at + INTERVAL seq SECOND",
        }
        county.copies(connection, first.id, RESIDENTS * CASES, changed)
    signed = county.signed_in(cast, create_app(settings), residents)
    return [(resident, *pair) for resident, pair in zip(residents, signed, strict=True)]


def _write_statements(cast: Cast, people: list[tuple[int, int, str]], path: Path) -> None:
    """The two statements of ours, with the names of the floor's headers where the caller's values stood."""
    resident, sid, _ = people[0]
    with cast.db.reading() as session, recording(session.get_bind().engine) as found:
        accounts.live_session(session, sid=sid, kind="resident")
        queries.mine(session, resident_id=resident, limit=PAGE, cursor=None)
    places = {sid: "session", resident: "resident"}
    wanted = [s for s in found if "definition" not in s.sql]
    if len(wanted) != 2:
        raise SystemExit(f"the list takes {len(wanted)} statements, not two")
    path.write_text(
        json.dumps([[s.sql, {k: places.get(v, v) for k, v in s.values.items()}] for s in wanted]), encoding="utf-8"
    )


def _script(context: Context, headers: Iterable[str]) -> Path:
    """For wrk: another caller with each request."""
    callers = ",\n".join(f"{{{', '.join(_pair(line) for line in header.splitlines())}}}" for header in headers)
    path = context.directory() / "callers.lua"
    path.write_text(
        f"local callers = {{\n{callers}}}\nlocal turn = 0\n"
        "function request()\n turn = turn % #callers + 1\n return wrk.format(nil, nil, callers[turn])\nend\n"
    )
    return path


def _pair(header: str) -> str:
    name, _, value = header.partition(": ")
    return f'["{name}"] = "{value}"'

"""Health for machines: the process, each dependency, and numbers for Prometheus."""

from __future__ import annotations

from flask import Response
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.engine import make_url

from backend.db import Database
from backend.events import work
from backend.kernel.clock import system_clock, today
from backend.kernel.errors import Problem
from backend.notifications import providers
from backend.runtime import Runtime
from backend.web.answers import json
from backend.web.blueprint import Blueprint
from backend.web.context import runtime

blp = Blueprint("health", __name__, description="Health")


@blp.get("/healthz")
@blp.response(200, content_type="application/json")
def healthz() -> Response:
    """The process answers."""
    return json({"status": "ok"})


@blp.get("/readyz")
@blp.response(200, content_type="application/json")
def readyz() -> Response:
    """Each dependency; 503 when one is out (but not for the tip line's, which is another app's)."""
    at = runtime()
    checks = {"database": _answers(at.db), "broker": _broker(at), "storage": _storage(at)}
    good = all(checks.values())
    checks["tips"] = _answers(at.tips.db)
    body = {"status": "ok" if good else "out", "checks": {k: "ok" if v else "out" for k, v in checks.items()}}
    return json(body | {"warnings": warnings(at)}, 200 if good else 503)


def warnings(at: Runtime) -> list[str]:
    """What operators should see to before it hurts: no holidays known for this or the next year, tips beside cases."""
    found = [f"calendar: no holidays known for {y}; weekdays only" for y in unknown_years(at)]
    if _share_a_server(at):
        found.append("tips: on the server of the main database, whose logs tell by their neighbours when a tip came")
    return found


def unknown_years(at: Runtime) -> list[int]:
    """This and the next year, as far as nobody has entered their holidays."""
    year = today(at.clock()).year
    return [y for y in (year, year + 1) if not at.calendar.knows(y)]


@blp.get("/metrics")
@blp.response(200, content_type="text/plain")
def metrics() -> Response:
    """Prometheus text: queue depth and age per topic, providers at rest; nothing about people."""
    at = runtime()
    registry = CollectorRegistry()
    depth = Gauge("yangguang_outbox_rows", "Outbox rows not done", ["topic", "status"], registry=registry)
    age = Gauge("yangguang_outbox_oldest_seconds", "Age of the oldest due row", ["topic"], registry=registry)
    resting = Gauge("yangguang_provider_resting", "A provider is left alone for a while", ["name"], registry=registry)
    with at.db.reading() as session:
        lines = work.stats(session)
        for provider in providers.states(session, beat=system_clock()):
            resting.labels(provider.name).set(provider.resting)
    for line in lines:
        depth.labels(line.topic, line.status).set(line.count)
        if line.oldest is not None:
            age.labels(line.topic).set(max((at.clock() - line.oldest).total_seconds(), 0))
    return Response(generate_latest(registry), mimetype="text/plain; version=0.0.4")


def _share_a_server(at: Runtime) -> bool:
    """MariaDB writes both databases' changes into one log, in order; the other's carry the second."""
    own, main = make_url(at.settings.tips.database_url), make_url(at.settings.database_url)
    return own.host is not None and (own.host, own.port) == (main.host, main.port)


def _answers(db: Database) -> bool:
    try:
        with db.reading() as session:
            session.execute(text("SELECT 1"))
        return True
    except Problem:
        return False


def _storage(at: Runtime) -> bool:
    try:
        at.storage.exists("document/0000000000000")
        return True
    except (Problem, OSError):
        return False


def _broker(at: Runtime) -> bool:
    """Asked anew each time: the pause that requests take after a failure must not outlast the failure here."""
    try:
        return bool(at.redis.ping())
    except RedisError:
        return False

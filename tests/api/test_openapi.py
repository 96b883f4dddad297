"""Every operation of the OpenAPI document, asked with what fits it and with what does not, by a machine."""

from __future__ import annotations

import dataclasses
import os
import re
import threading
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from schemathesis.engine import events, from_schema
from schemathesis.engine.recorder import ScenarioRecorder
from werkzeug.serving import WSGIRequestHandler, make_server

from backend.accounts import door
from backend.api import dev
from backend.kernel import ids
from config.settings import Limits, load_settings
from ops.migrate import TIPS
from tests.api.desk import problem
from tests.api.house import House, Phone, claim
from tests.schema import build
from tests.servers import Broker, MariaDb

DOCUMENT = "/api/v1/openapi.json"
UNLIMITED = Limits(sms_codes_per_mobile_hour=10**9, sms_codes_per_address_10_min=10**9, calls_per_account_minute=10**9)
#: Which operations are asked together, by tag; each group has people of its own.
GROUPS = {
    "applications": ("applications", "cosignatures"),
    "materials": ("materials", "certificates", "messages"),
    "me": ("me", "wechat", "wechat-accounts", "notifications"),
    "staff": ("staff-applications",),
    "desk": (
        *("staff-corrections", "staff-consents", "staff-threads", "staff-queue", "staff-bulk", "staff-templates"),
        *("staff-hands", "staff-messages", "staff-visits", "staff-collections", "staff-notices"),
    ),
    "money": ("staff-benefits", "staff-payments", "staff-payment-failures", "staff-statistics", "staff-ratings"),
    "people": ("benefits", "conversation", "visits", "ratings", "public-notices"),
    "stations": ("stations", "staff-stations"),
    "bookings": ("bookings", "waitlist", "preparing", "results", "follow-ups", "follow-up-stops", "second-step"),
    "reminders": ("reminders", "reminder-stops"),
    "tips": (
        "tips",
        "tips-mailbox",
        "tips-evidence",
        "tips-reward",
        "tips-counts",
        "proofs",
        "staff-tips",
        "staff-tip-redactions",
        "staff-tip-rewards",
    ),
    "tip-keys": ("staff-tip-keys", "staff-tip-transfers"),
    "day": ("staff-bookings", "staff-results", "staff-follow-ups"),
    "open": ("auth", "staff-auth", "catalogue", "progress", "verifications", "health", "dev"),
}
#: Who asks for the groups that no reviewer may.
CLERKS = {"stations": "zhan", "day": "zhan", "tips": "hecha", "tip-keys": "hecha"}
#: Their rules need a case or a first request that fits: they have tests of their own.
HEADERS = ("Idempotency-Key", "If-Match")
#: What no schema can say (a check digit, a date, a form's own rules, a state): 422 there is an answer to valid data.
SEMANTIC = ["2xx", "401", "403", "404", "409", "412", "422", "423", "429", "503"]
#: 412 is how a stale If-Match is refused, 413 and 414 what is too long.
REFUSALS = ["400", "401", "403", "404", "405", "406", "409", "412", "413", "414", "415", "422", "423", "429", "503"]
EXAMPLES = 8


@pytest.fixture(scope="module")
def open_house(mariadb: MariaDb, broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house that counts no calls."""
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw-1").removeprefix("gw")) + 1
    url = mariadb.url(f"yangguang_openapi_{number}")
    build(url)
    data = str(tmp_path_factory.mktemp("openapi"))
    settings = load_settings(
        {"PROFILE": "test", "DATA_DIR": data, "DATABASE_URL": url, "REDIS_URL": broker.url(48 + number)}
    )
    build(settings.tips.database_url, TIPS)
    house = House(dataclasses.replace(settings, limits=UNLIMITED))
    yield house
    house.runtime.db.dispose()
    house.runtime.redis.close()


class Quiet(WSGIRequestHandler):
    """Request lines hold what was typed: they are not logged."""

    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: Any) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def address(open_house: House) -> Iterator[str]:
    """The house behind a real socket."""
    server = make_server("127.0.0.1", 0, open_house.app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()


def pool(house: House, clerk: str) -> tuple[dict[str, list[str]], dict[str, str]]:
    """Real values for the path parameters, cases in several states among them, and a token for each kind of caller."""
    phone = house.applicant()
    draft, submitted, held, corrected = (
        house.draft(phone),
        house.submitted(phone),
        house.submitted(phone),
        house.submitted(phone),
    )
    claim(house.clerk("cun"), held.number)
    defect = [{"target": "id_card", "reason": "看不清"}]
    assert house.decide("cun", corrected.number, "request_correction", items=defect).status_code == 200
    cases = [draft, submitted, held, corrected]
    values = {
        "application_id": [case.id for case in cases],
        "document_id": [case.seen()["materials"][0]["id"] for case in cases],
        "booking_id": [held_seat(phone)],
        "number": [case.number for case in cases if case.number],
        "code": ["demo-a", "demo-b"] if clerk == "zhan" else ["migrant-proof", "childcare-subsidy-guide"],
        "purpose": [item["purpose"] for item in (phone.call("GET", "/me/consents").json or {})["items"]],
    }
    return values, {"resident": phone.token, "staff": house.clerk(clerk).token}


def held_seat(phone: Phone) -> str:
    """A booking of the phone's own."""
    days = phone.call("GET", "/stations/demo-a/days?from=2026-11-24&to=2026-12-20").json or {}
    slots = phone.call("GET", f"/stations/demo-a/slots?date={days['next_free']}").json or {}
    free = next(slot["id"] for slot in slots["items"] if slot["available"])
    made = phone.call("POST", "/bookings", {"slot_id": free, "plan": "first"})
    assert made.status_code == 201, made.text
    return str((made.json or {})["id"])


def group(house: House, tags: tuple[str, ...]) -> dict[str, Any]:
    """The document with the operations of these tags only (signing out would end what the others need)."""
    document: dict[str, Any] = house.app.test_client().get(DOCUMENT).json or {}
    for operations in document["paths"].values():
        for method in [m for m in operations if m != "parameters"]:
            operation = operations[method]
            operation["parameters"] = [p for p in operation.get("parameters", []) if p["name"] not in HEADERS]
            if operation["tags"][0] not in tags:
                del operations[method]
    return document


@pytest.fixture(params=list(GROUPS))
def schema(request: pytest.FixtureRequest, open_house: House, address: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    open_house.to_monday()
    monkeypatch.setattr(door.policy, "delay", lambda wrong: 0.0)
    monkeypatch.setattr(dev, "PATIENCE", 0.0)
    for username in ("cun", "zhen"):
        assert open_house.clerk(username).call("PUT", "/staff/me/absence", {"until": None}).status_code == 200
    values, tokens = pool(open_house, CLERKS.get(request.param, "cun"))
    config = schemathesis.Config.from_dict(
        {
            "seed": 20261122,
            "base-url": address,
            "continue-on-failure": True,
            "checks": {
                "positive_data_acceptance": {"expected-statuses": SEMANTIC},
                "negative_data_rejection": {"expected-statuses": REFUSALS},
                "not_a_server_error": {"expected-statuses": ["2xx", "3xx", "4xx", "503"]},
            },
            "generation": {"max-examples": EXAMPLES, "deterministic": True, "database": "none", "no-shrink": True},
            "phases": {"stateful": {"enabled": False}},
            "auth": {"openapi": {kind: {"bearer": token} for kind, token in tokens.items()}},
        }
    )
    found = schemathesis.openapi.from_dict(group(open_house, GROUPS[request.param]), config=config)
    _hook(found, values)
    yield found
    open_house.to_monday()


def _hook(schema: Any, values: dict[str, list[str]]) -> None:
    """Every second valid path names something real."""

    @schema.hook
    def map_path_parameters(_context: Any, path_parameters: dict[str, Any] | None) -> dict[str, Any] | None:
        for name, value in (path_parameters or {}).items():
            choice = zlib.crc32(repr(value).encode())
            plain = isinstance(value, str) and (not name.endswith("_id") or ids.PATTERN.fullmatch(value))
            if plain and name in values and choice % 2:
                path_parameters[name] = values[name][choice // 2 % len(values[name])]
        return path_parameters


def test_every_operation_answers_as_the_document_says(schema: Any) -> None:
    failures: dict[str, str] = {}
    statuses: dict[str, set[int]] = {}
    for event in from_schema(schema).execute():
        if isinstance(event, events.NonFatalError | events.FatalError):
            failures[type(event).__name__] = str(getattr(event, "value", event))
        if isinstance(event, events.ScenarioFinished):
            recorder = event.recorder
            found = {i.response.status_code for i in recorder.interactions.values() if i.response is not None}
            statuses.setdefault(recorder.label, set()).update(found)
            failures.update(failed(recorder))
    assert not failures, "\n\n".join(f"{what}\n{how[:700]}" for what, how in failures.items())
    assert len(statuses) == schema.statistic.operations.total
    assert not [label for label, found in statuses.items() if found <= {401, 405}], "nobody came in"


def failed(recorder: ScenarioRecorder) -> dict[str, str]:
    """What each failed check of one operation says, and the call that shows it."""
    checks = [check for checks in recorder.checks.values() for check in checks if check.failure_info is not None]
    return {
        f"{recorder.label}: {check.name}: {check.failure_info.failure.title}": (
            f"{check.failure_info.failure.message}\n{check.failure_info.code_sample}"
        )
        for check in checks
    }


def test_document_declares_problem_details_and_sign_in_for_every_operation(house: House) -> None:
    document: dict[str, Any] = house.app.test_client().get(DOCUMENT).json or {}
    problems = document["components"]["responses"]["Problem"]["content"]
    assert list(problems) == ["application/problem+json"]
    schemes = set(document["components"]["securitySchemes"])
    assert schemes == {"resident", "resident_cookie", "staff", "staff_cookie"}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if method != "parameters":
                assert operation["responses"]["default"] == {"$ref": "#/components/responses/Problem"}, (method, path)
                assert operation["summary"], (method, path)
                assert {kind for scheme in operation["security"] for kind in scheme} <= schemes


def test_document_asks_for_a_sign_in_exactly_where_the_app_does(house: House) -> None:
    document: dict[str, Any] = house.app.test_client().get(DOCUMENT).json or {}
    client = house.app.test_client()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if method != "parameters":
                ids_of = "0" * (32 if "/tips" in path else 13)
                address = re.sub(r"\{(year|version|number)\}", "1", re.sub(r"\{\w+_id\}", ids_of, path))
                status = client.open(re.sub(r"\{\w+\}", "x", address), method=method.upper()).status_code
                assert (status == 401) == bool(operation["security"]) or path.endswith("/logout"), (method, path)


@pytest.mark.parametrize("method", ["TRACE", "PUT", "DELETE", "PROPFIND"])
@pytest.mark.parametrize("path", ["/auth/sms", "/service-items", "/service-items/migrant-proof", "/progress"])
def test_wrong_method_is_405_with_what_is_allowed(house: House, method: str, path: str) -> None:
    answer = house.visitor().call(method, path)
    assert problem(answer) == (405, "method_not_allowed")
    allowed = {name.strip() for name in answer.headers["Allow"].split(",")}
    assert method not in allowed
    assert allowed & {"GET", "POST"}

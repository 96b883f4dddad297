"""Certificates and verification over HTTP."""

from __future__ import annotations

import json
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import KeySet

from backend import cli
from backend.app import create_app
from backend.certificates import rendering, service
from backend.certificates.policy import VALID
from backend.kernel.ids import new_id
from config.settings import Settings
from tests import issued
from tests.api.desk import OTHER, Desk, problem


@pytest.fixture
def me(settings: Settings) -> Desk:
    desk = Desk(create_app(settings))
    desk.sign_in()
    return desk


def own_certificate(desk: Desk) -> Any:
    """A certificate issued to the signed-in resident."""
    at = desk.runtime
    issued.people(at.db, at.vault)
    resident = holder_id(desk)
    seal_key = issued.key_of(at.db, resident)
    return issued.issue(
        at.db,
        at.vault,
        resident_id=resident,
        seal=at.vault.person(seal_key, resident),
        application_id=new_id(at.clock()),
    )


def holder_id(desk: Desk) -> int:
    return issued.resident_of(desk.runtime.db, desk.runtime.vault, "13800000021")


def render(desk: Desk, row: Any) -> None:
    at = desk.runtime
    rendering.render_certificate(
        at.db, at.vault, at.storage, at.seal, certificate_id=row.id, base_url=at.settings.base_url, now=at.clock()
    )


def test_certificate_is_listed_and_read_with_its_token(me: Desk) -> None:
    row = own_certificate(me)
    listed = me.call("GET", "/certificates").json or {}
    assert [item["number"] for item in listed["items"]] == [row.number]
    one = me.call("GET", f"/certificates/{row.number}").json or {}
    assert (one["token"], one["status"], one["status_label"]) == (row.token, VALID, "有效")


def test_certificate_files_are_503_until_rendered_then_served(me: Desk) -> None:
    row = own_certificate(me)
    answer = me.call("GET", f"/certificates/{row.number}.pdf")
    assert (*problem(answer), answer.headers["Retry-After"]) == (503, "rendering", "2")
    render(me, row)
    pdf, png = (me.call("GET", f"/certificates/{row.number}.{kind}") for kind in ("pdf", "png"))
    assert (pdf.mimetype, pdf.data[:5]) == ("application/pdf", b"%PDF-")
    assert (png.mimetype, png.data[:4]) == ("image/png", b"\x89PNG")
    assert pdf.headers["Content-Disposition"] == f'attachment; filename="{row.number}.pdf"'
    assert pdf.headers["X-Content-Type-Options"] == "nosniff"


def test_certificate_of_another_person_does_not_exist(me: Desk) -> None:
    row = own_certificate(me)
    render(me, row)
    stranger = Desk(me.app)
    stranger.sign_in(OTHER)
    for path in (row.number, f"{row.number}.pdf", f"{row.number}.png", "HY-0-0-0", "x" * 300, "１"):
        assert problem(stranger.call("GET", f"/certificates/{path}"))[0] == 404
    assert (stranger.call("GET", "/certificates").json or {})["items"] == []
    assert problem(Desk(me.app).call("GET", "/certificates"))[0] == 401


def test_verification_needs_no_login_and_shows_no_name(me: Desk) -> None:
    row = own_certificate(me)
    answer = Desk(me.app).call("POST", "/verifications", {"token": row.token})
    seen = answer.json or {}
    assert seen["status"] == "valid"
    assert set(seen["certificate"]) >= {"number", "type", "holder_masked", "issued_on", "expires_on", "issuer"}
    assert "receipt" not in seen
    assert issued.NAME not in answer.get_data(as_text=True)


@pytest.mark.parametrize("token", ["", "x", "1" * 3000, "证", "..", "https://example.com/v/a.b.c", "a\u202eb"])
def test_verification_of_any_other_text_is_unknown(me: Desk, token: str) -> None:
    answer = me.call("POST", "/verifications", {"token": token})
    assert (answer.status_code, (answer.json or {})["status"]) == (200, "unknown")


@pytest.mark.parametrize("body", [{}, {"number": "HY-1"}, {"code": "x"}, {"token": 7}, {"token": None}, [], {"x": "y"}])
def test_verification_without_a_question_is_422(me: Desk, body: Any) -> None:
    assert problem(me.call("POST", "/verifications", body))[0] == 422


def test_verification_by_number_and_wrong_code_is_unknown(me: Desk) -> None:
    row = own_certificate(me)
    answer = me.call("POST", "/verifications", {"number": row.number, "code": "AAAAAAAA"})
    assert (answer.status_code, answer.json) == (200, {"status": "unknown", "status_label": "不是本系统的证件或回执"})


def test_well_known_keys_verify_the_list_of_the_revoked(me: Desk) -> None:
    empty = me.client.get("/.well-known/revocations.jwt")
    assert empty.status_code == 200
    row = own_certificate(me)
    at = me.runtime
    at.db.transact(service.revoke_for, application_id=row.application_id, reason="reopened", now=at.clock())
    keys = KeySet.import_key_set(json.loads(me.client.get("/.well-known/jwks.json").data))
    answer = me.client.get("/.well-known/revocations.jwt")
    seen = json.loads(jws.deserialize_compact(answer.get_data(as_text=True), keys, algorithms=["EdDSA"]).payload)
    assert [item["number"] for item in seen["revoked"]] == [row.number]


def test_well_known_answers_are_cacheable(me: Desk) -> None:
    own_certificate(me)
    for path in ("/.well-known/jwks.json", "/.well-known/revocations.jwt"):
        first = me.client.get(path)
        assert first.headers["Cache-Control"].startswith("public, max-age=")
        again = me.client.get(path, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")


def test_keys_command_rotates_lists_and_checks(me: Desk) -> None:
    own_certificate(me)
    cli.register(me.app)
    run = me.app.test_cli_runner().invoke
    assert "signs from now on" in run(args=["keys", "rotate"]).output
    listed = run(args=["keys", "list"]).output.splitlines()
    assert sorted(("in use" in line, "retired" in line) for line in listed) == [(False, True), (True, False)]
    checked = run(args=["keys", "check"])
    assert (checked.exit_code, checked.output) == (0, "2 keys are sound\n")


def test_a_certificate_far_from_its_end_is_not_renewed_and_somebody_elses_never(me: Desk) -> None:
    row = own_certificate(me)
    assert (me.call("GET", f"/certificates/{row.number}").json or {})["allowed_actions"] == []
    assert problem(me.call("POST", f"/certificates/{row.number}/renewal")) == (409, "not_renewable")
    assert problem(me.call("POST", "/certificates/HY-000000-2026-000001/renewal"))[0] == 404

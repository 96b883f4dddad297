"""What anyone learns from a token, an address or a printed code, and the signed list of the revoked."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import date, datetime, timedelta

import pytest
from joserfc import jws
from joserfc.jwk import KeySet

from backend.certificates import keys, queries, revocations, service, tokens
from backend.certificates.queries import Verification
from backend.db import Database
from backend.kernel import base64url
from backend.kernel.crypto import Vault, place
from backend.models.certificate import Certificate
from tests import issued
from tests.clock import MONDAY
from tests.issued import BASE_URL, CASE


@pytest.fixture(params=["sqlite_database", "database"])
def db(request: pytest.FixtureRequest, vault: Vault) -> Database:
    found: Database = request.getfixturevalue(request.param)
    issued.people(found, vault)
    return found


def verify(db: Database, token: str, now: datetime = MONDAY) -> Verification:
    with db.reading() as session:
        return queries.verify(session, token=token, base_url=BASE_URL, now=now)


def printed_code(db: Database, vault: Vault, row: Certificate) -> str:
    facts = issued.request(db, vault).seal.open_text(row.facts, place("certificate", "facts", row.id))
    return str(json.loads(facts)["code"])


def by_code(db: Database, vault: Vault, number: str, code: str, now: datetime = MONDAY) -> str:
    return db.transact(service.verify_code, vault, number=number, code=code, now=now).status


def test_verification_of_a_certificate_shows_the_masked_holder_only(db: Database, vault: Vault) -> None:
    seen = verify(db, issued.issue(db, vault).token)
    assert seen.status == "valid"
    assert seen.certificate
    assert seen.certificate.holder_masked == "王*"
    assert issued.NAME not in str(asdict(seen))


def test_verification_of_a_receipt_shows_no_person(db: Database, vault: Vault) -> None:
    seen = verify(db, issued.receipt(db, vault).token)
    assert seen.certificate is None
    assert seen.receipt
    assert seen.receipt.submitted_on == date(2026, 11, 23)


def test_verification_after_the_last_day_is_expired(db: Database, vault: Vault) -> None:
    token = issued.issue(db, vault).token
    last_minute = datetime.fromisoformat("2027-11-23T23:59:00+08:00")
    assert verify(db, token, last_minute).status == "valid"
    assert verify(db, token, last_minute + timedelta(minutes=1)).status == "expired"


def test_verification_of_a_revoked_certificate_says_so_even_when_expired(db: Database, vault: Vault) -> None:
    token = issued.issue(db, vault).token
    db.transact(service.revoke_for, application_id=CASE, reason="reopened", now=MONDAY)
    assert verify(db, token).status == "revoked"
    assert verify(db, token, MONDAY + timedelta(days=900)).status == "revoked"


@pytest.mark.parametrize(
    "address",
    [
        f"{BASE_URL}/v/%s",
        f"  {BASE_URL}/v/%s\n",
        "HTTP://127.0.0.1:8000/v/%s",
        f"{BASE_URL}/v/%s?from=singlemessage",
        "%s",
    ],
)
def test_verification_takes_our_own_address(db: Database, vault: Vault, address: str) -> None:
    assert verify(db, address % issued.issue(db, vault).token).status == "valid"


@pytest.mark.parametrize(
    "address",
    [
        "https://example.com/v/%s",
        "http://127.0.0.1:8000.example.com/v/%s",
        f"{BASE_URL}@example.com/v/%s",
        f"{BASE_URL}/w/%s",
        "//127.0.0.1:8000/v/%s",
        "http://[/v/%s",
        "x%s",
        "%sx",
        "1" * 3000 + "%s",
    ],
)
def test_verification_of_another_address_is_unknown(db: Database, vault: Vault, address: str) -> None:
    assert verify(db, address % issued.issue(db, vault).token).status == "unknown"


def test_verification_of_a_token_that_is_not_the_stored_one_is_unknown(db: Database, vault: Vault) -> None:
    row = issued.issue(db, vault)
    signer = db.transact(keys.current, vault, now=MONDAY)
    body = {"iss": "yangguang", "iat": 1, "jti": row.number, "type": row.type, "holder": "李*"}
    assert verify(db, tokens.sign(body, kid=signer.kid, key=signer.key)).status == "unknown"


def test_verification_by_code_accepts_spaces_and_small_letters(db: Database, vault: Vault) -> None:
    row = issued.issue(db, vault)
    code = printed_code(db, vault, row)
    assert by_code(db, vault, row.number, code) == "valid"
    assert by_code(db, vault, f" {row.number.lower()} ", f"{code[:4]} {code[4:]}".lower()) == "valid"
    assert by_code(db, vault, "HY-370402-2026-999999", code) == "unknown"


def test_verification_by_code_ends_after_ten_wrong_ones_until_tomorrow(db: Database, vault: Vault) -> None:
    row = issued.issue(db, vault)
    code = printed_code(db, vault, row)
    for _ in range(9):
        assert by_code(db, vault, row.number, "AAAAAAAA") == "unknown"
    assert by_code(db, vault, row.number, code) == "valid"  # a right one costs nothing
    assert by_code(db, vault, row.number, "AAAAAAAA") == "unknown"
    assert by_code(db, vault, row.number, code) == "unknown"
    assert by_code(db, vault, row.number, code, MONDAY + timedelta(days=1)) == "valid"


def test_verification_by_code_counts_tries_that_come_at_once(db: Database, vault: Vault) -> None:
    row = issued.issue(db, vault)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: by_code(db, vault, row.number, "AAAAAAAA"), range(24)))
    with db.reading() as session:
        assert session.get_one(Certificate, row.id).code_tries == service.TRIES_PER_DAY


def revoked_list(db: Database, vault: Vault, now: datetime) -> str:
    with db.reading() as session:
        return revocations.signed(session, vault, issuer="yangguang", now=now) or ""


def test_revocation_list_names_what_is_revoked_and_is_signed(db: Database, vault: Vault) -> None:
    row = issued.issue(db, vault)
    db.transact(service.revoke_for, application_id=CASE, reason="reopened", now=MONDAY)
    with db.reading() as session:
        trusted = KeySet.import_key_set(keys.jwks(session))
    seen = json.loads(jws.deserialize_compact(revoked_list(db, vault, MONDAY), trusted, algorithms=["EdDSA"]).payload)
    assert seen["revoked"] == [{"number": row.number, "revoked_at": int(MONDAY.timestamp())}]
    assert seen["iat"] < seen["next_update"] < seen["exp"]
    assert verify(db, revoked_list(db, vault, MONDAY)).status == "unknown"


def test_revocation_list_is_the_same_for_ten_minutes_and_drops_the_expired(db: Database, vault: Vault) -> None:
    assert revoked_list(db, vault, MONDAY) == ""
    issued.issue(db, vault)
    db.transact(service.revoke_for, application_id=CASE, reason="reopened", now=MONDAY)
    assert revoked_list(db, vault, MONDAY) == revoked_list(db, vault, MONDAY + timedelta(minutes=9))
    assert revoked_list(db, vault, MONDAY) != revoked_list(db, vault, MONDAY + timedelta(minutes=11))
    later = revoked_list(db, vault, MONDAY + timedelta(days=400))
    assert json.loads(base64url.decode(later.split(".")[1]))["revoked"] == []

"""Issuing, revoking, numbering and keys, on both engines."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from backend.certificates import keys, policy, queries, service
from backend.db import Database
from backend.kernel.crypto import Vault, place
from backend.kernel.errors import NotFound, Unavailable
from backend.models.certificate import Certificate, Receipt, SigningKey
from backend.models.outbox import Outbox
from tests import issued
from tests.clock import MONDAY
from tests.issued import CASE, HOLDER, STRANGER


@pytest.fixture(params=["sqlite_database", "database"])
def db(request: pytest.FixtureRequest, vault: Vault) -> Database:
    found: Database = request.getfixturevalue(request.param)
    issued.people(found, vault)
    return found


def test_certificate_number_counts_from_one_in_its_series(db: Database, vault: Vault) -> None:
    numbers = [issued.issue(db, vault, decision=n).number for n in (1, 2)]
    assert numbers == ["HY-370402-2026-000001", "HY-370402-2026-000002"]
    later = issued.issue(db, vault, decision=3, now=MONDAY + timedelta(days=60))
    assert later.number == "HY-370402-2027-000001"


def test_certificate_of_one_decision_is_issued_once(db: Database, vault: Vault) -> None:
    assert issued.issue(db, vault).number == issued.issue(db, vault).number
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Outbox)) == 1


def test_certificate_numbers_under_eight_threads_have_no_gap_and_no_duplicate(db: Database, vault: Vault) -> None:
    wanted = [issued.request(db, vault, application_id=1000 + n // 2) for n in range(48)]  # each one asked for twice
    with ThreadPoolExecutor(8) as threads:
        numbers = list(threads.map(lambda one: db.transact(service.issue, vault, request=one, now=MONDAY), wanted))
    assert sorted(set(numbers)) == [f"HY-370402-2026-{n:06d}" for n in range(1, 25)]
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(SigningKey)) == 1


def test_certificate_row_holds_no_name_in_the_clear(db: Database, vault: Vault) -> None:
    row = issued.issue(db, vault)
    words = " ".join(str(value) for value in vars(row).values())
    assert issued.NAME not in words
    assert issued.ID_NUMBER not in words
    seal = issued.request(db, vault).seal
    assert issued.NAME in seal.open_text(row.facts, place("certificate", "facts", row.id))


def test_certificate_is_shown_to_its_holder_alone(db: Database, vault: Vault) -> None:
    number = issued.issue(db, vault).number
    with db.reading() as session:
        card = queries.owned(session, number=number, resident_id=HOLDER, now=MONDAY)
        assert (card.status, card.expires_on, card.allowed_actions) == ("valid", date(2027, 11, 23), [])
        assert queries.mine(session, resident_id=STRANGER, now=MONDAY) == ([], None)
        with pytest.raises(NotFound):
            queries.owned(session, number=number, resident_id=STRANGER, now=MONDAY)
        with pytest.raises(Unavailable):
            queries.file_of(session, vault, number=number, resident_id=HOLDER, kind="pdf")


def test_certificates_are_listed_page_by_page(db: Database, vault: Vault) -> None:
    numbers = [issued.issue(db, vault, decision=n, now=MONDAY + timedelta(seconds=n // 2)).number for n in range(5)]
    seen: list[str] = []
    cursor = None
    with db.reading() as session:
        for _ in range(3):
            cards, cursor = queries.mine(session, resident_id=HOLDER, now=MONDAY, limit=2, cursor=cursor)
            seen += [card.number for card in cards]
    assert cursor is None
    assert sorted(seen) == numbers


def test_revoking_a_case_revokes_what_it_issued_and_a_new_approval_issues_anew(db: Database, vault: Vault) -> None:
    first = issued.issue(db, vault)
    assert db.transact(service.revoke_for, application_id=CASE, reason="reopened", now=MONDAY) == 1
    assert db.transact(service.revoke_for, application_id=CASE, reason="reopened", now=MONDAY) == 0
    second = issued.issue(db, vault, decision=12)
    with db.reading() as session:
        cards, _ = queries.mine(session, resident_id=HOLDER, now=MONDAY)
    assert {card.number: card.status for card in cards} == {first.number: "revoked", second.number: "valid"}


def test_certificate_without_validity_is_permanent(db: Database, vault: Vault) -> None:
    row = issued.issue(db, vault, template=replace(issued.TEMPLATE, validity_months=None))
    assert row.expires_on is None


@pytest.mark.parametrize(
    ("first", "months", "last"),
    [
        (date(2026, 11, 23), 12, date(2027, 11, 23)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
    ],
)
def test_validity_ends_on_the_corresponding_day(first: date, months: int, last: date) -> None:
    assert policy.last_day(first, months) == last


def test_receipt_leaves_its_rendering_to_the_outbox(db: Database, vault: Vault) -> None:
    row: Receipt = issued.receipt(db, vault)
    with db.reading() as session:
        work = session.scalars(select(Outbox)).one()
        assert (work.topic, work.subject_id) == (service.RENDER_RECEIPT, row.id)
        assert queries.receipt_token(session, application_id=CASE) == row.token


def test_keys_first_need_in_eight_threads_makes_one(db: Database, vault: Vault) -> None:
    with ThreadPoolExecutor(8) as threads:
        kids = set(threads.map(lambda _: db.transact(keys.current, vault, now=MONDAY).kid, range(8)))
    assert len(kids) == 1


def test_keys_after_rotation_sign_anew_and_keep_the_old_in_the_key_set(db: Database, vault: Vault) -> None:
    old = issued.issue(db, vault)
    kid = db.transact(keys.rotate, vault, now=MONDAY + timedelta(days=1))
    new = issued.issue(db, vault, decision=8)
    assert (new.kid, old.kid != kid) == (kid, True)
    with db.reading() as session:
        assert [key["kid"] for key in keys.jwks(session)["keys"]] == [kid, old.kid]
        assert keys.unusable(session, vault) == []
        for row in (old, new):
            assert queries.verify(session, token=row.token, base_url="", now=MONDAY).status == "valid"


def test_keys_that_do_not_open_are_found(db: Database, vault: Vault) -> None:
    kid = issued.issue(db, vault).kid
    other = Vault({"k1": bytes(32)}, "k1", bytes(32))
    with db.reading() as session:
        assert keys.unusable(session, other) == [kid]


def test_expired_certificate_is_still_listed(db: Database, vault: Vault) -> None:
    row: Certificate = issued.issue(db, vault)
    with db.reading() as session:
        card = queries.owned(session, number=row.number, resident_id=HOLDER, now=MONDAY + timedelta(days=366))
    assert card.status == "expired"

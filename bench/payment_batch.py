"""Preparing a payment batch of 10,000 people against the least that any list costs: two bare INSERT … SELECT."""

from __future__ import annotations

import itertools
import time
from contextlib import closing
from datetime import date, timedelta

import pymysql
from sqlalchemy import insert
from sqlalchemy.orm import Session

from backend.benefits import accounts, batches
from backend.benefits.policy import Account
from backend.kernel import ids
from backend.kernel.crypto import place
from backend.models.benefit import BenefitTerm, Recipient
from backend.models.resident import Resident
from bench import county
from bench.context import Context
from bench.harness import Figure, compare
from bench.statements import connect
from config.settings import Settings
from tests import people
from tests.people import COUNTY, TOWN, VILLAGE, Cast

PEOPLE, ROUNDS, PIECE = 10_000, 5, 1000
ITEM = "family-award"
BEGAN = date(2010, 1, 1)
#: Ids above every real one; the account goes over as it is, sealed for another place: the floor opens nothing.
PAYMENTS = """
INSERT INTO payment (id, reference, recipient_id, county, town, service_item, period, amount_class, fen, batch_id)
SELECT r.id + %(by)s, CONCAT('F', MOD(r.id, 1000000000000), %(by)s), r.id, r.county, r.town, r.service_item,
  %(period)s, t.amount_class, 96000, %(by)s
FROM benefit_recipient r JOIN benefit_term t ON t.recipient_id = r.id
"""
ATTEMPTS = """
INSERT INTO payment_attempt (id, batch_id, payment_id, amount_class, fen, account)
SELECT p.id, p.batch_id, p.id, p.amount_class, p.fen, r.account
FROM payment p JOIN benefit_recipient r ON r.id = p.recipient_id WHERE p.batch_id = %(by)s
"""
TIDY = ("DELETE FROM payment WHERE batch_id = %(by)s", "DELETE FROM payment_attempt WHERE batch_id = %(by)s")


def run(context: Context) -> list[Figure]:
    """Payments frozen a second, with keys opened, accounts compared and sealed anew, checksum and chain."""
    settings, _ = context.installation("bench_payment_batch")
    cast = county.populated(settings)
    cast.publish(people.CONFIG / "catalogue" / f"{ITEM}.toml")
    cast.db.transact(_people, cast)
    years = itertools.count(2011)
    numbers = itertools.count(1)
    figure = compare(
        "payment_batch",
        floor=lambda: _bare(settings, next(numbers)),
        ours=lambda: _ours(cast, next(years)),
        goal="≥ 0.05",
        unit="payments/s",
        rounds=ROUNDS,
    )
    cast.db.dispose()
    return [figure]


def _people(session: Session, cast: Cast) -> None:
    """Residents with a key each, on the list since long ago."""
    now = cast.clock()
    for _ in range(0, PEOPLE, PIECE):
        found = ids.new_ids(cast.clock.advance(timedelta(seconds=1)), PIECE)
        keys = {one: cast.vault.new_person_key(one) for one in found}
        dates = {"created_at": now, "updated_at": now}
        session.execute(insert(Resident), [{"id": one, "key": keys[one], **dates} for one in found])
        session.execute(insert(Recipient), [_recipient(cast, one, keys[one]) | dates for one in found])
        session.execute(insert(BenefitTerm), [_term(one) for one in found])


def _recipient(cast: Cast, one: int, key: str) -> dict[str, object]:
    account = Account("王㐂", "样例银行", f"{one % 10**16:016d}")
    return {
        "id": one,
        "application_id": one,
        "resident_id": one,
        "service_item": ITEM,
        "village": VILLAGE,
        "town": TOWN,
        "county": COUNTY,
        "holder_masked": "王*",
        "helped": False,
        "granted_at": cast.clock(),
        "person_index": f"{one:064d}",
        "amount_class": "standard",
        "account": accounts.sealed(cast.vault.person(key, one), account, place(accounts.TABLE, "account", one)),
        "started_on": BEGAN,
    }


def _term(one: int) -> dict[str, object]:
    return {"id": one, "recipient_id": one, "application_id": one, "amount_class": "standard", "from_on": BEGAN}


def _bare(settings: Settings, number: int) -> float:
    values: dict[str, object] = {"by": number, "period": f"F{number}"}
    with closing(connect(settings.database_url)) as connection:
        started = time.perf_counter()
        _execute(connection, values, PAYMENTS, ATTEMPTS)
        taken = time.perf_counter() - started
        _execute(connection, values, *TIDY)
    return PEOPLE / taken


def _execute(connection: pymysql.connections.Connection, values: dict[str, object], *statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement, values)
    connection.commit()


def _ours(cast: Cast, year: int) -> float:
    cast.clock.advance(timedelta(minutes=1))
    started = time.perf_counter()
    cast.db.transact(
        batches.prepare,
        cast.vault,
        reviewer=cast.reviewers["county"],
        service_item=ITEM,
        period=str(year),
        now=cast.clock(),
    )
    return PEOPLE / (time.perf_counter() - started)

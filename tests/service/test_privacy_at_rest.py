"""What lies in the tables after a whole case: nothing personal in plain, and nothing to open after an erasure."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from backend.accounts import queries
from backend.applications import leaving
from backend.kernel import base64url
from backend.kernel.clock import system_clock
from backend.kernel.crypto import Unreadable
from backend.kernel.errors import NotFound
from backend.models.base import Base
from backend.models.certificate import Certificate, Receipt
from tests import factories
from tests.discretion import personal_numbers
from tests.people import Cast, id_number

#: Of the fixed cast: name, number, mobile, an answer, and what a clerk wrote.
ADDRESS = "玉山镇九号院"
PLAIN = ("王㐂", id_number(7), "13800000007", ADDRESS, "看不清")


def contents(cast: Cast) -> dict[str, str]:
    """Table → everything in it."""
    with cast.db.reading() as session:
        return {
            name: "\n".join(str(tuple(row)) for row in session.execute(select(table)))
            for name, table in Base.metadata.tables.items()
        }


def test_no_table_holds_a_personal_value_in_plain(cast: Cast) -> None:
    draft = factories.draft(cast)
    factories.answer(cast, draft, current_address=ADDRESS)
    factories.submit(cast, draft)
    factories.in_correction(cast)
    factories.issued(cast)
    found = contents(cast)
    assert {name for name, text in found.items() if any(value in text for value in PLAIN)} == set()
    assert {name: personal_numbers(text) for name, text in found.items() if personal_numbers(text)} == {}


def test_no_qr_code_holds_a_number_or_a_full_name(cast: Cast) -> None:
    factories.issued(cast)
    with cast.db.reading() as session:
        codes = [*session.scalars(select(Certificate.token)), *session.scalars(select(Receipt.token))]
    said = [base64url.decode(code.split(".")[1]).decode() for code in codes]
    assert [personal_numbers(text) for text in said] == [[], []]
    assert [value for value in PLAIN for text in said if value in text] == []
    assert {frozenset(json.loads(text)) for text in said} == {
        frozenset({"iss", "iat", "exp", "jti", "type", "holder"}),
        frozenset({"iss", "iat", "jti", "type"}),
    }


def test_after_an_erasure_nothing_opens_any_more(cast: Cast) -> None:
    resident = factories.issued(cast).resident_id
    at = system_clock()
    cast.run(leaving.leave, resident_id=resident, now=cast.clock(), at=at)
    with cast.db.reading() as session:
        with pytest.raises(Unreadable):
            queries.seal_of(session, cast.vault, resident)
        with pytest.raises(NotFound):
            queries.person(session, cast.vault, resident)

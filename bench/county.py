"""A county for the benches: the cast of the tests on a bench's own database, and cases by the million."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

import pymysql
from flask import Flask
from sqlalchemy.orm import Session

from backend.accounts import sessions
from backend.applications import submission
from backend.db import Database
from backend.kernel.clock import system_clock
from backend.kernel.crypto import Vault
from backend.models.application import Application
from backend.web import tokens
from backend.web.context import runtime
from config.settings import Settings
from tests import factories, people
from tests.clock import MovableClock
from tests.people import Cast

CLIENTS = 32
#: Copies of a case, by column; what is not named is copied as it is. ``seq`` counts from 1.
COPY = {
    "id": "application.id + seq",
    "number": "CONCAT('B', LPAD(seq, 9, '0'))",
    "holder_name_index": "SHA2(CONCAT('name', seq), 256)",
    "holder_id_index": "SHA2(seq, 256)",
}


def populated(settings: Settings, *, pool_size: int = CLIENTS) -> Cast:
    """The district, one service item, and a clerk at each level."""
    vault = Vault(settings.secrets.data_keys, settings.secrets.current_kid, settings.secrets.index_key)
    return people.assemble(Database(settings.database_url, pool_size=pool_size), vault, MovableClock())


def copies(
    connection: pymysql.connections.Connection, case: int, number: int, changed: Mapping[str, str], *, after: int = 0
) -> None:
    """Copies of a case in one statement, ``seq`` from ``after`` + 1; ``changed``: SQL by column, on top of ``COPY``.

    The connection is a bare one: the product's own gives up after 10 seconds.
    """
    values = COPY | dict(changed)
    names = [column.name for column in Application.__table__.columns]
    chosen = ", ".join(values.get(name, f"application.{name}") for name in names)
    sequence = f"seq_{after + 1}_to_{after + number}"
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO application ({', '.join(names)}) SELECT {chosen} FROM {sequence} JOIN application "
            f"ON application.id = {case}"
        )
    connection.commit()


def signed_in(cast: Cast, app: Flask, residents: Iterable[int]) -> list[tuple[int, str]]:
    """A new session for each resident: its id, and an access token for it."""
    with app.app_context():
        key = runtime().settings.secrets.session_key
        pairs = [
            cast.db.transact(sessions.begin, key=key, kind="resident", account_id=resident, at=system_clock())
            for resident in residents
        ]
        return [(pair.session.sid, tokens.access(pair.session)) for pair in pairs]


def drafts(cast: Cast, number: int) -> list[tuple[int, int]]:
    """Complete drafts, ready to be handed in: resident and case; five for one person."""
    cases = []
    for place in range(number):
        name, serial = f"李{chr(0x4E00 + place // 5)}", 100 + place // 5
        cast.clock.advance(timedelta(milliseconds=1))  # ids are made of the moment and few random bits
        case = factories.draft(cast, name, serial=serial)
        cases.append((cast.residents[name], case))
    return cases


def submit(cast: Cast, resident: int, case: int, session: Session) -> int:
    """The command as the edge calls it."""
    return submission.submit(
        session,
        vault=cast.vault,
        calendar=cast.calendar,
        purposes=cast.purposes,
        issuer="yangguang",
        resident_id=resident,
        application_id=case,
        expected_version=None,
        now=cast.clock(),
    )


def number_of(session: Session, case: int) -> str:
    """The number a case got when it was handed in."""
    return session.get_one(Application, case).number or ""

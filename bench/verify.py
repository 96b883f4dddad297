"""Verifying a certificate: our answer to a token against one Ed25519 check and one read by primary key."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing

import pymysql
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy.engine import make_url

from backend.certificates import queries
from backend.certificates.keys import PUBLIC_KEYS
from backend.db import Database
from backend.kernel import base64url
from backend.kernel.crypto import Vault
from backend.models.certificate import Certificate
from bench.context import Context
from bench.harness import Figure, compare
from config.settings import Settings
from tests import issued
from tests.clock import MONDAY

CALLS = 2000
READ = (
    "SELECT number, type, title, holder_masked, issued_on, expires_on, issuer, revoked_at, token "
    "FROM certificate WHERE id = %s"
)


def run(context: Context) -> list[Figure]:
    """Checks per second in one thread, on a warm connection on both sides."""
    settings, _ = context.installation("bench_verify")
    db = Database(settings.database_url)
    row = _issued(db, settings)
    with db.reading() as session:
        key = PUBLIC_KEYS.find(session, row.kid)
    if key is None:
        raise SystemExit("the key of a fresh certificate is not there")
    with closing(_connect(settings.database_url)) as connection:
        return [
            compare(
                "verify",
                floor=lambda: _rate(lambda: _floor(connection, key, row)),
                ours=lambda: _rate(lambda: _ours(db, row.token)),
                goal="≥ 0.6",
                unit="checks/s",
            )
        ]


def _issued(db: Database, settings: Settings) -> Certificate:
    vault = Vault(settings.secrets.data_keys, settings.secrets.current_kid, settings.secrets.index_key)
    issued.people(db, vault)
    return issued.issue(db, vault)


def _connect(address: str) -> pymysql.connections.Connection:
    url = make_url(address)
    return pymysql.connect(
        host=url.host or "127.0.0.1",
        port=url.port or 3306,
        user=url.username,
        password=url.password or "",
        database=url.database,
        unix_socket=url.query.get("unix_socket"),
        charset="utf8mb4",
        ssl_disabled=True,
        autocommit=True,
    )


def _ours(db: Database, token: str) -> None:
    with db.reading() as session:
        found = queries.verify(session, token=token, base_url=issued.BASE_URL, now=MONDAY)
    if found.status != "valid":
        raise SystemExit(found.status)


def _floor(connection: pymysql.connections.Connection, key: Ed25519PublicKey, row: Certificate) -> None:
    signed, _, signature = row.token.rpartition(".")
    key.verify(base64url.decode(signature), signed.encode())
    with connection.cursor() as cursor:
        cursor.execute(READ, (row.id,))
        cursor.fetchone()


def _rate(call: Callable[[], None]) -> float:
    started = time.perf_counter()
    for _ in range(CALLS):
        call()
    return CALLS / (time.perf_counter() - started)

"""Tokens: only our own, unexpired, of the right type."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from flask import Flask
from hypothesis import given, strategies as st

from backend.accounts import policy, tokens
from backend.accounts.tokens import Handle
from backend.kernel.errors import Unauthenticated
from backend.web import tokens as access
from config.consents import load_consents

KEY = b"k" * 32
HANDLE = Handle(sid=12345, kind="resident", account_id=67890, generation=3)
CLAIMS = {"sub": "0000000000001", "sid": "0000000000001", "kind": "resident", "type": "access"}


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture(autouse=True)
def app() -> Iterator[Flask]:
    """An app that knows the key and nothing else."""
    app = Flask(__name__)
    access.install(app, KEY)
    with app.app_context():
        yield app


def test_access_token_says_whose_session_it_is() -> None:
    claims = access.read(access.access(HANDLE))
    assert (claims.sid, claims.kind, claims.account_id) == (12345, "resident", 67890)


def test_access_token_ends_after_15_minutes() -> None:
    claims = jwt.decode(access.access(HANDLE), KEY, algorithms=["HS256"])
    assert claims["exp"] - claims["iat"] == 15 * 60
    with pytest.raises(Unauthenticated):
        access.read(signed(exp=now() - timedelta(seconds=1)))


def signed(key: bytes = KEY, algorithm: str = "HS256", headers: dict[str, str] | None = None, **changed: object) -> str:
    claims = {**CLAIMS, "iat": now(), "exp": now() + timedelta(minutes=5), **changed}
    return jwt.encode({k: v for k, v in claims.items() if v is not None}, key, algorithm, headers=headers)


def public_key() -> bytes:
    return ed25519.Ed25519PrivateKey.generate().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def unsigned() -> str:
    parts = ({"alg": "none", "typ": "JWT"}, {**CLAIMS, "iat": 0, "exp": 9999999999})
    return ".".join(base64.urlsafe_b64encode(json.dumps(p).encode()).rstrip(b"=").decode() for p in parts) + "."


@pytest.mark.parametrize(
    "token",
    [
        unsigned(),
        signed(b"x" * 32),
        signed(public_key()),
        signed(b"k" * 64, "HS512"),
        signed(b"k" * 32, "HS384"),
        signed(type="refresh"),
        signed(kind="admin"),
        signed(sid=1),
        signed(sid="x"),
        signed(sub="not-an-id"),
        signed(sid=None),
        signed(iat=datetime(2099, 1, 1, tzinfo=UTC)),
        "",
        "a.b.c",
        "…",
        "\ud800",
    ],
)
def test_access_token_of_another_making_is_refused(token: str) -> None:
    with pytest.raises(Unauthenticated):
        access.read(token)


def test_refresh_token_is_the_same_for_the_same_generation() -> None:
    token = tokens.make_refresh(KEY, HANDLE)
    assert token == tokens.make_refresh(KEY, HANDLE)
    assert tokens.read_refresh(KEY, token) == (12345, 3)
    with pytest.raises(Unauthenticated):
        tokens.read_refresh(b"x" * 32, token)


def test_refresh_and_access_token_cannot_stand_in_for_each_other() -> None:
    with pytest.raises(Unauthenticated):
        tokens.read_refresh(KEY, access.access(HANDLE))
    with pytest.raises(Unauthenticated):
        access.read(tokens.make_refresh(KEY, HANDLE))


@given(st.text(), st.integers(0, 60))
def test_refresh_token_with_any_change_is_refused(inserted: str, position: int) -> None:
    token = tokens.make_refresh(KEY, HANDLE)
    changed = token[:position] + inserted + token[position + 1 :]
    if changed != token:
        with pytest.raises(Unauthenticated):
            tokens.read_refresh(KEY, changed)


def test_delay_grows_to_a_second() -> None:
    assert [policy.delay(n) for n in range(7)] == [0.0, 0.1, 0.2, 0.4, 0.8, 1.0, 1.0]


def test_consents_are_complete_in_both_languages() -> None:
    purposes = load_consents()
    assert purposes
    assert all(set(p.text) == {"zh", "en"} for p in purposes.values())


@pytest.mark.parametrize(
    "text", ['[a]\nversion="1"', '[identity]\nversion="1"\nzh=""\nen="x"', '[A]\nversion="1"\nzh="x"\nen="x"']
)
def test_consents_that_are_not_complete_stop_the_start(tmp_path: Path, text: str) -> None:
    file = tmp_path / "consents.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"consents\.toml"):
        load_consents(file)

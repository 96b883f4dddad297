"""Passwords of staff (argon2id) and their second factor (TOTP, RFC 6238)."""

from __future__ import annotations

import hmac
from datetime import datetime
from functools import cache

import argon2
import pyotp
from argon2.exceptions import InvalidHashError, VerificationError

from backend.kernel.errors import Invalid, Wrong
from backend.kernel.i18n import N_

LONGEST = 128
SHORTEST = 10
_STEP = 30
_HASHER = argon2.PasswordHasher()


def check_length(password: str) -> None:
    """``Invalid`` before any hashing: a megabyte of password must not cost a megabyte of work."""
    if len(password) > LONGEST:
        raise Invalid(
            "invalid_input",
            N_("有 %(n)s 处要改", n=1),
            errors={"password": [N_("密码最多 %(most)d 个字", most=LONGEST)]},
        )


def check_new(password: str) -> None:
    """``Wrong`` for a new password that is too short or too long."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise Wrong(N_("密码要 %(least)d 到 %(most)d 个字", least=SHORTEST, most=LONGEST))


def make_hash(password: str) -> str:
    return _HASHER.hash(_bytes(password))


def matches(hashed: str | None, password: str) -> bool:
    """Whether the password is right; for an unknown name (``None``) always wrong, in the same time."""
    stand_in = _dummy()  # made before the branch: the first unknown name of a process must not take longer
    try:
        return _HASHER.verify(hashed or stand_in, _bytes(password)) and hashed is not None
    except (VerificationError, InvalidHashError):
        return False


def matching_step(secret: str, code: str, at: datetime) -> int | None:
    """The 30-second step (of the last, this and the next) whose code this is; ``None`` when wrong."""
    now = int(at.timestamp()) // _STEP
    totp = pyotp.TOTP(secret)
    for step in (now, now - 1, now + 1):
        if hmac.compare_digest(totp.at(step * _STEP).encode(), code.encode()):
            return step
    return None


def new_secret() -> str:
    """A fresh TOTP secret (base32, 160 bits)."""
    return pyotp.random_base32()


def enrolment_url(secret: str, username: str, issuer: str) -> str:
    """What an authenticator app scans: ``otpauth://totp/…``."""
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=issuer)


@cache
def _dummy() -> str:
    return make_hash("no one has this password")


def _bytes(password: str) -> bytes:
    # A lone surrogate in a password is simply wrong, not an error.
    return password.encode("utf-8", "surrogatepass")

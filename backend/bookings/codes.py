"""The check-in code: a signed token in a QR code, and eight letters that can be read out.

The token is a compact JWS like those of certificates (``certificates.tokens``), type ``booking``; its number is
``<code>-<sequence>``, so that the code of an earlier time can be told from the present one. No name is in it.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from backend.certificates import keys, tokens
from backend.kernel import ids
from backend.kernel.crypto import Vault
from backend.kernel.errors import Conflict
from backend.kernel.i18n import N_
from backend.models.booking import Booking

TYPE = "booking"
#: Letters of a code that is read out.
LENGTH = 8
#: A code can still be told to be an old one for so long.
LIFE = timedelta(days=30)


def sign(session: Session, vault: Vault, row: Booking, *, issuer: str, now: datetime) -> str:
    """The token for the booking as it stands."""
    signer = keys.current(session, vault, now=now)
    claims = tokens.Claims(
        issuer=issuer,
        issued_at=int(now.timestamp()),
        number=f"{row.code}-{row.sequence}",
        type=TYPE,
        expires_at=int((row.ends_at + LIFE).timestamp()),
    )
    return tokens.write(claims, kid=signer.kid, key=signer.key)


@dataclass(frozen=True, slots=True)
class Scanned:
    """What was scanned or read out; ``sequence``: the age of a scanned code, ``None`` of one that was read out."""

    code: str
    sequence: int | None = None


def scanned(session: Session, text: str, *, base_url: str) -> Scanned:
    """What a QR code says: the bare token, or an address of ours that ends with it.

    Errors: 409 ``not_a_booking`` for other codes of ours, ``unknown_code`` for everything that we did not sign.
    """
    bare = _bare(text, base_url)
    claims = tokens.read(bare, lambda kid: keys.PUBLIC_KEYS.find(session, kid)) if bare else None
    if claims is None:
        raise unknown()
    code, _, sequence = claims.number.rpartition("-")
    if claims.type != TYPE or not sequence.isdecimal():
        raise Conflict("not_a_booking", N_("这是证件或回执上的码，不是预约的签到码；请本人打开手机上的预约再扫"))
    return Scanned(code, int(sequence))


def spoken(code: str) -> str:
    """The letters in two groups, as they are written and read out."""
    return f"{code[: LENGTH // 2]} {code[LENGTH // 2 :]}"


def typed(text: str) -> Scanned:
    """Eight letters that were read out, in any case and with any gaps; 409 ``unknown_code`` for anything else."""
    code = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", text)).upper()
    if len(code) != LENGTH or not set(code) <= set(ids.TYPED):
        raise unknown()
    return Scanned(code)


def unknown() -> Conflict:
    return Conflict("unknown_code", N_("没有这个签到码；请本人打开手机上的预约再扫一次，或者对照着再输一遍 8 位码"))


def _bare(text: str, base_url: str) -> str:
    """The last part of an address of ours, or the text itself; "" for the address of anybody else."""
    text = text.strip()
    if "/" not in text:
        return text
    try:
        parts, ours = urlsplit(text), urlsplit(base_url)
    except ValueError:
        return ""
    same = parts.scheme.lower() == ours.scheme and parts.netloc.lower() == ours.netloc.lower()
    return re.split(r"[/=#]", text)[-1] if same else ""

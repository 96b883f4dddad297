"""The check-in code: a signed token in a QR code, and eight letters that can be read out.

The token is a compact JWS like those of certificates (``certificates.tokens``), type ``booking``; its number is
``<code>-<sequence>``, so that the code of an earlier time can be told from the present one. No name is in it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from backend.certificates import keys, tokens
from backend.kernel.crypto import Vault
from backend.models.booking import Booking

TYPE = "booking"
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

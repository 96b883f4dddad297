"""How long a text message is: a Chinese one is UCS-2, 70 characters alone and 67 in each of several parts.

Source: 3GPP TS 23.038 and 23.040 (a part of several carries a header of 6 octets); the sign counts too.
"""

from __future__ import annotations

#: The sign of an installation that has not set its own (SMS_SIGN).
SIGN = "阳光办"
ALONE, EACH = 70, 67


def signed(text: str, sign: str = SIGN) -> str:
    """The text as it arrives; without a sign as it is."""
    return f"【{sign}】{text}" if sign else text


def characters(text: str) -> int:
    """UTF-16 code units: a character beyond the basic plane counts twice."""
    return len(text.encode("utf-16-le")) // 2


def parts(text: str, sign: str = SIGN) -> int:
    """How many parts are paid for."""
    length = characters(signed(text, sign))
    return 1 if length <= ALONE else -(-length // EACH)

"""Proof of work: a small sum that a phone solves instead of logging in (ALTCHA v1), and what shows that it was solved.

A challenge says ``sha256(salt + number)`` and who finds the number has worked. It is signed with the key of its day and
kept nowhere. Its salt names the end of the next day in China, the same for all of a day, so that it tells no time.
How much work a challenge stands for (its level) is in the key that signed it: nobody passes off a light one as a heavy
one. A used answer is kept as a keyed hash under the key of its day, until that key is destroyed.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from backend.kernel.clock import SHANGHAI
from backend.kernel.errors import Forbidden
from backend.kernel.i18n import N_

ALGORITHM = "SHA-256"
#: Numbers to try at most on a quiet day: 0.8 s of an old phone in plain JavaScript (Chromium, six times throttled).
BASE = 100_000
DayKey = Callable[[date], bytes | None]
#: How many times heavier a challenge can be than a quiet day's.
LEVELS = (1, 2, 5, 10, 20)
#: Characters of an answer; a right one has about 330.
LONGEST = 1024
_FIELDS = {"algorithm": str, "challenge": str, "number": int, "salt": str, "signature": str}
# The sign at the end keeps a digit of the number from being read as one of the moment.
_SALT = re.compile(r"[0-9a-f]{24}\?expires=([0-9]{10})&", re.ASCII)


@dataclass(frozen=True, slots=True)
class Spent:
    """What is kept of a used answer or ticket: ``digest`` (64 hex digits) means nothing without the key of its day.

    ``level``: how heavy the work was, not kept; 0 for a ticket.
    """

    day: date
    digest: str
    level: int = 0


def refused() -> Forbidden:
    """One and the same refusal, whatever is wrong: forged, old, used or no work at all."""
    return Forbidden("work_refused", N_("这次验证不能用了。请重新做一次验证再提交，刚才的内容没有保存"))


def spent(key: bytes, day: date, kind: str, used: bytes, *, level: int = 0) -> Spent:
    """What is kept of something used under the key of its day."""
    return Spent(day, hmac.digest(part(key, f"{kind} used"), used, "sha256").hex(), level)


def is_enough(worked: int, wanted: int) -> bool:
    """Whether work of a level does where another is wanted: one less too, for who began before it rose."""
    return worked >= LEVELS[max(0, LEVELS.index(wanted) - 1)]


def part(key: bytes, purpose: str) -> bytes:
    """A key (32 bytes) for one purpose out of the key of a day."""
    return hmac.digest(key, purpose.encode(), "sha256")


def signing_key(key: bytes, level: int = 1) -> bytes:
    """The key that signs the challenges of a level, out of the key of the day."""
    return part(key, f"work {level}")


def issue(key: bytes, *, day: date, level: int = 1) -> dict[str, str | int]:
    """A fresh challenge as ALTCHA v1 words it. ``key``: of the day (32 bytes); ``level``: one of ``LEVELS``."""
    maxnumber = BASE * level
    salt = f"{secrets.token_hex(12)}?expires={_end_of_next(day)}&"
    challenge = _challenge(salt, secrets.randbelow(maxnumber + 1))
    return {
        "algorithm": ALGORITHM,
        "challenge": challenge,
        "maxnumber": maxnumber,
        "salt": salt,
        "signature": _sign(key, level, challenge),
    }


def check(altcha: object, *, keys: DayKey, today: date) -> Spent:
    """The answer to a challenge of today or yesterday, to be kept when it is used; else ``work_refused``.

    ``altcha``: the answer as it came, base64 of JSON; ``keys``: the key of a day that still has one.
    """
    answer = _read(altcha)
    day = _day(answer["salt"])
    key = keys(day)
    if key is None or not day <= today <= day + timedelta(days=1):
        raise refused()
    challenge = answer["challenge"]
    if not hmac.compare_digest(_challenge(answer["salt"], answer["number"]), challenge):
        raise refused()
    for level in LEVELS:
        if hmac.compare_digest(_sign(key, level, challenge), answer["signature"]):
            return spent(key, day, "work", challenge.encode(), level=level)
    raise refused()


def _read(altcha: object) -> dict[str, Any]:
    """The five fields in exactly their types, and ASCII (a comparison in constant time asks for that).

    What else a client sends along (ALTCHA's own: ``took``, many ``maxnumber``) is not looked at.
    """
    if not isinstance(altcha, str) or not 0 < len(altcha) <= LONGEST or not altcha.isascii():
        raise refused()
    try:
        found = json.loads(base64.b64decode(altcha, validate=True), object_pairs_hook=_once, parse_constant=_never)
    except (binascii.Error, ValueError, RecursionError):
        raise refused() from None
    if not isinstance(found, dict) or {name: type(found.get(name)) for name in _FIELDS} != _FIELDS:
        raise refused()
    found = {name: found[name] for name in _FIELDS}
    texts = all(value.isascii() for value in found.values() if isinstance(value, str))
    if not texts or found["algorithm"] != ALGORITHM or not 0 <= found["number"] <= BASE * LEVELS[-1]:
        raise refused()
    return found


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """No name twice: two readers could take different ones."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found


def _never(name: str) -> None:
    raise ValueError(name)


def _day(salt: str) -> date:
    """The day a challenge was made: the one before the day at whose end it expires."""
    found = _SALT.fullmatch(salt)
    if found is None:
        raise refused()
    last = datetime.fromtimestamp(int(found[1]), SHANGHAI)
    day = last.date() - timedelta(days=2)
    if _end_of_next(day) != int(found[1]):
        raise refused()
    return day


def _end_of_next(day: date) -> int:
    """The first second after the next day in China (Unix time)."""
    return int(datetime.combine(day + timedelta(days=2), time(), SHANGHAI).timestamp())


def _challenge(salt: str, number: int) -> str:
    return hashlib.sha256(f"{salt}{number}".encode()).hexdigest()


def _sign(key: bytes, level: int, challenge: str) -> str:
    return hmac.new(signing_key(key, level), challenge.encode(), hashlib.sha256).hexdigest()

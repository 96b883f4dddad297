"""Numbers of people in words that strangers write: found, so that they can be refused before anything is kept.

What is looked for: identity numbers of 15 and 18 places, bank accounts, mobile and fixed telephone numbers, in any
width, with spaces, dots or hyphens inside. Dates, amounts and numbers of ours are shorter or hold letters.
"""

from __future__ import annotations

import re
import unicodedata

#: Digits that may be apart by one sign.
_RUN = re.compile(r"(?<![0-9A-Za-z])[0-9](?:[ .\-]?[0-9]){6,}[Xx]?(?![0-9A-Za-z])", re.ASCII)
_DATE = re.compile(r"(?<![0-9])(?:19|20)[0-9]{2}([.\-])[01]?[0-9]\1[0-3]?[0-9](?![0-9])", re.ASCII)
MOBILE, PERSON = 11, 15


def numbers(text: str) -> list[tuple[int, int]]:
    """Where in the text (from, to) something stands that looks like the number of a person."""
    narrow = _DATE.sub(lambda day: "/" * len(day.group()), "".join(_narrow(sign) for sign in text))
    return [match.span() for match in _RUN.finditer(narrow) if _personal(match.group())]


def _narrow(sign: str) -> str:
    """One sign for one sign, so that the places stay those of the text."""
    found = unicodedata.normalize("NFKC", sign)
    return found if len(found) == 1 else " "


def _personal(run: str) -> bool:
    digits = re.sub(r"[^0-9]", "", run)
    if len(digits) >= PERSON:
        return True
    if len(digits) == MOBILE and digits[0] == "1" and digits[1] in "3456789":
        return True
    return digits.startswith("0") and len(digits) in (10, 11, 12)  # an area code

"""Finding personal numbers where none may be: log lines, answers, files, rows."""

from __future__ import annotations

import logging
import re
from datetime import date

#: 18 characters of the form of a resident's ID number; the check digit is compared below.
ID_NUMBER = re.compile(r"(?<![0-9A-Za-z])(\d{6}(?:19|20)\d{9}[0-9Xx])(?![0-9A-Za-z])", re.ASCII)
MOBILE = re.compile(r"(?<![0-9A-Za-z.])1[3-9]\d{9}(?![0-9A-Za-z])", re.ASCII)
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def personal_numbers(text: str) -> list[str]:
    """ID and mobile numbers in a text. Row ids have 18 digits too; the date and check digit tell them apart."""
    ids = [number for number in ID_NUMBER.findall(text) if _is_id_number(number)]
    return ids + MOBILE.findall(text)


def _is_id_number(number: str) -> bool:
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number, WEIGHTS, strict=False))
    return "10X98765432"[total % 11] == number[17].upper()


class LogWatch(logging.Handler):
    """Notes every logger that wrote a personal number, with traceback and arguments as a log file would have them."""

    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.leaks: list[str] = []
        self.setFormatter(logging.Formatter("%(name)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        if personal_numbers(self.format(record)):
            self.leaks.append(f"{record.name}:{record.funcName}:{record.lineno}")

    def take(self) -> list[str]:
        """What was found since the last call."""
        leaks, self.leaks = self.leaks, []
        return leaks

"""Cursors of the list of tips: the day and the id of the last one."""

from __future__ import annotations

import re
from datetime import date

from backend.kernel.errors import Invalid
from backend.kernel.i18n import N_

_CURSOR = re.compile(r"([0-9]{8})([0-9a-f]{32})", re.ASCII)


def make(day: date, tip_id: str) -> str:
    return f"{day:%Y%m%d}{tip_id}"


def read(cursor: str | None) -> tuple[date, str] | None:
    """``Invalid`` for a cursor we did not make."""
    if not cursor:
        return None
    try:
        found = _CURSOR.fullmatch(cursor)
        if found is None:
            raise ValueError(cursor)
        return date(int(found[1][:4]), int(found[1][4:6]), int(found[1][6:])), found[2]
    except ValueError as error:
        raise Invalid("invalid_cursor", N_("翻页的位置不对，请从第一页看起")) from error

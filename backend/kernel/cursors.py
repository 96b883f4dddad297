"""Opaque cursors of keyset lists: the sort values of the last row, base64url of JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from backend.kernel import base64url
from backend.kernel.errors import Invalid
from backend.kernel.i18n import N_


def make(moment: datetime, row: int) -> str:
    """The cursor after a row that sorts by a moment, then by id."""
    stamp = int(moment.timestamp() * 1_000_000)
    return base64url.encode(json.dumps([stamp, row]).encode())


def read(cursor: str | None) -> tuple[datetime, int] | None:
    """Moment and id of the last row seen; ``Invalid`` for a cursor we did not make."""
    if not cursor:
        return None
    try:
        stamp, row = json.loads(base64url.decode(cursor))
        if type(stamp) is not int or type(row) is not int or not 0 <= row < 2**63:
            raise ValueError(cursor)
        return datetime.fromtimestamp(stamp / 1_000_000, UTC), row
    except (ValueError, TypeError, OverflowError, OSError) as error:
        raise Invalid("invalid_cursor", N_("翻页的位置不对，请从第一页看起")) from error

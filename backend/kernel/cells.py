"""Cells of a table that spreadsheets open: no text is taken for a formula, no line is torn."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

#: What a spreadsheet begins a formula with, in any width.
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
#: Without it Excel reads UTF-8 as something else.
MARK = "\ufeff"


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula; everything else as it is."""
    return f"'{cell}" if cell.lstrip(" \u3000").startswith(DANGEROUS) else cell


def as_csv(lines: Iterable[Sequence[str]]) -> bytes:
    """RFC 4180 in UTF-8 with a mark at the beginning."""
    out = io.StringIO()
    csv.writer(out).writerows([harmless(cell) for cell in line] for line in lines)
    return (MARK + out.getvalue()).encode()

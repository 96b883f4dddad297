"""The QR code of a token: the matrix, and a small SVG for pages.

Level M: paper gets folded and stamped, and M repairs 15 % of it; Q would need a quarter more modules,
which old phones cannot tell apart on 40 mm. The mask is fixed: choosing the best of eight takes most of
the time, and a signed token is as good as random under any of them.
"""

from __future__ import annotations

from typing import Any

from qrcode.constants import ERROR_CORRECT_M
from qrcode.main import QRCode
from qrcode.util import MODE_8BIT_BYTE, QRData

#: The quiet zone the standard asks for, in modules.
QUIET = 4
_MASK = 2

#: A horizontal run of dark modules: column, row, length.
Run = tuple[int, int, int]


def matrix(text: str) -> list[list[bool]]:
    """Dark modules without the quiet zone."""
    code: QRCode[Any] = QRCode(error_correction=ERROR_CORRECT_M, mask_pattern=_MASK, border=0)
    code.add_data(QRData(text, mode=MODE_8BIT_BYTE), optimize=0)
    code.make(fit=True)
    return [[bool(dark) for dark in row] for row in code.get_matrix()]


def runs(modules: list[list[bool]]) -> list[Run]:
    """The dark modules as horizontal runs: a third of the shapes."""
    found = []
    for y, row in enumerate(modules):
        start = None
        for x, dark in enumerate([*row, False]):
            if dark and start is None:
                start = x
            elif not dark and start is not None:
                found.append((start, y, x - start))
                start = None
    return found


def svg(text: str) -> str:
    """An SVG that scales to its box; dark on white whatever the page's colours are."""
    modules = matrix(text)
    size = len(modules) + 2 * QUIET
    path = "".join(f"M{x + QUIET} {y + QUIET}h{length}v1h-{length}z" for x, y, length in runs(modules))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{size}v{size}H0z"/><path d="{path}"/></svg>'
    )

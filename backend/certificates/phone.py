"""The picture to keep on a phone: as wide as its screen, so that its QR still reads from a screenshot."""

from __future__ import annotations

import io

import pypdfium2

from backend.certificates.paper import notice, spaced
from backend.certificates.pen import Pen
from backend.certificates.sheet import Sheet

WIDTH = 360.0
MARGIN = 20.0
#: The longest token needs 89 modules: 3.8 pixels each on a screen of 360.
QR_SIDE = 340.0
#: Pixels per point: sharp on a screen of 720, and halved exactly on one of 360.
SCALE = 2


def png(sheet: Sheet) -> bytes:
    """The picture in grey levels, 720 pixels wide, as high as its content."""
    document = pypdfium2.PdfDocument(_pdf(sheet))
    try:
        bitmap = document[0].render(scale=SCALE, grayscale=True)
        file = io.BytesIO()
        bitmap.to_pil().save(file, "PNG", compress_level=6)
    finally:
        document.close()
    return file.getvalue()


def _pdf(sheet: Sheet) -> bytes:
    height = _paint(Pen(WIDTH, 2000, sheet.title), sheet, 2000)
    pen = Pen(WIDTH, height, sheet.title)
    _paint(pen, sheet, height)
    return pen.finish()


def _paint(pen: Pen, sheet: Sheet, top: float) -> float:
    """Everything from the top down; the height it took."""
    y = top - 44
    pen.centred(y, sheet.title, 22, bold=True)
    y -= 22
    pen.centred(y, sheet.number, 13, grey=0.3)
    y -= QR_SIDE + 6
    pen.qr((WIDTH - QR_SIDE) / 2, y, QR_SIDE, sheet.link)
    if sheet.code:
        y -= 10
        pen.centred(y, f"核验码 {spaced(sheet.code)}", 18, bold=True)
    y = _rows(pen, sheet, y - 26)
    for line in (sheet.mark, f"{sheet.office} {sheet.day}", notice(pen.missing) if pen.missing else ""):
        for part in pen.wrap(line, 13, WIDTH - 2 * MARGIN) if line else ():
            pen.centred(y, part, 13)
            y -= 20
    return top - y + 6


def _rows(pen: Pen, sheet: Sheet, y: float) -> float:
    for label, value in sheet.rows:
        pen.text(MARGIN, y, label, 13, grey=0.3)
        for line in pen.wrap(value, 17, WIDTH - 2 * MARGIN - 80):
            pen.text(MARGIN + 80, y, line, 17)
            y -= 26
        pen.rule(MARGIN, y + 17, WIDTH - 2 * MARGIN)
        y -= 6
    return y - 4

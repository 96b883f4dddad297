"""The A4 page: prints in black and white, and a phone reads its QR from the paper."""

from __future__ import annotations

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm

from backend.certificates.pen import Pen
from backend.certificates.sheet import Sheet

LEFT, RIGHT = 28 * mm, A4[0] - 28 * mm
VALUES = LEFT + 32 * mm
TOP = A4[1] - 38 * mm
#: The longest token needs 89 modules: 0.56 mm each here, 3 points of a 150 dpi scan.
QR_SIDE = 50 * mm
QR_BOTTOM = 40 * mm
#: Rows and statement stay above this; what does not fit goes to a page before.
FLOOR = QR_BOTTOM + QR_SIDE + 14 * mm


def pdf(sheet: Sheet) -> bytes:
    """The document as PDF; the same sheet gives the same bytes."""
    pen = Pen(*A4, title=f"{sheet.title} {sheet.number}")
    _frame(pen)
    pen.centred(TOP, sheet.title, 26, bold=True)
    pen.centred(TOP - 9 * mm, f"编号 {sheet.number}", 11, grey=0.3)
    _rows(pen, sheet, _statement(pen, sheet, TOP - 24 * mm))
    _check(pen, sheet)
    _signed(pen, sheet)
    _missing(pen)
    return pen.finish()


def notice(missing: list[str]) -> str:
    """Which characters could not be drawn: the reader must know that a box is not the name."""
    points = "、".join(f"U+{ord(sign):04X}" for sign in dict.fromkeys(missing))
    return f"有 {len(set(missing))} 个字本机字库没有，原字：{points}"


def _frame(pen: Pen) -> None:
    pen.canvas.setStrokeGray(0.25)
    pen.canvas.setLineWidth(1.2)
    pen.canvas.rect(14 * mm, 14 * mm, pen.width - 28 * mm, pen.height - 28 * mm)


def _rows(pen: Pen, sheet: Sheet, y: float) -> None:
    for label, value in sheet.rows:
        y = _room(pen, y)
        pen.text(LEFT, y, label, 11.5, grey=0.3)
        for line in pen.wrap(value, 14, RIGHT - VALUES):
            y = _room(pen, y)
            pen.text(VALUES, y, line, 14)
            y -= 7.5 * mm
        pen.rule(LEFT, y + 4 * mm, RIGHT - LEFT)
        y -= 3 * mm


def _statement(pen: Pen, sheet: Sheet, y: float) -> float:
    for line in pen.wrap(sheet.statement, 12, RIGHT - LEFT):
        y = _room(pen, y)
        pen.text(LEFT, y, line, 12)
        y -= 7 * mm
    return y - 5 * mm


def _room(pen: Pen, y: float) -> float:
    """The same line, or the first one of a new page."""
    if y > FLOOR:
        return y
    pen.page()
    _frame(pen)
    return TOP


def _check(pen: Pen, sheet: Sheet) -> None:
    pen.qr(LEFT - 3 * mm, QR_BOTTOM, QR_SIDE, sheet.link)
    x, y = LEFT + QR_SIDE + 6 * mm, QR_BOTTOM + QR_SIDE - 8 * mm
    pen.text(x, y, "怎样核验", 12, bold=True)
    for line in _how(sheet):
        for part in pen.wrap(line, 10.5, RIGHT - x):
            y -= 6.2 * mm
            pen.text(x, y, part, 10.5)
    if sheet.code:
        pen.text(LEFT, QR_BOTTOM - 6 * mm, f"核验码 {spaced(sheet.code)}", 15, bold=True)


def _how(sheet: Sheet) -> tuple[str, ...]:
    scan = "用微信或手机相机扫左边的二维码，看打开的网址开头是不是："
    host = sheet.link.partition("/v/")[0]
    typed = f"没有扫码条件时，打开 {sheet.check_at}"
    return (scan, host, f"{typed} 填编号和核验码" if sheet.code else f"{typed} 填编号")


def _signed(pen: Pen, sheet: Sheet) -> None:
    y = 26 * mm
    pen.text(RIGHT - pen.measure(f"{sheet.office}　{sheet.day}", 12), y, f"{sheet.office}　{sheet.day}", 12)
    if sheet.mark:
        pen.centred(18 * mm, sheet.mark, 11, bold=True)


def _missing(pen: Pen) -> None:
    if pen.missing:
        pen.centred(pen.height - 22 * mm, notice(pen.missing), 10.5)


def spaced(code: str) -> str:
    """Two groups of four are read out without losing one's place."""
    return f"{code[:4]} {code[4:]}"

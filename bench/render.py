"""Making a certificate: our PDF against a reportlab page with the same embedded font and the same QR matrix."""

from __future__ import annotations

import io
import time
from collections.abc import Callable

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from backend.certificates import paper, pen, phone, qr
from backend.certificates.sheet import UNSEALED, Sheet
from bench.context import Context
from bench.harness import Figure, absolute, compare

TIMES = 20
#: As long as the token of a certificate is; what it says does not matter here.
TOKEN = "aB3_" * 85
SHEET = Sheet(
    title="婚育情况证明",
    number="HY-370402-2026-000045",
    rows=(
        ("姓名", "王㐂"),
        ("证件号码", "000000199001010011"),
        ("婚姻状况", "已婚"),
        ("子女情况", "一个子女"),
        ("用途", "在现居住地办理入学"),
        ("有效期至", "2027年11月23日"),
    ),
    statement="根据本人申报并经核对，持证人的婚姻和子女情况如下。",
    link=f"https://ygb.example.gov.cn/v/{TOKEN}",
    check_at="https://ygb.example.gov.cn/verify",
    code="K7PM2Q9X",
    mark=UNSEALED,
    office="中心街街道",
    day="2026年11月23日",
)


def run(context: Context) -> list[Figure]:
    """Milliseconds for one document, its bytes, and those of the picture for a phone."""
    pdf, picture = paper.pdf(SHEET), phone.png(SHEET)
    made = compare(
        "render", floor=lambda: _milliseconds(_floor), ours=lambda: _milliseconds(_ours), goal="≤ 1.5", unit="ms"
    )
    return [
        made,
        absolute("render_pdf_size", len(pdf) / 1000, goal="≤ 60", unit="kB"),
        absolute("render_png_size", len(picture) / 1000, goal="≤ 120", unit="kB"),
    ]


def _ours() -> None:
    paper.pdf(SHEET)


def _floor() -> None:
    """The same words, one line each, and the matrix computed but not drawn."""
    canvas = Canvas(io.BytesIO(), pagesize=A4, invariant=1, pageCompression=1)
    canvas.setFont(pen.FONT, 12)
    words = [SHEET.title, SHEET.number, SHEET.statement, SHEET.check_at, SHEET.code, SHEET.office, SHEET.day]
    for place, line in enumerate([*words, *(part for row in SHEET.rows for part in row)]):
        canvas.drawString(80, 800 - 20 * place, line)
    qr.matrix(SHEET.link)
    canvas.save()


def _milliseconds(call: Callable[[], None]) -> float:
    started = time.perf_counter()
    for _ in range(TIMES):
        call()
    return (time.perf_counter() - started) / TIMES * 1000

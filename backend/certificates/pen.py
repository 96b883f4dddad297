"""Writing Chinese into a PDF: one embedded font, other installed fonts for what it lacks, never a blank."""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import cache
from itertools import groupby

from fontTools.misc.transform import Transform
from fontTools.pens.basePen import BasePen
from fontTools.pens.transformPen import TransformPen
from reportlab import rl_config
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.pdfgen.pathobject import PDFPathObject

from backend.certificates import fonts, qr

FONT = "Sans"
#: Stands where no installed font has the character; the notice names the character.
GETA = "〓"
_AFTER = "，。、；：！？）》」”’"


@cache
def font() -> TTFont:
    """Our font, parsed and registered once per process (0.5 s)."""
    # Binary streams: a fifth smaller, and the text armour is slow in pure Python.
    rl_config.useA85 = 0  # type: ignore[attr-defined]
    loaded = TTFont(FONT, str(fonts.font_path()))
    pdfmetrics.registerFont(loaded)
    return loaded


class Pen:
    """A canvas with metric habits of its own: origin bottom left, lengths in points."""

    def __init__(self, width: float, height: float, title: str) -> None:
        font()
        self.file = io.BytesIO()
        self.width, self.height = width, height
        self.canvas = Canvas(self.file, pagesize=(width, height), invariant=1, pageCompression=1)
        self.canvas.setTitle(title)
        self.canvas.setCreator("")
        #: Characters that no installed font has, in the order they came.
        self.missing: list[str] = []

    def text(self, x: float, y: float, words: str, size: float, *, bold: bool = False, grey: float = 0) -> float:
        """Write one line from ``x``; where the next one begins."""
        self.canvas.setFillGray(grey)
        for known, group in groupby(words, lambda sign: ord(sign) in font().face.charToGlyph):
            piece = "".join(group)
            x = self._known(x, y, piece, size, bold) if known else self._foreign(x, y, piece, size)
        return x

    def centred(self, y: float, words: str, size: float, *, bold: bool = False, grey: float = 0) -> None:
        self.text((self.width - self.measure(words, size)) / 2, y, words, size, bold=bold, grey=grey)

    def measure(self, words: str, size: float) -> float:
        """The width of a line; a character from elsewhere takes a full square."""
        widths = font().face.charWidths
        return float(sum(widths.get(ord(sign), 1000) for sign in words)) * size / 1000

    def wrap(self, words: str, size: float, width: float) -> Iterator[str]:
        """Lines of at most ``width``; Chinese breaks anywhere but before a closing mark."""
        line, taken = "", 0.0
        for sign in words:
            step = self.measure(sign, size)
            if line and sign not in _AFTER and taken + step > width:
                yield line
                line, taken = "", 0.0
            line, taken = line + sign, taken + step
        yield line

    def rule(self, x: float, y: float, width: float, grey: float = 0.6) -> None:
        self.canvas.setStrokeGray(grey)
        self.canvas.setLineWidth(0.5)
        self.canvas.line(x, y, x + width, y)

    def qr(self, x: float, y: float, side: float, text: str) -> None:
        """A QR code with its quiet zone inside the square: vector shapes, sharp at any resolution."""
        modules = qr.matrix(text)
        unit = side / (len(modules) + 2 * qr.QUIET)
        self.canvas.saveState()
        self.canvas.setFillGray(0)
        self.canvas.translate(x, y + side)
        self.canvas.scale(unit, -unit)
        # Whole numbers in modules, written as they are: formatting 1,600 floats took half of the page's time.
        shapes = (f"{column + qr.QUIET} {row + qr.QUIET} {length} 1 re" for column, row, length in qr.runs(modules))
        self.canvas.addLiteral("\n".join([*shapes, "f"]))
        self.canvas.restoreState()

    def page(self) -> None:
        self.canvas.showPage()

    def finish(self) -> bytes:
        """The PDF; the same calls give the same bytes."""
        self.canvas.save()
        return self.file.getvalue()

    def _known(self, x: float, y: float, words: str, size: float, bold: bool) -> float:
        line = self.canvas.beginText(x, y)
        line.setFont(FONT, size)
        if bold:  # the outline drawn as well: one font file does for both weights
            self.canvas.setLineWidth(size / 40)
            self.canvas.setStrokeGray(0)
            line.setTextRenderMode(2)
        line.textOut(words)
        if bold:
            line.setTextRenderMode(0)
        self.canvas.drawText(line)
        return x + self.measure(words, size)

    def _foreign(self, x: float, y: float, words: str, size: float) -> float:
        for sign in words:
            if not self._outline(x, y, sign, size):
                self.missing.append(sign)
                self._known(x, y, GETA, size, False)
            x += size
        return x

    def _outline(self, x: float, y: float, sign: str, size: float) -> bool:
        """Draw one character's shape from the first installed font that has it."""
        for other in fonts.fallbacks():
            name = (other.getBestCmap() or {}).get(ord(sign))
            if name is None:
                continue
            glyphs = other.getGlyphSet()
            scale = size / float(getattr(other["head"], "unitsPerEm", 1000))
            path = self.canvas.beginPath()
            shape = _Shape(path, glyphs)
            glyphs[name].draw(TransformPen(shape, Transform(scale, 0, 0, scale, x, y)))
            self.canvas.drawPath(path, stroke=0, fill=1)
            return True
        return False


class _Shape(BasePen):
    """Outlines of fontTools into a reportlab path."""

    def __init__(self, path: PDFPathObject, glyphs: object) -> None:
        super().__init__(glyphs)  # type: ignore[no-untyped-call]
        self._path = path

    def _moveTo(self, point: tuple[float, float]) -> None:
        self._path.moveTo(*point)

    def _lineTo(self, point: tuple[float, float]) -> None:
        self._path.lineTo(*point)

    def _curveToOne(self, first: tuple[float, float], second: tuple[float, float], point: tuple[float, float]) -> None:
        self._path.curveTo(*first, *second, *point)

    def _closePath(self) -> None:
        self._path.close()

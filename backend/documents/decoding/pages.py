"""Opening a stranger's PDF and turning its pages into pictures: what every PDF job shares."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import BinaryIO

import pypdfium2
from PIL import Image

from backend.documents.decoding.cell import Facts, Refused
from backend.documents.decoding.imagepdf import ImagePdf
from backend.documents.decoding.pixels import write

MOST_PAGES = 20
PDF = "application/pdf"
_SHARPEST_DPI = 300
#: fpdfview.h: FPDF_ERR_PASSWORD, FPDF_ERR_SECURITY
_LOCKED = (4, 5)
_COARSEST_POINTS = 14_400  # the longest side ISO 32000-1 allows (annex C)


def opened(source: BinaryIO) -> pypdfium2.PdfDocument:
    """The document; refused when it needs a password, is broken, empty or longer than 20 pages.

    One that anybody can open and only the printing of which is restricted (many e-certificates) is taken.
    """
    try:
        document = pypdfium2.PdfDocument(source.read())
    except pypdfium2.PdfiumError as error:
        locked = error.err_code in _LOCKED
        raise Refused("encrypted" if locked else "broken") from error
    if len(document) < 1:
        raise Refused("broken")
    if len(document) > MOST_PAGES:
        raise Refused("too_many_pages")
    return document


def rendered(page: pypdfium2.PdfPage, longest: int) -> Image.Image:
    """The page with its annotations drawn (stamps and signatures are some), RGB, ``longest`` pixels or 300 dpi."""
    width, height = page.get_size()
    if not 0 < max(width, height) <= _COARSEST_POINTS or min(width, height) < 1:
        raise Refused("broken")
    scale = min(longest / max(width, height), _SHARPEST_DPI / 72)
    bitmap = page.render(scale=scale, rev_byteorder=True)
    picture: Image.Image = bitmap.to_pil()
    return picture.convert("RGB")


def redrawn(
    document: pypdfium2.PdfDocument,
    target: BinaryIO,
    *,
    longest: int,
    quality: int,
    finish: Callable[[Image.Image], Image.Image],
) -> Facts:
    """Every page as one picture in a new PDF of the same paper sizes; ``finish`` sees each picture last."""
    paper = ImagePdf(target)
    first = (0, 0)
    for page in document:
        picture = finish(rendered(page, longest))
        jpeg = io.BytesIO()
        write(picture, jpeg, quality)
        paper.add(jpeg.getvalue(), pixels=picture.size, grey=picture.mode == "L", points=page.get_size())
        first = first if any(first) else picture.size
        page.close()
    paper.close()
    return {"mime": PDF, "width": first[0], "height": first[1], "pages": len(document)}

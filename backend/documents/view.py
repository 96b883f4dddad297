"""Documents for the eyes of others: with a watermark for staff, small for lists. Made in the sandbox each time."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from backend.documents import sandbox, spaces
from backend.kernel.errors import Unavailable
from backend.kernel.i18n import N_

PDF = "application/pdf"
#: Pixels of the longest side: A4 at 171 dpi for pictures, 137 dpi for pages.
PICTURE_LONGEST = 2000
PAGE_LONGEST = 1600
QUALITY = 75
THUMBNAIL_LONGEST = 320
THUMBNAIL_QUALITY = 70
#: The variable Noto Sans SC that comes with our dependencies; found without loading its package.
_BUNDLED: Final = ("justmytype_intl_cjk", "fonts/ofl/notosanssc/NotoSansSC[wght].ttf")


def watermarked(
    chunks: Iterable[bytes], mime: str, text: str, *, workdir: Path, font: Path | None = None
) -> tuple[bytes, str]:
    """The document with ``text`` (purpose, post, day; no personal value) in its pixels, and its type.

    ``font`` is any TrueType or OpenType file with Chinese letters; without one Noto Sans SC is taken.
    ``Unavailable font_missing`` rather than a view without a readable watermark.
    """
    options = {
        "text": text,
        "font": str(_font(font)),
        "longest": PAGE_LONGEST if mime == PDF else PICTURE_LONGEST,
        "quality": QUALITY,
    }
    return _made(chunks, mime, workdir, options)


def thumbnail(
    chunks: Iterable[bytes], mime: str, *, workdir: Path, longest: int = THUMBNAIL_LONGEST
) -> tuple[bytes, str]:
    """A small JPEG of the picture or of the first page, without a watermark."""
    options = {"text": "", "font": "", "longest": longest, "quality": THUMBNAIL_QUALITY}
    return _made(chunks, mime, workdir, options)


def _made(chunks: Iterable[bytes], mime: str, workdir: Path, options: dict[str, object]) -> tuple[bytes, str]:
    job = "paper_view" if mime == PDF else "picture_view"
    space = spaces.Directory(workdir)
    with space.file() as source:
        spaces.fill(source, chunks)
        result = sandbox.run(job, source, space=space, options=options)
    with result:
        return result.file.read(), result.mime


def _font(given: Path | None) -> Path:
    package, inside = _BUNDLED
    spec = find_spec(package)
    homes = spec.submodule_search_locations or () if spec else ()
    for path in (given, *(Path(home) / inside for home in homes)):
        if path is not None and path.is_file():
            return path
    raise Unavailable("font_missing", N_("系统缺少中文字体，暂时看不了材料，请联系管理员"))

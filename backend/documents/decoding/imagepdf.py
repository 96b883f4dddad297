"""A PDF that can hold nothing but pictures: one JPEG a page, no dates, no names, no scripts (ISO 32000-1)."""

from __future__ import annotations

from typing import BinaryIO

Size = tuple[float, float]
_CATALOG, _PAGES = 1, 2


class ImagePdf:
    """Writes page after page, so that one page is in memory at a time; the same pages give the same bytes."""

    def __init__(self, target: BinaryIO) -> None:
        self._target = target
        self._at = 0
        self._offsets: dict[int, int] = {}
        self._pages: list[int] = []
        self._put(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")

    def add(self, jpeg: bytes, *, pixels: tuple[int, int], grey: bool, points: Size) -> None:
        """A page of ``points`` (1/72 inch) filled by the picture."""
        page = _PAGES + 1 + 3 * len(self._pages)
        space = "DeviceGray" if grey else "DeviceRGB"
        width, height = (f"{side:.2f}" for side in points)
        self._object(
            page,
            f"<</Type/Page/Parent {_PAGES} 0 R/MediaBox[0 0 {width} {height}]"
            f"/Resources<</XObject<</P {page + 2} 0 R>>>>/Contents {page + 1} 0 R>>",
        )
        self._stream(page + 1, "", f"{width} 0 0 {height} 0 0 cm /P Do".encode())
        self._stream(
            page + 2,
            f"/Type/XObject/Subtype/Image/Width {pixels[0]}/Height {pixels[1]}"
            f"/ColorSpace/{space}/BitsPerComponent 8/Filter/DCTDecode",
            jpeg,
        )
        self._pages.append(page)

    def close(self) -> None:
        """The page tree, the table of offsets and the end."""
        kids = " ".join(f"{page} 0 R" for page in self._pages)
        self._object(_PAGES, f"<</Type/Pages/Kids[{kids}]/Count {len(self._pages)}>>")
        self._object(_CATALOG, f"<</Type/Catalog/Pages {_PAGES} 0 R>>")
        start, count = self._at, len(self._offsets) + 1
        lines = "".join(f"{self._offsets[number]:010d} 00000 n \n" for number in sorted(self._offsets))
        self._put(f"xref\n0 {count}\n0000000000 65535 f \n{lines}".encode())
        self._put(f"trailer\n<</Size {count}/Root {_CATALOG} 0 R>>\nstartxref\n{start}\n%%EOF\n".encode())

    def _object(self, number: int, body: str) -> None:
        self._offsets[number] = self._at
        self._put(f"{number} 0 obj\n{body}\nendobj\n".encode())

    def _stream(self, number: int, entries: str, content: bytes) -> None:
        self._offsets[number] = self._at
        self._put(f"{number} 0 obj\n<<{entries}/Length {len(content)}>>\nstream\n".encode())
        self._put(content)
        self._put(b"\nendstream\nendobj\n")

    def _put(self, content: bytes) -> None:
        self._target.write(content)
        self._at += len(content)

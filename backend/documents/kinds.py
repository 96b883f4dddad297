"""What a file really is, by its first bytes: names and declared types are what the sender likes to say."""

from __future__ import annotations

from enum import StrEnum

#: So many bytes of a file are enough to tell.
HEAD = 64
_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"}
_HEIF_GENERAL = {b"mif1", b"msf1"}
_SPACE = b"\xef\xbb\xbf \t\r\n"


class Kind(StrEnum):
    """The five that people's phones and scanners make; everything else is refused."""

    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"
    HEIF = "heif"
    PDF = "pdf"


def sniff(head: bytes) -> Kind | None:
    """The kind of a file from its first ``HEAD`` bytes, or None for anything we do not take."""
    if head.startswith(b"\xff\xd8\xff"):
        return Kind.JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return Kind.PNG
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return Kind.WEBP
    if _is_heif(head):
        return Kind.HEIF
    # Some scanners write a byte order mark or an empty line first.
    return Kind.PDF if head.lstrip(_SPACE).startswith(b"%PDF-") else None


def _is_heif(head: bytes) -> bool:
    """ISO/IEC 23008-12: ``ftyp`` with an HEVC brand, or the general one with an HEVC brand beside it (not AVIF)."""
    if head[4:8] != b"ftyp":
        return False
    major, length = head[8:12], min(int.from_bytes(head[:4], "big"), len(head))
    compatible = {head[at : at + 4] for at in range(16, length - 3, 4)}
    return major in _HEIF_BRANDS or (major in _HEIF_GENERAL and bool(compatible & _HEIF_BRANDS))

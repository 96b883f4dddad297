"""What a piece of evidence really is, by its first bytes: pictures and PDF as everywhere, and recordings."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from backend.documents import kinds

HEAD = kinds.HEAD


class Sound(StrEnum):
    """The recordings that people's phones and recorders make."""

    MP3 = "mp3"
    AAC = "aac"
    AMR = "amr"
    WAV = "wav"
    OGG = "ogg"
    FLAC = "flac"
    #: M4A, 3GP and other ISO files; the decoder refuses those with a moving picture.
    MP4 = "mp4"


_OPENINGS: Final = {b"ID3": Sound.MP3, b"#!AMR": Sound.AMR, b"OggS": Sound.OGG, b"fLaC": Sound.FLAC}
_STILL: Final = {b"avif", b"avis", b"heic", b"heix", b"mif1", b"msf1", b"crx "}
_NO_BITRATE, _NO_RATE = 0xF0, 0x0C


def sniff(head: bytes) -> kinds.Kind | Sound | None:
    """The kind of a file from its first ``HEAD`` bytes, or None for anything we do not take."""
    return kinds.sniff(head) or _sound(head)


def _sound(head: bytes) -> Sound | None:
    for opening, sound in _OPENINGS.items():
        if head.startswith(opening):
            return sound
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return Sound.WAV
    if head[4:8] == b"ftyp" and head[8:12] not in _STILL:
        return Sound.MP4
    return _bare_frames(head)


def _bare_frames(head: bytes) -> Sound | None:
    """A recording without any container begins with the header of its first frame (ISO/IEC 11172-3, 13818-7)."""
    if len(head) < 4 or head[0] != 0xFF:
        return None
    if head[1] & 0xF6 == 0xF0:
        return Sound.AAC
    is_layer_3 = head[1] & 0xE6 == 0xE2
    return Sound.MP3 if is_layer_3 and head[2] & 0xF0 != _NO_BITRATE and head[2] & 0x0C != _NO_RATE else None

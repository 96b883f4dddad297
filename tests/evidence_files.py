"""Makers of evidence that tells who made it, where and when: real files, each with the same words planted."""

from __future__ import annotations

import io
import math
import struct
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

import av
import pillow_heif
from av import AudioFrame, VideoFrame
from PIL import Image, PngImagePlugin
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject, TextStringObject

from tests import files

#: Must be nowhere in what is kept, in any of the encodings that phones and programs write.
CANARY = "河边村报信人小明"
ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "gbk")
XMP = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><creator>{CANARY}</creator></x:xmpmeta>'.encode()
_TAGS = {"title": CANARY, "artist": CANARY, "comment": CANARY, "location": f"+34.86+117.55/{CANARY}", "date": CANARY}
_IFD = struct.Struct("<HHII")


def traces(content: bytes) -> list[str]:
    """The encodings in which the words are found."""
    return [name for name in ENCODINGS if CANARY.encode(name) in content]


def exif() -> bytes:
    """Place, maker's note, the author in UTF-16, and a small picture with a comment of its own (TIFF 6, EXIF 2.3)."""
    words, wide = CANARY.encode(), CANARY.encode("utf-16-le")
    small = files.encoded(files.picture(32, 24), "JPEG", comment=CANARY.encode("gbk"))
    place = struct.pack("<6I", 34, 1, 51, 1, 36, 1)
    first = 8 + 2 + 4 * 12 + 4
    second = first + len(words) + len(wide)
    gps = second + 2 + 2 * 12 + 4
    thumbnail = gps + 2 + 2 * 12 + 4 + len(place)
    main = [(0x010F, 2, len(words), first), (0x927C, 7, len(words), first), (0x9C9D, 1, len(wide), first + len(words))]
    body = b"II*\0" + struct.pack("<I", 8) + _directory([*main, (0x8825, 4, 1, gps)], second) + words + wide
    body += _directory([(0x0201, 4, 1, thumbnail), (0x0202, 4, 1, len(small))], 0)
    body += _directory([(1, 2, 2, ord("N")), (2, 5, 3, thumbnail - len(place))], 0) + place + small
    return b"Exif\0\0" + body


def jpeg() -> bytes:
    return files.encoded(files.picture(), "JPEG", exif=exif(), comment=CANARY.encode("gbk"), xmp=XMP)


def png() -> bytes:
    told = PngImagePlugin.PngInfo()
    told.add_text("Author", CANARY.encode())
    told.add_itxt("Location", CANARY)
    return files.encoded(files.picture(), "PNG", pnginfo=told, exif=exif()[6:])


def webp() -> bytes:
    return files.encoded(files.picture(), "WEBP", exif=exif(), xmp=XMP)


def heic() -> bytes:
    target = io.BytesIO()
    pillow_heif.from_pillow(files.picture()).save(target, quality=80, exif=exif(), xmp=XMP)
    return target.getvalue()


def pdf() -> bytes:
    """Author and XMP, a script and an attachment."""
    writer = PdfWriter()
    writer.add_blank_page(200, 300)
    writer.add_metadata({"/Author": CANARY, "/Creator": CANARY})
    script = {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject(f"alert('{CANARY}')")}
    writer._root_object[NameObject("/OpenAction")] = DictionaryObject(script)
    writer.add_attachment(f"{CANARY}.txt", CANARY.encode("gbk"))
    xmp = DecodedStreamObject()
    xmp.set_data(XMP)
    writer._root_object[NameObject("/Metadata")] = writer._add_object(xmp)
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def picture_zip_page() -> bytes:
    """A picture, a web page and an archive in one file."""
    return jpeg() + f"<html><script>{CANARY}</script>".encode() + zipped("a.js")


def pdf_zip() -> bytes:
    return pdf() + zipped("a.js")


def zipped(name: str, content: bytes | None = None) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(name, CANARY.encode() if content is None else content)
    return target.getvalue()


def office() -> bytes:
    """As a word processor saves it: the author stands in docProps/core.xml."""
    return zipped("docProps/core.xml", f"<dc:creator>{CANARY}</dc:creator>".encode())


def zip_bomb() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", bytes(30_000_000))
    return target.getvalue()


def sound(
    form: str, codec: str, *, rate: int = 16_000, layout: str = "mono", seconds: float = 1, **options: str
) -> bytes:
    """A tone with every tag that the container takes."""
    target = io.BytesIO()
    with av.open(target, "w", format=form, options=options) as container:
        container.metadata.update(_TAGS)
        track: Any = container.add_stream(codec, rate=rate, layout=layout)
        _tone(container, track, rate, layout, seconds)
    return target.getvalue()


def mp3() -> bytes:
    """ID3v2 with a picture and comments in two encodings before, APE and ID3v1 behind."""
    pieces = {
        b"COMM": b"\x01chi\xff\xfe\0\0\xff\xfe" + CANARY.encode("utf-16-le"),
        b"TPE1": b"\x00" + CANARY.encode("gbk"),
        b"TDRC": b"\x03" + CANARY.encode(),
        b"APIC": b"\x00image/jpeg\0\x03\0" + jpeg(),
    }
    tags = b"".join(name + len(body).to_bytes(4, "big") + b"\0\0" + body for name, body in pieces.items())
    ape = b"APETAGEX" + struct.pack("<IIII8x", 2000, 32, 0, 0) + CANARY.encode()
    v1 = (b"TAG" + CANARY.encode("gbk")).ljust(128, b"\0")
    bare = sound("mp3", "libmp3lame", rate=44_100, id3v2_version="0")
    return b"ID3\x03\0\0" + _synchsafe(len(tags)) + tags + bare + ape + v1


def m4a() -> bytes:
    """Title, comment, day and place (``©xyz``) as phones write them, and a cover."""
    return sound("ipod", "aac", rate=44_100)


def wav() -> bytes:
    """LIST/INFO, and the broadcast chunk with its originator and time."""
    plain = sound("wav", "pcm_s16le", rate=48_000, layout="stereo", write_bext="1")
    chunk = b"bext" + struct.pack("<I", 602) + CANARY.encode("gbk").ljust(602, b"\0")
    return b"RIFF" + struct.pack("<I", len(plain) - 8 + len(chunk)) + plain[8:] + chunk


def loud_wav(channels: int, rate: int) -> bytes:
    """A header that promises more channels or samples than any recorder has, and a second of noise."""
    align = channels * 2
    form = struct.pack("<HHIIHH", 1, channels, rate, rate * align & 0xFFFFFFFF, align & 0xFFFF, 16)
    data = bytes(range(256)) * 400
    body = b"WAVEfmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body


def film() -> bytes:
    """A moving picture as phones take it."""
    target = io.BytesIO()
    with av.open(target, "w", format="mp4") as container:
        track: Any = container.add_stream("mpeg4", rate=10)
        track.width, track.height = 64, 48
        for _ in range(5):
            container.mux(track.encode(VideoFrame.from_image(Image.new("RGB", (64, 48)))))
        container.mux(track.encode(None))
    return target.getvalue()


#: Every kind that is taken, in its most talkative form.
PICTURES: Mapping[str, Callable[[], bytes]] = {
    "jpeg": jpeg, "png": png, "webp": webp, "heic": heic, "jpeg, page and zip": picture_zip_page,
}  # fmt: skip
PAPERS: Mapping[str, Callable[[], bytes]] = {"pdf": pdf, "pdf and zip": pdf_zip}
SOUNDS: Mapping[str, Callable[[], bytes]] = {
    "mp3": mp3,
    "m4a": m4a,
    "wav": wav,
    "3gp": lambda: sound("3gp", "libopencore_amrnb", rate=8_000),
    "amr with an end": lambda: sound("amr", "libopencore_amrnb", rate=8_000) + CANARY.encode(),
    "aac with an end": lambda: sound("adts", "aac", rate=44_100, layout="stereo") + CANARY.encode(),
    "opus": lambda: sound("ogg", "libopus", rate=48_000),
    "flac": lambda: sound("flac", "flac", rate=44_100),
    "m4a named as any mp4": lambda: sound("mp4", "aac", rate=32_000, movflags="use_metadata_tags"),
}


def mp3_frames(content: bytes) -> list[tuple[int, int]]:
    """(rate, channels) of every frame, the file being frames from its first byte to its last: a reader of our own
    of MPEG-2 layer III, so that the library which wrote it need not be believed."""
    found, at = [], 0
    while at < len(content):
        head = int.from_bytes(content[at : at + 4], "big")
        assert head >> 17 == 0b111111111111001, f"no frame of MPEG-2 layer III at {at}"
        kilobits = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)[head >> 12 & 15]
        rate = (22_050, 24_000, 16_000)[head >> 10 & 3]
        found.append((rate, 1 if head >> 6 & 3 == 3 else 2))
        at += 72_000 * kilobits // rate + (head >> 9 & 1)
    assert at == len(content)
    return found


def _tone(container: Any, track: Any, rate: int, layout: str, seconds: float) -> None:
    fit = av.AudioResampler(format=track.codec_context.format.name, layout=layout, rate=rate)
    count = int(rate * seconds)
    frame = AudioFrame(format="s16", layout="mono", samples=count)
    samples = b"".join(struct.pack("<h", int(9000 * math.sin(place / 9))) for place in range(count))
    frame.planes[0].update(samples.ljust(frame.planes[0].buffer_size, b"\0"))
    frame.sample_rate = rate
    for piece in [*fit.resample(frame), *fit.resample(None)]:
        container.mux(track.encode(piece))
    container.mux(track.encode(None))


def _directory(entries: list[tuple[int, int, int, int]], following: int) -> bytes:
    rows = b"".join(_IFD.pack(*entry) for entry in sorted(entries))
    return struct.pack("<H", len(entries)) + rows + struct.pack("<I", following)


def _synchsafe(size: int) -> bytes:
    return bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))

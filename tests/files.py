"""Makers of the files people send: good ones, broken ones, and those made to do harm."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

import pillow_heif
from PIL import Image, ImageDraw
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, PdfObject, TextStringObject

GPS_IFD = 0x8825
ORIENTATION = 0x0112
COMMENT = b"a comment that gives away where this was taken"
EXE = b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00" + bytes(200)
GIF = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(document.cookie)</script>"
EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n(run) run\n"
PSD = b"8BPS\x00\x01" + bytes(6) + struct.pack(">HIIHH", 3, 10, 10, 8, 3) + bytes(64)
SCRIPT = b"#!/bin/sh\nrm -rf /\n"


def picture(width: int = 120, height: int = 80) -> Image.Image:
    """A scene with a top-left corner of its own colour, so that turning it can be seen."""
    scene = Image.new("RGB", (width, height), "white")
    ImageDraw.Draw(scene).rectangle((0, 0, width // 4, height // 4), fill="red")
    return scene


def encoded(scene: Image.Image, kind: str, **options: object) -> bytes:
    target = io.BytesIO()
    scene.save(target, kind, **options)
    return target.getvalue()


def jpeg(width: int = 120, height: int = 80) -> bytes:
    return encoded(picture(width, height), "JPEG")


def png(width: int = 120, height: int = 80) -> bytes:
    return encoded(picture(width, height), "PNG")


def webp() -> bytes:
    return encoded(picture(), "WEBP")


def heic() -> bytes:
    target = io.BytesIO()
    pillow_heif.from_pillow(picture()).save(target, quality=80)
    return target.getvalue()


def telling_jpeg(orientation: int = 1) -> bytes:
    """A phone's picture: place, camera, a comment, a colour profile."""
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    exif[0x0110] = "Phone of somebody"
    exif[GPS_IFD] = {1: "N", 2: (34.0, 51.0, 36.0), 3: "E", 4: (117.0, 33.0, 0.0)}
    return encoded(picture(), "JPEG", exif=exif, comment=COMMENT, icc_profile=b"profile" * 40)


def polyglot() -> bytes:
    """A picture, a ZIP archive and a web page in one file."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("payload.js", "alert(1)")
    return jpeg() + HTML + archive.getvalue()


def bomb_png(side: int = 14_000) -> bytes:
    """side² pixels in a few kilobytes (14,000: 196 megapixels in about 24 kB)."""
    rows = (1 + (side + 7) // 8) * side
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    body = zlib.compress(bytes(rows), 9)
    return b"\x89PNG\r\n\x1a\n" + _part(b"IHDR", header) + _part(b"IDAT", body) + _part(b"IEND", b"")


def pdf(pages: int = 1, size: tuple[float, float] = (595, 842), password: str | None = None) -> bytes:
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(*size)
    if password is not None:
        writer.encrypt(password, algorithm="AES-256")
    return _written(writer)


def dangerous_pdf() -> bytes:
    """A PDF with a script, a launch action and an attachment in plain sight."""
    writer = PdfWriter()
    page = writer.add_blank_page(595, 842)
    launch = {"/S": NameObject("/Launch"), "/F": TextStringObject("cmd.exe")}
    script = {"/S": NameObject("/JavaScript"), "/JS": TextStringObject("app.alert(1)")}
    page[NameObject("/AA")] = _dictionary({"/O": _dictionary(launch)})
    writer._root_object[NameObject("/OpenAction")] = _dictionary(script)
    writer.add_attachment("payload.exe", EXE)
    return _written(writer)


def hidden_script_pdf() -> bytes:
    """A PDF whose script stands compressed in an object stream, where no search for ``/JavaScript`` finds it."""
    objects = {
        1: "<</Type/Catalog/Pages 2 0 R/OpenAction 4 0 R>>",
        2: "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        3: "<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 300]>>",
        4: "<</S/JavaScript/JS(app.launchURL\\('http://x.test'\\))>>",
    }
    places, bodies = [], ""
    for number, body in objects.items():
        places.append(f"{number} {len(bodies)}")
        bodies += body + " "
    first = " ".join(places) + " "
    packed = zlib.compress((first + bodies).encode())
    content = b"%PDF-1.5\n"
    stream_at = len(content)
    content += _stream(5, f"/Type/ObjStm/N 4/First {len(first)}/Filter/FlateDecode", packed)
    table_at = len(content)
    rows = [(0, 0, 0)] + [(2, 5, index) for index in range(4)] + [(1, stream_at, 0), (1, table_at, 0)]
    table = b"".join(struct.pack(">BHB", *row) for row in rows)
    content += _stream(6, "/Type/XRef/Size 7/W[1 2 1]/Root 1 0 R", table)
    return content + f"startxref\n{table_at}\n%%EOF\n".encode()


def jpeg_segments(content: bytes) -> list[int]:
    """The marker codes of a JPEG up to its scan: a reader of our own, so that Pillow need not be believed."""
    markers, at = [], 2
    while True:
        assert content[at] == 0xFF
        markers.append(content[at + 1])
        if content[at + 1] == 0xDA:
            return markers
        at += 2 + int.from_bytes(content[at + 2 : at + 4], "big")


def _part(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def _stream(number: int, entries: str, body: bytes) -> bytes:
    return f"{number} 0 obj\n<<{entries}/Length {len(body)}>>\nstream\n".encode() + body + b"\nendstream\nendobj\n"


def _dictionary(entries: dict[str, PdfObject]) -> DictionaryObject:
    return DictionaryObject({NameObject(key): value for key, value in entries.items()})


def _written(writer: PdfWriter) -> bytes:
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()

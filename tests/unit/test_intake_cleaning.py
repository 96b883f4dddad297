"""What survives of a file that is taken: its pixels, and nothing else."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from pathlib import Path

import pypdf
import pytest
from PIL import Image

from backend.documents.intake import Cleaned, receive
from backend.gateways.scanner import NoScanner
from tests import files

#: SOI's followers in a bare JFIF file: APP0, tables, frame, scan.
BARE = {0xE0, 0xDB, 0xC0, 0xC4, 0xDA}


def clean(content: bytes, workdir: Path) -> tuple[Cleaned, bytes]:
    cleaned = receive(io.BytesIO(content), workdir=workdir, scanner=NoScanner())
    return cleaned, b"".join(cleaned.chunks())


@pytest.mark.parametrize("make", [files.jpeg, files.png, files.webp, files.heic])
def test_intake_of_a_picture_gives_a_jpeg_of_the_same_size(make: Callable[[], bytes], tmp_path: Path) -> None:
    cleaned, content = clean(make(), tmp_path)
    assert (cleaned.mime, cleaned.width, cleaned.height, cleaned.pages) == ("image/jpeg", 120, 80, None)
    assert (cleaned.size, cleaned.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    assert Image.open(io.BytesIO(content)).size == (120, 80)


def test_intake_of_a_telling_picture_drops_place_camera_comment_and_profile(tmp_path: Path) -> None:
    dirty = files.telling_jpeg()
    assert {0xE1, 0xE2, 0xFE} <= set(files.jpeg_segments(dirty))
    _, content = clean(dirty, tmp_path)
    assert set(files.jpeg_segments(content)) == BARE
    assert all(trace not in content for trace in (files.COMMENT, b"Exif", b"Phone", b"profile"))


def test_intake_applies_the_orientation(tmp_path: Path) -> None:
    _, content = clean(files.telling_jpeg(orientation=6), tmp_path)
    upright = Image.open(io.BytesIO(content))
    assert upright.size == (80, 120)
    red, green, _ = upright.convert("RGB").getpixel((70, 10))
    assert red > 200 > 60 > green


def test_intake_of_a_polyglot_keeps_the_picture_alone(tmp_path: Path) -> None:
    _, content = clean(files.polyglot(), tmp_path)
    assert content.endswith(b"\xff\xd9")
    assert b"PK\x03\x04" not in content
    assert b"script" not in content


def test_intake_caps_the_longest_side(tmp_path: Path) -> None:
    cleaned, _ = clean(files.jpeg(6000, 3000), tmp_path)
    assert (cleaned.width, cleaned.height) == (3000, 1500)


def test_intake_puts_transparency_on_white(tmp_path: Path) -> None:
    _, content = clean(files.encoded(Image.new("RGBA", (20, 20), (0, 0, 0, 0)), "PNG"), tmp_path)
    assert Image.open(io.BytesIO(content)).convert("L").getextrema()[0] > 250


def test_intake_of_16_bits_a_pixel_keeps_the_greys(tmp_path: Path) -> None:
    _, content = clean(files.encoded(Image.new("I;16", (20, 20), 0x8000), "PNG"), tmp_path)
    assert 120 < Image.open(io.BytesIO(content)).convert("L").getpixel((10, 10)) < 136


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "CMYK", "RGBA"])
def test_intake_takes_every_colour_mode(mode: str, tmp_path: Path) -> None:
    kind = "JPEG" if mode == "CMYK" else "PNG"
    cleaned, _ = clean(files.encoded(files.picture().convert(mode), kind), tmp_path)
    assert cleaned.mime == "image/jpeg"


def test_intake_takes_the_first_of_many_frames(tmp_path: Path) -> None:
    first, second = files.picture(), Image.new("RGB", (120, 80), "blue")
    moving = files.encoded(first, "WEBP", save_all=True, append_images=[second], duration=100, lossless=True)
    _, content = clean(moving, tmp_path)
    assert Image.open(io.BytesIO(content)).convert("RGB").getpixel((100, 70)) == (255, 255, 255)


def test_intake_takes_a_jpeg_with_a_second_picture_in_it(tmp_path: Path) -> None:
    """Phones hide a brightness map or a second view behind the first picture (MPO)."""
    cleaned, _ = clean(files.encoded(files.picture(), "MPO", save_all=True, append_images=[files.picture()]), tmp_path)
    assert (cleaned.width, cleaned.height) == (120, 80)


@pytest.mark.parametrize("make", [files.dangerous_pdf, files.hidden_script_pdf])
def test_intake_of_a_dangerous_pdf_leaves_pictures_only(make: Callable[[], bytes], tmp_path: Path) -> None:
    cleaned, content = clean(make(), tmp_path)
    reader = pypdf.PdfReader(io.BytesIO(content))
    assert (cleaned.mime, cleaned.pages, len(reader.pages)) == ("application/pdf", 1, 1)
    assert set(reader.trailer["/Root"]) == {"/Type", "/Pages"}
    assert set(reader.pages[0]) == {"/Type", "/Parent", "/MediaBox", "/Resources", "/Contents"}
    assert reader.metadata is None


def test_intake_of_a_pdf_keeps_paper_sizes_and_20_pages(tmp_path: Path) -> None:
    cleaned, content = clean(files.pdf(20), tmp_path)
    page = pypdf.PdfReader(io.BytesIO(content)).pages[19]
    assert (cleaned.pages, float(page.mediabox.width), float(page.mediabox.height)) == (20, 595, 842)
    assert max(cleaned.width, cleaned.height) == 1800


def test_intake_of_a_pdf_that_anyone_can_open_is_taken(tmp_path: Path) -> None:
    """Many e-certificates restrict printing with an empty password: people cannot change that."""
    cleaned, _ = clean(files.pdf(password=""), tmp_path)
    assert cleaned.pages == 1


def test_intake_gives_the_same_bytes_for_the_same_file(tmp_path: Path) -> None:
    for content in (files.telling_jpeg(), files.pdf(2)):
        assert clean(content, tmp_path)[0].sha256 == clean(content, tmp_path)[0].sha256

"""What staff see: the document with its purpose, post and day in the pixels; what lists show: a small copy."""

from __future__ import annotations

import io
from pathlib import Path

import pypdf
import pytest
from PIL import Image, ImageChops

from backend.documents import view
from backend.documents.intake import receive
from backend.gateways.scanner import NoScanner
from backend.kernel.errors import Unavailable
from tests import files

TEXT = "仅供办理婚育情况证明查阅 审核岗 2026-11-22"


def kept(content: bytes, workdir: Path) -> tuple[list[bytes], str]:
    with receive(io.BytesIO(content), workdir=workdir, scanner=NoScanner()) as cleaned:
        return list(cleaned.chunks()), cleaned.mime


def covered(before: Image.Image, after: Image.Image) -> float:
    """The share of pixels that the watermark changed."""
    apart = ImageChops.difference(before.convert("L").resize(after.size), after.convert("L"))
    return sum(apart.point(lambda value: 255 if value > 24 else 0).tobytes()) / 255 / apart.width / apart.height


@pytest.mark.parametrize("ground", ["white", "black", "gray"])
def test_view_of_a_picture_is_marked_on_every_ground(ground: str, tmp_path: Path) -> None:
    plain = Image.new("RGB", (1200, 800), ground)
    content, mime = view.watermarked(*kept(files.encoded(plain, "JPEG"), tmp_path), TEXT, workdir=tmp_path)
    marked = Image.open(io.BytesIO(content))
    assert mime == "image/jpeg"
    for box in ((0, 0, 600, 400), (600, 0, 1200, 400), (0, 400, 600, 800), (600, 400, 1200, 800)):
        assert 0.01 < covered(plain.crop(box), marked.crop(box)) < 0.3


def test_view_of_a_pdf_is_marked_on_every_page(tmp_path: Path) -> None:
    content, mime = view.watermarked(*kept(files.pdf(3), tmp_path), TEXT, workdir=tmp_path)
    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    assert (mime, len(pages)) == ("application/pdf", 3)
    for page in pages:
        seen = page.images[0].image
        assert seen is not None
        assert covered(Image.new("L", seen.size, 255), seen) > 0.01


def test_view_without_any_chinese_font_is_refused_rather_than_unmarked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(view, "_BUNDLED", ("no_such_package", "x.ttf"))
    with pytest.raises(Unavailable) as refused:
        view.watermarked([files.jpeg()], "image/jpeg", TEXT, workdir=tmp_path)
    assert refused.value.code == "font_missing"


@pytest.mark.parametrize("content", [files.jpeg(2000, 1000), files.pdf(2)], ids=["picture", "pdf"])
def test_thumbnail_is_a_small_jpeg(content: bytes, tmp_path: Path) -> None:
    small, mime = view.thumbnail(*kept(content, tmp_path), workdir=tmp_path)
    picture = Image.open(io.BytesIO(small))
    assert (mime, picture.format, max(picture.size)) == ("image/jpeg", "JPEG", 320)
    assert len(small) < 20_000
    assert list(tmp_path.iterdir()) == []

"""The QR of a page: an independent reader sees what went in, and the same text gives the same picture."""

from __future__ import annotations

import xml.etree.ElementTree as Tree

import pytest
import zxingcpp
from PIL import Image

from backend.certificates import qr


def picture(text: str, scale: int = 4) -> Image.Image:
    modules = qr.matrix(text)
    side = len(modules) + 2 * qr.QUIET
    image = Image.new("L", (side, side), 255)
    for column, row, length in qr.runs(modules):
        for x in range(column, column + length):
            image.putpixel((x + qr.QUIET, row + qr.QUIET), 0)
    return image.resize((side * scale, side * scale), Image.Resampling.NEAREST)


@pytest.mark.parametrize("length", [1, 20, 150, 300, 430])
def test_qr_of_any_length_is_read_back(length: int) -> None:
    text = "http://127.0.0.1:8000/v/" + ("aZ0_-." * 80)[:length]
    assert [found.text for found in zxingcpp.read_barcodes(picture(text))] == [text]


def test_qr_svg_is_small_well_formed_and_the_same_every_time() -> None:
    text = "http://127.0.0.1:8000/v/" + "aB3_" * 75
    drawing = qr.svg(text)
    assert drawing == qr.svg(text)
    assert len(drawing) < 25_000
    assert Tree.fromstring(drawing).attrib["viewBox"] == f"0 0 {len(qr.matrix(text)) + 8} {len(qr.matrix(text)) + 8}"

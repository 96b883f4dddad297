"""The watermark: tiled, diagonal, grey, readable on dark and light, part of the pixels."""

from __future__ import annotations

from PIL import Image, ImageDraw, ImageFont

_STRENGTH = 84  # of 255: seen at once, and the letters under it stay readable
_ANGLE = 30


def marked(picture: Image.Image, text: str, font: str) -> Image.Image:
    """The picture with the text all over it; letters are a fiftieth of the longest side."""
    tile = _tile(text, ImageFont.truetype(font, max(12, max(picture.size) // 50)))
    mask = Image.new("L", picture.size)
    for row, y in enumerate(range(-tile.height // 2, picture.height, tile.height)):
        start = -tile.width // 2 if row % 2 else 0
        for x in range(start, picture.width, tile.width):
            mask.paste(tile, (x, y))
    picture.paste(128 if picture.mode == "L" else (128, 128, 128), mask=mask)
    return picture


def _tile(text: str, font: ImageFont.FreeTypeFont) -> Image.Image:
    left, top, right, bottom = font.getbbox(text)
    room = round(font.size)
    tile = Image.new("L", (round(right - left) + 2 * room, round(bottom - top) + room))
    ImageDraw.Draw(tile).text((room - left, room / 2 - top), text, fill=_STRENGTH, font=font)
    return tile.rotate(_ANGLE, Image.Resampling.BICUBIC, expand=True)

"""The watermark: tiled, diagonal, grey with a light edge (seen on dark and on light), part of the pixels."""

from __future__ import annotations

import contextlib

from PIL import Image, ImageDraw, ImageFont

_STRENGTH = 100  # of 255: seen at once, and the letters under it stay readable
_ANGLE = 24
_REGULAR = 400
_DARK, _LIGHT = 96, 235


def marked(picture: Image.Image, text: str, font: str) -> Image.Image:
    """The picture with the text all over it; letters are a fiftieth of the longest side, at least 12 pixels."""
    letters = _letters(font, max(12, max(picture.size) // 50))
    mask = _tiled(_tile(text, letters), picture.size)
    edge = max(1, round(letters.size / 16))
    for shade, shift in ((_LIGHT, edge), (_DARK, 0)):
        picture.paste(shade if picture.mode == "L" else (shade, shade, shade), (shift, shift), mask)
    return picture


def _letters(path: str, size: int) -> ImageFont.FreeTypeFont:
    """The font in its regular weight: a variable one begins with its thinnest."""
    font = ImageFont.truetype(path, size)
    with contextlib.suppress(OSError):  # a font of one weight has no axes
        font.set_variation_by_axes([_REGULAR])
    return font


def _tiled(tile: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The tile over an area, rows shifted by half a tile and closer than a tile is high."""
    mask = Image.new("L", size)
    for row, y in enumerate(range(-tile.height // 2, size[1], round(tile.height * 0.75))):
        start = -tile.width // 2 if row % 2 else -tile.width // 8
        for x in range(start, size[0], tile.width):
            mask.paste(_STRENGTH, (x, y), tile)
    return mask


def _tile(text: str, font: ImageFont.FreeTypeFont) -> Image.Image:
    left, top, right, bottom = font.getbbox(text)
    room = round(font.size)
    tile = Image.new("L", (round(right - left) + 2 * room, round(bottom - top) + room))
    ImageDraw.Draw(tile).text((room - left, room / 2 - top), text, fill=255, font=font)
    return tile.rotate(_ANGLE, Image.Resampling.BICUBIC, expand=True)

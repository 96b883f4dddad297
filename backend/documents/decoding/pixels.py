"""Opening a picture safely and writing a clean one: what every picture job shares."""

from __future__ import annotations

from typing import BinaryIO

from PIL import Image, ImageOps

from backend.documents.decoding.cell import Refused

#: 40 megapixels: above every phone's ordinary picture, below what hurts (ABUSE "Uploads").
MOST_PIXELS = 40_000_000
QUALITY = 85
JPEG = "image/jpeg"

Image.MAX_IMAGE_PIXELS = MOST_PIXELS


def opened(source: BinaryIO, kind: str) -> Image.Image:
    """The first frame, not decoded yet, opened as ``kind`` only; too many pixels are refused from the header."""
    try:
        picture = Image.open(source, formats=(kind.upper(),))
    except Image.DecompressionBombError as bomb:
        raise Refused("too_many_pixels") from bomb
    check_size(picture.size)
    return picture


def check_size(size: tuple[int, int]) -> None:
    width, height = size
    if width * height > MOST_PIXELS:
        raise Refused("too_many_pixels")
    if width < 1 or height < 1:
        raise Refused("broken")


def flattened(picture: Image.Image, longest: int) -> Image.Image:
    """RGB or grey, upright, at most ``longest`` pixels a side, on white where it was transparent, nothing else."""
    picture.thumbnail((longest, longest), Image.Resampling.LANCZOS, reducing_gap=2.0)
    upright = ImageOps.exif_transpose(picture)
    plain = _opaque(upright)
    plain.info = {}  # a save would copy the comment from here
    return plain


def write(picture: Image.Image, target: BinaryIO, quality: int = QUALITY) -> None:
    picture.save(target, "JPEG", quality=quality)


def _opaque(picture: Image.Image) -> Image.Image:
    if picture.has_transparency_data:
        layer = picture.convert("RGBA")
        ground = Image.new("RGB", layer.size, "white")
        ground.paste(layer, mask=layer.getchannel("A"))
        return ground
    if picture.mode in ("1", "L"):
        return picture.convert("L")
    if picture.mode.startswith("I"):  # 16 bits a pixel; a plain convert would turn most of it white
        return picture.convert("I").point(lambda value: value / 256).convert("L")
    return picture.convert("RGB")

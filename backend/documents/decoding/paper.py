"""Job: every PDF becomes a PDF of pictures, whatever stood in it.

Always, not only when a search finds something dangerous: scripts, launch actions, attachments and forms hide in
object streams, filters and incremental updates, and a search that misses one is worse than none. A PDF of pictures
cannot hold any. The price, measured: 40–60 ms a page and 100–600 kB at 154 dpi (A4), no text to select.
At that density an 8-point line of a stamp is readable on screen and in print.
"""

from __future__ import annotations

from typing import BinaryIO

from PIL import Image, ImageChops

from backend.documents.decoding.cell import Facts, Options, serve
from backend.documents.decoding.pages import opened, redrawn

LONGEST = 1800
QUALITY = 75
_GREY_ENOUGH = 6  # of 255: the colour noise of a grey scan


def job(source: BinaryIO, target: BinaryIO, options: Options) -> Facts:
    """At most 20 pages; black-and-white ones are kept grey."""
    return redrawn(opened(source), target, longest=LONGEST, quality=QUALITY, finish=_thrifty)


def _thrifty(picture: Image.Image) -> Image.Image:
    """Grey when a small copy shows no colour: a third fewer bytes for most scans of forms."""
    red, green, blue = picture.resize((64, 64), Image.Resampling.BOX).split()
    apart = ImageChops.add(ImageChops.difference(red, green), ImageChops.difference(green, blue))
    return picture.convert("L") if max(apart.tobytes()) <= _GREY_ENOUGH else picture


def main() -> None:
    serve(job)

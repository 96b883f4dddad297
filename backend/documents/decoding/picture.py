"""Job: a JPEG, PNG or WebP becomes a new JPEG that holds pixels and nothing else.

One format out, because every browser, printer and PDF takes it. 3,000 pixels are A4 at 256 dpi.
"""

from __future__ import annotations

from typing import BinaryIO

from backend.documents.decoding.cell import Facts, Options, serve
from backend.documents.decoding.pixels import JPEG, flattened, opened, write

LONGEST = 3000


def job(source: BinaryIO, target: BinaryIO, options: Options) -> Facts:
    """Metadata, comments, profiles, further frames and trailing bytes stay behind; the orientation is applied."""
    picture = flattened(opened(source, options["kind"]), LONGEST)
    write(picture, target)
    return {"mime": JPEG, "width": picture.width, "height": picture.height, "pages": None}


def main() -> None:
    serve(job)

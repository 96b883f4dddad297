"""Job: a stored picture for the eyes of staff (with a watermark) or as a small preview."""

from __future__ import annotations

from typing import BinaryIO

from backend.documents.decoding.cell import Facts, Options, serve
from backend.documents.decoding.mark import marked
from backend.documents.decoding.pixels import JPEG, flattened, opened, write


def job(source: BinaryIO, target: BinaryIO, options: Options) -> Facts:
    """``longest`` pixels a side; ``text`` and ``font`` for a watermark, no text for none."""
    picture = flattened(opened(source, "jpeg"), options["longest"])
    if options["text"]:
        picture = marked(picture, options["text"], options["font"])
    write(picture, target, options["quality"])
    return {"mime": JPEG, "width": picture.width, "height": picture.height, "pages": None}


def main() -> None:
    serve(job)

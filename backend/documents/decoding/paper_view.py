"""Jobs: a stored PDF for the eyes of staff (every page watermarked), or its first page as a small preview."""

from __future__ import annotations

from functools import partial
from typing import BinaryIO

from backend.documents.decoding.cell import Facts, Options, serve
from backend.documents.decoding.mark import marked
from backend.documents.decoding.pages import opened, redrawn, rendered
from backend.documents.decoding.pixels import JPEG, write


def job(source: BinaryIO, target: BinaryIO, options: Options) -> Facts:
    """With ``text`` a PDF of the same pages; without it a JPEG of the first, ``longest`` pixels a side."""
    document = opened(source)
    longest, quality = options["longest"], options["quality"]
    if options["text"]:
        finish = partial(marked, text=options["text"], font=options["font"])
        return redrawn(document, target, longest=longest, quality=quality, finish=finish)
    picture = rendered(document[0], longest)
    write(picture, target, quality)
    return {"mime": JPEG, "width": picture.width, "height": picture.height, "pages": None}


def main() -> None:
    serve(job)

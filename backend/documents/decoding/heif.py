"""Job: an iPhone's HEIC becomes a JPEG. Apart from the others, because its library is slow to load."""

from __future__ import annotations

from typing import BinaryIO

from pillow_heif import open_heif

from backend.documents.decoding.cell import Facts, Options, serve
from backend.documents.decoding.picture import LONGEST
from backend.documents.decoding.pixels import JPEG, check_size, flattened, write


def job(source: BinaryIO, target: BinaryIO, options: Options) -> Facts:
    """The primary picture; its size is read from the header, the decoder runs after that."""
    file = open_heif(source, convert_hdr_to_8bit=True)
    primary = file[file.primary_index]
    check_size(primary.size)
    picture = flattened(primary.to_pillow(), LONGEST)
    write(picture, target)
    return {"mime": JPEG, "width": picture.width, "height": picture.height, "pages": None}


def main() -> None:
    serve(job)

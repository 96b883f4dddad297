"""What people and attackers send that is not taken, and the words they get."""

from __future__ import annotations

import contextlib
import io
import random
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from backend.documents.intake import MOST_BYTES, receive
from backend.gateways.scanner import NoScanner
from backend.kernel.errors import Invalid, Problem, TooLarge, Unsupported
from backend.kernel.i18n import N_
from tests import files


def send(content: bytes, workdir: Path) -> None:
    with receive(io.BytesIO(content), workdir=workdir, scanner=NoScanner()):
        pass


WRONG_TYPES = {
    "gif": files.GIF,
    "svg": files.SVG,
    "html": files.HTML,
    "exe": files.EXE,
    "eps": files.EPS,
    "psd": files.PSD,
    "script": files.SCRIPT,
    "zip": b"PK\x03\x04" + bytes(100),
    "text": "身份证".encode(),
    "one byte": b"\xff",
    "avif": b"\x00\x00\x00\x1cftypavif\x00\x00\x00\x00avifmif1miaf" + bytes(50),
    "avif under a general brand": b"\x00\x00\x00\x1cftypmif1\x00\x00\x00\x00mif1avifmiaf" + bytes(50),
    "pdf behind junk": b"<html>" + files.pdf(),
}


@pytest.mark.parametrize("content", WRONG_TYPES.values(), ids=WRONG_TYPES)
def test_intake_of_other_kinds_is_refused_by_content(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(Unsupported) as refused:
        send(content, tmp_path)
    assert refused.value.code == "file_type"


REJECTED = {
    "empty": (b"", "empty"),
    "196 megapixels": (files.bomb_png(14_000), "too_many_pixels"),
    "50 megapixels": (files.bomb_png(7_100), "too_many_pixels"),
    "41 megapixels of jpeg": (files.jpeg(6_410, 6_410), "too_many_pixels"),
    "truncated jpeg": (files.jpeg(600, 400)[:-900], "broken"),
    "truncated png": (files.png(600, 400)[:-40], "broken"),
    "truncated webp": (files.webp()[:60], "broken"),
    "truncated heic": (files.heic()[:-60], "broken"),
    "head of a jpeg only": (b"\xff\xd8\xff\xe0" + bytes(40), "broken"),
    "gif behind a jpeg head": (b"\xff\xd8\xff" + files.GIF, "broken"),
    "truncated pdf": (files.pdf()[:200], "broken"),
    "encrypted pdf": (files.pdf(password="geheim"), "encrypted"),
    "21 pages": (files.pdf(21), "too_many_pages"),
    "no page": (files.pdf(0), "broken"),
    "endless paper": (files.pdf(size=(200_000, 200_000)), "broken"),
}


@pytest.mark.parametrize(("content", "reason"), REJECTED.values(), ids=REJECTED)
def test_intake_of_broken_files_says_which_reason(content: bytes, reason: str, tmp_path: Path) -> None:
    with pytest.raises(Invalid) as refused:
        send(content, tmp_path)
    assert (refused.value.code, refused.value.extra["reason"]) == ("file_rejected", reason)
    assert refused.value.errors == {"file": [refused.value.title]}


def test_intake_of_an_encrypted_pdf_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(Invalid) as refused:
        send(files.pdf(password="geheim"), tmp_path)
    assert "去掉密码" in str(refused.value.title)


@pytest.mark.parametrize("make", [files.telling_jpeg, files.png, files.webp, files.heic, files.pdf])
def test_intake_of_mutilated_files_is_a_result_or_a_refusal(make: Callable[[], bytes], tmp_path: Path) -> None:
    """Whatever a decoder does over damaged bytes, a person gets an answer."""
    dice = random.Random(20261122)
    for _ in range(6):
        damaged = bytearray(make())
        for _ in range(dice.choice((1, 5, 40))):
            damaged[dice.randrange(16, len(damaged))] = dice.randrange(256)
        with contextlib.suppress(Invalid):
            send(bytes(damaged), tmp_path)


class Endless:
    """An upload that never ends; counts what was taken from it."""

    def __init__(self, head: bytes) -> None:
        self.head, self.taken = head, 0

    def read(self, size: int) -> bytes:
        piece = (self.head + bytes(size))[:size] if not self.taken else bytes(size)
        self.taken += size
        return piece


def test_intake_stops_reading_above_10_mib(tmp_path: Path) -> None:
    upload = Endless(files.jpeg())
    with pytest.raises(TooLarge) as refused:
        receive(upload, workdir=tmp_path, scanner=NoScanner())
    assert refused.value.code == "file_too_large"
    assert upload.taken <= MOST_BYTES + 65_536


def test_intake_takes_exactly_10_mib(tmp_path: Path) -> None:
    send(files.jpeg() + bytes(MOST_BYTES - len(files.jpeg())), tmp_path)


class Cut:
    """A client that goes away half-way."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def read(self, size: int) -> bytes:
        if not self.content:
            raise ConnectionResetError
        piece, self.content = self.content, b""
        return piece


def test_intake_of_an_upload_cut_at_half_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ConnectionResetError):
        receive(Cut(files.jpeg()[:700]), workdir=tmp_path, scanner=NoScanner())
    assert list(tmp_path.iterdir()) == []


class Infected:
    """A scanner that finds something in everything."""

    def scan(self, chunks: Iterable[bytes]) -> None:
        assert b"".join(chunks) == files.jpeg()
        raise Invalid("file_rejected", N_("有病毒"))


def test_intake_asks_the_scanner_about_the_bytes_as_sent(tmp_path: Path) -> None:
    with pytest.raises(Problem) as refused:
        receive(io.BytesIO(files.jpeg()), workdir=tmp_path, scanner=Infected())
    assert refused.value.code == "file_rejected"
    assert list(tmp_path.iterdir()) == []

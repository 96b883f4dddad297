"""Evidence: what is kept of it tells nothing of its sender, and on the way nothing touches a disk."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pypdf
import pytest
from PIL import Image

from backend.documents import sandbox, spaces
from backend.kernel.errors import Invalid, TooLarge, Unavailable, Unsupported
from backend.tips import evidence_cleaning
from backend.tips.evidence_cleaning import MOST_BYTES, clean
from tests import evidence_files as made, files

#: A bare JFIF file: APP0, tables, frame, scan.
BARE = {0xE0, 0xDB, 0xC0, 0xC4, 0xDA}


@pytest.fixture(params=[spaces.MEMORY, spaces.Heap()], ids=["memory", "heap"])
def space(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> spaces.Space:
    """Both ways of having files in memory: what this machine can, and what every machine can."""
    monkeypatch.setattr(spaces, "MEMORY", request.param)
    return request.param


def kept(content: bytes) -> bytes:
    with clean(io.BytesIO(content)) as result:
        return result.file.read()


@pytest.mark.parametrize("make", made.PICTURES.values(), ids=made.PICTURES)
def test_evidence_picture_keeps_pixels_alone(make: Callable[[], bytes]) -> None:
    dirty = make()
    assert len(made.traces(dirty)) >= 3
    content = kept(dirty)
    assert made.traces(content) == []
    assert set(files.jpeg_segments(content)) == BARE
    assert content.endswith(b"\xff\xd9")
    assert b"PK\x03\x04" not in content


@pytest.mark.parametrize("make", made.PAPERS.values(), ids=made.PAPERS)
def test_evidence_paper_keeps_pictures_of_its_pages_alone(make: Callable[[], bytes]) -> None:
    dirty = make()
    assert len(made.traces(dirty)) >= 2
    content = kept(dirty)
    reader = pypdf.PdfReader(io.BytesIO(content))
    assert made.traces(content) == []
    assert set(reader.trailer["/Root"]) == {"/Type", "/Pages"}
    assert (reader.metadata, reader.xmp_metadata, len(reader.pages)) == (None, None, 1)
    assert content.rstrip().endswith(b"%%EOF")


@pytest.mark.parametrize("make", made.SOUNDS.values(), ids=made.SOUNDS)
def test_evidence_recording_becomes_frames_of_one_channel_alone(make: Callable[[], bytes]) -> None:
    dirty = make()
    assert made.traces(dirty)
    content = kept(dirty)
    assert set(made.mp3_frames(content)) == {(24_000, 1)}
    assert made.traces(content) == []
    assert not re.search(rb"ID3|TAG|APETAGEX|Xing|Info|LAME|Lavf|Lavc", content)


def test_evidence_recording_is_as_long_as_it_was() -> None:
    with clean(io.BytesIO(made.sound("ipod", "aac", rate=44_100, seconds=4))) as result:
        assert (result.mime, result.seconds) == ("audio/mpeg", 4)
        content = result.file.read()
    assert 4.0 < len(made.mp3_frames(content)) * 576 / 24_000 < 4.2


def test_evidence_of_the_same_file_is_the_same() -> None:
    """No hour, no number of its own: two of one file cannot be told apart, nor their order."""
    for make in (made.jpeg, made.pdf, made.mp3):
        assert kept(content := make()) == kept(content)


OTHER_KINDS = {
    "office": made.office(),
    "old office": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
    "zip": made.zipped("a.txt"),
    "zip bomb": made.zip_bomb(),
    "film": made.film(),
    "film of a browser": b"\x1a\x45\xdf\xa3" + bytes(60),
    "old film": b"RIFF\0\0\0\0AVI LIST" + bytes(60),
    "gif": files.GIF,
    "svg": files.SVG,
    "html": files.HTML,
    "exe": files.EXE,
    "text": "孕检收费单".encode("utf-16"),
    "one byte": b"\xff",
}


@pytest.mark.parametrize("content", OTHER_KINDS.values(), ids=OTHER_KINDS)
def test_evidence_of_another_kind_says_what_to_send_instead(content: bytes) -> None:
    with pytest.raises(Unsupported) as refused:
        clean(io.BytesIO(content))
    assert (refused.value.code, "拍照或存成 PDF" in str(refused.value.title)) == ("file_type", True)


REJECTED = {
    "empty": (b"", "empty"),
    "196 megapixels": (files.bomb_png(14_000), "too_many_pixels"),
    "cut jpeg": (made.jpeg()[:-300], "broken"),
    "cut heic": (made.heic()[:-60], "broken"),
    "cut pdf": (files.pdf()[:200], "broken"),
    "cut m4a": (made.m4a()[:4_000], "broken"),
    "locked pdf": (files.pdf(password="geheim"), "encrypted"),
    "tags and no sound": (b"ID3\x03\0\0\0\0\0\x0a" + bytes(300), "broken"),
    "page behind tags": (b"ID3\x03\0\0\0\0\0\0" + files.HTML, "broken"),
    "65535 channels": (made.loud_wav(65_535, 8_000), "broken"),
    "9 channels": (made.loud_wav(9, 8_000), "broken"),
    "a rate of 2 GHz": (made.loud_wav(1, 2_000_000_000), "broken"),
    "a rate of 3 kHz": (made.loud_wav(1, 3_000), "broken"),
    "a rate of 500 kHz": (made.loud_wav(1, 500_000), "broken"),
}


@pytest.mark.parametrize(("content", "reason"), REJECTED.values(), ids=REJECTED)
def test_evidence_that_is_broken_locked_or_a_bomb_says_which(content: bytes, reason: str) -> None:
    with pytest.raises(Invalid) as refused:
        clean(io.BytesIO(content))
    assert (refused.value.code, refused.value.extra["reason"]) == ("file_rejected", reason)


@pytest.mark.parametrize("form", ["ipod", "mp3"], ids=["said in its header", "found by counting"])
def test_evidence_recording_that_is_too_long_is_refused(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence_cleaning, "_SOUND_LIMITS", {"longest_seconds": 2})
    codec = {"ipod": "aac", "mp3": "libmp3lame"}[form]
    with pytest.raises(Invalid) as refused:
        clean(io.BytesIO(made.sound(form, codec, seconds=4)))
    assert refused.value.extra["reason"] == "too_long"


def test_evidence_recording_cut_on_the_way_keeps_what_came() -> None:
    whole, half = made.mp3(), made.mp3()
    assert len(kept(whole)) * 0.3 < len(kept(half[: len(half) // 2])) < len(kept(whole))


@pytest.mark.parametrize("stream", [io.BytesIO, io.BufferedReader], ids=["in memory", "streamed"])
def test_evidence_above_20_mb_is_too_large(stream: type) -> None:
    content = io.BytesIO(files.jpeg() + bytes(MOST_BYTES))
    with pytest.raises(TooLarge) as refused:
        clean(content if stream is io.BytesIO else io.BufferedReader(content))
    assert "20 MB" in str(refused.value.title)


def test_evidence_of_20_mb_is_taken(space: spaces.Space) -> None:
    content = files.jpeg() + bytes(MOST_BYTES - len(files.jpeg()))
    assert files.jpeg_segments(kept(content))


class Cut:
    """A client that goes away half-way."""

    def __init__(self) -> None:
        self.content = files.jpeg()[:700]

    def read(self, size: int) -> bytes:
        if not self.content:
            raise ConnectionResetError
        piece, self.content = self.content, b""
        return piece


def test_evidence_that_breaks_off_raises_what_the_stream_raises() -> None:
    with pytest.raises(ConnectionResetError):
        clean(Cut())


@pytest.mark.parametrize("make", [made.jpeg, made.heic, made.pdf, made.m4a])
def test_evidence_is_the_same_with_files_of_memory_and_with_pipes(
    make: Callable[[], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    content = make()
    usual = kept(content)
    monkeypatch.setattr(spaces, "MEMORY", spaces.Heap())
    assert kept(content) == usual


def test_evidence_through_pipes_may_not_fill_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spaces, "MEMORY", spaces.Heap())
    monkeypatch.setattr(sandbox, "LIMITS", {**sandbox.LIMITS, "file_mib": 1})
    with pytest.raises(Invalid) as refused:
        clean(io.BytesIO(files.encoded(Image.effect_noise((3000, 2000), 90), "JPEG")))
    assert refused.value.extra["reason"] == "too_complex"


def test_evidence_waits_its_turn_and_is_told_when_it_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence_cleaning, "_turn", threading.BoundedSemaphore(1))
    monkeypatch.setattr(evidence_cleaning, "_WAIT_SECONDS", 0.05)
    with evidence_cleaning._place(), pytest.raises(Unavailable) as refused:
        clean(io.BytesIO(files.jpeg()))
    assert refused.value.code == "files_busy"
    assert kept(files.jpeg())


#: The child that stands in for a decoder says whether what it was given is memory.
WHERE = """
import json, os
ends = [f"/proc/self/fd/{number}" for number in os.listdir("/proc/self/fd")]
in_memory = sum("memfd" in os.readlink(end) for end in ends if os.path.islink(end))
print(json.dumps(dict(done=dict(mime="image/jpeg", width=1 + in_memory, height=1, pages=None))), end="")
""".replace("{", "{{").replace("}", "}}")


@pytest.mark.skipif(not isinstance(spaces.MEMORY, spaces.Memory), reason="only Linux has files that are memory")
def test_evidence_lies_in_memory_in_the_child_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "_START", WHERE)
    with clean(Streamed(files.jpeg())) as result:
        assert result.width == 5  # input, output, error, result


class Streamed:
    """An upload that is not in memory yet."""

    def __init__(self, content: bytes) -> None:
        self.stream = io.BytesIO(content)

    def read(self, size: int) -> bytes:
        return self.stream.read(size)


#: Cleans what it reads, where nothing can be written: with pipes no process may write a byte into any file at all
#: (``RLIMIT_FSIZE`` is inherited by the child and its libraries); with files of memory no file may be opened to write.
GUARDED = """
import io, os, resource, sys
from backend.documents import spaces
from backend.tips.evidence_cleaning import clean

def watch(event, values):
    if event in ("os.mkdir", "os.rename", "os.link", "os.symlink", "tempfile.mkstemp", "tempfile.mkdtemp"):
        os._exit(81)
    if event == "open" and not isinstance(values[0], int) and values[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
        os._exit(82)

content = sys.stdin.buffer.read()
if sys.argv[1] == "heap":
    spaces.MEMORY = spaces.Heap()
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
sys.addaudithook(watch)
with clean(io.BufferedReader(io.BytesIO(content))) as result:
    kept = result.file.read()
assert not {"av", "PIL", "pypdfium2", "pillow_heif"} & set(sys.modules)
sys.stdout.write(str(len(kept)))
"""


@pytest.mark.parametrize("way", ["memory", "heap"])
@pytest.mark.parametrize("make", [made.jpeg, made.heic, made.pdf, made.m4a])
def test_evidence_is_cleaned_where_nothing_can_be_written(make: Callable[[], bytes], way: str, tmp_path: Path) -> None:
    command = [sys.executable, "-B", "-c", GUARDED, way]
    said = subprocess.run(command, input=make(), capture_output=True, env={"TMPDIR": str(tmp_path)}, check=False)
    assert (said.returncode, said.stderr) == (0, b"")
    assert int(said.stdout) > 500
    assert list(tmp_path.iterdir()) == []


def test_evidence_guard_notices_a_file_on_disk(tmp_path: Path) -> None:
    """The proof above proves something: the documents' way does not pass it."""
    code = GUARDED.replace(
        "content = sys", f"spaces.MEMORY = spaces.Directory(spaces.Path({str(tmp_path)!r}))\ncontent = sys"
    )
    said = subprocess.run([sys.executable, "-B", "-c", code, "memory"], input=made.jpeg(), check=False)
    assert said.returncode in (81, 82)

"""The file storage: whole files or none, also on a full disk and after a crash."""

from __future__ import annotations

import errno
import io
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image

from backend.documents.intake import receive
from backend.gateways.scanner import NoScanner
from backend.gateways.storage import FileStorage, MemoryStorage, Missing, Storage
from backend.kernel.errors import Unavailable
from tests import files

KEY = "document/0abc123"
#: 200 kB as WebP, more as the JPEG it becomes.
NOISE = files.encoded(Image.effect_noise((900, 600), 90).convert("RGB"), "WEBP", quality=20)


@pytest.fixture(params=["file", "memory"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    return FileStorage(tmp_path / "files") if request.param == "file" else MemoryStorage()


def files_in(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


def test_storage_gives_back_what_was_put(storage: Storage) -> None:
    content = os.urandom(200_000)
    assert storage.put(KEY, [content[:70_000], content[70_000:]]) == 200_000
    assert storage.exists(KEY)
    assert b"".join(storage.open(KEY)) == content


def test_storage_deletes_and_deletes_again(storage: Storage) -> None:
    storage.put(KEY, [b"x"])
    storage.delete(KEY)
    storage.delete(KEY)
    assert not storage.exists(KEY)
    with pytest.raises(Missing):
        storage.open(KEY)


def test_storage_lists_the_keys_of_a_kind(storage: Storage) -> None:
    for key in (KEY, "document/0abc999", "certificate/0abc"):
        storage.put(key, [b"x"])
    assert sorted(storage.keys("document", older_than=timedelta(seconds=-5))) == [KEY, "document/0abc999"]


def test_storage_of_a_young_file_is_not_listed_as_old(tmp_path: Path) -> None:
    storage = FileStorage(tmp_path)
    storage.put(KEY, [b"x"])
    assert list(storage.keys("document", older_than=timedelta(hours=1))) == []


@pytest.mark.parametrize(
    "key", ["../x", "document/../../x", "document/", "/etc/passwd", "document/A b", "身份证/1", ""]
)
def test_storage_takes_no_paths_as_keys(key: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not a storage key"):
        FileStorage(tmp_path).put(key, [b"x"])


def test_storage_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    storage = FileStorage(tmp_path / "files")
    storage.put(KEY, [b"x"])
    (path,) = files_in(tmp_path)
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("number", "code"),
    [(errno.ENOSPC, "storage_full"), (errno.EDQUOT, "storage_full"), (errno.EIO, "storage_unavailable")],
)
def test_storage_that_cannot_write_leaves_nothing(
    number: int, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_descriptor: int) -> None:
        raise OSError(number, "no")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(Unavailable) as refused:
        FileStorage(tmp_path).put(KEY, [b"x" * 100_000])
    assert refused.value.code == code
    assert files_in(tmp_path) == []


def test_storage_whose_source_fails_leaves_nothing(tmp_path: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield b"x" * 100_000
        raise RuntimeError

    with pytest.raises(RuntimeError):
        FileStorage(tmp_path).put(KEY, broken())
    assert files_in(tmp_path) == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 256 KiB, where this machine lets us mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=256k", "none", str(folder)]
    if sys.platform != "linux" or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("not allowed to mount a small file system here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_storage_on_a_really_full_disk_leaves_nothing_and_recovers(small_disk: Path) -> None:
    storage = FileStorage(small_disk)
    storage.put(KEY, [bytes(100_000)])
    with pytest.raises(Unavailable) as refused:
        storage.put("document/0abc124", (bytes(64_000) for _ in range(10)))
    assert (refused.value.code, refused.value.retry_after) == ("storage_full", 300)
    assert [path.name for path in files_in(small_disk)] == ["0abc123"]
    storage.put("document/0abc125", [bytes(50_000)])


def test_storage_killed_while_writing_has_no_half_file(tmp_path: Path) -> None:
    code = (
        "import os, pathlib, signal, sys\n"
        "from backend.gateways.storage import FileStorage\n"
        "def chunks():\n"
        "    yield bytes(500_000)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        f"FileStorage(pathlib.Path(sys.argv[1])).put({KEY!r}, chunks())\n"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
    storage = FileStorage(tmp_path)
    assert not storage.exists(KEY)
    assert len(files_in(tmp_path)) == 1
    assert storage.tidy(older_than=timedelta(hours=1)) == 0
    old = time.time() - 7200
    os.utime(files_in(tmp_path)[0], (old, old))
    assert storage.tidy(older_than=timedelta(hours=1)) == 1
    assert files_in(tmp_path) == []


def test_storage_in_memory_can_be_full() -> None:
    with pytest.raises(Unavailable) as refused:
        MemoryStorage(limit=10).put(KEY, [bytes(11)])
    assert refused.value.code == "storage_full"


@pytest.mark.parametrize("content", [files.jpeg() + bytes(400_000), NOISE], ids=["upload", "result"])
def test_storage_full_while_an_upload_is_handled_is_said_so(content: bytes, small_disk: Path) -> None:
    with pytest.raises(Unavailable) as refused:
        receive(io.BytesIO(content), workdir=small_disk, scanner=NoScanner())
    assert refused.value.code == "storage_full"
    assert files_in(small_disk) == []

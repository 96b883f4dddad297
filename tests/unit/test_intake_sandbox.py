"""The decoder's own process: what happens when it dies, hangs, eats memory, and what it can see."""

from __future__ import annotations

import io
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from PIL import Image

from backend.documents import sandbox
from backend.documents.intake import Cleaned, receive
from backend.gateways.scanner import NoScanner
from backend.kernel.errors import Invalid, Unavailable
from tests import files

#: A stand-in for a decoder: reports what the line computes beside its facts.
PROBE = (
    "import json, os, sys, resource, signal, time; options = json.loads(sys.argv[1]); found = {line}; "
    'print(json.dumps({{"done": {{"mime": "image/jpeg", "width": 1, "height": 1, "pages": None, **found}}}}), end="")'
)


NOISE = Image.effect_noise((3000, 2000), 90)

#: A decoder that never comes to an end.
BUSY = (
    "import sys; sys.path.append({root!r}); from backend.documents.decoding.cell import serve\n"
    "def job(source, target, options):\n"
    "    while True: pass\n"
    "serve(job)"
)


def send(workdir: Path, content: bytes | None = None) -> Cleaned:
    upload = io.BytesIO(files.jpeg() if content is None else content)
    with receive(upload, workdir=workdir, scanner=NoScanner()) as cleaned:
        return cleaned


def probe(line: str, workdir: Path, monkeypatch: pytest.MonkeyPatch) -> Cleaned:
    start = PROBE.format(line=line).replace("{", "{{").replace("}", "}}")
    monkeypatch.setattr(sandbox, "_START", start)
    return send(workdir)


@pytest.mark.parametrize(("end", "reason"), [("SIGSEGV", "broken"), ("SIGABRT", "broken"), ("SIGKILL", "too_complex")])
def test_sandbox_decoder_that_dies_is_a_rejected_file(
    end: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Invalid) as refused:
        probe(f"os.kill(os.getpid(), signal.{end})", tmp_path, monkeypatch)
    assert refused.value.extra["reason"] == reason
    assert list(tmp_path.iterdir()) == []


def test_sandbox_decoder_that_hangs_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "WALL_SECONDS", 0.3)
    with pytest.raises(Invalid) as refused:
        probe("time.sleep(60)", tmp_path, monkeypatch)
    assert refused.value.extra["reason"] == "too_complex"


@pytest.mark.parametrize("limit", [{"memory_mib": 16}, {"file_mib": 1}], ids=["memory", "file size"])
def test_sandbox_limits_hold(limit: dict[str, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "LIMITS", {**sandbox.LIMITS, **limit})
    with pytest.raises(Invalid) as refused:
        send(tmp_path, files.encoded(NOISE, "JPEG"))
    assert refused.value.extra["reason"] == "too_complex"


def test_sandbox_limits_processor_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "LIMITS", {**sandbox.LIMITS, "cpu_seconds": 1})
    monkeypatch.setattr(sandbox, "_START", BUSY)
    with pytest.raises(Invalid) as refused:
        send(tmp_path)
    assert refused.value.extra["reason"] == "too_complex"


def test_sandbox_inherits_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_INDEX_KEY", "do not tell")
    seen = probe("{'width': len(set(os.environ) - {'LC_ALL', 'LC_CTYPE'}) + 1}", tmp_path, monkeypatch)
    assert seen.width == 1


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="only Linux lists open descriptors")
def test_sandbox_inherits_no_descriptor_but_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (tmp_path / "other").open("w"):
        seen = probe("{'width': len(os.listdir('/proc/self/fd'))}", tmp_path, monkeypatch)
    assert seen.width == 5  # the standard three, the result, and the listing's own


@pytest.mark.parametrize(
    "lie",
    ["{'mime': 'text/html'}", "{'width': 0}", "{'width': '1'}", "{'pages': 'x'}", "{'height': 10**9}", "exit()"],
)
def test_sandbox_does_not_believe_a_decoder_that_lies(
    lie: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Invalid) as refused:
        probe(lie, tmp_path, monkeypatch)
    assert refused.value.extra["reason"] == "broken"


def test_sandbox_that_does_not_start_is_our_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sandbox, "_START", "import no_such_decoder")
    with pytest.raises(Unavailable) as refused:
        send(tmp_path)
    assert refused.value.code == "files_unavailable"
    assert "no_such_decoder" in caplog.text


def test_sandbox_with_all_places_taken_asks_to_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "_places", threading.BoundedSemaphore(1))
    monkeypatch.setattr(sandbox, "WAIT_SECONDS", 0.05)
    with sandbox._place(), pytest.raises(Unavailable) as refused:
        send(tmp_path)
    assert (refused.value.code, refused.value.retry_after) == ("files_busy", 30)
    assert send(tmp_path).mime == "image/jpeg"


def test_sandbox_keeps_decoders_out_of_the_web_process(tmp_path: Path) -> None:
    """Picture and PDF libraries are loaded in heavy processes only: a hole in one must not reach the keys."""
    code = (
        "import io, pathlib, sys\n"
        "from backend.documents import housekeeping, intake, queries, reading, service, view\n"
        "from backend.gateways.scanner import NoScanner\n"
        "content = sys.stdin.buffer.read()\n"
        "intake.receive(io.BytesIO(content), workdir=pathlib.Path(sys.argv[1]), scanner=NoScanner())\n"
        "assert not {'PIL', 'pypdfium2', 'pillow_heif'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], input=files.jpeg(), check=True)

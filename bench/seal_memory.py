"""One web process that takes evidence of 20 MB (``python -m bench.seal_memory picture|recording``): its peak, in bytes.

Counted is what is resident, and the files of memory, which are not mapped. The decoder is a process of its own with
limits of its own (``documents.sandbox``).
"""

from __future__ import annotations

import asyncio
import io
import json
import os
import sys
import threading
import time
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace

from PIL import Image

from backend.kernel import sealing
from backend.tips import filing, tokens
from backend.tips.codes import NewMailbox
from backend.tips.filing import Report, Target
from backend.tips.tokens import Holder
from backend.tips_app import create_tips_app
from backend.tips_runtime import TipsRuntime, build_tips_runtime
from config.tip_line import load_tip_line
from ops.front import Front

SIZE, PIECE = 20 * 2**20, 64 * 1024
HEAD = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
TAIL = b"\r\n--b--\r\n"
_OURS = Path("/proc/self")


class Upload:
    """A form with a file of so many bytes as it comes from the network, made while it is read: the sender's memory is
    not ours. (One request of granian's own interface, as ``ops.front`` takes it.)"""

    def __init__(self, start: bytes, size: int) -> None:
        self.length = len(HEAD) + size + len(TAIL)
        self._start, self._fill = start, size - len(start)
        self.status = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield HEAD
        for at in range(0, len(self._start), PIECE):
            yield self._start[at : at + PIECE]
        for at in range(0, self._fill, PIECE):
            yield bytes(min(PIECE, self._fill - at))
        yield TAIL

    def response_bytes(self, status: int, _headers: object, _body: bytes) -> None:
        self.status = status


class Fields(dict[str, str]):
    """Header fields as granian gives them."""

    def get_all(self, name: str) -> list[str]:
        return [self[name]]


def main() -> None:
    line = build_tips_runtime(load_tip_line())
    front, holder = Front(create_tips_app(line), 1), _tip(line)
    start = {"picture": _picture(), "recording": _recording(SIZE)}[sys.argv[1]]
    _send(front, line, holder, Upload(_picture(), SIZE // 4))
    rest = _used()
    peak, done = [rest], threading.Event()
    watch = threading.Thread(target=_watch, args=(peak, done))
    watch.start()
    _send(front, line, holder, Upload(start, SIZE))
    done.set()
    watch.join()
    sys.stdout.write(json.dumps({"peak": peak[0] - rest}))


def _send(front: Front, line: TipsRuntime, holder: Holder, upload: Upload) -> None:
    token = tokens.seal(holder, day_key=line.days.current(line.today), now=line.clock())
    form = {"content-type": "multipart/form-data; boundary=b", "content-length": str(upload.length)}
    scope = SimpleNamespace(
        method="POST", path="/api/v1/tips/evidence", query_string="", server="a:80", client="a:1", scheme="http"
    )
    scope.http_version, scope.authority, scope.headers = "1.1", None, Fields(form, **{"tip-token": token})
    asyncio.run(front.__rsgi__(scope, upload))
    if upload.status != 201:
        raise SystemExit(f"{upload.status}")


def _watch(peak: list[int], done: threading.Event) -> None:
    while not done.is_set():
        peak[0] = max(peak[0], _used())
        time.sleep(0.002)


def _used() -> int:
    """Bytes that are resident, and those of files of memory."""
    resident = int((_OURS / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return resident + sum(_in_memory(int(name)) for name in os.listdir(_OURS / "fd"))


def _in_memory(descriptor: int) -> int:
    try:
        return os.fstat(descriptor).st_size if "memfd" in os.readlink(_OURS / "fd" / str(descriptor)) else 0
    except OSError:
        return 0


def _tip(line: TipsRuntime) -> Holder:
    pair = sealing.new_pair()
    tip_id = line.db.transact(
        filing.file,
        keys=line.keys,
        offline=line.offline,
        county=line.line.county,
        report=Report(Target("institution", "某诊所", f"{line.line.county}000000"), "advertising", "门口的广告"),
        opening={},
        mailbox=NewMailbox(sealing.new_key().hex(), b"salt", pair.public),
        consume=lambda session: None,
        day=line.today,
    )
    return Holder(tip_id, 1, pair.private)


def _picture() -> bytes:
    target = io.BytesIO()
    Image.effect_noise((3000, 2000), 60).save(target, "JPEG", quality=90)
    return target.getvalue()


def _recording(size: int) -> bytes:
    """The head of a WAV file of two minutes; the filling is its silence (RIFF, PCM 44.1 kHz, 16 bits, stereo)."""
    form = b"WAVEfmt \x10\0\0\0\x01\0\x02\0" + (44_100).to_bytes(4, "little") + (176_400).to_bytes(4, "little")
    data = b"\x04\0\x10\0data" + (size - 44).to_bytes(4, "little")
    return b"RIFF" + (size - 8).to_bytes(4, "little") + form + data


if __name__ == "__main__":
    main()

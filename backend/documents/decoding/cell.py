"""The inside of the sandbox: limits first, one job, one line of report.

Standard input is the file, the descriptor ``options["out"]`` takes the result (both may be pipes), the last line of
standard output is the report: ``{"done": {…facts}}`` or ``{"refused": "<reason>"}``. Who dies without one was killed
by its file.
"""

from __future__ import annotations

import contextlib
import errno
import io
import json
import os
import resource
import sys
from collections.abc import Callable
from typing import Any, BinaryIO

MIB = 1024 * 1024
Options = dict[str, Any]
Facts = dict[str, Any]
Job = Callable[[BinaryIO, BinaryIO, Options], Facts]
_FULL = {errno.ENOSPC, errno.EDQUOT}
#: EPIPE: on a pipe the other side takes as much as a file may hold, and then no more.
_TOO_MUCH = {errno.EFBIG, errno.ENOMEM, errno.EPIPE}


class Refused(Exception):
    """The file is not taken; the argument is a reason of ``documents.refusals``."""


def serve(job: Job) -> None:
    """Run one job under limits and report; any error of a decoder means that the file is broken."""
    options: Options = json.loads(sys.argv[1])
    _confine(options)
    try:
        report: Facts = {"done": _work(job, options)}
    except Refused as refusal:
        report = {"refused": str(refusal)}
    except MemoryError:
        report = {"refused": "too_complex"}
    except OSError as error:
        report = {"refused": _fault(error)}
        with contextlib.suppress(OSError):  # a pipe has no length
            os.ftruncate(options["out"], 0)  # on a full disk this makes room for the report
    except Exception:  # noqa: BLE001 - decoders raise whatever they like over a broken file
        report = {"refused": "broken"}
    sys.stdout.write("\n" + json.dumps(report))
    sys.stdout.flush()
    os._exit(0)  # decoders' own clean-up is of no use any more and has been seen to crash


def _work(job: Job, options: Options) -> Facts:
    source: BinaryIO = sys.stdin.buffer
    if not source.seekable():
        source = io.BytesIO(source.read())
    with os.fdopen(options["out"], "wb", closefd=False) as target:
        return job(source, target, options)


def _fault(error: OSError) -> str:
    if error.errno in _FULL:
        return "storage_full"
    return "too_complex" if error.errno in _TOO_MUCH else "broken"


def _confine(options: Options) -> None:
    limits = {
        resource.RLIMIT_CORE: 0,  # a core dump would hold the picture
        resource.RLIMIT_CPU: options["cpu_seconds"],
        resource.RLIMIT_AS: options["memory_mib"] * MIB,
        resource.RLIMIT_FSIZE: options["file_mib"] * MIB,
        resource.RLIMIT_NOFILE: 64,
    }
    for kind, limit in limits.items():
        try:
            resource.setrlimit(kind, (limit, limit))
        except (ValueError, OSError):
            continue  # macOS knows no limit of address space; the wall clock and the others remain

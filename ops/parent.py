"""Worker processes that end with their master.

A granian worker whose master was killed with -9 would go on answering beside its successor, with old
code. The kernel's parent-death signal (Linux) prevents that; it must be asked for in the worker itself.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def end_with_parent() -> None:
    """Ask for the signal, before the app takes its time to load."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() == 1:  # the master was gone before we asked
        os._exit(1)

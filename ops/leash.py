"""Child processes that end with the process that started them, even when that one is killed with -9.

Linux: the kernel's parent-death signal through ``setpriv`` of util-linux. Elsewhere there is no such signal
and the command runs as it is: there, after a kill -9, the operator ends the leftovers (docs/operations.md).
"""

from __future__ import annotations

import shutil


def leash(command: list[str], number: str = "KILL") -> list[str]:
    """The command so that it gets the signal when its parent ends; it replaces its wrapper (same pid)."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", number, "--", *command] if setpriv else command

"""Open sealed tips away from the server: ``python -m ops.open_tips --key KEY PARCEL PACKAGE.zip``.

For the holder of an offline key, on a machine without a network: it needs this code and nothing else. ``KEY``: the file
with the private half, as ``flask tips keypair`` printed it; ``PARCEL``: what ``flask tips export-sealed`` wrote. What
comes out is an encrypted package; its password is printed. Nothing is written in the clear.
"""

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path

from backend.kernel import sealing
from backend.kernel.clock import system_clock, today
from backend.kernel.crypto import Unreadable
from backend.tips import offline, packages


def open_parcel(key: Path, parcel: Path, package: Path, day: date) -> str:
    """Write the package; its password. ``ValueError``, ``OSError`` or ``Unreadable`` say what is wrong."""
    pair = offline.pair_of(key.read_text(encoding="utf-8"))
    password = packages.password(sealing.new_key(), "offline")
    with parcel.open("rb") as sealed, package.open("xb") as file:
        package.chmod(0o600)
        try:
            packages.write(file, offline.opened(sealed, pair.private), password=password, day=day)
        except BaseException:
            package.unlink()
            raise
    return password


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m ops.open_tips", description=__doc__.partition("\n")[0])
    parser.add_argument("--key", type=Path, required=True, help="the file with the private half")
    parser.add_argument("parcel", type=Path, help="what flask tips export-sealed wrote")
    parser.add_argument("package", type=Path, help="the encrypted ZIP to write; must not be there yet")
    given = parser.parse_args(arguments)
    try:
        password = open_parcel(given.key, given.parcel, given.package, today(system_clock()))
    except Unreadable:
        print("this key does not open this parcel, or the parcel was changed", file=sys.stderr)
        return 1
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{given.package}: written; password: {password}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

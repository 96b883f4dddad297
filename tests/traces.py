"""Looking for planted words, byte by byte, in whatever they could have been written as."""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import json
import urllib.parse
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "gb18030")
PAGE = 2**14
#: Shorter needles are found by chance.
SHORTEST = 7


def forms(words: str) -> dict[str, bytes]:
    """The words in each encoding, each of these in base64 (wherever it begins) and hex; as JSON and addresses write
    them; and the hashes that somebody could compare with."""
    found = {}
    for code in ENCODINGS:
        raw = words.encode(code, "replace")
        found[code] = raw
        found |= {f"{code} hex": raw.hex().encode(), f"{code} HEX": raw.hex().upper().encode()}
        for before in range(3):
            found |= {f"{code} base64 {before}{name}": part for name, part in _base64(raw, before).items()}
    found["json"] = json.dumps(words)[1:-1].encode()
    found["percent"] = urllib.parse.quote(words, safe="").encode()
    for name in ("md5", "sha1", "sha256"):
        digest = hashlib.new(name, words.encode(), usedforsecurity=False)
        found |= {name: digest.digest(), f"{name} hex": digest.hexdigest().encode()}
    return {name: form for name, form in found.items() if len(form) >= SHORTEST}


def address_forms(address: str) -> dict[str, bytes]:
    """An IP address in text and, where that is no chance find, as bytes."""
    packed = ipaddress.ip_address(address).packed
    found = forms(address) | {"hex": packed.hex().encode(), "number": str(int.from_bytes(packed)).encode()}
    return found | ({"packed": packed} if len(packed) == 16 else {})


def needles(secrets: Mapping[str, str], addresses: Mapping[str, str] | None = None) -> dict[str, bytes]:
    """``name: form`` → bytes, each once."""
    found = {f"{name}: {form}": raw for name, words in secrets.items() for form, raw in forms(words).items()}
    for name, address in (addresses or {}).items():
        found |= {f"{name}: {form}": raw for form, raw in address_forms(address).items()}
    return {name: raw for raw, name in {raw: name for name, raw in found.items()}.items()}


def hits(content: bytes, wanted: Mapping[str, bytes]) -> list[str]:
    """Names of the needles that are in the content."""
    return [name for name, raw in wanted.items() if raw in content]


def search(roots: Iterable[Path], wanted: Mapping[str, bytes]) -> dict[str, list[str]]:
    """File → what was found in it (or in its name)."""
    found = {}
    for root in roots:
        for path in sorted(root.rglob("*")):
            names = hits(str(path).encode(), wanted)
            names += hits(written(path), wanted) if path.is_file() else []
            if names:
                found[str(path)] = names
    return found


def written(path: Path) -> bytes:
    """A file without its empty pages (a database's files are mostly those)."""
    content = path.read_bytes()
    if len(content) < 2**20:
        return content
    nothing = bytes(PAGE)
    return b"".join(page for page in _pages(content) if page != nothing)


def _pages(content: bytes) -> Iterator[bytes]:
    for at in range(0, len(content), PAGE):
        yield content[at : at + PAGE]


def _base64(raw: bytes, before: int) -> dict[str, bytes]:
    """What of the words' base64 is the same whatever stands around them, ``before`` bytes after a step of three."""
    whole = base64.b64encode(bytes(before) + raw)
    first, last = -(-before * 8 // 6), (before + len(raw)) * 8 // 6
    part = whole[first:last]
    safe = part.translate(bytes.maketrans(b"+/", b"-_"))
    return {"": part} if safe == part else {"": part, " url": safe}

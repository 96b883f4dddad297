"""On which line of a TOML file a value stands.

``tomllib`` forgets positions and ``tomlkit`` keeps the layout but offers no line numbers either, so
this walks the text once: headers, keys, and the brackets and quotes that carry a value over lines.
It reads files that ``tomllib`` has accepted already, and need not find syntax errors itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from backend.catalogue.reader import Path

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?")
_KEY = re.compile(r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
_PART = re.compile(r"""[\w-]+|"[^"]*"|'[^']*'""")
_TOKEN = re.compile(r'"""|\'\'\'|"(?:\\.|[^"\\])*"|\'[^\']*\'|#.*|[\[\]{}]', re.S)


#: No definition of ours goes deeper; more would only cost the parser time or stack.
DEEPEST = 30
_DOTS = re.compile(rf"""[ \t]*\[{{0,2}}[ \t]*(?:[\w"'-]+[ \t]*\.[ \t]*){{{DEEPEST}}}""", re.ASCII)
_ESCAPES = re.compile(r"\\u00(?:0[0-8bcBCe-fE-F]|1[0-9a-fA-F]|7[fF])|\\U0000000[0-8]")


def unsafe_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines that must not reach the parser: endless dotted keys or brackets, characters that nobody can see."""
    for number, line in enumerate(text.split("\n"), start=1):
        if _DOTS.match(line) or line.count("[") + line.count("{") > 20 * DEEPEST:
            yield number, "嵌套太深，看不懂，请检查括号和点号"
        elif _ESCAPES.search(line) or any(_hidden(sign) for sign in line.rstrip("\r")):
            yield number, "有看不见的控制字符，请删掉"


def _hidden(sign: str) -> bool:
    control = (sign < " " and sign != "\t") or sign == "\x7f"
    return control or "\u200b" <= sign <= "\u200f" or "\u202a" <= sign <= "\u202e"


def locate(text: str) -> dict[Path, int]:
    """Every table and key of the file with its line (from 1); tables of arrays carry their place."""
    found: dict[Path, int] = {}
    table: Path = ()
    counts: dict[Path, int] = {}
    depth, quote = 0, ""
    for number, line in enumerate(text.splitlines(), start=1):
        if depth or quote:
            depth, quote = _carry(line, depth, quote)
            continue
        header, key = _HEADER.fullmatch(line), _KEY.match(line)
        if header:
            table = _table(header, counts)
            found.setdefault(table, number)
        elif key:
            found[(*table, *_parts(key[1]))] = number
            depth, quote = _carry(line[key.end() :], 0, "")
    return found


def line_of(path: Path, found: Mapping[Path, int]) -> int:
    """The line of a path, or of the nearest thing around it that has one (1 for the whole file)."""
    while path and path not in found:
        path = path[:-1]
    return found.get(path, 1)


def _table(header: re.Match[str], counts: dict[Path, int]) -> Path:
    """The path of a header; a name that is an array so far means its last table."""
    *outer, last = _parts(header[2])
    path: Path = ()
    for part in outer:
        path = _inside((*path, part), counts)
    path = (*path, last)
    if header[1] == "[[":
        counts[path] = counts.get(path, -1) + 1
        return _inside(path, counts)
    return path


def _inside(path: Path, counts: Mapping[Path, int]) -> Path:
    return (*path, counts[path]) if path in counts else path


def _parts(dotted: str) -> list[str]:
    return [part.strip("\"'") for part in _PART.findall(dotted)]


def _carry(line: str, depth: int, quote: str) -> tuple[int, str]:
    """How many brackets stay open after the line, and which triple quote does."""
    place = 0
    while place < len(line):
        if quote:
            end = line.find(quote, place)
            if end < 0:
                return depth, quote
            place, quote = end + 3, ""
            continue
        token = _TOKEN.search(line, place)
        if not token or token[0].startswith("#"):
            break
        place = token.end()
        if token[0] in ('"""', "'''"):
            quote = token[0]
        elif token[0] in "[{":
            depth += 1
        elif token[0] in "]}":
            depth -= 1
    return depth, quote

"""Service items in TOML files: read, checked to the last field, every fault with its file and line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from backend.catalogue.checking import faults_of
from backend.catalogue.definition import ItemDefinition
from backend.catalogue.lines import line_of, locate, unsafe_lines
from backend.catalogue.parsing import parse
from backend.catalogue.reader import plain

#: Ten times the longest item we ship.
LARGEST = 256 * 1024
_SYNTAX = re.compile(r"\(at (?:line (\d+), column \d+|end of document)\)")


@dataclass(frozen=True, slots=True, order=True)
class Complaint:
    """What is wrong, and where; ``str()`` is ``file:line: message``."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class RefusedError(Exception):
    """Nothing was published; ``complaints`` says everything that has to change."""

    def __init__(self, complaints: Iterable[Complaint]) -> None:
        self.complaints = sorted(complaints)
        super().__init__("\n".join(map(str, self.complaints)))


def load(path: Path, *, purposes: frozenset[str], now: datetime) -> list[ItemDefinition]:
    """Every item of a file or folder (``*.toml``), by file name; ``RefusedError`` with all faults of all files.

    ``purposes``: the consents that exist; ``now``: the day on which the samples are tried.
    """
    files = _files(path)
    if not files:
        raise RefusedError([Complaint(str(path), 1, "这里没有 .toml 文件")])
    found: list[ItemDefinition] = []
    complaints: list[Complaint] = []
    for file in files:
        try:
            found.append(read(_text(file), name=str(file), purposes=purposes, now=now))
        except RefusedError as refused:
            complaints += refused.complaints
    complaints += _twice(found, [str(file) for file in files]) if not complaints else []
    if complaints:
        raise RefusedError(complaints)
    return found


def texts(path: Path, found: Iterable[ItemDefinition]) -> dict[str, str]:
    """The text of each file by the code of its item; ``found`` is what ``load`` gave for the same path."""
    return {item.code: _text(file) for item, file in zip(found, _files(path), strict=True)}


def _files(path: Path) -> list[Path]:
    return sorted(path.glob("*.toml")) if path.is_dir() else [path]


def read(text: str, *, name: str, purposes: frozenset[str], now: datetime) -> ItemDefinition:
    """One item from the text of its file; ``RefusedError`` with every fault and its line."""
    if unsafe := list(unsafe_lines(text)):
        raise RefusedError(Complaint(name, line, message) for line, message in unsafe)
    try:
        definition, faults = parse(plain(_loaded(text, name)))
        faults = faults or faults_of(definition, purposes=purposes, now=now)
    except RecursionError as error:
        raise RefusedError([Complaint(name, 1, "嵌套太深，看不懂，请检查括号")]) from error
    except ValueError as error:
        raise RefusedError([Complaint(name, 1, str(error))]) from error
    if faults:
        lines = locate(text)
        raise RefusedError(Complaint(name, line_of(fault.path, lines), fault.message) for fault in faults)
    return definition


def _loaded(text: str, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RefusedError([_syntax(text, name, str(error))]) from error
    except ValueError as error:  # Python refuses to read integers of more than 4300 digits
        raise RefusedError([Complaint(name, 1, "有一个整数太长，请检查")]) from error


def decoded(content: bytes, *, name: str) -> str:
    """The text of a file; ``RefusedError`` when it is too large or no UTF-8."""
    if len(content) > LARGEST:
        raise RefusedError([Complaint(name, 1, f"文件太大，一个事项最多 {LARGEST // 1024} KB")])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise RefusedError([Complaint(name, line, "文件不是 UTF-8 编码，请另存为 UTF-8")]) from error


def _text(file: Path) -> str:
    try:
        return decoded(file.read_bytes(), name=str(file))
    except OSError as error:
        raise RefusedError([Complaint(str(file), 1, f"打不开文件：{error.strerror}")]) from error


def _syntax(text: str, name: str, message: str) -> Complaint:
    match = _SYNTAX.search(message)
    line = int(match[1]) if match and match[1] else max(1, text.count("\n"))
    return Complaint(name, line, f"不符合 TOML 格式：{_SYNTAX.sub('', message).strip()}")


def _twice(found: list[ItemDefinition], files: list[str]) -> list[Complaint]:
    first: dict[str, str] = {}
    complaints = []
    for definition, file in zip(found, files, strict=True):
        if definition.code in first:
            message = f"code “{definition.code}”已经在 {first[definition.code]} 里用了"
            complaints.append(Complaint(file, 1, message))
        first.setdefault(definition.code, file)
    return complaints

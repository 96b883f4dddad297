"""A region file (CSV ``code,name,level,parent``) as checked rows; nothing of it counts when one line is wrong."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from backend.kernel.errors import Wrong
from backend.kernel.text import clean

HEADER = ["code", "name", "level", "parent"]
#: How many digits of the code say something at each level; the rest are zeros.
DIGITS = {"province": 2, "city": 4, "county": 6, "town": 9, "village": 12}
LEVELS = list(DIGITS)
_CODE = re.compile(r"[1-9][0-9]{11}", re.ASCII)


@dataclass(frozen=True, slots=True)
class RegionRow:
    """One line of the file."""

    line: int
    code: str
    name: str
    level: str
    parent: str


class RegionFileError(Exception):
    """Nothing was imported; ``faults`` maps a line (from 1) to what is wrong with it."""

    def __init__(self, faults: Iterable[tuple[int, str]]) -> None:
        self.faults = sorted(faults)
        super().__init__("\n".join(f"{line}: {message}" for line, message in self.faults))


def read_rows(content: bytes, *, known: Mapping[str, str]) -> list[RegionRow]:
    """The rows of a file; ``RegionFileError`` with every wrong line.

    ``known``: code → level of the regions that exist already and may be parents.
    """
    lines = csv.reader(io.StringIO(_decode(content), newline=""), strict=True)
    faults: list[tuple[int, str]] = []
    rows: list[RegionRow] = []
    try:
        if next(lines, None) != HEADER:
            raise RegionFileError([(1, f"第一行要写 {','.join(HEADER)}")])
        for cells in lines:
            try:
                rows.append(_row(lines.line_num, cells))
            except Wrong as wrong:
                faults.append((lines.line_num, str(wrong.text)))
            except ValueError as error:
                faults.append((lines.line_num, str(error)))
    except csv.Error as error:
        faults.append((lines.line_num, f"这一行不是完整的 CSV：{error}"))
    faults += _repeated(rows)
    faults += _orphans(rows, known) if not faults else []
    if not rows and not faults:
        faults.append((1, "文件里没有辖区"))
    if faults:
        raise RegionFileError(faults)
    return rows


def _decode(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise RegionFileError([(line, "文件不是 UTF-8 编码，请另存为 UTF-8")]) from error


def _row(line: int, cells: list[str]) -> RegionRow:
    if len(cells) != len(HEADER):
        raise ValueError(f"要有 {len(HEADER)} 列，这一行有 {len(cells)} 列")
    code, name, level, parent = (cell.strip() for cell in cells)
    if not _CODE.fullmatch(code):
        raise ValueError("code 要写 12 位数字")
    if level not in DIGITS:
        raise ValueError(f"level 只能是 {'、'.join(LEVELS)}")
    if shape(code) != level:
        raise ValueError(f"这个代码的位数是 {shape(code)}，和 level 写的 {level} 不一致")
    return RegionRow(line, code, clean(name, max_length=60), level, parent)


def shape(code: str) -> str:
    """The level that the zeros at the end of a 12-digit code speak of."""
    return next(level for level, digits in DIGITS.items() if not code[digits:].strip("0"))


def _repeated(rows: list[RegionRow]) -> list[tuple[int, str]]:
    first: dict[str, int] = {}
    faults = []
    for row in rows:
        if row.code in first:
            faults.append((row.line, f"代码 {row.code} 在第 {first[row.code]} 行已经有了"))
        first.setdefault(row.code, row.line)
    return faults


def _orphans(rows: list[RegionRow], known: Mapping[str, str]) -> list[tuple[int, str]]:
    levels = {**known, **{row.code: row.level for row in rows}}
    faults = ((row.line, _parent_fault(row, levels)) for row in rows)
    return [(line, message) for line, message in faults if message]


def _parent_fault(row: RegionRow, levels: Mapping[str, str]) -> str:
    if row.level == "province":
        return "省级的 parent 要留空" if row.parent else ""
    above = LEVELS[LEVELS.index(row.level) - 1]
    if row.parent not in levels:
        return f"没有上级 {row.parent or '（空）'}，请先写上级"
    if levels[row.parent] != above:
        return f"上级 {row.parent} 是 {levels[row.parent]}，{row.level} 的上级应该是 {above}"
    if not row.code.startswith(row.parent[: DIGITS[above]]):
        return f"代码 {row.code} 不在上级 {row.parent} 之下"
    return ""

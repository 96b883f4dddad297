"""The bank's answer 银行回盘: a CSV of ours read strictly, every fault named by its line. Pure.

Columns 编号, 金额, 结果 (成功 or 失败), 原因, in any order, others ignored; the last line says 合计 under 编号, the sum
under 金额 and the number of lines under 结果. UTF-8 with or without BOM, GBK or GB18030; LF or CRLF. Amounts in yuan.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from backend.kernel.errors import Invalid, TooLarge, Wrong
from backend.kernel.i18n import N_, Text
from backend.kernel.text import clean

LARGEST = 5 * 2**20
#: One line per payment of the largest batch, with room for doubled ones to be named.
MOST = 40_000
#: So many faults are written out.
NAMED = 100
REFERENCE, AMOUNT, RESULT, REASON = COLUMNS = ("编号", "金额", "结果", "原因")
TOTAL = "合计"
RESULTS = {"成功": True, "失败": False}
LONGEST_REASON = 200
_YUAN = re.compile(r"([0-9]{1,3}(?:,[0-9]{3}){1,3}|[0-9]{1,10})(?:\.([0-9]{1,2}))?", re.ASCII)
_SCIENTIFIC = re.compile(r"[0-9.,]+[Ee][+-]?[0-9]+", re.ASCII)
_REFERENCE = re.compile(r"P[0-9A-Z]{13}", re.ASCII)
_COUNT = re.compile(r"([0-9]{1,6})笔?", re.ASCII)
#: What spreadsheets wrap a text in: ='P01…' or ="P01…".
_WRAPPED = re.compile(r"^=?\s*[\"']?(.*?)[\"']?$", re.DOTALL)

Faults = dict[int, list[Text]]


@dataclass(frozen=True, slots=True)
class BankLine:
    """One payment as the bank answers it; ``line`` counts from 1 with the heading."""

    line: int
    reference: str
    fen: int
    paid: bool
    reason: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class BankFile:
    """A file without faults of its own; ``digest``: SHA-256 (hex) of its bytes."""

    digest: str
    lines: tuple[BankLine, ...]


def read(content: bytes) -> BankFile:
    """Errors: 413 ``too_large``; 422 ``bank_file`` with every fault by line (``lines.7``)."""
    if len(content) > LARGEST:
        raise TooLarge("too_large", N_("回盘文件不能超过 5 MB，请确认选对了文件"))
    rows = _rows(_text(content))
    heading = next(rows, None)
    columns = _columns(heading[1] if heading else [])
    faults: Faults = {}
    lines: list[BankLine] = []
    total: tuple[int, list[str]] | None = None
    for number, row in rows:
        if total is not None:
            fault(faults, number, N_("合计行要在最后，后面不能再有内容"))
        elif _cell(row, columns[REFERENCE]) == TOTAL:
            total = number, row
        elif len(lines) + len(faults) >= MOST:
            raise whole(N_("行数太多，请确认选对了文件"))
        else:
            _take(lines, faults, number, row, columns)
    _check_total(faults, lines, total, columns)
    refuse(faults)
    return BankFile(hashlib.sha256(content).hexdigest(), tuple(lines))


def whole(words: Text) -> Invalid:
    """The file as such is not what we take."""
    return Invalid("bank_file", words, errors={"file": [words]})


def fault(faults: Faults, line: int, words: Text) -> None:
    faults.setdefault(line, []).append(words)


def refuse(faults: Faults) -> None:
    """Nothing of a file with faults is taken; the first hundred are named."""
    if faults:
        named = sorted(faults.items())[:NAMED]
        raise Invalid(
            "bank_file",
            N_("文件里有 %(n)s 行不对，一行也没有记入。改好后整份重新上传", n=len(faults)),
            errors={f"lines.{line}": words for line, words in named},
        )


def _text(content: bytes) -> str:
    if not content.strip():
        raise whole(N_("文件是空的，请重新从银行下载"))
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise whole(N_("这是表格文件，请在表格软件里另存为 CSV 再上传"))
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise whole(N_("文件读不懂，请上传 CSV 文件（UTF-8 或 GBK 编码）"))


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """The lines that hold anything, with their place in the file."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield reader.line_num, row
    except csv.Error as error:
        raise whole(N_("第 %(line)s 行的引号或分隔符不对，请重新从银行下载", line=reader.line_num)) from error


def _columns(heading: list[str]) -> dict[str, int]:
    names = [_plain(cell) for cell in heading]
    names = [AMOUNT if name == "金额(元)" else name for name in names]
    missing = [name for name in COLUMNS if names.count(name) != 1]
    if missing:
        raise whole(
            N_("第一行要有“编号、金额、结果、原因”四列，各一列；现在不对的是：%(names)s", names="、".join(missing))
        )
    return {name: names.index(name) for name in COLUMNS}


def _take(lines: list[BankLine], faults: Faults, number: int, row: list[str], columns: dict[str, int]) -> None:
    """One line, or what is wrong with it."""
    reason = row[columns[REASON]] if len(row) > columns[REASON] else ""
    plain = [_cell(row, columns[name]) for name in (REFERENCE, AMOUNT, RESULT)]
    values: list[Any] = []
    for check, text in zip((_reference, _fen, _result, _reason), (*plain, reason), strict=True):
        try:
            values.append(check(text))
        except Wrong as wrong:
            fault(faults, number, wrong.text)
    if number not in faults:
        lines.append(BankLine(number, *values))


def _reference(text: str) -> str:
    if _SCIENTIFIC.fullmatch(text):
        raise Wrong(N_("编号被表格软件改成了科学计数法，请用银行给的原文件"))
    found = _WRAPPED.sub(r"\1", text).strip().upper()
    if not _REFERENCE.fullmatch(found):
        raise Wrong(N_("编号不对，应该是 P 开头的 14 位，请用银行给的原文件"))
    return found


def _fen(text: str) -> int:
    """Yuan with at most two decimals, as fen."""
    if text.startswith(("-", "−", "(")):
        raise Wrong(N_("金额不能是负数"))
    if _SCIENTIFIC.fullmatch(text):
        raise Wrong(N_("金额被表格软件改成了科学计数法，请用银行给的原文件"))
    match = _YUAN.fullmatch(text.removeprefix("¥").removesuffix("元").strip())
    if match is None:
        raise Wrong(N_("金额要写成 960.00 这样，最多两位小数"))
    return int(match[1].replace(",", "")) * 100 + int((match[2] or "").ljust(2, "0"))


def _result(text: str) -> bool:
    if text not in RESULTS:
        raise Wrong(N_("结果只能写“成功”或“失败”"))
    return RESULTS[text]


def _reason(text: str) -> str:
    return clean(text, max_length=LONGEST_REASON, multiline=True) if text.strip() else ""


def _check_total(
    faults: Faults, lines: list[BankLine], total: tuple[int, list[str]] | None, columns: dict[str, int]
) -> None:
    """The bank's own sums; where lines are wrong they cannot be compared."""
    if total is None:
        raise whole(N_("没有合计行，文件可能不完整，请重新从银行下载"))
    number, row = total
    count = _COUNT.fullmatch(_cell(row, columns[RESULT]))
    try:
        fen = _fen(_cell(row, columns[AMOUNT]))
    except Wrong as wrong:
        return fault(faults, number, wrong.text)
    if count is None:
        return fault(faults, number, N_("合计行的“结果”一列要写笔数"))
    if not faults and int(count[1]) != len(lines):
        fault(faults, number, N_("合计行写 %(said)s 笔，文件里是 %(found)s 笔", said=int(count[1]), found=len(lines)))
    if not faults and fen != sum(line.fen for line in lines):
        fault(faults, number, N_("合计行的金额和各行相加不一样"))
    return None


def _cell(row: list[str], place: int) -> str:
    return _plain(row[place]) if place < len(row) else ""


def _plain(text: str) -> str:
    """Digits and signs of any width as ASCII, without the space around them."""
    return unicodedata.normalize("NFKC", text).strip()

"""Reading the bank's answer: what is right in every encoding, and everything that is wrong, by its line."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, strategies as st

from backend.benefits import bank_files
from backend.benefits.bank_files import BankFile
from backend.kernel.errors import Invalid, TooLarge

ONE, TWO = "P0123456789ABC", "PZZZZZZZZZZZZ9"
GOOD = f"编号,金额,结果,原因\r\n{ONE},960.00,成功,\r\n{TWO},960,失败,账号不存在\r\n合计,1920.00,2,\r\n"


def read(text: str | bytes) -> BankFile:
    return bank_files.read(text if isinstance(text, bytes) else text.encode())


def wrong(text: str | bytes) -> dict[str, list[str]]:
    """What is refused, by line or for the whole file."""
    with pytest.raises(Invalid) as refused:
        read(text)
    assert refused.value.code == "bank_file"
    return {name: [str(one) for one in found] for name, found in refused.value.errors.items()}


def line(content: str, total: str = "合计,960.00,1,") -> str:
    """A file of one line."""
    return f"编号,金额,结果,原因\n{content}\n{total}\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
@pytest.mark.parametrize("ends", ["\r\n", "\n"])
def test_every_encoding_of_a_bank_is_read(encoding: str, ends: str) -> None:
    found = read(GOOD.replace("\r\n", ends).encode(encoding))
    assert [(one.line, one.reference, one.fen, one.paid) for one in found.lines] == [
        (2, ONE, 96_000, True),
        (3, TWO, 96_000, False),
    ]
    assert found.lines[1].reason == "账号不存在"


@pytest.mark.parametrize(
    "content",
    [
        f'"{ONE}","960.00","成功",""',
        f"{ONE.lower()},９６０．００,成功,",
        f"  {ONE} , 960.00 , 成功 ,",
        f'"=""{ONE}""",¥960.00,成功,',
        f"'{ONE},960.0元,成功,",
        f"{ONE},960.00,成功",
        f'{ONE},960.00,成功,"两行\n原因"',
    ],
)
def test_what_spreadsheets_do_to_a_right_line_is_undone(content: str) -> None:
    assert [(one.reference, one.fen) for one in read(line(content)).lines] == [(ONE, 96_000)]


def test_columns_may_stand_in_any_order_among_others() -> None:
    text = f'序号,结果,户名,原因,金额（元）,编号\n1,失败,王㐂,户名不符,"1,200.50",{ONE}\n,1笔,,,1200.5,合计\n'
    (one,) = read(text).lines
    assert (one.reference, one.fen, one.paid, one.reason) == (ONE, 120_050, False, "户名不符")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (f"{ONE},-960.00,成功,", "负数"),
        (f"{ONE},9.6E+02,成功,", "科学计数法"),
        ("1.23E+12,960.00,成功,", "科学计数法"),
        ("123456789012,960.00,成功,", "编号不对"),
        (f"{ONE[:-1]},960.00,成功,", "编号不对"),
        (f"{ONE},960.001,成功,", "960.00 这样"),
        (f"{ONE},九百六,成功,", "960.00 这样"),
        (f"{ONE},,成功,", "960.00 这样"),
        (f"{ONE},NaN,成功,", "960.00 这样"),
        (f"{ONE},99999999999,成功,", "960.00 这样"),
        (f"{ONE},960.00,success,", "成功"),
        (f"{ONE},960.00,,", "成功"),
        (f"{ONE},960.00,失败,{'长' * 201}", "最多写"),
        (f"{ONE},960.00,失败,a\u202eb", "控制字符"),
    ],
)
def test_a_wrong_line_is_named_and_nothing_is_taken(content: str, said: str) -> None:
    found = wrong(line(content))
    assert list(found) == ["lines.2"]
    assert said in "".join(found["lines.2"])
    assert ONE not in str(found)


def test_every_fault_of_every_line_is_named_at_once() -> None:
    found = wrong(f"编号,金额,结果,原因\nx,-1,好,\n{ONE},960.00,成功,\n{TWO},a,成功,\n合计,960.00,1,\n")
    assert {name: len(words) for name, words in found.items()} == {"lines.2": 3, "lines.4": 1}


def test_at_most_a_hundred_faults_are_written_out() -> None:
    assert len(wrong(line("x,1,成功,\n" * 300))) == 100


@pytest.mark.parametrize(
    ("total", "said"),
    [
        ("合计,960.01,1,", "金额"),
        ("合计,960.00,2,", "2 笔"),
        ("合计,960.00,,", "笔数"),
        ("合计,很多,1,", "960.00 这样"),
        ("合计,960.00,1,\nP0000000000001,1.00,成功,", "最后"),
    ],
)
def test_wrong_sums_are_refused(total: str, said: str) -> None:
    assert said in str(wrong(line(f"{ONE},960.00,成功,", total)))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "空的"),
        (b" \r\n\r\n", "空的"),
        (b"PK\x03\x04rest of a workbook", "另存为 CSV"),
        (b"\xd0\xcf\x11\xe0old workbook", "另存为 CSV"),
        (bytes(range(256)), "读不懂"),
        (b"\xff\xfe" + GOOD.encode("utf-16-le"), "读不懂"),
        (b"%PDF-1.7\n1 0 obj", "四列"),
        (f"{ONE},960.00,成功,\n".encode(), "四列"),
        ("编号,金额,金额,结果,原因\n".encode(), "金额"),
        (f"编号,金额,结果,原因\n{ONE},960.00,成功,\n".encode(), "合计行"),
        (f'编号,金额,结果,原因\n{ONE},"960.00,成功,\n'.encode(), "引号"),
        (f"编号,金额,结果,原因\n{ONE},{'9' * 200_000},成功,\n".encode(), "引号"),
    ],
)
def test_what_is_no_bank_file_is_refused_in_words(content: bytes, said: str) -> None:
    found = wrong(content)
    assert list(found) == ["file"]
    assert said in found["file"][0]


def test_six_megabytes_are_too_large() -> None:
    with pytest.raises(TooLarge):
        read(b"x" * (6 * 2**20))


def test_a_formula_in_the_reason_is_words() -> None:
    (one,) = read(line(f'{ONE},960.00,失败,"=HYPERLINK(""http://x"")"')).lines
    assert one.reason == '=HYPERLINK("http://x")'


@given(st.binary(max_size=400))
def test_whatever_comes_is_read_or_refused(content: bytes) -> None:
    with contextlib.suppress(Invalid):
        bank_files.read(content)


@given(
    st.lists(
        st.tuples(st.integers(1, 10**9), st.booleans(), st.sampled_from(["", "账号不存在", '𠮷，"户名"不符'])),
        max_size=30,
    )
)
def test_what_is_written_by_the_rules_is_read_back(rows: list[tuple[int, bool, str]]) -> None:
    text = ["编号,金额,结果,原因"]
    for at, (fen, paid, reason) in enumerate(rows):
        quoted = '"' + reason.replace('"', '""') + '"'
        text.append(f"P{at:013d},{fen // 100}.{fen % 100:02d},{'成功' if paid else '失败'},{quoted}")
    total = sum(fen for fen, _, _ in rows)
    text.append(f"合计,{total // 100}.{total % 100:02d},{len(rows)}笔,")
    found = read("\n".join(text))
    assert [(one.fen, one.paid, one.reason) for one in found.lines] == rows

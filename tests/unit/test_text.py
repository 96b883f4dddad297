"""What people type: kept byte for byte, refused only where it deceives or breaks."""

from __future__ import annotations

import contextlib
import unicodedata

import pytest
from hypothesis import given, strategies as st

from backend.kernel.errors import Wrong
from backend.kernel.text import ascii_digits, clean, person_name

HIDDEN = [
    "\x00",
    "\x1b",
    "\n",
    "\r",
    "\u202e",
    "\u2066",
    "\u200b",
    "\u200d",
    "\ufeff",
    "\u2060",
    "\u2028",
    "\ud800",
    "\ufffe",
]


@pytest.mark.parametrize(
    "value",
    [
        "𠮷㐂䶮",
        "👨‍👩‍👧 好",
        "🧑🏽‍🦰",
        "❤️‍🔥",
        "A–B “引号”",
        "<script>1</script>",
        "%_\\'\"",
        "\ue000",
    ],
)
def test_clean_keeps_content_byte_equal(value: str) -> None:
    assert clean(value, max_length=50) == value


def test_clean_drops_space_around() -> None:
    assert clean("\u3000 中心街 1 号 ", max_length=20) == "中心街 1 号"


@pytest.mark.parametrize("sign", HIDDEN)
def test_clean_refuses_hidden_character(sign: str) -> None:
    with pytest.raises(Wrong):
        clean(f"王{sign}某", max_length=20)


@pytest.mark.parametrize("value", ["", "   ", "\u3000\u3000", "\u00a0"])
def test_clean_refuses_nothing_but_space(value: str) -> None:
    with pytest.raises(Wrong):
        clean(value, max_length=20)


def test_clean_counts_code_points_to_the_limit() -> None:
    assert clean("𠮷" * 20, max_length=20) == "𠮷" * 20
    with pytest.raises(Wrong, match="最多写 20 个字"):
        clean("𠮷" * 21, max_length=20)


def test_clean_multiline_keeps_lines_of_a_form() -> None:
    assert clean("第一行\r\n\t第二行\r\n", max_length=50, multiline=True) == "第一行\n\t第二行"


def test_clean_single_line_refuses_trailing_newline() -> None:
    with pytest.raises(Wrong):
        clean("王某\n", max_length=50)


@given(st.text())
def test_clean_result_is_part_of_the_input_or_refused(value: str) -> None:
    try:
        result = clean(value, max_length=100)
    except Wrong:
        return
    assert result in value
    assert clean(result, max_length=100) == result
    assert "\u202e" not in result


@given(st.text())
def test_ascii_digits_gives_ascii_or_refuses(value: str) -> None:
    with contextlib.suppress(Wrong):
        assert set(ascii_digits(value)) <= set("0123456789")


def test_ascii_digits_narrows_full_width() -> None:
    assert ascii_digits(" １２3 ") == "123"


@pytest.mark.parametrize("value", ["", "12a", "1\n", "12\n", "-1", "1.5", "½"])
def test_ascii_digits_refuses_anything_else(value: str) -> None:
    with pytest.raises(Wrong):
        ascii_digits(value)


@pytest.mark.parametrize(
    "name",
    [
        "王㐂",
        "𠮷田",
        "䶮",
        "买买提·吐尔逊",
        "O'Brien-Smith Jr.",
        "Nguyễn Văn A",
        "José",
        "\U00031350",
    ],
)
def test_person_name_accepts_real_names(name: str) -> None:
    assert person_name(name) == name


def test_person_name_accepts_combining_marks() -> None:
    assert person_name(unicodedata.normalize("NFD", "Nguyễn")) == unicodedata.normalize("NFD", "Nguyễn")


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "王1",
        "王<b>",
        "王\u202e",
        "王\u200b",
        "😀",
        "王\n",
        "···",
        "王" * 51,
        "王\x00",
    ],
)
def test_person_name_refuses_what_no_document_prints(name: str) -> None:
    with pytest.raises(Wrong):
        person_name(name)


def test_wrong_never_carries_the_value() -> None:
    with pytest.raises(Wrong) as refusal:
        person_name("王某某13800000021")
    assert "13800000021" not in str(refusal.value)

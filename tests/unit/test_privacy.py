"""Identity documents and mobile numbers (numbers here are samples under area 000000 or built by rule)."""

from __future__ import annotations

import contextlib
from datetime import date, timedelta

import pytest
from hypothesis import given, strategies as st

from backend.kernel import privacy
from backend.kernel.errors import Wrong

TODAY = date(2026, 11, 22)
DATES = st.dates(date(1900, 1, 1), TODAY)
AREAS = st.integers(0, 999_999).map(lambda n: f"{n:06d}")


def number(area: str = "000000", born: date = date(1990, 1, 1), order: int = 1) -> str:
    first = f"{area}{born:%Y%m%d}{order:03d}"
    return first + privacy.check_character(first)


@pytest.mark.parametrize(("first", "last"), [("11010519491231002", "X"), ("44052418800101001", "4")])
def test_check_character_matches_the_examples_of_the_standard(first: str, last: str) -> None:
    assert privacy.check_character(first) == last


@given(AREAS, DATES, st.integers(0, 999))
def test_resident_id_of_any_area_is_accepted(area: str, born: date, order: int) -> None:
    value = number(area, born, order)
    assert privacy.check_id("resident_id", value, today=TODAY) == value


@given(DATES, st.integers(0, 17), st.integers(1, 9))
def test_resident_id_with_one_wrong_digit_is_refused(born: date, position: int, shift: int) -> None:
    value = number("370402", born)
    digit = "0123456789X".index(value[position])
    changed = value[:position] + str((digit + shift) % 10) + value[position + 1 :]
    if changed != value:
        with pytest.raises(Wrong):
            privacy.check_id("resident_id", changed, today=TODAY)


@given(AREAS, DATES, st.integers(0, 999))
def test_resident_id_in_full_width_and_lower_case_is_the_same_person(area: str, born: date, order: int) -> None:
    value = number(area, born, order)
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in value.lower())
    assert privacy.check_id("resident_id", f" {wide}\u3000") == value == privacy.check_id("resident_id", value.lower())


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (
            number()[:17] + ("0" if number()[17] != "0" else "1"),
            "第 18 位不对，请对照身份证再看一遍",
        ),
        ("000000199002300010", "没有这一天"),
        ("000000190002290010", "没有这一天"),
        (number(born=TODAY + timedelta(days=1)), "还没有到"),
        (number(born=date(1860, 1, 1)), "太早"),
        ("00000019900101001", "现在是 17 位"),
        ("0000001990010100100", "现在是 19 位"),
        ("00000A199001010010", "第 6 位应该是数字"),
        ("00000019900101X010", "第 15 位应该是数字"),
        ("००००००199001010010", "第 1 位应该是数字"),
        ("000000²99001010010", "第 7 位应该是数字"),
        ("", "现在是 0 位"),
    ],
)
def test_resident_id_refusal_says_which_part(value: str, words: str) -> None:
    with pytest.raises(Wrong, match=words) as refusal:
        privacy.check_id("resident_id", value, today=TODAY)
    assert value == "" or value not in str(refusal.value)


@pytest.mark.parametrize("extra", ["\n", "\r\n", "\x00", "\u200b", "\u202e", "\u2028"])
@pytest.mark.parametrize("id_type", privacy.ID_TYPES)
def test_number_with_hidden_character_is_refused(extra: str, id_type: str) -> None:
    with pytest.raises(Wrong):
        privacy.check_id(id_type, number() + extra)


def test_resident_id_of_a_newborn_today_is_accepted() -> None:
    assert privacy.check_id("resident_id", number(born=TODAY), today=TODAY)


@pytest.mark.parametrize("area", ["810000", "820000", "830000"])
def test_hmt_permit_areas_are_accepted(area: str) -> None:
    assert privacy.check_id("hmt_permit", number(area)) == number(area)


def test_hmt_permit_of_another_area_is_refused() -> None:
    with pytest.raises(Wrong, match="81、82 或 83"):
        privacy.check_id("hmt_permit", number("370402"))


@pytest.mark.parametrize(
    "value",
    [number("937840"), "KAZ110090123105", "usa370000022905", "ＫＡＺ110090123105"],
)
def test_foreign_residents_of_both_forms_are_accepted(value: str) -> None:
    assert privacy.check_id("foreign_pr", value)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (number("370402"), "第 1 位是 9"),
        ("KAZ110090133105", "没有这一天"),
        ("KA1110090123105", "3 个字母和 12 个数字"),
        ("KAZ11009012310", "现在是 14 位"),
        (number("937840")[:17] + "Y", "第 18 位"),
    ],
)
def test_foreign_resident_refusal_says_which_part(value: str, words: str) -> None:
    with pytest.raises(Wrong, match=words):
        privacy.check_id("foreign_pr", value, today=TODAY)


@pytest.mark.parametrize(("value", "kept"), [("e12345678", "E12345678"), (" G1234567 ", "G1234567")])
def test_passport_is_normalised(value: str, kept: str) -> None:
    assert privacy.check_id("passport", value) == kept


@pytest.mark.parametrize("value", ["E123", "E" * 21, "E12 345678", "护照12345", "E1234567\n"])
def test_passport_of_another_shape_is_refused(value: str) -> None:
    with pytest.raises(Wrong):
        privacy.check_id("passport", value)


def test_unknown_document_type_is_refused() -> None:
    with pytest.raises(Wrong, match="证件类型"):
        privacy.check_id("driving_licence", number())


@given(st.sampled_from([*privacy.ID_TYPES, "?"]), st.text())
def test_check_id_answers_any_text_without_falling_over(id_type: str, value: str) -> None:
    with contextlib.suppress(Wrong):
        assert privacy.check_id(id_type, value).isascii()


@pytest.mark.parametrize(
    "value",
    ["13800000021", "１３８００００００２１", " 138 0000 0021", "138-0000-0021"],
)
def test_mobile_in_any_writing_is_one_number(value: str) -> None:
    assert privacy.check_mobile(value) == "13800000021"


@pytest.mark.parametrize(
    "value",
    [
        "",
        "12800000021",
        "1380000002",
        "138000000211",
        "13800000021\n",
        "1380000002a",
        "٠" * 11,
    ],
)
def test_mobile_of_another_shape_is_refused(value: str) -> None:
    with pytest.raises(Wrong):
        privacy.check_mobile(value)


def test_birth_date_and_sex_are_read_from_eighteen_digits() -> None:
    assert privacy.birth_date(number(born=date(1990, 2, 28))) == date(1990, 2, 28)
    assert (privacy.sex(number(order=1)), privacy.sex(number(order=2))) == (
        "male",
        "female",
    )
    assert privacy.birth_date("E12345678") is None
    assert privacy.sex("KAZ110090123105") is None


@given(st.text(min_size=3))
def test_masks_hide_all_but_the_ends(value: str) -> None:
    assert privacy.mask_name(value)[1:].strip("*") == ""
    assert len(privacy.mask_id(value)) >= len(value)
    assert privacy.mask_id(value).count("*") >= len(value) - 5


def test_masks_look_as_people_know_them() -> None:
    assert privacy.mask_name("王㐂") == "王*"
    assert privacy.mask_mobile("13800000021") == "138****0021"
    assert privacy.mask_id("000000199001010010") == "000*************10"
    assert privacy.mask_id("E1234") == "E***4"

"""Names that files had: kept readable, never a path, never a header."""

from __future__ import annotations

import pytest

from backend.documents.names import LONGEST, clean_name, download_name


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("身份证.jpg", "身份证.jpg"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("C:\\Users\\me\\婚姻证明.pdf", "婚姻证明.pdf"),
        ("a\r\nSet-Cookie: x=1.jpg", "aSet-Cookie: x=1.jpg"),
        ("a\x00b.jpg", "ab.jpg"),
        ("\u202egpj.exe", "gpj.exe"),
        ("<img src=x>.png", "<img src=x>.png"),
        ("𠮷㐂😀.png", "𠮷㐂😀.png"),
        ("lone\ud800.png", "lone.png"),
    ],
)
def test_name_keeps_what_people_recognise(raw: str, kept: str) -> None:
    assert clean_name(raw) == kept


@pytest.mark.parametrize("raw", [None, "", "   ", "..", "../", "\x00\r\n", "\u200b"])
def test_name_without_anything_readable_is_none(raw: str | None) -> None:
    assert clean_name(raw) is None


@pytest.mark.parametrize(
    ("raw", "ending"), [("长" * 300 + ".jpeg", "….jpeg"), ("长" * 300, "长"), ("a." + "b" * 300, "b")]
)
def test_name_of_300_characters_is_cut_and_keeps_its_ending(raw: str, ending: str) -> None:
    name = clean_name(raw)
    assert name is not None
    assert len(name) == LONGEST
    assert name.endswith(ending)


@pytest.mark.parametrize(
    ("name", "mime", "offered"),
    [
        ("证.jpg", "image/jpeg", "证.jpg"),
        ("证.JPEG", "image/jpeg", "证.JPEG"),
        ("证.heic", "image/jpeg", "证.jpg"),
        ("payload.exe", "image/jpeg", "payload.jpg"),
        ("scan.pdf.js", "application/pdf", "scan.pdf.pdf"),
        ("扫描 2026.11.22 第一页", "application/pdf", "扫描 2026.11.22 第一页.pdf"),
        (".htaccess", "image/jpeg", ".htaccess.jpg"),
        (None, "application/pdf", "id_card.pdf"),
    ],
)
def test_download_name_ends_as_its_content_does(name: str | None, mime: str, offered: str) -> None:
    assert download_name(name, mime, "id_card") == offered

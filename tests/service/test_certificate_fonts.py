"""The made font: once per machine, whole or not at all, by one process."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from backend.certificates import fonts


def test_font_has_the_letters_people_are_named_with() -> None:
    known = TTFont(fonts.font_path(), lazy=True).getBestCmap() or {}
    assert all(ord(sign) in known for sign in "王㐂䶮龘囍·（）0aZ〓")


def test_font_is_made_by_one_of_several(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Path] = []

    def make(path: Path) -> None:
        made.append(path)
        path.write_bytes(b"font")

    monkeypatch.setenv("FONT_DIR", str(tmp_path / "new"))
    monkeypatch.setattr(fonts, "_make", make)
    with ThreadPoolExecutor(4) as threads:
        paths = set(threads.map(lambda _: fonts.font_path(), range(4)))
    assert (paths, len(made)) == ({tmp_path / "new" / fonts.NAME}, 1)

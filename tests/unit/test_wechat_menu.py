"""A menu that WeChat would refuse is refused before, by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.wechat_menu import load_menu

SITE = "https://yangguang.example"


def menu(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "menu.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_menu_of_the_product_leads_to_its_own_pages() -> None:
    buttons = load_menu(SITE)
    views = [view for button in buttons for view in button.get("sub_button", [button])]
    assert {view["type"] for view in views} == {"view"}
    assert all(view["url"].startswith(f"{SITE}/") for view in views)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "buttons"),
        ('[[button]]\nname="办事"\npage="/a"\n' * 4, "buttons"),
        ('[[button]]\nname="办事大厅一"\npage="/a"\n', "办事大厅一"),
        ('[[button]]\nname="办事"\npage="https://evil.example"\n', "办事"),
        ('[[button]]\nname="办事"\n', "办事"),
        ('[[button]]\npage="/a"\n', "a button"),
        ('[[button]]\nname="我的"\npages=[]\n', "我的"),
        ('[[button]]\nname="我的"\npages=[{name="一二三四五六七八九",page="/a"}]\n', "一二三"),
        ('[[button]]\nname="我的"\npages=[{name="申请"}]\n', "申请"),
    ],
)
def test_menu_that_wechat_would_refuse_is_refused(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        load_menu(SITE, menu(tmp_path, text))

"""The menu of the service account (wechat-menu.toml), checked by WeChat's rules, as its API wants it.

Source: developers.weixin.qq.com, 服务号, 创建自定义菜单.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

FILE = Path(__file__).resolve().parent / "wechat-menu.toml"
BUTTONS, PAGES = 3, 5
#: Characters of a name on the first and on the second level.
SHORT, LONG = 4, 8
_PAGE = re.compile(r"/[a-z0-9/-]*", re.ASCII)


def load_menu(site: str, file: Path = FILE) -> list[dict[str, Any]]:
    """The buttons with addresses under ``site``; ``ValueError`` names the button that WeChat would refuse."""
    buttons = tomllib.loads(file.read_text(encoding="utf-8")).get("button", [])
    if not 1 <= len(buttons) <= BUTTONS:
        raise ValueError(f"{file.name}: 1 to {BUTTONS} buttons")
    return [_button(site, button) for button in buttons]


def _button(site: str, button: dict[str, Any]) -> dict[str, Any]:
    name = _name(button, SHORT)
    if set(button) == {"name", "page"}:
        return _view(site, button, name)
    if set(button) != {"name", "pages"} or not 1 <= len(button["pages"]) <= PAGES:
        raise ValueError(f"{name}: must have a page, or 1 to {PAGES} pages")
    return {"name": name, "sub_button": [_view(site, page, _name(page, LONG)) for page in button["pages"]]}


def _view(site: str, entry: dict[str, Any], name: str) -> dict[str, Any]:
    page = entry.get("page", "")
    if set(entry) != {"name", "page"} or not isinstance(page, str) or not _PAGE.fullmatch(page):
        raise ValueError(f"{name}: must have a page of ours, like /services")
    return {"type": "view", "name": name, "url": site + page}


def _name(entry: dict[str, Any], longest: int) -> str:
    name = entry.get("name")
    if not isinstance(name, str) or not 1 <= len(name) <= longest:
        raise ValueError(f"{name or 'a button'}: its name must have 1 to {longest} characters")
    return name

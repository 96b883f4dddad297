"""The first page: what can be done here, and what this person is waiting for."""

from __future__ import annotations

from flask import Blueprint, render_template, url_for
from flask_babel import gettext as _

from backend.applications import queries
from backend.web.context import runtime
from backend.web.guards import caller
from h5 import cases
from h5.cases import CaseLine

blp = Blueprint("h5_home", __name__)

#: So many lines stand on the first page.
SHOWN = 5
Tile = tuple[str, str, str, str]


@blp.get("/")
def show() -> str:
    """Tiles, search, and my cases when signed in."""
    mine, more = _mine()
    return render_template("home/home.html", tiles=_tiles(), mine=mine, more=more)


def _mine() -> tuple[list[CaseLine], bool]:
    """The cases that wait for someone, those that wait for this person first."""
    if caller().kind != "resident":
        return [], False
    with runtime().db.reading() as session:
        page = queries.mine(session, resident_id=caller().id, limit=20, cursor=None)
    waiting = [line for line in cases.lines(page.items) if line.waiting]
    waiting.sort(key=lambda line: line.kind != "sun")
    return waiting[:SHOWN], len(page.items) > len(waiting[:SHOWN]) or page.next_cursor is not None


def _tiles() -> list[Tile]:
    """(address, drawing, name, what it saves a person)."""
    return [
        (url_for("h5_services.show", code="migrant-proof"), "paper", _("办婚育证明"), _("不用回老家")),
        (url_for("h5_services.listing"), "list", _("全部事项"), _("登记、补助、光荣证")),
        (url_for("h5_progress.form"), "clock", _("查进度"), _("凭编号，不用登录")),
        (url_for("h5_verify.form"), "shield", _("核验证件"), _("扫一扫就知真假")),
        (url_for("h5_services.show", code="checkup"), "heart", _("孕前检查"), _("夫妻一起，免费 19 项")),
        (url_for("h5_services.show", code="childcare-subsidy-guide"), "coin", _("育儿补贴"), _("先算算能领多少")),
    ]

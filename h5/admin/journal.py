"""The record 记录 of what administrators did, in words."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request, url_for
from flask_babel import gettext as _

from backend.administration import record
from backend.web.admins import administrator
from backend.web.context import runtime
from h5.admin import pages

blp = Blueprint("h5_admin_journal", __name__, url_prefix="/staff/admin/journal")
GROUPS = ("", "staff", "office", "station", "calendar", "item", "work", "account")


@blp.get("")
def show() -> str:
    """The newest first."""
    asked = request.args.get("group", "")
    group = asked if asked in GROUPS else ""
    with runtime().db.reading() as session:
        found = record.page(
            session, admin=administrator(), group=group, limit=pages.PAGE, cursor=request.args.get("cursor")
        )
    more = url_for(".show", group=group or None, cursor=found.next_cursor) if found.next_cursor else None
    lines = [(line, _act(line.act), _changes(line.changes or {})) for line in found.items]
    return pages.page("journal.html", lines=lines, groups=_groups(), group=group, more=more)


def _groups() -> list[tuple[str, str]]:
    labels = (_("全部"), _("人员"), _("办公室"), _("服务站"), _("日历"), _("事项"), _("后台工作"), _("本人账号"))
    return list(zip(GROUPS, labels, strict=True))


def _act(act: str) -> str:
    return {
        "staff.add": _("新建账号"),
        "staff.change": _("改了岗位"),
        "staff.enable": _("重新启用"),
        "staff.disable": _("停用"),
        "staff.password": _("重设密码"),
        "staff.factor": _("取消动态口令"),
        "office.put": _("改了办公室"),
        "station.add": _("新建服务站"),
        "station.change": _("改了服务站"),
        "station.close": _("停用服务站"),
        "station.reopen": _("重新启用服务站"),
        "station.rules": _("改了放号规则"),
        "station.closure": _("写了停诊"),
        "station.opening": _("写了补开"),
        "station.taken_back": _("收回停诊或补开"),
        "calendar.put": _("改了日历"),
        "item.publish": _("发布事项"),
        "item.rollback": _("退回旧版本"),
        "work.replay": _("后台工作再试"),
        "account.password": _("换了自己的密码"),
        "account.factor": _("绑定动态口令"),
        "account.codes": _("换了恢复码"),
        "account.recovery_code": _("用恢复码登录"),
    }.get(act, act)


def _changes(changes: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Field, before (empty where there was nothing), after."""
    return [(_field(name), before and _said(before), _said(after)) for name, (before, after) in changes.items()]


def _field(name: str) -> str:
    return {
        "post": _("岗位"),
        "name": _("姓名"),
        "role": _("职责"),
        "level": _("层级"),
        "region": _("地方"),
        "away_until": _("不在到"),
        "phone": _("电话"),
        "address": _("地址"),
        "holidays": _("放假"),
        "workdays": _("补班"),
        "source": _("依据"),
        "version": _("版本"),
        "rows": _("件数"),
        "name_en": _("英文名字"),
        "directions": _("怎么走"),
        "fasting_hours": _("空腹几小时"),
        "marriage_certificate": _("要带结婚证"),
        "residence_months": _("外来人口住满几个月"),
        "hours": _("几点"),
        "slot_minutes": _("一个时间多少分钟"),
        "seats_per_slot": _("一个时间几个号"),
        "daily_cap": _("一天最多几个号"),
        "town_quotas": _("镇街的名额"),
        "lead_minutes": _("最晚提前几分钟约"),
        "horizon_days": _("提前几天放号"),
        "release_time": _("每天几点放号"),
        "days": _("哪天"),
        "reason": _("原因"),
    }.get(name, name)


def _said(value: Any) -> str:
    if value is None or value == "":
        return _("（空）")
    if isinstance(value, list):
        return _("、").join(_said(one) for one in value) or _("（空）")
    if isinstance(value, dict):
        return f"{value.get('name', '')} {value.get('first', '')}–{value.get('last', '')}".strip()
    return _words().get(value) or str(value)


def _words() -> dict[Any, str]:
    """Roles and levels as people call them."""
    return {
        "reviewer": _("审核申请"),
        "nurse": _("服务站护士"),
        "investigator": _("举报核查"),
        "admin": _("系统管理"),
        "village": _("村级"),
        "town": _("镇级"),
        "county": _("县级"),
        "yes": _("要"),
        "no": _("不用"),
    }

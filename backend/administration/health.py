"""What is not well 体检: each finding says what it is, what to do, and where."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from backend.administration import items
from backend.administration.policy import Administrator, covers
from backend.catalogue.definition import ItemDefinition
from backend.certificates import keys
from backend.events import work
from backend.kernel.clock import today
from backend.kernel.crypto import Vault
from backend.kernel.i18n import N_, Text
from backend.kernel.workdays import Calendar
from backend.models.outbox import PeriodicWork
from backend.models.region import Office, Region
from backend.models.staff import Staff
from backend.notifications import providers
from backend.notifications.kinds import SMS, WECHAT

#: Signing keys do not run out; a new one every two years keeps a stolen one short-lived.
KEY_AGE = timedelta(days=730)
LATE, VERY_LATE = timedelta(minutes=2), timedelta(minutes=15)
#: Every declared work runs at least hourly; later than this means that no relay does.
STOPPED = timedelta(minutes=5)
SCARCE, VERY_SCARCE = 10, 3
NAMED = 3


@dataclass(frozen=True, slots=True)
class Disk:
    """Bytes of the volume that holds the files."""

    free: int
    total: int


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the edge knows and the tables do not. ``beat``: the machine's clock; ``strict``: outside the demo."""

    calendar: Calendar
    disk: Disk | None
    now: datetime
    beat: datetime
    strict: bool


@dataclass(frozen=True, slots=True)
class Finding:
    """``level``: bad (people are hurt now), soon (will hurt), good. ``page`` names where to mend it."""

    code: str
    level: str
    title: Text
    advice: Text
    page: str


def findings(session: Session, vault: Vault, *, admin: Administrator, around: Surroundings) -> list[Finding]:
    """Everything an administrator of this region can mend, the worst first; what is well is told too."""
    whole = admin.level == "county"
    published = items.published(session) if whole else []
    found = [*_staff(session, admin, around)]
    if whole:
        found += [
            *_levels(session, admin, published),
            *_offices(session, admin, published),
            *_calendar(around),
            *_keys(session, vault, around),
            *_queue(session, around),
            *_providers(session, around),
            *_periodic(session, around),
            *_disk(around),
        ]
    return sorted(found, key=lambda one: ("bad", "soon", "good").index(one.level))


def _staff(session: Session, admin: Administrator, around: Surroundings) -> Iterator[Finding]:
    here = (Staff.region.startswith(admin.prefix), Staff.active.is_(True))
    bare = session.scalars(select(Staff.username).where(*here, Staff.otp_secret.is_(None)).order_by(Staff.username))
    names = list(bare)
    if names:
        yield Finding(
            "no_second_factor",
            "soon",
            N_("%(n)s 个账号还没有绑定动态口令：%(names)s", n=len(names), names=_some(names)),
            N_("请他们登录后在“我的账号”里绑定。正式环境里，没绑定的账号什么都打不开"),
            "staff",
        )
    else:
        yield _good("no_second_factor", N_("每个账号都绑定了动态口令"), "staff")
    admins = session.scalars(select(Staff.region).where(Staff.role == "admin", Staff.active.is_(True)))
    if len([region for region in admins if covers(admin, region) or admin.region == region]) < 2:
        title = N_("只有一位管理员")
        yield Finding("one_administrator", "soon", title, N_("再加一位：手机丢了、人走了，还有人能管"), "staff")


def _levels(session: Session, admin: Administrator, published: Iterable[ItemDefinition]) -> Iterator[Finding]:
    """Places whose level of a workflow nobody works at; their cases go to the level above."""
    wanted = {level for item in published for level in item.levels}
    present = (Staff.role == "reviewer", Staff.active.is_(True), Staff.away_until.is_(None))
    staffed = set(session.scalars(select(Staff.region).where(*present).distinct()))
    for level in ("county", "town", "village"):
        places = _places(session, admin, level)
        empty = [name for code, name in places if code not in staffed]
        if level not in wanted or not places:
            continue
        if not empty:
            yield _good(f"unstaffed_{level}", _STAFFED[level], "staff")
            continue
        params = {"all": len(places), "n": len(empty), "names": _some(empty)}
        bad = level == "county"
        advice = (
            N_("没有上级可转，件会停在这里：请马上加人")
            if bad
            else N_("这些地方的件会直接转到上一级办；要当地办就加人")
        )
        yield Finding(f"unstaffed_{level}", "bad" if bad else "soon", _unstaffed(level, params), advice, "staff")


_STAFFED = {
    "county": N_("县级有人办"),
    "town": N_("每个镇街都有人办"),
    "village": N_("每个村（社区）都有人办"),
}


def _unstaffed(level: str, params: dict[str, object]) -> Text:
    said = {
        "county": N_("县级没有人办，或者都不在：%(names)s"),
        "town": N_("%(all)s 个镇街里，%(n)s 个没有人办，或者都不在：%(names)s"),
        "village": N_("%(all)s 个村（社区）里，%(n)s 个没有人办，或者都不在：%(names)s"),
    }
    return Text(said[level].msgid, params)


def _offices(session: Session, admin: Administrator, published: Iterable[ItemDefinition]) -> Iterator[Finding]:
    """Items for places where no office has a number to call."""
    known = set(session.scalars(select(Office.region).where(Office.region.startswith(admin.prefix))))
    lost = []
    for item in published:
        wanted = item.regions or (admin.prefix,)
        if not any(
            code.startswith(prefix) or prefix.startswith(code.rstrip("0")) for prefix in wanted for code in known
        ):
            lost.append(item.name)
    bare = [
        name
        for level in ("county", "town", "village")
        for code, name in _places(session, admin, level)
        if code not in known
    ]
    if lost:
        title = N_("%(n)s 个事项的办理地方没有办公室：%(names)s", n=len(lost), names=_some(lost))
        yield Finding("item_without_office", "bad", title, N_("没有办公室就没有电话和落款：请先补上办公室"), "offices")
    if bare:
        title = N_("%(n)s 个地方没有办公室：%(names)s", n=len(bare), names=_some(bare))
        advice = N_("那里的人看到的是上一级的名字和电话；有自己的就补上")
        yield Finding("place_without_office", "soon", title, advice, "offices")
    if not lost and not bare:
        yield _good("item_without_office", N_("每个地方都有办公室和电话"), "offices")


def _calendar(around: Surroundings) -> Iterator[Finding]:
    year = today(around.now).year
    missing = [one for one in (year, year + 1) if not around.calendar.knows(one)]
    for one in missing:
        yield Finding(
            "calendar_missing",
            "bad" if one == year else "soon",
            N_("没有 %(year)s 年的放假安排", year=one),
            N_("期限先按周一到周五算，会把节假日算进去。国务院通知一般在 11 月发布，发布后请录入"),
            "calendars",
        )
    if not missing:
        yield _good("calendar_missing", N_("今年和明年的放假安排都有"), "calendars")


def _keys(session: Session, vault: Vault, around: Surroundings) -> Iterator[Finding]:
    broken = keys.unusable(session, vault)
    if broken:
        title = N_("签名密钥打不开：%(names)s", names=_some(broken))
        yield Finding("key_unusable", "bad", title, N_("请技术人员核对 SECRET_DATA_KEYS，再运行 flask keys check"), "")
    current = next((card for card in keys.cards(session) if card.retired_at is None), None)
    if current is not None and around.now - current.created_at > KEY_AGE:
        title = N_("签名密钥 %(kid)s 用了两年多", kid=current.kid)
        yield Finding("key_old", "soon", title, N_("请技术人员运行 flask keys rotate 换一把，旧证件照样能核验"), "")
    elif not broken:
        yield _good("key_old", N_("签名密钥正常"), "")


def _queue(session: Session, around: Surroundings) -> Iterator[Finding]:
    lines = work.stats(session)
    dead = sum(line.count for line in lines if line.status == "dead")
    waiting = [line.oldest for line in lines if line.status == "due" and line.oldest is not None]
    lag = around.now - min(waiting) if waiting else timedelta()
    if dead:
        title = N_("%(n)s 件后台工作试了多次没有做成", n=dead)
        yield Finding("work_dead", "bad", title, N_("先看原因，解决后点“再试”，不会重复发送"), "work")
    if lag > LATE:
        level = "bad" if lag > VERY_LATE else "soon"
        title = N_("后台工作排队 %(n)s 分钟了", n=int(lag.total_seconds() // 60))
        yield Finding(
            "work_late", level, title, N_("消息和证件会晚到。请技术人员看 worker 和 relay 是否在运行"), "work"
        )
    if not dead and lag <= LATE:
        yield _good("work_late", N_("后台工作没有积压"), "work")


def _providers(session: Session, around: Surroundings) -> Iterator[Finding]:
    """Those that are left alone because nothing went through."""
    named = {SMS: N_("短信"), WECHAT: N_("微信")}
    for one in providers.states(session, beat=around.beat):
        if one.resting and one.name in named:
            title = N_("%(name)s现在发不出去", name=named[one.name])
            advice = N_("每半分钟自动试一次，通了就接着发，等着的一条不丢。一直不通请联系服务商")
            yield Finding(f"provider_{one.name}", "bad", title, advice, "")


def _periodic(session: Session, around: Surroundings) -> Iterator[Finding]:
    rows = session.scalars(select(PeriodicWork).order_by(PeriodicWork.name)).all()
    failed = [f"{row.name}（{row.last_error}）" for row in rows if row.last_error]
    if failed:
        title = N_("定时工作出错：%(names)s", names=_some(failed))
        yield Finding("periodic_failed", "bad", title, N_("请技术人员看日志；好了以后下一轮会自己补上"), "")
    late = [row.name for row in rows if row.next_at < around.beat - STOPPED]
    if late or not rows:
        title = N_("定时工作停了")
        yield Finding("periodic_stopped", "bad", title, N_("请技术人员启动 workers.relay：催办、到期都靠它"), "")
    if not failed and not late and rows:
        yield _good("periodic_failed", N_("定时工作都在按时做"), "")


def _disk(around: Surroundings) -> Iterator[Finding]:
    if around.disk is None or not around.disk.total:
        return
    percent = around.disk.free * 100 // around.disk.total
    if percent >= SCARCE:
        yield _good("disk_space", N_("存文件的磁盘还有 %(n)s%% 空着", n=percent), "")
        return
    title = N_("存文件的磁盘只剩 %(n)s%%", n=percent)
    level = "bad" if percent < VERY_SCARCE else "soon"
    yield Finding("disk_space", level, title, N_("满了就收不了材料：请技术人员加空间"), "")


def _good(code: str, title: Text, page: str) -> Finding:
    return Finding(code, "good", title, N_("不用做什么"), page)


def _places(session: Session, admin: Administrator, level: str) -> list[tuple[str, str]]:
    inside: tuple[ColumnElement[bool], ...] = (Region.level == level, Region.code.startswith(admin.prefix))
    return [
        (code, name)
        for code, name in session.execute(select(Region.code, Region.name).where(*inside).order_by(Region.code))
    ]


def _some(names: list[str]) -> str:
    """The first few names."""
    return "、".join(names[:NAMED]) + ("…" if len(names) > NAMED else "")

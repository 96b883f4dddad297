"""The rooms of the console: where each role may go from anywhere. A room shows once its page exists."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, request, url_for

from backend.accounts.queries import StaffCard
from backend.kernel.i18n import N_, Text
from backend.web.words import say

REVIEWERS, ADMINISTRATORS = frozenset({"reviewer"}), frozenset({"admin"})
NURSES, INVESTIGATORS = frozenset({"nurse"}), frozenset({"investigator"})


@dataclass(frozen=True, slots=True)
class Room:
    """``endpoint`` of its first page; ``levels``: empty for every level."""

    label: Text
    endpoint: str
    roles: frozenset[str]
    levels: frozenset[str] = frozenset()


INBOX = "h5_staff_inbox.show"
ROOMS: tuple[Room, ...] = (
    Room(N_("预约"), "h5_staff_bookings.show", NURSES),
    Room(N_("举报"), "h5_staff_tips.show", INVESTIGATORS),
    Room(N_("奖励"), "h5_staff_tip_rewards.ledger", INVESTIGATORS),
    Room(N_("待办"), "h5_staff_queue.show", REVIEWERS),
    Room(N_("消息"), "h5_staff_inbox.show", REVIEWERS),
    Room(N_("同意"), "h5_staff_consents.show", REVIEWERS, frozenset({"town", "county"})),
    Room(N_("公示"), "h5_staff_notices.show", REVIEWERS),
    Room(N_("年审"), "h5_staff_benefits.show", REVIEWERS),
    Room(N_("发放"), "h5_staff_payments.show", REVIEWERS, frozenset({"town", "county"})),
    Room(N_("上门"), "h5_staff_visits.show", REVIEWERS, frozenset({"town", "county"})),
    Room(N_("领取"), "h5_staff_collections.show", REVIEWERS | NURSES),
    Room(N_("结果"), "h5_staff_results.find", NURSES),
    Room(N_("随访"), "h5_staff_followups.show", NURSES),
    Room(N_("服务站"), "h5_staff_stations.show", NURSES),
    Room(N_("消息"), "h5_staff_inbox.show", NURSES),
    Room(N_("统计"), "h5_staff_statistics.show", REVIEWERS),
    Room(N_("常用语"), "h5_staff_templates.show", REVIEWERS),
    Room(N_("体检"), "h5_admin_health.show", ADMINISTRATORS),
    Room(N_("人员"), "h5_admin_staff.show", ADMINISTRATORS),
    Room(N_("办公室"), "h5_admin_offices.show", ADMINISTRATORS),
    Room(N_("服务站"), "h5_admin_stations.show", ADMINISTRATORS),
    Room(N_("事项"), "h5_admin_items.show", ADMINISTRATORS),
    Room(N_("日历"), "h5_admin_calendars.show", ADMINISTRATORS),
    Room(N_("记录"), "h5_admin_journal.show", ADMINISTRATORS),
    Room(N_("消息"), "h5_staff_inbox.show", ADMINISTRATORS | INVESTIGATORS),
    Room(N_("我的账号"), "h5_staff_account.show", REVIEWERS | ADMINISTRATORS | NURSES | INVESTIGATORS),
)


@dataclass(frozen=True, slots=True)
class Door:
    """One room as a page links to it."""

    label: str
    href: str
    current: bool
    #: The one that shows how many messages are unread.
    inbox: bool


def doors(card: StaffCard) -> list[Door]:
    """The rooms of this member of staff, in order."""
    known = current_app.view_functions
    return [
        Door(say(room.label), url_for(room.endpoint), request.endpoint == room.endpoint, room.endpoint == INBOX)
        for room in ROOMS
        if room.endpoint in known and card.role in room.roles and (not room.levels or card.level in room.levels)
    ]


def first(card: StaffCard) -> str | None:
    """Where a member of staff begins; ``None`` when no room is theirs."""
    found = doors(card)
    return found[0].href if found else None

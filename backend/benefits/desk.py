"""What clerks see of benefits: masked lists of their jurisdiction, one person under a purpose, work that was asked for.

There is no list of people who have not answered, and no filter that would make one: a clerk sees counts of a whole
county, changes that were told, and calls and visits that were accepted. Every look at a person is a row of the chain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.accounts import queries as people
from backend.accounts.policy import id_index
from backend.benefits import accounts, changes, confirmations, payments, policy, queries, recipients
from backend.benefits.policy import Clerk
from backend.catalogue import queries as catalogue
from backend.events import audit
from backend.kernel import cursors, ids
from backend.kernel.crypto import Vault
from backend.kernel.errors import Invalid, NotFound, Wrong
from backend.kernel.i18n import N_, Text
from backend.kernel.privacy import check_id
from backend.models.benefit import Confirmation, ConfirmationCampaign, Recipient

#: What a clerk may look for; it stands in the person's record.
PURPOSES: dict[str, Text] = {
    "confirmation": N_("办年审"),
    "question": N_("本人或家人来问"),
    "payment": N_("核对发放"),
    "correction": N_("更正信息"),
}
WORK: dict[str, Text] = {"change": N_("有变化，请核对"), "call": N_("请我们打电话"), "visit": N_("请我们上门")}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Filters of the list: an item, a place at or below one's own (12 digits)."""

    service_item: str
    region: str | None = None


def listed(
    session: Session, *, clerk: Clerk, wanted: Wanted, limit: int, cursor: str | None, now: datetime
) -> tuple[list[dict[str, Any]], str | None]:
    """Current recipients of one benefit, masked, by when they were enrolled; each look is noted in their chain."""
    after = cursors.read(cursor)
    query = select(Recipient).where(Recipient.service_item == wanted.service_item, recipients.within(clerk))
    if wanted.region:
        query = query.where(_inside(wanted.region))
    query = query.where(Recipient.ended_on.is_(None), Recipient.id > (after[1] if after else 0))
    rows = session.scalars(query.order_by(Recipient.id).limit(limit + 1)).all()
    shown = rows[:limit]
    items = _lines(session, clerk, shown, "look.list", now)
    last = shown[-1] if len(rows) > limit else None
    return items, cursors.make(last.created_at, last.id) if last else None


def _inside(region: str) -> Any:
    level = catalogue.level_of(region)
    return {"village": Recipient.village, "town": Recipient.town, "county": Recipient.county}[level] == region


def search(
    session: Session, vault: Vault, *, clerk: Clerk, id_type: str, id_number: str, now: datetime
) -> list[dict[str, Any]]:
    """The benefits of one person of one's jurisdiction by document number, masked; the look is noted."""
    try:
        index = id_index(vault, id_type, check_id(id_type, id_number))
    except Wrong as wrong:
        raise Invalid("invalid_input", N_("有 1 处要改"), errors={"id_number": [wrong.text]}) from wrong
    query = select(Recipient).where(Recipient.person_index == index, recipients.within(clerk))
    rows = session.scalars(query.order_by(Recipient.ended_on.is_not(None), Recipient.id)).all()
    if not rows:
        raise NotFound("not_found", N_("辖区里没有这个人的补贴，请对照证件再看一遍"))
    return _lines(session, clerk, rows, "look.search", now)


def _lines(session: Session, clerk: Clerk, rows: Sequence[Recipient], act: str, now: datetime) -> list[dict[str, Any]]:
    for row in rows:
        audit.note(session, row, act=act, actor=policy.actor(clerk), now=now)
    names = catalogue.region_names(session, [row.village for row in rows])
    return [queries.card(session, row) | {"village_name": names.get(row.village, "")} for row in rows]


def look(
    session: Session, vault: Vault, *, clerk: Clerk, recipient_id: int, purpose: str, now: datetime
) -> dict[str, Any]:
    """One recipient for a purpose: name, telephone, account by its last digits, payments, and the open confirmation."""
    row = recipients.seen(session, clerk, recipient_id)
    if purpose not in PURPOSES:
        raise Invalid("invalid_input", N_("请说明为什么要看"), errors={"purpose": [N_("请说明为什么要看")]})
    recipients.keep_off(session, clerk, row)
    audit.note(session, row, act=f"look.{purpose}", actor=policy.actor(clerk), now=now)
    person = people.person(session, vault, row.resident_id)
    account = accounts.of_recipient(person.seal, row)
    return queries.card(session, row) | {
        "village_name": catalogue.region_names(session, [row.village]).get(row.village, ""),
        "name": account.name,
        "mobile": person.mobile,
        "bank": account.bank,
        "account_masked": policy.mask_account(account.number),
        "classes": _classes(session, row),
        "payments": payments.of_recipient(session, row.id),
        "confirmation": _open(session, row),
        "allowed_actions": _actions(clerk, row),
    }


def _classes(session: Session, row: Recipient) -> list[dict[str, Any]]:
    benefit = catalogue.definition(session, row.service_item).benefit
    return [
        {"code": one.code, "label": one.label, "label_en": one.label_en, "yuan": one.yuan}
        for one in (benefit.classes if benefit else ())
    ]


def _actions(clerk: Clerk, row: Recipient) -> list[str]:
    if row.ended_on is not None:
        return []
    return ["record", "account", "class", "end"] if policy.decides(clerk) else ["record"]


def _open(session: Session, row: Recipient) -> str | None:
    """The confirmation that a call could answer now; whether others have answered is not said anywhere."""
    query = (
        select(Confirmation.id)
        .join(ConfirmationCampaign, ConfirmationCampaign.id == Confirmation.campaign_id)
        .where(Confirmation.recipient_id == row.id, ConfirmationCampaign.closed_at.is_(None))
        .where(Confirmation.confirmed_at.is_(None), Confirmation.changed_at.is_(None))
        .order_by(Confirmation.id.desc())
        .limit(1)
    )
    found = session.scalar(query)
    return ids.encode(found) if found and row.ended_on is None else None


def work(
    session: Session, *, clerk: Clerk, kind: str | None, limit: int, cursor: str | None
) -> tuple[list[dict[str, Any]], str | None]:
    """Changes to review and accepted calls and visits, oldest first, masked."""
    after = cursors.read(cursor)
    place = {"village": Confirmation.village, "town": Confirmation.town, "county": Confirmation.county}[clerk.level]
    kinds = [kind] if kind in WORK else list(WORK)
    query = (
        select(Confirmation, Recipient)
        .join(Recipient, Recipient.id == Confirmation.recipient_id)
        .where(place == clerk.region, Confirmation.waiting.in_(kinds), Confirmation.id > (after[1] if after else 0))
        .order_by(Confirmation.id)
        .limit(limit + 1)
    )
    rows = session.execute(query).all()
    shown = rows[:limit]
    names = catalogue.region_names(session, [row.village for row, _ in shown])
    items = [_line(session, row, who, names) for row, who in shown]
    last = shown[-1][0] if len(rows) > limit else None
    return items, cursors.make(last.asked_at, last.id) if last else None


def _line(session: Session, row: Confirmation, who: Recipient, names: dict[str, str]) -> dict[str, Any]:
    return {
        "id": ids.encode(row.id),
        "recipient_id": ids.encode(who.id),
        "holder_masked": who.holder_masked,
        "service_item": who.service_item,
        "service_name": catalogue.definition(session, who.service_item).name,
        "village_name": names.get(row.village, ""),
        "status": row.waiting,
        "status_label": WORK[row.waiting or "change"],
        "since": (row.changed_at or row.offered_at or row.asked_at).isoformat(),
        "allowed_actions": ["review"] if row.waiting == "change" else ["record"],
    }


def case(session: Session, vault: Vault, *, clerk: Clerk, confirmation_id: int, now: datetime) -> dict[str, Any]:
    """One piece of work opened: the recipient, and the change in full; the look is noted."""
    pair = confirmations.of_jurisdiction(session, clerk, confirmation_id, lock=False)
    shown = look(session, vault, clerk=clerk, recipient_id=pair.recipient.id, purpose="confirmation", now=now)
    told = changes.opened(accounts.seal_of(session, vault, pair.recipient), pair.row)
    names = catalogue.region_names(session, [pair.row.village])
    return {
        **_line(session, pair.row, pair.recipient, names),
        "status": pair.row.waiting or "done",
        "status_label": WORK[pair.row.waiting] if pair.row.waiting else N_("已办好"),
        "allowed_actions": _case_actions(clerk, pair),
        "recipient": shown,
        "change": queries.change(told) if told else None,
        "changed_at": pair.row.changed_at.isoformat() if pair.row.changed_at else None,
        "new_account": {"bank": told.account.bank, "number": told.account.number} if told and told.account else None,
        "reviewed_at": pair.row.reviewed_at.isoformat() if pair.row.reviewed_at else None,
    }


def _case_actions(clerk: Clerk, pair: confirmations.Pair) -> list[str]:
    if pair.row.waiting == "change":
        return ["review"] if policy.decides(clerk) else []
    return ["record"] if pair.row.confirmed_at is None and pair.recipient.ended_on is None else []


def campaigns(
    session: Session, *, clerk: Clerk, limit: int, cursor: str | None
) -> tuple[list[dict[str, Any]], str | None]:
    """The campaigns of one's county, newest first, with their counts."""
    after = cursors.read(cursor)
    county = catalogue.ancestors(clerk.region).county
    query = select(ConfirmationCampaign).where(ConfirmationCampaign.county == county)
    if after:
        query = query.where(ConfirmationCampaign.id < after[1])
    rows = session.scalars(query.order_by(ConfirmationCampaign.id.desc()).limit(limit + 1)).all()
    shown = rows[:limit]
    progress = _progress(session, [row.id for row in shown])
    items = [_campaign(session, row, progress.get(row.id)) for row in shown]
    last = shown[-1] if len(rows) > limit else None
    return items, cursors.make(last.opened_at, last.id) if last else None


def campaign(session: Session, *, clerk: Clerk, campaign_id: int) -> dict[str, Any]:
    """One campaign of one's county; ``NotFound`` for another's."""
    row = session.get(ConfirmationCampaign, campaign_id)
    if row is None or row.county != catalogue.ancestors(clerk.region).county:
        raise NotFound("not_found", N_("没有找到这次年审"))
    return _campaign(session, row, _progress(session, [row.id]).get(row.id))


def _campaign(session: Session, row: ConfirmationCampaign, counted: dict[str, int] | None) -> dict[str, Any]:
    state = "closed" if row.closed_at else "opening" if row.reached is not None else "open"
    labels = {"closed": N_("已结束"), "opening": N_("正在通知"), "open": N_("进行中")}
    return {
        "id": ids.encode(row.id),
        "service_item": row.service_item,
        "service_name": catalogue.definition(session, row.service_item).name,
        "period": row.period,
        "answer_by": row.answer_by.isoformat(),
        "opened_at": row.opened_at.isoformat(),
        "status": state,
        "status_label": labels[state],
        "allowed_actions": [],
        "asked": row.opened,
        **(counted or {"confirmed": 0, "changes": 0, "reviewed": 0, "offers_made": 0}),
    }


def _progress(session: Session, campaign_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """Counts per campaign from one index; bounded by the people asked, and for the county as a whole only."""
    names = ("confirmed", "changes", "reviewed")
    columns = (Confirmation.confirmed_at, Confirmation.changed_at, Confirmation.reviewed_at)
    made = func.sum(func.coalesce(Confirmation.offer == "made", False))
    query = (
        select(Confirmation.campaign_id, *(func.count(column) for column in columns), made)
        .where(Confirmation.campaign_id.in_(campaign_ids))
        .group_by(Confirmation.campaign_id)
    )
    return {
        row[0]: dict(zip((*names, "offers_made"), (int(value or 0) for value in row[1:]), strict=True))
        for row in session.execute(query)
    }

"""My benefits and my yearly confirmations, as their person sees them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.accounts import queries as people
from backend.benefits import accounts, changes, confirmations, payments, policy
from backend.benefits.policy import Change
from backend.catalogue import queries as catalogue
from backend.kernel import ids
from backend.kernel.crypto import Seal, Vault
from backend.kernel.i18n import N_, Text
from backend.models.benefit import Confirmation, ConfirmationCampaign, Recipient

#: More benefits than one account ever has, its helped ones included.
MOST = 50
CURRENT, GRANTED, ENDED = N_("正在领取"), N_("已批准"), N_("已停止")
PERIODS: dict[str, Text] = {"year": N_("每年"), "month": N_("每月"), "once": N_("一次")}
UNDECIDED = N_("档次还在核定")


def mine(session: Session, vault: Vault, *, resident_id: int) -> list[dict[str, Any]]:
    """Every benefit of an account, those that go on first, each with the newest confirmation that is asked for."""
    rows = session.scalars(
        select(Recipient)
        .where(Recipient.resident_id == resident_id)
        .order_by(Recipient.ended_on.is_not(None), Recipient.id.desc())
        .limit(MOST)
    ).all()
    if not rows:
        return []
    seal = people.seal_of(session, vault, resident_id)
    newest = _newest(session, [row.id for row in rows])
    return [benefit(session, seal, row) | {"confirmation": newest.get(row.id)} for row in rows]


@dataclass(frozen=True, slots=True)
class Asking:
    """Something that a person may confirm now."""

    id: int
    service_name: str
    answer_by: date


def asking(session: Session, *, resident_id: int) -> list[Asking]:
    """What waits for a tap of this person; nothing once it was answered or is over."""
    query = (
        select(Confirmation.id, Recipient.service_item, ConfirmationCampaign.answer_by)
        .join(Recipient, Recipient.id == Confirmation.recipient_id)
        .join(ConfirmationCampaign, ConfirmationCampaign.id == Confirmation.campaign_id)
        .where(Recipient.resident_id == resident_id, Recipient.ended_on.is_(None))
        .where(ConfirmationCampaign.closed_at.is_(None), Confirmation.waiting.is_(None))
        .where(Confirmation.confirmed_at.is_(None))
        .order_by(Confirmation.id)
        .limit(MOST)
    )
    return [Asking(row[0], catalogue.definition(session, row[1]).name, row[2]) for row in session.execute(query)]


def benefit(session: Session, seal: Seal, row: Recipient) -> dict[str, Any]:
    """One benefit with its class, since when, the account (last four digits) and the payments so far."""
    account = accounts.of_recipient(seal, row)
    return card(session, row) | {
        "bank": account.bank,
        "account_masked": policy.mask_account(account.number),
        "payments": payments.of_recipient(session, row.id),
    }


def card(session: Session, row: Recipient) -> dict[str, Any]:
    """What a list says of one recipient: no account, no payment."""
    definition = catalogue.definition(session, row.service_item)
    classes = {one.code: one for one in definition.benefit.classes} if definition.benefit else {}
    found = classes.get(row.amount_class)
    over = row.ended_on is not None
    return {
        "id": ids.encode(row.id),
        "service_item": row.service_item,
        "service_name": definition.name,
        "service_name_en": definition.name_en,
        "holder_masked": row.holder_masked,
        "helped": row.helped,
        "amount_class": row.amount_class or None,
        "amount_label": found.label if found else UNDECIDED,
        "amount_label_en": found.label_en if found else "",
        "yuan": found.yuan if found else None,
        "period": definition.benefit.period if definition.benefit else None,
        "period_label": PERIODS[definition.benefit.period] if definition.benefit else None,
        "yearly": definition.reconfirm_months is not None,
        "started_on": row.started_on.isoformat(),
        "ended_on": row.ended_on.isoformat() if row.ended_on else None,
        "end_reason": row.end_reason,
        "end_label": policy.END_LABELS[row.end_reason] if row.end_reason else None,
        "status": "ended" if over else "current",
        "status_label": ENDED if over else GRANTED if row.occasion else CURRENT,
        "allowed_actions": [],
    }


def confirmation(session: Session, vault: Vault, *, resident_id: int, confirmation_id: int) -> dict[str, Any]:
    """One's own confirmation with what is known already and what was said; ``NotFound`` for anyone else's."""
    pair = confirmations.own(session, resident_id, confirmation_id)
    seal = people.seal_of(session, vault, resident_id)
    campaign = session.get_one(ConfirmationCampaign, pair.row.campaign_id)
    told = changes.opened(seal, pair.row)
    return _confirmation(pair.row, campaign, pair.recipient) | {
        "benefit": benefit(session, seal, pair.recipient),
        "change": change(told) if told else None,
        "changed_at": _iso(pair.row.changed_at),
        "reviewed_at": _iso(pair.row.reviewed_at),
    }


def holder(session: Session, vault: Vault, *, resident_id: int, confirmation_id: int) -> str:
    """Whose name the account of this benefit bears; ``NotFound`` for anyone else's confirmation."""
    pair = confirmations.own(session, resident_id, confirmation_id)
    return accounts.of_recipient(people.seal_of(session, vault, resident_id), pair.recipient).name


def change(told: Change) -> dict[str, Any]:
    """A change as it was told, the account by its last four digits."""
    return {
        "kinds": list(told.kinds),
        "kind_labels": [policy.CHANGES[kind] for kind in told.kinds],
        "moved_to": told.moved_to or None,
        "bank": told.account.bank if told.account else None,
        "account_masked": policy.mask_account(told.account.number) if told.account else None,
        "died_on": told.died_on.isoformat() if told.died_on else None,
        "words": told.words or None,
    }


def everything(session: Session, vault: Vault, resident_id: int) -> list[dict[str, Any]]:
    """Every benefit with every confirmation, in full, for a person's own copy of their data."""
    rows = session.scalars(select(Recipient).where(Recipient.resident_id == resident_id).order_by(Recipient.id)).all()
    if not rows:
        return []
    seal = people.seal_of(session, vault, resident_id)
    return [_whole(session, seal, row) for row in rows]


def _whole(session: Session, seal: Seal, row: Recipient) -> dict[str, Any]:
    account = accounts.of_recipient(seal, row)
    asked = session.scalars(select(Confirmation).where(Confirmation.recipient_id == row.id).order_by(Confirmation.id))
    plain = {name: value for name, value in card(session, row).items() if not isinstance(value, Text)}
    return plain | {
        "account": {"name": account.name, "bank": account.bank, "number": account.number},
        "payments": [
            {name: one[name] for name in ("reference", "period", "fen", "status", "at")}
            for one in payments.of_recipient(session, row.id)
        ],
        "confirmations": [_kept(seal, one) for one in asked],
    }


def _kept(seal: Seal, row: Confirmation) -> dict[str, Any]:
    told = changes.opened(seal, row)
    return {
        "asked_at": row.asked_at,
        "confirmed_at": row.confirmed_at,
        "confirmed_way": row.confirmed_way,
        "offer": row.offer,
        "changed_at": row.changed_at,
        "reviewed_at": row.reviewed_at,
        "change": {
            "kinds": list(told.kinds),
            "moved_to": told.moved_to,
            "account": {"bank": told.account.bank, "number": told.account.number} if told.account else None,
            "died_on": told.died_on,
            "words": told.words,
        }
        if told
        else None,
    }


def _newest(session: Session, recipient_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """The newest confirmation of each recipient, by recipient."""
    latest = (
        select(func.max(Confirmation.id))
        .where(Confirmation.recipient_id.in_(recipient_ids))
        .group_by(Confirmation.recipient_id)
    )
    query = (
        select(Confirmation, ConfirmationCampaign, Recipient)
        .join(ConfirmationCampaign, ConfirmationCampaign.id == Confirmation.campaign_id)
        .join(Recipient, Recipient.id == Confirmation.recipient_id)
        .where(Confirmation.id.in_(latest))
    )
    return {row.recipient_id: _confirmation(row, campaign, who) for row, campaign, who in session.execute(query)}


def _confirmation(row: Confirmation, campaign: ConfirmationCampaign, who: Recipient) -> dict[str, Any]:
    over = campaign.closed_at is not None or who.ended_on is not None
    state = policy.state(closed=over, waiting=row.waiting, confirmed=row.confirmed_at is not None, offer=row.offer)
    allowed = () if over and state != "closed" else policy.ACTIONS[state]
    return {
        "id": ids.encode(row.id),
        "period": campaign.period,
        "answer_by": campaign.answer_by.isoformat(),
        "asked_at": _iso(row.asked_at),
        "status": state,
        "status_label": policy.STATES[state],
        "allowed_actions": list(allowed),
        "offer": row.offer,
        "confirmed_at": _iso(row.confirmed_at),
        "confirmed_way": row.confirmed_way,
        "confirmed_label": policy.WAYS[row.confirmed_way] if row.confirmed_way else None,
    }


def _iso(moment: Any) -> str | None:
    return moment.isoformat() if moment is not None else None

"""The yearly confirmation 年审: begun once per county, item and year, opened for everybody in pieces.

Nothing in this file, and nothing it leads to, ends a benefit or stops a payment: a person who does not answer is
reminded twice, is offered a call or a visit, and keeps what they have.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Select, func, insert, literal, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.benefits import policy
from backend.benefits.policy import Clerk
from backend.catalogue import queries as catalogue
from backend.events import outbox
from backend.kernel import ids
from backend.kernel.clock import today
from backend.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from backend.kernel.i18n import N_, Text
from backend.models.base import UtcDateTime
from backend.models.benefit import Confirmation, ConfirmationCampaign, Recipient

OPEN, ASKED = "campaign_open", "confirmation_asked"
REMINDER, OFFER = "confirmation_reminder", "confirmation_offer"
#: Recipients per transaction of the opening.
PIECE = 1000
#: People get at least so long for an answer, and are not asked for one further away.
SHORTEST, LONGEST = timedelta(days=30), timedelta(days=365)
COUNTY_ONLY = N_("年审由区县统一开始")
_YEAR = re.compile(r"20[0-9]{2}", re.ASCII)


def begin(session: Session, *, clerk: Clerk, service_item: str, period: str, answer_by: date, now: datetime) -> int:
    """Begin the confirmation of one benefit for the whole county; a worker opens it. The campaign's id.

    An earlier one of the same item is closed: nobody is asked twice about the same thing.
    Errors: 403 not the county, 409 ``campaign_exists``, 422 item, year or day.
    """
    if clerk.level != "county":
        raise Forbidden("not_your_level", COUNTY_ONLY)
    check(session, service_item, period, answer_by, now)
    _close_earlier(session, clerk.region, service_item, now)
    campaign = ConfirmationCampaign(
        id=ids.new_id(now),
        county=clerk.region,
        service_item=service_item,
        period=period,
        opened_by=clerk.id,
        opened_at=now,
        answer_by=answer_by,
        reached=0,
        opened=0,
    )
    try:
        with session.begin_nested():
            session.add(campaign)
    except IntegrityError as error:
        raise Conflict("campaign_exists", N_("这项补贴今年的年审已经开始了，不用再开始一次")) from error
    _go_on(session, campaign.id, 0, now)
    return campaign.id


def check(session: Session, service_item: str, period: str, answer_by: date, now: datetime) -> None:
    """``Invalid`` where item, year or day are not what a confirmation can have."""
    day = today(now)
    wrong: dict[str, list[Text]] = {}
    if not _confirmed(session, service_item):
        wrong["service_item"] = [N_("这项服务没有年审")]
    if not _YEAR.fullmatch(period) or int(period) not in (day.year, day.year + 1):
        wrong["period"] = [N_("年度要写今年或明年，如 2026")]
    if not day + SHORTEST <= answer_by <= day + LONGEST:
        wrong["answer_by"] = [N_("请给大家 30 天到一年的时间")]
    if wrong:
        raise Invalid("invalid_input", N_("有 %(n)s 处要改", n=len(wrong)), errors=wrong)


def _confirmed(session: Session, service_item: str) -> bool:
    """Whether there is such an item, and people who receive it confirm it every year."""
    try:
        definition = catalogue.definition(session, service_item)
    except NotFound:
        return False
    return definition.benefit is not None and definition.reconfirm_months is not None


def _close_earlier(session: Session, county: str, service_item: str, now: datetime) -> None:
    open_ones = (ConfirmationCampaign.county == county, ConfirmationCampaign.service_item == service_item)
    session.execute(
        update(ConfirmationCampaign).where(*open_ones, ConfirmationCampaign.closed_at.is_(None)).values(closed_at=now),
        execution_options={"synchronize_session": False},
    )


def _go_on(session: Session, campaign_id: int, reached: int, now: datetime) -> None:
    """The next piece, as work of its own: committed with the piece before, so that a killed worker loses nothing."""
    key = f"{OPEN}:{campaign_id}:{reached}"
    outbox.add(session, topic=OPEN, subject_id=campaign_id, dedupe_key=key, now=now)


def open_piece(session: Session, *, campaign_id: int, now: datetime, piece: int = PIECE) -> int:
    """Ask the next recipients: their confirmations, their messages and the next piece in one transaction; how many.

    Whoever is on the list when their turn comes is asked, once. Nothing when everybody has been reached.
    """
    campaign = session.scalar(
        select(ConfirmationCampaign).where(ConfirmationCampaign.id == campaign_id).with_for_update()
    )
    if campaign is None or campaign.reached is None or campaign.closed_at is not None:
        return 0
    found = session.scalars(_people(campaign, select(Recipient.id)).order_by(Recipient.id).limit(piece)).all()
    asked = _ask(session, campaign, found[-1], now) if found else 0
    campaign.opened += asked
    campaign.reached = found[-1] if len(found) == piece else None
    if campaign.reached is not None:
        _go_on(session, campaign.id, campaign.reached, now)
    return len(found)


def _people(campaign: ConfirmationCampaign, query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """Those on the list whose turn has not come yet."""
    current = (Recipient.county == campaign.county, Recipient.service_item == campaign.service_item)
    return query.where(*current, Recipient.ended_on.is_(None), Recipient.id > (campaign.reached or 0))


def _ask(session: Session, campaign: ConfirmationCampaign, last: int, now: datetime) -> int:
    """Their confirmations and the work of telling them, up to one recipient, without a row leaving the database."""
    # Ids count on from the campaign's own: no two pieces can draw the same one, however often one is tried.
    first = campaign.id + campaign.opened
    values = {
        "id": literal(first, BigInteger()) + func.row_number().over(order_by=Recipient.id),
        "campaign_id": literal(campaign.id, BigInteger()),
        "recipient_id": Recipient.id,
        "village": Recipient.village,
        "town": Recipient.town,
        "county": Recipient.county,
        "asked_at": literal(now, UtcDateTime()),
        "reminders": literal(0),
        "next_at": literal(now + policy.REMINDER, UtcDateTime()),
    }
    chosen = _people(campaign, select(*values.values())).where(Recipient.id <= last)
    written = session.execute(insert(Confirmation).from_select(list(values), chosen))
    asked = int(written.rowcount)  # type: ignore[attr-defined]  # an INSERT's CursorResult
    new = select(Confirmation.id).where(Confirmation.id > first, Confirmation.id <= first + asked)
    outbox.add_many(session, topic=ASKED, subjects=new, now=now)
    return asked


def remind(session: Session, *, now: datetime, limit: int) -> int:
    """Follow up on silence: two reminders, then the offer of a call or a visit, then nothing more; how many rows."""
    rows = session.scalars(
        select(Confirmation)
        .where(Confirmation.next_at <= now)
        .order_by(Confirmation.next_at, Confirmation.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    over = _over(session, [row.id for row in rows])
    for row in rows:
        if row.id in over or row.confirmed_at or row.changed_at:
            row.next_at = None
        else:
            _follow_up(session, row, now)
    return len(rows)


def _over(session: Session, confirmation_ids: list[int]) -> set[int]:
    """Those whose campaign is closed or whose benefit has ended: nobody is reminded of them."""
    if not confirmation_ids:
        return set()
    query = (
        select(Confirmation.id)
        .join(ConfirmationCampaign, ConfirmationCampaign.id == Confirmation.campaign_id)
        .join(Recipient, Recipient.id == Confirmation.recipient_id)
        .where(Confirmation.id.in_(confirmation_ids))
        .where(ConfirmationCampaign.closed_at.is_not(None) | Recipient.ended_on.is_not(None))
    )
    return set(session.scalars(query))


def _follow_up(session: Session, row: Confirmation, now: datetime) -> None:
    step, row.next_at = policy.next_step(reminders=row.reminders, now=now)
    if step == "offer":
        row.offer, row.offered_at = "offered", now
        outbox.add(session, topic=OFFER, subject_id=row.id, dedupe_key=f"{OFFER}:{row.id}", now=now)
        return
    row.reminders += 1
    key = f"{REMINDER}:{row.id}:{row.reminders}"
    outbox.add(session, topic=REMINDER, subject_id=row.id, dedupe_key=key, now=now)

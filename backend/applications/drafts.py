"""Drafts: begun with what is known already, saved as often as the phone likes, deleted on request."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from backend.applications import known, records
from backend.catalogue import forms, queries as catalogue
from backend.catalogue.definition import ItemDefinition
from backend.catalogue.forms import Checked
from backend.documents import service as documents
from backend.kernel import ids
from backend.kernel.crypto import Vault, place
from backend.kernel.errors import Conflict, Invalid, TooMany
from backend.kernel.i18n import N_
from backend.lifecycles.application import ApplicationStatus as S
from backend.models.application import Application, Cosignature, Mandate

MOST_DRAFTS = 50


def begin(
    session: Session,
    *,
    vault: Vault,
    resident_id: int,
    service_item: str,
    region: str,
    now: datetime,
    previous: Application | None = None,
) -> int:
    """A new draft, prefilled from ``previous`` or the person's last application for the same item (ask once)."""
    definition = catalogue.definition(session, service_item)
    _check_open(definition)
    _check_region(session, definition, region)
    _check_count(session, resident_id)
    above = catalogue.ancestors(region)
    row = Application(
        id=ids.new_id(now),
        service_item=definition.code,
        service_item_version=definition.version,
        resident_id=resident_id,
        region=region,
        village=above.village,
        town=above.town,
        county=above.county,
        answers="",
        created_at=now,
        updated_at=now,
        expires_at=now + timedelta(days=definition.draft_days),
        previous_id=previous.id if previous else None,
    )
    case = records.whole(session, vault, row)
    case.keep_answers(_first_answers(case, previous or _last(session, case), now))
    session.add(row)
    return row.id


def _check_open(definition: ItemDefinition) -> None:
    if not definition.open:
        raise Conflict("item_closed", N_("这个事项现在不能在网上申请，请看办事指南里的办理方式"))


def _check_region(session: Session, definition: ItemDefinition, region: str) -> None:
    """A village or town that exists and where the item is offered."""
    level = catalogue.check_region(session, region).level
    if level not in ("village", "town") or not definition.offered_in(region):
        words = N_("请选到村（居）或镇（街道），并且是这个事项办理的地方")
        raise Invalid("unknown_region", words, errors={"region": [words]})


def _check_count(session: Session, resident_id: int) -> None:
    drafts = select(Application.id).where(Application.resident_id == resident_id, Application.status == S.DRAFT.value)
    if session.scalar(select(func.count()).select_from(drafts.limit(MOST_DRAFTS).subquery())) == MOST_DRAFTS:
        raise TooMany("too_many_drafts", N_("草稿太多了，请先删掉几份不用的"), retry_after=60)


def _first_answers(case: records.Case, last: Application | None, now: datetime) -> dict[str, Any]:
    """What was answered last time and still fits the form, and what the account knows."""
    before: dict[str, Any] = {}
    if last is not None:
        answers = records.open_json(case.seal, last.answers, place("application", "answers", last.id))
        before = {name: value for name, value in answers.items() if name in case.definition.field_names}
    before |= known.suggestions(case.definition, case.person, case.row.region, before)
    return forms.check_answers(case.definition, before, complete=False, now=now).answers


def _last(session: Session, case: records.Case) -> Application | None:
    """The last submitted application of this person for this item."""
    return session.scalar(
        select(Application)
        .where(
            Application.resident_id == case.row.resident_id,
            Application.service_item == case.row.service_item,
            Application.number.is_not(None),
        )
        .order_by(Application.created_at.desc())
        .limit(1)
    )


def save_answers(
    session: Session,
    *,
    vault: Vault,
    resident_id: int,
    application_id: int,
    answers: dict[str, Any],
    expected_version: int | None,
    now: datetime,
    strict: bool = True,
) -> Checked:
    """Merge some answers (``None`` removes one).

    ``strict`` (API): any wrong value refuses the whole change, 422 field by field. Otherwise (pages): what is
    right is kept and what is wrong comes back in ``wrong``, so that a person loses nothing.
    """
    case = records.own(session, vault, application_id=application_id, resident_id=resident_id)
    records.check_version(case.row, expected_version)
    records.check_editable(case.row)
    before = case.answers()
    merged = {name: value for name, value in {**before, **answers}.items() if value is not None}
    exists = catalogue.region_exists(session)
    checked = forms.check_answers(case.definition, merged, complete=False, now=now, region_exists=exists)
    if checked.wrong and strict:
        raise Invalid(
            "invalid_answers",
            N_("有 %(n)s 处要改", n=len(checked.wrong)),
            errors={name: [text] for name, text in checked.wrong.items()},
        )
    case.keep_answers(_right(checked, before, merged) if checked.wrong else checked.answers)
    _touch(case, now)
    return checked


def _right(checked: Checked, before: dict[str, Any], merged: dict[str, Any]) -> dict[str, Any]:
    """Everything but the wrong values; where one replaced a right one, the right one stays.

    Answers that are hidden only because of a wrong one are kept too.
    """
    right = {name: value for name, value in merged.items() if name not in checked.wrong}
    return right | {name: before[name] for name in checked.wrong if name in before}


def _touch(case: records.Case, now: datetime) -> None:
    """Activity moves a draft's end and takes its warning back."""
    case.row.updated_at = now
    if case.row.status == S.DRAFT:
        case.row.expires_at = now + timedelta(days=case.definition.draft_days)
        case.row.expiry_warned_at = None


def touch(case: records.Case, now: datetime) -> None:
    """The same for a change beside the answers (a material): bumps the version."""
    _touch(case, now)


def discard(session: Session, *, vault: Vault, resident_id: int, application_id: int, now: datetime) -> None:
    """Delete a draft and what hangs on it; anything submitted stays (withdraw it instead)."""
    case = records.own(session, vault, application_id=application_id, resident_id=resident_id)
    if case.row.status != S.DRAFT:
        raise Conflict("not_a_draft", N_("已经提交的申请不能删除，可以撤回"))
    erase(session, case.row.id, now=now)


def erase(session: Session, application_id: int, *, now: datetime) -> None:
    """Remove a draft's rows; its stored files are purged by the housekeeping."""
    documents.schedule_purge(session, owner_kind="application", owner_id=application_id, at=now)
    session.execute(delete(Mandate).where(Mandate.application_id == application_id))
    session.execute(delete(Cosignature).where(Cosignature.application_id == application_id))
    session.execute(delete(Application).where(Application.id == application_id))

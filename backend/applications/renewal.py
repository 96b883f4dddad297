"""Applying again: an ended case 再申请一次, or a certificate near its end 续办, becomes a new draft with the answers of
then, and with the materials still kept."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.applications import drafts, materials, people, records
from backend.catalogue import forms
from backend.certificates import queries as certificates
from backend.documents import queries as documents
from backend.documents.intake import Stored
from backend.documents.queries import DocumentCard
from backend.kernel import ids
from backend.kernel.crypto import Vault
from backend.kernel.errors import Conflict
from backend.kernel.i18n import N_
from backend.lifecycles.application import OPEN, ApplicationStatus as S
from backend.models.application import Application

#: Cases that ended without what was asked for.
ENDED = (S.REJECTED, S.WITHDRAWN)


def begin(session: Session, *, vault: Vault, resident_id: int, application_id: int, now: datetime) -> int:
    """The draft that follows an ended case; the same one however often it is pressed.

    Errors: 404, 409 ``not_ended``, ``already_renewed`` (with the successor's id), ``item_closed``; 422 where the item
    is not offered any more.
    """
    ended = records.own(session, vault, application_id=application_id, resident_id=resident_id)
    if ended.row.status not in ENDED:
        raise Conflict("not_ended", N_("这件还没有结束，不用再申请"))
    return _follow(session, vault, ended, now)


def begin_next(session: Session, *, vault: Vault, resident_id: int, number: str, now: datetime) -> int:
    """The draft of the certificate that follows one's own; the same one however often it is pressed.

    Errors: 404; 409 ``not_renewable`` (permanent, revoked, or its end is far), ``already_renewed``, ``item_closed``.
    """
    card = certificates.owned(session, number=number, resident_id=resident_id, now=now)
    if not card.renewable:
        raise Conflict("not_renewable", N_("这份证件现在不用续办。快到期的时候会告诉您"))
    case = records.own(session, vault, application_id=card.application_id, resident_id=resident_id)
    return _follow(session, vault, case, now)


def under_way(session: Session, *, application_id: int) -> bool:
    """Whether a case has been followed by another one that is being filled in, or is with the offices."""
    case = session.get(Application, application_id)
    follower = _follower(session, case) if case is not None else None
    return follower is not None and (follower.status == S.DRAFT or follower.status in OPEN)


def _follow(session: Session, vault: Vault, before: records.Case, now: datetime) -> int:
    follower = _follower(session, before.row)
    if follower is not None and follower.status == S.DRAFT:
        return follower.id
    if follower is not None and follower.status in OPEN:
        words = N_("已经再申请过了，编号 %(number)s，正在办", number=follower.number or "")
        raise Conflict("already_renewed", words, extra={"application": ids.encode(follower.id)})
    draft = drafts.begin(
        session,
        vault=vault,
        resident_id=before.row.resident_id,
        service_item=before.row.service_item,
        region=before.row.region,
        now=now,
        previous=before.row,
    )
    _keep_principal(session, vault, before, draft, now)
    return draft


def _follower(session: Session, ended: Application) -> Application | None:
    """The last case that began with this one's content."""
    mine = (Application.resident_id == ended.resident_id, Application.previous_id == ended.id)
    return session.scalar(select(Application).where(*mine).order_by(Application.id.desc()).limit(1))


def _keep_principal(session: Session, vault: Vault, ended: records.Case, draft: int, now: datetime) -> None:
    """A helper applies again for the same person, who gives a new letter: the old one was for the old case."""
    principal = people.principal(session, ended)
    if principal is None:
        return
    people.record_mandate(
        session,
        vault=vault,
        resident_id=ended.row.resident_id,
        application_id=draft,
        relation=principal["relation"],
        name=principal["name"],
        id_type=principal["id_type"],
        id_number=principal["id_number"],
        mobile=principal["mobile"] or None,
        now=now,
    )
    case = records.own(session, vault, application_id=draft, resident_id=ended.row.resident_id)
    answers = {name: value for name, value in ended.answers().items() if name in case.definition.field_names}
    case.keep_answers(forms.check_answers(case.definition, answers, complete=False, now=now).answers)


def left(session: Session, *, vault: Vault, resident_id: int, draft_id: int, now: datetime) -> list[DocumentCard]:
    """What is still kept of the ended case, is still asked for, and is not in the draft yet."""
    case = records.own(session, vault, application_id=draft_id, resident_id=resident_id, lock=False)
    if case.row.status != S.DRAFT or case.row.previous_id is None:
        return []
    limits = {rule.code: rule.max_files for rule in forms.wanted_materials(case.definition, case.answers())}
    have = documents.of(session, case.seal, owner_kind=materials.OWNER, owner_id=draft_id)
    kept = documents.of(session, case.seal, owner_kind=materials.OWNER, owner_id=case.row.previous_id)
    cards: list[DocumentCard] = []
    for card in kept:
        same = [one for one in (*have, *cards) if one.code == card.code]
        gone = card.purge_at is not None and card.purge_at <= now
        if not gone and len(same) < limits.get(card.code, 0) and all(o.sha256_index != card.sha256_index for o in same):
            cards.append(card)
    return cards


def take_over(
    session: Session,
    *,
    vault: Vault,
    resident_id: int,
    draft_id: int,
    card: DocumentCard,
    stored: Stored,
    now: datetime,
) -> bool:
    """Write the row of a copied material; False when another press was faster and it is there already."""
    case = records.own(session, vault, application_id=draft_id, resident_id=resident_id)
    have = documents.of(session, case.seal, owner_kind=materials.OWNER, owner_id=draft_id)
    if any(one.code == card.code and one.sha256_index == card.sha256_index for one in have):
        return False
    materials.attach(
        session,
        vault=vault,
        resident_id=resident_id,
        application_id=draft_id,
        code=card.code,
        stored=stored,
        name=card.name,
        now=now,
    )
    return True

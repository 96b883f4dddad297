"""The people beside the applicant: a spouse who signs with their own login, a helper who files for another 代办."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from backend.accounts import queries as accounts
from backend.applications import drafts, records
from backend.kernel import ids
from backend.kernel.crypto import Vault, place
from backend.kernel.errors import Conflict, Invalid, NotFound, Wrong
from backend.kernel.i18n import N_, Text
from backend.kernel.privacy import check_id, check_mobile, mask_name
from backend.kernel.text import person_name
from backend.lifecycles.application import ApplicationStatus as S
from backend.models.application import Application, Cosignature, Mandate

#: The material a helper always hands in: a photo of the signed mandate 委托书 (民法典 §165).
MANDATE_LETTER = "mandate-letter"
MANDATE_TEXT = "2026-11"
RELATIONS = ("family", "village_specialist", "other")
INVITATION = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Invitation:
    """The code is shown once: only its keyed hash is kept."""

    code: str = field(repr=False)
    expires_at: datetime


def invite(session: Session, *, vault: Vault, resident_id: int, application_id: int, now: datetime) -> Invitation:
    """Ask the spouse to sign; a new invitation replaces the one before."""
    case = records.own(session, vault, application_id=application_id, resident_id=resident_id)
    records.check_editable(case.row)
    if not case.definition.asks_cosignature(case.answers()):
        raise Conflict("no_cosignature", N_("这件申请不需要爱人签名"))
    session.execute(delete(Cosignature).where(Cosignature.application_id == application_id))
    code = ids.typed_code(12)
    invitation = Cosignature(
        id=ids.new_id(now),
        application_id=application_id,
        code_index=vault.index("cosignature", code),
        invited_at=now,
        expires_at=now + INVITATION,
    )
    session.add(invitation)
    return Invitation(code, invitation.expires_at)


def invited(session: Session, vault: Vault, *, code: str, now: datetime) -> Cosignature:
    """The open invitation behind a code, else ``NotFound``."""
    row = session.scalar(
        select(Cosignature).where(Cosignature.code_index == vault.index("cosignature", code.strip().upper()))
    )
    if row is None or row.expires_at <= now or row.signed_at is not None:
        raise NotFound("invitation_unknown", N_("这个签名邀请已经用过、过期或不存在，请让爱人重新发一个"))
    return row


def sign(session: Session, *, vault: Vault, resident_id: int, code: str, now: datetime) -> int:
    """Sign what the application says now; the signer must have given their own name and document."""
    invitation = invited(session, vault, code=code, now=now)
    row = session.scalar(select(Application).where(Application.id == invitation.application_id).with_for_update())
    if row is None:
        raise records.not_found()
    session.expire(invitation)  # of two who sign at once, the second one waited for the case and looks again
    invitation = invited(session, vault, code=code, now=now)
    if row.resident_id == resident_id:
        raise Invalid("own_invitation", N_("要由爱人用自己的手机号登录后签名"))
    signer = accounts.person(session, vault, resident_id)
    if signer.name is None:
        raise Invalid("identity_missing", N_("请先填写您自己的姓名和证件号，再签名"))
    records.check_editable(row)
    case = records.whole(session, vault, row)
    invitation.signer_id = resident_id
    invitation.signer_masked = mask_name(signer.name)
    invitation.content_hash = content_hash(case.answers())
    invitation.signed_at = now
    return row.id


def content_hash(answers: dict[str, Any]) -> str:
    """SHA-256 (hex) of the answers in canonical JSON: what a signature stands for."""
    canonical = json.dumps(answers, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def signature(session: Session, application_id: int) -> Cosignature | None:
    """The invitation or signature of a case."""
    return session.scalar(select(Cosignature).where(Cosignature.application_id == application_id))


def is_signed(session: Session, case: records.Case) -> bool:
    """Whether the spouse signed what the application says now, and not what it said before."""
    row = signature(session, case.row.id)
    return row is not None and row.signed_at is not None and row.content_hash == content_hash(case.answers())


def record_mandate(
    session: Session,
    *,
    vault: Vault,
    resident_id: int,
    application_id: int,
    relation: str,
    name: str,
    id_type: str,
    id_number: str,
    mobile: str | None,
    now: datetime,
) -> int:
    """Say on whose behalf a draft is filed; the signed letter is then asked for as a material."""
    case = records.own(session, vault, application_id=application_id, resident_id=resident_id)
    if case.row.status != S.DRAFT:
        raise Conflict("not_editable", N_("这件申请已经提交，不能再改成代办"))
    principal = _principal(name, id_type, id_number, mobile)
    session.execute(delete(Mandate).where(Mandate.application_id == application_id))
    mandate = Mandate(
        id=ids.new_id(now),
        application_id=application_id,
        relation=relation,
        text_version=MANDATE_TEXT,
        recorded_at=now,
    )
    mandate.principal = records.seal_json(case.seal, principal, place("mandate", "principal", mandate.id))
    session.add(mandate)
    case.row.mandate_id = mandate.id
    _forget_helper(case)
    drafts.touch(case, now)
    return case.row.id


def _forget_helper(case: records.Case) -> None:
    """What was filled in from the helper's own account is not the principal's."""
    own = {field.name for field in case.definition.form if field.prefill and field.prefill != "region"}
    case.keep_answers({name: value for name, value in case.answers().items() if name not in own})


def _principal(name: str, id_type: str, id_number: str, mobile: str | None) -> dict[str, str]:
    """Checked values, or one refusal that names every field that is wrong."""
    wrong: dict[str, list[Text]] = {}
    checked: dict[str, str] = {"id_type": id_type}
    checks: dict[str, Callable[[], str]] = {
        "name": lambda: person_name(name),
        "id_number": lambda: check_id(id_type, id_number),
        "mobile": lambda: check_mobile(mobile) if mobile else "",
    }
    for part, check in checks.items():
        try:
            checked[part] = check()
        except Wrong as error:
            wrong[part] = [error.text]
    if wrong:
        raise Invalid("invalid_input", N_("有 %(n)s 处要改", n=len(wrong)), errors=wrong)
    return checked


def remove_mandate(session: Session, *, vault: Vault, resident_id: int, application_id: int, now: datetime) -> int:
    """File for oneself after all."""
    case = records.own(session, vault, application_id=application_id, resident_id=resident_id)
    if case.row.status != S.DRAFT:
        raise Conflict("not_editable", N_("这件申请已经提交，不能再改"))
    session.execute(delete(Mandate).where(Mandate.application_id == application_id))
    case.row.mandate_id = None
    drafts.touch(case, now)
    return case.row.id


def principal(session: Session, case: records.Case) -> dict[str, str] | None:
    """The person a helper files for, or ``None``."""
    if case.row.mandate_id is None:
        return None
    mandate = session.get_one(Mandate, case.row.mandate_id)
    opened: dict[str, str] = records.open_json(case.seal, mandate.principal, place("mandate", "principal", mandate.id))
    return opened | {"relation": mandate.relation}


def holder(session: Session, case: records.Case) -> dict[str, str]:
    """The person the case is about: the principal of a mandate, else the applicant."""
    mandated = principal(session, case)
    if mandated is not None:
        return {key: mandated[key] for key in ("name", "id_type", "id_number", "mobile")}
    person = case.person
    if person.name is None or person.id_type is None or person.id_number is None:
        raise Invalid("identity_missing", N_("请先填写姓名和证件号"))
    return {"name": person.name, "id_type": person.id_type, "id_number": person.id_number, "mobile": person.mobile}

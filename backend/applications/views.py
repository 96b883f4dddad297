"""What people see of a case: plain values for the API and the pages, words still to be translated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row

from backend.applications import policy
from backend.applications.records import EDITABLE, Case, note_place
from backend.catalogue.definition import ItemDefinition
from backend.catalogue.wording import written as worded
from backend.documents.queries import DocumentCard
from backend.kernel import ids
from backend.kernel.crypto import Seal
from backend.kernel.i18n import N_, Text
from backend.kernel.privacy import mask_id, mask_mobile, mask_name
from backend.lifecycles.application import APPLICATION, ENDINGS, ApplicationStatus as S
from backend.models.application import Application, ApplicationHistory

#: What an office's post is called when nobody holds it by name.
POSTS = {"village": N_("核对岗"), "town": N_("审核岗"), "county": N_("审批岗")}
LEVEL_NAMES = {"village": N_("村（居）"), "town": N_("镇（街道）"), "county": N_("县（区）")}
NEXT_STEPS = {
    S.DRAFT: N_("填完后提交"),
    S.CORRECTION: N_("请按补正通知改好后再提交"),
    S.IN_NOTICE: N_("正在公示，期满没有异议就往下办，您不用做什么"),
    S.APPROVED: N_("正在办结，请稍等"),
    S.ISSUED: N_("证件已经发出，凭二维码可以核验"),
    S.REJECTED: N_("如有不同意见，可以申请行政复议，也可以改好后重新申请"),
    S.WITHDRAWN: N_("可以重新申请，填过的内容会带出来"),
}
EVENTS = {
    "submit": N_("已提交"),
    "grant": N_("自助办结"),
    "accept": N_("已受理"),
    "hand_up": N_("核对通过，交上一级"),
    "return": N_("退回下一级再核对"),
    "request_correction": N_("请您补正"),
    "resubmit": N_("已补正，再次提交"),
    "cancel_correction": N_("不用补正了，接着审核"),
    "open_notice": N_("审核通过，开始公示"),
    "pass_notice_up": N_("公示期满，交上一级"),
    "pass_notice": N_("公示期满，通过"),
    "uphold_objection": N_("有人提出异议，重新审核"),
    "approve": N_("审核通过"),
    "issue": N_("已发证"),
    "reject": N_("未通过"),
    "withdraw": N_("您撤回了申请"),
    "lapse": N_("逾期未补正，已终止"),
    "reopen": N_("重新审核，原证件作废"),
}
#: History the applicant does not need: steps between offices that change nothing for them.
INTERNAL = ("return",)


#: What a card shows, for lists: no answers, no holder.
CARD = (
    Application.id,
    Application.number,
    Application.service_item,
    Application.service_item_version,
    Application.region,
    Application.status,
    Application.queue,
    Application.version,
    Application.created_at,
    Application.submitted_at,
    Application.updated_at,
    Application.due_on,
    Application.expires_at,
    Application.ended_as,
)
CardRow = Application | Row[*tuple[Any, ...]]

#: Digits of a region code.
REGION_CODE = 12


def written(definition: ItemDefinition, answers: dict[str, Any], places: Mapping[str, str]) -> list[dict[str, Any]]:
    """Answers as a person reads them: question and words, in the order of the form."""
    return [
        {
            "name": field.name,
            "label": field.label,
            "value": worded(field, answers[field.name], places=places),
        }
        for field in definition.form
        if field.name in answers
    ]


def masked_holder(holder: Mapping[str, str]) -> dict[str, Any]:
    """Name, document and number of a person, masked."""
    return {
        "name": mask_name(holder.get("name", "")),
        "id_type": holder.get("id_type"),
        "id_number": mask_id(holder.get("id_number", "")),
        "mobile": mask_mobile(holder.get("mobile", "")),
    }


def label(row: CardRow) -> Text:
    """The state in words; a case that lapsed was not taken back by anyone."""
    return ENDINGS[row.ended_as] if row.ended_as else APPLICATION.label(row.status)


def applicant_actions(row: CardRow) -> list[str]:
    """What the applicant may do now."""
    allowed = APPLICATION.allowed(row.status, "applicant")
    if row.status in EDITABLE:
        allowed.append("edit")
    if row.status == S.DRAFT:
        allowed.append("discard")
    if row.status in (S.REJECTED, S.WITHDRAWN):
        allowed.append("renew")
    return allowed


def iso(moment: Any) -> str | None:
    return moment.isoformat() if moment is not None else None


def card(row: CardRow, definition: ItemDefinition) -> dict[str, Any]:
    """One line of "my applications"."""
    return {
        "id": ids.encode(row.id),
        "number": row.number,
        "service_item": row.service_item,
        "service_name": definition.name,
        "service_item_version": row.service_item_version,
        "region": row.region,
        "status": row.status,
        "status_label": label(row),
        "ended_as": row.ended_as,
        "version": row.version,
        "created_at": iso(row.created_at),
        "submitted_at": iso(row.submitted_at),
        "updated_at": iso(row.updated_at),
        "due_on": iso(row.due_on) if row.queue else None,
        "expires_at": iso(row.expires_at),
        "allowed_actions": applicant_actions(row),
    }


def material(document: DocumentCard, definition: ItemDefinition) -> dict[str, Any]:
    """One uploaded file, without its content."""
    found = next((m.label for m in definition.materials if m.code == document.code), N_("委托书"))
    return {
        "id": ids.encode(document.id),
        "material": document.code,
        "label": found,
        "name": document.name,
        "type": document.mime,
        "size": document.size,
        "created_at": iso(document.created_at),
    }


def draft(case: Case, materials: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """A case as its applicant edits it."""
    return card(case.row, case.definition) | {"answers": case.answers(), "materials": list(materials)}


def next_step(case: Case) -> Text:
    row = case.row
    if row.status == S.APPROVED and case.definition.certificate is None:
        return _after_approval(case.definition)
    if row.status in NEXT_STEPS:
        return NEXT_STEPS[S(row.status)]
    level = row.level or "town"
    return N_("%(level)s正在办理，您不用做什么", level=LEVEL_NAMES[level])


def _after_approval(definition: ItemDefinition) -> Text:
    """What comes where no certificate does."""
    if definition.benefit is not None:
        return N_("已经批准，钱会按期打到您的账户，在“我的”里能看到")
    if definition.visit_minutes is not None:
        return N_("已经安排，上门时间会发消息给您，点一下同意就行")
    return N_("已经办结")


def owner(row: Application, offices: dict[str, policy.Office]) -> dict[str, Any]:
    """Whose turn it is: an office and a post, never a clerk's name; the applicant when it is theirs."""
    if row.status in EDITABLE:
        return {"office": N_("您"), "post": ""}
    level = row.queue or row.decided_level or "county"
    office = offices.get(level) or next(iter(offices.values()))
    return {"office": office.name, "post": POSTS[office.level]}


def phone(row: Application, offices: dict[str, policy.Office]) -> str:
    """The number to ask: the office whose turn it is, else the county's."""
    office = offices.get(row.queue or row.decided_level or "county") or next(iter(offices.values()))
    return office.phone


def timeline(seal: Seal, rows: Sequence[ApplicationHistory], *, staff: bool = False) -> list[dict[str, Any]]:
    """What happened so far, oldest first."""
    return [
        {
            "at": iso(row.at),
            "event": row.move,
            "label": EVENTS[row.move],
            "status": row.to_status,
            "by": row.post or None,
            "note": seal.open_text(row.note, note_place(row.subject_id)) if row.note else None,
        }
        for row in rows
        if staff or row.move not in INTERNAL
    ]


def steps(
    row: Application, levels: Sequence[str], offices: dict[str, policy.Office], *, certificate: bool
) -> list[Any]:
    """The way still ahead, for the timeline: each level with done, now or next."""
    reached = levels.index(row.level) if row.level in levels else 0
    decided = row.status in (S.APPROVED, S.ISSUED, S.REJECTED)
    ahead: list[dict[str, Any]] = []
    for position, level in enumerate(levels):
        state = "done" if decided or position < reached else "now" if position == reached else "next"
        office = offices.get(level)
        ahead.append(
            {"level": level, "label": LEVEL_NAMES[level], "office": office.name if office else None, "state": state}
        )
    if certificate:
        state = "done" if row.status == S.ISSUED else "now" if row.status == S.APPROVED else "next"
        ahead.append({"level": "", "label": N_("发证，凭二维码可查"), "office": None, "state": state})
    return ahead

"""What both sides read of corrections: the open notice, a proposal, earlier ones, and which lines were mended."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from backend.accounts import queries as accounts
from backend.applications import corrections, policy, records, second_corrections, views
from backend.applications.policy import Reviewer
from backend.kernel import ids
from backend.kernel.i18n import N_
from backend.models.application import Correction

OPEN, PROPOSED = "open", "proposed"
LABELS = {
    OPEN: N_("等补正"),
    PROPOSED: N_("等上级同意"),
    corrections.ANSWERED: N_("已补正"),
    corrections.CANCELLED: N_("已撤销"),
    corrections.LAPSED: N_("逾期未补正"),
    corrections.WITHDRAWN: N_("申请人撤回了申请"),
    corrections.REFUSED: N_("没有同意，没有发出"),
    corrections.DROPPED: N_("已收回，没有发出"),
}


def standing(notice: Correction) -> str:
    """Where a notice stands; those closed before reasons were kept had been answered, as far as anybody knows."""
    if notice.closed_at is not None:
        return notice.closed_as or corrections.ANSWERED
    return PROPOSED if notice.waits_for else OPEN


def for_applicant(session: Session, case: records.Case) -> dict[str, Any] | None:
    """The notice that waits for the applicant, with every text it had before an edit."""
    notice = corrections.current(session, case.row.id)
    return shown(case, notice) if notice else None


def for_staff(
    session: Session, case: records.Case, *, reviewer: Reviewer, changes: list[dict[str, Any]]
) -> dict[str, Any]:
    """Everything a clerk sees of corrections, in one statement and at most one more."""
    notices = corrections.of(session, case.row.id)
    by = {standing(notice): notice for notice in notices}  # of each kind the newest
    going, proposed = by.get(OPEN), by.get(PROPOSED)
    return {
        "correction": _open(case, going, reviewer) if going else None,
        "proposal": _proposal(session, case, proposed, reviewer) if proposed else None,
        "corrections": [_closed(case, notice) for notice in reversed(notices) if notice.closed_at],
        "next_ordinal": len(corrections.sent(notices)) + 1,
        "touched": touched(case, by.get(corrections.ANSWERED), changes),
    }


def shown(case: records.Case, notice: Correction) -> dict[str, Any]:
    """One notice in words."""
    content, status = corrections.read(case, notice), standing(notice)
    earlier = [old | {"items": _labelled(case, old["items"])} for old in content.get("earlier", [])]
    return {
        "id": ids.encode(notice.id),
        "status": status,
        "status_label": LABELS[status],
        "ordinal": notice.ordinal or 1,
        "note": content["note"],
        "items": _labelled(case, content["items"]),
        "due_on": views.iso(notice.due_on),
        "opened_at": views.iso(notice.opened_at),
        "edited_at": views.iso(notice.edited_at),
        "earlier": earlier,
        "allowed_actions": [],
    }


def _labelled(case: records.Case, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    things = {f.name: f.label for f in case.definition.form} | {m.code: m.label for m in case.definition.materials}
    return [{"hand_in": "", **item, "label": things.get(item["target"], item["target"])} for item in items]


def _open(case: records.Case, notice: Correction, reviewer: Reviewer) -> dict[str, Any]:
    allowed = ["edit", "cancel"] if corrections.may_change(reviewer, notice) else []
    return shown(case, notice) | {"allowed_actions": allowed}


def _closed(case: records.Case, notice: Correction) -> dict[str, Any]:
    content = corrections.read(case, notice)
    return shown(case, notice) | {
        "closed_at": views.iso(notice.closed_at),
        "refusal": content.get("refusal"),
        **_reason(notice, content),
    }


def _proposal(session: Session, case: records.Case, notice: Correction, reviewer: Reviewer) -> dict[str, Any]:
    author = accounts.staff(session, notice.opened_by)
    asked = notice.waits_for or ""
    return shown(case, notice) | {
        "post": author.post if author else "",
        "waits_for": asked,
        "waits_for_label": views.LEVEL_NAMES[asked],
        "allowed_actions": _proposal_actions(reviewer, notice),
        **_reason(notice, corrections.read(case, notice)),
    }


def _proposal_actions(reviewer: Reviewer, notice: Correction) -> list[str]:
    consent = ["consent", "refuse"] if second_corrections.may_consent(reviewer, notice) else []
    return [*consent, "drop"] if second_corrections.may_drop(reviewer, notice) else consent


def _reason(notice: Correction, content: dict[str, Any]) -> dict[str, Any]:
    return {
        "reason_code": notice.reason_code,
        "reason_label": policy.SECOND_REASONS.get(notice.reason_code or ""),
        "reason_words": content.get("reason_words") or None,
    }


def touched(case: records.Case, answered: Correction | None, changes: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Which lines of the notice that was answered last were mended: ``{asked, touched, items}``."""
    if answered is None:
        return None
    changed = {change["target"] for change in changes}
    items = [item | {"touched": item["target"] in changed} for item in shown(case, answered)["items"]]
    return {"asked": len(items), "touched": sum(item["touched"] for item in items), "items": items}

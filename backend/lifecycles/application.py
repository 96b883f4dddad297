"""The life of an application 申请, from draft to certificate (CONTRACT §3)."""

from __future__ import annotations

from enum import StrEnum

from backend.kernel.i18n import N_
from backend.kernel.machine import Lifecycle, moves


class ApplicationStatus(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    CORRECTION = "correction"
    IN_NOTICE = "in_notice"
    APPROVED = "approved"
    ISSUED = "issued"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


S = ApplicationStatus
OPEN = (S.SUBMITTED, S.IN_REVIEW, S.CORRECTION, S.IN_NOTICE)
REVIEWABLE = (S.SUBMITTED, S.IN_REVIEW)
#: ``Application.ended_as`` of a case that ended because a correction was not answered: nobody took it back.
LAPSED = "lapsed"
DECIDED = (S.APPROVED, S.ISSUED, S.REJECTED)

LABELS = {
    S.DRAFT: N_("草稿"),
    S.SUBMITTED: N_("已提交"),
    S.IN_REVIEW: N_("审核中"),
    S.CORRECTION: N_("等您补正"),
    S.IN_NOTICE: N_("公示中"),
    S.APPROVED: N_("已通过"),
    S.ISSUED: N_("已发证"),
    S.REJECTED: N_("未通过"),
    S.WITHDRAWN: N_("已撤回"),
}

#: What a case that ended in another way than its state says is called.
ENDINGS = {LAPSED: N_("逾期未补正，已终止")}

APPLICANT = ("applicant",)
REVIEWER = ("reviewer",)
SYSTEM = ("system",)

APPLICATION = Lifecycle(
    "application",
    LABELS,
    moves(
        ("submit", (S.DRAFT,), S.SUBMITTED, APPLICANT, N_("提交"), "application_submitted"),
        ("grant", (S.SUBMITTED,), S.APPROVED, SYSTEM, N_("自助办结"), "application_approved"),
        ("accept", (S.SUBMITTED,), S.IN_REVIEW, REVIEWER, N_("受理"), "application_accepted"),
        ("hand_up", (S.IN_REVIEW,), S.IN_REVIEW, REVIEWER, N_("通过，交上一级"), "application_handed_up"),
        ("return", (S.IN_REVIEW,), S.IN_REVIEW, REVIEWER, N_("退回下一级"), None),
        ("request_correction", (S.IN_REVIEW,), S.CORRECTION, REVIEWER, N_("要求补正"), "correction_requested"),
        ("resubmit", (S.CORRECTION,), S.IN_REVIEW, APPLICANT, N_("补正后再提交"), "application_resubmitted"),
        (
            "cancel_correction",
            (S.CORRECTION,),
            S.IN_REVIEW,
            REVIEWER,
            N_("撤销补正通知"),
            "correction_cancelled",
        ),
        ("open_notice", (S.IN_REVIEW,), S.IN_NOTICE, REVIEWER, N_("通过，开始公示"), "application_in_notice"),
        ("pass_notice_up", (S.IN_NOTICE,), S.IN_REVIEW, SYSTEM, N_("公示期满，交上一级"), "application_handed_up"),
        ("pass_notice", (S.IN_NOTICE,), S.APPROVED, SYSTEM, N_("公示期满，通过"), "application_approved"),
        (
            "uphold_objection",
            (S.IN_NOTICE,),
            S.IN_REVIEW,
            REVIEWER,
            N_("异议成立，重新审核"),
            "objection_upheld",
        ),
        ("approve", (S.IN_REVIEW,), S.APPROVED, REVIEWER, N_("通过"), "application_approved"),
        ("issue", (S.APPROVED,), S.ISSUED, SYSTEM, N_("发证"), "application_issued"),
        ("reject", (S.IN_REVIEW,), S.REJECTED, REVIEWER, N_("不予通过"), "application_rejected"),
        (
            "withdraw",
            (S.SUBMITTED, S.IN_REVIEW, S.CORRECTION, S.IN_NOTICE),
            S.WITHDRAWN,
            APPLICANT,
            N_("撤回"),
            "application_withdrawn",
        ),
        ("lapse", (S.CORRECTION,), S.WITHDRAWN, SYSTEM, N_("逾期未补正，终止"), "application_lapsed"),
        (
            "reopen",
            (S.APPROVED, S.ISSUED, S.REJECTED),
            S.IN_REVIEW,
            REVIEWER,
            N_("重新审核"),
            "application_reopened",
        ),
    ),
)

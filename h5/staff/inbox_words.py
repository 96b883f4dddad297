"""What the messages of staff say: one function per kind, from the facts that were kept with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext as _


@dataclass(frozen=True, slots=True)
class Said:
    """``lines``: label and number of a digest; ``href`` and ``action``: where the message leads."""

    title: str
    text: str
    lines: tuple[tuple[str, str], ...] = ()
    href: str | None = None
    action: str | None = None


Words = Callable[[dict[str, Any]], Said]


def taken_over(facts: dict[str, Any]) -> Said:
    """A superior took a case out of this clerk's hands."""
    return Said(
        _("上级接手了一件"),
        _(
            "%(number)s 由%(post)s接手，不再由您办。写到一半的话没有交出去。",
            number=facts["number"],
            post=facts["post"],
        ),
        href=case_page(facts),
        action=_("看看这件"),
    )


def handed_over(facts: dict[str, Any]) -> Said:
    """Cases came into this clerk's hands."""
    count = facts["count"]
    return Said(
        _("有 %(n)s 件交给您", n=count),
        _("%(post)s把手上的件交给您办，已经替您领好，30 分钟内打开就能接着办。", post=facts["post"]),
        href=case_page(facts) if count == 1 else url_for("h5_staff_queue.show", view="mine"),
        action=_("看看这件") if count == 1 else _("去看我的件"),
    )


def handed_away(facts: dict[str, Any]) -> Said:
    """Somebody else handed over what was in this clerk's hands."""
    return Said(
        _("您手上的 %(n)s 件交出去了", n=facts["count"]),
        _("%(post)s把您手上的件交给了同事，或放回了待办，不再由您办。", post=facts["post"]),
    )


def digest(facts: dict[str, Any]) -> Said:
    """The counts of one working day's morning."""
    names = {
        "overdue": _("超期"),
        "soon": _("两天内到期"),
        "unclaimed": _("等着领"),
        "mine": _("我领着"),
        "waiting": _("等申请人补正"),
        "escalated": _("下级超期，报到这里"),
        "area_open": _("辖区在办"),
        "area_overdue": _("辖区超期"),
        "area_soon": _("辖区两天内到期"),
    }
    lines = tuple((label, shown(facts[name])) for name, label in names.items() if facts.get(name))
    urgent = facts.get("overdue") or facts.get("soon")
    text = _("先办超期和快到期的。") if urgent else _("没有超期和快到期的件。")
    return Said(_("今天的件"), text, lines, url_for("h5_staff_queue.show"), _("去办"))


def objection(facts: dict[str, Any]) -> Said:
    """Somebody objected to a notice of this office."""
    return Said(
        _("有人提出异议"),
        _("%(number)s 在公示时有人提出异议，期限停着，等核实和答复。", number=facts["number"]),
        href=url_for("h5_staff_notices.objection", objection=facts["objection"]),
        action=_("去核实和答复"),
    )


def consent_wanted(facts: dict[str, Any]) -> Said:
    """The office below wants to send a second notice."""
    return Said(
        _("有一件再次补正等您同意"),
        _("%(number)s 已经补正过一次，下一级想再通知一次。期限没有停，请早点答复。", number=facts["number"]),
        href=url_for("h5_staff_consents.ask", number=facts["number"]),
        action=_("去看要不要同意"),
    )


def consent_given(facts: dict[str, Any]) -> Said:
    """The notice this clerk proposed went out."""
    text = _("%(number)s 的再次补正已经发给申请人，期限先停下。", number=facts["number"])
    return Said(_("再次补正同意了"), text, href=case_page(facts), action=_("看看这件"))


def consent_refused(facts: dict[str, Any]) -> Said:
    """The notice this clerk proposed was not agreed to."""
    text = _("%(number)s 的再次补正没有发出，原因写在这件的页上，请按现有材料往下办。", number=facts["number"])
    return Said(_("再次补正没有同意"), text, href=case_page(facts), action=_("接着办"))


def consent_moot(facts: dict[str, Any]) -> Said:
    """Nobody was left who could agree."""
    text = _("%(number)s 的再次补正作罢：上级现在没有人能同意。请按现有材料往下办。", number=facts["number"])
    return Said(_("再次补正没有人能同意"), text, href=case_page(facts), action=_("接着办"))


def question_answered(facts: dict[str, Any]) -> Said:
    """The applicant replied to this clerk's question."""
    text = _("%(number)s 的申请人回答了您的问题。", number=facts["number"])
    return Said(_("提问有回答了"), text, href=case_page(facts), action=_("去看回答"))


def shown(count: int) -> str:
    """Counts stop at a hundred, and say so."""
    return "99+" if count > 99 else str(count)


def case_page(facts: dict[str, Any]) -> str:
    """The page of the case a message is about."""
    return url_for("h5_staff_cases.show", number=facts["number"])


def payment_batch_approved(facts: dict[str, Any]) -> Said:
    """A batch that this clerk prepared may go to the bank."""
    return Said(
        _("发放批次审核通过"),
        _("%(post)s看过 %(number)s，可以导出交银行了。", post=facts["post"], number=facts["number"]),
        href=payment_page(facts),
        action=_("去导出"),
    )


def payment_batch_discarded(facts: dict[str, Any]) -> Said:
    """A batch that this clerk prepared was sent back."""
    return Said(
        _("发放批次退回来了"),
        _("%(post)s退回了 %(number)s，原因写在里面；改好后重新准备。", post=facts["post"], number=facts["number"]),
        href=payment_page(facts),
        action=_("看看原因"),
    )


def payments_failed(facts: dict[str, Any]) -> Said:
    """The bank refused payments of a batch."""
    return Said(
        _("银行没有打成 %(n)s 笔", n=facts["count"]),
        _("%(number)s 的回盘到了。请核对账户，改好的下一批会重新发。", number=facts["number"]),
        href=url_for("h5_staff_payments.failures"),
        action=_("去核对"),
    )


def payment_page(facts: dict[str, Any]) -> str:
    """The page of the batch a message is about."""
    return url_for("h5_staff_payments.one", number=facts["number"])


def sms_budget(facts: dict[str, Any]) -> Said:
    """The month's money for text messages is nearly, or all, spent."""
    over = facts["percent"] >= 100
    text = (
        _("这个月的 %(yuan)s 元用完了。验证码照常发，别的只进收件箱，下个月恢复。", yuan=facts["budget"])
        if over
        else _("已经用掉 %(yuan)s 元里的八成。用完以后，除了验证码都只进收件箱。", yuan=facts["budget"])
    )
    return Said(
        _("短信预算用完了") if over else _("短信预算快用完了"),
        text,
        href=url_for("h5_admin_message_costs.show"),
        action=_("看看用了多少"),
    )


def tips_digest(facts: dict[str, Any]) -> Said:
    """Tips wait for this investigator: how many, never which."""
    names = {"waiting": _("等您看或回话"), "overdue": _("超期")}
    lines = tuple((label, shown(facts[name])) for name, label in names.items() if facts.get(name))
    return Said(_("有举报等您看"), "", lines, url_for("h5_staff_tips.show"), _("去看举报"))


#: kind → its words; a kind nobody has put into words shows its name.
KINDS: dict[str, Words] = {
    "taken_over": taken_over,
    "handed_over": handed_over,
    "handed_away": handed_away,
    "digest": digest,
    "objection": objection,
    "consent_wanted": consent_wanted,
    "consent_given": consent_given,
    "consent_refused": consent_refused,
    "consent_moot": consent_moot,
    "question_answered": question_answered,
    "payment_batch_approved": payment_batch_approved,
    "payment_batch_discarded": payment_batch_discarded,
    "payments_failed": payments_failed,
    "sms_budget": sms_budget,
    "tips_digest": tips_digest,
}


def said(kind: str, facts: dict[str, Any]) -> Said:
    """The words of one message."""
    words = KINDS.get(kind)
    return words(facts) if words else Said(kind, "")

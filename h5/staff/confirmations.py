"""One confirmation at the console: a change to review, a call or a visit to record."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import Blueprint, make_response, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from backend.benefits import confirmations, desk, policy
from backend.benefits.confirmations import Outcome
from backend.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from backend.kernel.i18n import N_
from backend.web import benefits
from backend.web.context import runtime
from backend.web.once import once
from backend.web.words import field_errors, say
from h5 import benefits as forms
from h5.benefits import Typed, day
from h5.staff import console

blp = Blueprint("h5_staff_confirmations", __name__, url_prefix="/staff/confirmations/<id:confirmation>")


@dataclass(frozen=True, slots=True)
class Form:
    """What a clerk chose: ``outcome`` keep, account, class, end; ``way`` call, visit; ``result`` of it."""

    outcome: str = ""
    amount_class: str = ""
    reason: str = ""
    on: tuple[str, ...] = ("", "", "")
    way: str = ""
    result: str = ""
    told: Typed = field(default_factory=Typed)


def typed() -> Form:
    """What this request posted."""
    posted = request.form
    return Form(
        outcome=posted.get("outcome", ""),
        amount_class=posted.get("amount_class", ""),
        reason=posted.get("reason", ""),
        on=tuple(posted.get(f"on.{part}", "")[:4] for part in "ymd"),
        way=posted.get("way", ""),
        result=posted.get("result", ""),
        told=forms.typed(),
    )


@blp.get("")
def show(confirmation: int) -> str:
    """Who it is, what was told, and what to do about it; the look is recorded."""
    return _page(confirmation, Form())


@blp.post("/review")
def review(confirmation: int) -> str | Response:
    """Decide about a change."""
    form = typed()
    try:
        once(
            confirmations.review,
            vault=runtime().vault,
            clerk=console.clerk(),
            confirmation_id=confirmation,
            seen=_seen(),
            outcome=_outcome(form),
            now=runtime().clock(),
        )
    except (Conflict, Invalid, Forbidden) as problem:
        return make_response(_page(confirmation, form, problem), problem.status)
    return redirect(url_for("h5_staff_benefits.show", said="saved"), 303)


@blp.post("/record")
def record(confirmation: int) -> str | Response:
    """Write down a call or a visit."""
    form = typed()
    try:
        _check(form)
        benefits.record(
            confirmation,
            way=form.way,
            reached=form.result != "unreached",
            told=forms.told(form.told) if form.result == "changed" else None,
        )
    except (Conflict, Invalid, Forbidden) as problem:
        return make_response(_page(confirmation, form, problem), problem.status)
    return redirect(url_for("h5_staff_benefits.show", said="saved"), 303)


def _check(form: Form) -> None:
    wrong = {}
    if form.way not in ("call", "visit"):
        wrong["way"] = [N_("请选是电话还是上门")]
    if form.result not in ("confirmed", "changed", "unreached"):
        wrong["result"] = [N_("请选结果")]
    if wrong:
        raise Invalid("unfinished", N_("还有 %(n)s 处要填，写好的都在", n=len(wrong)), errors=wrong)


def _seen() -> datetime:
    try:
        return datetime.fromisoformat(request.form.get("seen", ""))
    except ValueError as error:
        raise NotFound("not_found", N_("没有找到这次年审，可能不是您的")) from error


def _outcome(form: Form) -> Outcome:
    if form.outcome not in ("keep", "account", "class", "end"):
        words = N_("请选一个处理结果")
        raise Invalid("unfinished", words, errors={"outcome": [words]})
    if form.outcome == "class" and not form.amount_class:
        words = N_("请选档次")
        raise Invalid("unfinished", words, errors={"amount_class": [words]})
    if form.outcome == "end" and form.reason not in policy.STAFF_REASONS:
        raise Invalid("unfinished", N_("请选择原因"), errors={"reason": [N_("请选择原因")]})
    on = day(form.on)
    if on is None and any(form.on):
        words = N_("没有这一天，请再看看年、月、日")
        raise Invalid("unfinished", words, errors={"on": [words]})
    return Outcome(
        account=form.outcome == "account",
        amount_class=form.amount_class if form.outcome == "class" else "",
        class_on=on,
        end_reason=form.reason if form.outcome == "end" else "",
        end_on=on,
    )


def _page(confirmation: int, form: Form, problem: Problem | None = None) -> str:
    at = runtime()
    one = at.db.transact(desk.case, at.vault, clerk=console.clerk(), confirmation_id=confirmation, now=at.clock())
    return console.page(
        "confirmation.html",
        one=one,
        address=confirmation,
        form=form,
        problem=problem,
        wrong=field_errors(problem),
        outcomes=_outcomes(one),
        classes=classes(one["recipient"]),
        reasons=reasons(),
        changes=forms.changes(),
        key=secrets.token_urlsafe(16),
    )


def _outcomes(one: dict[str, Any]) -> list[tuple[str, str, str | None]]:
    ways: list[tuple[str, str, str | None]] = [("keep", _("没有影响，照常发放"), _("核对过了，年审算办好"))]
    if one["new_account"]:
        account = one["new_account"]
        new = _("%(bank)s %(number)s", bank=account["bank"], number=account["number"])
        ways.append(("account", _("换成新的账户"), new))
    ways.append(("class", _("换档次"), _("从哪天起，写在下面")))
    ways.append(("end", _("停发"), _("要有原因；本人会收到消息，知道怎么提出不同意见")))
    return ways


def classes(recipient: dict[str, Any]) -> list[tuple[str, str, None]]:
    """The amount classes of an item, to choose from."""
    return [
        (one["code"], _("%(name)s，%(yuan)s 元", name=one["label"], yuan=one["yuan"]), None)
        for one in recipient["classes"]
    ]


def reasons() -> list[tuple[str, str, None]]:
    """Why a benefit may end."""
    return [(code, say(policy.END_LABELS[code]), None) for code in policy.STAFF_REASONS]

"""My applications 申请: the list, each case with its papers, and taking one back."""

from __future__ import annotations

import secrets

from flask import Blueprint, Response as Answer, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from backend.applications import drafts, looks as looking, queries, submission, views
from backend.certificates import files, qr, queries as certificates
from backend.kernel import ids
from backend.kernel.errors import Conflict
from backend.web import renewals
from backend.web.context import runtime
from backend.web.files import download
from backend.web.guards import caller
from backend.web.once import once
from h5 import cases, ratings
from h5.paths import with_word

blp = Blueprint("h5_applications", __name__, url_prefix="/applications")


@blp.get("")
def listing() -> str:
    """Newest first, twenty at a time."""
    with runtime().db.reading() as session:
        page = queries.mine(session, resident_id=caller().id, limit=20, cursor=request.args.get("cursor"))
    return render_template("applications/list.html", cards=cases.lines(page.items), cursor=page.next_cursor)


@blp.get("/<id:application>")
def show(application: int) -> str | Response:
    """Where the case is, who has it, until when, and whom to call."""
    case = cases.view(application, just_sent="sent" in request.args)
    if not case.number:
        return redirect(url_for("h5_filling.resume", application=application), 303)
    return render_template(
        "applications/show.html", case=case, rate=None if case.can_withdraw else ratings.part(application)
    )


@blp.get("/<id:application>/receipt")
def receipt(application: int) -> str:
    """The receipt 回执 with its QR code, to show and to print."""
    case, at = cases.load(application), runtime()
    with at.db.reading() as session:
        row, token = queries.receipt_token(session, resident_id=caller().id, application_id=application)
        slip = certificates.verify(session, token=token, base_url=at.settings.base_url, now=at.clock()).receipt
    return render_template(
        "applications/receipt.html",
        case=case,
        name=cases.name_of(case),
        receipt=slip,
        due_on=row.due_on,
        phone=case["phone"],
    )


@blp.get("/<id:application>/receipt.svg")
def receipt_qr(application: int) -> Answer:
    """What the receipt's QR code opens: the verification page."""
    at = runtime()
    with at.db.reading() as session:
        _row, token = queries.receipt_token(session, resident_id=caller().id, application_id=application)
    return Answer(qr.svg(f"{at.settings.base_url}/v/{token}"), mimetype="image/svg+xml")


@blp.get("/<id:application>/receipt.pdf")
def receipt_pdf(application: int) -> Answer:
    """The receipt on paper."""
    at = runtime()
    with at.db.reading() as session:
        row = queries.handed_in(session, resident_id=caller().id, application_id=application)
        found = certificates.receipt_file(session, at.vault, application_id=application, resident_id=caller().id)
    return download(files.load(at.storage, found), mime="application/pdf", name=f"{row.number}.pdf")


@blp.get("/<id:application>/copy")
def copy(application: int) -> str:
    """What was handed in last."""
    at = runtime()
    with at.db.reading() as session:
        found = queries.copy(session, at.vault, resident_id=caller().id, application_id=application)
    masked = found | {"holder": views.masked_holder(found["holder"])}
    return render_template("applications/copy.html", copy=masked, application=application)


@blp.get("/<id:application>/copy.pdf")
def copy_pdf(application: int) -> Answer:
    """The same to keep, as a PDF."""
    at = runtime()
    with at.db.reading() as session:
        found = queries.copy_file(session, at.vault, resident_id=caller().id, application_id=application)
    return download(files.load(at.storage, found), mime="application/pdf", name=f"{ids.encode(application)}.pdf")


@blp.get("/<id:application>/looks")
def looks(application: int) -> str:
    """Who looked at my case."""
    with runtime().db.reading() as session:
        found = looking.mine(session, resident_id=caller().id, application_id=application)
    return render_template("applications/looks.html", looks=found, application=application)


@blp.get("/<id:application>/withdrawal")
def withdrawal(application: int) -> str:
    """What taking back means."""
    case = cases.load(application)
    text = _("“%(name)s”不再往下办。以后想办可以重新申请，填过的内容会带过来。", name=cases.name_of(case))
    return _confirm(application, _("要撤回这件申请吗？"), text, _("撤回申请"))


@blp.post("/<id:application>/withdrawal")
def withdraw(application: int) -> Response:
    """Take the case back; a second press finds it done."""
    at = runtime()
    try:
        once(
            submission.withdraw,
            vault=at.vault,
            resident_id=caller().id,
            application_id=application,
            expected_version=None,
            now=at.clock(),
        )
    except Conflict:
        if cases.load(application)["status"] != "withdrawn":
            raise
    return redirect(with_word(url_for("h5_applications.show", application=application), "withdrawn"), 303)


@blp.post("/<id:application>/renewal")
def renew(application: int) -> Response:
    """Apply again with everything that still fits; pressed twice it is one draft."""
    try:
        draft = renewals.renew(application)
    except Conflict as problem:
        if "application" not in problem.extra:
            raise
        return redirect(url_for("h5_applications.show", application=problem.extra["application"]), 303)
    return redirect(with_word(url_for("h5_filling.review", application=draft), "renewed"), 303)


@blp.get("/<id:application>/discarding")
def discarding(application: int) -> str:
    """What deleting a draft means."""
    cases.load(application)
    text = _("填过的内容和传过的照片都会删掉，找不回来。")
    return _confirm(application, _("要删掉这份草稿吗？"), text, _("删掉草稿"))


@blp.post("/<id:application>/discarding")
def discard(application: int) -> Response:
    """Delete a draft."""
    at = runtime()
    at.db.transact(drafts.discard, vault=at.vault, resident_id=caller().id, application_id=application, now=at.clock())
    return redirect(with_word(url_for("h5_applications.listing"), "removed"), 303)


def _confirm(application: int, heading: str, text: str, press: str) -> str:
    return render_template(
        "applications/confirm.html",
        application=application,
        heading=heading,
        text=text,
        press=press,
        key=secrets.token_urlsafe(16),
    )

"""Payments 发放 at the console: prepare a batch, look, approve, export, take in the bank's answer, mend what failed."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Blueprint, make_response, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from backend.applications.policy import Reviewer
from backend.benefits import batch_views, batches, payments, periods, policy
from backend.benefits.exports import ENCODINGS
from backend.catalogue import queries as catalogue, stored
from backend.kernel.clock import today
from backend.kernel.errors import Conflict, Forbidden, Invalid, Problem, TooLarge, Wrong
from backend.kernel.i18n import N_
from backend.kernel.text import clean
from backend.web import payments as files
from backend.web.context import runtime
from backend.web.once import once
from backend.web.words import field_errors, say
from h5.staff import console, payment_words as words

blp = Blueprint("h5_staff_payments", __name__, url_prefix="/staff/payments")
PAGE = 30
LONGEST_REASON = 500
REFUSALS = (Conflict, Forbidden, Invalid, TooLarge)


@blp.get("")
def show() -> str:
    """The batches of the jurisdiction, and how many payments wait to be mended."""
    at, clerk = runtime(), _clerk()
    with at.db.reading() as session:
        items, cursor = batch_views.page(
            session, at.vault, reviewer=clerk, limit=PAGE, cursor=request.args.get("cursor")
        )
        failed = payments.count_failures(session, reviewer=clerk)
        names = catalogue.region_names(session, [item["region"] for item in items])
    lines = [words.batch(item, names.get(item["region"], "")) for item in items]
    return console.page("payments/list.html", batches=lines, failed=words.counted(failed), cursor=cursor)


@blp.get("/new")
def new() -> str:
    """Which benefit and period; then, with both in the address, what the batch would hold."""
    item, period = request.args.get("item", "")[:64], request.args.get("period", "")[:8]
    return _new(item, period)


@blp.post("")
def prepare() -> str | Response:
    """Freeze the list that the dry run showed."""
    at = runtime()
    item, period = request.form.get("item", "")[:64], request.form.get("period", "")[:8]
    try:
        batch = once(
            batches.prepare,
            vault=at.vault,
            reviewer=_clerk(),
            service_item=item,
            period=period,
            now=at.clock(),
        )
    except Conflict as problem:
        return make_response(_new(item, period, problem), problem.status)
    with at.db.reading() as session:
        number = batch_views.number_of(session, batch)
    return redirect(url_for(".one", number=number, done="prepared"), 303)


@blp.get("/<string:number>")
def one(number: str) -> str:
    """One batch with its lines and what may be done with it."""
    return _page(number)


@blp.post("/<string:number>/approval")
def approve(number: str) -> str | Response:
    """Let it go to the bank."""
    return _do(number, "approved", batches.approve)


@blp.post("/<string:number>/discard")
def discard(number: str) -> str | Response:
    """Send it back with a reason."""
    try:
        reason = clean(request.form.get("reason", ""), max_length=LONGEST_REASON, multiline=True)
    except Wrong as wrong:
        refusal = Invalid("reason_missing", wrong.text, errors={"reason": [wrong.text]})
        return _refused(number, refusal)
    return _do(number, "discarded", batches.discard, vault=runtime().vault, reason=reason)


@blp.post("/<string:number>/export/<any(csv,xlsx):kind>")
def export(number: str, kind: str) -> str | Response:
    """The file for the bank; an act, not a link: every one is recorded."""
    encoding = request.form.get("encoding", "utf-8")
    try:
        return files.export(_clerk(), number, kind, encoding if encoding in ENCODINGS else "utf-8")
    except Conflict as problem:
        return _refused(number, problem)


@blp.post("/<string:number>/bank-returns")
def take_in(number: str) -> str | Response:
    """The bank's answer; what is wrong with the file is said line by line."""
    file = request.files.get("file")
    try:
        if file is None or not file.filename:
            raise Invalid("no_file", N_("请先选银行给的 CSV 文件"))
        files.take_in(_clerk(), number, file)
    except REFUSALS as problem:
        return _refused(number, problem)
    return redirect(url_for(".one", number=number, done="returned"), 303)


@blp.get("/failures")
def failures() -> str:
    """What the bank refused, oldest first."""
    at = runtime()
    with at.db.reading() as session:
        items, cursor = payments.failures(
            session, at.vault, reviewer=_clerk(), limit=PAGE, cursor=request.args.get("cursor")
        )
    return console.page(
        "payments/failures.html",
        items=[words.failure(item) for item in items],
        cursor=cursor,
        done=words.done(request.args.get("done", "")),
    )


@blp.get("/failures/<string:reference>")
def failure(reference: str) -> str:
    """Why, and a form for another account."""
    return _failure(reference)


@blp.post("/failures/<string:reference>")
def mend(reference: str) -> str | Response:
    """Another account; the person is told."""
    at = runtime()
    typed: dict[str, Any] = {name: request.form.get(name, "")[:80].strip() for name in ("name", "bank", "number")}
    try:
        once(
            payments.mend,
            vault=at.vault,
            reviewer=_clerk(),
            reference=reference,
            now=at.clock(),
            **typed,
        )
    except REFUSALS as problem:
        return make_response(_failure(reference, typed, problem), problem.status)
    return redirect(url_for(".failures", done="mended"), 303)


def _failure(reference: str, typed: dict[str, Any] | None = None, problem: Problem | None = None) -> str:
    at = runtime()
    with at.db.reading() as session:
        item = payments.failure(session, at.vault, reviewer=_clerk(), reference=reference)
    given = typed or {"name": "", "bank": item["bank"], "number": ""}
    shown = words.failure(item)
    return console.page(
        "payments/failure.html", item=shown, typed=given, problem=problem, errors=field_errors(problem), key=_key()
    )


def _new(item: str, period: str, problem: Problem | None = None) -> str:
    at, clerk = runtime(), _clerk()
    plan = None
    if item and period and problem is None:
        with at.db.reading() as session:
            try:
                plan = batch_views.planned(
                    batches.plan(session, at.vault, reviewer=clerk, service_item=item, period=period, now=at.clock())
                )
            except Invalid as refused:
                problem = refused
    return console.page(
        "payments/new.html",
        choices=_choices(),
        plan=words.plan(plan) if plan else None,
        problem=problem,
        key=_key(),
    )


def _choices() -> list[tuple[str, str, str]]:
    """Name, period and address of what can be prepared: each benefit for this period and the last."""
    at = runtime()
    day = today(at.clock())
    found = [one for one in stored.items(at.db, at.db.reading) if one.benefit]
    return [
        (words.name(one), say(periods.label(code)), url_for(".new", item=one.code, period=code))
        for one in found
        for code in periods.recent(one.benefit.period if one.benefit else periods.ONCE, day)
    ]


def _do(number: str, done: str, command: Any, **arguments: Any) -> str | Response:
    try:
        once(command, reviewer=_clerk(), number=number, now=runtime().clock(), **arguments)
    except REFUSALS as problem:
        return _refused(number, problem)
    return redirect(url_for(".one", number=number, done=done), 303)


def _refused(number: str, problem: Problem) -> Response:
    return make_response(_page(number, problem), problem.status)


def _page(number: str, problem: Problem | None = None) -> str:
    at, clerk = runtime(), _clerk()
    show_, outcome = request.args.get("show"), request.args.get("outcome")
    with at.db.reading() as session:
        batch = batch_views.one(session, at.vault, reviewer=clerk, number=number)
        lines, cursor = batch_views.lines(
            session,
            at.vault,
            reviewer=clerk,
            number=number,
            limit=PAGE,
            cursor=request.args.get("cursor") if problem is None else None,
            difference=show_ if show_ in words.differences() else None,
            outcome=outcome if outcome in batch_views.OUTCOMES else None,
        )
        region, code = batch["region"], batch["service_item"]
        gone = payments.gone(session, region=region, service_item=code, period=batch["period"])
        office = catalogue.region_names(session, [region]).get(region, "")
    return console.page(
        "payments/show.html",
        batch=words.batch(batch, office),
        tabs=words.tabs(batch, show_, outcome),
        lines=[words.line(line) for line in lines],
        gone=gone,
        more=url_for(".one", number=number, cursor=cursor, show=show_, outcome=outcome) if cursor else None,
        problem=problem,
        errors=field_errors(problem),
        faults=words.faults(problem),
        done=words.done(request.args.get("done", "")),
        reason=request.form.get("reason", "")[:LONGEST_REASON],
        key=_key(),
        may=batch["allowed_actions"],
        title=_("发放批次"),
    )


def _clerk() -> Reviewer:
    """Towns and counties pay; villages look after the lists."""
    clerk = console.clerk()
    policy.check_decides(clerk)
    return clerk


def _key() -> str:
    return secrets.token_urlsafe(16)

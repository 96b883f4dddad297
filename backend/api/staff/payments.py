"""Payment batches: prepare, look, approve or send back, export for the bank, take in its answer."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from backend.benefits import batch_views, batches, payments as looks
from backend.kernel import ids
from backend.kernel.errors import Invalid, Malformed
from backend.kernel.i18n import N_
from backend.schemas.base import PageQuery
from backend.schemas.payments import (
    BankFileSchema,
    DiscardPaymentsSchema,
    PaymentBatchListSchema,
    PaymentBatchSchema,
    PaymentExportQuery,
    PaymentFailureListSchema,
    PaymentLineListSchema,
    PaymentLinesQuery,
    PaymentPlanSchema,
    PreparePaymentsSchema,
)
from backend.web import payments
from backend.web.answers import json, page_of
from backend.web.blueprint import Blueprint
from backend.web.context import runtime
from backend.web.once import once
from backend.web.reviewers import reviewer

blp = Blueprint("staff-payments", __name__, url_prefix="/staff/payment-batches", description="Payments 发放")
failed = Blueprint(
    "staff-payment-failures", __name__, url_prefix="/staff/payment-failures", description="Payments 发放"
)
MULTIPART = {"content": {"multipart/form-data": {"schema": BankFileSchema}}, "required": True}


@blp.get("")
@blp.arguments(PageQuery, location="query")
@blp.response(200, PaymentBatchListSchema)
def list_batches(query: dict[str, Any]) -> Response:
    """Batches of my jurisdiction, newest first."""
    at = runtime()
    with at.db.reading() as session:
        items, cursor = batch_views.page(session, at.vault, reviewer=reviewer(), **query)
    return json(page_of(items, cursor))


@blp.post("")
@blp.arguments(PreparePaymentsSchema)
@blp.response(201, PaymentBatchSchema)
@blp.alt_response(200, schema=PaymentPlanSchema)
def prepare(body: dict[str, Any]) -> Response:
    """Freeze the list of a period; with `dry_run` only say how many, how much and what differs (200)."""
    at = runtime()
    wanted = {"service_item": body["service_item"], "period": body["period"], "now": at.clock()}
    if body["dry_run"]:
        with at.db.reading() as session:
            found = batch_views.planned(batches.plan(session, at.vault, reviewer=reviewer(), **wanted))
        for person in found["left_out_people"]:
            person["recipient_id"] = ids.encode(person["recipient_id"])
        return json(found)
    batch = once(batches.prepare, vault=at.vault, reviewer=reviewer(), **wanted)
    with at.db.reading() as session:
        number = batch_views.number_of(session, batch)
    return one(number, 201)


@blp.get("/<string:number>")
@blp.response(200, PaymentBatchSchema)
def read(number: str) -> Response:
    """One batch with its sums and what the bank has answered."""
    return one(number)


@blp.get("/<string:number>/lines")
@blp.arguments(PaymentLinesQuery, location="query")
@blp.response(200, PaymentLineListSchema)
def list_lines(query: dict[str, Any], number: str) -> Response:
    """The frozen lines, masked; of one difference or outcome only."""
    at = runtime()
    with at.db.reading() as session:
        items, cursor = batch_views.lines(session, at.vault, reviewer=reviewer(), number=number, **query)
    return json(page_of(items, cursor))


@blp.post("/<string:number>/approval")
@blp.response(200, PaymentBatchSchema)
def approve(number: str) -> Response:
    """Let the batch go to the bank; by another person of the county."""
    once(batches.approve, reviewer=reviewer(), number=number, now=runtime().clock())
    return one(number)


@blp.post("/<string:number>/discard")
@blp.arguments(DiscardPaymentsSchema)
@blp.response(200, PaymentBatchSchema)
def discard(body: dict[str, Any], number: str) -> Response:
    """Send the batch back before it is exported; its payments are free for another one."""
    at = runtime()
    once(batches.discard, vault=at.vault, reviewer=reviewer(), number=number, reason=body["reason"], now=at.clock())
    return one(number)


@blp.get("/<string:number>.csv")
@blp.arguments(PaymentExportQuery, location="query")
@blp.response(200, {"format": "binary", "type": "string"}, content_type="text/csv")
def as_csv(query: dict[str, Any], number: str) -> Response:
    """The approved list for the bank (UTF-8 with BOM, or GB18030); every download is recorded."""
    return payments.export(reviewer(), number, "csv", query["encoding"])


@blp.get("/<string:number>.xlsx")
@blp.response(200, {"format": "binary", "type": "string"}, content_type=payments.MIME["xlsx"])
def as_xlsx(number: str) -> Response:
    """The same as a workbook, account numbers as text; every download is recorded."""
    return payments.export(reviewer(), number, "xlsx")


@blp.post("/<string:number>/bank-returns")
@blp.doc(requestBody=MULTIPART)
@blp.response(200, PaymentBatchSchema)
def take_in(number: str) -> Response:
    """Take in the bank's answer, in whole or not at all; the same file again changes nothing."""
    file = request.files.get("file")
    if file is None:
        if not request.mimetype.startswith("multipart/"):
            raise Malformed("malformed", N_("请用表单（multipart/form-data）上传"))
        raise Invalid("invalid_input", N_("请选一个文件"), errors={"file": [N_("请选一个文件")]})
    payments.take_in(reviewer(), number, file)
    return one(number)


@failed.get("")
@failed.arguments(PageQuery, location="query")
@failed.response(200, PaymentFailureListSchema)
def list_failures(query: dict[str, Any]) -> Response:
    """What the bank refused and nobody has paid yet, oldest first; the next batch takes it up again."""
    at = runtime()
    with at.db.reading() as session:
        items, cursor = looks.failures(session, at.vault, reviewer=reviewer(), **query)
    return json(page_of([item | {"recipient_id": ids.encode(item["recipient_id"])} for item in items], cursor))


def one(number: str, status: int = 200) -> Response:
    """The batch as this clerk may see it."""
    at = runtime()
    with at.db.reading() as session:
        batch = batch_views.one(session, at.vault, reviewer=reviewer(), number=number)
    return json(batch, status, version=batch["version"])

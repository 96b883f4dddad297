"""Payment batches: what is asked for, what a clerk sees. Amounts are fen (1/100 yuan), whole numbers."""

from __future__ import annotations

from typing import Any

import marshmallow as ma

from backend.benefits.batch_views import LABELS, OUTCOMES
from backend.benefits.exports import ENCODINGS
from backend.benefits.payees import DIFFERENCES
from backend.schemas.base import Choice, Flag, PageQuery, RowId, Schema, Str, listing


class PreparePaymentsSchema(Schema):
    service_item = Str(max_length=64, required=True)
    #: ``2026``, ``2026-11`` or ``once``, as the item's benefit says.
    period = Str(max_length=8, required=True)
    dry_run = Flag(load_default=False)


class DiscardPaymentsSchema(Schema):
    reason = Str(max_length=500, multiline=True, required=True)


class PaymentExportQuery(Schema):
    encoding = Choice(ENCODINGS, load_default="utf-8")


class PaymentLinesQuery(PageQuery):
    difference = Choice(DIFFERENCES, load_default=None)
    outcome = Choice(tuple(OUTCOMES), load_default=None)


class PaymentSumSchema(Schema):
    count = ma.fields.Integer()
    total_fen = ma.fields.Integer()


class PaymentBatchCardSchema(Schema):
    number = ma.fields.String()
    version = ma.fields.Integer()
    region = ma.fields.String()
    service_item = ma.fields.String()
    service_name = ma.fields.String()
    period = ma.fields.String()
    period_label = ma.fields.String()
    status = ma.fields.String(metadata={"enum": list(LABELS)})
    status_label = ma.fields.String()
    allowed_actions = ma.fields.List(ma.fields.String())
    count = ma.fields.Integer()
    total_fen = ma.fields.Integer()
    #: SHA-256 over the frozen lines.
    checksum = ma.fields.String()
    differences = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Integer())
    prepared_at = ma.fields.AwareDateTime()
    prepared_by = ma.fields.String()
    approved_at = ma.fields.AwareDateTime(allow_none=True)
    approved_by = ma.fields.String(allow_none=True)
    discarded_at = ma.fields.AwareDateTime(allow_none=True)
    discarded_by = ma.fields.String(allow_none=True)
    discard_reason = ma.fields.String(allow_none=True)
    exported_at = ma.fields.AwareDateTime(allow_none=True)
    settled_at = ma.fields.AwareDateTime(allow_none=True)


class BankReturnSchema(Schema):
    at = ma.fields.AwareDateTime()
    paid = ma.fields.Integer()
    failed = ma.fields.Integer()


class PaymentBatchSchema(PaymentBatchCardSchema):
    #: paid, failed, open, discarded.
    statement = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Nested(PaymentSumSchema))
    returns = ma.fields.List(ma.fields.Nested(BankReturnSchema))
    #: People in it whose benefit was ended after it was frozen (at most 100).
    stopped_since = ma.fields.Integer()


class PaymentLeftOutSchema(Schema):
    recipient_id = RowId()
    holder_masked = ma.fields.String()
    why = ma.fields.String(metadata={"enum": ["no_class", "reopened", "erased"]})


class PaymentPlanSchema(Schema):
    """A dry run."""

    service_item = ma.fields.String()
    service_name = ma.fields.String()
    period = ma.fields.String()
    period_label = ma.fields.String()
    count = ma.fields.Integer()
    total_fen = ma.fields.Integer()
    more = ma.fields.Boolean()
    differences = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Integer())
    left_out = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Integer())
    left_out_people = ma.fields.List(ma.fields.Nested(PaymentLeftOutSchema))


class PaymentLineSchema(Schema):
    reference = ma.fields.String()
    holder_masked = ma.fields.String()
    village = ma.fields.String()
    amount_class = ma.fields.String()
    amount_class_label = ma.fields.String()
    fen = ma.fields.Integer()
    bank = ma.fields.String()
    account_masked = ma.fields.String()
    difference = ma.fields.String(allow_none=True)
    outcome = ma.fields.String(metadata={"enum": list(OUTCOMES)})
    outcome_label = ma.fields.String()


class PaymentFailureSchema(Schema):
    reference = ma.fields.String()
    recipient_id = RowId()
    holder_masked = ma.fields.String()
    village = ma.fields.String()
    service_item = ma.fields.String()
    service_name = ma.fields.String()
    period = ma.fields.String()
    period_label = ma.fields.String()
    fen = ma.fields.Integer()
    failed_at = ma.fields.AwareDateTime()
    #: The benefit has been ended meanwhile.
    ended = ma.fields.Boolean()
    #: The bank's words.
    reason = ma.fields.String()
    bank = ma.fields.String()
    account_masked = ma.fields.String()
    #: The account has been changed since.
    mended = ma.fields.Boolean()


class BankFileSchema(Schema):
    """A CSV of the bank, up to 5 MB: 编号, 金额, 结果, 原因, and a last line 合计."""

    file = ma.fields.Raw(required=True, metadata={"type": "string", "format": "binary"})


PaymentBatchListSchema: Any = listing(PaymentBatchCardSchema)
PaymentFailureListSchema: Any = listing(PaymentFailureSchema)
PaymentLineListSchema: Any = listing(PaymentLineSchema)

"""Benefits and the yearly confirmation."""

from __future__ import annotations

import marshmallow as ma

from backend.benefits import desk, policy
from backend.schemas.base import Choice, Day, Entries, Flag, PageQuery, Schema, Str, listing


class BenefitPaymentSchema(Schema):
    reference = ma.fields.String()
    period = ma.fields.String()
    period_label = ma.fields.String()
    fen = ma.fields.Integer()
    status = ma.fields.String()
    status_label = ma.fields.String()
    at = ma.fields.String(allow_none=True)


class ConfirmationBriefSchema(Schema):
    """``status``: asked, offered, call, visit, change, confirmed, closed."""

    id = ma.fields.String()
    period = ma.fields.String()
    answer_by = ma.fields.String()
    asked_at = ma.fields.String()
    status = ma.fields.String()
    status_label = ma.fields.String()
    allowed_actions = ma.fields.List(ma.fields.String())
    offer = ma.fields.String(allow_none=True)
    confirmed_at = ma.fields.String(allow_none=True)
    confirmed_way = ma.fields.String(allow_none=True)
    confirmed_label = ma.fields.String(allow_none=True)


class RecipientLineSchema(Schema):
    id = ma.fields.String()
    service_item = ma.fields.String()
    service_name = ma.fields.String()
    service_name_en = ma.fields.String()
    holder_masked = ma.fields.String()
    helped = ma.fields.Boolean()
    amount_class = ma.fields.String(allow_none=True)
    amount_label = ma.fields.String()
    amount_label_en = ma.fields.String()
    yuan = ma.fields.Integer(allow_none=True)
    period = ma.fields.String(allow_none=True)
    period_label = ma.fields.String(allow_none=True)
    yearly = ma.fields.Boolean()
    started_on = ma.fields.String()
    ended_on = ma.fields.String(allow_none=True)
    end_reason = ma.fields.String(allow_none=True)
    end_label = ma.fields.String(allow_none=True)
    status = ma.fields.String()
    status_label = ma.fields.String()
    allowed_actions = ma.fields.List(ma.fields.String())
    village_name = ma.fields.String()


class BenefitSchema(RecipientLineSchema):
    bank = ma.fields.String()
    account_masked = ma.fields.String()
    payments = ma.fields.List(ma.fields.Nested(BenefitPaymentSchema))
    confirmation = ma.fields.Nested(ConfirmationBriefSchema, allow_none=True)


class BenefitsSchema(Schema):
    items = ma.fields.List(ma.fields.Nested(BenefitSchema))


class BenefitActSchema(Schema):
    at = ma.fields.String()
    post = ma.fields.String(allow_none=True)
    act = ma.fields.String()
    label = ma.fields.String()


class BenefitRecordSchema(Schema):
    items = ma.fields.List(ma.fields.Nested(BenefitActSchema))


class ToldChangeSchema(Schema):
    kinds = ma.fields.List(ma.fields.String())
    kind_labels = ma.fields.List(ma.fields.String())
    moved_to = ma.fields.String(allow_none=True)
    bank = ma.fields.String(allow_none=True)
    account_masked = ma.fields.String(allow_none=True)
    died_on = ma.fields.String(allow_none=True)
    words = ma.fields.String(allow_none=True)


class ConfirmationSchema(ConfirmationBriefSchema):
    benefit = ma.fields.Nested(BenefitSchema)
    change = ma.fields.Nested(ToldChangeSchema, allow_none=True)
    changed_at = ma.fields.String(allow_none=True)
    reviewed_at = ma.fields.String(allow_none=True)


class ChangeSchema(Schema):
    """What has changed; fields of kinds that are not named are left out."""

    kinds = ma.fields.List(Choice(tuple(policy.CHANGES)), required=True, validate=Entries(1, 6))
    moved_to = Str(max_length=100, load_default="")
    bank = Str(max_length=60, load_default="")
    account_number = Str(max_length=60, load_default="")
    died_on = Day(load_default=None)
    words = Str(max_length=500, multiline=True, load_default="")


class OfferAnswerSchema(Schema):
    answer = Choice(policy.OFFER_ANSWERS, required=True)


class BeginCampaignSchema(Schema):
    service_item = Str(max_length=64, required=True)
    period = Str(max_length=4, required=True)
    answer_by = Day(required=True)


class ForecastSchema(Schema):
    """Messages by the channel they go over first (the inbox has every one); money in yuan with two digits.

    ``left``: of this month's budget for text messages, ``short``: what is missing; ``null`` without a budget.
    """

    people = ma.fields.Integer()
    wechat = ma.fields.Integer()
    sms = ma.fields.Integer()
    inbox = ma.fields.Integer()
    parts = ma.fields.Integer()
    cost = ma.fields.String()
    left = ma.fields.String(allow_none=True)
    short = ma.fields.String(allow_none=True)


class CampaignSchema(Schema):
    """Counts for the county as a whole. ``status``: opening, open, closed."""

    id = ma.fields.String()
    service_item = ma.fields.String()
    service_name = ma.fields.String()
    period = ma.fields.String()
    answer_by = ma.fields.String()
    opened_at = ma.fields.String()
    status = ma.fields.String()
    status_label = ma.fields.String()
    allowed_actions = ma.fields.List(ma.fields.String())
    asked = ma.fields.Integer()
    confirmed = ma.fields.Integer()
    changes = ma.fields.Integer()
    reviewed = ma.fields.Integer()
    offers_made = ma.fields.Integer()


class WorkQuery(PageQuery):
    kind = Choice(tuple(desk.WORK), load_default=None)


class WorkSchema(Schema):
    """``status``: change, call, visit."""

    id = ma.fields.String()
    recipient_id = ma.fields.String()
    holder_masked = ma.fields.String()
    service_item = ma.fields.String()
    service_name = ma.fields.String()
    village_name = ma.fields.String()
    status = ma.fields.String()
    status_label = ma.fields.String()
    since = ma.fields.String()
    allowed_actions = ma.fields.List(ma.fields.String())


class RecipientsQuery(PageQuery):
    service_item = Str(max_length=64, required=True)
    region = ma.fields.String(load_default=None, validate=ma.validate.Length(max=12))


class LookQuery(Schema):
    purpose = Choice(tuple(desk.PURPOSES), required=True)


class FindSchema(Schema):
    id_type = Str(max_length=20, raw=True, load_default="resident_id")
    id_number = Str(max_length=60, raw=True, required=True)


class AmountClassSchema(Schema):
    code = ma.fields.String()
    label = ma.fields.String()
    label_en = ma.fields.String()
    yuan = ma.fields.Integer()


class RecipientSchema(RecipientLineSchema):
    """``confirmation``: the id of one that a call could answer now."""

    name = ma.fields.String()
    mobile = ma.fields.String()
    bank = ma.fields.String()
    account_masked = ma.fields.String()
    classes = ma.fields.List(ma.fields.Nested(AmountClassSchema))
    payments = ma.fields.List(ma.fields.Nested(BenefitPaymentSchema))
    confirmation = ma.fields.String(allow_none=True)


class NewAccountSchema(Schema):
    bank = ma.fields.String()
    number = ma.fields.String()


class WorkCaseSchema(WorkSchema):
    recipient = ma.fields.Nested(RecipientSchema)
    change = ma.fields.Nested(ToldChangeSchema, allow_none=True)
    changed_at = ma.fields.String(allow_none=True)
    new_account = ma.fields.Nested(NewAccountSchema, allow_none=True)
    reviewed_at = ma.fields.String(allow_none=True)


class ReviewSchema(Schema):
    """``seen``: ``changed_at`` of what was read. With nothing else set, nothing changes."""

    seen = ma.fields.AwareDateTime(required=True, format="iso")
    account = Flag(load_default=False)
    amount_class = Str(max_length=64, load_default="")
    class_on = Day(load_default=None)
    end_reason = Choice(policy.STAFF_REASONS, load_default="")
    end_on = Day(load_default=None)


class RecordSchema(Schema):
    """A call or a visit; ``reached`` false: nobody was met. ``change``: what was told instead of a confirmation."""

    way = Choice(("call", "visit"), required=True)
    reached = Flag(load_default=True)
    change = ma.fields.Nested(ChangeSchema, load_default=None)


class EndSchema(Schema):
    reason = Choice(policy.STAFF_REASONS, required=True)
    on = Day(required=True)


class NewAccountBodySchema(Schema):
    bank = Str(max_length=60, required=True)
    account_number = Str(max_length=60, required=True)


class NewClassSchema(Schema):
    amount_class = Str(max_length=64, required=True)
    on = Day(required=True)


WorkListSchema = listing(WorkSchema)
RecipientListSchema = listing(RecipientLineSchema)
CampaignListSchema = listing(CampaignSchema)

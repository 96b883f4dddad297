"""Shapes of statistics and of ratings 好差评."""

from __future__ import annotations

from typing import Any

import marshmallow as ma

from backend.applications.ratings import LONGEST, STATES, TAGS
from backend.schemas.base import Choice, Day, Entries, Int, PageQuery, RowId, Schema, Str, listing


class StatisticsQuery(Schema):
    region = ma.fields.String(load_default=None, validate=ma.validate.Regexp(r"^([0-9]{6}|[0-9]{9}|[0-9]{12})$"))
    first = Day(data_key="from", load_default=None)
    last = Day(data_key="to", load_default=None)
    service_item = ma.fields.String(load_default=None, validate=ma.validate.Length(min=1, max=64))


class PlaceLineSchema(Schema):
    """One place; ``null``: nothing to say. Working days leave out the pauses."""

    region = ma.fields.String()
    name = ma.fields.String()
    received = ma.fields.Integer(allow_none=True)
    decided = ma.fields.Integer(allow_none=True)
    median_days = ma.fields.Integer(allow_none=True)
    p90_days = ma.fields.Integer(allow_none=True)
    on_time_percent = ma.fields.Integer(allow_none=True)
    corrections = ma.fields.Integer(allow_none=True)
    second_corrections = ma.fields.Integer(allow_none=True)
    rated = ma.fields.Integer(allow_none=True)
    rating = ma.fields.Float(allow_none=True)
    scores = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Integer(), allow_none=True)


class MonthLineSchema(Schema):
    month = ma.fields.String()
    received = ma.fields.Integer()
    decided = ma.fields.Integer()
    median_days = ma.fields.Integer(allow_none=True)
    p90_days = ma.fields.Integer(allow_none=True)


class StatisticsSchema(Schema):
    region = ma.fields.String()
    level = ma.fields.String()
    first = ma.fields.Date(data_key="from")
    last = ma.fields.Date(data_key="to")
    service_item = ma.fields.String(allow_none=True)
    total = ma.fields.Nested(PlaceLineSchema)
    places = ma.fields.List(ma.fields.Nested(PlaceLineSchema))
    months = ma.fields.List(ma.fields.Nested(MonthLineSchema))


class RateSchema(Schema):
    score = Int(low=1, high=5, required=True)
    tags = ma.fields.List(Choice(tuple(TAGS)), load_default=list, validate=Entries(max=len(TAGS)))
    comment = Str(max_length=LONGEST, multiline=True, load_default=None, allow_none=True)


class TagSchema(Schema):
    code = ma.fields.String()
    label = ma.fields.String()


class RatingSchema(Schema):
    status = ma.fields.String(metadata={"enum": list(STATES)})
    status_label = ma.fields.String()
    allowed_actions = ma.fields.List(ma.fields.String())
    until = ma.fields.AwareDateTime(allow_none=True)
    score = ma.fields.Integer(allow_none=True)
    score_label = ma.fields.String(allow_none=True)
    tags = ma.fields.List(ma.fields.Nested(TagSchema))
    comment = ma.fields.String(allow_none=True)
    rated_at = ma.fields.AwareDateTime(allow_none=True)
    answer = ma.fields.String(allow_none=True)


class BadRatingSchema(Schema):
    """A rating that waits for an answer: never a name, and no number for who handled the case."""

    id = RowId()
    number = ma.fields.String(allow_none=True)
    service_item = ma.fields.String()
    service_name = ma.fields.String()
    place = ma.fields.String()
    score = ma.fields.Integer()
    score_label = ma.fields.String()
    tags = ma.fields.List(ma.fields.Nested(TagSchema))
    comment = ma.fields.String(allow_none=True)
    rated_at = ma.fields.AwareDateTime()
    status = ma.fields.String()
    status_label = ma.fields.String()
    allowed_actions = ma.fields.List(ma.fields.String())


class RatingAnswerSchema(Schema):
    text = Str(max_length=LONGEST, multiline=True, required=True)


class RatingsQuery(PageQuery):
    """``?limit=&cursor=``"""


BadRatingsSchema: Any = listing(BadRatingSchema)

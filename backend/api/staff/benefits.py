"""Recipients, campaigns, and the work that people asked for."""

from __future__ import annotations

from typing import Any

from flask import Response

from backend.benefits import campaigns, confirmations, desk, recipients
from backend.benefits.confirmations import Outcome
from backend.benefits.desk import Wanted
from backend.catalogue.queries import full_code
from backend.notifications.costs import yuan
from backend.notifications.forecasts import Forecast
from backend.schemas import benefits as schemas
from backend.schemas.base import PageQuery
from backend.web import benefits
from backend.web.answers import json, page_of
from backend.web.blueprint import Blueprint
from backend.web.context import runtime
from backend.web.once import once
from backend.web.reviewers import reviewer

blp = Blueprint("staff-benefits", __name__, url_prefix="/staff", description="Benefits 奖励扶助")


@blp.get("/campaigns")
@blp.arguments(PageQuery, location="query")
@blp.response(200, schemas.CampaignListSchema)
def list_campaigns(query: dict[str, Any]) -> Response:
    """The yearly confirmations of my county with their counts."""
    with runtime().db.reading() as session:
        return json(page_of(*desk.campaigns(session, clerk=reviewer(), **query)))


@blp.post("/campaigns")
@blp.arguments(schemas.BeginCampaignSchema)
@blp.response(201, schemas.CampaignSchema)
def begin(body: dict[str, Any]) -> Response:
    """Begin a yearly confirmation for the county; everybody is asked by the workers."""
    begun = once(campaigns.begin, clerk=reviewer(), now=runtime().clock(), **body)
    return _campaign(begun, 201)


@blp.get("/campaigns/preview")
@blp.arguments(schemas.BeginCampaignSchema, location="query")
@blp.response(200, schemas.ForecastSchema)
def preview(query: dict[str, Any]) -> dict[str, Any]:
    """How many people a campaign would ask, over which channels, and what its first messages would cost."""
    return shown(benefits.foretell(query))


@blp.get("/campaigns/<id:campaign_id>")
@blp.response(200, schemas.CampaignSchema)
def read_campaign(campaign_id: int) -> Response:
    """One campaign: how many were asked, confirmed, told of a change."""
    return _campaign(campaign_id)


@blp.get("/confirmations")
@blp.arguments(schemas.WorkQuery, location="query")
@blp.response(200, schemas.WorkListSchema)
def list_work(query: dict[str, Any]) -> Response:
    """Changes to review and accepted calls and visits of my jurisdiction; never who has not answered."""
    with runtime().db.reading() as session:
        return json(page_of(*desk.work(session, clerk=reviewer(), **query)))


@blp.get("/confirmations/<id:confirmation_id>")
@blp.response(200, schemas.WorkCaseSchema)
def read_work(confirmation_id: int) -> Response:
    """One of them in full; the look is recorded."""
    return _work(confirmation_id)


@blp.post("/confirmations/<id:confirmation_id>/review")
@blp.arguments(schemas.ReviewSchema)
@blp.response(200, schemas.WorkCaseSchema)
def review(body: dict[str, Any], confirmation_id: int) -> Response:
    """Decide about a change: another account, another class, an end, or nothing."""
    at, seen = runtime(), body.pop("seen")
    once(
        confirmations.review,
        vault=at.vault,
        clerk=reviewer(),
        confirmation_id=confirmation_id,
        seen=seen,
        outcome=Outcome(**body),
        now=at.clock(),
    )
    return _work(confirmation_id)


@blp.post("/confirmations/<id:confirmation_id>/record")
@blp.arguments(schemas.RecordSchema)
@blp.response(200, schemas.WorkCaseSchema)
def record(body: dict[str, Any], confirmation_id: int) -> Response:
    """A call or a visit was made."""
    benefits.record(confirmation_id, way=body["way"], reached=body["reached"], told=body["change"])
    return _work(confirmation_id)


@blp.get("/recipients")
@blp.arguments(schemas.RecipientsQuery, location="query")
@blp.response(200, schemas.RecipientListSchema)
def list_recipients(query: dict[str, Any]) -> Response:
    """Current recipients of one benefit, masked; each look is recorded."""
    at = runtime()
    region = query["region"] and full_code(query["region"])
    page = at.db.transact(
        desk.listed,
        clerk=reviewer(),
        wanted=Wanted(query["service_item"], region),
        limit=query["limit"],
        cursor=query["cursor"],
        now=at.clock(),
    )
    return json(page_of(*page))


@blp.post("/recipients/search")
@blp.arguments(schemas.FindSchema)
@blp.response(200, schemas.RecipientListSchema)
def find(body: dict[str, Any]) -> Response:
    """The benefits of one person by document number, masked; 404 outside my jurisdiction."""
    at = runtime()
    items = at.db.transact(desk.search, at.vault, clerk=reviewer(), now=at.clock(), **body)
    return json(page_of(items, None))


@blp.get("/recipients/<id:recipient_id>")
@blp.arguments(schemas.LookQuery, location="query")
@blp.response(200, schemas.RecipientSchema)
def read_recipient(query: dict[str, Any], recipient_id: int) -> Response:
    """One recipient for a purpose; the look is recorded with it."""
    return _recipient(recipient_id, query["purpose"])


@blp.post("/recipients/<id:recipient_id>/end")
@blp.arguments(schemas.EndSchema)
@blp.response(200, schemas.RecipientSchema)
def end(body: dict[str, Any], recipient_id: int) -> Response:
    """End a benefit with a reason; the person is told how to object."""
    once(recipients.end, clerk=reviewer(), recipient_id=recipient_id, now=runtime().clock(), **body)
    return _recipient(recipient_id)


@blp.post("/recipients/<id:recipient_id>/account")
@blp.arguments(schemas.NewAccountBodySchema)
@blp.response(200, schemas.RecipientSchema)
def change_account(body: dict[str, Any], recipient_id: int) -> Response:
    """Another account in the same name; the person is told."""
    benefits.change_account(recipient_id, **body)
    return _recipient(recipient_id)


@blp.post("/recipients/<id:recipient_id>/class")
@blp.arguments(schemas.NewClassSchema)
@blp.response(200, schemas.RecipientSchema)
def change_class(body: dict[str, Any], recipient_id: int) -> Response:
    """Another amount class from a day on; the person is told."""
    once(recipients.change_class, clerk=reviewer(), recipient_id=recipient_id, now=runtime().clock(), **body)
    return _recipient(recipient_id)


def shown(found: Forecast) -> dict[str, Any]:
    """A forecast as JSON."""
    counted = {name: getattr(found, name) for name in ("people", "wechat", "sms", "inbox", "parts")}
    limited = found.left is not None
    return counted | {
        "cost": yuan(found.cost),
        "left": yuan(found.left or 0) if limited else None,
        "short": yuan(found.short) if limited else None,
    }


def _campaign(campaign_id: int, status: int = 200) -> Response:
    with runtime().db.reading() as session:
        return json(desk.campaign(session, clerk=reviewer(), campaign_id=campaign_id), status)


def _work(confirmation_id: int) -> Response:
    at = runtime()
    shown = at.db.transact(desk.case, at.vault, clerk=reviewer(), confirmation_id=confirmation_id, now=at.clock())
    return json(shown)


def _recipient(recipient_id: int, purpose: str = "correction") -> Response:
    at = runtime()
    shown = at.db.transact(
        desk.look, at.vault, clerk=reviewer(), recipient_id=recipient_id, purpose=purpose, now=at.clock()
    )
    return json(shown)

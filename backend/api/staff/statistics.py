"""What my jurisdiction received and decided, in how many working days: places and months, nobody's name."""

from __future__ import annotations

from typing import Any

from flask import Response

from backend.schemas.statistics import StatisticsQuery, StatisticsSchema
from backend.web import reports
from backend.web.answers import json
from backend.web.blueprint import Blueprint
from backend.web.files import download

blp = Blueprint("staff-statistics", __name__, url_prefix="/staff", description="Statistics of an office")


@blp.get("/statistics")
@blp.arguments(StatisticsQuery, location="query")
@blp.response(200, StatisticsSchema)
def read(query: dict[str, Any]) -> Response:
    """Received, decided, median and P90 working days, on time, corrections and ratings by place and month."""
    return json(reports.as_json(reports.report(**query)))


@blp.get("/statistics.csv")
@blp.arguments(StatisticsQuery, location="query")
@blp.response(200, content_type="text/csv")
def table(query: dict[str, Any]) -> Response:
    """The places as a table to pass on: numbers below five are hidden."""
    found = reports.report(**query)
    return download(reports.as_table(found), mime="text/csv", name=reports.name(found))

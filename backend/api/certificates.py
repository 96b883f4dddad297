"""The certificates of the signed-in resident."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Response

from backend.api.applications import one as application
from backend.certificates import files, queries
from backend.certificates.queries import PDF, PNG, CertificateCard
from backend.schemas.applications import ApplicationSchema
from backend.schemas.base import PageQuery
from backend.schemas.certificates import CertificateListSchema, CertificateSchema
from backend.web.answers import page_of
from backend.web.blueprint import Blueprint
from backend.web.context import runtime
from backend.web.guards import caller
from backend.web.renewals import renew_certificate
from backend.web.words import say

blp = Blueprint("certificates", __name__, description="证件：有签名，谁都能核验")
MIME = {PDF: "application/pdf", PNG: "image/png"}


@blp.route("/certificates", methods=["GET"])
@blp.arguments(PageQuery, location="query")
@blp.response(200, CertificateListSchema)
def listed(query: dict[str, Any]) -> dict[str, Any]:
    """My certificates, newest first"""
    at = runtime()
    with at.db.reading() as session:
        cards, cursor = queries.mine(session, resident_id=caller().id, now=at.clock(), **query)
    return page_of([_shown(card) for card in cards], cursor)


@blp.route("/certificates/<number>", methods=["GET"])
@blp.response(200, CertificateSchema)
def one(number: str) -> dict[str, Any]:
    """One of my certificates, with the token of its QR"""
    at = runtime()
    with at.db.reading() as session:
        return _shown(queries.owned(session, number=number, resident_id=caller().id, now=at.clock()))


@blp.route("/certificates/<number>.pdf", methods=["GET"])
@blp.response(200, {"format": "binary", "type": "string"}, content_type=MIME[PDF])
def pdf(number: str) -> Response:
    """The certificate to print; 503 `rendering` for the seconds until it is made"""
    return _file(number, PDF)


@blp.route("/certificates/<number>.png", methods=["GET"])
@blp.response(200, {"format": "binary", "type": "string"}, content_type=MIME[PNG])
def png(number: str) -> Response:
    """The certificate as a picture for the phone; 503 `rendering` for the seconds until it is made"""
    return _file(number, PNG)


@blp.route("/certificates/<number>/renewal", methods=["POST"])
@blp.response(201, ApplicationSchema)
def renew(number: str) -> Response:
    """A draft of the next certificate with the answers and kept materials of this one, from 30 days before its end"""
    return application(renew_certificate(number), 201)


def _file(number: str, kind: str) -> Response:
    at = runtime()
    with at.db.reading() as session:
        found = queries.file_of(session, at.vault, number=number, resident_id=caller().id, kind=kind)
    response = Response(files.load(at.storage, found), mimetype=MIME[kind])
    response.headers["Content-Disposition"] = f'attachment; filename="{found.name}.{kind}"'
    return response


def _shown(card: CertificateCard) -> dict[str, Any]:
    return {**asdict(card), "status_label": say(card.label), "allowed_actions": card.allowed_actions}

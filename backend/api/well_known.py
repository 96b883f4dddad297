"""What other systems fetch once and verify with offline: the public keys and the list of the revoked."""

from __future__ import annotations

from flask import Blueprint, Response, request

from backend.certificates import heads, keys, revocations
from backend.web.answers import json
from backend.web.context import runtime

#: Mounted at the root, outside /api/v1: RFC 8615.
blp = Blueprint("well_known", __name__, url_prefix="/.well-known")


@blp.get("/jwks.json")
def jwks() -> Response:
    """The public keys, retired ones included (RFC 7517, RFC 8037)."""
    with runtime().db.reading() as session:
        response = json(keys.jwks(session))
    response.mimetype = "application/jwk-set+json"
    return _cached(response, 300)


@blp.get("/revocations.jwt")
def revoked() -> Response:
    """The signed list of revoked certificates; the same bytes for the same list within ten minutes."""
    at = runtime()
    now, issuer = at.clock(), at.settings.issuer
    with at.db.reading() as session:
        token = revocations.signed(session, at.vault, issuer=issuer, now=now)
    if token is None:
        at.db.transact(keys.current, at.vault, now=now)
        with at.db.reading() as session:
            token = revocations.signed(session, at.vault, issuer=issuer, now=now)
    return _cached(Response(token, mimetype="application/jwt"), 60)


@blp.get("/audit-heads.json")
def audit_heads() -> Response:
    """The newest signed heads of the record: whoever keeps them can tell later whether a day was written anew."""
    with runtime().db.reading() as session:
        return _cached(json(heads.published(session)), 300)


def _cached(response: Response, seconds: int) -> Response:
    """Caches may keep it that long and then ask whether it changed."""
    response.headers["Cache-Control"] = f"public, max-age={seconds}"
    response.add_etag()
    response.make_conditional(request)
    return response

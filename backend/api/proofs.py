"""Anyone may ask whether a proof of filing is ours; nobody learns who filed."""

from __future__ import annotations

from typing import Any

from flask import Response

from backend.schemas.tips import ProofRequestSchema, ProofSchema
from backend.tips import proofs
from backend.web import tips_mailbox
from backend.web.answers import json
from backend.web.blueprint import Blueprint
from backend.web.tips_context import line

blp = Blueprint("proofs", __name__, description="举报证明：哪一天、哪个县收到过，别的都不说")


@blp.post("/proofs")
@blp.arguments(ProofRequestSchema)
@blp.response(200, ProofSchema)
def verify(body: dict[str, Any]) -> dict[str, Any]:
    """Verify a proof of filing; with an `opening`, whether that is what was filed"""
    return tips_mailbox.verify_proof(body["proof"], body["opening"])


@blp.get("/tips/keys")
@blp.response(200, content_type="application/json")
def keys() -> Response:
    """The public key of proofs (JWKS), for those who verify by themselves"""
    return json(proofs.jwks(line().keys))

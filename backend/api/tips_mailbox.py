"""The mailbox of a reporter for programs, by the token that ``/tips/inbox`` gave (header ``Tip-Token``)."""

from __future__ import annotations

from typing import Any

from backend.api.tips_guards import holder
from backend.schemas.tips import (
    NewCodeRequestSchema,
    NewCodeSchema,
    ReplySchema,
    WithdrawalSchema,
    WithdrawnSchema,
    WrittenSchema,
)
from backend.web import tips_mailbox
from backend.web.blueprint import Blueprint

blp = Blueprint("tips-mailbox", __name__, url_prefix="/tips", description="举报人凭查询码回来：补充、撤回、换码")


@blp.post("/messages")
@blp.arguments(ReplySchema)
@blp.response(201, WrittenSchema)
def write(body: dict[str, Any]) -> dict[str, Any]:
    """Answer a question or add something; 422 `third_party` as when filing, 409 once the tip is closed"""
    return {"id": tips_mailbox.write(holder(), text=body["text"])}


@blp.post("/withdrawal")
@blp.arguments(WithdrawalSchema, required=False)
@blp.response(200, WithdrawnSchema)
def withdraw(_body: dict[str, Any]) -> dict[str, Any]:
    """Take the report back: the code is worth nothing from now on

    `destroyed`: nobody can open it any more. False where it was handed over already: then it stays with the office.
    """
    return {"destroyed": tips_mailbox.withdraw(holder())}


@blp.post("/receipt-renewal")
@blp.arguments(NewCodeRequestSchema)
@blp.response(201, NewCodeSchema)
def renew(body: dict[str, Any]) -> dict[str, Any]:
    """A new receipt code, shown once; the old one and this token are worth nothing from now on"""
    return {"receipt_code": tips_mailbox.renew(holder(), passphrase=body["passphrase"]).digits}

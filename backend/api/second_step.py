"""The second step of a signed-in person: a code to the own number, before a result is shown."""

from __future__ import annotations

from typing import Any

from backend.schemas.accounts import SecondStepSchema
from backend.web import second_step
from backend.web.blueprint import Blueprint

blp = Blueprint("second-step", __name__, url_prefix="/me/second-step", description="The second step of a session")


@blp.post("/codes")
@blp.response(202)
def request_code() -> None:
    """Send a code to the account's own number; counted together with the codes to sign in."""
    second_step.send_code()


@blp.post("")
@blp.arguments(SecondStepSchema)
@blp.response(204)
def take(body: dict[str, Any]) -> None:
    """Give the code: for 15 minutes this session may read what is for one pair of eyes; 422 for a wrong one."""
    second_step.take(body["code"])

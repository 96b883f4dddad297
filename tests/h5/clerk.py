"""A browser at the console, without JavaScript."""

from __future__ import annotations

from backend.accounts import sessions
from backend.kernel.clock import system_clock
from backend.web import tokens
from tests.h5.phone import Phone


class Clerk(Phone):
    """A member of staff who is signed in."""

    def sit_down(self, staff: int) -> Clerk:
        at = self.runtime
        key = at.settings.secrets.session_key
        pair = at.db.transact(sessions.begin, key=key, kind="staff", account_id=staff, at=system_clock())
        with self.app.app_context():
            self.client.set_cookie("yg_staff", tokens.access(pair.session))
        self.client.set_cookie("yg_staff_refresh", pair.refresh)
        return self

    def leave(self) -> None:
        for name in ("yg_staff", "yg_staff_refresh"):
            self.client.delete_cookie(name)


def address(number: str | None, rest: str = "") -> str:
    """The page of a case at the console."""
    return f"/staff/applications/{number}{rest}"

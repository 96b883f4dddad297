"""The demo's staff (CONTRACT §1): posts, no invented people."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts import staff
from backend.models.staff import Staff

PASSWORD = "Demo-2026!"  # noqa: S105 - the published password of demo accounts, which production does not have
#: username, post (also the name), role, level, region
ACCOUNTS = (
    ("cun", "村级核对岗", "reviewer", "village", "370402001013"),
    ("zhen", "镇街审核岗", "reviewer", "town", "370402001000"),
    ("xian", "区级审批岗", "reviewer", "county", "370402000000"),
    ("zhan", "服务站护士岗", "nurse", "county", "370402000000"),
    ("hecha", "举报核查岗", "investigator", "county", "370402000000"),
    ("admin", "系统管理岗", "admin", "county", "370402000000"),
)


def investigator(session: Session) -> Staff:
    """The demo's investigator of tips."""
    return session.scalars(select(Staff).where(Staff.username == "hecha")).one()


def load(session: Session, now: datetime) -> int:
    """Make the demo accounts that are missing; how many. Hashing happens on the first start only."""
    present = set(session.scalars(select(Staff.username).where(Staff.username.in_([a[0] for a in ACCOUNTS]))))
    missing = [account for account in ACCOUNTS if account[0] not in present]
    for username, post, role, level, region in missing:
        staff.add(
            session,
            username=username,
            name=post,
            post=post,
            role=role,
            level=level,
            region=region,
            password=PASSWORD,
            now=now,
        )
    return len(missing)

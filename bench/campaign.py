"""Opening a yearly confirmation for 10,000 people, against the bare INSERT … SELECT of the same rows."""

from __future__ import annotations

import time
from contextlib import closing
from functools import partial

from sqlalchemy import insert
from sqlalchemy.orm import Session

from backend.benefits import campaigns
from backend.kernel import ids
from backend.models.benefit import ConfirmationCampaign, Recipient
from bench import county
from bench.context import Context
from bench.harness import Figure, compare
from bench.statements import connect
from config.settings import Settings
from tests import benefits
from tests.people import COUNTY, TOWN, VILLAGE, Cast

PEOPLE, ROUNDS = 10_000, 3
#: The same rows with the same indexes, written by the server from the server, in one transaction.
FLOOR = (
    (
        "INSERT INTO confirmation (id, campaign_id, recipient_id, village, town, county, asked_at, reminders, next_at)"
        " SELECT %(campaign)s + row_number() OVER (ORDER BY id), %(campaign)s, id, village, town, county,"
        " utc_timestamp(6), 0, utc_timestamp(6) + INTERVAL 20 DAY FROM benefit_recipient"
        " WHERE county = %(county)s AND service_item = %(item)s AND ended_on IS NULL"
    ),
    (
        "INSERT INTO outbox (topic, subject_id, reference, dedupe_key, status, due_at, created_at, attempts)"
        " SELECT 'confirmation_asked', id, '', concat('confirmation_asked:', id), 'due', utc_timestamp(6),"
        " utc_timestamp(6), 0 FROM confirmation WHERE campaign_id = %(campaign)s"
    ),
)


def run(context: Context) -> list[Figure]:
    """Seconds until 10,000 people have their row and the work of telling them, in pieces that survive a kill."""
    settings, _ = context.installation("bench_campaign")
    cast = county.populated(settings)
    benefits.publish(cast, benefits.AWARD)
    given = benefits.grant(cast)
    cast.db.transact(_enrol, cast, given)
    turns = iter(range(2 * ROUNDS))
    figure = compare(
        "campaign",
        floor=lambda: _bare(cast, settings, next(turns)),
        ours=lambda: _ours(cast, next(turns)),
        goal="≤ 3",
        unit="s for 10,000",
        rounds=ROUNDS,
    )
    cast.db.dispose()
    return [figure]


def _enrol(session: Session, cast: Cast, given: benefits.Grant) -> None:
    """Ten thousand rows of one account: the opening reads no personal value."""
    now, first = cast.clock(), ids.new_id(cast.clock())
    common = {
        "version": 1,
        "resident_id": given.resident_id,
        "helped": False,
        "granted_at": now,
        "service_item": given.service_item,
        "village": VILLAGE,
        "town": TOWN,
        "county": COUNTY,
        "occasion": "",
        "holder_masked": given.holder_masked,
        "amount_class": given.amount_class,
        "account": "v1|",
        "started_on": now.date(),
        "audit_sequence": 0,
        "audit_head": "",
        "created_at": now,
        "updated_at": now,
    }
    own = ({"id": first + n, "application_id": first + n, "person_index": f"{n:064d}"} for n in range(PEOPLE))
    session.execute(insert(Recipient), [common | one for one in own])


def _campaign(session: Session, cast: Cast, turn: int) -> int:
    now = cast.clock()
    row = ConfirmationCampaign(
        id=ids.new_id(now) + turn * PEOPLE * 2,
        county=COUNTY,
        service_item=benefits.AWARD,
        period=f"t{turn}",
        opened_by=1,
        opened_at=now,
        answer_by=now.date(),
        reached=0,
        opened=0,
    )
    session.add(row)
    return row.id


def _ours(cast: Cast, turn: int) -> float:
    campaign = cast.db.transact(_campaign, cast, turn)
    begun = time.perf_counter()
    while cast.db.transact(partial(campaigns.open_piece, campaign_id=campaign, now=cast.clock())):
        pass
    return time.perf_counter() - begun


def _bare(cast: Cast, settings: Settings, turn: int) -> float:
    campaign = cast.db.transact(_campaign, cast, turn)
    values = {"campaign": campaign, "county": COUNTY, "item": benefits.AWARD}
    with closing(connect(settings.database_url)) as connection, connection.cursor() as cursor:
        begun = time.perf_counter()
        for statement in FLOOR:
            cursor.execute(statement, values)
        connection.commit()
        return time.perf_counter() - begun

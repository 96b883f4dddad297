"""The demo's data: the district with its towns and villages, every service item, the accounts of CONTRACT §1."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from backend.accounts import demo as accounts
from backend.bookings import demo as stations, generation
from backend.catalogue import files, regions, service
from backend.kernel.errors import Forbidden
from backend.kernel.i18n import N_
from backend.runtime import Runtime
from backend.tips import demo as tips, investigators
from backend.web.context import runtime
from config.settings import ROOT

CONFIG = ROOT / "config"
demo = AppGroup("demo", help="Load the demo's data.")


@demo.command("load")
def load_command() -> None:
    """Import the demo district, publish every service item, add the demo accounts. Safe to run again."""
    load(runtime())
    click.echo("demo data loaded")


def load(at: Runtime) -> None:
    """Bring the demo's data up to what this version ships; refuses outside the demo."""
    if not at.settings.is_demo:
        raise Forbidden("not_the_demo", N_("正式环境没有演示数据"))
    content = (CONFIG / "regions" / "370402.csv").read_bytes()
    at.db.transact_once(regions.import_regions, content=content, phone=at.settings.phone)
    definitions = files.load(CONFIG / "catalogue", purposes=frozenset(at.purposes), now=at.clock())
    texts = files.texts(CONFIG / "catalogue", definitions)
    at.db.transact_once(service.publish, definitions=definitions, texts=texts, phone=at.settings.phone, now=at.clock())
    at.db.transact_once(accounts.load, now=at.clock())
    at.db.transact_once(stations.load, phone=at.settings.phone, now=at.clock())
    _investigator(at)
    for code in stations.CODES:
        at.db.transact_once(generation.make, calendar=at.calendar, station=code, now=at.clock())


def _investigator(at: Runtime) -> None:
    """The key of the demo's investigator; making one takes Argon2, so only where it is missing."""
    with at.db.reading() as session:
        card = accounts.investigator(session)
    with at.tips.db.reading() as session:
        missing = tips.missing(session, staff_id=card.id)
    if missing:
        staff = investigators.Staff(card.id, card.name, card.post, card.region)
        key = investigators.new_key(tips.PASSPHRASE)
        at.tips.db.transact_once(tips.load, staff=staff, key=key, day=at.tips.today)

"""``flask --app wsgi sms costs`` and ``sms preview``: what text messages cost, and what a campaign would."""

from __future__ import annotations

from datetime import datetime

import click
from flask.cli import AppGroup

from backend.benefits import foretelling
from backend.kernel.errors import Problem
from backend.notifications import costs
from backend.notifications.costs import yuan
from backend.notifications.planning import Reach
from backend.web.context import runtime

sms = AppGroup("sms", help="Text messages: what they cost, and what telling many people would.")
DAY = click.DateTime(formats=["%Y-%m-%d"])


@sms.command("costs")
def show_costs() -> None:
    """Messages, parts and yuan of each month; what is left of this month's budget."""
    at = runtime()
    with at.db.reading() as session:
        months = costs.months(session)
        left = costs.left(session, tariff=at.tariff, now=at.clock())
    for one in months:
        over = "  budget used up" if one.exhausted_at else ""
        click.echo(f"{one.month}  {one.messages:>8} messages {one.parts:>8} parts {yuan(one.cost):>10} yuan{over}")
    click.echo("no budget" if left is None else f"left this month: {yuan(left)} of {at.tariff.budget} yuan")


@sms.command()
@click.option("--county", required=True, help="Its 12 digits.")
@click.option("--service-item", required=True)
@click.option("--period", required=True, help="The year that is confirmed.")
@click.option("--answer-by", required=True, type=DAY)
def preview(county: str, service_item: str, period: str, answer_by: datetime) -> None:
    """What the yearly confirmation of a benefit would take; nothing is begun."""
    at = runtime()
    try:
        with at.db.reading() as session:
            found = foretelling.foretell(
                session,
                county=county,
                service_item=service_item,
                period=period,
                answer_by=answer_by.date(),
                reach=Reach(at.settings.base_url),
                wechat=at.wechat.enabled,
                tariff=at.tariff,
                phone=at.settings.phone,
                now=at.clock(),
            )
    except Problem as problem:
        raise click.ClickException(f"{problem.code}: {', '.join(problem.errors or ())}") from problem
    click.echo(f"{found.people} people: {found.wechat} by WeChat, {found.sms} by SMS, {found.inbox} in the inbox only")
    click.echo(f"{found.parts} parts, {yuan(found.cost)} yuan")
    if found.left is not None:
        click.echo(f"left this month: {yuan(found.left)} yuan, missing: {yuan(found.short)} yuan")

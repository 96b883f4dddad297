"""``flask --app wsgi benefits verify [NUMBER]``: does every payment batch still add up to what was frozen?"""

from __future__ import annotations

import click
from flask.cli import AppGroup
from sqlalchemy import select

from backend.benefits import verifying
from backend.benefits.checksums import Sums
from backend.benefits.verifying import Verdict
from backend.models.benefit import PaymentBatch
from backend.web.context import runtime

benefits = AppGroup("benefits", help="Payment batches, counted again from their history.")


@benefits.command()
@click.argument("number", required=False)
def verify(number: str | None) -> None:
    """Count one batch again, or all: lines, sum, checksum, the bank's answers, the chain; fail where one differs."""
    query = select(PaymentBatch).order_by(PaymentBatch.id)
    if number:
        query = query.where(PaymentBatch.number == number.strip().upper())
    bad = counted = 0
    with runtime().db.reading() as session:
        for batch in session.scalars(query):
            verdict = verifying.of_batch(session, batch)
            counted += 1
            bad += not verdict.sound
            click.echo(f"{batch.number}: {_said(verdict)}")
    if number and not counted:
        raise click.ClickException(f"{number}: no such batch")
    if bad:
        raise click.ClickException(f"{bad} of {counted} batches do not add up")


def _said(verdict: Verdict) -> str:
    sums = verdict.counted
    if verdict.sound:
        return f"{sums.count} payments, {sums.total_fen / 100:.2f} yuan, {sums.checksum[:16]}…, sound"
    wrong = [] if verdict.recorded == sums else [f"frozen {_line(verdict.recorded)}, counted {_line(sums)}"]
    wrong += [] if verdict.answers_agree else ["the bank's files and the payments differ"]
    wrong += [f"its chain: {verdict.fault}"] if verdict.fault else []
    return "; ".join(wrong)


def _line(sums: Sums) -> str:
    return f"{sums.count} payments, {sums.total_fen} fen, {sums.checksum[:16]}…"

"""The bank's answers: in whole or not at all, the same file once, failures back for the next batch."""

from __future__ import annotations

import csv
import io
import re
import threading
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.benefits import batch_views, exports, payees, payments as looks, periods, policy, recipients, verifying
from backend.benefits.policy import Account
from backend.benefits.returns import FAILED, MADE
from backend.catalogue import queries as catalogue
from backend.kernel.errors import Conflict, Invalid
from backend.models.benefit import BankReturn, Payment, PaymentBatch
from backend.models.desk import StaffMessage
from backend.models.outbox import Outbox
from backend.models.resident import Resident
from tests import benefits, payments as pay
from tests.benefits import AWARD
from tests.people import COUNTY, TOWN, Cast, hire


@pytest.fixture
def paying(cast: Cast) -> Cast:
    benefits.publish(cast, AWARD)
    cast.reviewers["second"] = hire(cast, "county", region=COUNTY)
    return cast


@pytest.fixture
def batch(paying: Cast) -> PaymentBatch:
    """Three payments of 960 yuan that are with the bank."""
    benefits.crowd(paying, 3)
    return pay.exported(paying)


def lines(cast: Cast, batch: PaymentBatch) -> list[tuple[str, str, str, str]]:
    return [(p.reference, "960.00", "成功", "") for p in pay.payments(cast, batch)]


def wrong(cast: Cast, batch: PaymentBatch, content: bytes) -> dict[str, str]:
    """What is said to a file that is refused; nothing of it may be written."""
    with pytest.raises(Invalid) as refused:
        pay.take_in(cast, batch, content)
    with cast.db.reading() as session:
        assert session.scalar(select(func.count()).select_from(BankReturn)) == 0
        assert verifying.statement(session, batch.id)["open"][0] == batch.count
    return {name: str(found[0]) for name, found in refused.value.errors.items()}


def topics(cast: Cast) -> dict[str, int]:
    with cast.db.reading() as session:
        found = session.execute(
            select(Outbox.topic, func.count()).where(Outbox.topic.in_((MADE, FAILED))).group_by(Outbox.topic)
        )
        return dict(found.all())


def test_a_file_for_everybody_settles_the_batch(paying: Cast, batch: PaymentBatch) -> None:
    pay.take_in(paying, batch, pay.answers(paying, batch))
    after = pay.load(paying, batch.id)
    assert batch_views.status(after) == "settled"
    assert {looks.status(p) for p in pay.payments(paying, batch)} == {"paid"}
    with paying.db.reading() as session:
        assert verifying.statement(session, batch.id)["paid"] == (3, 288_000)
        assert verifying.of_batch(session, after).sound
    assert topics(paying) == {MADE: 3}


def test_missing_lines_stay_open_and_may_come_later(paying: Cast, batch: PaymentBatch) -> None:
    first, *others = lines(paying, batch)
    pay.take_in(paying, batch, pay.answer([first]))
    assert batch_views.status(pay.load(paying, batch.id)) == "exported"
    pay.take_in(paying, batch, pay.answer([first, *others]))
    assert batch_views.status(pay.load(paying, batch.id)) == "settled"
    assert topics(paying) == {MADE: 3}


def test_the_same_file_twice_does_nothing(paying: Cast, batch: PaymentBatch) -> None:
    content = pay.answers(paying, batch)
    assert pay.take_in(paying, batch, content) == pay.take_in(paying, batch, content)
    assert topics(paying) == {MADE: 3}


def test_the_same_file_from_two_at_once_is_taken_once(paying: Cast, batch: PaymentBatch) -> None:
    content = pay.answers(paying, batch)
    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(pay.take_in(paying, batch, content))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len(set(found)) == 1
    assert topics(paying) == {MADE: 3}


def test_nothing_comes_back_before_the_export(paying: Cast) -> None:
    benefits.crowd(paying, 1)
    waiting = pay.approve(paying, pay.prepare(paying))
    with pytest.raises(Conflict) as refused:
        pay.take_in(paying, waiting, pay.answers(paying, waiting))
    assert refused.value.code == "not_exported"


def test_every_line_that_cannot_be_true_is_named(paying: Cast, batch: PaymentBatch) -> None:
    (one, two, three) = lines(paying, batch)
    content = pay.answer([(one[0], "960.01", "成功", ""), two, two, ("P0000000000000", "1.00", "成功", ""), three])
    found = wrong(paying, batch, content)
    assert found == {
        "lines.2": "金额和这一批导出的不一样",
        "lines.3": "这个编号在文件里出现了 2 次",
        "lines.4": "这个编号在文件里出现了 2 次",
        "lines.5": "没有这个编号，请用银行给的原文件",
    }


def test_a_reference_of_another_batch_is_told_apart(paying: Cast, batch: PaymentBatch) -> None:
    benefits.recipient(paying, "李䶮", 8)
    other = pay.exported(paying, "town")
    assert "别的批次" in wrong(paying, batch, pay.answers(paying, other))["lines.2"]


def test_wrong_sums_are_refused_with_nothing_taken(paying: Cast, batch: PaymentBatch) -> None:
    assert "合计行" in wrong(paying, batch, pay.answer(lines(paying, batch), total="2880.01"))["lines.5"]
    assert "合计行" in wrong(paying, batch, pay.answer(lines(paying, batch), count="4"))["lines.5"]


def test_a_later_file_that_says_the_opposite_is_refused(paying: Cast, batch: PaymentBatch) -> None:
    first, *_ = lines(paying, batch)
    pay.take_in(paying, batch, pay.answer([first]))
    with pytest.raises(Invalid) as refused:
        pay.take_in(paying, batch, pay.answer([(first[0], "960.00", "失败", "退汇")]))
    assert "相反" in str(refused.value.errors["lines.2"][0])
    assert [p.paid_at is not None for p in pay.payments(paying, batch)] == [True, False, False]


def test_a_gbk_file_with_a_reason_is_taken(paying: Cast, batch: PaymentBatch) -> None:
    one = pay.payments(paying, batch)[0].reference
    content = (
        pay.answers(paying, batch, refused=[one], reason="\"=cmd|' /C calc'!A0，户名不符\"").decode().encode("gbk")
    )
    pay.take_in(paying, batch, content)
    (failed,), _ = failures(paying)
    assert failed["reason"] == "=cmd|' /C calc'!A0，户名不符"
    (attempt,) = [one for one in pay.attempts(paying, batch) if one.outcome == "failed"]
    assert "户名" not in (attempt.reason or "")


def failures(cast: Cast, level: str = "town", cursor: str | None = None, limit: int = 20) -> Any:
    with cast.db.reading() as session:
        return looks.failures(session, cast.vault, reviewer=cast.reviewers[level], limit=limit, cursor=cursor)


def test_a_refused_payment_is_mended_and_paid_with_the_next_batch(paying: Cast) -> None:
    who = benefits.recipient(paying)
    first = pay.exported(paying)
    reference = pay.payments(paying, first)[0].reference
    pay.take_in(paying, first, pay.answers(paying, first, refused=[reference]))
    assert [(one["reference"], one["mended"]) for one in failures(paying)[0]] == [(reference, False)]
    paying.clock.advance(timedelta(days=1))
    mend(paying, who)
    assert [one["mended"] for one in failures(paying)[0]] == [True]
    again = pay.exported(paying)
    assert (again.count, again.differences["account"]) == (1, 1)
    assert failures(paying)[0] == []
    pay.take_in(paying, again, pay.answers(paying, again))
    (payment,) = pay.payments(paying, again)
    assert (payment.reference, payment.paid_at is not None, payment.failed_at) == (reference, True, None)
    with paying.db.reading() as session:
        assert verifying.of_period(session, region=TOWN, service_item=AWARD, period="2026")["paid"] == (1, 96_000)
        for one in (first, again):
            assert verifying.of_batch(session, session.get_one(PaymentBatch, one.id)).sound
    with pytest.raises(Invalid):  # the first batch's bank says after all that it was paid
        pay.take_in(paying, first, pay.answers(paying, first))


def mend(cast: Cast, recipient_id: int) -> None:
    cast.run(
        recipients.change_account,
        vault=cast.vault,
        clerk=cast.reviewers["county"],
        recipient_id=recipient_id,
        account=policy.account(name="王㐂", bank="另一家银行", number="6222000011112222333"),
        now=cast.clock(),
    )


def test_a_refused_payment_that_nobody_mended_is_marked_in_the_next_batch(paying: Cast) -> None:
    benefits.recipient(paying)
    first = pay.exported(paying)
    pay.take_in(paying, first, pay.answers(paying, first, refused=[pay.payments(paying, first)[0].reference]))
    paying.clock.advance(timedelta(days=1))
    again = pay.prepare(paying)
    assert again.differences["again"] == 1
    paying.clock.advance(timedelta(days=1))
    pay.discard(paying, again)
    assert len(failures(paying)[0]) == 1


def test_failures_are_listed_by_pages_and_by_place(paying: Cast) -> None:
    benefits.crowd(paying, 5)
    batch = pay.exported(paying)
    refused = [p.reference for p in pay.payments(paying, batch)]
    pay.take_in(paying, batch, pay.answers(paying, batch, refused=refused))
    first, cursor = failures(paying, limit=3)
    second, end = failures(paying, limit=3, cursor=cursor)
    assert [one["reference"] for one in (*first, *second)] == refused
    assert end is None
    paying.reviewers["far"] = hire(paying, "town", region="370402002000")
    assert failures(paying, "far")[0] == []


def test_the_preparer_hears_of_failures_by_number_only(paying: Cast, batch: PaymentBatch) -> None:
    one = pay.payments(paying, batch)[0].reference
    pay.take_in(paying, batch, pay.answers(paying, batch, refused=[one]))
    with paying.db.reading() as session:
        (told,) = session.scalars(select(StaffMessage).where(StaffMessage.kind == "payments_failed"))
    assert (told.staff_id, told.facts) == (batch.prepared_by, {"number": batch.number, "count": 1})


def written(sheet: exports.Sheet, encoding: str = "utf-8") -> bytes:
    return b"".join(exports.as_csv(sheet, encoding))


def test_the_csv_has_control_sums_and_is_the_same_each_time(paying: Cast, batch: PaymentBatch) -> None:
    first, second = (written(pay.export(paying, batch)) for _ in range(2))
    assert first == second
    assert first.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(first.decode("utf-8-sig"))))
    assert rows[0] == ["编号", "户名", "开户银行", "账号", "金额", "期间"]
    assert rows[1][1:] == ["王㐂", "样例银行", "0000000000000000", "960.00", "2026"]
    assert rows[-2] == ["合计", "3笔", "", "", "2880.00", "2026"]
    assert rows[-1] == ["校验码", batch.checksum, batch.number, "", "", ""]


@pytest.mark.parametrize("name", ["𠮷㐂䶮", "欧阳·阿卜杜拉", "=cmd", "＝cmd", " @SUM", "-甲", "+乙", "O'Neil"])
def test_names_reach_the_bank_whole_and_run_nothing(paying: Cast, name: str) -> None:
    benefits.recipient(paying, account=Account(name, '样例银行"支行",甲', "6222000011112222333"))
    sheet = pay.export(paying, pay.load(paying, pay.approve(paying, pay.prepare(paying)).id))
    for encoding in exports.ENCODINGS:
        text = written(sheet, encoding).decode("utf-8-sig" if encoding == "utf-8" else encoding)
        cell = list(csv.reader(io.StringIO(text)))[1]
        assert cell[1] in (name, f"'{name}")
        assert cell[1].lstrip()[0] not in "=+-@＝＋－＠"
        assert cell[2:4] == ['样例银行"支行",甲', "6222000011112222333"]
    assert name in shared_strings(exports.as_xlsx(sheet))


def shared_strings(book: bytes) -> list[str]:
    """Every text of a workbook; there must be no formula and no number in it."""
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        page = archive.read("xl/worksheets/sheet1.xml").decode()
        assert "<f>" not in page
        assert set(re.findall(r'<c [^>]*t="(\w+)"', page)) == {"s"}
        assert page.count("<c ") == page.count('t="s"')
        strings = archive.read("xl/sharedStrings.xml").decode()
    return [one.replace("&amp;", "&") for one in re.findall(r"<t[^>]*>([^<]*)</t>", strings)]


def test_the_workbook_keeps_every_digit_and_is_the_same_each_time(paying: Cast, batch: PaymentBatch) -> None:
    sheet = pay.export(paying, batch, "xlsx")
    book = exports.as_xlsx(sheet)
    assert {"0000000000000000", "960.00", "2880.00", batch.checksum} <= set(shared_strings(book))
    assert book == exports.as_xlsx(pay.export(paying, batch, "xlsx"))


def test_an_erased_person_leaves_a_line_that_names_nobody(paying: Cast, batch: PaymentBatch) -> None:
    paying.run(_erase)
    sheet = pay.export(paying, batch)
    assert {row.account for row in sheet.rows} == {exports.NOBODY}
    with paying.db.reading() as session:
        assert verifying.of_batch(session, session.get_one(PaymentBatch, batch.id)).sound
        items, _ = batch_views.lines(
            session, paying.vault, reviewer=paying.reviewers["county"], number=batch.number, limit=20, cursor=None
        )
        draw = draw_next(session, paying)
    assert {one["account_masked"] for one in items} == {""}
    assert draw.why == {"erased": 3}
    pay.take_in(paying, batch, pay.answers(paying, batch, refused=[p.reference for p in pay.payments(paying, batch)]))
    assert [one["reason"] for one in failures(paying)[0]] == ["", "", ""]


def _erase(session: Session) -> None:
    for resident in session.scalars(select(Resident)):
        resident.key = ""


def draw_next(session: Session, cast: Cast) -> payees.Drawn:
    definition = catalogue.definition(session, AWARD)
    later = periods.read("year", "2027", today=cast.clock().date().replace(year=2027))
    return payees.draw(session, cast.vault, clerk=cast.reviewers["county"], definition=definition, period=later)


def test_lines_are_masked_paged_and_filtered(paying: Cast, batch: PaymentBatch) -> None:
    one = pay.payments(paying, batch)[0].reference
    pay.take_in(paying, batch, pay.answers(paying, batch, refused=[one]))

    def read(**wanted: Any) -> tuple[list[dict[str, Any]], str | None]:
        with paying.db.reading() as session:
            given = {"reviewer": paying.reviewers["town"], "number": batch.number, "limit": 2, "cursor": None} | wanted
            return batch_views.lines(session, paying.vault, **given)

    first, cursor = read()
    rest, end = read(cursor=cursor)
    assert len(first) + len(rest) == 3
    assert end is None
    assert {line["account_masked"] for line in first} == {"****0000"}
    assert "王㐂" not in str(first)
    assert [line["reference"] for line in read(outcome="failed")[0]] == [one]
    assert len(read(difference="new", limit=9)[0]) == 3
    assert read(outcome="open")[0] == []


def test_the_statement_of_a_period_adds_up_from_history(paying: Cast) -> None:
    benefits.crowd(paying, 6)
    batch = pay.exported(paying)
    references = [p.reference for p in pay.payments(paying, batch)]
    partly = [(one, "960.00", "失败" if at == 0 else "成功", "") for at, one in enumerate(references[:4])]
    pay.take_in(paying, batch, pay.answer(partly))
    with paying.db.reading() as session:
        found = verifying.of_period(session, region=COUNTY, service_item=AWARD, period="2026")
        lived = session.scalar(select(func.sum(Payment.fen)))
    assert {name: count for name, (count, _) in found.items()} == {"paid": 3, "failed": 1, "open": 2, "free": 0}
    assert sum(fen for _, fen in found.values()) == lived

"""Payment batches over HTTP: from the dry run to the bank's answer, by two people, with files of every kind."""

from __future__ import annotations

import csv
import io
import threading
from dataclasses import replace
from typing import Any

import pytest
from werkzeug.test import TestResponse

from backend.accounts import demo, queries as accounts, staff
from backend.benefits import recipients
from backend.benefits.policy import Account
from backend.benefits.recipients import Grant
from backend.kernel import ids
from tests.api.desk import Desk, problem
from tests.api.house import House
from tests.payments import answer
from tests.people import COUNTY, TOWN, VILLAGE

BATCHES = "/staff/payment-batches"
WANTED = {"service_item": "family-award", "period": "2026"}


@pytest.fixture(scope="module")
def second(whole_house: House) -> Desk:
    """A second clerk of the county."""
    at = whole_house.runtime
    post = {"name": "区级审批岗", "post": "区级审批岗", "role": "reviewer", "level": "county", "region": COUNTY}
    at.db.transact(staff.add, username="xian2", password=demo.PASSWORD, now=at.clock(), **post)
    return whole_house.clerk("xian2")


@pytest.fixture
def people(house: House) -> int:
    """Three people of the town to be paid, and nobody else."""
    at = house.runtime
    house.clerk("xian").call("POST", BATCHES, WANTED)  # whoever an earlier test left
    resident = house.applicant()
    resident_id = ids.decode(str((resident.call("GET", "/me").json or {})["id"]))
    with at.db.reading() as session:
        person = accounts.person(session, at.vault, resident_id)
    grant = Grant(
        application_id=0,
        resident_id=resident_id,
        helped=False,
        seal=person.seal,
        service_item="family-award",
        village=VILLAGE,
        town=TOWN,
        county=COUNTY,
        holder_masked="王*",
        person_index="",
        amount_class="standard",
        account=Account("王㐂", "样例银行", "0000000000000000"),
        granted_at=at.clock(),
    )
    for serial in range(3):
        one = replace(grant, application_id=ids.new_id(at.clock()), person_index=f"{resident_id}-{serial}")
        at.db.transact(recipients.enrol, grant=one, now=at.clock())
    return 3


def prepared(house: House, username: str = "zhen") -> dict[str, Any]:
    given = house.clerk(username).call("POST", BATCHES, WANTED)
    assert given.status_code == 201, given.text
    return dict(given.json or {})


def exported(house: House, second: Desk) -> dict[str, Any]:
    batch = prepared(house)
    path = f"{BATCHES}/{batch['number']}"
    assert second.call("POST", f"{path}/approval").status_code == 200
    assert second.call("GET", f"{path}.csv").status_code == 200
    return batch


def upload(desk: Desk, number: str, content: bytes, **options: Any) -> TestResponse:
    data = {"file": (io.BytesIO(content), "回盘.csv")}
    path = f"{BATCHES}/{number}/bank-returns"
    return desk.call("POST", path, data=data, content_type="multipart/form-data", **options)


def references(desk: Desk, number: str) -> list[str]:
    given = desk.call("GET", f"{BATCHES}/{number}/lines?limit=100")
    return [line["reference"] for line in (given.json or {})["items"]]


def test_from_dry_run_to_the_answer_of_the_bank(house: House, second: Desk, people: int) -> None:
    zhen = house.clerk("zhen")
    plan = zhen.call("POST", BATCHES, WANTED | {"dry_run": True})
    assert (plan.status_code, (plan.json or {})["count"], (plan.json or {})["differences"]["new"]) == (200, 3, 3)
    batch = prepared(house)
    assert (batch["status"], batch["status_label"], batch["total_fen"]) == ("prepared", "等区县审核", 288_000)
    assert batch["allowed_actions"] == ["discard"]
    path = f"{BATCHES}/{batch['number']}"
    approved = second.call("POST", f"{path}/approval").json or {}
    assert (approved["status"], approved["approved_by"]) == ("approved", "区级审批岗")
    sheet = zhen.call("GET", f"{path}.csv?encoding=gb18030")
    rows = list(csv.reader(io.StringIO(sheet.data.decode("gb18030"))))
    assert (len(rows), rows[-2][:2], rows[-1][1]) == (6, ["合计", "3笔"], batch["checksum"])
    assert sheet.headers["Content-Disposition"] == f"attachment; filename*=UTF-8''{batch['number']}.csv"
    lines = [
        (row[0], row[4], "失败" if at == 0 else "成功", "户名不符" if at == 0 else "")
        for at, row in enumerate(rows[1:4])
    ]
    done = upload(second, batch["number"], answer(lines))
    assert done.status_code == 200, done.text
    found = done.json or {}
    assert (found["status"], found["statement"]["paid"]["count"], found["returns"][0]["failed"]) == ("settled", 2, 1)
    assert upload(zhen, batch["number"], answer(lines)).json == found
    failed = (zhen.call("GET", "/staff/payment-failures?limit=100").json or {})["items"]
    assert [one["reason"] for one in failed if one["reference"] == rows[1][0]] == ["户名不符"]


def test_the_workbook_is_a_file_of_its_own(house: House, second: Desk, people: int) -> None:
    batch = exported(house, second)
    book = second.call("GET", f"{BATCHES}/{batch['number']}.xlsx")
    assert book.data.startswith(b"PK")
    assert book.headers["Content-Disposition"].endswith(f"{batch['number']}.xlsx")
    assert book.headers["X-Content-Type-Options"] == "nosniff"


def test_nothing_leaves_before_a_second_person_has_approved(house: House, people: int) -> None:
    batch = prepared(house, "xian")
    xian, path = house.clerk("xian"), f"{BATCHES}/{batch['number']}"
    for kind in ("csv", "xlsx"):
        assert problem(xian.call("GET", f"{path}.{kind}")) == (409, "not_approved")
    assert problem(xian.call("POST", f"{path}/approval")) == (403, "same_person")
    assert problem(xian.call("POST", f"{path}/discard", {})) == (422, "invalid_input")
    back = xian.call("POST", f"{path}/discard", {"reason": "少了三个村"}).json or {}
    assert (back["status"], back["discard_reason"], back["allowed_actions"]) == ("discarded", "少了三个村", [])


def test_a_double_tap_prepares_once(house: House, people: int) -> None:
    headers = {
        "Idempotency-Key": f"tap-{people}-{house.runtime.clock().isoformat()}-{ids.new_id(house.runtime.clock())}"
    }
    zhen = house.clerk("zhen")
    first, again = (zhen.call("POST", BATCHES, WANTED, headers=headers) for _ in range(2))
    assert (first.status_code, first.json) == (201, again.json)
    assert problem(zhen.call("POST", BATCHES, WANTED)) == (409, "nobody_to_pay")


def test_many_who_prepare_at_once_make_one_batch(house: House, people: int) -> None:
    desks = [house.clerk(name) for name in ("zhen", "xian", "zhen", "xian")]
    found: list[int] = []
    threads = [
        threading.Thread(target=lambda desk=desk: found.append(desk.call("POST", BATCHES, WANTED).status_code))
        for desk in desks
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [201, 409, 409, 409]


def test_strangers_find_no_batch(house: House, people: int) -> None:
    number = prepared(house, "xian")["number"]
    paths = ("", "/lines", ".csv", ".xlsx")
    assert {problem(house.clerk("zhen").call("GET", f"{BATCHES}/{number}{p}")) for p in paths} == {(404, "not_found")}
    assert {problem(house.clerk("cun").call("GET", f"{BATCHES}{p}"))[0] for p in ("", f"/{number}")} == {403}
    assert problem(house.clerk("zhan").call("GET", BATCHES)) == (403, "forbidden")
    assert problem(house.resident().call("GET", BATCHES))[0] == 401
    assert problem(upload(house.clerk("zhen"), number, b"x,y\n"))[0] in (404, 422)


@pytest.mark.parametrize("number", ["FF2611-ZZZZZZ", "x", "%", "１", "' OR 1=1 --", "a" * 500])
def test_number_that_is_none_is_404(house: House, number: str) -> None:
    xian = house.clerk("xian")
    assert problem(xian.call("GET", f"{BATCHES}/{number}")) == (404, "not_found")
    assert problem(xian.call("GET", f"{BATCHES}/{number}.csv")) == (404, "not_found")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"service_item": "family-award"},
        WANTED | {"period": 2026},
        WANTED | {"period": "2026-01"},
        WANTED | {"period": "2099"},
        WANTED | {"service_item": "migrant-proof"},
        WANTED | {"dry_run": "yes"},
        WANTED | {"more": 1},
    ],
)
def test_wrong_wishes_are_422(house: House, body: dict[str, Any]) -> None:
    assert problem(house.clerk("zhen").call("POST", BATCHES, body))[0] == 422


def test_an_unknown_item_is_404(house: House) -> None:
    assert problem(house.clerk("zhen").call("POST", BATCHES, WANTED | {"service_item": "no-such"}))[0] == 404


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", (422, "bank_file")),
        (b"PK\x03\x04", (422, "bank_file")),
        (bytes(range(256)), (422, "bank_file")),
        (b"x" * (6 * 2**20), (413, "too_large")),
        ("编号,金额,结果,原因\nP0000000000000,1.00,成功,\n合计,1.00,1,\n".encode("gbk"), (422, "bank_file")),
    ],
)
def test_files_that_are_no_answer_change_nothing(
    house: House, second: Desk, people: int, content: bytes, expected: tuple[int, str]
) -> None:
    number = exported(house, second)["number"]
    refused = upload(second, number, content)
    assert problem(refused) == expected
    found = second.call("GET", f"{BATCHES}/{number}").json or {}
    assert (found["statement"]["open"]["count"], found["returns"]) == (3, [])


def test_a_wrong_file_names_its_lines_in_chinese(house: House, second: Desk, people: int) -> None:
    number = exported(house, second)["number"]
    lines = [(reference, "960.01", "成功", "") for reference in references(second, number)]
    said = (upload(second, number, answer(lines)).json or {})["errors"]
    assert set(said) == {"lines.2", "lines.3", "lines.4"}
    assert said["lines.2"] == ["金额和这一批导出的不一样"]


def test_an_upload_without_a_file_says_so(house: House, second: Desk, people: int) -> None:
    path = f"{BATCHES}/{exported(house, second)['number']}/bank-returns"
    assert problem(second.call("POST", path, {}))[0] == 400
    empty = second.call("POST", path, data={"x": "y"}, content_type="multipart/form-data")
    assert problem(empty) == (422, "invalid_input")


def test_lists_go_on_by_cursor(house: House, people: int) -> None:
    number = prepared(house)["number"]
    zhen = house.clerk("zhen")
    first = zhen.call("GET", f"{BATCHES}/{number}/lines?limit=2").json or {}
    second = zhen.call("GET", f"{BATCHES}/{number}/lines?limit=2&cursor={first['next_cursor']}").json or {}
    assert len(first["items"]) + len(second["items"]) == 3
    listed = zhen.call("GET", f"{BATCHES}?limit=100").json or {}
    assert number in [batch["number"] for batch in listed["items"]]
    for query in ("cursor=x", "limit=0", "difference=x", "outcome=x"):
        assert problem(zhen.call("GET", f"{BATCHES}/{number}/lines?{query}"))[0] == 422

"""A case on its pages: corrected, withdrawn, co-signed, filed for another, turned into a certificate."""

from __future__ import annotations

import re

from backend.accounts import partners
from backend.kernel import ids
from tests import factories
from tests.h5.phone import Phone, hidden
from tests.people import VILLAGE, Cast, id_number


def address(case: int) -> str:
    return f"/applications/{ids.encode(case)}"


def test_a_correction_shows_every_defect_with_a_way_to_it(phone: Phone, cast: Cast) -> None:
    case = address(factories.in_correction(cast).id)
    page = phone.page(f"{case}/correction")
    assert f"{case}/materials?then=correction#m-id_card" in page
    assert "看不清，请重拍" in page
    assert "等您处理" in phone.page("/")


def test_a_correction_is_handed_in_once(phone: Phone, cast: Cast) -> None:
    row = factories.in_correction(cast)
    factories.hand_in(cast, row.id, "王㐂", "id_card", "two")
    fields = hidden(phone.page(f"{address(row.id)}/correction"))
    answers = [phone.post(f"{address(row.id)}/resubmission", **fields) for _ in range(2)]
    assert {answer.status_code for answer in answers} == {303}
    assert factories.load(cast, row.id).status == "in_review"


def test_a_withdrawal_asks_first_and_is_done_once(phone: Phone, cast: Cast) -> None:
    case = address(factories.submitted(cast).id)
    fields = hidden(phone.page(f"{case}/withdrawal"))
    for _ in range(2):
        assert phone.post(f"{case}/withdrawal", **fields).headers["Location"] == f"{case}?said=withdrawn"
    assert "已经撤回" in phone.page(case)


def test_a_certificate_shows_its_code_and_how_it_is_checked(phone: Phone, cast: Cast) -> None:
    factories.issued(cast)
    number = re.findall(r'href="/certificates/([^"]+)"', phone.page("/certificates"))[0]
    page = phone.page(f"/certificates/{number}")
    code = re.findall(r'<b class="num">([^<]+)</b>', page)[0]
    phone.leave()
    seen = phone.post("/verify", number=number, code=code)
    assert "✓ 有效" in seen.text
    assert "✕ 无效" in phone.post("/verify", number=number, code="AAAAAAAA").text
    assert phone.get(f"/certificates/{number}").status_code == 303


def test_progress_needs_number_and_digits(phone: Phone, cast: Cast) -> None:
    number = factories.submitted(cast).number
    phone.leave()
    assert "铁西居委会" in phone.post("/progress", number=number, mobile_last4="0007").text
    assert phone.post("/progress", number=number, mobile_last4="1111").status_code == 422
    assert phone.post("/progress", number="", mobile_last4="").status_code == 422


def test_a_spouse_reads_and_signs(phone: Phone, cast: Cast) -> None:
    draft = factories.draft(cast)
    factories.answer(cast, draft, marital_status="married", spouse_name="李明")
    case = address(draft)
    code = re.findall(r'<b class="num">([^<]+)</b>', phone.post(f"{case}/cosign").text)[0]
    assert phone.post(f"/cosign/{code}").status_code == 422
    spouse = Phone(phone.app).enter(cast.resident("李明", 9))
    page = spouse.page(f"/cosign/{code}")
    assert "江苏省苏州市昆山市玉山镇" in page
    assert "王" not in page
    assert spouse.post(f"/cosign/{code}").status_code == 303
    assert "已签名" in phone.page(f"{case}/cosign")
    assert spouse.get(f"/cosign/{code}").status_code == 404


def test_a_helper_names_the_person_and_is_asked_for_the_letter(phone: Phone, cast: Cast) -> None:
    case = address(factories.draft(cast))
    typed = {"relation": "family", "name": "赵六", "id_type": "resident_id", "id_number": "000000199205180070"}
    wrong = phone.post(f"{case}/mandate", **typed)
    assert wrong.status_code == 422
    assert 'href="#f-id_number"' in wrong.text
    phone.post(f"{case}/mandate", **typed | {"id_number": id_number(11)})
    assert "m-mandate-letter" in phone.page(f"{case}/materials")
    assert "赵*" in phone.page(f"{case}/review")


def test_a_message_is_read_when_it_is_opened(phone: Phone, cast: Cast) -> None:
    assert "还没有消息" in phone.page("/messages")


def test_an_account_with_an_open_case_is_not_erased(phone: Phone, cast: Cast) -> None:
    number = factories.submitted(cast).number or ""
    assert phone.post("/me/erasure").status_code == 422
    refused = phone.post("/me/erasure", sure="yes")
    assert refused.status_code == 409
    assert number in refused.text


def test_an_account_is_erased_on_request(phone: Phone, cast: Cast) -> None:
    assert phone.post("/me/erasure", sure="yes").headers["Location"] == "/?said=erased"
    assert phone.get("/me").status_code == 303


def test_a_copy_of_the_data_is_prepared(phone: Phone) -> None:
    link = phone.post("/me/export").headers["Location"]
    assert "正在准备" in phone.page(link)


def test_a_consent_can_be_taken_back(phone: Phone) -> None:
    phone.post("/me/consents/family/withdrawal")
    assert phone.page("/me/consents").count("收回同意</button>") == 6


def test_identity_says_which_part_is_wrong(phone: Phone) -> None:
    answer = phone.post("/me/identity", name="王㐂", id_type="resident_id", id_number="000000199205180070")
    assert answer.status_code == 422
    assert "第 18 位" in answer.text


def test_a_partner_accepts_once(phone: Phone, cast: Cast) -> None:
    me = cast.residents["王㐂"]
    made = cast.db.transact(partners.invite, cast.vault, resident_id=me, now=cast.clock())
    with cast.db.reading() as session:
        code = partners.invitation(session, cast.vault, resident_id=me, invitation_id=made).code
    assert phone.post(f"/partner-invitations/{code}").status_code == 422
    partner = Phone(phone.app).enter(cast.resident("李明", 9))
    assert "接受邀请" in partner.page(f"/partner-invitations/{code}")
    assert partner.post(f"/partner-invitations/{code}").headers["Location"] == "/me?said=partner"
    assert partner.post(f"/partner-invitations/{code}").status_code == 404


def test_the_self_check_answers_without_login(stranger: Phone) -> None:
    path = "/services/migrant-proof/check"
    born = {"born_on.y": "1992", "born_on.m": "5", "born_on.d": "18"}
    assert "看起来可以办" in stranger.post(path, data={**born, "registered_here": "true"}).text
    assert "现在还不能办" in stranger.post(path, data={**born, "registered_here": "false"}).text
    assert stranger.post(path).status_code == 422


def test_a_village_of_nowhere_is_refused(phone: Phone) -> None:
    assert phone.post("/services/migrant-proof/start", region=VILLAGE[:-1] + "9").status_code == 422

"""From the guide to the receipt with forms only."""

from __future__ import annotations

import io

from backend.kernel import ids
from tests import factories
from tests.files import jpeg
from tests.h5.phone import Phone, hidden
from tests.people import VILLAGE, Cast


def begin(phone: Phone) -> str:
    """A draft over the pages; its address."""
    page = phone.page("/services/migrant-proof/start?town=370402001")
    answer = phone.post("/services/migrant-proof/start", region=VILLAGE, **hidden(page))
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"].removesuffix("/resume")


def test_begin_twice_with_one_key_is_one_draft(phone: Phone) -> None:
    fields = hidden(phone.page("/services/migrant-proof/start?town=370402001"))
    first, second = (phone.post("/services/migrant-proof/start", region=VILLAGE, **fields) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]


def test_begin_without_a_place_says_so(phone: Phone) -> None:
    answer = phone.post("/services/migrant-proof/start", region="")
    assert answer.status_code == 422
    assert "请从列表里选" in answer.text


def test_a_step_keeps_what_is_right_and_shows_what_is_wrong(phone: Phone) -> None:
    case = begin(phone)
    typed = {"born_on.y": "1992", "born_on.m": "13", "born_on.d": "40", "current_address": "昆山 <b>玉山</b> 镇"}
    shown = ["born_on", "registered_here", "current_address"]
    answer = phone.post(f"{case}/steps/place", data={**typed, "shown": shown})
    assert answer.status_code == 422
    assert 'href="#f-born_on"' in answer.text
    assert 'value="13"' in answer.text
    again = phone.page(f"{case}/steps/place")
    assert "昆山 &lt;b&gt;玉山&lt;/b&gt; 镇" in again
    assert "<b>玉山" not in again + answer.text


def test_full_width_digits_make_a_date(phone: Phone) -> None:
    case = begin(phone)
    typed = {"born_on.y": "１９９２", "born_on.m": "５", "born_on.d": "１８", "registered_here": "true"}
    phone.post(f"{case}/steps/place", data={**typed, "shown": ["born_on", "registered_here"]})
    assert 'value="1992"' in phone.page(f"{case}/steps/place")


def test_an_answer_that_brings_up_questions_asks_them_before_going_on(phone: Phone) -> None:
    case = begin(phone)
    answer = phone.post(f"{case}/steps/children", shown="has_children", has_children="true")
    assert answer.headers["Location"] == f"{case}/steps/children"
    assert "children_count" in phone.page(f"{case}/steps/children")
    answer = phone.post(f"{case}/steps/children", shown="has_children", has_children="false")
    assert answer.headers["Location"] == f"{case}/steps/purpose"


def test_a_hidden_answer_is_not_wiped_by_a_page_that_did_not_show_it(phone: Phone) -> None:
    case = begin(phone)
    phone.post(
        f"{case}/steps/purpose", data={"shown": ["purpose", "recipient"], "purpose": "work", "recipient": "甲厂"}
    )
    phone.post(f"{case}/steps/purpose", data={"shown": "purpose", "purpose": "school"})
    assert "甲厂" in phone.page(f"{case}/review")


def test_autosave_answers_in_words(phone: Phone) -> None:
    case = begin(phone)
    answer = phone.post(f"{case}/steps/place/autosave", shown="current_address", current_address="苏州")
    assert "已自动保存 10:00" in (answer.json or {})["text"]
    assert "苏州" in phone.page(f"{case}/steps/place")


def test_the_review_lists_everything_missing_with_links(phone: Phone) -> None:
    case = begin(phone)
    page = phone.page(f"{case}/review")
    for target in ("f-born_on", "f-registered_here", "f-marital_status", "f-purpose", "m-id_card"):
        assert f"#{target}" in page
    assert phone.post(f"{case}/submission").status_code == 422


def test_submit_in_two_tabs_is_one_case_without_an_error(phone: Phone, cast: Cast) -> None:
    case = f"/applications/{ids.encode(factories.draft(cast))}"
    tabs = [hidden(phone.page(f"{case}/review")) for _ in range(2)]
    answers = [phone.post(f"{case}/submission", **tab) for tab in (*tabs, tabs[0])]
    assert {(answer.status_code, answer.headers["Location"]) for answer in answers} == {(303, f"{case}?sent=1")}
    assert "交上去了" in phone.page(f"{case}?sent=1")


def test_upload_shows_the_file_and_takes_it_out(phone: Phone) -> None:
    case = begin(phone)
    photo = {"material": "id_card", "file": (io.BytesIO(jpeg()), "../<script>.jpg")}
    answer = phone.post(f"{case}/materials", data=photo)
    assert answer.status_code == 303, answer.text
    page = phone.page(f"{case}/materials")
    link = page.split('class="thumb"><a href="')[1].split('"')[0]
    assert "<script>." not in page
    assert phone.get(f"{link}?small=1").mimetype == "image/jpeg"
    phone.post(f"{link}/removal")
    assert 'class="thumb"' not in phone.page(f"{case}/materials")


def test_a_wrong_file_is_refused_beside_its_material(phone: Phone) -> None:
    case = begin(phone)
    script = {"material": "id_card", "file": (io.BytesIO(b"<script>alert(1)</script>"), "x.jpg")}
    answer = phone.post(f"{case}/materials", data=script)
    assert answer.status_code in (415, 422)
    assert 'class="error"' in answer.text


def test_consents_need_every_tick(stranger: Phone, cast: Cast) -> None:
    from_nothing = stranger.enter(cast.resident("王㐂", 7))
    case = begin(from_nothing)
    fields = hidden(from_nothing.page(f"{case}/consents"))
    answer = from_nothing.post(f"{case}/consents", data={**fields, "identity": "yes"})
    assert answer.status_code == 422
    answer = from_nothing.post(f"{case}/consents", data={**fields, "identity": "yes", "family": "yes"})
    assert answer.status_code == 303

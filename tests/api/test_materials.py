"""Uploads over HTTP: what people send as files, and what comes back."""

from __future__ import annotations

import io

import pytest

from tests import files
from tests.api.desk import problem
from tests.api.house import Case, House, upload

BAD = {
    "gif": (files.GIF, "photo.jpg", 415),
    "svg": (files.SVG, "photo.svg", 415),
    "html": (files.HTML, "photo.jpg", 415),
    "exe": (files.EXE, "photo.pdf", 415),
    "eps": (files.EPS, "photo.png", 415),
    "psd": (files.PSD, "photo.psd", 415),
    "script": (files.SCRIPT, "photo.jpg", 415),
    "empty": (b"", "photo.jpg", 422),
    "truncated": (files.jpeg(900, 900)[:2000], "photo.jpg", 422),
    "header-only": (b"\xff\xd8\xff\xe0", "photo.jpg", 422),
    "bomb": (files.bomb_png(), "photo.png", 422),
    "fifty-megapixel": (files.bomb_png(7200), "photo.png", 422),
    "locked-pdf": (files.pdf(password="geheim"), "scan.pdf", 422),
    "21-pages": (files.pdf(21), "scan.pdf", 422),
    "broken-pdf": (b"%PDF-1.7\nnothing", "scan.pdf", 422),
}


@pytest.fixture(scope="module")
def drafts(whole_house: House) -> Case:
    """One draft for all files that are refused anyway."""
    return whole_house.resident().begin()


@pytest.mark.parametrize("name", list(BAD))
def test_file_that_is_no_document_is_refused_in_words_and_leaves_nothing(house: House, drafts: Case, name: str) -> None:
    content, filename, status = BAD[name]
    stored = house.runtime.settings.data_dir / "files"
    before = sorted(stored.rglob("*"))
    answer = drafts.upload(content, filename)
    assert problem(answer)[0] == status
    if status == 422:
        assert (answer.json or {})["code"] == "file_rejected"
    assert drafts.seen()["materials"] == []
    assert sorted(stored.rglob("*")) == before


@pytest.mark.parametrize("make", [files.jpeg, files.png, files.webp, files.heic, files.pdf, files.polyglot])
def test_good_file_comes_back_remade(house: House, make: object) -> None:
    case = house.resident().begin()
    answer = case.upload(make(), "x.exe")  # type: ignore[operator]
    assert answer.status_code == 201
    back = case.call("GET", f"/materials/{(answer.json or {})['id']}")
    assert back.data[:4] in (b"\xff\xd8\xff\xe0", b"\xff\xd8\xff\xdb", b"%PDF")
    for hidden in (b"<script", b"PK\x03\x04", files.COMMENT):
        assert hidden not in back.data


def test_place_and_comment_of_a_photo_are_gone(house: House) -> None:
    case = house.resident().begin()
    made = case.upload(files.telling_jpeg()).json or {}
    back = case.call("GET", f"/materials/{made['id']}").data
    assert b"Exif" not in back
    assert files.COMMENT not in back


def test_script_in_a_pdf_is_gone_or_refused(house: House) -> None:
    for content in (files.dangerous_pdf(), files.hidden_script_pdf()):
        case = house.resident().begin()
        answer = case.upload(content, "scan.pdf")
        if answer.status_code == 201:
            back = case.call("GET", f"/materials/{(answer.json or {})['id']}").data
            assert b"JavaScript" not in back
            assert b"/OpenAction" not in back
        else:
            assert problem(answer) == (422, "file_rejected")


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "a%0D%0ASet-Cookie: x=1.jpg", "名" * 300 + ".jpg", '"><script>.jpg', "con\u202egpj.exe", "."],
)
def test_name_of_a_file_is_harmless_on_the_way_out(house: House, name: str) -> None:
    case = house.resident().begin()
    answer = case.upload(files.jpeg(), name)
    assert answer.status_code == 201
    back = case.call("GET", f"/materials/{(answer.json or {})['id']}")
    given = back.headers["Content-Disposition"]
    assert given.startswith("attachment;")
    assert len(given) < 1200
    assert not {"\r", "\n", "<", "/", "\u202e"} & set(given.split("filename", 1)[1].replace("UTF-8''", ""))
    assert "Set-Cookie" not in back.headers


def test_served_file_has_no_rights(house: House) -> None:
    case = house.resident().begin()
    made = case.upload(files.jpeg()).json or {}
    headers = case.call("GET", f"/materials/{made['id']}").headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"


def test_more_than_10_mib_is_413(house: House) -> None:
    case = house.resident().begin()
    assert problem(case.upload(files.jpeg() + bytes(10 * 2**20))) == (413, "file_too_large")
    assert problem(case.upload(bytes(11 * 2**20))) == (413, "too_large")
    assert case.seen()["materials"] == []


def test_material_the_form_does_not_know_is_422(house: House) -> None:
    case = house.resident().begin()
    for material in ("family-photo", "../id_card", "x" * 500, "mandate-letter"):
        assert problem(case.upload(files.jpeg(), material=material)) == (422, "unknown_material")


def test_form_without_file_or_material_says_so(house: House) -> None:
    phone = house.resident()
    case = phone.begin()
    path = f"/applications/{case.id}/materials"
    nothing = phone.call("POST", path, data={"x": "y"}, content_type="multipart/form-data")
    assert problem(nothing) == (422, "invalid_input")
    assert set((nothing.json or {})["errors"]) == {"file", "material"}
    assert problem(phone.call("POST", path, {"file": "x"}))[0] in (400, 415)
    broken = phone.call("POST", path, data=b"--x\r\nnonsense", content_type="multipart/form-data; boundary=x")
    assert problem(broken)[0] in (400, 422)


def test_21st_file_is_422_and_removing_one_makes_room(house: House) -> None:
    phone = house.resident()
    case = phone.begin()
    answers = [case.upload(files.jpeg(40, 30)) for _ in range(21)]
    kept = [a for a in answers if a.status_code == 201]
    assert len(kept) <= 20
    assert problem(answers[-1])[0] == 422
    assert len(case.seen()["materials"]) == len(kept)
    assert case.call("DELETE", f"/materials/{(kept[0].json or {})['id']}").status_code == 204
    assert case.upload(files.jpeg()).status_code == 201


def test_upload_to_another_persons_case_is_404_before_it_is_read(house: House) -> None:
    case, stranger = house.resident().begin(), house.resident()
    assert problem(upload(stranger, case.id, files.EXE)) == (404, "not_found")


def test_clerk_gets_a_watermarked_copy_and_the_look_is_told(house: House) -> None:
    case = house.submitted()
    material = case.seen()["materials"][0]["id"]
    own = case.call("GET", f"/materials/{material}").data
    answer = house.clerk("cun").call("GET", f"/staff/applications/{case.number}/materials/{material}")
    assert answer.status_code == 200
    assert answer.data != own
    looks = (case.call("GET", "/looks").json or {})["items"]
    assert [look["post"] for look in looks] == ["村级核对岗"]
    assert problem(house.clerk("cun").call("GET", f"/applications/{case.id}/materials/{material}"))[0] == 401


def test_upload_that_breaks_off_is_refused_and_leaves_nothing(house: House) -> None:
    phone = house.resident()
    case = phone.begin()
    head = b'--x\r\nContent-Disposition: form-data; name="material"\r\n\r\nid_card\r\n--x\r\n'
    head += b'Content-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n' + files.jpeg(900, 900)[:3000]
    answer = phone.call(
        "POST",
        f"/applications/{case.id}/materials",
        input_stream=io.BytesIO(head),
        headers={"Content-Length": str(len(head) + 50_000)},
        content_type="multipart/form-data; boundary=x",
    )
    assert problem(answer)[0] in (400, 422)
    assert case.seen()["materials"] == []

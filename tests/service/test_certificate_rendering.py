"""PDF and picture: a phone reads them, the name stands in them, the same row gives the same bytes."""

from __future__ import annotations

import io
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from PIL import Image
from pypdf import PdfReader
from sqlalchemy import update

from backend.certificates import files, fonts, paper, phone, queries, rendering, sheet
from backend.certificates.queries import PDF, PNG
from backend.db import Database
from backend.gateways.seal import HttpSeal, NoSeal, SealUnavailable
from backend.gateways.storage import MemoryStorage
from backend.kernel.crypto import Vault
from backend.kernel.errors import NotFound, Unavailable
from backend.models.certificate import Certificate
from backend.models.resident import Resident
from tests import issued
from tests.clock import MONDAY
from tests.issued import BASE_URL, CASE, HOLDER


@pytest.fixture
def db(sqlite_database: Database, vault: Vault) -> Database:
    issued.people(sqlite_database, vault)
    return sqlite_database


@pytest.fixture
def storage() -> MemoryStorage:
    return MemoryStorage()


def render(db: Database, vault: Vault, storage: MemoryStorage, row: Certificate, seal: Any = None) -> bool:
    return rendering.render_certificate(
        db, vault, storage, seal or NoSeal(), certificate_id=row.id, base_url=BASE_URL, now=MONDAY
    )


def file(db: Database, vault: Vault, storage: MemoryStorage, row: Certificate, kind: str) -> bytes:
    with db.reading() as session:
        found = queries.file_of(session, vault, number=row.number, resident_id=HOLDER, kind=kind)
    return files.load(storage, found)


def rendered(db: Database, vault: Vault, storage: MemoryStorage, **changes: Any) -> tuple[Certificate, bytes, bytes]:
    row = issued.issue(db, vault, **changes)
    assert render(db, vault, storage, row)
    return row, file(db, vault, storage, row, PDF), file(db, vault, storage, row, PNG)


def text_of(pdf: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def scan(pdf: bytes, dpi: int = 150) -> list[str]:
    pages = pypdfium2.PdfDocument(pdf)
    image = pages[len(pages) - 1].render(scale=dpi / 72).to_pil()
    return [found.text for found in zxingcpp.read_barcodes(image.convert("L"))]


def a_sheet(name: str = issued.NAME, *, rows: int = 0, letters: int = 361) -> sheet.Sheet:
    """A page with the longest address a QR may have to hold."""
    lines = tuple((f"第{n}行", "很长的内容" * 20) for n in range(rows))
    link = f"{BASE_URL}/v/" + "aB3_" * (letters // 4 + 10)
    known = (("姓名", name), *lines)
    return sheet.Sheet("婚育情况证明", "HY-370402-2026-000045", known, "如下。", link, "", "K7PM2Q9X", "", "办", "日")


def test_certificate_pdf_scanned_at_150_dpi_holds_the_address(
    db: Database, vault: Vault, storage: MemoryStorage
) -> None:
    row, pdf, _ = rendered(db, vault, storage)
    assert scan(pdf) == [f"{BASE_URL}/v/{row.token}"]


def test_certificate_picture_as_a_screenshot_of_360_pixels_holds_the_address(
    db: Database, vault: Vault, storage: MemoryStorage
) -> None:
    row, _, png = rendered(db, vault, storage)
    image = Image.open(io.BytesIO(png))
    small = image.resize((360, round(image.height * 360 / image.width)), Image.Resampling.BILINEAR)
    assert [found.text for found in zxingcpp.read_barcodes(small)] == [f"{BASE_URL}/v/{row.token}"]


def test_longest_token_is_read_from_paper_and_from_a_screenshot() -> None:
    page = a_sheet()
    assert len(page.link) >= len(BASE_URL) + 403
    assert scan(paper.pdf(page)) == [page.link]
    image = Image.open(io.BytesIO(phone.png(page)))
    small = image.resize((360, round(image.height * 360 / image.width)), Image.Resampling.BILINEAR)
    assert [found.text for found in zxingcpp.read_barcodes(small)] == [page.link]


def test_certificate_pdf_says_name_code_and_what_it_is_not(db: Database, vault: Vault, storage: MemoryStorage) -> None:
    row, pdf, png = rendered(db, vault, storage)
    text = text_of(pdf)
    for words in (issued.NAME, issued.ID_NUMBER, row.number, issued.OFFICE, "2027年11月23日", "已婚", sheet.UNSEALED):
        assert words in text
    assert "核验码" in text
    assert len(pdf) <= 60_000
    assert png.startswith(b"\x89PNG")


def test_certificate_pdf_embeds_its_font(db: Database, vault: Vault, storage: MemoryStorage) -> None:
    _, pdf, _ = rendered(db, vault, storage)
    page: Any = PdfReader(io.BytesIO(pdf)).pages[0]
    used = [font.get_object() for font in page["/Resources"]["/Font"].values()]
    noto = [font for font in used if "NotoSans" in font["/BaseFont"]]
    assert noto
    assert all("/FontFile2" in font["/FontDescriptor"] for font in noto)


def test_rendering_twice_gives_the_same_bytes(db: Database, vault: Vault, storage: MemoryStorage) -> None:
    row, pdf, png = rendered(db, vault, storage)
    again = update(Certificate).values(rendered_at=None, pdf_key=None, png_key=None)
    db.transact(lambda session: session.execute(again) and None)
    assert render(db, vault, storage, row)
    assert (file(db, vault, storage, row, PDF), file(db, vault, storage, row, PNG)) == (pdf, png)
    assert len(storage.files) == 2


def test_rendering_in_another_process_gives_the_same_bytes() -> None:
    code = (
        "import sys; from tests.service.test_certificate_rendering import a_sheet, paper, phone; "
        "sys.stdout.buffer.write(paper.pdf(a_sheet()) + phone.png(a_sheet()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout == paper.pdf(a_sheet()) + phone.png(a_sheet())


def test_rendering_is_done_once_and_stored_encrypted(db: Database, vault: Vault, storage: MemoryStorage) -> None:
    row, *_ = rendered(db, vault, storage)
    assert not render(db, vault, storage, row)
    assert not any(b"%PDF" in content or b"PNG" in content for content in storage.files.values())


def test_rendering_killed_before_the_row_was_marked_is_simply_run_again(
    db: Database, vault: Vault, storage: MemoryStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = issued.issue(db, vault)
    with monkeypatch.context() as patch:
        patch.setattr(rendering, "_rendered", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            render(db, vault, storage, row)
    with pytest.raises(Unavailable):
        file(db, vault, storage, row, PDF)
    assert render(db, vault, storage, row)
    assert file(db, vault, storage, row, PDF).startswith(b"%PDF")


def test_rendering_for_an_erased_person_makes_nothing(db: Database, vault: Vault, storage: MemoryStorage) -> None:
    row = issued.issue(db, vault)
    db.transact(lambda session: session.execute(update(Resident).values(key="")) and None)
    assert not render(db, vault, storage, row)
    assert storage.files == {}
    with pytest.raises(NotFound):
        file(db, vault, storage, row, PDF)


def test_receipt_pdf_verifies_and_names_nobody(db: Database, vault: Vault, storage: MemoryStorage) -> None:
    row = issued.receipt(db, vault)
    assert rendering.render_receipt(db, vault, storage, receipt_id=row.id, base_url=BASE_URL, now=MONDAY)
    with db.reading() as session:
        found = queries.receipt_file(session, vault, application_id=CASE, resident_id=HOLDER)
        with pytest.raises(NotFound):
            queries.receipt_file(session, vault, application_id=CASE, resident_id=issued.STRANGER)
    pdf = files.load(storage, found)
    assert scan(pdf) == [f"{BASE_URL}/v/{row.token}"]
    assert row.number in text_of(pdf)
    assert issued.NAME not in text_of(pdf)


def test_rare_letters_are_drawn_or_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert {"㐂", "䶮", "龘"} <= set(text_of(paper.pdf(a_sheet("王㐂䶮龘"))))
    monkeypatch.setattr(fonts, "fallbacks", lambda: ())
    page = text_of(paper.pdf(a_sheet("王𠮷🐼")))
    assert "有 2 个字本机字库没有，原字：U+20BB7、U+1F43C" in page
    assert page.count("〓") == 2


@pytest.mark.skipif(not fonts.fallbacks(), reason="no other font is installed here")
def test_letter_of_extension_b_is_drawn_from_an_installed_font() -> None:
    with_it, without = (pypdfium2.PdfDocument(paper.pdf(a_sheet(name)))[0].render() for name in ("王𠮷", "王"))
    assert "本机字库没有" not in text_of(paper.pdf(a_sheet("王𠮷")))
    assert with_it.to_pil().tobytes() != without.to_pil().tobytes()


def test_long_certificate_goes_on_another_page_and_keeps_its_qr() -> None:
    page = a_sheet(rows=8)
    pdf = paper.pdf(page)
    assert len(PdfReader(io.BytesIO(pdf)).pages) > 1
    assert scan(pdf) == [page.link]
    assert "第7行" in text_of(pdf)


class _SealService(BaseHTTPRequestHandler):
    """Appends a mark to the PDF, or fails as the test asks."""

    status = 200

    def do_POST(self) -> None:
        pdf = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(self.status)
        self.end_headers()
        self.wfile.write(pdf + b"\n%sealed")

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def seal_service() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), _SealService) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/seal"
        server.shutdown()


def test_sealed_certificate_is_what_the_seal_service_gave(
    db: Database, vault: Vault, storage: MemoryStorage, seal_service: str
) -> None:
    row = issued.issue(db, vault)
    assert render(db, vault, storage, row, HttpSeal(seal_service))
    pdf = file(db, vault, storage, row, PDF)
    assert pdf.endswith(b"%sealed")
    assert sheet.UNSEALED not in text_of(pdf)


def test_seal_service_that_fails_leaves_nothing_to_serve(
    db: Database, vault: Vault, storage: MemoryStorage, seal_service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = issued.issue(db, vault)
    monkeypatch.setattr(_SealService, "status", 500)
    for url in (seal_service, "http://127.0.0.1:9/"):
        with pytest.raises(SealUnavailable):
            render(db, vault, storage, row, HttpSeal(url))
    with pytest.raises(Unavailable):
        file(db, vault, storage, row, PDF)


def test_web_process_imports_no_pdf_library_and_no_decoder() -> None:
    # qrcode imports Pillow's frame where it finds it; its decoders and everything heavy stay out.
    code = (
        "import sys, backend.certificates.queries, backend.certificates.service, backend.certificates.qr, "
        "backend.certificates.revocations, backend.certificates.files; "
        "heavy = ('reportlab', 'PIL.JpegImagePlugin', 'pillow_heif', 'pypdfium2', 'fontTools'); "
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

"""Documents from upload to destruction, on both engines."""

from __future__ import annotations

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.db import Database
from backend.documents import housekeeping, queries, service
from backend.documents.intake import Cleaned, Stored, discard, receive, store
from backend.documents.reading import read
from backend.gateways.scanner import NoScanner
from backend.gateways.storage import FileStorage, MemoryStorage
from backend.kernel.crypto import Seal, Unreadable, Vault
from backend.kernel.errors import Invalid, NotFound, Unavailable
from backend.kernel.ids import new_id
from backend.models.application import Application
from backend.models.document import Document
from tests import files
from tests.clock import MONDAY

OWNER: dict[str, Any] = {"owner_kind": "application", "owner_id": 7}
Add = Callable[..., int]


@pytest.fixture(params=["sqlite_database", "database"])
def db(request: pytest.FixtureRequest) -> Database:
    """Both engines."""
    found: Database = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def seal(vault: Vault) -> Seal:
    return vault.person(vault.new_person_key(1), 1)


@pytest.fixture
def storage() -> MemoryStorage:
    return MemoryStorage()


def cleaned_text(content: bytes = b"content") -> Cleaned:
    """What the sandbox would give, without starting it for every row."""
    return Cleaned(io.BytesIO(content), "image/jpeg", len(content), content.hex(), 120, 80, None)


@pytest.fixture
def add(db: Database, vault: Vault, seal: Seal, storage: MemoryStorage) -> Add:
    def run(content: bytes = b"content", **changes: Any) -> int:
        stored = store(cleaned_text(content), storage=storage, now=MONDAY)
        options = {**OWNER, "code": "id_card", "stored": stored, "name": "证.jpg", "revision": 0, "now": MONDAY}
        return db.transact(service.add, vault, seal, **{**options, **changes})

    return run


def test_document_goes_from_upload_to_reading(db: Database, vault: Vault, seal: Seal, tmp_path: Path) -> None:
    storage = FileStorage(tmp_path / "files")
    with receive(io.BytesIO(files.telling_jpeg()), workdir=tmp_path / "work", scanner=NoScanner()) as cleaned:
        stored = store(cleaned, storage=storage, now=MONDAY)
        content = b"".join(cleaned.chunks())
    made = db.transact(
        service.add, vault, seal, **OWNER, code="id_card", stored=stored, name="../x.jpg", revision=1, now=MONDAY
    )
    with db.reading() as session:
        card = queries.one(session, seal, **OWNER, document_id=made)
    assert (card.name, card.mime, card.size, card.width, card.height) == ("x.jpg", "image/jpeg", len(content), 120, 80)
    assert b"".join(read(storage, card)) == content


def test_document_lies_encrypted_in_the_storage(add: Add, storage: MemoryStorage) -> None:
    add(b"plain content of a card")
    (sealed,) = storage.files.values()
    assert b"plain" not in sealed


def test_document_row_holds_no_plain_value(db: Database, add: Add) -> None:
    add(name="王㐂的身份证.jpg")
    with db.reading() as session:
        name, file_key = session.execute(select(Document.name, Document.file_key)).one()
    assert name.startswith("v1|")
    assert file_key.startswith("v1|")


def test_document_of_another_is_not_found(db: Database, seal: Seal, add: Add) -> None:
    made = add()
    with db.reading() as session, pytest.raises(NotFound):
        queries.one(session, seal, owner_kind="application", owner_id=8, document_id=made)
    with pytest.raises(NotFound):
        db.transact(service.remove, owner_kind="application", owner_id=8, document_id=made, keep_until=None, now=MONDAY)


def test_document_does_not_open_with_another_persons_key(db: Database, vault: Vault, add: Add) -> None:
    made = add()
    stranger = vault.person(vault.new_person_key(2), 2)
    with db.reading() as session, pytest.raises(Unreadable):
        queries.one(session, stranger, **OWNER, document_id=made)


def test_document_21_is_refused_and_a_removed_one_makes_room(db: Database, add: Add) -> None:
    made = [add() for _ in range(service.MOST_PER_OWNER)]
    with pytest.raises(Invalid) as refused:
        add()
    assert refused.value.code == "too_many_files"
    db.transact(service.remove, **OWNER, document_id=made[0], keep_until=None, now=MONDAY)
    add()
    add(owner_id=8)


def application(session: Session) -> int:
    places = {"region": "370402001013", "village": "370402001013", "town": "370402001000", "county": "370402000000"}
    case = Application(
        id=new_id(MONDAY),
        service_item="migrant-proof",
        service_item_version=1,
        resident_id=1,
        answers="",
        created_at=MONDAY,
        updated_at=MONDAY,
        **places,
    )
    session.add(case)
    return case.id


def test_document_limit_holds_for_uploads_at_once(
    db: Database, vault: Vault, seal: Seal, storage: MemoryStorage
) -> None:
    case = db.transact(application)

    def attach(session: Session, stored: Stored) -> int:
        owner = session.get_one(Application, case, with_for_update=True)
        owner.updated_at = datetime.now(UTC)
        options = {"owner_kind": "application", "owner_id": case, "code": "x", "name": None, "revision": 0}
        return service.add(session, vault, seal, stored=stored, now=MONDAY, **options)

    def attempt(_: int) -> str:
        try:
            db.transact(attach, store(cleaned_text(), storage=storage, now=MONDAY))
        except Invalid as refused:
            return refused.code
        return "added"

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(attempt, range(26)))
    assert (outcomes.count("added"), outcomes.count("too_many_files")) == (20, 6)


def test_document_list_keeps_order_and_hides_removed_ones(db: Database, seal: Seal, add: Add) -> None:
    first, second = add(), add(code="photo", now=MONDAY + timedelta(minutes=1))
    db.transact(service.remove, **OWNER, document_id=first, keep_until=MONDAY + timedelta(days=30), now=MONDAY)
    with db.reading() as session:
        assert [card.id for card in queries.of(session, seal, **OWNER)] == [second]
        everything = queries.of(session, seal, **OWNER, with_removed=True)
    assert {card.id for card in everything} == {first, second}


def test_document_removed_twice_is_not_found(db: Database, add: Add) -> None:
    made = add()
    db.transact(service.remove, **OWNER, document_id=made, keep_until=None, now=MONDAY)
    with pytest.raises(NotFound):
        db.transact(service.remove, **OWNER, document_id=made, keep_until=None, now=MONDAY)


def test_document_index_is_the_same_for_the_same_content(db: Database, seal: Seal, add: Add) -> None:
    for content in (b"one", b"one", b"two"):
        add(content)
    with db.reading() as session:
        one, again, two = (card.sha256_index for card in queries.of(session, seal, **OWNER))
    assert len({one, again, two}) == 2


def test_document_purge_destroys_row_key_and_file(db: Database, add: Add, storage: MemoryStorage) -> None:
    kept = add(b"kept", code="photo")
    removed = add(b"removed")
    db.transact(service.remove, **OWNER, document_id=removed, keep_until=MONDAY + timedelta(days=1), now=MONDAY)
    assert db.transact(service.purge_due, now=MONDAY) == []
    keys = db.transact(service.purge_due, now=MONDAY + timedelta(days=1))
    assert housekeeping.delete(storage, keys) == 1
    with db.reading() as session:
        assert list(session.scalars(select(Document.id))) == [kept]
    assert len(storage.files) == 1


def test_document_purge_can_be_set_for_some_materials_and_only_earlier(db: Database, add: Add) -> None:
    add(code="id_card")
    add(code="photo")
    day = MONDAY + timedelta(days=30)
    assert db.transact(service.schedule_purge, **OWNER, at=day, codes=["id_card"]) == 1
    assert db.transact(service.schedule_purge, **OWNER, at=day + timedelta(days=1)) == 1
    assert len(db.transact(service.purge_due, now=day)) == 1
    assert len(db.transact(service.purge_due, now=day + timedelta(days=1))) == 1


def test_document_that_is_discarded_leaves_no_file(storage: MemoryStorage) -> None:
    stored = store(cleaned_text(), storage=storage, now=MONDAY)
    discard(stored, storage=storage)
    assert storage.files == {}


def test_document_orphans_are_removed_and_known_files_stay(db: Database, add: Add, storage: MemoryStorage) -> None:
    add()
    store(cleaned_text(), storage=storage, now=MONDAY)

    def without_row(keys: list[str]) -> list[str]:
        with db.reading() as session:
            return housekeeping.unknown(session, keys)

    assert housekeeping.orphans(storage, without_row) == 1
    assert len(storage.files) == 1


@pytest.mark.parametrize("harm", ["gone", "changed", "swapped"])
def test_document_that_was_tampered_with_is_not_shown(
    harm: str, db: Database, seal: Seal, add: Add, storage: MemoryStorage
) -> None:
    made, other = add(b"mine"), add(b"other")
    with db.reading() as session:
        card, strange = (queries.one(session, seal, **OWNER, document_id=number) for number in (made, other))
    if harm == "gone":
        storage.delete(card.storage_key)
    else:
        sealed = storage.files[strange.storage_key if harm == "swapped" else card.storage_key]
        storage.files[card.storage_key] = sealed if harm == "swapped" else sealed[:-1] + bytes([sealed[-1] ^ 1])
    with pytest.raises(Unavailable) as refused:
        read(storage, card)
    assert refused.value.code == "file_unavailable"

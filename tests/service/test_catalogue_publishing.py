"""Publishing on MariaDB: atomic, versioned by content, kept for the cases that began with it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import orjson
import pytest

from backend.catalogue import changes, queries, search, service, stored
from backend.catalogue.definition import ItemDefinition
from backend.db import Database
from backend.kernel.errors import NotFound
from backend.models.catalogue import ServiceItemVersion
from tests.catalogue_samples import NOW, changed, item, three_levels

OTHER = changed(('code = "small"', 'code = "other"'), ('name = "小事项"', 'name = "婚育情况证明"'))


def publish(database: Database, *items: ItemDefinition, phone: str = "0632-12345") -> list[service.Published]:
    return database.transact(service.publish, definitions=items, phone=phone, now=NOW)


def current(database: Database, code: str = "small", version: int | None = None) -> ItemDefinition:
    with database.reading() as session:
        return queries.definition(session, code, version)


def test_same_content_is_no_new_version(database: Database) -> None:
    assert publish(database, item()) == [service.Published("small", 1, changed=True)]
    assert publish(database, item()) == [service.Published("small", 1, changed=False)]


def test_other_phone_is_a_new_version_because_people_read_it(database: Database) -> None:
    publish(database, item())
    assert publish(database, item(), phone="0632-54321")[0].version == 2


def test_case_keeps_the_version_it_began_with(database: Database) -> None:
    publish(database, item())
    publish(database, item(three_levels()))
    assert current(database).levels == ("village", "town", "county")
    assert current(database, version=1).levels == ("village", "town")


def test_three_level_item_is_published_from_text(database: Database) -> None:
    publish(database, item(three_levels()))
    read = current(database)
    assert (read.version, read.promised_days, read.legal_days) == (1, 3, 15)
    assert (read.field("children").max, read.certificate and read.certificate.validity_months) == (20, 12)


@pytest.mark.parametrize(("code", "version"), [("gone", None), ("small", 2), ("small", 0)])
def test_unknown_item_or_version_is_not_found(database: Database, code: str, version: int | None) -> None:
    publish(database, item())
    with pytest.raises(NotFound):
        current(database, code, version)


def test_failure_in_the_middle_publishes_nothing(database: Database) -> None:
    def command(session: Any, now: datetime) -> None:
        service.publish(session, definitions=[item()], phone="1", now=now)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        database.transact(command, NOW)
    with database.reading() as session:
        assert session.query(ServiceItemVersion).count() == 0


def test_two_publishers_at_once_make_one_version_each(database: Database) -> None:
    items = [item(changed(('summary = "一句话"', f'summary = "第 {number} 句"'))) for number in range(4)]
    with ThreadPoolExecutor(4) as pool:
        outcome = list(pool.map(lambda one: publish(database, one)[0].version, items))
    assert sorted(outcome) == [1, 2, 3, 4]


def test_stored_guide_speaks_both_languages(database: Database) -> None:
    publish(database, item())
    kept = stored.guide(database, database.reading, "small")
    chinese, english = orjson.loads(kept.content), orjson.loads(kept.content_en)
    assert (chinese["name"], english["name"]) == ("小事项", "Small item")
    assert english["form"]["fields"][0]["options"][1]["label"] == "Married"
    assert "label_en" not in kept.content.decode()
    assert chinese["guide"]["complaint_phone"] == "12345"
    assert chinese["guide"]["local_phone"] == "0632-12345"


def test_stored_guide_is_renewed_by_publishing(database: Database) -> None:
    publish(database, item())
    assert stored.guide(database, database.reading, "small").version == 1
    publish(database, item(three_levels()))
    assert stored.guide(database, database.reading, "small").version == 2


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("小事项", ["small"]),
        ("别名", ["other", "small"]),
        ("ＳＭＡＬＬ", ["other", "small"]),
        ("婚育 别名", ["other"]),
        ("要花钱", ["other", "small"]),
        ("%", []),
        ("_", []),
    ],
)
def test_search_takes_words_literally(database: Database, words: str, found: list[str]) -> None:
    publish(database, item(), item(OTHER))
    items = [current(database, code) for code in ("other", "small")]
    assert [one.code for one in search.find(items, words=words)] == found


def test_search_keeps_to_the_regions_of_an_item() -> None:
    local = item(changed(('consents = ["identity"]', 'consents = ["identity"]\nregions = ["44"]')))
    assert search.find([local], region="370402000000") == []
    assert search.find([local], region="440100000000") == [local]


def test_changes_match_questions_by_name() -> None:
    before, after = item().source, item(changed(("max = 20", "max = 30"))).source
    assert [(c.path, c.before, c.after) for c in changes.changes(before, after)] == [("fields.children.max", 20, 30)]

"""Service items as data: whatever is uploaded is answered in words, nothing is published by two at once."""

from __future__ import annotations

import threading
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st
from sqlalchemy import select, update

from backend.administration import items
from backend.administration.policy import Administrator
from backend.catalogue import files, queries, stored
from backend.catalogue.reader import plain
from backend.catalogue.writing import written
from backend.kernel.errors import Problem
from backend.models.administration import JournalLine
from backend.models.catalogue import ServiceItemVersion
from tests.people import CONFIG, COUNTY, TOWN, Cast

ADMIN = Administrator(1, "county", COUNTY, "管理岗")
FILE = CONFIG / "catalogue" / "migrant-proof.toml"
TEXT = FILE.read_text(encoding="utf-8")
CHANGED = TEXT.replace("draft_days = 90", "draft_days = 60")


def read(cast: Cast, content: bytes | str) -> Any:
    return items.read(content, purposes=cast.purposes, now=cast.clock())


def publish(cast: Cast, content: str = CHANGED, base: int = 1, admin: Administrator = ADMIN, **more: Any) -> int:
    definition, text = read(cast, content)
    given = {"admin": admin, "definition": definition, "text": text, "base": base, "phone": "0632-12345"}
    return int(cast.run(items.publish, now=cast.clock(), **given, **more))


def faults(cast: Cast, content: bytes | str) -> list[tuple[int, str]]:
    with pytest.raises(Problem) as refused:
        read(cast, content)
    assert refused.value.code == "invalid_definition"
    found: Any = refused.value.extra["faults"]
    return [(one["line"], one["message"]) for one in found]


def cycle() -> str:
    """Two questions that each ask for the answer of the other."""
    first, second, rest = TEXT.partition("[[fields]]")[0], TEXT.split("[[fields]]")[1], TEXT.split("[[fields]]")[2:]
    name = tomllib.loads("[[fields]]" + rest[0].partition("[[materials]]")[0])["fields"][0]["name"]
    second = second.rstrip() + f'\nwhen = {{ field = "{name}", is = true }}\n\n'
    return first + "[[fields]]" + second + "".join("[[fields]]" + one for one in rest)


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (TEXT.encode("gbk", "replace"), "UTF-8"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"x" * (files.LARGEST + 1), "文件太大"),
        ("a = " + "[" * 50_000, "嵌套太深"),
        ("a = " + "[\n" * 50_000, "嵌套太深"),
        ("a" + ".a" * 50_000 + " = 1", "嵌套太深"),
        ("a = 1" + "0" * 6000, "整数太长"),
        ("a = [", "不符合 TOML 格式"),
        ('a = "\\u0000"', "控制字符"),
        ("a = '\u200b'", "控制字符"),
        ("a = 1.5", "不能写 1.5"),
        ("a = nan", "不能写 nan"),
        ("", "code"),
    ],
)
def test_file_that_cannot_be_read_is_refused_in_words(cast: Cast, content: bytes | str, word: str) -> None:
    assert any(word in message for _, message in faults(cast, content))


def test_circle_of_conditions_is_refused_with_its_line(cast: Cast) -> None:
    text = cycle()
    ((line, message),) = [one for one in faults(cast, text) if "后面才问" in one[1]]
    assert "when" in text.splitlines()[line - 1], message


def test_every_fault_is_told_at_once(cast: Cast) -> None:
    wrong = TEXT.replace("draft_days = 90", "draft_days = 9999").replace('kind = "application"', 'kind = "x"')
    assert len(faults(cast, wrong)) >= 2


def test_difference_is_told_by_part(cast: Cast) -> None:
    changed = CHANGED.replace("promised = 3", "promised = 2")
    definition, _ = read(cast, changed)
    with cast.db.reading() as session:
        found = items.difference(session, definition)
    assert found.current == 1
    assert set(found.parts()) == {"deadline", "other"}


def test_publishing_reaches_every_reader_and_the_journal(cast: Cast) -> None:
    stored.items(cast.db, cast.db.reading)
    assert publish(cast) == 2
    assert [item.version for item in stored.items(cast.db, cast.db.reading)] == [2]
    with cast.db.reading() as session:
        assert queries.definition(session, "migrant-proof", 1).version == 1, "a case keeps the version it began with"
        assert items.source(session, "migrant-proof", 2) == CHANGED
        assert session.scalars(select(JournalLine.subject)).all() == ["migrant-proof 2"]


def test_same_content_is_no_new_version(cast: Cast) -> None:
    with pytest.raises(Problem, match="not_changed"):
        publish(cast, TEXT)


def test_going_back_publishes_the_old_content_anew(cast: Cast) -> None:
    publish(cast)
    with cast.db.reading() as session:
        old = items.source(session, "migrant-proof", 1)
    assert publish(cast, old, base=2, act="item.rollback") == 3
    with cast.db.reading() as session:
        assert (
            queries.definition(session, "migrant-proof").source
            == queries.definition(session, "migrant-proof", 1).source
        )
        assert [(one.version, one.current) for one in items.versions(session, "migrant-proof")] == [
            (3, True),
            (2, False),
            (1, False),
        ]


def test_of_two_administrators_at_once_one_is_told(cast: Cast) -> None:
    outcomes: list[Any] = []

    def go(days: int) -> None:
        try:
            outcomes.append(publish(cast, TEXT.replace("draft_days = 90", f"draft_days = {days}")))
        except Problem as problem:
            outcomes.append(problem.code)

    threads = [threading.Thread(target=go, args=(days,)) for days in (50, 40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes, key=str) == [2, "changed_meanwhile"]


def test_items_belong_to_the_county(cast: Cast) -> None:
    with pytest.raises(Problem, match="county_only"):
        publish(cast, admin=Administrator(2, "town", TOWN, "管理岗"))


@pytest.mark.parametrize("path", sorted((CONFIG / "catalogue").glob("*.toml")), ids=lambda path: path.stem)
def test_text_that_was_not_kept_is_written_anew(cast: Cast, path: Path) -> None:
    content = plain(tomllib.loads(path.read_text(encoding="utf-8")))
    assert plain(tomllib.loads(written(content))) == content
    cast.run(lambda session: session.execute(update(ServiceItemVersion).values(source_text=None, definition=content)))
    with cast.db.reading() as session:
        assert plain(tomllib.loads(items.source(session, "migrant-proof", 1))) == content


KEYS = st.text("abcz-_09 .中\"'", min_size=1, max_size=6)
VALUES = st.recursive(
    st.booleans() | st.integers(-(2**40), 2**40) | st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(KEYS, VALUES, max_size=5))
@settings(max_examples=300, deadline=None)
def test_what_is_written_reads_back(tree: dict[str, Any]) -> None:
    assert tomllib.loads(written(tree)) == tree

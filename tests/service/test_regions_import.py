"""Importing places: everything or nothing, with the line of each mistake; offices beside them."""

from __future__ import annotations

import pytest

from backend.catalogue import queries
from backend.catalogue.region_file import RegionFileError, read_rows
from backend.catalogue.regions import Imported, import_regions, office_name
from backend.db import Database
from backend.kernel.errors import Invalid
from backend.models.region import Region
from config.settings import ROOT

DISTRICT = (ROOT / "config" / "regions" / "370402.csv").read_bytes()
HEAD = "code,name,level,parent\n370000000000,山东省,province,\n370400000000,枣庄市,city,370000000000\n"


def bring(database: Database, content: bytes = DISTRICT) -> Imported:
    return database.transact(import_regions, content=content, phone="0632-12345")


def test_district_has_eleven_towns_and_their_villages(database: Database) -> None:
    assert bring(database) == Imported(184, 0, 0, 182)
    with database.reading() as session:
        towns = [queries.regions(session, parent=code) for code in ("370402", "370402000", "370402000000")]
        assert [len(found) for found in towns] == [11, 11, 11]
        assert sum(len(queries.regions(session, parent=town.code)) for town in towns[0]) == 170
        assert [region.code for region in queries.regions(session, parent=None)] == ["370000000000"]


def test_second_import_changes_nothing(database: Database) -> None:
    bring(database)
    assert bring(database) == Imported(0, 0, 184, 0)


def test_renamed_region_is_changed_and_its_office_kept(database: Database) -> None:
    bring(database)
    renamed = DISTRICT.decode().replace("铁西居委会", "铁西新居委会").encode()
    assert bring(database, renamed) == Imported(0, 1, 183, 0)
    with database.reading() as session:
        assert queries.office(session, "370402001013").name == "铁西居委会"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("370402000000,市中区,county,379900000000", "没有上级"),
        ("370402000000,市中区,county,", "没有上级"),
        ("370402000000,市中区,county,370000000000", "上级应该是 city"),
        ("370502000000,东营区,county,370400000000", "不在上级"),
        ("370400000000,枣庄市,city,370000000000", "已经有了"),
        ("37040200000,市中区,county,370400000000", "12 位"),
        ("３70402000000,市中区,county,370400000000", "12 位"),
        ("370402000000,市中区,town,370400000000", "不一致"),
        ("370402000000,市中区,district,370400000000", "level 只能是"),
        ("370402000000,,county,370400000000", "请填写"),
        ("370402000000,市\u202e中区,county,370400000000", "控制字符"),
        ("370402000000,市中区,county", "4 列"),
        ('370402000000,"市中区,county,370400000000', "CSV"),
    ],
)
def test_wrong_line_is_named_and_nothing_is_imported(database: Database, line: str, words: str) -> None:
    with pytest.raises(RegionFileError) as refused:
        bring(database, (HEAD + line + "\n").encode())
    assert [number for number, message in refused.value.faults if words in message] == [4]
    with database.reading() as session:
        assert session.query(Region).count() == 0


def test_gbk_file_is_refused_at_its_first_wrong_line() -> None:
    with pytest.raises(RegionFileError) as refused:
        read_rows(HEAD.encode("gbk"), known={})
    assert refused.value.faults[0][0] == 2


@pytest.mark.parametrize("content", [b"", b"code,name\n", b"code,name,level,parent\n"])
def test_file_without_rows_is_refused(content: bytes) -> None:
    with pytest.raises(RegionFileError):
        read_rows(content, known={})


@pytest.mark.parametrize(
    ("name", "level", "office"),
    [
        ("市中区", "county", "市中区卫生健康局"),
        ("中心街街道", "town", "中心街街道办事处"),
        ("税郭镇", "town", "税郭镇人民政府"),
        ("铁西居委会", "village", "铁西居委会"),
        ("南园村村民委员会", "village", "南园村村民委员会"),
        ("幸福社区", "village", "幸福社区居委会"),
        ("张林村", "village", "张林村委会"),
    ],
)
def test_office_is_named_as_people_call_it(name: str, level: str, office: str) -> None:
    assert office_name(name, level) == office


def test_offices_of_a_village_are_its_own_and_those_above(database: Database) -> None:
    bring(database)
    with database.reading() as session:
        names = [card.name for card in queries.offices(session, region="370402001013")]
        assert names == ["市中区卫生健康局", "中心街街道办事处", "铁西居委会"]
        assert queries.office(session, "370402001999").name == "中心街街道办事处"


@pytest.mark.parametrize("code", ["370402001999", "370400000000", "37040200101", "370402", "３70402001013", "%"])
def test_place_that_is_none_is_refused(database: Database, code: str) -> None:
    bring(database)
    with database.reading() as session, pytest.raises(Invalid):
        queries.check_region(session, code)


def test_ancestors_are_padded_codes() -> None:
    village, town = queries.ancestors("370402001013"), queries.ancestors("370402001000")
    assert (village.village, village.town, village.county) == ("370402001013", "370402001000", "370402000000")
    assert (town.village, town.town, town.county) == ("", "370402001000", "370402000000")

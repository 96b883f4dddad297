"""What publishing refuses, each with the line where it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.catalogue import files
from config.settings import ROOT
from tests.catalogue_samples import NOW, PURPOSES, SMALL, changed, item, three_levels

CONSENTS = frozenset({"identity", "family", "children", "health", "bank", "sharing", "delivery"})


def complaints(text: str) -> list[files.Complaint]:
    with pytest.raises(files.RefusedError) as refused:
        item(text)
    return refused.value.complaints


def line_in(text: str, words: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if words in line)


WHEN = 'when = { field = "marital_status", is = "married" }'
CASES = [
    ("unknown key", "fee = 0", "fee = 0\nprice = 3", "price", "不认识“price”"),
    ("unknown field key", "max = 5", "max = 5\nmaximum = 5", "maximum", "不认识“maximum”"),
    ("rule on a missing field", WHEN, 'when = { field = "gone", is = "x" }', "gone", "没有“gone”这个问题"),
    (
        "rule on a later field",
        WHEN,
        'when = { field = "children", min = 1 }',
        'when = { field = "children"',
        "后面才问",
    ),
    ("rule on itself", WHEN, 'when = { field = "spouse_name", is = "x" }', '"spouse_name", is', "后面才问"),
    ("rule of a wrong type", WHEN, 'when = { field = "marital_status", is = 1 }', "is = 1", "不会有 1"),
    ("rule with a wrong option", WHEN, 'when = { field = "marital_status", is = "wed" }', "wed", "不会有 'wed'"),
    ("operator of another type", WHEN, 'when = { field = "marital_status", min = 1 }', "min = 1 }", "不能用 min"),
    ("rule in another form", WHEN, 'when = "married"', 'when = "married"', "条件要写成"),
    ("unknown level", 'level = "town"', 'level = "city"', "city", "village、town、county"),
    ("level twice", 'level = "town"', 'level = "village"', None, "到不了"),
    ("unknown type", 'type = "integer"', 'type = "number"', "number", "type 只能是"),
    ("unknown mode", 'mode = "deferrable"', 'mode = "later"', "later", "mode 只能是"),
    ("limits the wrong way", "max = 20", "max = -1", "max = -1", "min 不能比 max 大"),
    ("limit of another type", 'max = "today"', "max = 3", "max = 3", "写得不对"),
    ("duplicate field", 'name = "children"', 'name = "spouse_name"', None, "写了两次"),
    ("material named like a field", 'code = "id_card"', 'code = "children"', None, "已经是一个问题"),
    ("unknown consent", 'consents = ["identity"]', 'consents = ["nothing"]', "nothing", "没有“nothing”"),
    ("unknown answer on the certificate", 'shows = ["marital_status"]', 'shows = ["gone"]', "gone", "没有“gone”"),
    ("example of a wrong type", "children = 0\n", "children = true\n", "children = true", "整数"),
    ("example without an answer", "children = 0\n", "", "[example]", "请填写"),
    (
        "example with a hidden answer",
        "children = 0\n",
        'children = 0\nspouse_name = "x"\n',
        'spouse_name = "x"',
        "不会出现",
    ),
    ("example that is not eligible", "children = 0\n", "children = 11\n", "[example]", "太多了"),
    ("fee", "fee = 0", "fee = 5", "fee = 5", "fee 要写"),
    ("promise beyond the law", "legal = 15", "legal = 2", "[deadline]", "不能超过法定"),
    ("missing English", 'name_en = "Small item"\n', "", None, "name_en"),
    ("fraction", "visits = 0", "visits = 0.5", None, "不能写 0.5"),
    ("syntax", "visits = 0", "visits = = 0", "visits = = 0", "不符合 TOML 格式"),
    ("key twice", "visits = 0", "visits = 0\nvisits = 1", "visits = 1", "不符合 TOML 格式"),
    ("closed without words", 'kind = "application"', 'kind = "application"\nopen = false', "[guide]", "online"),
]


@pytest.mark.parametrize(("before", "after", "at", "words"), [case[1:] for case in CASES], ids=[c[0] for c in CASES])
def test_mistake_is_refused_with_its_line(before: str, after: str, at: str | None, words: str) -> None:
    text = changed((before, after))
    found = complaints(text)
    assert words in " ".join(complaint.message for complaint in found)
    if at:
        assert line_in(text, at) in {complaint.line for complaint in found if words in complaint.message}


def test_all_mistakes_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(changed(("fee = 0", "fee = 5"), ('kind = "application"', 'kind = "game"')))
    (tmp_path / "b.toml").write_bytes('name = "中"'.encode("gbk"))
    with pytest.raises(files.RefusedError) as refused:
        files.load(tmp_path, purposes=PURPOSES, now=NOW)
    assert [Path(c.file).name for c in refused.value.complaints] == ["a.toml", "a.toml", "b.toml"]


def test_one_code_in_two_files_is_refused(tmp_path: Path) -> None:
    for name in ("a.toml", "b.toml"):
        (tmp_path / name).write_text(SMALL)
    with pytest.raises(files.RefusedError, match="已经在"):
        files.load(tmp_path, purposes=PURPOSES, now=NOW)


def test_three_level_item_has_its_levels_in_order() -> None:
    assert item(three_levels()).levels == ("village", "town", "county")


def test_every_shipped_item_is_publishable() -> None:
    items = {d.code: d for d in files.load(ROOT / "config" / "catalogue", purposes=CONSENTS, now=NOW)}
    assert len(items) == 10
    proof = items["migrant-proof"]
    assert (proof.levels, proof.promised_days, proof.cosign) == (("village", "town"), 3, "optional")
    assert proof.certificate
    assert proof.certificate.validity_months == 12
    assert (proof.materials[0].code, proof.materials[0].needed) == ("id_card", True)
    assert [m.code for m in proof.materials if m.mode in ("required", "deferrable")] == ["id_card"]
    assert [d.code for d in items.values() if not d.workflow and d.open] == ["contraceptive-supply"]


def test_checkup_lists_the_nineteen_items() -> None:
    items = {d.code: d for d in files.load(ROOT / "config" / "catalogue", purposes=CONSENTS, now=NOW)}
    assert len(items["checkup"].source["guide"]["items"]) == 19

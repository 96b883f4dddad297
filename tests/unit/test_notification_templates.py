"""Templates as data: what may stand in them, and that ours keep it."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from backend.notifications.templates import WrongTemplate, load, spoken, templates
from workers import registry

GOOD = """
[params]
code = "text"
[sms.zh]
text = "验证码 {code}"
[sms.en]
text = "Code {code}"
"""


def refused(tmp_path: Path, text: str) -> str:
    path = tmp_path / "wrong.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(WrongTemplate) as error:
        load(path)
    return str(error.value)


def test_template_with_unknown_placeholder_is_refused(tmp_path: Path) -> None:
    assert "unknown placeholder {name}" in refused(tmp_path, GOOD.replace("码 {code}", "码 {code}{name}"))


@pytest.mark.parametrize("place", ["{code.__class__}", "{code!r}", "{code:>9}", "{}"])
def test_template_with_anything_but_a_name_is_refused(tmp_path: Path, place: str) -> None:
    assert "unknown placeholder" in refused(tmp_path, GOOD.replace("Code {code}", "Code " + place))


def test_template_with_a_parameter_nobody_reads_is_refused(tmp_path: Path) -> None:
    assert "never used" in refused(tmp_path, GOOD.replace("[sms.zh]", 'other = "text"\n[sms.zh]'))


@pytest.mark.parametrize("word", ["孕检", "乙肝", "婚育", "health", "Pregnancy"])
def test_text_message_with_a_health_word_is_refused(tmp_path: Path, word: str) -> None:
    assert "must not say" in refused(tmp_path, GOOD.replace("验证码", word))


def test_template_without_english_is_refused(tmp_path: Path) -> None:
    assert "zh and en" in refused(tmp_path, GOOD[: GOOD.index("[sms.en]")])


def test_missing_value_is_refused_when_rendering() -> None:
    with pytest.raises(WrongTemplate, match="code"):
        templates()["sms_code"].render("sms", {})


@pytest.mark.parametrize("name", ["sms_code", "second_step_code"])
def test_sms_code_holds_exactly_one_run_of_digits(name: str) -> None:
    for said in templates()[name].render("sms", {"code": "012345"}).values():
        assert re.findall(r"\d+", said["text"]) == ["012345"]


CLAUSE = """
[params]
code = "text"
where = "words"
days = "dates"
[optional.at]
when = "where"
zh = "（{where}）"
en = " ({where})"
[sms.zh]
text = "验证码 {code}{at}"
[sms.en]
text = "Code {code}{at}"
"""


def test_clause_is_said_where_its_value_is_known_and_in_each_language(tmp_path: Path) -> None:
    path = tmp_path / "clause.toml"
    path.write_text(CLAUSE.replace('days = "dates"\n', ""), encoding="utf-8")
    template, place = load(path), {"zh": "甲站", "en": "Station A"}
    assert template.render("sms", {"code": "1"}) == {"zh": {"text": "验证码 1"}, "en": {"text": "Code 1"}}
    said = template.render("sms", {"code": "1", "where": place})
    assert said == {"zh": {"text": "验证码 1（甲站）"}, "en": {"text": "Code 1 (Station A)"}}
    with pytest.raises(WrongTemplate, match="where"):
        template.render("sms", {"code": "1", "where": "甲站"})


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (CLAUSE, "days: never used"),
        (CLAUSE.replace("{where}）", "{street}）"), "unknown placeholder {street}"),
        (CLAUSE.replace('when = "where"', 'when = "nobody"'), "unknown placeholder {nobody}"),
        (CLAUSE.replace('en = " ({where})"\n', ""), "must have when, zh and en"),
        (CLAUSE.replace("{code}{at}", "{code}{days}"), "at: never used"),
        (CLAUSE.replace("（{where}）", "（{where}孕检）").replace('days = "dates"\n', ""), "must not say 孕"),
    ],
)
def test_clause_that_could_not_be_said_is_refused(tmp_path: Path, wrong: str, reason: str) -> None:
    assert reason in refused(tmp_path, wrong)


def test_days_are_said_one_after_the_other() -> None:
    days = (date(2026, 12, 1), date(2026, 12, 3))
    assert spoken(days, "zh") == "12 月 1 日（周二）、12 月 3 日（周四）"
    assert spoken(days, "en") == "Tuesday 1 December, Thursday 3 December"


def test_every_topic_that_tells_has_an_inbox_template_and_the_other_way_round() -> None:
    telling = {topic.name for topic in registry.TOPICS.values() if topic.handler == "workers.notify:tell"}
    inbox = {name for name, template in templates().items() if "inbox" in template.channels}
    assert telling <= inbox
    assert inbox <= set(registry.TOPICS)


def test_templates_keep_the_words_of_the_house() -> None:
    for template in templates().values():
        for languages in template.channels.values():
            spoken = "".join(languages["zh"].values())
            assert not re.search("[!！]|非法|您的申请已流转", spoken), template.name

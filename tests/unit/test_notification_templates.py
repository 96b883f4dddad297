"""Templates as data: what may stand in them, and that ours keep it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from backend.notifications.templates import WrongTemplate, load, templates
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

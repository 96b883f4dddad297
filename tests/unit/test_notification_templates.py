"""Templates as data: what may stand in them, and that ours keep it."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from backend.kernel import sms_parts
from backend.notifications import kinds
from backend.notifications.wording.speaking import spoken
from backend.notifications.wording.template import WrongTemplate
from backend.notifications.wording.templates import load, templates, versions
from backend.notifications.wording.wechat_fields import WrongWechatTemplate, wechat_templates
from workers import registry

GOOD = """
kind = "security"
[params]
code = "text"
[sms.zh]
text = "验证码 {code}"
[sms.en]
text = "Code {code}"
"""
CARD = """
kind = "booking"
[params]
on = "date"
at = "text"
[wechat]
template = "visit"
[wechat.zh]
subject = "您的预约快到了"
time = "{on} {at}"
note = "打开看"
[wechat.en]
subject = "Your visit is soon"
time = "{on} {at}"
note = "Open to see"
[sms.zh]
text = "您 {on} {at} 有预约： {page}"
[sms.en]
text = "Your visit: {on}, {at}: {page}"
"""


def written(tmp_path: Path, text: str, version: str = "1") -> Path:
    path = tmp_path / f"{version}.toml"
    path.write_text(text, encoding="utf-8")
    return path


def refused(tmp_path: Path, text: str) -> str:
    with pytest.raises(WrongTemplate) as error:
        load(written(tmp_path, text))
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
kind = "security"
[params]
code = "text"
at = "text"
days = "dates"
[optional.until]
when = "at"
zh = "（{at}）"
en = " ({at})"
[sms.zh]
text = "验证码 {code}{until}"
[sms.en]
text = "Code {code}{until}"
"""


def test_clause_is_said_where_its_value_is_known_and_in_each_language(tmp_path: Path) -> None:
    template = load(written(tmp_path, CLAUSE.replace('days = "dates"\n', "")))
    assert template.render("sms", {"code": "1"}) == {"zh": {"text": "验证码 1"}, "en": {"text": "Code 1"}}
    said = template.render("sms", {"code": "1", "at": "8:30"})
    assert said == {"zh": {"text": "验证码 1（8:30）"}, "en": {"text": "Code 1 (8:30)"}}
    assert template.said_in_order("sms", {"code": "1", "at": "8:30"}, "en") == ("1", " (8:30)")
    with pytest.raises(WrongTemplate, match="at"):
        template.render("sms", {"code": "1", "at": date(2026, 12, 1)})


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (CLAUSE, "days: never used"),
        (CLAUSE.replace("{at}）", "{street}）"), "unknown placeholder {street}"),
        (CLAUSE.replace('when = "at"', 'when = "nobody"'), "unknown placeholder {nobody}"),
        (CLAUSE.replace('en = " ({at})"\n', ""), "must have when, zh and en"),
        (CLAUSE.replace("{code}{until}", "{code}{days}"), "until: never used"),
        (CLAUSE.replace("（{at}）", "（{at}孕检）").replace('days = "dates"\n', ""), "must not say 孕"),
    ],
)
def test_clause_that_could_not_be_said_is_refused(tmp_path: Path, wrong: str, reason: str) -> None:
    assert reason in refused(tmp_path, wrong)


@pytest.mark.parametrize(
    ("right", "wrong", "reason"),
    [
        ('template = "visit"', 'template = "gone"', "unknown template gone"),
        ('note = "打开看"', "", "must have subject, time, note"),
        ('note = "打开看"', 'note = "打开看\\n带什么"', "no line breaks"),
        ('note = "打开看"', f'note = "{"看" * 21}"', "21 characters without any value"),
        ('note = "打开看"', 'note = "{on}{on}前"', "thing3 cannot hold"),
        ('time = "{on} {at}"', 'time = "{on} 上午"', "time2 cannot hold"),
        ("有预约", "有孕检", "must not say 孕"),
        ("有预约", "有预约" * 40, "3 parts"),
        ("有预约", "有预约 123456", "six digits in a row"),
        ("有预约", "有预约\\n", "no line breaks"),
        ('at = "text"', 'at = "words"', "{at} may hold a word of health"),
        ("[sms.zh]", "[sms]\nparts = 9\n[sms.zh]", "must be 1 to 4"),
    ],
)
def test_what_a_provider_would_refuse_is_refused_when_loaded(
    tmp_path: Path, right: str, wrong: str, reason: str
) -> None:
    assert load(written(tmp_path, CARD)).wechat == "visit"
    assert reason in refused(tmp_path, CARD.replace(right, wrong))


@pytest.mark.parametrize("name", ["service", "number", "office", "phone"])
def test_names_and_numbers_never_leave_the_house(tmp_path: Path, name: str) -> None:
    text = CARD.replace('at = "text"', f'at = "text"\n{name} = "text"').replace("有预约", f"有预约 {{{name}}}")
    assert f"{{{name}}} may hold" in refused(tmp_path, text)


def test_what_the_inbox_says_in_a_clause_only_is_not_said_plainly_outside(tmp_path: Path) -> None:
    inbox = '[inbox.zh]\ntitle = "约好了"\ntext = "{on}{when}"\n[inbox.en]\ntitle = "Booked"\ntext = "{on}{when}"\n'
    clause = '[optional.when]\nwhen = "at"\nzh = " {at}"\nen = " {at}"\n'
    text = CARD.replace("[wechat]\n", clause + inbox + "[wechat]\n")
    assert "at: is said outside, but not always known" in refused(tmp_path, text)
    assert load(written(tmp_path, text.replace("{on}{when}", "{on} {at}{when}"))).optional


def test_a_name_is_cut_for_wechat_and_a_day_never(tmp_path: Path) -> None:
    card = load(written(tmp_path, CARD.replace('note = "打开看"', 'note = "{at}"')))
    said = card.render("wechat", {"on": date(2026, 12, 8), "at": "8:30"})
    assert said["en"]["time"] == "2026年12月8日 8:30"
    with pytest.raises(WrongTemplate, match="time2"):
        card.render("wechat", {"on": date(2026, 12, 8), "at": "很" * 30})
    long = card._fitted(wechat_templates()["visit"].fields["note"], "{at}", "很" * 30)
    assert (len(long), long[-1]) == (20, "…")


def test_versions_have_no_gap_and_old_ones_are_checked_too(tmp_path: Path) -> None:
    written(tmp_path, CARD, "1")
    written(tmp_path, CARD, "2")
    assert [one.version for one in versions(tmp_path)] == [1, 2]
    written(tmp_path, CARD, "4")
    with pytest.raises(WrongTemplate, match="without a gap"):
        versions(tmp_path)
    written(tmp_path, CARD, "3")
    written(tmp_path, CARD.replace("有预约", "有孕检"), "1")
    with pytest.raises(WrongTemplate, match="must not say"):
        versions(tmp_path)


LENGTHS = [("好", 65, 1), ("好", 66, 2), ("好", 129, 2), ("好", 130, 3), ("😀", 33, 2)]


@pytest.mark.parametrize(("sign", "times", "count"), LENGTHS)
def test_parts_are_counted_with_the_sign_as_phones_count(sign: str, times: int, count: int) -> None:
    assert sms_parts.parts(sign * times) == count


ONE_FIELD = '[a]\ntitle = "甲"\n[a.fields]\nx = { field = "thing1", label = "事" }'


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('[a]\ntitle = "甲"', "title and fields"),
        (ONE_FIELD.replace("thing1", "amount1"), "no field amount1"),
        (ONE_FIELD.replace(', label = "事"', ""), "field and label"),
        (ONE_FIELD.replace("甲", "孕检"), "must not say 孕"),
        (ONE_FIELD + '\ny = { field = "thing1", label = "备" }', "filled twice"),
    ],
)
def test_wechat_template_that_cannot_be_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(WrongWechatTemplate, match=reason):
        wechat_templates(written(tmp_path, text))


def test_everything_people_can_choose_a_channel_for_can_go_over_every_channel() -> None:
    for template in templates().values():
        if template.kind in kinds.CHOOSABLE:
            assert set(template.channels) == {"inbox", "wechat", "sms"}, template.name
            for said in template.channels["sms"].values():
                assert said["text"].endswith(" {page}"), template.name


def test_no_sign_stands_in_a_template_because_the_provider_puts_it_there() -> None:
    for template in templates().values():
        for said in template.channels.get("sms", {}).values():
            assert "【" not in said["text"], template.name


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

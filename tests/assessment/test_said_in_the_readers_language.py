"""What answers come to is said in the reader's language; what the makers of an instrument wrote stays theirs."""

import pytest

from carewright.assessment import sentences
from carewright.assessment.templatetags.assessed import band_words, score_words, without_codes
from carewright.knowledge import instruments, words
from tests.made_up_language import CLOSES, OPENS, made_up_language

WHYS = [
    "3 questions are not answered: /71802-3, adl-feeding.",
    "1 question is not answered: /71802-3. Declined: adl-feeding. Not scored at age 17: total.",
    f"1 question is not answered: /71802-3. {sentences.AGE_NOT_KNOWN}",
    sentences.MADE_FOR_ADULTS.format(adult_from=18, age=9),
]


@pytest.mark.parametrize("why", WHYS)
def test_why_answers_come_to_no_score(why):
    with made_up_language():
        said = without_codes(why)
    assert said.replace(OPENS, "").replace(CLOSES, "") == without_codes(why)
    assert said.startswith(OPENS) and said.endswith(CLOSES)


@pytest.mark.parametrize("instrument", instruments.catalog(), ids=lambda one: one.code)
def test_translators_have_every_score_band_alert_caveat_and_note_of_an_instrument(instrument):
    known = {text for _place, text in words.texts()}
    rules = instrument.rules
    shown = {instrument.licence, *(instruments.plain(band.code) for band in rules.bands)}
    shown |= {instruments.plain(rule.code) for rule in rules.scores if rule.code != "total"}
    shown |= {text for alert in rules.alerts for text in (alert.title, alert.due, *alert.steps)}
    shown |= {text for _when, text in rules.caveats} | {need.remark for need in rules.needs}
    assert shown - {""} <= known


def test_a_band_is_translated_and_a_question_that_names_a_score_is_not():
    with made_up_language():
        assert band_words("moderately-severe") == f"{OPENS}moderately severe{CLOSES}"
        assert score_words("hrqol-4", "unhealthy-days") == "Unhealthy days of the past 30"

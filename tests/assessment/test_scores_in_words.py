"""A score and a reason for no score are said in words, not in the codes programs use."""

import pytest

from carewright.assessment.templatetags.assessed import score_words, without_codes
from carewright.knowledge import instruments


@pytest.mark.parametrize("instrument", instruments.catalog(), ids=lambda one: one.code)
def test_no_score_is_called_by_its_code(instrument):
    for rule in instrument.rules.scores:
        words = score_words(instrument, rule.code)
        assert words != rule.code
        assert (words == "") == (rule.code == "total")


def test_the_reason_for_no_score_counts_questions_without_their_codes():
    assert without_codes("7 questions are not answered: /71802-3, /96778-6.") == "7 questions are not answered."
    assert without_codes("1 question is not answered: adl-feeding.") == "1 question is not answered."
    assert without_codes("Asked of adults only.") == "Asked of adults only."


@pytest.mark.parametrize("why", ["It is made for adults: it is not scored.", "The age is not known: no band is given."])
def test_the_words_after_a_colon_stay(why):
    assert without_codes(why) == why
    assert without_codes(f"Declined: /71802-3, adl-feeding. {why}") == f"Declined. {why}"

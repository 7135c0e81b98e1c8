"""What a child's representative may see: closed by default, in every state, at every age we are not sure of."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carewright.knowledge import minors
from carewright.knowledge.sensitivity import TAGS

TODAY = date(2026, 11, 24)
BORN = st.dates(date(1990, 1, 1), TODAY)


def test_every_state_is_there_and_none_is_confirmed():
    assert len(minors.RULES) == 52
    assert not any(rule.is_confirmed or rule.opens for rule in minors.RULES.values())


@given(BORN, st.sampled_from([*minors.STATES, "", "ZZ", "ma "]), st.sampled_from(sorted(TAGS)))
def test_sensitive_facts_are_hidden_at_every_age_in_every_state(born, state, tag):
    assert minors.hidden({tag}, seen=minors.view(born_on=born, state=state, on=TODAY))


@given(BORN, st.sampled_from(minors.STATES))
def test_growing_older_never_opens_more(born, state):
    order = ["record", "appointments", "nothing"]
    seen = [
        order.index(minors.view(born_on=born, state=state, on=born + timedelta(365 * age)).sees) for age in range(25)
    ]
    assert seen == sorted(seen)


@given(BORN, st.sampled_from(minors.STATES))
def test_the_view_ends_on_the_birthday_and_not_a_day_later(born, state):
    of_age = minors.of_age_on(born, state)
    assert minors.view(born_on=born, state=state, on=of_age).sees == "nothing"
    assert minors.view(born_on=born, state=state, on=of_age - timedelta(1)).sees != "nothing"


def test_a_confirmed_row_opens_and_an_unconfirmed_one_cannot():
    rules = {"MA": minors.StateRule("MA", limited_from=14, opens=frozenset({"behavioral"}), is_confirmed=True)}
    child = minors.view(born_on=date(2013, 1, 1), state="MA", on=TODAY, rules=rules)
    assert child.sees == "record"
    assert not minors.hidden({"behavioral"}, seen=child) and minors.hidden({"hiv"}, seen=child)
    with pytest.raises(ValueError, match="nobody confirmed"):
        minors.StateRule("MA", opens=frozenset({"behavioral"}))


def test_facts_without_tags_are_seen_only_with_the_record():
    assert not minors.hidden((), seen=minors.view(born_on=date(2020, 1, 1), state="MA", on=TODAY))
    assert minors.hidden((), seen=minors.view(born_on=date(2012, 1, 1), state="MA", on=TODAY))

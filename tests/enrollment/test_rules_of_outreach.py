"""The attempt rules, with the vectors they were written from, and what must hold of every plan."""

import json
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carewright.kernel.calendar import business_days_after, federal_holidays, is_business_day
from carewright.knowledge import outreach
from carewright.knowledge.outreach import AFTER_STAY, NEW, Attempt, Part, Step, plan, standing
from tests.shared import shared

CHICAGO = ZoneInfo("America/Chicago")


def on(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=CHICAGO)


def next_of(rule, attempts, *, now, opened=None, zone=CHICAGO, **more):
    return plan(rule, attempts, opened=opened or on(3, 2, 8), now=now, zone=zone, **more)


def test_three_calls_on_two_days_are_not_enough():
    done = standing(NEW, [Attempt(on(3, 2, 10)), Attempt(on(3, 2, 15)), Attempt(on(3, 3, 10))])
    assert not done.complete
    assert "days" in done.missing


def test_a_morning_an_evening_a_morning_and_a_letter_are_enough():
    calls = [Attempt(on(3, 2, 10)), Attempt(on(3, 5, 18)), Attempt(on(3, 12, 10))]
    assert standing(NEW, calls).missing == ("means",)
    assert standing(NEW, [*calls, Attempt(on(3, 12, 14), "letter", "sent")]).complete


def test_calls_spread_over_more_than_two_weeks_are_not_enough():
    calls = [Attempt(on(3, 2, 10)), Attempt(on(3, 12, 18)), Attempt(on(3, 30, 10))]
    assert not standing(NEW, [*calls, Attempt(on(3, 31, 10), "letter", "sent")]).complete


def test_a_number_known_to_be_wrong_counts_for_nothing_and_reaching_starts_anew():
    calls = [Attempt(on(3, 2, 10), to_known_bad=True), Attempt(on(3, 5, 18), ended="wrong_number")]
    assert standing(NEW, calls).tries == 0
    reached = [Attempt(on(3, 2, 10)), Attempt(on(3, 5, 18)), Attempt(on(3, 9, 10), ended="reached")]
    assert standing(NEW, reached).tries == 0


def test_the_ncqa_vectors():
    tried = [Attempt(on(3, 2, 10)), Attempt(on(3, 9, 18)), Attempt(on(3, 16, 12), "letter", "sent")]
    assert outreach.may_leave_out_of_ncqa_file(tried, identified_on=date(2026, 3, 1))
    same_day = [Attempt(on(3, 2, hour)) for hour in (9, 13, 18)]
    assert not outreach.may_leave_out_of_ncqa_file(same_day, identified_on=date(2026, 3, 1))
    assert not outreach.may_leave_out_of_ncqa_file(tried, identified_on=date(2026, 2, 1)), "after the first 30 days"


def test_the_next_call_is_on_another_day_at_another_time():
    step = next_of(NEW, [Attempt(on(3, 2, 10))], now=on(3, 2, 10, 5))
    assert step.step == Step.CALL
    assert step.starts.date() >= date(2026, 3, 5)
    assert step.part != Part.MORNING


def test_after_the_calls_a_letter_then_waiting_and_giving_up_not_before_day_thirty():
    calls = [Attempt(on(3, 2, 10)), Attempt(on(3, 5, 18)), Attempt(on(3, 9, 14))]
    assert next_of(NEW, calls, now=on(3, 9, 15)).step == Step.LETTER
    sent = [*calls, Attempt(on(3, 10, 10), "letter", "sent")]
    waiting = next_of(NEW, sent, now=on(3, 10, 11))
    assert waiting.step == Step.WAIT
    assert waiting.starts.date() == date(2026, 4, 1), "thirty days after March 2, later than ten after the letter"
    assert next_of(NEW, sent, now=on(3, 31, 12)).step == Step.WAIT
    assert next_of(NEW, sent, now=on(4, 1, 12)).step == Step.CLOSE
    late = [*calls, Attempt(on(3, 28, 10), "letter", "sent")]
    assert next_of(NEW, late, now=on(4, 1, 12)).step == Step.WAIT, "ten days after the letter"
    assert next_of(NEW, late, now=on(4, 7, 12)).step == Step.CLOSE


def test_without_a_number_that_works_the_letter_comes_first_and_without_an_address_somebody_looks_for_one():
    assert next_of(NEW, [], now=on(3, 2, 9), has_number=False).step == Step.LETTER
    assert next_of(NEW, [], now=on(3, 2, 9), has_number=False, has_address=False).step == Step.REPAIR


def test_a_call_asked_for_is_at_that_time_but_never_at_night():
    assert next_of(NEW, [], now=on(3, 2, 9), asked_for=on(3, 3, 15)).starts == on(3, 3, 15)
    assert next_of(NEW, [], now=on(3, 2, 9), asked_for=on(3, 3, 23)).starts == on(3, 4, 9)


def test_after_a_hospital_stay_two_tries_in_two_business_days_then_daily_until_day_seven():
    friday = on(3, 6, 18)
    first = next_of(AFTER_STAY, [], now=friday, opened=friday)
    second = next_of(AFTER_STAY, [Attempt(first.starts)], now=first.ends, opened=friday)
    assert second.starts.date() <= business_days_after(date(2026, 3, 6), 2)
    assert second.part != first.part
    third = next_of(AFTER_STAY, [Attempt(first.starts), Attempt(second.starts)], now=second.ends, opened=friday)
    assert third.step == Step.CALL
    assert third.starts.date() == date(2026, 3, 10)


def test_calls_and_people_are_counted_apart():
    made = [
        Attempt(on(3, 2, 10), person=1),
        Attempt(on(3, 3, 10), person=1),
        Attempt(on(3, 3, 11), person=2, ended="reached"),
    ]
    assert outreach.tally(made) == outreach.Tally(calls=3, people_called=2, people_reached=1)


def test_a_site_sets_the_numbers_of_its_program():
    rule = outreach.rule_for("complex_care", {"outreach_tries": "4", "outreach_close_day": "45"})
    assert (rule.tries, rule.close_day, rule.days) == (4, 45, NEW.days)


def test_the_holidays_and_business_days_of_the_vectors():
    vectors = json.loads(shared("rules/test_vectors.json").read_text())
    days = {date.fromisoformat(day) for day in vectors["holidays_observed"]}
    assert days == {day for year in (2025, 2026, 2027, 2028) for day in federal_holidays(year)}
    for vector in vectors["business_days"]:
        due = business_days_after(date.fromisoformat(vector["discharge"]), 2)
        assert due == date.fromisoformat(vector["contact_due"])


moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 1))
zones = st.sampled_from(["America/New_York", "America/Phoenix", "Pacific/Honolulu", "America/Anchorage"]).map(ZoneInfo)


@given(
    opened=moments, zone=zones, rule=st.sampled_from([NEW, AFTER_STAY]), best=st.sampled_from(["", *Part]),
    endings=st.lists(st.sampled_from(["no_answer", "left_message", "busy", "reached", "wrong_number"]), max_size=14),
)  # fmt: skip
def test_a_plan_never_calls_at_night_on_a_weekend_twice_a_day_or_too_often_in_a_week(opened, zone, rule, best, endings):
    opened = opened.replace(tzinfo=zone)
    now, made = opened, []
    for ended in endings:
        step = plan(rule, made, opened=opened, now=now, zone=zone, best=best)
        assert step.starts >= now or step.step == Step.CLOSE
        if step.step == Step.CALL:
            assert rule.quiet_until <= step.starts.hour < rule.quiet_from
            assert step.ends.hour <= rule.quiet_from
            assert is_business_day(step.starts.date())
            assert step.starts < step.ends
            made.append(Attempt(step.starts, "call", ended))
        elif step.step == Step.LETTER:
            made.append(Attempt(step.starts, "letter", "sent"))
        elif step.step == Step.CLOSE:
            break
        now = step.ends
    calls = sorted(each.at.date() for each in made if each.means == "call")
    assert len(calls) == len(set(calls))
    assert all(
        sum(1 for other in calls if timedelta() <= other - day < timedelta(days=7)) <= rule.most_a_week for day in calls
    )


@given(opened=moments, zone=zones)
def test_whoever_never_answers_is_given_up_on_with_the_rule_complete(opened, zone):
    opened = opened.replace(tzinfo=zone)
    now, made = opened, []
    for _turn in range(20):
        step = plan(NEW, made, opened=opened, now=now, zone=zone)
        if step.step == Step.CLOSE:
            break
        if step.step in (Step.CALL, Step.LETTER):
            made.append(Attempt(step.starts, step.step, "no_answer" if step.step == Step.CALL else "sent"))
        now = step.ends
    else:
        pytest.fail("never closed")
    assert standing(NEW, made).complete
    assert (now.date() - opened.date()).days >= NEW.close_day

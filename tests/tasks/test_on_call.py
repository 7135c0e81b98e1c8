"""The roster: every hour has somebody, or everybody can see that it has not."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carewright.kernel.errors import CannotDo, NotNow
from carewright.tasks import on_call
from carewright.tasks.models import OnCallShift
from tests.factories.staff import UserFactory

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
starts = st.integers(0, 200)
spans = st.lists(st.tuples(starts, st.integers(1, 40)), max_size=12).map(
    lambda found: sorted((NOW + begin * HOUR, NOW + (begin + length) * HOUR) for begin, length in found)
)


@given(spans)
def test_an_hour_is_in_a_gap_exactly_when_no_shift_holds_it(found):
    until = NOW + 168 * HOUR
    gaps = on_call.uncovered(found, since=NOW, until=until)
    for hour in range(168):
        moment = NOW + hour * HOUR
        covered = any(start <= moment < end for start, end in found)
        assert covered != any(gap.starts_at <= moment < gap.ends_at for gap in gaps)
    assert all(gap.starts_at < gap.ends_at <= until for gap in gaps)


@pytest.fixture
def people(db):
    return UserFactory(), UserFactory(), UserFactory(role="supervisor")


def test_an_empty_roster_is_one_gap_of_a_week(people):
    (gap,) = on_call.gaps_ahead(NOW)
    assert gap.hours == 168


def test_a_shift_takes_its_hours_out_of_the_gap(people):
    ana, ben, boss = people
    on_call.add_shift(user=ana, backup_user=ben, starts_at=NOW + DAY, ends_at=NOW + 2 * DAY, by=boss)
    assert [gap.hours for gap in on_call.gaps_ahead(NOW)] == [24, 120]
    assert on_call.at(NOW + DAY).user == ana
    assert on_call.at(NOW + 2 * DAY) is None


def test_what_cannot_be_is_refused_with_a_sentence(people):
    ana, ben, boss = people
    hours = {"starts_at": NOW, "ends_at": NOW + DAY}
    for wrong, words in (
        ({"user": ana, "backup_user": ana}, "another person"),
        ({"user": ana, "backup_user": UserFactory(role="billing")}, "does not look after patients"),
        ({"user": UserFactory(is_active=False), "backup_user": ben}, "no longer works"),
        ({"user": ana, "backup_user": ben, "ends_at": NOW}, "ends after it starts"),
        ({"user": ana, "backup_user": ben, "ends_at": NOW + 15 * DAY}, "14 days"),
    ):
        with pytest.raises(CannotDo, match=words):
            on_call.add_shift(**(hours | wrong), by=boss)
    on_call.add_shift(user=ana, backup_user=ben, **hours, by=boss)
    with pytest.raises(NotNow, match="on call in these hours already"):
        on_call.add_shift(user=ben, backup_user=ana, **hours, by=boss)


def test_the_past_is_not_rewritten(people):
    ana, ben, boss = people
    shift = on_call.add_shift(user=ana, backup_user=ben, starts_at=NOW, ends_at=NOW + DAY, by=boss)
    with pytest.raises(NotNow, match="has begun"):
        on_call.change_shift(shift=shift, user=ana, backup_user=ben, starts_at=NOW + HOUR, ends_at=NOW + DAY, by=boss,
                             at=NOW + 2 * HOUR)  # fmt: skip
    shift.refresh_from_db()
    on_call.end_shift(shift=shift, by=boss, at=NOW + 3 * HOUR)
    assert OnCallShift.objects.get().ends_at == NOW + 3 * HOUR
    with pytest.raises(NotNow, match="is over"):
        on_call.end_shift(shift=shift, by=boss, at=NOW + 4 * HOUR)


def test_a_shift_still_to_come_may_be_taken_off(people):
    ana, ben, boss = people
    shift = on_call.add_shift(user=ana, backup_user=ben, starts_at=NOW + DAY, ends_at=NOW + 2 * DAY, by=boss)
    assert on_call.end_shift(shift=shift, by=boss, at=NOW) is None
    assert not OnCallShift.objects.exists()


def test_a_closed_account_is_passed_over(people):
    ana, ben, boss = people
    on_call.add_shift(user=ana, backup_user=ben, starts_at=NOW, ends_at=NOW + DAY, by=boss)
    ana.is_active = False
    ana.save()
    assert on_call.whom_to_tell(NOW) == [ben, boss]

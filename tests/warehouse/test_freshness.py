"""How complete the claims are: the triangle worked by hand, a quiet feed, a short month, codes nobody knew."""

from datetime import date, timedelta

import pytest

from tests.warehouse.by_hand import ByHand, day

LATEST = day(12, 31)


def month_number(number):
    """The first day of the number-th month from January 2024."""
    return date(2024 + number // 12, number % 12 + 1, 1)


def feed(*, months=24, paid_by_lag=(50, 30, 20), rows=1, skip=()):
    """
    A feed in which each month costs 100 in all: 50 paid at once, 30 a month later, 20 two months later, unless said.

    The latest month of payment is December 2025, so November shows 80 and December 50.
    """
    home = ByHand()
    home.person()
    count = 0
    for number in range(24 - months, 24):
        for lag, paid in enumerate(paid_by_lag):
            if number + lag > 23 or number in skip:
                continue
            for _ in range(rows):
                count += 1
                on = month_number(number)
                home.claim(f"c{count}", on, paid_date=month_number(number + lag) + timedelta(days=9), paid_amount=paid)
    return home


def months(home, columns="month, completeness", **more):
    return {row[0]: row[1:] if len(row) > 2 else row[1] for row in home.table("marts.freshness", columns, **more)}


def test_completeness_is_learned_from_older_months():
    found = months(feed())
    assert found[day(12, 1)] == pytest.approx(0.5)
    assert found[day(11, 1)] == pytest.approx(0.8)
    assert found[day(10, 1)] == pytest.approx(1.0)
    assert found[day(1, 1, 2024)] == 1.0


def test_what_is_still_to_come_is_expected():
    found = months(feed(), "month, incurred_paid, expected_paid")
    assert found[day(12, 1)] == (50, 100)
    assert found[day(11, 1)] == (80, 100)


def test_the_middle_month_teaches_not_the_odd_one():
    home = feed()
    home.claim("odd", day(3, 1), paid_date=day(5, 20), paid_amount=1_000_000)
    assert months(home)[day(12, 1)] == pytest.approx(0.5)


def test_a_feed_too_young_to_teach_is_unknown_not_complete():
    assert set(months(feed(months=4)).values()) == {None}


def test_claims_without_a_day_of_payment_are_unknown_not_complete():
    home = ByHand()
    home.person()
    for number in range(24):
        home.claim(f"c{number}", month_number(number), paid_date=None)
    assert set(months(home).values()) == {None}
    [(complete_through, completeness)] = home.table("marts.freshness_summary", "complete_through, completeness")
    assert (complete_through, completeness) == (None, None)


def test_a_feed_is_complete_through_the_last_month_known_to_ninety_percent():
    [found] = feed().table("marts.freshness_summary", "feed, months, complete_through, completeness")
    assert found[:3] == ("acme", 24, day(10, 31))
    assert found[3] == pytest.approx((10 * 100 + 80 + 50) / 1200)


def test_a_month_with_far_fewer_claims_is_short():
    short = months(feed(rows=4), "month, is_short")
    assert not any(short.values())
    home = feed(rows=4, skip={18})
    home.claim("only", month_number(18), paid_date=month_number(20), paid_amount=100)
    assert [month for month, is_short in months(home, "month, is_short").items() if is_short] == [month_number(18)]


def test_a_month_that_never_came_is_short():
    found = months(feed(rows=2, skip={15}), "month, rows, is_short")
    assert found[month_number(15)] == (0, True)


def test_the_month_still_running_is_not_called_short():
    home = feed(paid_by_lag=(100,), rows=9)
    assert months(home, "month, is_short")[day(12, 1)] is False


def test_pharmacy_is_a_feed_of_its_own():
    home = feed()
    for number in range(24):
        home.fill(f"f{number}", month_number(number), paid_date=month_number(number))
    found = {row[0]: row[1] for row in home.table("marts.freshness_summary", "feed, complete_through")}
    assert found == {"acme": day(10, 31), "acme (pharmacy)": LATEST}


def arrivals(*days_received):
    home = ByHand()
    home.person(received_on=days_received[0])
    for number, received_on in enumerate(days_received):
        home.claim(f"c{number}", day(1, 1), received_on=received_on, delivery=number + 2)
    return home


def test_a_feed_is_quiet_after_one_and_a_half_times_its_interval_and_a_week():
    home = arrivals(day(1, 31), day(3, 2), day(4, 1), day(5, 1))  # every thirty days: 30 * 1.5 + 7 = 52
    quiet = "is_quiet, latest_received_on"
    assert home.table("marts.freshness_summary", quiet, as_of=day(6, 22)) == [(False, day(5, 1))]
    assert home.table("marts.freshness_summary", quiet, as_of=day(6, 23)) == [(True, day(5, 1))]


def test_a_feed_received_once_is_quiet_after_forty_five_days():
    home = arrivals(day(5, 1))
    assert home.table("marts.feed_receipt", "is_quiet, usual_days", as_of=day(6, 15)) == [(False, None)]
    assert home.table("marts.feed_receipt", "is_quiet, usual_days", as_of=day(6, 16)) == [(True, None)]


def test_a_feed_of_records_can_go_quiet_too():
    home = ByHand()
    home.person()
    home.add(
        "encounter", source="ehr", person_id="ada", encounter_id="1", encounter_class="AMB",
        encounter_start_date=day(1, 1), received_on=day(2, 1),
    )  # fmt: skip
    assert home.table("marts.freshness_summary", "feed, months, is_quiet", as_of=day(6, 1))[-1] == ("ehr", 0, True)


def test_codes_no_table_knew_are_counted_and_named():
    home = ByHand()
    home.person()
    home.bed("a", day(5, 1), day(5, 4), diagnosis_code_1="I509", diagnosis_code_2="Q9QQQ", drg_code="000")
    home.claim("b", day(5, 1), diagnosis_code_1="I10", place_of_service_code="97")
    found = {
        row[0]: row[1:]
        for row in home.table("marts.unknown_code", "code_system, lines, unknown, round(share, 2), examples")
    }
    assert found["ICD-10-CM"] == (3, 1, 0.33, "Q9QQQ")
    assert found["MS-DRG"] == (1, 1, 1.0, "000")
    assert found["place of service"] == (1, 1, 1.0, "97")
    assert found["type of bill"] == (1, 0, 0.0, None)
    assert found["revenue center"] == (1, 0, 0.0, None)
    assert found["service category"] == (2, 1, 0.5, "other, professional")


def test_of_codes_that_no_table_here_names_the_uses_are_counted_and_the_unknown_ones_are_not_none():
    home = ByHand()
    home.person()
    home.bed(
        "a",
        day(5, 1),
        day(5, 4),
        procedure_code_type="icd-10-pcs",
        procedure_code_1="0DTJ4ZZ",
        procedure_code_2="0W9G3ZZ",
    )
    home.claim("b", day(5, 1), hcpcs_code="99213")
    home.claim("c", day(5, 2), hcpcs_code="ZZZZZ")
    found = {
        row[0]: row[1:] for row in home.table("marts.unknown_code", "code_system, lines, unknown, share, examples")
    }
    assert found["HCPCS"] == (2, None, None, None)
    assert found["ICD-10-PCS"] == (2, None, None, None)


def test_claims_of_somebody_nobody_enrolled_and_unknown_medicines_are_said():
    """Somebody without an enrollment is on no list: that there are claims of theirs is counted, whose is not shown."""
    home = ByHand()
    home.person()
    home.claim("a", day(5, 1))
    home.claim("b", day(5, 2), person_id="zoe")
    home.claim("c", day(5, 3), person_id="zoe")
    home.fill("f", day(5, 1), ndc_code="00143971301")
    home.fill("g", day(5, 1), ndc_code="99999999999")
    found = {
        row[0]: row[1:]
        for row in home.table("marts.unknown_code", "code_system, lines, unknown, round(share, 2), examples")
    }
    assert found["member number"] == (3, 2, 0.67, None)
    assert found["NDC"] == (2, 1, 0.5, "99999999999")


def test_late_bills_from_before_a_feed_began_teach_nothing_and_lack_nothing():
    home = feed(rows=8)
    for number in range(3):
        home.claim(f"old{number}", date(2023, 6 + number, 1), paid_date=date(2025, 6, 1), paid_amount=9)
    found = months(home, "month, completeness, is_short")
    assert found[date(2023, 6, 1)] == (None, False)
    assert date(2023, 10, 1) not in found
    assert found[day(12, 1)][0] == pytest.approx(0.5)
    [(told, complete_through)] = home.table("marts.freshness_summary", "months, complete_through")
    assert (told, complete_through) == (24, day(10, 31))

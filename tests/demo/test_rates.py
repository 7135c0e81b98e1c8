"""The generated population has the rates of DEMO_RATES, within a fifth of each, read obviously from its files."""

from datetime import date

import pytest

from tests.demo import reading, report
from tests.shared import shared

FROM, TO = report.FROM, report.TO
"""Two years whose claims are nearly all paid by the last day."""


def near(wanted: float, tolerance: float = 0.2) -> object:
    return pytest.approx(wanted, rel=tolerance)


@pytest.fixture(scope="module")
def with_conditions(read_world):
    reading.conditions(read_world, shared("reference/chronic/ccw30_2017plus_codes.csv"))
    return read_world


@pytest.fixture(scope="module")
def with_drugs(read_world):
    report.name_drugs(read_world)
    return read_world


@pytest.fixture(scope="module")
def with_cost(read_world):
    reading.cost(read_world)
    return read_world


def test_each_kind_of_member_has_its_share(read_world):
    rows = dict(read_world.execute("select segment, count(*) from person group by 1").fetchall())
    shares = [100 * rows[name] / sum(rows.values()) for name in reading.SEGMENTS]
    assert shares == [near(20, 0.05), near(4, 0.05), near(30, 0.05), near(22, 0.05), near(24, 0.05)]


@pytest.mark.parametrize(
    ("segment", "stays", "visits"),
    list(zip(reading.SEGMENTS, (240, 330, 95, 25, 50), (480, 1000, 640, 420, 200), strict=True)),
)
def test_stays_and_emergency_visits_a_year(read_world, segment, stays, visits):
    found = reading.rates_a_year(read_world, "stay", "admitted_on", FROM, TO)
    assert found[segment] == near(stays)
    found = reading.rates_a_year(read_world, "ed", "visited_on", FROM, TO)
    assert found[segment] == near(visits)


@pytest.mark.parametrize(("segment", "percent"), list(zip(reading.SEGMENTS, (15, 18, 12, 5, 8), strict=True)))
def test_unplanned_readmissions(read_world, segment, percent):
    back, stays = reading.readmissions(read_world, FROM, TO)[segment]
    assert 100 * back / stays == near(percent)


@pytest.mark.parametrize(("condition", "percent"), list(report.SENIORS.items()))
def test_conditions_at_65_and_over(with_conditions, condition, percent):
    assert reading.share_with(with_conditions, condition, "segment = 'medicare 65+'") == near(percent)


@pytest.mark.parametrize(("condition", "percent"), list(report.MEDICAID.items()))
def test_conditions_of_adults_on_medicaid(with_conditions, condition, percent):
    assert reading.share_with(with_conditions, condition, "segment = 'medicaid adults' and years < 65") == near(percent)


def test_substance_use_of_adults_on_medicaid(read_world):
    percent = read_world.execute(
        """
        with seen as (
            select person_id from diagnosis where regexp_matches(code, '^F1[0-6,8-9]') and starts_on > as_of() - interval 24 month
            group by 1 having count(distinct starts_on) >= 2
        )
        select 100.0 * count(s.person_id) / count(*) from person as p left join seen as s using (person_id)
        where segment = 'medicaid adults' and died_on is null
        """
    ).fetchall()[0][0]
    assert percent == near(11)


def test_conditions_come_together(with_conditions):
    listed = ", ".join(f"'{name}'" for name in report.SENIORS)
    two, six = with_conditions.execute(
        f"""
        with counted as (select person_id, count(*) as many from has where condition in ({listed}) group by 1)
        select 100 * avg(cast(coalesce(many, 0) >= 2 as int)), 100 * avg(cast(coalesce(many, 0) >= 6 as int))
        from person left join counted using (person_id) where segment = 'medicare 65+' and died_on is null
        """
    ).fetchall()[0]
    assert (two, six) == (near(66), near(17))


def test_kidney_disease_and_heart_failure_cluster_with_diabetes(with_conditions):
    for other in ("CKD", "CHF"):
        where = (
            "segment = 'medicare 65+' and {} p.person_id in (select person_id from has where condition = 'DIABETES')"
        )
        assert reading.share_with(with_conditions, other, where.format("")) > 1.4 * reading.share_with(
            with_conditions, other, where.format("not")
        )


def test_cost_is_held_by_few(with_cost):
    assert reading.held_by(with_cost, "year_2", 0, 0.01) == near(0.22)
    assert reading.held_by(with_cost, "year_2", 0, 0.05) == near(0.50)
    assert reading.held_by(with_cost, "year_2", 0.5, 1) == near(0.03)


def test_the_dearest_regress(with_cost):
    assert reading.still_dear(with_cost) == near(0.40)


def test_half_of_claims_are_paid_in_a_month_and_nine_in_ten_in_three(read_world):
    half, most, longest = read_world.execute(
        """
        select quantile_cont(days, 0.5), quantile_cont(days, 0.9), max(days)
        from (select date_diff('day', ends_on, paid_on) as days from claim where starts_on < date '2025-10-01')
        """
    ).fetchall()[0]
    assert (half, most) == (near(30), near(90))
    assert 200 < longest <= 450


def test_three_in_a_hundred_claims_are_adjusted_or_reversed(read_world):
    """Sent again later, marked as a replacement or void, or with lines of a negative sum."""
    percent = read_world.execute(
        """
        with told as (
            select payer, claim_id, count(distinct paid_date) as times, bool_or(bill_type_code like '__7' or bill_type_code like '__8') as marked,
                bool_or(cast(paid_amount as double) < 0) as negative
            from raw_line where try_cast(claim_start_date as date) < date '2026-03-01' group by 1, 2
        )
        select 100.0 * count(*) filter (where times > 1 or marked or negative) / count(*) from told
        """
    ).fetchall()[0][0]
    assert percent == near(3)


def test_languages(read_world):
    rows = dict(
        read_world.execute(
            "select case when language in ('en', 'es') then language else 'other' end, 100.0 * count(distinct person_id)"
            " / (select count(distinct person_id) from member) from member group by 1"
        ).fetchall()
    )
    assert (rows["en"], rows["es"], rows["other"]) == (near(78), near(15), near(7))


def test_needs_are_seldom_coded(read_world):
    percent = read_world.execute(
        """
        select 100.0 * count(distinct person_id) / (select count(*) from person where years >= 18)
        from diagnosis join person using (person_id)
        where code between 'Z55' and 'Z66' and years >= 18
            and starts_on > as_of() - interval 18 month and starts_on <= as_of() - interval 6 month
        """
    ).fetchall()[0][0]
    assert percent == near(2)


def test_needs_of_those_who_were_asked(folder, read_world):
    rows = dict(
        read_world.execute(
            f"""
            select source_code, 100.0 * count(*) filter (where not (result = 'No' or result = 'Never' or result = 'Never true' or result like 'I have a steady%')) / count(*)
            from read_csv('{folder}/screening/*/observation.csv.gz', all_varchar = true) group by 1
            """
        ).fetchall()
    )
    wanted = {"88122-7": 20, "71802-3": 12, "93030-5": 12, "96779-4": 10, "95618-5": 4}
    assert rows == {code: near(percent) for code, percent in wanted.items()}


def test_how_many_medicines_people_fill(with_drugs):
    assert reading.medicine_counts(with_drugs, "years >= 18") == (near(0.40), near(0.20), near(0.07))
    assert reading.medicine_counts(with_drugs, "years >= 65")[1:] == (near(0.40), near(0.14))


def test_statins_are_taken_three_days_of_four(with_drugs):
    found = reading.statin_days(with_drugs, date(2025, 9, 1), date(2026, 8, 31))
    assert len(found) > 1000
    assert sum(found) / len(found) == near(0.75)
    assert sum(one >= 0.8 for one in found) / len(found) == near(0.60)


def test_there_are_enough_claim_lines(demo_files):
    assert demo_files.claim_lines / demo_files.members >= 50


def test_the_past_tells_something_about_who_will_be_admitted(read_world):
    """The tenth with most stays and emergency visits in one year has well over a tenth of the next half year's stays."""
    share = read_world.execute(
        """
        with use as (
            select person_id, coalesce(s.many, 0) * 3 + coalesce(e.many, 0) as many, p.years
            from person as p
            left join (select person_id, count(*) as many from stay where admitted_on between date '2024-12-01' and date '2025-11-30' group by 1) as s using (person_id)
            left join (select person_id, count(*) as many from ed where visited_on between date '2024-12-01' and date '2025-11-30' group by 1) as e using (person_id)
        ),
        ranked as (select person_id, row_number() over (order by many desc, person_id) <= 0.1 * count(*) over () as top from use)
        select count(*) filter (where top) / count(*) from stay join ranked using (person_id)
        where admit_type = '1' and admitted_on between date '2025-12-01' and date '2026-05-31'
        """
    ).fetchall()[0][0]
    assert 0.25 < share < 0.75

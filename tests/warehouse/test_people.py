"""Who people are, when they were covered, what they used and who cares for them: worked by hand."""

from datetime import date
from decimal import Decimal

import pytest

from tests.warehouse.by_hand import ByHand, day, ids


@pytest.fixture
def home():
    home = ByHand()
    home.person()
    return home


def one(home, table, columns, **more):
    [found] = home.table(table, columns, **more)
    return found if len(found) > 1 else found[0]


# --- people ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("born", "age"),
    [(date(1960, 12, 31), 65), (date(1961, 1, 1), 64), (date(2024, 12, 31), 1), (date(2025, 12, 31), 0)],
)
def test_age_is_counted_in_full_years(born, age):
    home = ByHand()
    home.person(born=born)
    assert one(home, "core.person", "age") == age


def test_born_on_the_29th_of_february_turns_on_the_first_of_march_in_other_years():
    home = ByHand()
    home.person(born=date(2000, 2, 29))
    assert one(home, "core.person", "age", as_of=date(2025, 2, 28)) == 24
    assert one(home, "core.person", "age", as_of=date(2025, 3, 1)) == 25


def test_the_latest_coverage_says_who_insures():
    home = ByHand()
    home.person(payer="Old", payer_type="COMMERCIAL", enrollment_end_date=day(6, 30), member_id="1")
    home.person(
        payer="New", payer_type="Medicare", enrollment_start_date=day(7, 1), member_id="2", dual_status_code="02"
    )
    columns = "payer, payer_type, member_id, dual_status_code, first_enrolled_on, is_covered"
    assert one(home, "core.person", columns) == ("New", "medicare", "2", "02", date(2020, 1, 1), True)


def test_a_span_sent_again_counts_as_last_sent():
    home = ByHand()
    home.person(first_name="Ada", enrollment_end_date=date(2099, 12, 31), delivery=1)
    home.person(first_name="Adah", enrollment_end_date=day(6, 30), delivery=2)
    assert one(home, "core.person", "first_name, is_covered, last_enrolled_on") == ("Adah", False, day(6, 30))


def test_coverage_without_an_end_lasts():
    home = ByHand()
    home.person(enrollment_end_date=None)
    assert one(home, "core.person", "is_covered, last_enrolled_on") == (True, date(9999, 12, 31))
    assert one(home, "core.coverage", "ends_on") == date(9999, 12, 31)


def test_coverage_to_come_is_not_yet_known():
    home = ByHand()
    home.person(enrollment_start_date=day(6, 1))
    assert home.table("core.person", as_of=day(5, 31)) == []


def test_a_death_after_the_day_has_not_happened(home):
    home.person("bea", death_date=day(6, 1))
    assert home.table("core.person", "person_id, died_on", as_of=day(5, 31)) == [("ada", None), ("bea", None)]
    assert home.table("core.person", "person_id, died_on", as_of=day(6, 1)) == [("ada", None), ("bea", day(6, 1))]


def test_a_clinical_source_fills_what_the_payer_leaves_open():
    home = ByHand()
    a = home.person(gender=None)
    b = home.add(
        "person",
        source="ehr",
        person_id="ada",
        first_name="Ada",
        gender="female",
        language="es",
        birth_date=date(1950, 5, 5),
    )
    assert one(home, "core.person", "sex, language, evidence") == ("female", "es", f"{a};{b}")


def test_someone_only_a_clinical_source_knows_is_known():
    home = ByHand()
    home.add("person", source="ehr", person_id="eve", first_name="Eve", birth_date=date(1980, 1, 1))
    assert one(home, "core.person", "person_id, payer_type, is_covered, age") == ("eve", None, False, 45)


@pytest.mark.parametrize(
    ("other", "doubt"),
    [
        ({"first_name": "Ada", "birth_date": date(1950, 5, 5)}, False),
        ({"first_name": "Ada", "birth_date": date(1950, 5, 6)}, False),
        ({"first_name": "Eva", "birth_date": date(1950, 5, 5)}, False),
        ({"first_name": "Eva", "birth_date": date(1950, 5, 6)}, True),
    ],
)
def test_identity_is_in_doubt_when_name_and_birth_date_both_differ(home, other, doubt):
    home.add("person", source="ehr", person_id="ada", last_name="Test", **other)
    assert one(home, "core.person", "identity_in_doubt") is doubt


def test_people_known_only_from_a_protected_program_are_not_shown():
    home = ByHand()
    home.person("ada")
    home.add("person", source="recovery", person_id="eve", first_name="Eve", birth_date=date(1980, 1, 1))
    home.land()
    (home.landed / "_part2_sources.csv").write_text("kind,value\nfeed,recovery\n")
    assert ids(home.table("core.person")) == ["ada"]


def test_spans_that_adjoin_are_one_and_gaps_are_told():
    home = ByHand()
    home.person(enrollment_start_date=day(1, 1), enrollment_end_date=day(3, 31))
    home.person(enrollment_start_date=day(4, 1), enrollment_end_date=day(6, 30))
    home.person(enrollment_start_date=day(9, 1), enrollment_end_date=day(12, 31))
    home.person(enrollment_start_date=day(5, 1), enrollment_end_date=day(5, 31), plan="Extra")
    assert home.table("core.coverage", "plan, starts_on, ends_on") == [
        ("Extra", day(5, 1), day(5, 31)),
        ("Gold", day(1, 1), day(6, 30)),
        ("Gold", day(9, 1), day(12, 31)),
    ]
    assert home.table("core.coverage_gap", "starts_on, ends_on, days") == [(day(7, 1), day(8, 31), 62)]
    assert len(home.table("core.member_month")) == 10


def test_a_month_belongs_to_the_latest_coverage_in_it():
    home = ByHand()
    home.person(payer="Old", enrollment_end_date=day(6, 14))
    home.person(payer="New", enrollment_start_date=day(6, 15))
    months = dict(home.table("core.member_month", "month, payer"))
    assert (months[day(5, 1)], months[day(6, 1)], months[day(7, 1)]) == ("Old", "New", "New")


# --- use and cost ---------------------------------------------------------------------------------------------------------


def test_twelve_months_begin_after_the_same_day_last_year(home):
    for number, on in enumerate([day(3, 15, 2024), day(3, 16, 2024), day(9, 15, 2024), day(9, 16, 2024), day(3, 15)]):
        home.bed(f"s{number}", on, on, facility=None, paid_amount=10**number)
    columns = "stays_6, stays_12, stays_24, paid_6, paid_12, paid_24"
    found = one(home, "marts.utilization", columns, as_of=day(3, 15))
    assert found == (2, 4, 5, Decimal(11000), Decimal(11110), Decimal(11111))


def test_emergency_visits_that_led_to_a_stay_count_as_the_stay(home):
    home.emergency("e1", day(3, 1))
    home.emergency("e2", day(5, 1))
    home.bed("s", day(5, 1), day(5, 4))
    assert one(home, "marts.utilization", "ed_visits_12, stays_12, unplanned_stays_12") == (1, 1, 1)


def test_open_columns_count_open_facts_only(home):
    home.bed("s1", day(3, 1), day(3, 2), paid_amount=1000)
    home.bed("s2", day(5, 1), day(5, 2), paid_amount=2000, diagnosis_code_2="F329")
    home.emergency("e1", day(7, 1), paid_amount=30)
    home.emergency("e2", day(8, 1), paid_amount=40, diagnosis_code_1="B20")
    columns = "stays_12, stays_12_open, unplanned_stays_12_open, ed_visits_12, ed_visits_12_open, paid_12, paid_12_open"
    assert one(home, "marts.utilization", columns) == (2, 1, 1, 2, 1, 3070, 1030)


def test_protected_facts_are_never_counted(home):
    home.claim("c", day(5, 1), rendering_npi="1999999999", place_of_service_code="11", hcpcs_code="99213")
    home.fill("f", day(5, 1), prescribing_provider_npi="1999999999")
    home.land()
    (home.landed / "_part2_sources.csv").write_text("kind,value\nnpi,1999999999\n")
    columns = "paid_12, providers_12, pcp_visits_12, medicines_12"
    assert one(home, "marts.utilization", columns) == (0, 0, 0, 0)
    assert home.table("marts.month") == []
    assert home.table("marts.attribution") == []


def test_providers_and_medicines_are_counted_once_each(home):
    for number, npi in enumerate(["1000000001", "1000000001", "1000000002"]):
        home.claim(f"c{number}", day(5, 1 + number), rendering_npi=npi)
    home.fill("f1", day(5, 1), ndc_code="00000111122")
    home.fill("f2", day(6, 1), ndc_code="00000111133")  # another package of the same product
    home.fill("f3", day(7, 1), ndc_code="00000222211")
    assert one(home, "marts.utilization", "providers_12, medicines_12") == (2, 2)


def test_months_enrolled_are_months_with_a_day_of_coverage():
    home = ByHand()
    home.person(enrollment_start_date=day(5, 31))
    assert one(home, "marts.utilization", "months_enrolled_12") == 8


def test_cost_by_month_and_kind(home):
    home.bed("s", day(5, 30), day(6, 3), paid_amount=5000)
    home.emergency("e", day(5, 2), paid_amount=600)
    home.claim("c", day(6, 9), place_of_service_code="11", hcpcs_code="99213", paid_amount=70)
    home.fill("f", day(6, 10), paid_amount=8)
    columns = "month, cast(paid as integer), cast(inpatient_paid as integer), cast(ed_paid as integer), cast(pharmacy_paid as integer), cast(other_paid as integer), stays, ed_visits"
    assert home.table("marts.month", columns) == [
        (day(5, 1), 5600, 5000, 600, 0, 0, 1, 1),
        (day(6, 1), 78, 0, 0, 8, 70, 0, 0),
    ]


def test_the_claims_and_fills_of_a_month_add_up_to_its_cost(home):
    home.bed("s", day(5, 30), day(6, 3), paid_amount=5000)
    home.emergency("e", day(5, 2), paid_amount=600)
    home.claim("c", day(6, 9), place_of_service_code="11", hcpcs_code="99213", paid_amount=70)
    home.claim("c", day(6, 9), claim_line_number=2, place_of_service_code="11", hcpcs_code="93000", paid_amount=30)
    home.claim("r", day(6, 9), place_of_service_code="11", hcpcs_code="99213", paid_amount=40)
    home.claim("r", day(6, 9), place_of_service_code="11", hcpcs_code="99213", paid_amount=-40)
    home.fill("f", day(6, 10), paid_amount=8)
    home.fill("old", day(6, 10, 2022), paid_amount=9)
    found = home.table("marts.paid_claim", "month, kind, cast(paid as integer)")
    assert sorted(found) == [
        (day(5, 1), "emergency", 600), (day(5, 1), "inpatient", 5000), (day(6, 1), "other", 100), (day(6, 1), "pharmacy", 8),
    ]  # fmt: skip
    by_month: dict = {}
    for month, _kind, paid in found:
        by_month[month] = by_month.get(month, 0) + paid
    assert dict(home.table("marts.month", "month, cast(paid as integer)")) == by_month


def test_a_cost_outlier_is_left_as_it_is(home):
    home.bed("s", day(5, 1), day(5, 4), paid_amount=2_500_000)
    assert one(home, "marts.utilization", "paid_12") == 2_500_000


# --- primary care ---------------------------------------------------------------------------------------------------------


def visit(home, number, on, npi, **values):
    home.claim(f"v{number}", on, rendering_npi=npi, place_of_service_code="11", **({"hcpcs_code": "99213"} | values))


def attributed(home, **more):
    return home.table("marts.attribution", "rank, npi, visits, latest_on", **more)


A, B, C = "1000000001", "1000000002", "1000000003"


def test_most_visits_win_and_runners_up_follow(home):
    visit(home, 1, day(2, 1), A)
    visit(home, 2, day(3, 1), A)
    visit(home, 3, day(9, 1), B)
    assert attributed(home) == [(1, A, 2, day(3, 1)), (2, B, 1, day(9, 1))]


def test_ties_go_to_the_most_recent_then_to_the_lower_number(home):
    visit(home, 1, day(2, 1), A)
    visit(home, 2, day(9, 1), C)
    visit(home, 3, day(9, 1), B)
    assert [row[1] for row in attributed(home)] == [B, C, A]


def test_two_bills_of_one_day_are_one_visit(home):
    visit(home, 1, day(2, 1), A)
    visit(home, 2, day(2, 1), A, hcpcs_code="99395")
    assert attributed(home) == [(1, A, 1, day(2, 1))]


def test_specialists_are_not_primary_care(home):
    home.add("practitioner", practitioner_id="1", npi=A, first_name="Sam", last_name="Heart", specialty="Cardiology")
    home.add(
        "practitioner", practitioner_id="2", npi=B, first_name="Kim", last_name="Home", specialty="Family Medicine"
    )
    visit(home, 1, day(2, 1), A)
    visit(home, 2, day(3, 1), A)
    visit(home, 3, day(4, 1), B)
    assert home.table("marts.attribution", "rank, npi, provider_name") == [(1, B, "Kim Home")]
    assert one(home, "marts.utilization", "pcp_visits_12") == 1


def test_who_the_payer_lists_is_primary_care_whatever_the_specialty():
    home = ByHand()
    home.person(pcp_npi=A)
    home.add("practitioner", practitioner_id="1", npi=A, last_name="Heart", specialty="Cardiology")
    visit(home, 1, day(2, 1), A)
    assert attributed(home) == [(1, A, 1, day(2, 1))]


@pytest.mark.parametrize("code", ["71046", "99284", None])
def test_only_visits_count(home, code):
    visit(home, 1, day(2, 1), A, hcpcs_code=code)
    assert attributed(home) == []


def test_visits_older_than_two_years_do_not_count(home):
    visit(home, 1, day(12, 31, 2023), A)
    visit(home, 2, day(1, 1, 2024), B)
    assert [row[1] for row in attributed(home)] == [B]


def test_a_diagnosis_written_by_somebody_declared_protected_later_is_never_counted(home):
    """It landed untagged: only the list of resources says who wrote it down."""
    written = {"source_code_type": "icd-10-cm", "source_code": "F1120", "recorded_date": day(5, 1), "person_id": "ada"}
    for name, npi, line in (("theirs", "1999999999", 7), ("ours", "1000000001", 8)):
        home.add("condition", condition_id=name, line=line, **written)
        home.add("resource", resource_type="Condition", resource_id=name, line=line, provider_npi_2=npi, used=True)
    home.land()
    (home.landed / "_part2_sources.csv").write_text("kind,value\nnpi,1999999999\n")
    assert home.table("input.condition", "evidence, is_part2") == [
        ("acme00000001:7", True),
        ("acme00000001:8", False),
    ]

"""Stays, emergency visits, nursing stays and readmissions: each case worked by hand."""

from datetime import timedelta

import pytest

from tests.warehouse.by_hand import ByHand, day

X, Y = "1111111111", "2222222222"


@pytest.fixture
def home():
    home = ByHand()
    home.person()
    return home


def stays(home, columns="admitted_on, discharged_on", **more):
    return home.table("core.inpatient_stay", columns, **more)


def visits(home, columns="visited_on, led_to_stay", **more):
    return home.table("core.ed_visit", columns, **more)


# --- stays ------------------------------------------------------------------------------------------------------------


def test_one_bill_is_one_stay(home):
    evidence = home.bed("s", day(3, 1), day(3, 5), drg_code="291", diagnosis_code_1="I509")
    [found] = stays(
        home, "stay_id, admitted_on, discharged_on, drg_code, principal_diagnosis, claim_ids, beds, evidence"
    )
    assert found == ("ada:2025-03-01", day(3, 1), day(3, 5), "291", "I509", "s", 1, evidence)


def test_moved_to_another_hospital_the_same_day_is_one_stay(home):
    home.bed("a", day(3, 1), day(3, 3), facility=X, discharge_disposition_code="02", drg_code="280")
    home.bed("b", day(3, 3), day(3, 9), facility=Y, drg_code="233")
    [found] = stays(home, "admitted_on, discharged_on, facility_npi, drg_code, discharge_status, claim_ids, beds")
    assert found == (day(3, 1), day(3, 9), Y, "233", "01", "a;b", 2)


def test_at_another_hospital_the_next_day_is_one_stay_whatever_the_status(home):
    home.bed("a", day(3, 1), day(3, 3), facility=X, discharge_disposition_code="01")
    home.bed("b", day(3, 4), day(3, 9), facility=Y)
    assert stays(home) == [(day(3, 1), day(3, 9))]


def test_back_at_the_same_hospital_the_next_day_is_a_new_stay(home):
    home.bed("a", day(3, 1), day(3, 3))
    home.bed("b", day(3, 4), day(3, 9))
    assert stays(home) == [(day(3, 1), day(3, 3)), (day(3, 4), day(3, 9))]


@pytest.mark.parametrize("status", ["02", "05", "43", "62", "65", "66", "70", "82", "94"])
def test_a_transfer_status_joins_the_next_day_even_without_a_facility(home, status):
    home.bed("a", day(3, 1), day(3, 3), facility=None, discharge_disposition_code=status)
    home.bed("b", day(3, 4), day(3, 9), facility=None)
    assert stays(home) == [(day(3, 1), day(3, 9))]


def test_unknown_hospitals_and_home_in_between_are_two_stays(home):
    home.bed("a", day(3, 1), day(3, 3), facility=None)
    home.bed("b", day(3, 4), day(3, 9), facility=None)
    assert len(stays(home)) == 2


def test_two_days_between_are_two_stays_even_after_a_transfer(home):
    home.bed("a", day(3, 1), day(3, 3), facility=X, discharge_disposition_code="02")
    home.bed("b", day(3, 5), day(3, 9), facility=Y)
    assert len(stays(home)) == 2


def test_interim_bills_are_one_stay(home):
    still = {"discharge_disposition_code": "30", "discharge_date": None, "admission_date": day(1, 10)}
    home.bed("a", day(1, 10), day(1, 31), bill_type_code="112", **still)
    home.bed("b", day(2, 1), day(2, 28), bill_type_code="113", **still)
    home.bed("c", day(3, 1), day(3, 7), bill_type_code="114", admission_date=day(1, 10))
    assert stays(home, "admitted_on, discharged_on, discharge_status, claim_ids") == [
        (day(1, 10), day(3, 7), "01", "a;b;c")
    ]


def test_a_missing_bill_in_the_middle_does_not_split_a_stay_with_one_admission(home):
    still = {"discharge_disposition_code": "30", "discharge_date": None, "admission_date": day(1, 10)}
    home.bed("a", day(1, 10), day(1, 31), bill_type_code="112", **still)
    home.bed("c", day(3, 1), day(3, 7), bill_type_code="114", admission_date=day(1, 10))
    assert stays(home) == [(day(1, 10), day(3, 7))]


def test_still_a_patient_carries_on_the_next_day_without_an_admission_date(home):
    home.bed("a", day(1, 10), day(1, 31), bill_type_code="112", discharge_disposition_code="30", discharge_date=None)
    home.bed("b", day(2, 1), day(2, 3), bill_type_code="114", admission_date=None)
    assert stays(home) == [(day(1, 10), day(2, 3))]


def test_who_is_still_in_has_no_discharge(home):
    home.bed("a", day(3, 1), day(3, 31), bill_type_code="112", discharge_disposition_code="30", discharge_date=None)
    assert stays(home, "admitted_on, discharged_on, discharge_is_assumed", as_of=day(4, 10)) == [
        (day(3, 1), None, False)
    ]


def test_after_sixty_days_without_a_bill_the_last_day_stands_in(home):
    home.bed("a", day(3, 1), day(3, 31), bill_type_code="112", discharge_disposition_code="30", discharge_date=None)
    columns = "discharged_on, discharge_is_assumed"
    assert stays(home, columns, as_of=day(5, 30)) == [(None, False)]
    assert stays(home, columns, as_of=day(5, 31)) == [(day(3, 31), True)]


def test_overlapping_bills_are_one_stay(home):
    home.bed("a", day(3, 1), day(3, 6), facility=X)
    home.bed("b", day(3, 4), day(3, 9), facility=Y)
    home.bed("c", day(3, 2), day(3, 3), facility=X)
    assert stays(home) == [(day(3, 1), day(3, 9))]


def test_a_missing_discharge_date_is_the_last_day_billed(home):
    home.bed("a", day(3, 1), day(3, 6), discharge_date=None)
    assert stays(home) == [(day(3, 1), day(3, 6))]


def test_hours_before_the_admission_are_not_the_stay(home):
    home.claim(
        "a", day(2, 27), day(3, 5), bill_type_code="111", admission_date=day(3, 1), discharge_date=day(3, 5),
        discharge_disposition_code="01",
    )  # fmt: skip
    assert stays(home) == [(day(3, 1), day(3, 5))]


def test_rehabilitation_is_a_stay_of_its_own(home):
    home.bed("a", day(3, 1), day(3, 5), facility=X, discharge_disposition_code="62")
    home.bed("b", day(3, 5), day(3, 20), facility=Y, revenue_center_code="0128")
    assert stays(home, "admitted_on, is_acute, is_unplanned") == [
        (day(3, 1), True, True),
        (day(3, 5), False, False),
    ]


def test_part_b_and_hospice_bills_are_no_stays(home):
    home.bed("a", day(3, 1), day(3, 5), bill_type_code="121")
    home.bed("b", day(4, 1), day(4, 5), bill_type_code="821")
    home.bed("c", day(5, 1), day(5, 5), bill_type_code="111", revenue_center_code="0656")
    assert stays(home) == []


@pytest.mark.parametrize(
    ("values", "unplanned"),
    [
        ({"admit_type_code": "1"}, True),
        ({"admit_type_code": "2"}, True),
        ({"admit_type_code": "5"}, True),
        ({"admit_type_code": "3"}, False),
        ({"admit_type_code": "4"}, False),
        ({"admit_type_code": "9"}, False),
        ({"admit_type_code": None}, False),
        ({"admit_type_code": "9", "revenue_center_code": "0450"}, True),
        ({"admit_type_code": "3", "revenue_center_code": "0450"}, False),
        ({"admit_type_code": "1", "drg_code": "807"}, False),
        ({"admit_type_code": "1", "drg_code": "795"}, False),
        ({"admit_type_code": "1", "diagnosis_code_1": "O80"}, False),
        ({"admit_type_code": "1", "diagnosis_code_1": "Z3800"}, False),
    ],
)
def test_what_is_unplanned(home, values, unplanned):
    home.bed("a", day(3, 1), day(3, 5), **values)
    assert stays(home, "is_unplanned") == [(unplanned,)]


def test_the_first_bed_says_how_urgent_it_was(home):
    home.bed("a", day(3, 1), day(3, 3), facility=X, admit_type_code="1")
    home.bed("b", day(3, 3), day(3, 9), facility=Y, admit_type_code="3")
    assert stays(home, "is_unplanned, admit_type_code") == [(True, "1")]


def test_protected_facts_make_no_stays_and_no_visits(home):
    home.bed("a", day(3, 1), day(3, 5), billing_npi="1999999999")
    home.emergency("e", day(4, 1), billing_npi="1999999999")
    home.land()
    (home.landed / "_part2_sources.csv").write_text("kind,value\nnpi,1999999999\n")
    assert stays(home) == []
    assert visits(home) == []


def test_a_stay_carries_the_tags_of_its_claims(home):
    home.bed("a", day(3, 1), day(3, 3), facility=X, diagnosis_code_2="F329")
    home.bed("b", day(3, 3), day(3, 9), facility=Y, diagnosis_code_2="B20")
    assert stays(home, "tags") == [("behavioral;hiv",)]


# --- records without claims ---------------------------------------------------------------------------------------------


def encounter(home, number, kind, start, end, **values):
    return home.add(
        "encounter", source="ehr", encounter_id=number, person_id="ada", encounter_class=kind,
        encounter_start_date=start, encounter_end_date=end, **values,
    )  # fmt: skip


def test_a_record_tells_of_a_stay_no_claim_knows(home):
    evidence = encounter(home, "e1", "IMP", day(3, 1), day(3, 4), facility_name="St. Mary")
    assert stays(home, "admitted_on, discharged_on, told_by, facility, claim_ids, evidence") == [
        (day(3, 1), day(3, 4), "records", "St. Mary", None, evidence)
    ]


def test_a_stay_told_twice_is_counted_once_from_its_claim(home):
    encounter(home, "e1", "ACUTE", day(3, 1), day(3, 4))
    encounter(home, "e2", "IMP", day(3, 20), day(3, 22))
    home.bed("s", day(3, 4), day(3, 8))
    assert stays(home, "admitted_on, told_by") == [(day(3, 4), "claims"), (day(3, 20), "records")]


def test_a_record_taken_back_never_happened(home):
    encounter(home, "e1", "IMP", day(3, 1), day(3, 4))
    encounter(home, "e1", "IMP", day(3, 1), day(3, 4), delivery=2, is_retracted=True)
    encounter(home, "e2", "IMP", day(5, 1), day(5, 4), status="planned")
    assert stays(home) == []


def test_an_emergency_record_before_an_inpatient_record_makes_it_unplanned(home):
    encounter(home, "e1", "EMER", day(3, 1), day(3, 1))
    encounter(home, "e2", "IMP", day(3, 2), day(3, 4))
    assert stays(home, "is_unplanned, went_through_ed") == [(True, True)]
    assert visits(home, "visited_on, led_to_stay, told_by") == [(day(3, 1), True, "records")]


def test_an_emergency_told_twice_is_counted_once(home):
    encounter(home, "e1", "EMER", day(3, 1), day(3, 1))
    home.emergency("c", day(3, 1))
    assert visits(home, "visited_on, told_by") == [(day(3, 1), "claims")]


def test_someone_still_in_by_the_record_has_no_discharge(home):
    encounter(home, "e1", "IMP", day(12, 20), None)
    assert stays(home) == [(day(12, 20), None)]


# --- emergency visits -----------------------------------------------------------------------------------------------------


def test_facility_and_doctor_bill_one_visit(home):
    a = home.emergency("f", day(3, 1), diagnosis_code_1="R079", paid_amount=800)
    b = home.claim("p", day(3, 1), place_of_service_code="23", hcpcs_code="99284", paid_amount=150)
    [found] = visits(home, "visited_on, principal_diagnosis, claim_ids, paid, led_to_stay, evidence")
    assert found == (day(3, 1), "R079", "f;p", 950, False, ";".join(sorted([a, b])))


@pytest.mark.parametrize(
    "values",
    [
        *({"revenue_center_code": code} for code in ("0450", "0451", "0452", "0459", "0981")),
        *({"revenue_center_code": "0300", "hcpcs_code": code} for code in ("99281", "99285", "G0380", "G0384")),
    ],
)
def test_what_a_facility_bills_for_an_emergency(home, values):
    home.emergency("f", day(3, 1), **values)
    assert visits(home) == [(day(3, 1), False)]


@pytest.mark.parametrize("code", ["0456", "0762", "0300"])
def test_urgent_care_and_observation_alone_are_no_emergency(home, code):
    home.emergency("f", day(3, 1), revenue_center_code=code)
    assert visits(home) == []


def test_the_emergency_line_of_a_monthly_bill_says_the_day(home):
    home.emergency("f", day(3, 1), day(3, 31), claim_line_start_date=day(3, 12), claim_line_end_date=day(3, 12))
    assert visits(home, "visited_on, ended_on") == [(day(3, 12), day(3, 12))]


def test_observation_after_the_emergency_room_is_the_same_visit(home):
    home.emergency("f", day(3, 1), day(3, 2), claim_line_number=1)
    home.emergency("f", day(3, 1), day(3, 2), claim_line_number=2, revenue_center_code="0762")
    assert visits(home, "visited_on, ended_on, observation, led_to_stay") == [(day(3, 1), day(3, 2), True, False)]


def test_two_emergency_rooms_on_one_day_are_two_visits(home):
    home.emergency("a", day(3, 1), facility=X)
    home.emergency("b", day(3, 1), facility=Y)
    assert len(visits(home)) == 2


def test_doctors_alone_make_one_visit_a_day(home):
    for claim_id in ("a", "b"):
        home.claim(claim_id, day(3, 1), place_of_service_code="23", hcpcs_code="99284")
    home.claim("reading", day(3, 1), place_of_service_code="23", hcpcs_code="71046")
    home.claim("c", day(3, 2), hcpcs_code="G0384")
    assert visits(home, "visited_on, led_to_stay, claim_ids") == [
        (day(3, 1), False, "a;b;reading"), (day(3, 2), False, "c"),
    ]  # fmt: skip


@pytest.mark.parametrize("hcpcs", ["71046", "99221", None])
def test_the_place_alone_makes_no_visit(home, hcpcs):
    """One doctor's claim at place of service 23, no hospital bill, no visit number: care given there, nobody's visit."""
    home.claim("reading", day(3, 1), place_of_service_code="23", hcpcs_code=hcpcs, paid_amount=40)
    assert visits(home) == []
    assert home.table("marts.utilization", "ed_visits_12") == [(0,)]
    assert home.table("core.encounter", "starts_on, kind, claims, cast(paid as integer)") == [
        (day(3, 1), "emergency department", 1, 40)
    ]


def test_the_place_alone_belongs_to_the_visit_or_the_stay_of_its_day(home):
    home.emergency("f", day(3, 1))
    home.claim("p", day(3, 1), place_of_service_code="23", hcpcs_code="71046")
    home.claim("q", day(5, 4), place_of_service_code="23", hcpcs_code="71046")
    home.bed("s", day(5, 5), day(5, 9), admit_type_code="9")
    assert visits(home, "visited_on, led_to_stay, claim_ids") == [(day(3, 1), False, "f;p"), (day(5, 4), True, "q")]
    assert stays(home, "went_through_ed") == [(True,)]


# --- names of places ------------------------------------------------------------------------------------------------------


def test_a_visit_or_stay_has_a_name_wherever_any_source_gives_one(home):
    """By the list of hospitals; by another record's name for the number; by the record itself; by who billed."""
    known, told = "1999999984", "1999999992"
    home.add("organization", organization_id="o", npi=known, name="Mercy General")
    home.emergency("a", day(1, 5), facility=known)
    home.emergency("b", day(2, 5), facility=told)
    home.bed("c", day(3, 1), day(3, 4), facility=None, billing_npi=known)
    encounter(home, "e1", "EMER", day(4, 5), day(4, 5), facility_name="Field Hospital")
    encounter(home, "e2", "AMB", day(5, 5), day(5, 5), facility_name="Grace Clinic", facility_id=told)
    home.emergency("d", day(6, 5), facility="1999999976")
    home.claim("p", day(7, 4), place_of_service_code="23", hcpcs_code="99285")
    home.bed("s", day(7, 4), day(7, 6), facility=known)
    assert visits(home, "visited_on, facility_npi, facility") == [
        (day(1, 5), known, "Mercy General"), (day(2, 5), told, "Grace Clinic"), (day(4, 5), None, "Field Hospital"),
        (day(6, 5), "1999999976", None), (day(7, 4), known, "Mercy General"),
    ]  # fmt: skip
    assert stays(home, "facility_npi, facility") == [(known, "Mercy General")] * 2
    assert home.table("published.provider", "npi, name") == [(known, "Mercy General"), (told, "Grace Clinic")]


@pytest.mark.parametrize("before", [0, 1])
def test_an_emergency_the_day_of_admission_or_before_led_to_the_stay(home, before):
    home.emergency("e", day(3, 5 - before))
    home.bed("s", day(3, 5), day(3, 9), admit_type_code="9")
    assert visits(home, "visited_on, led_to_stay, stay_id") == [(day(3, 5 - before), True, "ada:2025-03-05")]
    assert stays(home, "went_through_ed, is_unplanned") == [(True, True)]


def test_two_days_before_is_a_visit_of_its_own(home):
    home.emergency("e", day(3, 3))
    home.bed("s", day(3, 5), day(3, 9), admit_type_code="9")
    assert visits(home) == [(day(3, 3), False)]
    assert stays(home, "went_through_ed") == [(False,)]


def test_all_that_led_to_one_stay_is_counted_once(home):
    home.emergency("e", day(3, 4), facility=X)
    home.claim("p", day(3, 5), place_of_service_code="23")
    home.bed("s", day(3, 5), day(3, 9), facility=Y, revenue_center_code="0450")
    assert visits(home, "visited_on, led_to_stay, claim_ids") == [(day(3, 4), True, "e;p;s")]


def test_the_emergency_room_after_discharge_is_a_new_visit(home):
    home.bed("s", day(3, 5), day(3, 9))
    home.emergency("e", day(3, 9))
    assert visits(home) == [(day(3, 9), False)]


# --- skilled nursing ------------------------------------------------------------------------------------------------------


def nursing(home, claim_id, start, end, **values):
    home.claim(claim_id, start, end, **({"bill_type_code": "211", "discharge_disposition_code": "01"} | values))


def test_monthly_nursing_bills_are_one_stay(home):
    nursing(home, "a", day(3, 10), day(3, 31), bill_type_code="212", discharge_disposition_code="30")
    nursing(home, "b", day(4, 1), day(4, 12), bill_type_code="214")
    nursing(home, "c", day(6, 1), day(6, 3))
    assert home.table("core.snf_stay", "admitted_on, discharged_on, claim_ids") == [
        (day(3, 10), day(4, 12), "a;b"),
        (day(6, 1), day(6, 3), "c"),
    ]


def test_nursing_days_are_counted_within_the_window(home):
    nursing(home, "a", day(12, 20, 2024), day(1, 10))
    nursing(home, "b", day(12, 20), day(12, 30), discharge_disposition_code="30")
    # January 1 to 9 (the day of discharge is not counted) and December 20 to 30
    assert home.table("marts.utilization", "snf_days_12") == [(9 + 11,)]


# --- readmissions ---------------------------------------------------------------------------------------------------------


def returns(home, columns="discharged_on, readmitted_on, days, is_index", **more):
    return home.table("marts.readmission", columns, **more)


@pytest.mark.parametrize(("back", "found"), [(2, True), (30, True), (31, False)])
def test_back_within_thirty_days(home, back, found):
    home.bed("a", day(3, 1), day(3, 1), facility=X)
    again = day(3, 1) + timedelta(days=back)
    home.bed("b", again, again, facility=X)
    assert returns(home) == ([(day(3, 1), again, back, True)] if found else [])


def test_back_the_next_day_at_the_same_hospital_is_a_readmission_of_one_day(home):
    home.bed("a", day(3, 1), day(3, 3))
    home.bed("b", day(3, 4), day(3, 9))
    assert returns(home) == [(day(3, 3), day(3, 4), 1, True)]


@pytest.mark.parametrize(("status", "why"), [("20", "died"), ("07", "left_against_advice"), ("02", "acute_transfer")])
def test_discharges_that_do_not_count(home, status, why):
    home.bed("a", day(3, 1), day(3, 3), discharge_disposition_code=status)
    home.bed("b", day(3, 10), day(3, 12))
    assert returns(home) == []
    assert home.table("marts.index_discharge", "because") == [(why,), (None,)]


def test_only_the_first_return_counts_and_may_be_left_again(home):
    home.bed("a", day(3, 1), day(3, 3))
    home.bed("b", day(3, 10), day(3, 12))
    home.bed("c", day(3, 20), day(3, 22))
    assert [row[:2] for row in returns(home)] == [(day(3, 3), day(3, 10)), (day(3, 12), day(3, 20))]


def test_an_unfinished_thirty_days_is_seen_but_no_index(home):
    home.bed("a", day(12, 1), day(12, 10))
    home.bed("b", day(12, 15), day(12, 16))
    assert returns(home) == [(day(12, 10), day(12, 15), 5, False)]
    assert home.table("marts.index_discharge", "because") == [("not_over",), ("not_over",)]
    assert home.table("marts.utilization", "readmissions_12") == [(1,)]


def test_without_coverage_for_thirty_days_no_index():
    home = ByHand()
    home.person(enrollment_end_date=day(3, 20))
    home.bed("a", day(3, 1), day(3, 3))
    assert home.table("marts.index_discharge", "is_index, because") == [(False, "not_covered")]


def test_who_died_at_home_was_followed_until_then():
    home = ByHand()
    home.person(enrollment_end_date=day(3, 20), death_date=day(3, 20))
    home.bed("a", day(3, 1), day(3, 3))
    assert home.table("marts.index_discharge", "is_index") == [(True,)]


def test_coverage_under_two_plans_is_unbroken():
    home = ByHand()
    home.person(enrollment_end_date=day(3, 20))
    home.person(enrollment_start_date=day(3, 21), plan="Silver")
    home.bed("a", day(3, 1), day(3, 3))
    assert home.table("marts.index_discharge", "is_index") == [(True,)]


def test_nursing_and_rehabilitation_are_no_readmissions(home):
    home.bed("a", day(3, 1), day(3, 3), discharge_disposition_code="62")
    home.bed("b", day(3, 3), day(3, 12), facility=Y, revenue_center_code="0118")
    nursing(home, "c", day(3, 12), day(3, 20))
    assert returns(home) == []


def test_a_readmission_carries_both_tags_and_both_rows(home):
    a = home.bed("a", day(3, 1), day(3, 3), diagnosis_code_2="F329")
    b = home.bed("b", day(3, 10), day(3, 12), diagnosis_code_2="B20")
    assert returns(home, "tags, evidence") == [("behavioral;hiv", f"{a};{b}")]


# --- encounters -----------------------------------------------------------------------------------------------------------


def test_every_claim_belongs_to_one_encounter(home):
    home.bed("s", day(3, 1), day(3, 5), paid_amount=5000)
    home.claim("surgeon", day(3, 2), place_of_service_code="21", paid_amount=700)
    home.emergency("e", day(2, 28), facility=X, paid_amount=900)
    home.claim("er-doctor", day(2, 28), place_of_service_code="23", paid_amount=100)
    home.claim("visit", day(4, 2), place_of_service_code="11", hcpcs_code="99213", paid_amount=90)
    home.claim("blood", day(4, 2), place_of_service_code="81", paid_amount=20)
    nursing(home, "n", day(3, 6), day(3, 20), paid_amount=3000)
    home.claim("nurse", day(3, 8), place_of_service_code="31", paid_amount=60)
    found = home.table("core.encounter", "starts_on, kind, claims, cast(paid as integer)")
    assert found == [
        (day(2, 28), "emergency visit", 2, 1000),
        (day(3, 1), "inpatient stay", 2, 5700),
        (day(3, 6), "skilled nursing stay", 2, 3060),
        (day(4, 2), "lab", 1, 20),
        (day(4, 2), "office-based visit", 1, 90),
    ]

"""Which landed claim lines count: resends, voids, replacements, reversals, repeats. Each case worked by hand."""

from decimal import Decimal

import pytest

from tests.warehouse.by_hand import ByHand, day

MAY = day(5, 1)


@pytest.fixture
def home():
    home = ByHand()
    home.person()
    return home


def claims(home, **more):
    return [(claim_id, float(paid)) for claim_id, paid in home.table("core.claim", "claim_id, paid", **more)]


def lines(home):
    return [
        (claim_id, number, float(paid))
        for claim_id, number, paid in home.table("core.claim_line", "claim_id, line_number, paid")
    ]


def reasons(home):
    return home.table("input.line_left_out", "claim_id, because")


def test_lines_of_one_claim_add_up(home):
    home.claim("c", MAY, claim_line_number=1, paid_amount=10)
    home.claim("c", MAY, claim_line_number=2, paid_amount=5.25)
    assert claims(home) == [("c", 15.25)]
    assert home.table("core.claim", "paid")[0][0] == Decimal("15.25")


def test_the_latest_delivery_of_a_claim_counts_as_a_whole(home):
    home.claim("c", MAY, claim_line_number=1, paid_amount=10, delivery=1)
    home.claim("c", MAY, claim_line_number=2, paid_amount=20, delivery=1)
    home.claim("c", MAY, claim_line_number=1, paid_amount=12, delivery=2)
    assert claims(home) == [("c", 12)]
    assert reasons(home) == [("c", "superseded")] * 2


def test_the_same_claim_number_from_two_feeds_is_two_claims(home):
    home.claim("c", MAY, source="acme", delivery=1)
    home.claim("c", MAY, source="bolt", delivery=2)
    assert len(claims(home)) == 2


def test_a_resend_may_move_a_claim_to_another_person(home):
    home.person("bea")
    home.claim("c", MAY, delivery=1)
    home.claim("c", MAY, delivery=2, person_id="bea")
    assert home.table("core.claim", "person_id") == [("bea",)]


def test_a_line_repeated_in_a_file_counts_once(home):
    home.claim("c", MAY, hcpcs_code="99213")
    home.claim("c", MAY, hcpcs_code="99213")
    assert claims(home) == [("c", 100)]
    assert reasons(home) == [("c", "repeated")]


def test_a_line_number_with_another_service_is_another_line(home):
    home.claim("c", MAY, hcpcs_code="99213", paid_amount=10)
    home.claim("c", MAY, hcpcs_code="36415", paid_amount=5)
    assert claims(home) == [("c", 15)]


def test_a_line_priced_anew_in_the_same_file_counts_as_last_written(home):
    home.claim("c", MAY, hcpcs_code="99213", paid_amount=10)
    home.claim("c", MAY, hcpcs_code="99213", paid_amount=8)
    assert claims(home) == [("c", 8)]


def test_a_void_takes_the_claim_away(home):
    home.bed("c", MAY, day(5, 4), delivery=1)
    home.bed("c", MAY, day(5, 4), delivery=2, bill_type_code="118")
    assert claims(home) == []
    assert home.table("core.inpatient_stay") == []


def test_a_void_in_the_same_file_takes_the_claim_away(home):
    home.bed("c", MAY, day(5, 4))
    home.bed("c", MAY, day(5, 4), bill_type_code="118")
    assert claims(home) == []


def test_a_void_under_another_number_takes_the_one_claim_it_fits(home):
    home.bed("c", MAY, day(5, 4), charge_amount=900, delivery=1)
    home.bed("d", day(6, 1), day(6, 4), charge_amount=900, delivery=1)
    home.bed("v", MAY, day(5, 4), charge_amount=900, delivery=2, bill_type_code="118")
    assert claims(home) == [("d", 100)]
    assert home.table("input.claim_withdrawn", "because, by_claim") == [("void", "v")]


def test_a_void_of_another_charge_takes_nothing_away(home):
    home.bed("c", MAY, day(5, 4), charge_amount=900, delivery=1)
    home.bed("v", MAY, day(5, 4), charge_amount=500, delivery=2, bill_type_code="118")
    assert claims(home) == [("c", 100)]


def test_a_void_that_fits_two_claims_takes_neither(home):
    for claim_id in ("c", "d"):
        home.emergency(claim_id, MAY, charge_amount=900, delivery=1)
    home.emergency("v", MAY, charge_amount=900, delivery=2, bill_type_code="138")
    assert claims(home) == [("c", 100), ("d", 100)]


def test_a_replacement_takes_the_place_of_its_claim(home):
    home.bed("c", MAY, day(5, 4), paid_amount=100, delivery=1)
    home.bed("c", MAY, day(5, 4), paid_amount=80, delivery=2, bill_type_code="117")
    assert claims(home) == [("c", 80)]


def test_a_replacement_in_the_same_file_takes_the_place_of_its_claim(home):
    home.bed("c", MAY, day(5, 4), paid_amount=100)
    home.bed("c", MAY, day(5, 4), paid_amount=80, bill_type_code="117")
    assert claims(home) == [("c", 80)]


def test_void_and_replacement_together_leave_the_replacement(home):
    home.bed("c", MAY, day(5, 4), paid_amount=100)
    home.bed("c", MAY, day(5, 4), paid_amount=-100, bill_type_code="118")
    home.bed("c", MAY, day(5, 4), paid_amount=80, bill_type_code="117")
    assert claims(home) == [("c", 80)]


def test_a_replacement_under_another_number_takes_its_place(home):
    home.bed("c", MAY, day(5, 4), paid_amount=100, delivery=1)
    home.bed("r", MAY, day(5, 4), paid_amount=80, delivery=2, bill_type_code="117")
    home.bed("q", MAY, day(5, 4), paid_amount=70, delivery=3, bill_type_code="117")
    assert claims(home) == [("q", 70)]
    assert lines(home) == [("q", 1, 70)]


def test_a_cancelled_claim_of_a_fhir_feed_is_gone(home):
    home.claim("c", MAY, delivery=1)
    home.claim("c", MAY, delivery=2, claim_status="cancelled")
    assert claims(home) == []


def test_a_reversal_cancels_its_line(home):
    home.claim("c", MAY, claim_line_number=1, hcpcs_code="99213", paid_amount=40)
    home.claim("c", MAY, claim_line_number=2, hcpcs_code="36415", paid_amount=5)
    home.claim("c", MAY, claim_line_number=3, hcpcs_code="36415", paid_amount=-5)
    assert lines(home) == [("c", 1, 40)]


def test_reversal_and_new_price_in_one_file(home):
    home.claim("c", MAY, hcpcs_code="99213", paid_amount=100)
    home.claim("c", MAY, hcpcs_code="99213", paid_amount=-100)
    home.claim("c", MAY, hcpcs_code="99213", paid_amount=80)
    assert claims(home) == [("c", 80)]


def test_reversal_and_the_same_price_again_leave_one(home):
    home.claim("c", MAY, hcpcs_code="99213", paid_amount=100)
    home.claim("c", MAY, hcpcs_code="99213", paid_amount=-100)
    home.claim("c", MAY, hcpcs_code="99213", paid_amount=100)
    assert claims(home) == [("c", 100)]


def test_a_reversal_sent_later_undoes_the_claim(home):
    home.claim("c", MAY, hcpcs_code="99213", paid_amount=100, delivery=1)
    home.claim("c", MAY, hcpcs_code="99213", paid_amount=-100, delivery=2)
    assert claims(home) == []
    assert reasons(home) == [("c", "mirrored"), ("c", "superseded")]


def test_a_reversal_sent_later_with_the_new_price_leaves_the_new_price(home):
    home.claim("c", MAY, hcpcs_code="99213", paid_amount=100, delivery=1)
    home.claim("c", MAY, hcpcs_code="99213", paid_amount=-100, delivery=2)
    home.claim("c", MAY, hcpcs_code="99213", paid_amount=80, delivery=2)
    assert claims(home) == [("c", 80)]


def test_an_adjustment_lowers_the_sum(home):
    home.claim("c", MAY, claim_line_number=1, paid_amount=100)
    home.claim("c", MAY, claim_line_number=2, paid_amount=-20)
    assert claims(home) == [("c", 80)]


def test_lines_that_sum_to_a_reversed_zero_drop_the_claim(home):
    home.claim("c", MAY, claim_line_number=1, hcpcs_code="99213", paid_amount=60)
    home.claim("c", MAY, claim_line_number=2, hcpcs_code="36415", paid_amount=40)
    home.claim("c", MAY, claim_line_number=3, paid_amount=-100)
    assert claims(home) == []
    assert set(reasons(home)) == {("c", "reversed")}


def test_a_claim_paid_nothing_still_happened(home):
    home.claim("c", MAY, paid_amount=0)
    assert claims(home) == [("c", 0)]


def test_a_reversal_is_seen_by_its_charge_when_nothing_was_paid(home):
    home.claim("c", MAY, hcpcs_code="99213", paid_amount=0, charge_amount=50)
    home.claim("c", MAY, hcpcs_code="99213", paid_amount=0, charge_amount=-50)
    assert claims(home) == []


def test_notices_of_admission_bill_nothing(home):
    home.claim("n", MAY, bill_type_code="81A")
    assert claims(home) == []


def test_care_after_the_day_is_not_seen(home):
    home.claim("before", day(5, 1))
    home.claim("after", day(5, 3))
    assert [claim_id for claim_id, _ in claims(home, as_of=day(5, 2))] == ["before"]


def test_lines_with_different_diagnoses_are_one_claim_with_all_of_them(home):
    home.claim("c", MAY, claim_line_number=1, diagnosis_code_1="E119", diagnosis_code_2="I10")
    home.claim("c", MAY, claim_line_number=2, diagnosis_code_1="J449", diagnosis_code_2="I10")
    assert claims(home) == [("c", 200)]
    assert home.table("core.diagnosis", "position, code") == [(1, "E119"), (2, "I10"), (3, "J449")]


def test_a_diagnosis_stands_once_per_claim_in_its_first_place(home):
    home.claim("c", MAY, diagnosis_code_1="E119", diagnosis_code_2="I10", diagnosis_code_3="E119")
    assert home.table("core.diagnosis", "position, code") == [(1, "E119"), (2, "I10")]


def test_a_claim_without_a_principal_diagnosis_has_none(home):
    home.claim("c", MAY, diagnosis_code_1=None, diagnosis_code_2="I10")
    assert home.table("core.claim", "principal_diagnosis") == [(None,)]
    assert home.table("core.diagnosis", "position, code") == [(2, "I10")]


@pytest.mark.parametrize(
    ("kind", "code"), [("icd-9-cm", "25000"), ("snomed-ct", "44054006"), ("http://snomed.info/sct", "44054006")]
)
def test_other_code_systems_are_not_read_as_icd10(home, kind, code):
    home.claim("c", MAY, diagnosis_code_1=code, diagnosis_code_type=kind)
    assert home.table("core.diagnosis") == []


@pytest.mark.parametrize("kind", ["icd-10-cm", "ICD10CM", "http://hl7.org/fhir/sid/icd-10-cm", None])
def test_ways_to_say_icd10(home, kind):
    home.claim("c", MAY, diagnosis_code_1="E119", diagnosis_code_type=kind)
    assert home.table("core.diagnosis", "code") == [("E119",)]


@pytest.mark.parametrize(
    ("values", "category", "kind", "eligible"),
    [
        ({"bill_type_code": "111"}, "acute inpatient", "IP", True),
        ({"bill_type_code": "111", "revenue_center_code": "0128"}, "inpatient rehabilitation", "IP", True),
        ({"bill_type_code": "111", "revenue_center_code": "0450"}, "acute inpatient", "IP", True),
        ({"bill_type_code": "211"}, "skilled nursing", "SNF", False),
        ({"bill_type_code": "131", "revenue_center_code": "0450"}, "emergency department", "OP", False),
        ({"bill_type_code": "131", "hcpcs_code": "99283"}, "emergency department", "OP", True),
        ({"bill_type_code": "131", "revenue_center_code": "0456"}, "urgent care", "OP", False),
        ({"bill_type_code": "131", "revenue_center_code": "0762"}, "observation", "OP", False),
        ({"bill_type_code": "721"}, "dialysis", "OP", False),
        ({"bill_type_code": "329"}, "home health", "HHA", False),
        ({"bill_type_code": "811"}, "outpatient hospice", "HOSPICE", False),
        ({"bill_type_code": "821"}, "inpatient hospice", "HOSPICE", False),
        ({"bill_type_code": "131"}, "outpatient hospital or clinic", "OP", False),
        ({"bill_type_code": "131", "hcpcs_code": "99213"}, "outpatient hospital or clinic", "OP", True),
        ({"claim_type": "institutional", "drg_code": "291"}, "acute inpatient", "IP", True),
        ({"claim_type": "institutional"}, "other", "OP", False),
        ({"place_of_service_code": "11", "hcpcs_code": "99213"}, "office-based visit", "CAR", True),
        ({"place_of_service_code": "11", "hcpcs_code": "71046"}, "office-based radiology", "CAR", False),
        ({"place_of_service_code": "23", "hcpcs_code": "99284"}, "emergency department", "CAR", True),
        ({"place_of_service_code": "21", "hcpcs_code": "99222"}, "acute inpatient", "CAR", True),
        ({"place_of_service_code": "10", "hcpcs_code": "99213"}, "telehealth", "CAR", True),
        ({"place_of_service_code": "41", "hcpcs_code": "A0427"}, "ambulance", "CAR", False),
        ({"place_of_service_code": "99"}, "other", "CAR", False),
        ({"claim_type": "dental"}, "dental", None, False),
    ],
)
def test_kinds_of_claims(home, values, category, kind, eligible):
    home.claim("c", MAY, **values)
    assert home.table("core.claim", "service_category_2, claim_kind, is_risk_eligible") == [(category, kind, eligible)]


def test_the_most_telling_line_names_a_professional_claim(home):
    home.claim("c", MAY, claim_line_number=1, place_of_service_code="11", hcpcs_code="99213")
    home.claim("c", MAY, claim_line_number=2, place_of_service_code="21", hcpcs_code="99222")
    assert home.table("core.claim", "service_category_2") == [("acute inpatient",)]


def test_part_two_sources_declared_later_close_what_landed_before(home):
    home.claim("c", MAY, rendering_npi="1999999999")
    home.claim("d", MAY, rendering_npi="1888888888")
    home.land()
    (home.landed / "_part2_sources.csv").write_text("kind,value\nnpi,1999999999\n")
    assert home.table("core.claim", "claim_id, tags") == [("c", "part2"), ("d", "")]
    assert home.table("core.diagnosis", "tags") == [("",), ("part2",)]


def test_a_confidential_service_to_a_minor_is_tagged(home):
    home.person("kid", born=day(5, 2, 2007))
    home.claim("young", day(5, 1), person_id="kid", diagnosis_code_1="F329")
    home.claim("grown", day(5, 2), person_id="kid", diagnosis_code_1="F329")
    home.claim("plain", day(5, 1), person_id="kid", diagnosis_code_1="J069")
    assert home.table("core.claim", "claim_id, tags") == [
        ("grown", "behavioral"),
        ("plain", ""),
        ("young", "behavioral;minor"),
    ]


def test_a_diagnosis_carries_its_own_tags_not_its_neighbours(home):
    home.claim("c", MAY, diagnosis_code_1="E119", diagnosis_code_2="F329")
    assert home.table("core.diagnosis", "code, tags") == [("E119", ""), ("F329", "behavioral")]


def fills(home):
    return [(claim_id, float(paid)) for claim_id, paid in home.table("core.dispensing", "claim_id, paid")]


def test_a_fill_sent_again_counts_once(home):
    home.fill("f", MAY, delivery=1)
    home.fill("f", MAY, delivery=2, paid_amount=9)
    assert fills(home) == [("f", 9)]


def test_a_reversed_fill_never_happened(home):
    home.fill("f", MAY)
    home.fill("f", MAY, paid_amount=-10, quantity=-30)
    assert fills(home) == []


def test_a_fill_reversed_under_another_number(home):
    home.fill("f", MAY)
    home.fill("g", MAY, paid_amount=-10, quantity=-30)
    home.fill("h", day(5, 2))
    assert fills(home) == [("h", 10)]


def test_a_fill_reversed_later_and_priced_anew(home):
    home.fill("f", MAY, delivery=1)
    home.fill("f", MAY, delivery=2, paid_amount=-10, quantity=-30)
    home.fill("f", MAY, delivery=2, paid_amount=8)
    assert fills(home) == [("f", 8)]


def test_two_fills_of_one_product_on_one_day_and_one_reversal(home):
    home.fill("f", MAY)
    home.fill("g", MAY)
    home.fill("h", MAY, paid_amount=-10, quantity=-30)
    assert len(fills(home)) == 1

"""Bills by hand: what each line, amount and code of a claim becomes."""

from datetime import date

import pytest

from tests.exchange.fhir import examples as ex

CLAIM_TYPE = "http://terminology.hl7.org/CodeSystem/claim-type"
INFO = "http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBSupportingInfoType"
ADJUDICATION = "http://terminology.hl7.org/CodeSystem/adjudication"


def info(name: str, code: str | None = None, **said) -> dict:
    found = {"category": {"coding": [{"system": INFO, "code": name}]}, **said}
    return found | ({"code": {"coding": [{"code": code}]}} if code else {})


def amount(category: str, value: float) -> dict:
    return {"category": {"coding": [{"system": ADJUDICATION, "code": category}]}, "amount": {"value": value}}


def diagnosis(sequence: int, code: str, kind: str, present: str | None = None) -> dict:
    found = {
        "sequence": sequence,
        "diagnosisCodeableConcept": ex.concept(ex.ICD, code, code),
        "type": [{"coding": [{"code": kind}]}],
    }
    return found | ({"onAdmission": {"coding": [{"code": present}]}} if present else {})


STAY = {
    "resourceType": "ExplanationOfBenefit", "id": "x1", "status": "active", "use": "claim", "patient": ex.WHO,
    "identifier": [
        {"type": {"coding": [{"code": "uc"}]}, "system": "https://payer.example/claim-group", "value": "G"},
        {"type": {"coding": [{"code": "uc"}]}, "value": "CLM-9"},
    ],
    "type": {"coding": [{"system": CLAIM_TYPE, "code": "institutional"}]},
    "billablePeriod": {"start": "2026-03-01", "end": "2026-03-05"}, "insurer": {"display": "Harbor Health"},
    "provider": {"identifier": {"system": "http://hl7.org/fhir/sid/us-npi", "value": "1999999992"}},
    "careTeam": [{"sequence": 1, "provider": {"identifier": {"type": {"coding": [{"code": "npi"}]},
                                                            "value": "1234567893"}},
                  "role": {"coding": [{"code": "attending"}]}}],
    "supportingInfo": [
        info("admissionperiod", timingPeriod={"start": "2026-03-01", "end": "2026-03-05"}),
        info("typeofbill", "0111"), info("admtype", "1"), info("pointoforigin", "7"), info("drg", "291"),
        info("discharge-status", "6"),
    ],
    "diagnosis": [
        diagnosis(1, "R06.02", "admitting"), diagnosis(2, "E11.9", "other", "Y"), diagnosis(3, "V00.0", "external"),
        diagnosis(4, "I50.9", "principal", "Y"),
    ],
    "procedure": [{"sequence": 1, "date": "2026-03-02", "procedureCodeableConcept": {
        "coding": [{"system": "http://www.cms.gov/Medicare/Coding/ICD10", "code": "4A023N7"}]}}],
    "insurance": [{"focal": True, "coverage": {"display": "Harbor Gold"}}],
    "item": [
        {"sequence": 1, "revenue": {"coding": [{"system": "https://www.nubc.org/CodeSystem/RevenueCodes",
                                               "code": "450"}]},
         "productOrService": ex.concept("http://www.ama-assn.org/go/cpt", "99285", "ED visit"),
         "modifier": [{"coding": [{"code": "25"}]}], "servicedDate": "2026-03-01", "quantity": {"value": 1},
         "adjudication": [amount("submitted", 900)]},
        {"sequence": 2, "revenue": {"coding": [{"system": "https://www.nubc.org/CodeSystem/RevenueCodes",
                                               "code": "0120"}]},
         "servicedPeriod": {"start": "2026-03-01", "end": "2026-03-05"},
         "adjudication": [amount("submitted", 12000.55)]},
    ],
    "payment": {"amount": {"value": 7100.4}, "date": "2026-04-02"},
}  # fmt: skip


def lines(tmp_path, *resources):
    home, report = ex.read_one(tmp_path, *resources)
    assert report.rows_rejected == 0, report.reasons
    return ex.rows(home, "medical_claim")


def test_a_stay_becomes_claim_lines_with_the_codes_of_the_bill(tmp_path):
    first, second = lines(tmp_path, STAY)
    both = {
        "claim_id": "CLM-9", "claim_type": "institutional", "person_id": "p1", "payer": "Harbor Health",
        "plan": "Harbor Gold", "claim_status": "active", "claim_start_date": date(2026, 3, 1),
        "claim_end_date": date(2026, 3, 5), "admission_date": date(2026, 3, 1), "discharge_date": date(2026, 3, 5),
        "admit_type_code": "1", "admit_source_code": "7", "discharge_disposition_code": "06",
        "bill_type_code": "111", "drg_code_type": "ms-drg", "drg_code": "291", "rendering_npi": "1234567893",
        "billing_npi": "1999999992", "facility_npi": "1999999992", "paid_date": date(2026, 4, 2),
        "diagnosis_code_type": "icd-10-cm", "diagnosis_code_1": "I509", "diagnosis_poa_1": "Y",
        "diagnosis_code_2": "E119", "diagnosis_poa_2": "Y", "diagnosis_code_3": "V000",
        "procedure_code_type": "icd-10-pcs", "procedure_code_1": "4A023N7", "procedure_date_1": date(2026, 3, 2),
    }  # fmt: skip
    assert both.items() <= first.items() and both.items() <= second.items()
    assert "diagnosis_code_4" not in first, "the admitting diagnosis is no diagnosis of the claim"
    assert (first["revenue_center_code"], first["hcpcs_code"], first["hcpcs_modifier_1"]) == ("0450", "99285", "25")
    assert (second["revenue_center_code"], second["claim_line_end_date"]) == ("0120", date(2026, 3, 5))


def test_the_payment_of_a_stay_is_counted_once(tmp_path):
    found = lines(tmp_path, STAY)
    assert [float(line["paid_amount"]) for line in found] == [7100.4, 0.0]
    assert [float(line["charge_amount"]) for line in found] == [900.0, 12000.55]


def test_lines_that_add_up_keep_their_own_payments(tmp_path):
    items = [
        item | {"adjudication": [amount("benefit", paid)]} for item, paid in zip(STAY["item"], (100, 50), strict=True)
    ]
    found = lines(tmp_path, STAY | {"item": items, "payment": {"amount": {"value": 150}}})
    assert [float(line["paid_amount"]) for line in found] == [100.0, 50.0]


def test_a_bill_type_in_three_parts_is_put_together_and_in_two_is_not(tmp_path):
    parts = STAY | {
        "supportingInfo": [{
            "category": {"coding": [{"system": INFO, "code": "typeofbill"}]},
            "code": {"coding": [{"system": "https://bluebutton.cms.gov/resources/variables/clm_freq_cd", "code": "7"}]},
        }],
        "facility": {"extension": [{"url": "https://bluebutton.cms.gov/resources/variables/clm_fac_type_cd",
                                    "valueCoding": {"code": "1"}}]},
        "extension": [{"url": "https://bluebutton.cms.gov/resources/variables/clm_srvc_clsfctn_type_cd",
                       "valueCoding": {"code": "3"}}],
    }  # fmt: skip
    assert lines(tmp_path / "all", parts)[0]["bill_type_code"] == "137"
    assert "bill_type_code" not in lines(tmp_path / "two", parts | {"extension": []})[0]


@pytest.mark.parametrize("status", ["cancelled", "entered-in-error"])
def test_a_withdrawn_claim_says_so(tmp_path, status):
    assert {line["claim_status"] for line in lines(tmp_path, STAY | {"status": status})} == {"cancelled"}


def test_an_estimate_before_treatment_is_no_claim(tmp_path):
    home, report = ex.read_one(tmp_path, STAY | {"use": "preauthorization"})
    assert ex.rows(home, "medical_claim") == []
    assert report.notes == ("Kept, not used: ExplanationOfBenefit 1.",)


def test_a_claim_lands_only_when_nothing_says_what_was_paid_for_it(tmp_path):
    claim = {
        "resourceType": "Claim", "id": "k1", "status": "active", "use": "claim", "patient": ex.WHO,
        "type": {"coding": [{"system": CLAIM_TYPE, "code": "professional"}]},
        "billablePeriod": {"start": "2026-03-01", "end": "2026-03-01"}, "total": {"value": 129.16, "currency": "USD"},
        "diagnosis": [{"sequence": 1, "diagnosisReference": {"reference": "Condition/c1"}}],
        "item": [{"sequence": 1, "productOrService": ex.concept(ex.SCT, "185349003", "Check up")}],
    }  # fmt: skip
    [alone] = lines(tmp_path / "alone", claim, ex.CONDITION)
    assert (alone["claim_id"], float(alone["charge_amount"]), "paid_amount" in alone) == ("k1", 129.16, False)
    assert (alone["diagnosis_code_type"], alone["diagnosis_code_1"]) == ("icd-10-cm", "E119")
    assert "hcpcs_code" not in alone, "SNOMED is not made into HCPCS"
    paid = STAY | {"claim": {"reference": "Claim/k1"}}
    assert {line["claim_id"] for line in lines(tmp_path / "paid", claim, paid)} == {"CLM-9"}


def test_a_condition_coded_in_snomed_stays_snomed_on_a_claim(tmp_path):
    snomed = ex.CONDITION | {"code": ex.concept(ex.SCT, "59621000", "Hypertension")}
    reference = {"sequence": 1, "diagnosisReference": {"reference": "Condition/c1"}}
    found = lines(tmp_path, STAY | {"diagnosis": [reference]}, snomed)[0]
    assert (found["diagnosis_code_type"], found["diagnosis_code_1"]) == ("snomed-ct", "59621000")


def test_a_pharmacy_bill_without_ndc_is_set_aside(tmp_path):
    bill = STAY | {"type": {"coding": [{"system": CLAIM_TYPE, "code": "pharmacy"}]}}
    _, report = ex.read_one(tmp_path, bill)
    assert [(r.column, r.rows) for r in report.reasons] == [("item.productOrService", 1)]

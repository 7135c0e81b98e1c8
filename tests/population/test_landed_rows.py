"""A landed row in words: names, the code that matters, and only the cells that decide are marked."""

from datetime import date
from types import SimpleNamespace

import pytest

from carewright.knowledge import ranking
from carewright.knowledge.programs import ALL_RULES
from carewright.population import deciding, fact
from carewright.population.models import ProviderName

pytestmark = pytest.mark.django_db


def test_a_landed_row_is_said_in_words_and_says_what_decides():
    cells = {
        "claim_id": "C1", "claim_line_number": 1, "claim_start_date": date(2026, 11, 2), "admit_type_code": "1",
        "diagnosis_code_1": "I5022", "drg_code": "291", "facility_npi": "1234567893",
    }  # fmt: skip
    row = SimpleNamespace(row=cells, evidence_id="a:2", table="medical_claim")
    said = fact.fact_of(row, {"1234567893": "Mercy Hospital"})
    assert (said["day"], said["code"], said["where"]) == ("Nov 2, 2026", "I50.22", "Mercy Hospital")
    assert said["words"] == "Chronic systolic (congestive) heart failure; admission: Emergency"
    alone = SimpleNamespace(row={"drg_code": "291"}, evidence_id="a:2", table="medical_claim")
    assert fact.fact_of(alone, {})["words"] == "Heart Failure and Shock with MCC"
    several = SimpleNamespace(row={"diagnosis_code_1": "M545", "diagnosis_code_2": "I5022", "bill_type_code": "131",
                                   "revenue_center_code": "0450"}, evidence_id="a:2", table="medical_claim")  # fmt: skip
    shown = fact.fact_of(several, {}, deciding.of_condition("ccw30", "chf"))
    assert (shown["code"], shown["words"]) == ("I50.22", "Chronic systolic (congestive) heart failure; Emergency room")
    decides = deciding.of_line("unplanned_stays", conditions=[], needs=[])
    shown = fact.cells_of(list(cells.items()), {}, decides)
    assert {cell["name"] for cell in shown if cell["decides"]} == {"admit_type_code", "drg_code"}
    assert "claim_start_date = 2026-11-02" in fact.as_landed(list(cells.items()))


def test_a_fill_is_said_by_the_name_of_its_product_else_in_the_senders_words():
    def words(**cells):
        row = SimpleNamespace(row=cells, evidence_id="a:2", table="pharmacy_claim")
        return fact.fact_of(row, {}, deciding.Deciding(deciding.MEDICINE))["words"]

    assert words(ndc_code="00143971301", ndc_description="LISINOPRIL") == "lisinopril 20 MG Oral Tablet"
    assert words(ndc_code="00003196401", ndc_description="REYATAZ 300MG") == "REYATAZ 300MG"
    assert words(ndc_code="00003196401") == ""


def test_names_come_from_the_run_s_own_list_of_providers(run):
    ProviderName.objects.create(run=run, npi="1999999984", name="Mercy General")
    rows = [SimpleNamespace(row={"billing_npi": "1999999984", "facility_npi": "1999999992", "person_id": "1999999984"},
                            evidence_id="a:2", table="medical_claim")]  # fmt: skip
    names = fact.names_on_file(run, rows)
    assert names == {"1999999984": "Mercy General"}
    assert fact.fact_of(rows[0], names)["where"] == "NPI 1999999992, name not given"
    rows[0].row["facility_npi"] = ""
    assert fact.fact_of(rows[0], names)["where"] == "Mercy General"
    rows[0].row["billing_npi"] = None
    assert fact.fact_of(rows[0], names)["where"] == "place not given"


@pytest.mark.parametrize(
    ("decides", "column", "yes", "no"),
    [
        (deciding.of_condition("ccw30", "chf"), "diagnosis_code_2", "I50.22", "E119"),
        (deciding.of_condition("ccir", "E11"), "diagnosis_code_1", "E1165", "I5022"),
        (deciding.of_hcc("V28", 2026, "226"), "normalized_code", "I509", "E119"),
        (deciding.of_codes(["Z590"]), "source_code", "Z59.0", "Z591"),
        (deciding.of_line("lasting_conditions", conditions=["chf"], needs=[]), "diagnosis_code_3", "I5022", "E119"),
        (
            deciding.of_line("significant_risk", conditions=["chf", "hyperl"], needs=[]),
            "diagnosis_code_1",
            "I5022",
            "E7800",
        ),
        (deciding.of_charlson(), "diagnosis_code_2", "I50.22", "I10"),
        (deciding.of_line("kidney_disease", conditions=[], needs=[]), "diagnosis_code_1", "N183", "I5022"),
        (deciding.of_line("social_needs", conditions=[], needs=["Z590"]), "diagnosis_code_1", "Z590", "Z591"),
        (deciding.of_line("ed_visits", conditions=[], needs=[]), "revenue_center_code", "0450", "0300"),
        (deciding.of_line("ed_visits", conditions=[], needs=[]), "hcpcs_code", "99284", "71046"),
    ],
)
def test_only_what_the_opened_fact_rests_on_is_marked(decides, column, yes, no):
    assert decides.holds(column, yes)
    assert not decides.holds(column, no)
    assert not decides.holds("claim_id", yes)


def test_every_line_and_part_says_what_decides():
    codes = {line.code for rule in ALL_RULES for line in rule.criteria} | set(ranking.PART_BY_CODE)
    for code in codes - {"no_hospice"}:
        assert deciding.of_line(code, conditions=["chf"], needs=["Z590"]).cells, code

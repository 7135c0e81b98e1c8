"""Files written by others, against the facts counted in them independently (../shared/testdata/MANIFEST.csv)."""

import csv
import json
import sys
from collections import Counter
from functools import cache
from pathlib import Path

import duckdb
import pytest

from tests.exchange.fhir import examples as ex
from tests.shared import SHARED, shared


@cache
def expected() -> dict[str, dict]:
    """Path under testdata → its facts."""
    manifest = SHARED / "testdata" / "MANIFEST.csv"
    if not manifest.exists():
        return {}
    csv.field_size_limit(sys.maxsize)
    with manifest.open(encoding="utf-8", newline="") as file:
        return {row["path"]: json.loads(row["expected_facts"] or "{}") for row in csv.DictReader(file)}


def of(*starts: str) -> list[str]:
    return sorted(path for path in expected() if path.startswith(starts)) or ["synthea/nothing.json"]


def test_every_synthea_bundle_has_the_visits_and_resources_the_manifest_counts(tmp_path):
    """Encounters by class, ED visits, inpatient stays, resources by kind, first and last day: all 42 people."""
    folder = shared("testdata/synthea")
    paths = [path for path in of("synthea/fhir_r4_") if expected()[path].get("patient_id")]
    files = [ex.received(tmp_path, Path(path).name, (folder.parent / path).read_bytes(), n)
             for n, path in enumerate(paths, start=1)]  # fmt: skip
    home, reports = ex.land(tmp_path, *files)
    visits = duckdb.sql(f"""
        select delivery_id, count(*) as n, count(*) filter (where encounter_class = 'EMER') as ed,
               count(*) filter (where encounter_class = 'IMP') as inpatient,
               min(encounter_start_date) as first, max(encounter_start_date) as latest,
               count(discharge_disposition_code) as disposition, any_value(person_id) as person
        from '{home.landed}/encounter/*.parquet' group by all""").fetchall()
    by_delivery = {row[0]: row[1:] for row in visits}
    dead = {row["delivery_id"]: row.get("death_flag") for row in ex.rows(home, "person")}
    kinds = Counter()
    for delivery, kind in duckdb.sql(
        f"select delivery_id, resource_type from '{home.landed}/resource/*.parquet'"
    ).fetchall():
        kinds[delivery, kind] += 1
    assert len(paths) == 42
    for path, file, report in zip(paths, files, reports, strict=True):
        facts = expected()[path]
        assert report.rows_rejected == 0 and report.adds_up, path
        found = by_delivery[file.delivery_id]
        assert found[:3] == (facts["encounters"], facts["ed_visits_EMER"], facts["inpatient_IMP"]), path
        assert (str(found[3]), str(found[4])) == (facts["first"], facts["last"]), path
        assert found[5:] == (facts["discharge_disposition"], facts["patient_id"]), path
        assert (dead[file.delivery_id] == "1") is facts["deceased"], path
        for kind in set(facts) & {"CarePlan", "CareTeam", "Claim", "Condition", "ExplanationOfBenefit", "Goal",
                                  "Immunization", "MedicationRequest", "Observation", "Procedure"}:  # fmt: skip
            assert kinds[file.delivery_id, kind] == facts[kind], (path, kind)


def test_the_bulk_export_of_ten_patients_lands_line_by_line(tmp_path):
    folder = shared("testdata/synthea/bulk_ndjson_10-patients")
    paths = sorted(folder.glob("[A-Z]*.gz"))
    files = [ex.received(tmp_path, path.name, path.read_bytes(), n) for n, path in enumerate(paths, start=1)]
    home, reports = ex.land(tmp_path, *files)
    for path, report in zip(paths, reports, strict=True):
        lines = expected()[f"synthea/{folder.name}/{path.name}"]["lines"]
        assert (report.rows_read, report.rows_kept) == (lines, lines), path.name
    classes = Counter(row["encounter_class"] for row in ex.rows(home, "encounter"))
    assert classes == {"AMB": 1133, "IMP": 49, "EMER": 23, "HH": 9, "VR": 1}
    attending = [row.get("attending_provider_id") for row in ex.rows(home, "encounter")]
    assert all(npi and len(npi) == 10 for npi in attending), "Practitioner?identifier=…|NPI is resolved"
    assert len(ex.rows(home, "practitioner")) == 43


UNKNOWN = ("QuestionnaireResponse.questionnaire: expected the address of a questionnaire that is known here",)
NOT_ASKED_HERE = {
    "QuestionnaireResponse-TAPS.json": UNKNOWN, "QuestionnaireResponse-glasgow-coma-score.json": UNKNOWN,
    # The example asks 68517-2, which is another question than the first of the AUDIT-C, 68518-0.
    "QuestionnaireResponse-AUDIT-C.json": ("QuestionnaireResponse.item: expected a question of audit-c",),
}  # fmt: skip
"""Answers whose questionnaire, or whose question, we do not have."""


@pytest.mark.parametrize("path", of("fhir/US-Core/", "fhir/davinci-"))
def test_every_example_of_the_implementation_guides_is_kept_or_says_why(path, tmp_path):
    if not path.endswith((".json", ".json.gz")):
        pytest.skip(f"{path} is not JSON")
    source = shared(f"testdata/{path}")
    _, [report] = ex.land(tmp_path, ex.received(tmp_path, source.name, source.read_bytes()))
    assert report.adds_up
    assert not report.problem
    sentences = tuple(reason.what for reason in report.reasons)
    assert sentences == NOT_ASKED_HERE.get(source.name, ()), report.reasons


def test_blue_button_claims_of_the_old_release_say_which_release_and_what_to_ask_for(tmp_path):
    names = ("ab2d/eobdata/EOB-for-HHA-Claims.json", "ab2d/eobdata/EOB-for-Part-D-Claims.json",
             "dpc-app/bb-test-data/eob/-10000010288391.json.gz", "bcda_worker_test_test.ndjson")  # fmt: skip
    for name in names:
        source = shared(f"testdata/claims/eob/{name}")
        _, [report] = ex.land(
            tmp_path / f"home of {source.name}", ex.received(tmp_path, source.name, source.read_bytes())
        )
        assert report.rows_kept == 0 and report.rows_rejected == report.rows_read > 0, name
        assert {reason.mend for reason in report.reasons} == {
            "Ask for FHIR R4 (from CMS: the v2 address of BCDA, AB2D or Blue Button)."
        }, name


def test_every_blue_button_claim_of_release_r4_lands(tmp_path):
    folder = shared("testdata/claims/eob")
    r4 = sorted(
        path
        for path in folder.rglob("*json*")
        if path.name not in ("EOB-for-HHA-Claims.json", "EOB-for-Part-D-Claims.json", "-10000010288391.json.gz")
        and path.suffix in (".json", ".gz")
    )
    files = [ex.received(tmp_path, path.name, path.read_bytes(), n) for n, path in enumerate(r4, start=1)]
    home, reports = ex.land(tmp_path, *files)
    assert all(report.rows_rejected == 0 and not report.problem for report in reports)
    lines = ex.rows(home, "medical_claim")
    claims = {line["claim_id"]: line for line in lines}
    assert {claim: line["claim_type"] for claim, line in claims.items()} == {
        "-9322784674137": "institutional", "-9687643755958": "professional", "9992223422": "institutional",
        "-9956159512864": "institutional", "NON-UNIQUE-ID-HERE": "institutional", "9991831999": "professional",
        "2188888888": "professional", "1234567890": "institutional",
    }  # fmt: skip
    outpatient = claims["1234567890"]
    assert outpatient["bill_type_code"] == "131"
    assert (outpatient["revenue_center_code"], outpatient["hcpcs_code"]) == ("0001", "M99")
    assert [outpatient.get(f"diagnosis_code_{n}") for n in range(1, 6)] == ["A40", "A52", "A06", "A15", None]
    assert float(outpatient["paid_amount"]) == 693.11
    stay = claims["-9322784674137"]
    assert (stay["bill_type_code"], stay["drg_code"], stay["admit_type_code"]) == ("24M", "042", "9")
    assert (str(stay["admission_date"]), str(stay["discharge_date"])) == ("2022-07-27", "2022-08-13")
    paid = sum(float(line.get("paid_amount", 0)) for line in lines if line["claim_id"] == "-9322784674137")
    assert round(paid, 2) == 14837.65
    [fill] = ex.rows(home, "pharmacy_claim")
    assert (fill["ndc_code"], fill["days_supply"], fill["quantity"]) == ("00071015523", 30, 60.0)
    assert (str(fill["dispensing_date"]), str(fill["paid_date"])) == ("2024-01-15", "2024-01-20")

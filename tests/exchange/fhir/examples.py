"""One small example of each resource we read, and a few lines to read them with; the people are invented."""

import datetime
import gzip
import hashlib
import json
from pathlib import Path

import duckdb

from carewright.exchange.batch import Batch, ReceivedFile
from carewright.exchange.fhir.ingest import read_files
from carewright.plumbing.home import Home
from tests.exchange.conftest import is_known

SCT, LOINC, RXNORM = "http://snomed.info/sct", "http://loinc.org", "http://www.nlm.nih.gov/research/umls/rxnorm"
ICD = "http://hl7.org/fhir/sid/icd-10-cm"
ON = datetime.date(2026, 11, 23)
WHO = {"reference": "Patient/p1"}
VISIT = {"reference": "Encounter/e1"}


def concept(system: str, code: str, display: str) -> dict:
    return {"coding": [{"system": system, "code": code, "display": display}]}


def status(code: str, kind: str = "condition-clinical") -> dict:
    return {"coding": [{"system": f"http://terminology.hl7.org/CodeSystem/{kind}", "code": code}]}


PATIENT = {
    "resourceType": "Patient", "id": "p1", "gender": "female", "birthDate": "1950-03-04",
    "name": [
        {"use": "maiden", "family": "Young", "given": ["Ada"]},
        {"use": "official", "family": "Quill", "given": ["Ada", "Mae"], "suffix": ["Jr"]},
    ],
    "identifier": [
        {"type": {"coding": [{"code": "MR"}]}, "system": "https://hospital.example/mrn", "value": "00123"},
        {"system": "http://hl7.org/fhir/sid/us-mbi", "value": "1EG4TE5MK73"},
    ],
    "address": [
        {"use": "old", "city": "Elsewhere", "state": "TX"},
        {"use": "home", "line": ["12 Mill Road", "Unit 3"], "city": "Ashford", "state": "Connecticut",
         "postalCode": "062781234"},
    ],
    "telecom": [{"system": "phone", "value": "555-0100"}, {"system": "email", "value": "ada@example.org"}],
    "communication": [{"language": {"coding": [{"code": "es"}]}, "preferred": True}],
    "extension": [
        {"url": "http://hl7.org/fhir/us/core/StructureDefinition/us-core-race",
         "extension": [{"url": "text", "valueString": "White"}]},
    ],
}  # fmt: skip
ENCOUNTER = {
    "resourceType": "Encounter", "id": "e1", "status": "finished", "class": {"code": "IMP"}, "subject": WHO,
    "type": [concept(SCT, "183452005", "Emergency hospital admission")],
    "period": {"start": "2026-03-01T23:30:00-05:00", "end": "2026-03-05T10:00:00-05:00"},
    "participant": [{"type": [concept("http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "ATND", "attender")],
                     "individual": {"reference": "Practitioner?identifier=http://hl7.org/fhir/sid/us-npi|1234567893",
                                    "display": "Dr. Ruth Okafor"}}],
    "hospitalization": {"dischargeDisposition": concept("http://www.nubc.org/patient-discharge", "06", "Home health")},
    "serviceProvider": {"display": "Ashford General"},
    "reasonCode": [concept(SCT, "84114007", "Heart failure")],
}  # fmt: skip
CONDITION = {
    "resourceType": "Condition", "id": "c1", "subject": WHO, "encounter": VISIT, "clinicalStatus": status("active"),
    "verificationStatus": status("confirmed", "condition-ver-status"),
    "category": [status("problem-list-item", "condition-category")],
    "code": {"coding": [{"system": SCT, "code": "44054006", "display": "Diabetes mellitus type 2"},
                        {"system": ICD, "code": "E11.9", "display": "Type 2 diabetes mellitus without complications"}],
             "text": "Type 2 diabetes"},
    "onsetDateTime": "2015", "recordedDate": "2026-03-02",
}  # fmt: skip
LAB = {
    "resourceType": "Observation", "id": "o1", "status": "final", "subject": WHO,
    "category": [status("laboratory", "observation-category")],
    "code": concept(LOINC, "4548-4", "Hemoglobin A1c"), "effectiveDateTime": "2026-03-02T08:15:00-05:00",
    "issued": "2026-03-02T13:00:00.000-05:00",
    "valueQuantity": {"value": 9.4, "unit": "%", "system": "http://unitsofmeasure.org", "code": "%"},
    "referenceRange": [{"low": {"value": 4.0}, "high": {"value": 5.6}}],
    "interpretation": [{"coding": [{"code": "H"}]}],
}  # fmt: skip
PRESSURE = {
    "resourceType": "Observation", "id": "o2", "status": "final", "subject": WHO,
    "category": [status("vital-signs", "observation-category")],
    "code": concept(LOINC, "85354-9", "Blood pressure panel"), "effectiveDateTime": "2026-03-02",
    "component": [
        {"code": concept(LOINC, "8480-6", "Systolic blood pressure"),
         "valueQuantity": {"value": 142, "unit": "mm[Hg]", "system": "http://unitsofmeasure.org", "code": "mm[Hg]"}},
        {"code": concept(LOINC, "8462-4", "Diastolic blood pressure"), "valueQuantity": {"value": 88, "unit": "mm[Hg]"}},
    ],
}  # fmt: skip
ANSWER = {
    "resourceType": "Observation", "id": "o3", "status": "final", "subject": WHO,
    "category": [status("survey", "observation-category")],
    "code": concept(LOINC, "88122-7", "Food ran out"), "effectiveDateTime": "2026-03-02",
    "valueCodeableConcept": concept(LOINC, "LA28397-0", "Often true"),
}  # fmt: skip
ALLERGY = {
    "resourceType": "AllergyIntolerance", "id": "a1", "patient": WHO, "clinicalStatus": status("active"),
    "verificationStatus": status("confirmed"), "type": "allergy", "category": ["medication"], "criticality": "high",
    "code": concept(RXNORM, "7980", "Penicillin"), "recordedDate": "2020-06-01",
    "reaction": [{"manifestation": [concept(SCT, "247472004", "Hives")], "severity": "moderate"}],
}  # fmt: skip
IMMUNIZATION = {
    "resourceType": "Immunization", "id": "i1", "status": "completed", "patient": WHO,
    "vaccineCode": concept("http://hl7.org/fhir/sid/cvx", "140", "Influenza"), "occurrenceDateTime": "2025-10-05",
    "lotNumber": "L9", "site": {"text": "left arm"},
}  # fmt: skip
PROCEDURE = {
    "resourceType": "Procedure", "id": "pr1", "status": "completed", "subject": WHO,
    "code": concept("http://www.ama-assn.org/go/cpt", "93306", "Echocardiogram"),
    "performedPeriod": {"start": "2026-03-03T09:00:00-05:00", "end": "2026-03-03T09:40:00-05:00"},
}  # fmt: skip
ORDERED = {
    "resourceType": "MedicationRequest", "id": "m1", "status": "active", "intent": "order", "subject": WHO,
    "medicationReference": {"reference": "#med"},
    "contained": [{"resourceType": "Medication", "id": "med",
                   "code": concept(RXNORM, "860975", "metformin 500 MG Oral Tablet")}],
    "authoredOn": "2026-03-05", "requester": {"reference": "Practitioner/d1"},
    "dosageInstruction": [{"timing": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}},
                           "doseAndRate": [{"doseQuantity": {"value": 1.0, "unit": "tablet"}}]}],
    "dispenseRequest": {"quantity": {"value": 60, "unit": "tablet"},
                        "expectedSupplyDuration": {"value": 30, "code": "d"}},
}  # fmt: skip
DISPENSED = {
    "resourceType": "MedicationDispense", "id": "m2", "status": "completed", "subject": WHO,
    "medicationCodeableConcept": {"coding": [{"system": "http://hl7.org/fhir/sid/ndc", "code": "71-155-23"}]},
    "whenHandedOver": "2026-03-06", "quantity": {"value": 60}, "daysSupply": {"value": 30},
}  # fmt: skip
REPORTED = {
    "resourceType": "MedicationStatement", "id": "m3", "status": "not-taken", "subject": WHO,
    "medicationCodeableConcept": {"text": "a water pill"}, "effectiveDateTime": "2026-02",
}  # fmt: skip
APPOINTMENT = {
    "resourceType": "Appointment", "id": "ap1", "status": "booked", "start": "2026-12-01T14:00:00-05:00",
    "end": "2026-12-01T14:30:00-05:00", "minutesDuration": 30, "reasonCode": [{"text": "Follow-up"}],
    "participant": [{"actor": WHO, "status": "accepted"},
                    {"actor": {"reference": "Practitioner/d1", "display": "Dr. Ruth Okafor"}, "status": "accepted"}],
}  # fmt: skip
PRACTITIONER = {
    "resourceType": "Practitioner", "id": "d1", "name": [{"family": "Okafor", "given": ["Ruth"]}],
    "identifier": [{"system": "http://hl7.org/fhir/sid/us-npi", "value": "1234567893"}],
}  # fmt: skip
ROLE = {
    "resourceType": "PractitionerRole", "id": "r1", "practitioner": {"reference": "Practitioner/d1"},
    "organization": {"reference": "Organization/g1"}, "specialty": [concept("http://nucc.org/provider-taxonomy",
                                                                           "207RC0000X", "Cardiology")],
}  # fmt: skip
ORGANIZATION = {
    "resourceType": "Organization", "id": "g1", "name": "Ashford General", "type": [{"text": "Hospital"}],
    "address": [{"line": ["1 Hill St"], "city": "Ashford", "state": "CT", "postalCode": "06278"}],
}  # fmt: skip
COVERAGE = {
    "resourceType": "Coverage", "id": "cov1", "status": "active", "beneficiary": WHO, "subscriberId": "S77",
    "type": {"coding": [{"system": "https://nahdo.org/sopt", "code": "11", "display": "Medicare managed care"}]},
    "payor": [{"display": "Harbor Health"}], "period": {"start": "2024-01-01"},
    "class": [{"type": {"coding": [{"code": "plan"}]}, "value": "HMO-1", "name": "Harbor Gold"}],
    "extension": [{"url": "https://bluebutton.cms.gov/resources/variables/dual_01", "valueCoding": {"code": "NA"}},
                  {"url": "https://bluebutton.cms.gov/resources/variables/dual_12", "valueCoding": {"code": "02"}},
                  {"url": "https://bluebutton.cms.gov/resources/variables/orec", "valueCoding": {"code": "1"}}],
}  # fmt: skip
RELATED = {
    "resourceType": "RelatedPerson", "id": "rp1", "patient": WHO, "name": [{"family": "Quill", "given": ["Lena"]}],
    "relationship": [{"text": "Daughter"}], "telecom": [{"system": "phone", "value": "555-0111"}],
}  # fmt: skip
NOTE = {
    "resourceType": "DocumentReference", "id": "n1", "status": "current", "subject": WHO,
    "type": concept(LOINC, "18842-5", "Discharge summary"), "date": "2026-03-05T12:00:00-05:00",
    "content": [{"attachment": {"contentType": "text/plain", "data": "V2VudCBob21lLg=="}}],
}  # fmt: skip
REPORT = {
    "resourceType": "DiagnosticReport", "id": "rep1", "status": "final", "subject": WHO,
    "code": concept(LOINC, "24323-8", "Metabolic panel"), "effectiveDateTime": "2026-03-02",
    "result": [{"reference": "Observation/o1"}], "conclusion": "High glucose.",
}  # fmt: skip
ORDER = {
    "resourceType": "ServiceRequest", "id": "s1", "status": "active", "intent": "order", "subject": WHO,
    "code": {"text": "Cardiac rehabilitation"}, "authoredOn": "2026-03-05", "requester": {"display": "Dr. Okafor"},
}  # fmt: skip
TEAM = {
    "resourceType": "CareTeam", "id": "t1", "status": "active", "subject": WHO, "name": "Heart team",
    "participant": [{"member": WHO}, {"member": {"reference": "Practitioner/d1", "display": "Dr. Ruth Okafor"},
                                      "role": [{"text": "Cardiologist"}]}],
}  # fmt: skip
PLAN = {
    "resourceType": "CarePlan", "id": "cp1", "status": "active", "intent": "plan", "subject": WHO,
    "title": "Heart failure plan", "period": {"start": "2026-03-05"}, "addresses": [{"display": "Heart failure"}],
    "activity": [{"detail": {"code": {"text": "Daily weight"}, "status": "in-progress"}}],
}  # fmt: skip
GOAL = {
    "resourceType": "Goal", "id": "gl1", "lifecycleStatus": "active", "subject": WHO,
    "description": {"text": "Walk to church again"}, "startDate": "2026-03-05", "target": [{"dueDate": "2026-06-01"}],
}  # fmt: skip

EVERY = (
    PATIENT, ENCOUNTER, CONDITION, LAB, PRESSURE, ANSWER, ALLERGY, IMMUNIZATION, PROCEDURE, ORDERED, DISPENSED,
    REPORTED, APPOINTMENT, PRACTITIONER, ROLE, ORGANIZATION, COVERAGE, RELATED, NOTE, REPORT, ORDER, TEAM, PLAN, GOAL,
)  # fmt: skip


def bundle(*resources: dict, kind: str = "collection") -> dict:
    return {"resourceType": "Bundle", "type": kind, "entry": [{"resource": each} for each in resources]}


def received(folder: Path, name: str, content: dict | list | bytes | str, seq: int = 1) -> ReceivedFile:
    """A file as ingest hands it over; a list is NDJSON, a name ending in .gz is packed."""
    if isinstance(content, list):
        data = b"".join(json.dumps(each).encode() + b"\n" for each in content)
    elif isinstance(content, dict):
        data = json.dumps(content).encode()
    else:
        data = content.encode() if isinstance(content, str) else content
    if name.endswith(".gz") and data[:2] != b"\x1f\x8b":
        data = gzip.compress(data)
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return ReceivedFile(path, str(path), hashlib.sha256(data).hexdigest(), seq, len(data))


def land(folder: Path, *files: ReceivedFile, batch: str = "b1", **options):
    """Read files into a home of their own, without the chart; answers with the home and the reports."""
    home = Home(folder / "home")
    options = {"source": "example", "by": "system:test", "into_chart": False} | options
    reports = read_files(Batch(batch, ON, files), home=home, **options)
    for report in reports:
        is_known(report)
    return home, reports


def rows(home: Home, table: str) -> list[dict]:
    """The landed rows of a table, without what is empty, in the order of lines."""
    if not list((home.landed / table).glob("*.parquet")):
        return []
    found = duckdb.sql(
        f"select * from read_parquet('{home.landed / table}/*.parquet', union_by_name = true) order by received_seq, line"
    )
    names = found.columns
    return [
        {name: value for name, value in zip(names, row, strict=True) if value not in (None, "")}
        for row in found.fetchall()
    ]


def read_one(tmp_path: Path, *resources: dict, **options):
    """Read resources as one bundle; answers with the home and the one report."""
    home, [report] = land(tmp_path, received(tmp_path, "one.json", bundle(*resources)), **options)
    return home, report

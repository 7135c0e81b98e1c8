"""Memory does not grow with the file: four times as much of anything takes as much memory as once."""

import gc
import json
import tracemalloc

import pytest

from carewright.exchange.fhir import documents, ingest, large, putting_down, reading, references, roomy
from tests.exchange.fhir import examples as ex
from tests.exchange.fhir.test_bills import STAY

MIXED = (ex.ENCOUNTER, ex.LAB, ex.REPORT, STAY, ex.CONDITION, ex.LAB, ex.PATIENT, ex.ORDERED)
CLAIM = {"resourceType": "Claim", "status": "active", "use": "claim", "patient": ex.WHO}
MEDICATION = {"resourceType": "Medication", "code": ex.concept(ex.RXNORM, "860975", "metformin")}


@pytest.fixture
def narrow(monkeypatch):
    """Little room everywhere, so that small files are large ones."""
    monkeypatch.setattr(roomy, "ROOM", 50)
    monkeypatch.setattr(roomy, "PAGES_KB", 64)
    monkeypatch.setattr(documents, "AT_ONCE", 5_000)
    monkeypatch.setattr(large, "WINDOW", 10_000)
    monkeypatch.setattr(large, "REMEMBERED", 10)
    monkeypatch.setattr(ingest, "AT_ONCE", 100)
    monkeypatch.setattr(reading, "AT_TIMES", 20)
    monkeypatch.setattr(putting_down, "TOGETHER", 100)
    monkeypatch.setattr(references, "ENOUGH", 50)


def numbered(resource, number):
    own = resource | {"id": f"x{number}"}
    if "identifier" in own:
        own["identifier"] = [{"system": "https://hospital.example/mrn", "value": f"n{number}"}]
    return own


def peak(folder, shape, resources, count):
    made = [numbered(resources[n % len(resources)], n) for n in range(count)]
    if shape == "bundle":
        entries = [{"fullUrl": f"urn:uuid:{n:036}", "resource": each} for n, each in enumerate(made)]
        content = {"resourceType": "Bundle", "type": "history", "entry": entries}
        file = ex.received(folder, "all.json", content)
    else:
        file = ex.received(folder, "all.ndjson", made)
    assert file.bytes > documents.AT_ONCE
    del made
    gc.collect()
    tracemalloc.start()
    try:
        _, [report] = ex.land(folder, file)
        held = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (report.rows_read, report.rows_rejected, report.duplicates) == (count, 0, 0)
    return held


@pytest.mark.parametrize(
    ("shape", "resources"),
    [
        ("bundle", (*MIXED, CLAIM)), ("lines", (ex.COVERAGE,)),
        ("lines", (ex.PRACTITIONER, ex.ORGANIZATION, MEDICATION, STAY)),
    ],
)  # fmt: skip
def test_four_times_the_file_takes_the_memory_of_one(tmp_path, narrow, shape, resources):
    peak(tmp_path / "warm", shape, resources, 100)
    once = peak(tmp_path / "once", shape, resources, 300)
    four = peak(tmp_path / "four", shape, resources, 1_200)
    assert four - once < 900 * 100, f"{(four - once) / 900:.0f} bytes more for each entry"


def test_coverage_and_directory_are_whole_however_they_are_put_down(tmp_path, narrow):
    people = [numbered(ex.PATIENT, n) | {"birthDate": f"19{n % 90 + 10}-01-01"} for n in range(700)]
    covers = [ex.COVERAGE | {"id": f"v{n}", "beneficiary": {"reference": f"Patient/x{n}"}} for n in range(700)]
    doctors = [numbered(ex.PRACTITIONER, n) for n in range(700)]
    home, [report] = ex.land(tmp_path, ex.received(tmp_path, "all.ndjson", [*covers, *people, *doctors]))
    assert report.rows_kept == 2_100
    found = {row["person_id"]: row["birth_date"].isoformat() for row in ex.rows(home, "eligibility")}
    assert found == {f"x{n}": f"19{n % 90 + 10}-01-01" for n in range(700)}
    assert [row["practitioner_id"] for row in ex.rows(home, "practitioner")] == [f"x{n}" for n in range(700)]
    assert not [path.name for path in home.landed.iterdir() if path.name.startswith("_roomy")]


def test_what_earlier_versions_remembered_of_a_feed_still_counts(tmp_path):
    from carewright.exchange.fhir import remembered
    from carewright.warehouse import landing

    home, _ = ex.land(tmp_path, ex.received(tmp_path, "a.json", ex.bundle(ex.PRACTITIONER)), batch="b1")
    said = {"source": "example", "npis": {"Practitioner/old": "1234567893"}, "names": {}, "medications": {}}
    (home.landed / "_fhir" / "b1.json").write_text(json.dumps(said))
    landing.finish(home, "b1", [])
    assert remembered.recall(home, "example").npis["Practitioner/old"] == "1234567893"
    assert not remembered.recall(home, "another").npis

"""Files as they really come: each thing that does not read gets its sentence, and the rest is kept."""

import gzip
import json

import pytest

from tests.exchange.fhir import examples as ex


def reasons(report):
    return [(reason.column, reason.example, reason.mend) for reason in report.reasons]


def one(tmp_path, name, content, **options):
    home, [report] = ex.land(tmp_path, ex.received(tmp_path, name, content), **options)
    assert report.adds_up
    return home, report


@pytest.mark.parametrize(
    "resource, column, found",
    [
        (ex.CONDITION | {"onsetDateTime": "2023-02-30"}, "onset", "2023-02-30"),
        (ex.CONDITION | {"recordedDate": "03/02/2026"}, "recordedDate", "03/02/2026"),
        (ex.CONDITION | {"recordedDate": 20260302}, "recordedDate", "20260302"),
        ({k: v for k, v in ex.CONDITION.items() if k != "subject"}, "subject", "nothing"),
        ({k: v for k, v in ex.CONDITION.items() if k != "code"}, "code", "nothing"),
        (ex.CONDITION | {"subject": {"reference": "urn:uuid:nobody"}}, "subject", "urn:uuid:nobody"),
        (ex.CONDITION | {"subject": {"reference": "Patient?identifier=x|1"}}, "subject", "Patient?identifier=x|1"),
        (ex.CONDITION | {"clinicalStatus": "active"}, "clinicalStatus", "the text 'active', as STU3 wrote it"),
        (ex.ENCOUNTER | {"class": "inpatient"}, "class", "'inpatient'"),
        (ex.ENCOUNTER | {"period": {"start": "2026-03-05", "end": "2026-03-01"}}, "period", "2026-03-05 to 2026-03-01"),
        ({"resourceType": "MedicationOrder", "id": "x"}, "resourceType", "MedicationOrder, a kind of FHIR DSTU2"),
        ({"resourceType": "Cheese", "id": "x"}, "resourceType", "'Cheese'"),
        ({"id": "x"}, "resourceType", "nothing"),
        (ex.LAB | {"valueQuantity": {"value": "high"}}, "valueQuantity.value", "'high'"),
        (ex.LAB | {"valueQuantity": {"value": "NaN"}}, "valueQuantity.value", "'NaN'"),
        (ex.LAB | {"valueQuantity": {"value": "1e999"}}, "valueQuantity.value", "'1e999'"),
        (ex.CONDITION | {"id": 5}, "id", "5"),
    ],
)  # fmt: skip
def test_a_resource_we_cannot_use_says_where_it_stands_and_what_was_found(tmp_path, resource, column, found):
    home, report = ex.read_one(tmp_path, ex.PATIENT, resource)
    assert (report.rows_read, report.rows_kept, report.rows_rejected) == (2, 1, 1)
    shown = "" if column == "subject" and found != "nothing" else found  # a person's number stands in no report
    assert [(reason.column, reason.example, reason.first_line) for reason in report.reasons] == [(column, shown, 2)]
    [row] = (home.path / "set_aside").glob("*.csv")
    assert found.split(",")[0] in row.read_text(encoding="utf-8-sig")


def test_a_field_nobody_reads_rejects_nothing(tmp_path):
    odd = ex.CONDITION | {"asserter": 7, "stage": "late", "evidence": {"x": [1]}, "bodySite": "arm"}
    home, report = ex.read_one(tmp_path, odd)
    assert report.rows_rejected == 0
    assert len(ex.rows(home, "condition")) == 1


def test_strict_sets_aside_what_the_validator_refuses_and_says_why(tmp_path):
    odd = ex.CONDITION | {"id": "c2", "stage": "late"}
    _, report = ex.read_one(tmp_path, ex.CONDITION, odd, is_strict=True)
    assert (report.rows_kept, report.rows_rejected) == (1, 1)
    [reason] = report.reasons
    assert reason.column.startswith("stage") and reason.example


@pytest.mark.parametrize(
    ("status", "kept"), [("final", 1), ("corrected", 1), ("entered-in-error", 1), ("finalish", 0), ("Final", 0)]
)
def test_strict_sets_aside_a_code_that_fhir_does_not_have(tmp_path, status, kept):
    """Also those codes that FHIR's short list only hints at with a + are known."""
    said = {
        "resourceType": "Observation", "id": "o1", "status": status, "code": {"text": "weight"},
        "subject": {"reference": "Patient/p1"},
    }  # fmt: skip
    _, report = ex.read_one(tmp_path, said, is_strict=True)
    assert report.rows_kept == kept
    assert [reason.column for reason in report.reasons] == ["status"][kept:]


def test_strict_looks_at_codes_within_a_field_too(tmp_path):
    odd = ex.CONDITION | {"contained": [{"resourceType": "Patient", "id": "x", "gender": "F"}]}
    _, report = ex.read_one(tmp_path, odd, is_strict=True)
    assert [reason.column for reason in report.reasons] == ["contained.0.gender"]


def test_a_wrong_shape_names_the_field_the_validator_stumbles_over(tmp_path):
    _, report = ex.read_one(tmp_path, ex.CONDITION | {"code": ["E11.9"]})
    assert [reason.column for reason in report.reasons] == ["code"]


def test_a_resource_of_another_kind_is_kept_and_counted(tmp_path):
    home, report = ex.read_one(tmp_path, {"resourceType": "Device", "id": "x"}, ex.CONDITION)
    assert report.notes == ("Used: Condition 1.", "Kept, not used: Device 1.")
    assert [(row["resource_type"], row["used"]) for row in ex.rows(home, "resource")] == [
        ("Device", False), ("Condition", True),
    ]  # fmt: skip


def test_an_observation_of_a_group_is_kept_but_is_about_nobody(tmp_path):
    _, report = ex.read_one(tmp_path, ex.LAB | {"subject": {"reference": "Group/g"}})
    assert report.notes == ("Kept, not used: Observation 1.",)


def test_one_bad_line_of_ndjson_does_not_stop_the_others(tmp_path):
    lines = [json.dumps(ex.PATIENT), '{"resourceType": "Condition", "id":', "", json.dumps(ex.CONDITION)]
    home, report = one(tmp_path, "bulk.ndjson", "\n".join(lines))
    assert (report.rows_read, report.rows_kept, report.rows_rejected) == (3, 2, 1)
    assert report.reasons[0].first_line == 2
    assert [row["line"] for row in ex.rows(home, "condition")] == [4]


def test_a_first_line_that_does_not_read_is_a_bad_line_too(tmp_path):
    _, report = one(tmp_path, "bulk.ndjson", "{broken\n" + json.dumps(ex.PATIENT) + "\n" + json.dumps(ex.CONDITION))
    assert (report.rows_kept, report.rows_rejected, report.reasons[0].first_line) == (2, 1, 1)


@pytest.mark.parametrize("name", ["one.json", "one.json.gz", "one.ndjson", "no-suffix"])
def test_the_bytes_say_what_a_file_is_and_not_its_name(tmp_path, name):
    _, report = one(tmp_path, name, ex.bundle(ex.PATIENT, ex.CONDITION))
    assert report.rows_kept == 2


def test_a_byte_order_mark_is_no_obstacle(tmp_path):
    assert one(tmp_path, "b.json", b"\xef\xbb\xbf" + json.dumps(ex.PATIENT).encode())[1].rows_kept == 1


def test_pretty_printed_and_single_resources_read(tmp_path):
    assert one(tmp_path, "p.json", json.dumps(ex.PATIENT, indent=2))[1].rows_kept == 1


@pytest.mark.parametrize(
    "content, words",
    [
        (b"", "an empty file"),
        (json.dumps(ex.PATIENT).encode("utf-16"), "UTF-16"),
        (b'{"resourceType": "Patient", "name": "Jos\xe9"}', "0xe9"),
        (b"<Patient xmlns='http://hl7.org/fhir'/>", "XML"),
        (b'{"resourceType": "Bundle", "entry": [{"resou', "breaks off"),
        (b"\x1f\x8b\x08\x00" + b"\xff" * 60, "damaged gzip"),
        (gzip.compress(json.dumps(ex.bundle(*ex.EVERY)).encode())[:-200], "ends too early"),
    ],
)  # fmt: skip
def test_a_file_of_which_nothing_reads_says_why(tmp_path, content, words):
    _, report = one(tmp_path, "f.json", content)
    assert words in report.problem
    assert report.rows_read == 0


def test_of_a_gzip_that_breaks_off_the_lines_before_are_kept(tmp_path):
    lines = [ex.PATIENT | {"id": f"p{n}"} for n in range(2000)]
    packed = gzip.compress(b"".join(json.dumps(line).encode() + b"\n" for line in lines))
    _, report = one(tmp_path, "b.ndjson.gz", packed[: len(packed) // 2])
    assert report.rows_kept > 100
    assert report.rows_rejected == 1
    assert "gzip" in report.reasons[0].what


def test_a_bundle_whose_entries_are_no_list_is_set_aside(tmp_path):
    _, report = one(tmp_path, "b.json", {"resourceType": "Bundle", "entry": {"a": 1}})
    assert report.rows_rejected == 1


def test_a_request_to_delete_is_not_obeyed(tmp_path):
    bundle = {"resourceType": "Bundle", "entry": [{"request": {"method": "DELETE", "url": "Condition/c1"}}]}
    _, report = one(tmp_path, "b.json", bundle)
    assert report.reasons[0].mend == "Send the resource itself with the status entered-in-error."


def test_the_same_resource_twice_in_a_bundle_counts_once_and_the_later_one_stands(tmp_path):
    older = ex.CONDITION | {"code": {"text": "older"}}
    home, report = ex.read_one(tmp_path, older, ex.PATIENT, ex.CONDITION)
    assert (report.rows_kept, report.duplicates) == (2, 1)
    assert [row["source_code"] for row in ex.rows(home, "condition")] == ["44054006"]


def test_in_a_history_the_first_entry_is_the_newest(tmp_path):
    older = ex.CONDITION | {"code": {"text": "older"}}
    bundle = ex.bundle(ex.CONDITION, older, kind="history")
    home, _ = one(tmp_path, "h.json", bundle)
    assert [row["source_code"] for row in ex.rows(home, "condition")] == ["44054006"]


def test_the_newest_version_counts_where_versions_are_dated(tmp_path):
    newer = ex.CONDITION | {"meta": {"lastUpdated": "2026-05-01T00:00:00Z"}}
    older = ex.CONDITION | {"meta": {"lastUpdated": "2026-04-01T00:00:00Z"}, "code": {"text": "older"}}
    home, _ = ex.read_one(tmp_path, newer, older)
    assert [row["source_code"] for row in ex.rows(home, "condition")] == ["44054006"]


def test_references_by_uuid_are_followed_and_resources_without_id_get_the_one_of_their_address(tmp_path):
    entries = [
        {"fullUrl": "urn:uuid:0a", "resource": {k: v for k, v in ex.PATIENT.items() if k != "id"}},
        {"fullUrl": "urn:uuid:0b", "resource": ex.CONDITION | {"subject": {"reference": "urn:uuid:0a"}}},
    ]
    home, _ = one(tmp_path, "t.json", {"resourceType": "Bundle", "type": "transaction", "entry": entries})
    assert ex.rows(home, "person")[0]["person_id"] == "0a"
    assert ex.rows(home, "condition")[0]["person_id"] == "0a"


@pytest.mark.parametrize("status", ["refuted", "entered-in-error"])
def test_a_condition_taken_back_lands_as_a_retraction(tmp_path, status):
    home, _ = ex.read_one(tmp_path, ex.CONDITION | {"verificationStatus": ex.status(status)})
    assert [row["is_retracted"] for row in ex.rows(home, "condition")] == [True]


def test_security_labels_become_tags(tmp_path):
    labelled = ex.CONDITION | {"meta": {"security": [{"code": "PSY"}, {"code": "HIV"}, {"code": "N"}]}}
    home, _ = ex.read_one(tmp_path, labelled)
    assert [row["tags"] for row in ex.rows(home, "condition")] == ["behavioral;hiv"]


def test_codes_bring_tags_and_a_protected_feed_tags_everything(tmp_path):
    from carewright.plumbing.home import Home
    from carewright.warehouse import landing

    depressed = ex.CONDITION | {"code": ex.concept(ex.ICD, "F32.9", "Depression")}
    home, _ = ex.read_one(tmp_path / "a", depressed)
    assert [row["tags"] for row in ex.rows(home, "condition")] == ["behavioral"]
    landing.declare_part2(Home(tmp_path / "b" / "home"), [("feed", "example")])
    home, _ = ex.read_one(tmp_path / "b", depressed, ex.LAB)
    assert [row["tags"] for row in ex.rows(home, "condition")] == ["behavioral;part2"]
    assert [row["tags"] for row in ex.rows(home, "lab_result")] == ["part2"]


def test_a_condition_coded_in_snomed_is_as_private_as_one_coded_in_icd(tmp_path):
    abused = ex.CONDITION | {"code": ex.concept(ex.SCT, "706893006", "Victim of intimate partner abuse (finding)")}
    home, _ = ex.read_one(tmp_path, abused)
    assert [row["tags"] for row in ex.rows(home, "condition")] == ["safety"]


def test_the_kind_and_reason_of_a_visit_make_it_private(tmp_path):
    visit = ex.ENCOUNTER | {
        "type": [ex.concept(ex.SCT, "56876005", "Drug rehabilitation and detoxification")],
        "reasonCode": [ex.concept(ex.SCT, "72892002", "Normal pregnancy")],
    }
    home, _ = ex.read_one(tmp_path, visit)
    assert [row["tags"] for row in ex.rows(home, "encounter")] == ["behavioral;reproductive"]


def test_the_null_character_is_dropped_and_the_rest_is_kept(tmp_path):
    home, _ = ex.read_one(tmp_path, ex.CONDITION | {"code": {"text": "a\x00b"}})
    assert ex.rows(home, "condition")[0]["source_description"] == "ab"


def test_facts_are_put_down_in_parts_when_there_are_many(tmp_path, monkeypatch):
    from carewright.exchange.fhir import ingest

    monkeypatch.setattr(ingest, "AT_ONCE", 10)
    lines = [ex.CONDITION | {"id": f"c{n}"} for n in range(25)]
    home, report = one(tmp_path, "c.ndjson", lines)
    assert report.rows_kept == len(ex.rows(home, "condition")) == 25
    assert len(list((home.landed / "condition").glob("*.parquet"))) > 1


def test_later_files_of_a_feed_know_the_professionals_of_earlier_ones(tmp_path):
    from carewright.exchange.fhir import remembered
    from carewright.warehouse import landing

    medication = {"resourceType": "Medication", "id": "md1", "code": ex.concept(ex.RXNORM, "860975", "metformin")}
    home, _ = ex.land(tmp_path, ex.received(tmp_path, "a.json", ex.bundle(ex.PRACTITIONER, medication)), batch="b1")
    order = ex.ORDERED | {"medicationReference": {"reference": "Medication/md1"}, "contained": []}
    later = ex.received(tmp_path, "b.json", ex.bundle(order), seq=2)
    assert not remembered.recall(home, "example").npis, "an unfinished batch does not count"
    landing.finish(home, "b1", [])
    _, [report] = ex.land(tmp_path, later, batch="b2")
    assert report.rows_rejected == 0
    [row] = ex.rows(home, "medication")
    assert (row["practitioner_id"], row["rxnorm_code"]) == ("1234567893", "860975")


@pytest.mark.parametrize("address", [{}, {"fullUrl": "urn:uuid:5"}, {"fullUrl": "https://a.example/Patient/5"}])
def test_a_patient_whose_id_is_no_text_is_nobody_rather_than_somebody_new(tmp_path, address):
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [address | {"resource": ex.PATIENT | {"id": 5}}]}
    home, report = one(tmp_path, "people.json", json.dumps(bundle))
    assert (report.rows_kept, report.rows_rejected) == (0, 1)
    assert [(each.column, each.mend) for each in report.reasons] == [
        ("id", "Ask the sender to correct it at the source.")
    ]
    assert ex.rows(home, "person") == []


def test_a_line_cut_within_a_character_is_said_without_words_of_the_trade(tmp_path):
    whole = (json.dumps(ex.PATIENT) + "\n").encode()
    named = json.dumps(ex.PATIENT | {"name": [{"family": "Nuñez"}]}, ensure_ascii=False).encode()
    _, report = one(tmp_path, "Patient.ndjson", whole + whole + named[: named.index("ñ".encode()) + 1])
    assert report.rows_kept == 2
    [reason] = report.reasons
    assert "a character of it is cut in two or is no UTF-8" in reason.mend


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"birthDate": "2126-01-01"}, "birthDate"),
        ({"deceasedDateTime": "2126-01-01"}, "deceasedDateTime"),
    ],
)
def test_nobody_is_born_or_dies_after_the_file_came(tmp_path, wrong, field):
    home, report = ex.read_one(tmp_path, ex.PATIENT | wrong)
    assert [(reason.column, reason.mend) for reason in report.reasons] == [(field, "Ask the sender for the right day.")]
    assert ex.rows(home, "person") == []

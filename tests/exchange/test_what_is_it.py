"""Every kind of file that arrives gets its clear sentence: what was found, what is understood, how to mend it."""

import gzip
import os
import zipfile

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

from tests.exchange.conftest import CLAIM
from tests.shared import shared

pytestmark = pytest.mark.django_db


def refusals(receive, *paths):
    report = receive(*paths)
    assert report.rows_read == 0
    return report.problem


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("empty.csv", b"", "found 'an empty file'"),
        ("empty.csv.gz", gzip.compress(b"", mtime=0), "found 'a gzip file with nothing in it'"),
        ("notes.txt", b"Dear team,\nplease find the files attached.\n", "without a header of column names"),
        ("photo.jpg", bytes(range(256)) * 40, "somebody here recognizes"),
        ("claims.xlsx", b"PK\x03\x04" + b"\0" * 30 + b"[Content_Types].xml", "Save the sheet as CSV"),
        ("claims.837", b"ISA*00*          *00*          *ZZ*SENDER~", "an X12 file"),
        ("adt.hl7", b"MSH|^~\\&|A|B|C|D|20260101||ADT^A01|1|P|2.5\r", "an HL7 v2 message"),
        ("doc.xml", b"<?xml version='1.0'?><ClinicalDocument/>", "an XML file"),
        ("some.json", b'{"hello": "world"}', "JSON that is not FHIR"),
        ("part.parquet", b"PAR1" + b"\0" * 100, "a damaged Parquet file"),
        ("numbers.csv", b"1,2,3\n4,5,6\n", "without a header"),
        ("one_column.csv", b"name\nada\n", "without a header"),
    ],
)
def test_a_file_nobody_can_read_is_said_in_one_sentence(receive, sent, name, data, sentence):
    problem = refusals(receive, sent(name, data))
    assert name in problem
    assert sentence in problem
    assert "\n" not in problem


def test_a_truncated_gzip_lands_nothing(receive, sent, landed):
    whole = gzip.compress(sent("claims.csv", *({"claim_id": f"c{n}"} for n in range(20_000))).read_bytes())
    problem = refusals(receive, sent("claims.csv.gz", whole[: len(whole) // 2]))
    assert "breaks off or is damaged" in problem
    assert "Nothing of it was read" in problem
    assert landed("medical_claim") == []


def test_a_damaged_gzip_lands_nothing(receive, sent, landed):
    whole = bytearray(gzip.compress(sent("claims.csv", *({"claim_id": f"c{n}"} for n in range(20_000))).read_bytes()))
    whole[-6] ^= 0xFF  # the checksum at the end
    assert "damaged" in refusals(receive, sent("claims.csv.gz", bytes(whole)))
    assert landed("medical_claim") == []


def test_a_file_closed_to_us_says_so(receive, sent):
    path = sent("claims.csv", {})
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read every file")
    assert "a file closed to us" in refusals(receive, path)


def test_missing_columns_are_named(receive, sent):
    problem = refusals(
        receive,
        sent("claims.csv", "claim_id,claim_line_number,claim_type,claim_start_date\nc1,1,professional,2026-01-01\n"),
    )
    assert "expected the column person_id of medical_claim" in problem


def test_a_file_that_is_almost_ours_says_what_it_lacks(receive, sent):
    header = "claim_id,claim_line_number,person_id,payer,plan,paid_amount,diagnosis_code_1,hcpcs_code"
    report = receive(sent("claims.csv", f"{header}\nc1,1,ada,m,m,1,I10,99213\n"))
    assert report.state == "waiting"
    assert "It looks like medical_claim, but has no column claim_type and no claim_start_date" in report.problem


def test_a_header_that_says_a_column_twice_is_refused(receive, sent):
    rows = "claim_id,claim_line_number,claim_type,person_id,Person ID,claim_start_date\nc1,1,professional,ada,ben,2026-01-01\n"
    assert "found 'the column person_id 2 times'" in refusals(receive, sent("claims.csv", rows))


def test_a_column_nobody_reads_may_stand_there_twice(receive, sent):
    rows = "claim_id,claim_line_number,claim_type,person_id,claim_start_date,x,x\nc1,1,professional,ada,2026-01-01,,\n"
    report = receive(sent("claims.csv", rows))
    assert report.rows_kept == 1
    assert any("more than once" in note for note in report.notes)


def test_a_header_and_no_rows_is_no_error(receive, sent):
    report = receive(sent("claims.csv", "claim_id,claim_line_number,claim_type,person_id,claim_start_date\n"))
    assert (report.state, report.rows_read) == ("landed", 0)
    assert "no rows" in report.notes[0]


def test_another_csv_waits_for_a_column_map(receive, sent, home):
    report = receive(sent("visits.csv", "MBR_ID,SVC_DT,DX\n1,01/02/2026,I10\n"))
    assert report.state == "waiting"
    assert "nobody recognizes its columns (MBR_ID, SVC_DT, DX)" in report.problem
    assert len(list(home.received.iterdir())) == 1, "its bytes are kept, so that it can be read once it is mapped"


def test_a_header_may_begin_as_another_file_does_in_large_letters(receive, sent):
    report = receive(sent("visits.csv", "isActive,MBR_ID,SVC_DT\ny,1,01/02/2026\n"))
    assert "nobody recognizes its columns (isActive, MBR_ID, SVC_DT)" in report.problem


@pytest.mark.parametrize("delimiter", [",", "|", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_every_delimiter_and_line_end(receive, sent, landed, delimiter, line_end):
    header = ["claim_id", "claim_line_number", "claim_type", "person_id", "claim_start_date"]
    rows = [header, ["c1", "1", "professional", "ada", "2026-03-02"], ["c2", "1", "professional", "ben", "2026-03-03"]]
    receive(sent("claims.txt", line_end.join(delimiter.join(row) for row in rows).encode()))
    assert [(row["person_id"], row["line"]) for row in landed("medical_claim")] == [("ada", 2), ("ben", 3)]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_every_unicode_encoding(receive, sent, landed, encoding):
    text = sent("plain.csv", {"last_name": "Nuñez"}, base=COVERAGE_BASE).read_text(encoding="utf-8")
    report = receive(sent("coverage.csv", text.encode(encoding)))
    assert [row["last_name"] for row in landed("eligibility")] == ["Nuñez"]
    assert not report.reasons


def test_windows_text_is_read_and_said(receive, sent, landed):
    text = sent("plain.csv", {"last_name": "Nuñez"}, {"person_id": "ben"}, base=COVERAGE_BASE).read_text(
        encoding="utf-8"
    )
    report = receive(sent("coverage.csv", text.encode("cp1252")))
    assert [row["last_name"] for row in landed("eligibility")] == ["Nuñez", "Byron"]
    assert "1 line was not UTF-8 and was read as Windows-1252 (line 2 first)" in report.notes[0]


def test_parquet_is_read_with_its_own_types(receive, sent, landed, tmp_path):
    csv_path = sent(
        "claims.csv",
        {"paid_amount": "1.10"},
        {"claim_id": "c2", "claim_start_date": "2026-05-01", "claim_end_date": ""},
    )
    pq.write_table(pa_csv.read_csv(csv_path), tmp_path / "claims.parquet")
    report = receive(tmp_path / "claims.parquet")
    assert (report.kind, report.rows_kept, report.rows_rejected) == ("medical_claim", 2, 0)
    rows = landed("medical_claim")
    assert [(row["line"], str(row["paid_amount"]), row["billing_npi"]) for row in rows] == [
        (1, "1.10", "1234567893"),
        (2, "12.50", "1234567893"),
    ]


def test_parquet_and_csv_land_the_same(receive, sent, landed, home, tmp_path):
    path = sent("claims.csv", {}, {"claim_id": "c2", "diagnosis_code_1": "E119"})
    pq.write_table(pa_csv.read_csv(path), tmp_path / "claims.parquet")
    first, second = receive(path), receive(tmp_path / "claims.parquet")
    assert (first.rows_kept, second.rows_kept, second.duplicates) == (2, 0, 2)


def test_a_parquet_file_names_its_feed_as_a_csv_does(receive, sent, tmp_path):
    """Else the same lines, sent once as CSV and once as Parquet, would be two feeds and be counted twice."""
    path = sent("claims.csv", {"data_source": "meridian"}, {"claim_id": "c2", "data_source": "meridian"})
    pq.write_table(pa_csv.read_csv(path), tmp_path / "claims.parquet")
    first, second = receive(path), receive(tmp_path / "claims.parquet")
    assert (first.source, second.source) == ("meridian", "meridian")
    assert (second.rows_kept, second.duplicates) == (0, 2)


def test_a_folder_of_parquet_and_csv_lands_both(receive, sent, landed, tmp_path):
    folder = sent("in/b.csv", {"claim_id": "c2"}).parent
    pq.write_table(pa_csv.read_csv(sent("c1.csv", {"claim_id": "c1"})), folder / "a.parquet")
    sent("in/c.csv", {"claim_id": "c3"})
    assert [report.problem for report in receive(folder)] == ["", "", ""]
    assert {row["claim_id"] for row in landed("medical_claim")} == {"c1", "c2", "c3"}


def test_a_parquet_file_damaged_in_the_middle_lands_nothing(receive, sent, landed, tmp_path):
    rows = [{"claim_id": f"c{n}", "plan": f"plan {n * 7919 % 1000}"} for n in range(5_000)]
    pq.write_table(pa_csv.read_csv(sent("claims.csv", *rows)), tmp_path / "claims.parquet")
    data = bytearray((tmp_path / "claims.parquet").read_bytes())
    data[200:4000] = bytes(3800)
    (tmp_path / "claims.parquet").write_bytes(bytes(data))
    assert "a damaged Parquet file" in refusals(receive, tmp_path / "claims.parquet")
    assert landed("medical_claim") == []


def test_a_zip_is_opened(receive, sent, tmp_path):
    with zipfile.ZipFile(tmp_path / "march.zip", "w") as archive:
        archive.write(sent("claims.csv", {}), "claims.csv")
        archive.write(sent("coverage.csv", {}, base=COVERAGE_BASE), "coverage.csv")
        archive.writestr("readme.txt", "hello")
    reports = receive(tmp_path / "march.zip")
    assert [report.kind for report in reports] == ["medical_claim", "eligibility", ""]
    assert reports[0].path.endswith("march.zip/claims.csv")


def test_a_locked_or_damaged_zip_is_said(receive, sent):
    assert "a damaged ZIP file" in refusals(receive, sent("march.zip", b"PK\x03\x04" + b"x" * 100))


def test_one_unknown_file_stops_no_other(receive, sent):
    sent("a/claims.csv", {})
    path = sent("a/letter.txt", "hello there\n").parent
    sent("a/.hidden", "x")
    reports = receive(path)
    assert [(report.kind, report.state) for report in reports] == [("medical_claim", "landed"), ("", "refused")]


def test_x12_and_cclf_are_named_for_what_they_are_not(receive):
    reports = receive(shared("testdata/claims/x12_pyx12"), shared("testdata/claims/cclf_bcda"))
    assert all(report.problem and not report.rows_read for report in reports)
    for report in reports:
        assert "Understood are: Tuva Input Layer tables" in report.problem or report.state == "again", report.problem


def test_every_current_tuva_header_is_known(receive):
    reports = receive(shared("testdata/claims/tuva_input_layer_current_headers"))
    for report in reports:
        assert f"raw_data__{report.kind}.csv" in report.path
        assert report.state == "landed"


COVERAGE_BASE = {
    "person_id": "ada",
    "birth_date": "1948-05-02",
    "enrollment_start_date": "2026-01-01",
    "enrollment_end_date": "2026-12-31",
    "payer": "meridian",
    "last_name": "Byron",
}


@pytest.mark.parametrize("nested", [["I10", "E119"], {"code": "I10"}])
def test_a_field_with_several_values_is_refused_whole_and_named(receive, sent, tmp_path, nested):
    claims = pa.Table.from_pylist([CLAIM | {"diagnosis_code_1": nested}])
    pq.write_table(claims, tmp_path / "claims.parquet")
    report = receive(tmp_path / "claims.parquet")
    assert "expected one value in each field, found 'several values in one field (diagnosis_code_1)'" in report.problem
    odd = claims.drop_columns(["diagnosis_code_1"]).append_column("of_theirs", pa.array([[1, 2]]))
    pq.write_table(odd, tmp_path / "odd.parquet")
    assert receive(tmp_path / "odd.parquet").rows_kept == 1, "a column nobody reads harms nobody"


def test_a_page_to_sign_in_that_came_in_the_place_of_a_file_is_called_so(receive, sent):
    report = receive(sent("claims.csv", "<!DOCTYPE html>\n<html><body>Please sign in, and go on</body></html>"))
    assert "found 'a web page'. Whoever fetched it may not have been signed in." in report.problem


def test_the_report_says_that_appointments_of_a_table_stand_in_no_chart(receive, sent):
    booked = {"appointment_id": "A1", "person_id": "ada", "start_datetime": "2026-12-01 09:00:00"}
    report = receive(sent("appointments.csv", booked, base={}))
    assert report.rows_kept == 1
    assert any("stand in no patient's chart" in note and "without a time zone" in note for note in report.notes)

"""Every row is kept or set aside, with its line, what was found, what was expected and how to mend it."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from carewright.exchange.files import records
from tests.exchange.conftest import CLAIM, COVERAGE
from tests.shared import shared

pytestmark = pytest.mark.django_db


def test_the_ten_members_of_2023(receive, landed):
    """The facts that the people who made the file expect of it."""
    reports = receive(shared("testdata/claims/tuva_input_layer_2023"))
    assert [(report.kind, report.rows_read, report.rows_kept) for report in reports] == [
        ("eligibility", 31, 31),
        ("medical_claim", 2075, 2075),
        ("pharmacy_claim", 291, 291),
    ]
    assert [report.source for report in reports] == ["medicare cclf"] * 3
    lines = landed("medical_claim")
    claims = {row["claim_id"]: row["claim_type"] for row in lines}
    assert len(claims) == 1138
    assert list(claims.values()).count("institutional") == 132
    revenue = {
        row["claim_id"]
        for row in lines
        if (row["revenue_center_code"] or "")[:3] == "045" or row["revenue_center_code"] == "0981"
    }
    assert len(revenue) == 10
    assert len({row["claim_id"] for row in lines if (row["bill_type_code"] or "").startswith("11")}) == 6
    assert sum(row["paid_amount"] or 0 for row in lines) == Decimal("163818.97")
    assert {row["person_id"] for row in lines} == {row["person_id"] for row in landed("eligibility")}
    assert [row["line"] for row in lines] == list(range(2, 2077))
    assert (reports[1].first_date, reports[1].last_date.year) == (date(2016, 1, 8), 2018)


@pytest.mark.parametrize(
    ("wrong", "column", "what"),
    [
        ({"claim_start_date": "5/2/2026"}, "claim_start_date", "Date is not a date"),
        ({"claim_start_date": "46144"}, "claim_start_date", "Date is not a date"),
        ({"claim_start_date": "2026-13-04"}, "claim_start_date", "Date is not a date"),
        ({"claim_start_date": "0202-01-01"}, "claim_start_date", "Date is not a date"),
        ({"claim_start_date": "infinity"}, "claim_start_date", "Date is not a date"),
        ({"claim_start_date": ""}, "claim_start_date", "No claim start date"),
        ({"claim_start_date": "2027-01-01", "claim_end_date": ""}, "claim_start_date", "Day lies in the future"),
        ({"claim_end_date": "2026-03-01"}, "claim_end_date", "claim end date lies before claim start date"),
        ({"person_id": ""}, "person_id", "No person id"),
        ({"person_id": "   "}, "person_id", "No person id"),
        ({"person_id": "1.23E+11"}, "person_id", "Number was rounded"),
        ({"claim_id": "4.5e+10"}, "claim_id", "Number was rounded"),
        ({"claim_line_number": "one"}, "claim_line_number", "Number does not read"),
        ({"claim_line_number": "1.5"}, "claim_line_number", "Number does not read"),
        ({"claim_line_number": "99999999999"}, "claim_line_number", "Number does not read"),
        ({"person_id": "50003749.0"}, "person_id", "Number written as an amount"),
        ({"claim_start_date": "epoch"}, "claim_start_date", "Date is not a date"),
        ({"claim_start_date": "1849-12-31"}, "claim_start_date", "Day lies before 1850"),
        ({"claim_start_date": "26-03-02"}, "claim_start_date", "Date is not a date"),
        ({"claim_type": ""}, "claim_type", "No claim type"),
        ({"paid_amount": "$12.50"}, "paid_amount", "Amount is not a number"),
        ({"paid_amount": "(12.50)"}, "paid_amount", "Amount is not a number"),
        ({"paid_amount": "1.2E+3"}, "paid_amount", "Amount is not a number"),
        ({"paid_amount": "12,50"}, "", "Row with too many or too few fields"),
        ({"paid_amount": "1_000"}, "paid_amount", "Amount is not a number"),
    ],
)
def test_what_would_do_harm_is_set_aside(receive, sent, landed, aside, wrong, column, what):
    report = receive(sent("march.csv", {}, {"claim_id": "c2"} | wrong, {"claim_id": "c3"}))
    assert (report.rows_read, report.rows_kept, report.rows_rejected) == (3, 2, 1)
    assert [(reason.what, reason.column, reason.rows, reason.first_line) for reason in report.reasons] == [
        (what, column, 1, 3)
    ]
    assert report.reasons[0].mend.endswith((".", "!"))
    [row] = aside(report)
    assert row["line"] == "3"
    assert row["mend"]
    assert row["claim_id"] == wrong.get("claim_id", "c2")
    if column:
        assert f"column {column}: expected" in row["problem"]
    assert [row["claim_id"] for row in landed("medical_claim")] == ["c1", "c3"]


@pytest.mark.parametrize(
    ("odd", "what", "lands"),
    [
        ({"diagnosis_code_1": "I5O.22"}, "Diagnosis code of the wrong shape", ("diagnosis_code_1", "I5O22")),
        ({"hcpcs_code": "9921"}, "Service code of the wrong shape", ("hcpcs_code", "9921")),
        ({"billing_npi": "12345"}, "Provider number is not an NPI", ("billing_npi", "12345")),
        ({"bill_type_code": "9"}, "Bill type of the wrong shape", ("bill_type_code", "9")),
        ({"in_network_flag": "maybe"}, "Yes or no that is neither", ("in_network_flag", None)),
        ({"claim_type": "hospital"}, "Claim type nobody knows", ("claim_type", "hospital")),
    ],
)
def test_what_does_no_harm_is_kept_with_a_remark(receive, sent, landed, odd, what, lands):
    report = receive(sent("march.csv", {}, {"claim_id": "c2"} | odd))
    assert (report.rows_kept, report.rows_rejected) == (2, 0)
    [reason] = report.reasons
    assert (reason.what, reason.kept, reason.rows, reason.first_line) == (what, True, 1, 3)
    column, value = lands
    assert landed("medical_claim")[1][column] == value


def test_strict_sets_aside_what_would_be_kept_with_a_remark(receive, sent):
    report = receive(sent("march.csv", {}, {"claim_id": "c2", "diagnosis_code_1": "I5O.22"}), strict=True)
    assert (report.rows_kept, report.rows_rejected) == (1, 1)
    assert "expected an ICD-10-CM code such as E119, found 'I5O22'" in Path(report.rejects_path).read_text()


@pytest.mark.parametrize(
    ("column", "sent_as", "lands"),
    [
        ("diagnosis_code_1", "e11.9", "E119"),
        ("diagnosis_code_1", "  I10 ", "I10"),
        ("bill_type_code", "0111", "111"),
        ("bill_type_code", "111", "111"),
        ("bill_type_code", "11x", "11X"),
        ("revenue_center_code", "450", "0450"),
        ("drg_code", "64", "064"),
        ("place_of_service_code", "2", "02"),
        ("hcpcs_code", "g0439", "G0439"),
        ("claim_start_date", "20260301", date(2026, 3, 1)),
        ("claim_start_date", "2026-03-01T23:30:00-05:00", date(2026, 3, 1)),
        ("claim_start_date", "2026-3-1", date(2026, 3, 1)),
        ("claim_type", "Professional", "professional"),
        ("paid_amount", "-12.5", Decimal("-12.50")),
        ("paid_amount", "NULL", None),
        ("claim_line_number", "1.0", 1),
    ],
)
def test_values_are_written_one_way(receive, sent, landed, column, sent_as, lands):
    report = receive(sent("march.csv", {column: sent_as}))
    assert report.rows_rejected == 0
    assert landed("medical_claim")[0][column] == lands


@pytest.mark.parametrize(
    ("ndc", "lands", "remarks"),
    [
        ("49999057690", "49999057690", 0),
        ("49999-0576-90", "49999057690", 0),
        ("9999-0576-90", "09999057690", 0),
        ("49999-576-90", "49999057690", 0),
        ("49999-0576-9", "49999057609", 0),
        ("4999057690", "4999057690", 1),
    ],
)
def test_a_drug_code_gets_its_zero_back_only_where_it_has_one_place(receive, sent, landed, ndc, lands, remarks):
    base = {"claim_id": "p1", "person_id": "ada", "dispensing_date": "2026-03-01", "ndc_code": ndc}
    report = receive(sent("rx.csv", {}, base=base))
    assert landed("pharmacy_claim")[0]["ndc_code"] == lands
    assert len(report.reasons) == remarks


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        ({"birth_date": "5/2/1948"}, "Date is not a date"),
        ({"birth_date": "17654"}, "Date is not a date"),
        ({"birth_date": "2030-01-01"}, "Day lies in the future"),
        ({"birth_date": ""}, "No birth date"),
        ({"death_date": "1940-01-01"}, "death date lies before birth date"),
        ({"death_date": "2027-05-05"}, "Day lies in the future"),
        ({"enrollment_end_date": "2025-12-31"}, "enrollment end date lies before enrollment start date"),
    ],
)
def test_coverage_that_cannot_be(receive, sent, wrong, what):
    report = receive(sent("coverage.csv", {}, {"person_id": "ben"} | wrong, base=COVERAGE))
    assert (report.rows_kept, report.rows_rejected) == (1, 1)
    assert [reason.what for reason in report.reasons] == [what]


def test_open_coverage_may_end_far_away_or_never(receive, sent, landed):
    rows = ({"enrollment_end_date": "9999-12-31"}, {"person_id": "ben", "enrollment_end_date": ""})
    report = receive(sent("coverage.csv", *rows, base=COVERAGE))
    assert report.rows_kept == 2
    assert report.last_date == date(2026, 1, 1)
    assert [row["enrollment_end_date"] for row in landed("eligibility")] == [date(9999, 12, 31), None]


def test_every_problem_of_a_row_is_said(receive, sent, aside):
    report = receive(sent("march.csv", {"person_id": "", "claim_start_date": "5/2/2026", "paid_amount": "x"}))
    [row] = aside(report)
    for column in ("person_id", "claim_start_date", "paid_amount"):
        assert f"column {column}: expected" in row["problem"]
    assert "Excel may have rewritten it" in row["mend"]
    assert sum(reason.rows for reason in report.reasons) == 1, "a row is counted once"


def test_the_sentence_is_the_one_in_the_manual(receive, sent, aside):
    report = receive(sent("march.csv", {"birth_date": "5/2/1948"}, base=COVERAGE))
    [row] = aside(report)
    assert row["problem"] == "column birth_date: expected a date written YYYY-MM-DD, found '5/2/1948'."


def test_lines_are_those_an_editor_shows(receive, sent, aside, landed):
    header = "claim_id,claim_line_number,claim_type,person_id,claim_start_date,plan\n"
    text = (
        header
        + 'c1,1,professional,ada,2026-01-01,"two\nlines"\n'  # lines 2 and 3
        + "\n"  # 4
        + "c2,1,professional,ada,never,x\n"  # 5
        + "c3,1,professional,ada,2026-01-01\n"  # 6: a field is missing
        + 'c4,1,professional,ada,2026-01-01,"never closed\n'  # 7
        + "c5,1,professional,ada,2026-01-01,x\n"  # 8
        + 'c6,1,professional,ada,2026-01-01,5" pipe\n'  # 9
    )
    report = receive(sent("claims.csv", text))
    assert [(row["claim_id"], row["line"]) for row in landed("medical_claim")] == [("c1", 2), ("c5", 8), ("c6", 9)]
    assert sorted(int(row["line"]) for row in aside(report)) == [5, 6, 7]
    assert report.rows_read == 6


def test_a_nul_byte_sets_its_row_aside(receive, sent, aside):
    data = sent("x.csv", {}, {"claim_id": "c2"}, {"claim_id": "c3"}).read_bytes().replace(b"c2", b"c\x002")
    report = receive(sent("claims.csv", data))
    assert (report.rows_kept, report.rows_rejected) == (2, 1)
    assert [(row["line"], row["problem"]) for row in aside(report)] == [("3", "Row with a NUL byte in it.")]


def test_no_spreadsheet_runs_what_was_set_aside(receive, sent, aside):
    report = receive(sent("claims.csv", {"claim_start_date": "x", "plan": "=HYPERLINK(1)", "paid_amount": "-5.00"}))
    [row] = aside(report)
    assert (row["plan"], row["paid_amount"]) == ("'=HYPERLINK(1)", "-5.00")


def test_a_social_security_number_is_nowhere_but_in_the_received_bytes(receive, sent, home, landed):
    base = COVERAGE | {"social_security_number": "078-05-1120"}
    report = receive(sent("coverage.csv", {}, {"person_id": "ben", "birth_date": "x"}, base=base))
    assert report.rows_rejected == 1
    assert landed("eligibility")[0]["social_security_number"] is None
    for path in [*home.landed.rglob("*"), *home.set_aside.rglob("*")]:
        assert not path.is_file() or b"078-05-1120" not in path.read_bytes(), path


def test_reports_never_repeat_who_someone_is(receive, sent):
    report = receive(sent("coverage.csv", {"birth_date": "5/2/1948"}, base=COVERAGE))
    assert report.reasons[0].example == ""
    report = receive(sent("claims.csv", {"paid_amount": "abc"}))
    assert report.reasons[0].example == "abc"


def test_old_column_names_are_known(receive, sent, landed):
    rows = "claim_id,claim_line_number,claim_type,patient_id,claim_start_date,ms_drg_code\nc1,1,institutional,ada,2026-01-01,291\n"
    receive(sent("claims.csv", rows))
    [row] = landed("medical_claim")
    assert (row["person_id"], row["drg_code"]) == ("ada", "291")


def test_the_report_says_how_full_each_column_is(receive, sent):
    report = receive(sent("claims.csv", {"NOTES": "x"}, {"claim_id": "c2", "diagnosis_code_1": ""}))
    filled = {column.found: (column.means, column.filled, column.rows) for column in report.columns}
    assert filled["diagnosis_code_1"] == ("diagnosis_code_1", 1, 2)
    assert filled["NOTES"] == ("", 1, 2)


def test_a_caseload_file_lands(receive, sent, landed):
    rows = "member_id,last_name,care_manager,program,consent_date,goals\nm1,Byron,ana@riverside.example,chronic_care,2026-02-01,walk;sleep\n"
    report = receive(sent("caseload.csv", rows))
    assert (report.kind, report.rows_kept) == ("caseload", 1)
    assert landed("caseload")[0]["lead"] == "ana@riverside.example"


def packed(sent, name, *parts):
    import gzip

    path = sent(name, b"")
    with gzip.open(path, "wb", compresslevel=1) as file:
        for part in parts:
            file.write(part)
    return path


@pytest.mark.parametrize("quote", [b"", b'"'], ids=["bare", "quoted"])
def test_a_field_without_an_end_is_refused_before_it_is_unpacked(receive, sent, monkeypatch, quote):
    """A small file that unpacks to hundreds of megabytes: one sentence, after the first of them."""
    head = sent("head.csv", {}).read_bytes()
    path = packed(sent, "bomb.csv.gz", head, quote, *[b"x" * (1 << 20)] * 100, quote, b"\n")
    read = []
    exactly = records._exactly
    monkeypatch.setattr(records, "_exactly", lambda file, size: read.append(size) or exactly(file, size))
    report = receive(path)
    assert report.problem == (
        "bomb.csv.gz line 3: expected rows of a table, one on each line, found 'more than 8 MB without a line break'."
        " Nothing of it was read. The file is damaged, or is no table; ask the sender to send it again."
    )
    assert report.rows_read == 0
    assert sum(read) <= 2 * records.CHUNK


def test_an_endless_field_after_good_rows_lands_none_of_them(receive, sent, landed):
    """Whole or not at all: what came before it in the same file is not taken for the file."""
    rows = sent("head.csv", *[{"claim_id": f"c{n}"} for n in range(250_000)]).read_bytes()
    report = receive(packed(sent, "bomb.csv.gz", rows, b"x" * (40 << 20)))
    assert "line 250002" in report.problem
    assert landed("medical_claim") == []


def test_a_field_too_long_for_any_column_sets_its_row_aside(receive, sent, landed):
    head = sent("head.csv", {}, {"claim_id": "c3"}).read_bytes()
    long = b'"' + b"x" * (5 << 20) + b'",1,professional\n'
    name, first, third = head.splitlines(keepends=True)
    report = receive(sent("long.csv", name + first + long + third))
    assert [(reason.what, reason.first_line) for reason in report.reasons] == [("Field of more than 4 MB", 3)]
    assert [row["claim_id"] for row in landed("medical_claim")] == ["c1", "c3"]


def test_a_header_said_again_is_called_so_and_never_taken_for_a_row(receive, sent, landed, aside):
    """Joined files carry each its header; the line is no claim with a mistaken date, and decides nothing about the feed."""
    columns = [*CLAIM, "data_source"]
    row = ",".join([*CLAIM.values(), "meridian"])
    header = ",".join(columns)
    report = receive(sent("joined.csv", "\n".join([header, row, header, row.replace("c1", "c2"), ""])))
    assert (report.rows_read, report.rows_kept, report.rows_rejected) == (3, 2, 1)
    assert [reason.what for reason in report.reasons] == ["Column names a second time"]
    assert report.reasons[0].first_line == 3
    assert report.source == "meridian"
    assert aside(report)[0]["claim_id"] == "claim_id"

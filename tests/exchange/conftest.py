"""A home of its own for each test of receiving, and small files to receive."""

import csv
from datetime import UTC, datetime

import duckdb
import pytest

from carewright.exchange import actions, wording
from carewright.plumbing.home import Home
from carewright.warehouse import landing

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

CLAIM = {
    "claim_id": "c1",
    "claim_line_number": "1",
    "claim_type": "professional",
    "person_id": "ada",
    "claim_start_date": "2026-03-02",
    "claim_end_date": "2026-03-02",
    "paid_amount": "12.50",
    "diagnosis_code_type": "icd-10-cm",
    "diagnosis_code_1": "I10",
    "hcpcs_code": "99213",
    "billing_npi": "1234567893",
}
COVERAGE = {
    "person_id": "ada",
    "birth_date": "1948-05-02",
    "gender": "female",
    "enrollment_start_date": "2026-01-01",
    "enrollment_end_date": "2026-12-31",
    "payer": "meridian",
    "payer_type": "medicare",
    "last_name": "Byron",
}


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path / "home")


@pytest.fixture
def sent(tmp_path):
    """Write a file as a sender would: rows over a standard one, or text, or bytes."""

    def write(name, *rows, base=CLAIM, columns=None):
        path = tmp_path / "sent" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if rows and isinstance(rows[0], bytes):
            path.write_bytes(rows[0])
        elif rows and isinstance(rows[0], str):
            path.write_text(rows[0], encoding="utf-8", newline="")
        else:
            columns = columns or list(base | {name: "" for row in rows for name in row})
            lines = [",".join(columns)] + [",".join((base | row).get(c, "") for c in columns) for row in rows]
            path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write


@pytest.fixture
def receive(home, db):
    """Ingest files into the test's home; one path gives one report."""

    def run(*paths, **how):
        reports = actions.ingest(paths, by="system:test", at=AT, home=home, **how)
        for report in reports:
            assert report.adds_up
            is_known(report)
        return reports[0] if len(reports) == 1 else reports

    return run


@pytest.fixture
def landed(home):
    """The rows of a landed table, in the order of their lines."""

    def read(table):
        rows = duckdb.sql(landing.view_sql(home, table)).to_arrow_table().to_pylist()
        return sorted(rows, key=lambda row: (row["received_seq"], row["line"]))

    return read


@pytest.fixture
def aside(home):
    """The rows set aside of a report, as a spreadsheet would show them."""

    def read(report):
        with open(report.rejects_path, encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))

    return read


def said_of(report):
    """Every text a report of a file holds, and every text in its file of rows set aside."""
    yield from filter(None, (report.problem, *report.notes))
    for reason in report.reasons:
        yield from (reason.what, reason.mend)
    if report.rejects_path:
        with open(report.rejects_path, encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                yield from filter(None, (row["problem"], row["mend"]))


def is_known(report):
    """Each of them is a sentence of ours, and in English stays as it was written."""
    if report.state != "again":  # said on the command line only
        assert [text for text in said_of(report) if wording.read(text) != text] == []

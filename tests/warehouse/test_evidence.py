"""Every number opens down to the row and the line of the file it came from, fast, and only so far."""

import gzip
import hashlib
import json
import time
from datetime import date

import pytest

from carewright.warehouse import evidence, landing
from tests.warehouse.by_hand import NOON, ByHand, day


class Home(ByHand):
    @property
    def received(self):
        (self.path / "received").mkdir(exist_ok=True)
        return self.path / "received"

    def land_with(self, content: bytes, name: str = "claims.csv") -> str:
        """Land the rows written down, as if they came in this file; returns its delivery id."""
        sha = hashlib.sha256(content).hexdigest()
        (self.received / sha).write_bytes(content)
        delivered = []
        for table, rows in self.rows.items():
            for row in rows:
                row["delivery_id"] = sha[:12]
            delivered = [
                landing.Delivered(sha[:12], sha, name, rows[0]["source"], rows[0]["received_on"], 1, table, len(rows))
            ]
        super().land()
        (self.landed / "_batches" / "batch.json").unlink()
        landing.finish(self, "batch", delivered, at=NOON)
        return sha[:12]


CSV = b"claim_id,person_id,paid\nc1,ada,10\nc1,ada,20\nc2,bea,30\n"


@pytest.fixture
def home():
    home = Home()
    home.claim("c1", day(5, 1), claim_line_number=1, line=2, hcpcs_code="99213")
    home.claim("c1", day(5, 1), claim_line_number=2, line=3, diagnosis_code_1="F329")
    home.claim("c2", day(5, 2), line=4, person_id="bea")
    return home


def test_an_id_opens_to_file_line_day_and_row(home):
    delivery = home.land_with(CSV)
    [row] = evidence.open_rows(home, [f"{delivery}:2"])
    assert (row.evidence_id, row.table, row.source, row.file_name, row.line) == (
        f"{delivery}:2", "medical_claim", "acme", "claims.csv", 2,
    )  # fmt: skip
    assert row.received_on == date(2026, 1, 1)
    assert row.row["hcpcs_code"] == "99213" and row.row["claim_start_date"] == day(5, 1)
    assert "drg_code" not in row.row and "delivery_id" not in row.row
    assert row.raw_line == "c1,ada,10"


def test_rows_come_in_the_order_asked_and_once(home):
    delivery = home.land_with(CSV)
    rows = evidence.open_rows(home, [f"{delivery}:4;{delivery}:2", f"{delivery}:4"])
    assert [row.line for row in rows] == [4, 2]
    assert [row.raw_line for row in rows] == ["c2,bea,30", "c1,ada,10"]


def test_a_row_says_its_tags(home):
    delivery = home.land_with(CSV)
    assert [row.tags for row in evidence.open_rows(home, [f"{delivery}:3"])] == ["behavioral"]


@pytest.mark.parametrize(
    ("declared", "protected"),
    [([("feed", "acme")], [2, 3, 4]), ([("npi", "1999999999")], [4]), ([("npi", "1888888888"), ("feed", "other")], [])],
)
def test_a_source_declared_after_it_landed_is_closed_at_once(home, declared, protected):
    """The lists of the last run still count its rows; what stands behind them opens no more to whoever may not see it."""
    home.rows["medical_claim"][-1]["rendering_npi"] = "1999999999"
    delivery = home.land_with(CSV)
    landing.declare_part2(home, declared)
    rows = evidence.open_rows(home, [f"{delivery}:{line}" for line in (2, 3, 4)])
    assert [row.line for row in rows if "part2" in row.tags.split(";")] == protected
    assert "behavioral" in rows[1].tags.split(";")


def test_a_claim_opens_to_all_its_lines(home):
    delivery = home.land_with(CSV)
    rows = evidence.open_rows(home, [f"{delivery}:4", f"{delivery}:2"], whole_claims=True)
    assert [row.line for row in rows] == [4, 2, 3]


def test_a_zipped_file_gives_its_lines_too(home):
    delivery = home.land_with(gzip.compress(CSV))
    assert [row.raw_line for row in evidence.open_rows(home, [f"{delivery}:3"])] == ["c1,ada,20"]


def test_a_truncated_archive_still_gives_the_row(home):
    delivery = home.land_with(gzip.compress(CSV * 5000)[:60])
    assert [(row.line, row.raw_line) for row in evidence.open_rows(home, [f"{delivery}:4"])] == [(4, "")]


def test_a_bundle_gives_its_entry(home):
    entries = [{"resource": {"resourceType": "Claim", "id": str(number)}} for number in range(1, 5)]
    delivery = home.land_with(json.dumps({"resourceType": "Bundle", "entry": entries}, indent=1).encode(), "b.json")
    [row] = evidence.open_rows(home, [f"{delivery}:3"])
    assert json.loads(row.raw_line) == {"resourceType": "Claim", "id": "3"}


def test_a_line_of_ndjson_is_a_line(home):
    lines = [json.dumps({"resourceType": "Claim", "id": str(number)}) for number in range(1, 5)]
    delivery = home.land_with("\n".join(lines).encode(), "claims.ndjson")
    assert [row.raw_line for row in evidence.open_rows(home, [f"{delivery}:2"])] == [lines[1]]


def test_a_line_that_is_a_bundle_or_too_long_stays_closed_and_lines_after_it_open(home, monkeypatch):
    monkeypatch.setattr(evidence, "LARGEST_BUNDLE", 100)
    bundle = json.dumps({"resourceType": "Bundle", "entry": [{"resource": {"id": "somebody else"}}]})
    lines = [json.dumps({"resourceType": "Claim", "id": str(n)}) for n in range(3)]
    too_long = json.dumps({"resourceType": "Claim", "id": "long" * 100})
    delivery = home.land_with("\n".join([lines[0], bundle, too_long, lines[1]]).encode(), "claims.ndjson")
    opened = evidence.open_rows(home, [f"{delivery}:{number}" for number in (2, 3, 4)])
    assert {row.line: row.raw_line for row in opened} == {2: "", 3: "", 4: lines[1]}


def test_raw_lines_about_who_people_are_stay_closed():
    home = Home()
    home.person("ada", line=2)
    delivery = home.land_with(b"person_id,ssn\nada,123-45-6789\n", "eligibility.csv")
    [row] = evidence.open_rows(home, [f"{delivery}:2"])
    assert row.row["person_id"] == "ada"
    assert row.raw_line == ""


@pytest.mark.parametrize(
    "wrong", ["", ";", "nothing", "abc:", "abc:x", ":3", "abc:-1", "abc:" + "9" * 30, "x'; drop:1"]
)
def test_what_is_no_evidence_id_opens_nothing(home, wrong):
    home.land_with(CSV)
    assert evidence.open_rows(home, [wrong]) == []


def test_unknown_deliveries_and_lines_open_nothing(home):
    delivery = home.land_with(CSV)
    assert evidence.open_rows(home, ["0123456789ab:2", f"{delivery}:99"]) == []


def test_never_more_than_two_hundred_rows():
    home = Home()
    for number in range(300):
        home.claim(f"c{number}", day(5, 1), line=number + 2)
    delivery = home.land_with(b"header\n" + b"".join(b"line %d\n" % number for number in range(2, 302)))
    asked = [f"{delivery}:{number + 2}" for number in range(300)]
    rows = evidence.open_rows(home, asked, limit=1000)
    assert len(rows) == 200
    assert [row.raw_line for row in rows] == [f"line {number + 2}" for number in range(200)]
    assert len(evidence.open_rows(home, asked, limit=5)) == 5


def test_a_line_far_inside_a_large_file_does_not_hold_up_the_page(home):
    home.rows["medical_claim"][2]["line"] = 60_000_000
    delivery = home.land_with(gzip.compress(b"claim\n" * 20_000_000, 1))
    began = time.monotonic()
    [row] = evidence.open_rows(home, [f"{delivery}:60000000"])
    assert row.raw_line == "" and row.row["claim_id"] == "c2"
    assert time.monotonic() - began < 3  # 0.15 s for raw lines; the rest is room for a busy machine

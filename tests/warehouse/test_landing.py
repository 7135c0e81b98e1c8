"""What is put down is found again, whole, typed and tagged; what was not finished was never there."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from carewright.warehouse import landing, manifest
from carewright.warehouse.layout import layout, layouts
from carewright.warehouse.tables import register_landed


@dataclass(frozen=True)
class Somewhere:
    landed: Path


@pytest.fixture
def home(tmp_path):
    return Somewhere(tmp_path / "landed")


def rows(**columns):
    count = len(next(iter(columns.values())))
    stamps = {
        "source": ["cclf"] * count,
        "delivery_id": ["0123456789ab"] * count,
        "line": list(range(2, count + 2)),
        "received_on": [date(2026, 3, 2)] * count,
        "received_seq": [1] * count,
    }
    return pa.table(stamps | columns)


def delivered(seq=1):
    return landing.Delivered("0123456789ab", "0123456789ab" + "0" * 52, "march.csv", "cclf", date(2026, 3, 2), seq)


def read(home, table):
    return duckdb.sql(landing.view_sql(home, table)).to_arrow_table().to_pylist()


def claims(**columns):
    count = len(next(iter(columns.values())))
    given = {
        "claim_id": [f"c{n}" for n in range(count)],
        "claim_line_number": ["1"] * count,
        "claim_type": ["professional"] * count,
        "person_id": ["ada"] * count,
        "claim_start_date": ["2026-01-05"] * count,
    }
    return rows(**(given | columns))


def test_every_layout_reads_and_has_no_column_twice():
    assert len(layouts()) >= 17
    for shape in layouts().values():
        names = [column.name for column in shape.all_columns]
        assert len(names) == len(set(names)), shape.table
        assert set(shape.grain) | set(shape.recognized_by) <= set(names), shape.table
        assert {shape.first_date, shape.last_date, ""} <= {*names, ""}, shape.table
        assert all(set(span) <= set(names) for span in shape.spans), shape.table


def test_rows_come_back_typed_with_every_column(home):
    landing.write(home, "medical_claim", "b1", claims(paid_amount=["12.50"], diagnosis_code_1=["e11.9"]))
    landing.finish(home, "b1", [delivered()])
    [row] = read(home, "medical_claim")
    assert list(row) == [column.name for column in layout("medical_claim").all_columns]
    assert row["claim_start_date"] == date(2026, 1, 5)
    assert row["paid_amount"] == Decimal("12.50")
    assert row["diagnosis_code_1"] == "E119"
    assert row["claim_line_number"] == 1
    assert row["tags"] == ""


def test_what_was_not_finished_is_not_there(home):
    landing.write(home, "medical_claim", "b1", claims(paid_amount=["1"]))
    assert read(home, "medical_claim") == []
    landing.sweep(home, "b1")
    assert list((home.landed / "medical_claim").iterdir()) == []


def test_a_finished_batch_cannot_be_swept(home):
    landing.write(home, "medical_claim", "b1", claims(paid_amount=["1"]))
    landing.finish(home, "b1", [delivered()])
    with pytest.raises(ValueError, match="finished"):
        landing.sweep(home, "b1")


def test_parts_of_a_batch_are_all_read(home):
    for part in range(12):
        landing.write(home, "medical_claim", "b1", claims(member_id=[str(part)]), part=part)
    landing.write(home, "medical_claim", "b10", claims(member_id=["other"]))
    manifest = landing.finish(home, "b1", [delivered()])
    assert [each.path for each in manifest.files["medical_claim"]][:3] == [
        "medical_claim/b1.parquet",
        "medical_claim/b1.1.parquet",
        "medical_claim/b1.2.parquet",
    ]
    assert sorted(row["member_id"] for row in read(home, "medical_claim")) == sorted(map(str, range(12)))


def test_a_column_nobody_sends_takes_no_room_and_reads_as_empty(home):
    landed = landing.write(home, "medical_claim", "b1", claims(paid_amount=["1"]))
    has = set(pq.read_schema(home.landed / landed.path).names)
    assert "paid_amount" in has
    assert not {"diagnosis_code_25", "procedure_date_3", "drg_code"} & has
    assert {column.name for column in layout("medical_claim").columns if column.needed} <= has
    assert {"source", "delivery_id", "line", "received_on", "received_seq", "tags"} <= has
    landing.finish(home, "b1", [delivered()])
    [row] = read(home, "medical_claim")
    assert row["diagnosis_code_25"] is None
    assert row["drg_code"] is None
    with duckdb.connect() as con:
        register_landed(con, home, ["medical_claim"])
        kinds = {name: kind for name, kind, *_ in con.execute("describe landed.medical_claim").fetchall()}
    assert kinds == {column.name: column.type for column in layout("medical_claim").all_columns}


def test_small_parts_with_different_columns_are_gathered_whole(home):
    for part in range(12):
        own = {"drg_code": ["470"]} if part == 7 else {"member_id": [str(part)]}
        landing.write(home, "medical_claim", "b1", claims(**own), part=part)
    landing.gather(home, "b1")
    assert len(list((home.landed / "medical_claim").glob("*.parquet"))) == 1
    landing.finish(home, "b1", [delivered()])
    found = read(home, "medical_claim")
    assert sorted(row["member_id"] or "" for row in found) == sorted(str(n) if n != 7 else "" for n in range(12))
    assert [row["drg_code"] for row in found if row["drg_code"]] == ["470"]


def test_a_column_nobody_declared_is_refused(home):
    with pytest.raises(ValueError, match="favorite_color"):
        landing.write(home, "medical_claim", "b1", claims(favorite_color=["blue"]))


def test_a_row_that_does_not_say_where_it_is_from_is_refused(home):
    with pytest.raises(ValueError, match="where it is from"):
        landing.write(home, "medical_claim", "b1", pa.table({"claim_id": ["c1"]}))


def test_a_social_security_number_never_lands(home):
    landing.write(home, "eligibility", "b1", rows(person_id=["ada"], social_security_number=["123-45-6789"]))
    landing.finish(home, "b1", [delivered()])
    assert read(home, "eligibility")[0]["social_security_number"] is None


@pytest.mark.parametrize(
    ("columns", "tags"),
    [
        ({"diagnosis_code_1": ["E119"], "diagnosis_code_7": ["F32.9"]}, "behavioral"),
        ({"diagnosis_code_1": ["B20"], "diagnosis_code_2": ["F329"]}, "behavioral;hiv"),
        ({"diagnosis_code_3": ["T7411XA"]}, "safety"),
        ({"hcpcs_code": ["H0020"]}, "behavioral"),
        ({"revenue_center_code": ["0124"]}, "behavioral"),
        ({"drg_code": ["885"]}, "behavioral"),
        ({"diagnosis_code_1": ["O039"]}, "reproductive"),
        ({"diagnosis_code_1": ["I10"], "tags": ["part2"]}, "part2"),
        ({"diagnosis_code_1": ["F1120"]}, "behavioral"),  # a diagnosis alone is never Part 2
        ({"diagnosis_code_1": ["I10"], "diagnosis_code_2": [None]}, ""),
    ],
)
def test_tags_of_a_claim_line(home, columns, tags):
    landing.write(home, "medical_claim", "b1", claims(**columns))
    landing.finish(home, "b1", [delivered()])
    assert read(home, "medical_claim")[0]["tags"] == tags


@pytest.mark.parametrize(
    ("kind", "code", "tags"),
    [
        ("http://hl7.org/fhir/sid/icd-10-cm", "F32.9", "behavioral"),
        ("icd-10-cm", "E11.9", ""),
        (None, "F32.9", "behavioral"),
        ("http://loinc.org", "F32.9", ""),
    ],
)
def test_tags_follow_the_code_system_a_row_names(home, kind, code, tags):
    given = rows(
        condition_id=["1"], person_id=["ada"], source_code=[code], source_code_type=pa.array([kind], pa.string())
    )
    landing.write(home, "condition", "b1", given)
    landing.finish(home, "b1", [delivered()])
    assert read(home, "condition")[0]["tags"] == tags


def test_part_2_is_known_by_its_source(home):
    landing.declare_part2(home, [("npi", "1234567893"), ("feed", "riverside otp, llc")])
    assert landing.part2_sources(home) == (("feed", "riverside otp, llc"), ("npi", "1234567893"))
    landing.write(home, "medical_claim", "b1", claims(billing_npi=["1234567893", "1999999992"]))
    landing.write(home, "pharmacy_claim", "b1", rows(claim_id=["p"]).set_column(0, "source", [["riverside otp, llc"]]))
    landing.finish(home, "b1", [delivered()])
    assert [row["tags"] for row in read(home, "medical_claim")] == ["part2", ""]
    assert [row["tags"] for row in read(home, "pharmacy_claim")] == ["part2"]


def test_the_order_of_receipt_only_grows(home):
    assert landing.next_seq(home) == 1
    assert landing.next_seq(home, count=5) == 2
    assert landing.next_seq(home) == 7
    landing.finish(home, "restored", [delivered(seq=40)])
    assert landing.next_seq(home) == 41


def test_deliveries_are_found_by_their_id(home):
    landing.finish(home, "b1", [delivered()])
    assert manifest.deliveries(home)["0123456789ab"].file_name == "march.csv"


def test_one_at_a_time(home):
    with landing.alone(home) as first, landing.alone(home) as second:
        assert (first, second) == (True, False)

"""The files themselves: the same every time, in blocks, with dirt, monthly, one month short; and who must be in them."""

import gzip
import hashlib
from datetime import date
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest

from carewright.demo import characters, world
from carewright.kernel.errors import CannotDo
from tests.demo import report
from tests.demo.conftest import AS_OF, SEED
from tests.shared import shared


def written(folder: Path, **more: object) -> world.Summary:
    return world.write(folder, **{"members": 1_000, "seed": 7, "as_of": AS_OF, **more})


def fingerprints(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_same_seed_and_day_give_the_same_bytes(tmp_path):
    written(tmp_path / "one")
    written(tmp_path / "two")
    assert fingerprints(tmp_path / "one") == fingerprints(tmp_path / "two")


def test_another_seed_gives_other_people(tmp_path):
    written(tmp_path / "one")
    written(tmp_path / "two", seed=8)
    one, two = fingerprints(tmp_path / "one"), fingerprints(tmp_path / "two")
    assert all(one[name] != two[name] for name in one if name.endswith("eligibility.csv"))


def test_the_first_people_stay_when_more_are_asked_for(folder, tmp_path):
    """5,000 members are the first 5,000 of 20,000, with the same histories."""
    world.write(tmp_path / "small", members=5_000, seed=SEED, as_of=AS_OF)
    for table, kind in (("eligibility", "csv"), ("medical_claim", "parquet"), ("pharmacy_claim", "parquet")):
        reader = (
            "read_csv('{}/*/*/{}.csv', all_varchar = true)" if kind == "csv" else "read_parquet('{}/*/*/{}.parquet')"
        )
        small, large = (reader.format(where, table) for where in (tmp_path / "small", folder))
        first = f"select columns(*)::varchar from {large} where cast(person_id as bigint) < 50005000"
        some = f"select columns(*)::varchar from {small}"
        for one, two in ((some, first), (first, some)):
            rows = duckdb.sql(f"select count(*) from ({one} except all {two})").fetchall()
            assert rows == [(0,)], table


def test_csv_says_the_same_as_parquet(tmp_path):
    written(tmp_path / "parquet")
    written(tmp_path / "csv", claims_format="csv.gz")
    sums = []
    for name, reader in (
        ("parquet", "read_parquet('{}/h*/*/medical_claim.parquet')"),
        ("csv", "read_csv('{}/h*/*/medical_claim.csv.gz', all_varchar = true)"),
    ):
        sums.append(
            duckdb.sql(
                "select count(distinct claim_id), round(sum(cast(paid_amount as double)), -2), min(diagnosis_code_1) from "
                + reader.format(tmp_path / name)
            ).fetchall()
        )
    (one,), (two,) = sums
    assert two[0] == pytest.approx(one[0], rel=0.001)
    assert two[1] == pytest.approx(one[1], rel=0.02)


def test_some_rows_come_twice_and_some_csv_rows_cannot_be_read(demo_files):
    dirt = demo_files.dirt
    assert {"rows sent twice", "rows with a day that is none", "rows with no member"} <= set(dirt)
    assert all(0 < rows < 0.02 * demo_files.claim_lines for rows in dirt.values())
    texts = b"".join(
        gzip.decompress(path.read_bytes()) for path in demo_files.folder.glob("atlas/*/medical_claim.csv.gz")
    )
    assert b"2026-13-04" in texts


def test_payers_send_their_history_and_then_a_file_a_month(folder):
    days = sorted(path.name for path in (folder / "harbor").iterdir())
    assert days == ["2026-07-05", "2026-08-05", "2026-09-05", "2026-10-05", "2026-11-05", "2026-11-24"]
    for earlier, later in pairwise(days):
        file = folder / "harbor" / later / "medical_claim.parquet"
        low, high = duckdb.sql(f"select min(paid_date), max(paid_date) from '{file}'").fetchall()[0]
        assert date.fromisoformat(earlier) < low
        assert high <= date.fromisoformat(later)


def test_one_pharmacy_month_is_short_by_two_fifths(read_world):
    rows = dict(
        read_world.execute(
            "select strftime(on_day, '%Y-%m'), count(*) from fill where payer = 'Meridian' and on_day >= date '2026-06-01' and on_day < date '2026-11-01' group by 1"
        ).fetchall()
    )
    usual = (rows["2026-06"] + rows["2026-07"] + rows["2026-08"]) / 3
    assert rows["2026-09"] / usual == pytest.approx(0.6, abs=0.05)
    assert rows["2026-10"] / usual == pytest.approx(1.0, abs=0.08)


@pytest.mark.parametrize("members", [200, 1_000])
def test_everyone_of_the_walkthroughs_is_in_every_size(tmp_path, members):
    written(tmp_path / "w", members=members)
    rows = duckdb.sql(
        f"select person_id, first_name || ' ' || last_name, date_diff('year', cast(birth_date as date), date '{AS_OF}')"
        f" - cast(strftime(cast(birth_date as date), '%m%d') > '1124' as int)"
        f" from read_csv('{tmp_path}/w/*/*/eligibility.csv', all_varchar = true)"
    ).fetchall()
    found = {number: (name, age) for number, name, age in rows}
    for one in characters.everyone():
        assert found[str(one.number)] == (f"{one.given} {one.family}", one.age)
    assert len({number for number, _, _ in rows}) <= members


def test_ruth_has_what_the_page_about_her_shows(read_world, folder):
    """Page 04: four conditions, a stay in March under this claim number, and one in November that only a notice tells of."""
    rows = read_world.execute(
        "select claim_id, starts_on, drg, principal from claim where person_id = '44718841' and left(bill_type, 2) = '11'"
    ).fetchall()
    assert [(row[0], row[1], row[2]) for row in rows] == [("26-0718204", date(2026, 3, 11), "291")]
    told = {
        row[0]
        for row in read_world.execute("select distinct code from diagnosis where person_id = '44718841'").fetchall()
    }
    assert {"I5022", "N1832", "E1122", "J449"} <= told
    notice = duckdb.sql(
        f"select encounter_start_date, encounter_end_date, facility_name from read_csv('{folder}/hospitals/*/encounter.csv', all_varchar = true)"
        " where person_id = '44718841'"
    ).fetchall()
    assert ("2026-11-02", "2026-11-06", "Mercy General Hospital") in notice


def test_mr_ortega_came_home_four_days_ago_and_did_not_fetch_his_furosemide(read_world, folder):
    notice = duckdb.sql(
        f"select encounter_start_date, encounter_end_date, discharge_disposition_code from read_csv('{folder}/hospitals/*/encounter.csv', all_varchar = true)"
        " where person_id = '44710092' and encounter_type = 'acute inpatient'"
    ).fetchall()
    assert notice == [("2026-11-16", "2026-11-20", "06")]
    drugs = dict(
        read_world.execute(
            "select d.drug, max(on_day) from fill join (select unnest(string_split(ndcs, '|')) as ndc, drug from"
            " read_csv('src/carewright/demo/tables/drugs.csv', skip = 1, all_varchar = true)) as d using (ndc) where person_id = '44710092' group by 1"
        ).fetchall()
    )
    assert drugs["furosemide"] < date(2026, 10, 10)
    assert len(drugs) == 11
    assert {"lisinopril", "losartan"} <= set(drugs)


def test_notices_reach_the_last_day(folder):
    latest, inside = duckdb.sql(
        f"select max(cast(encounter_start_date as date)), count(*) filter (where encounter_end_date is null)"
        f" from read_csv('{folder}/hospitals/*/encounter.csv', all_varchar = true)"
    ).fetchall()[0]
    assert latest == AS_OF
    assert inside > 3


def test_caseload_names_those_already_followed(folder):
    rows = duckdb.sql(
        f"select person_id, program, lead from read_csv('{folder}/caseload/*/caseload.csv', all_varchar = true)"
    ).fetchall()
    assert len({row[0] for row in rows}) == len(rows) == pytest.approx(0.018 * 20_000, rel=0.1)
    assert ("44710092", "complex_care") in {row[:2] for row in rows}


@pytest.mark.parametrize(
    ("more", "words"),
    [({"members": 10}, "at least"), ({"claims_format": "xlsx"}, "'parquet' or 'csv.gz'")],
)
def test_what_cannot_be_written_is_refused_with_a_sentence(tmp_path, more, words):
    with pytest.raises(CannotDo, match=words):
        written(tmp_path / "w", **more)
    assert not (tmp_path / "w").exists()


def test_a_folder_that_holds_something_is_left_alone(tmp_path):
    (tmp_path / "mine.csv").write_text("a,b\n")
    with pytest.raises(CannotDo, match="holds files already"):
        written(tmp_path)
    assert (tmp_path / "mine.csv").read_text() == "a,b\n"


@pytest.mark.parametrize("as_of", [date(2026, 3, 1), date(2024, 2, 29), date(2026, 1, 31)])
def test_any_last_day_will_do(tmp_path, as_of):
    found = written(tmp_path / "w", members=300, as_of=as_of)
    latest = duckdb.sql(
        f"select max(paid_date) from read_parquet('{tmp_path}/w/*/*/medical_claim.parquet')"
    ).fetchall()[0][0]
    assert found.claim_lines > 300 * 30
    assert latest <= as_of


def test_the_page_about_the_demo_shows_these_figures(read_world):
    """docs/demo.md is made by `python -m tests.demo.report`; make it again when this fails."""
    shared("reference/chronic/ccw30_2017plus_codes.csv")
    page = Path("docs/demo.md").read_text(encoding="utf-8").split("## The rates it has")[1].split("## Speed")[0]
    shown = {
        cells[1].strip(): (float(cells[2]), float(cells[3]))
        for cells in (line.split("|") for line in page.splitlines() if line.startswith("| "))
        if len(cells) == 5 and cells[1].strip() != "what"
    }
    found = report.rows(read_world)
    assert list(shown) == [what for what, _, _ in found]
    for what, wanted, value in found:
        assert shown[what] == (wanted, pytest.approx(value, rel=0.02, abs=0.06)), what

"""The tables others take out: every one as CSV, NDJSON and one JSON object, with what INTERFACES promises."""

import argparse
import csv
import io
import json
from types import SimpleNamespace

import duckdb
import pytest

from carewright.audit.models import Entry
from carewright.cli import export, stratify
from carewright.kernel.errors import CannotDo
from carewright.plumbing import home
from carewright.plumbing.exports import guarded_sql, safe
from carewright.population import tables_out
from tests.population.published import ordinary_world, write_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def here(tmp_path):
    """A home whose warehouse holds the ordinary world."""
    write_run(tmp_path / "warehouse" / "runs" / "20261120T030000-aaaa", ordinary_world())
    (tmp_path / "warehouse" / "current").write_text("20261120T030000-aaaa\n")
    return SimpleNamespace(warehouse=tmp_path / "warehouse", landed=tmp_path / "landed")


def taken(here, name: str, kind: str) -> str:
    stream = io.BytesIO()
    tables_out.write(here, name, kind=kind, out=None, ids=[], stream=stream)
    return stream.getvalue().decode()


@pytest.mark.parametrize("name", sorted({*tables_out.QUERIES} - {"stays", "ed_visits", "readmissions"}))
def test_one_json_object_holds_what_the_csv_holds(here, name):
    found = json.loads(taken(here, name, "json"))
    rows = list(csv.DictReader(io.StringIO(taken(here, name, "csv"))))
    assert (found["name"], found["rows"], len(found[name])) == (name, len(rows), len(rows))
    assert rows, "the world must hold some"
    assert [set(row) for row in found[name]] == [set(row) for row in rows]
    key = "feed" if name == "freshness" else "person_id"
    assert [row[key] for row in found[name]] == [row[key] for row in rows]


def test_an_empty_table_is_an_object_too(here):
    assert json.loads(taken(here, "readmissions", "json")) == {"name": "readmissions", "rows": 0, "readmissions": []}


def asked(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    export.add(parser.add_subparsers())
    parser.add_argument("--json", action="store_true")
    return parser.parse_args(words)


def test_the_command_prints_one_object_with_json_and_csv_without(here, monkeypatch, capfdbinary):
    monkeypatch.setattr(home, "current", lambda: here)
    for words in (["--json", "export", "members"], ["--json", "export", "members", "--format", "parquet"]):
        args = asked(words)
        assert args.run(args) == 0
        found = json.loads(capfdbinary.readouterr().out)
        assert {row["person_id"] for row in found["members"]} == {"ada", "ben", "cyn", "dov", "eve", "fay"}
    args = asked(["export", "members"])
    args.run(args)
    assert capfdbinary.readouterr().out.startswith(b"person_id,first_name")
    assert Entry.objects.filter(did="exported", page="cli:export").count() == 3


def test_with_a_file_the_object_says_where_it_is(here, monkeypatch, tmp_path):
    monkeypatch.setattr(home, "current", lambda: here)
    args = asked(["--json", "export", "members", "--out", str(tmp_path / "m.csv")])
    assert args.run(args) == {"name": "members", "rows": 6, "file": str(tmp_path / "m.csv")}
    assert (tmp_path / "m.csv").read_text().startswith("person_id,")


def test_a_file_about_people_is_closed_to_others_on_the_machine(here, monkeypatch, tmp_path):
    monkeypatch.setattr(home, "current", lambda: here)
    args = asked(["export", "members", "--out", str(tmp_path / "m.csv")])
    args.run(args)
    assert (tmp_path / "m.csv").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("evidence_id", ["nonsense", "x' or 1=1 --:1", "0000deadbeef:7"])
def test_an_evidence_id_behind_which_nothing_stands_is_said(tmp_path, evidence_id):
    with pytest.raises(CannotDo, match="Nothing stands behind"):
        tables_out.write(home.Home(tmp_path), "evidence", kind="csv", out=None, ids=[evidence_id], stream=io.BytesIO())


def test_who_is_ruled_out_says_why_without_the_line_s_name(here):
    found = json.loads(taken(here, "eligibility", "json"))["eligibility"]
    assert {row["reasons"] for row in found if row["verdict"] == "excluded"} == {"Died on 2026-05-01."}


@pytest.mark.parametrize("text", ["yesterday", "2026-02-30", "20261120", "2026-W47-5"])
def test_a_day_that_is_none_is_said_in_a_sentence(text):
    with pytest.raises(CannotDo, match="is not a day of the calendar"):
        stratify.run(SimpleNamespace(as_of=text, engine="duckdb", replace=False, wait=False))


def test_a_number_below_zero_stays_the_payers_number():
    """CMS's synthetic members have such numbers; a formula is still made harmless."""
    con = duckdb.connect()
    cells = ["-10000010288391", "+15", "-5+cmd|' /C calc'!A0", "=1+1", "@x", "50000001"]
    con.execute("create table cells (name varchar)")
    con.executemany("insert into cells values (?)", [[cell] for cell in cells])
    in_sql = [row for [row] in con.execute(f"select {guarded_sql([('name', 'VARCHAR')])} from cells").fetchall()]
    assert in_sql == [safe(cell) for cell in cells]
    assert in_sql == ["-10000010288391", "+15", "'-5+cmd|' /C calc'!A0", "'=1+1", "'@x", "50000001"]

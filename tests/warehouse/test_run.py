"""The runner keeps its word: order, grain, floors, and a current run that is whole or not there."""

from datetime import date

import duckdb
import pytest

from carewright.warehouse import run, tables
from carewright.warehouse.step import BrokenPromise, Step, all_steps
from tests.warehouse.by_hand import NOON, TODAY, ByHand, day


def make(folder, **steps):
    """Steps written for one test, each `floor__table='sql'`."""
    for name, sql in steps.items():
        floor, table = name.split("__")
        (folder / floor).mkdir(exist_ok=True)
        (folder / floor / f"{table}.sql").write_text(f"-- A step.\n--\n-- grain: n\n-- n  a number\n\n{sql}\n")
    return all_steps(folder)


@pytest.fixture
def con():
    con = duckdb.connect()
    con.execute("create schema knowledge; create table knowledge.run as select date '2025-12-31' as as_of")
    return con


def test_steps_run_after_what_they_read(tmp_path, con):
    steps = make(tmp_path, core__a="select n + 1 as n from input.b", input__b="select 1 as n")
    built = run.build(con, steps, ByHand())
    assert [each.table for each in built] == ["input.b", "core.a"]
    assert con.execute("select n from core.a").fetchall() == [(2,)]


def test_a_step_tells_its_rows_and_its_place(tmp_path, con):
    told = []
    steps = make(tmp_path, input__b="select 1 as n union all select 2", core__a="select n from input.b")
    run.build(con, steps, ByHand(), told.append)
    assert [(each.table, each.rows, each.number, each.total) for each in told] == [
        ("input.b", 2, 1, 2),
        ("core.a", 2, 2, 2),
    ]
    assert all(each.seconds > 0 for each in told)


def test_a_repeated_grain_breaks_the_run_and_says_which(tmp_path, con):
    steps = make(tmp_path, core__a="select 7 as n union all select 7")
    with pytest.raises(BrokenPromise, match=r"core\.a promises one row per n, but n = 7 stands there 2 times"):
        run.build(con, steps, ByHand())


def test_empty_grain_values_may_not_repeat_either(tmp_path, con):
    steps = make(tmp_path, core__a="select null::integer as n union all select null")
    with pytest.raises(BrokenPromise, match="n = None stands there 2 times"):
        run.build(con, steps, ByHand())


def test_a_view_is_held_to_its_grain_too(tmp_path, con):
    make(tmp_path, core__a="select 7 as n union all select 7")
    path = tmp_path / "core" / "a.sql"
    path.write_text(path.read_text().replace("-- grain", "-- stored: no\n-- grain"))
    with pytest.raises(BrokenPromise, match="stands there 2 times"):
        run.build(con, all_steps(tmp_path), ByHand())
    assert not Step(path).stored


def test_a_step_may_not_read_a_higher_floor(tmp_path, con):
    steps = make(tmp_path, core__a="select n from marts.b", marts__b="select 1 as n")
    with pytest.raises(BrokenPromise, match=r"core\.a reads marts\.b, which stands on a higher floor"):
        run.build(con, steps, ByHand())


def test_a_step_may_not_read_a_floor_that_is_not_there(tmp_path, con):
    with pytest.raises(BrokenPromise, match="there is no floor called 'cellar'"):
        run.build(con, make(tmp_path, core__a="select n from cellar.b"), ByHand())


def test_a_step_may_not_read_a_table_nobody_makes(tmp_path, con):
    with pytest.raises(BrokenPromise, match=r"reads input\.b, but there is no step that makes it"):
        run.build(con, make(tmp_path, core__a="select n from input.b"), ByHand())


def test_steps_that_read_each_other_are_refused(tmp_path, con):
    steps = make(tmp_path, core__a="select n from core.b", core__b="select n from core.a")
    with pytest.raises(BrokenPromise, match="read each other in a circle"):
        run.build(con, steps, ByHand())


def test_a_step_without_a_grain_is_refused(tmp_path, con):
    (tmp_path / "core").mkdir()
    (tmp_path / "core" / "a.sql").write_text("-- A step.\n\nselect 1 as n\n")
    with pytest.raises(BrokenPromise, match="does not say what one row is"):
        run.build(con, all_steps(tmp_path), ByHand())


def test_a_step_is_one_select(tmp_path, con):
    with pytest.raises(BrokenPromise, match="must be one select"):
        run.build(con, make(tmp_path, core__a="create table x (n integer)"), ByHand())


def test_knowledge_is_read_as_text_with_its_source_line_skipped(tmp_path):
    (tmp_path / "value_sets").mkdir()
    (tmp_path / "value_sets" / "color.csv").write_text('# source: a "quoted", list\ncode,name\n007,"Red, dark"\n')
    con = duckdb.connect()
    tables.register_knowledge(con, ["color"], tmp_path)
    assert con.execute("from knowledge.color").fetchall() == [("007", "Red, dark")]


def test_two_knowledge_tables_of_one_name_are_refused(tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "color.csv").write_text("code\n1\n")
    with pytest.raises(BrokenPromise, match="Two knowledge tables are called color"):
        tables.knowledge_files(tmp_path)


def test_every_shipped_table_says_its_source_and_licence():
    for name, path in tables.knowledge_files().items():
        con = duckdb.connect()
        [[first]] = con.execute(
            f"select * from read_csv({tables.quoted(path)}, header=false, columns={{'line': 'varchar'}}, "
            "delim='\x01', quote='', escape='', strict_mode=false) limit 1"
        ).fetchall()
        assert first.startswith("#") and "source:" in first and "licen" in first, name


def small_home():
    home = ByHand()
    home.person("ada")
    home.bed("s1", day(3, 1), day(3, 4))
    home.land()
    return home


def test_an_empty_home_gives_an_empty_but_whole_run():
    home = ByHand()
    done = run.run(home, as_of=TODAY, at=NOON)
    assert done.rows("core.person") == 0
    assert duckdb.sql(f"from '{done.parquet('published.person')}'").fetchall() == []
    assert run.current(home) == done.folder


def test_a_run_publishes_parquet_and_leaves_no_scratch():
    home = small_home()
    done = run.run(home, as_of=TODAY, at=NOON)
    assert duckdb.sql(f"select person_id from '{done.parquet('published.person')}'").fetchall() == [("ada",)]
    assert duckdb.sql(f"select admitted_on from '{done.parquet('published.stay')}'").fetchall() == [(day(3, 1),)]
    beside = {path.name for path in done.folder.iterdir() if path.suffix != ".parquet"}
    assert beside == {"part2_sources.csv"}, "which sources the run knew as protected stands beside its tables"
    assert not list((home.warehouse / "making").iterdir())


def test_only_batches_with_a_manifest_are_read():
    home = small_home()
    (home.landed / "_batches" / "batch.json").unlink()
    assert run.run(home, as_of=TODAY, at=NOON).rows("core.person") == 0


def test_a_run_that_fails_leaves_the_earlier_one_in_place(monkeypatch):
    home = small_home()
    first = run.run(home, as_of=TODAY, at=NOON)

    def refuse(con, step):
        raise BrokenPromise("on purpose")

    monkeypatch.setattr(run, "check_grain", refuse)
    with pytest.raises(BrokenPromise, match="on purpose"):
        run.run(home, as_of=TODAY, at=NOON)
    assert run.current(home) == first.folder
    assert not list((home.warehouse / "making").iterdir())
    assert [path.name for path in (home.warehouse / "runs").iterdir()] == [first.run_id]


def test_what_killed_runs_left_goes_and_what_another_makes_stays(tmp_path, monkeypatch):
    steps = make(tmp_path, published__a="select 1 as n")
    monkeypatch.setattr(run, "all_steps", lambda: steps)
    home = ByHand()
    left = home.warehouse / "making" / "20261122T061000-dead"
    left.mkdir(parents=True)
    (left / "scratch.duckdb").write_bytes(b"half a run")
    with run._while_making(home.warehouse / "making", "20261123T061000-beef") as at_work:
        run.run(home, as_of=TODAY, at=NOON)
        assert at_work.is_dir()
        assert not left.exists()
    assert not list((home.warehouse / "making").iterdir())


def test_the_last_five_runs_are_kept(tmp_path, monkeypatch):
    steps = make(tmp_path, published__a="select 1 as n")
    monkeypatch.setattr(run, "all_steps", lambda: steps)
    home = ByHand()
    made = [run.run(home, as_of=TODAY, at=NOON.replace(minute=minute)).run_id for minute in range(7)]
    assert sorted(path.name for path in (home.warehouse / "runs").iterdir()) == made[-5:]
    assert run.current(home).name == made[-1]


def test_settings_and_the_day_reach_the_steps(tmp_path, monkeypatch):
    steps = make(tmp_path, published__a="select cast(s.value as integer) as n from knowledge.program_setting as s")
    monkeypatch.setattr(run, "all_steps", lambda: steps)
    done = run.run(ByHand(), as_of=date(2025, 1, 1), program_settings=[("complex_care", "stays", "3")], at=NOON)
    assert duckdb.sql(f"from '{done.parquet('published.a')}'").fetchall() == [(3,)]
    assert done.as_of == date(2025, 1, 1)


def test_helper_tables_are_not_kept(tmp_path, monkeypatch):
    make(tmp_path, marts__a="select 1 as n", marts__b="select 2 as n")
    path = tmp_path / "marts" / "b.sql"
    path.write_text(path.read_text().replace("-- grain", "-- exported: no\n-- grain"))
    monkeypatch.setattr(run, "all_steps", lambda: all_steps(tmp_path))
    done = run.run(ByHand(), as_of=TODAY, at=NOON)
    assert [path.name for path in done.folder.glob("*.parquet")] == ["marts.a.parquet"]

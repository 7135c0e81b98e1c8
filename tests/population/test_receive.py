"""Receiving a run: all of it or nothing, the same twice, one run at a time, and what moved is explained."""

from datetime import date

import pytest
from django.db import connection, transaction

from carewright.access.models import PopulationMember
from carewright.kernel.errors import NotNow
from carewright.population import queries, receive
from carewright.population.filters import VERDICTS
from carewright.population.loads import LOADS
from carewright.population.models import Candidate, Criterion, Eligibility, Movement, Run, Score, ScorePart
from tests.population.conftest import NOW
from tests.population.published import ordinary_world, write_run
from tests.warehouse.population.world import World

pytestmark = pytest.mark.django_db


def contents() -> dict[str, list]:
    return {load.table: sorted(map(str, load.model.objects.values_list())) for load in LOADS}


def test_everyone_is_received_with_every_verdict_and_line(run):
    assert run.is_current
    assert Score.objects.filter(run=run).count() == 6
    assert Eligibility.objects.filter(run=run).count() == 6 * 4
    assert run.rows["criterion"] == Criterion.objects.filter(run=run).count() == 6 * 15
    assert run.as_of == date(2026, 11, 20)


def test_the_same_run_twice_changes_nothing(run, ordinary_run):
    before = contents()
    again = receive.receive(ordinary_run, at=NOW, by="system:test")
    assert again.pk == run.pk
    assert contents() == before
    assert Run.objects.count() == 1


def test_a_run_that_breaks_half_way_leaves_the_earlier_one(run, tmp_path):
    folder = write_run(tmp_path / "runs" / "20261121T030000-bbbb", ordinary_world(date(2026, 11, 21)))
    (folder / "published.unknown_code.parquet").write_bytes(b"PAR1 this is not a table PAR1")
    before = contents()
    with pytest.raises(Exception, match=r"(?i)parquet|magic|footer"), transaction.atomic():
        receive.receive(folder, at=NOW, by="system:test")
    assert queries.current_run() == run
    assert contents() == before
    assert Run.objects.count() == 1


def test_a_run_with_missing_files_is_refused_by_name(run, tmp_path):
    folder = write_run(tmp_path / "runs" / "20261121T030000-bbbb", ordinary_world())
    (folder / "published.stay.parquet").unlink()
    with pytest.raises(NotNow, match="stay missing"):
        receive.receive(folder, at=NOW, by="system:test")


def second_world(day=date(2026, 11, 21)):
    """A day later: Ada died, Ben went to the emergency department three times, Eve's need is as it was."""
    world = ordinary_world(day)
    for row in world.rows["core.person"]:
        if row["person_id"] == "ada":
            row["died_on"] = date(2026, 11, 20)
    for visited in (date(2026, 8, 1), date(2026, 9, 1), date(2026, 10, 1)):
        world.ed_visit("ben", visited)
    return world


@pytest.fixture
def later(run, tmp_path):
    folder = write_run(tmp_path / "runs" / "20261121T030000-bbbb", second_world())
    return receive.receive(folder, at=NOW, by="system:test")


def test_only_one_run_counts_and_the_one_before_is_still_there(run, later):
    run.refresh_from_db()
    assert (run.is_current, run.is_kept) == (False, True)
    assert queries.current_run() == later
    assert Score.objects.filter(run=run).count() == Score.objects.filter(run=later).count() == 6


def test_the_third_run_lets_go_of_the_first(run, later, tmp_path):
    folder = write_run(tmp_path / "runs" / "20261122T030000-cccc", second_world(date(2026, 11, 22)))
    receive.receive(folder, at=NOW, by="system:test")
    run.refresh_from_db()
    assert not run.is_kept
    assert not Score.objects.filter(run=run).exists()
    with connection.cursor() as cursor:
        cursor.execute("select to_regclass(%s)", [f"population_score_r{run.pk}"])
        assert cursor.fetchone()[0] is None


def test_what_moved_is_explained(later, patient):
    moved = {
        (row.patient_id, row.program): row
        for row in Movement.objects.filter(run=later, seen="all", change__in=["entered", "left"])
    }
    entered = moved[(patient("ben").pk, "complex_care")]
    assert entered.change == "entered"
    assert entered.reasons == [
        "Repeated emergency visits: 3 ED visits that did not end in a stay in 12 months. 3 or more count. "
        "Before: 0 ED visits that did not end in a stay in 12 months. 3 or more count."
    ]
    left = moved[(patient("ada").pk, "complex_care")]
    assert left.change == "left"
    assert left.reasons[0].startswith("Died on 2026-11-20. Before: No date of death")
    was = set(Candidate.objects.filter(run=later.before).values_list("patient", "program"))
    is_now = set(Candidate.objects.filter(run=later).values_list("patient", "program"))
    assert {key for key, row in moved.items() if row.change == "entered"} == is_now - was
    assert {key for key, row in moved.items() if row.change == "left"} == was - is_now


def test_a_band_moves_by_the_facts_of_its_reading(run, tmp_path, patient):
    """A protected stay lifts Ben a band for who sees it; an open one lifts Cyn for everyone, and nothing else is said."""
    world = ordinary_world(date(2026, 11, 21))
    for day in (date(2026, 8, 1), date(2026, 9, 1), date(2026, 10, 1)):
        world.stay("ben", day, day, tags="behavioral")
        world.ed_visit("cyn", day)
    receive.receive(write_run(tmp_path / "runs" / "20261121T030000-bbbb", world), at=NOW, by="system:test")
    moved = Movement.objects.filter(change__in=["rose", "fell"])
    assert set(moved.filter(patient=patient("ben")).values_list("seen", "change")) == {("all", "rose")}
    cyn = {row.seen: row for row in moved.filter(patient=patient("cyn"))}
    assert {seen: row.change for seen, row in cyn.items()} == {"all": "rose", "open": "rose"}
    assert cyn["open"].reasons == cyn["all"].reasons
    assert "Other parts" not in str(list(moved.values_list("reasons", flat=True)))


def test_the_first_run_has_no_movements(run):
    assert not Movement.objects.filter(run=run).exists()


def test_a_person_who_entered_by_protected_facts_did_not_enter_in_the_open_reading(later, patient):
    """Ada's second stay is protected: without it she was never on the complex care list, so she cannot leave it."""
    rows = Movement.objects.filter(run=later, patient=patient("ada"), program="complex_care")
    assert {row.seen for row in rows} == {"all"}


def test_candidates_are_a_population_that_ties_can_name(run):
    assert set(PopulationMember.objects.filter(population="candidates").values_list("patient", flat=True)) == set(
        Candidate.objects.filter(run=run).values_list("patient", flat=True)
    )


def test_missing_text_and_empty_text_arrive_as_they_are(run, patient):
    plain = Criterion.objects.get(run=run, patient=patient("ben"), program="complex_care", code="ed_visits")
    assert (plain.chip, plain.open_text) == ("", None)
    protected = Criterion.objects.get(run=run, patient=patient("ada"), program="complex_care", code="unplanned_stays")
    assert protected.tags == ["behavioral"]
    assert protected.open_text.startswith("1 unplanned hospital stay ")
    assert Score.objects.get(run=run, patient=patient("ben")).programs == []
    assert ScorePart.objects.filter(run=run, patient=patient("ada"), tags=["behavioral"]).count() == 1


def test_a_part_of_a_table_cannot_be_read_past_the_wall(run):
    with connection.cursor() as cursor:
        cursor.execute("select relrowsecurity from pg_class where relname = %s", [f"population_score_r{run.pk}"])
        assert cursor.fetchone()[0]
        with transaction.atomic():
            cursor.execute("set local role carewright_app")
            cursor.execute("select count(*) from population_score")
            assert cursor.fetchone()[0] == 0
            cursor.execute(f"select count(*) from population_score_r{run.pk}")
            assert cursor.fetchone()[0] == 0
            cursor.execute("reset role")


def test_a_run_about_nobody_does_not_replace_one_about_somebody(run, tmp_path):
    folder = write_run(tmp_path / "runs" / "20261121T030000-none", World(date(2026, 11, 21)))
    with pytest.raises(NotNow, match="Nobody was known"):
        receive.receive(folder, at=NOW, by="system:test")
    assert Run.objects.get(is_current=True) == run


def test_the_verdicts_of_a_run_are_counted_by_program(run):
    """Whoever stratifies sees at once where everybody went."""
    counted = queries.verdict_counts(run)
    for row in counted:
        for verdict in VERDICTS:
            said = Eligibility.objects.filter(run=run, program=row["program"], verdict=verdict).count()
            assert row[verdict] == said, (row["program"], verdict)
    assert sum(int(row["yes"]) for row in counted) > 0

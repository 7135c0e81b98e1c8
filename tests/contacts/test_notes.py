"""Notes: every saved one is in the history of the patient, for those who may read it and for nobody else."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from carewright.access.actor import acting_as
from carewright.contacts import actions, queries
from carewright.contacts.models import Note
from carewright.kernel.errors import CannotDo, CarewrightError, NotNow, NotPermitted
from tests.factories.access import TieFactory
from tests.factories.registry import PatientFactory
from tests.factories.staff import UserFactory

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
ROLES = (
    "care_manager",
    "social_worker",
    "pharmacist",
    "community_health_worker",
    "behavioral_health_clinician",
    "billing",
)


@pytest.fixture
def nurse(db):
    return UserFactory()


@pytest.fixture
def ruth(db):
    return PatientFactory()


def written(patient, by, text="She sleeps well.", **more) -> Note:
    return actions.write_note(patient=patient, text=text, by=by, at=NOW, **more)


def reads(reader, note) -> bool:
    return queries.notes_of(note.patient, reader=reader).filter(pk=note.pk).exists()


def test_a_team_note_is_for_those_who_see_clinical_facts(ruth, nurse):
    note = written(ruth, nurse)
    assert {role: reads(UserFactory(role=role), note) for role in ROLES} == {
        "care_manager": True, "social_worker": True, "pharmacist": True, "community_health_worker": False,
        "behavioral_health_clinician": True, "billing": False,
    }  # fmt: skip


def test_a_practical_note_is_for_those_who_go_there_too(ruth, nurse):
    assert reads(UserFactory(role="community_health_worker"), written(ruth, nurse, template="practical"))


def test_a_restricted_note_is_for_fewer(ruth, nurse):
    note = written(ruth, nurse, template="safety")
    assert note.level == "restricted"
    assert {role: reads(UserFactory(role=role), note) for role in ROLES} == {
        "care_manager": True, "social_worker": True, "pharmacist": False, "community_health_worker": False,
        "behavioral_health_clinician": True, "billing": False,
    }  # fmt: skip
    assert queries.unreadable_count(ruth, reader=UserFactory(role="pharmacist")) == 1


def test_a_private_note_is_its_authors_and_not_even_counted_for_others(ruth, nurse):
    note = written(ruth, nurse, level="private")
    director = UserFactory(role="medical_director")
    assert reads(nurse, note)
    assert not reads(director, note)
    assert queries.unreadable_count(ruth, reader=director) == 0
    assert not queries.notes_of(ruth, reader=director, asked="sleeps").exists()


def test_the_wall_keeps_a_private_note_from_a_view_that_forgets(ruth, nurse):
    note = written(ruth, nurse, level="private")
    colleague = UserFactory(role="supervisor")
    TieFactory(user=colleague, population="everyone")
    TieFactory(user=nurse, patient=ruth)
    with acting_as(colleague, on=NOW.date()):
        assert not Note.objects.filter(pk=note.pk).exists()
    with acting_as(nurse, on=NOW.date()):
        assert Note.objects.filter(pk=note.pk).exists()


def test_a_note_is_added_to_and_voided_and_never_changed(ruth, nurse):
    note = written(ruth, nurse)
    added = actions.add_to_note(note=note, text="Slept badly since.", by=nurse, at=NOW)
    actions.void_note(note=note, because="About another person.", by=nurse, at=NOW)
    assert {one.pk for one in queries.notes_of(ruth, reader=nurse)} == {note.pk, added.pk}
    assert note.history.count() == 1
    with pytest.raises(NotNow, match="voided already"):
        actions.void_note(note=note, because="Again.", by=nurse, at=NOW)
    for change in (lambda: Note.objects.filter(pk=note.pk).update(text="x"), lambda: note.delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_who_may_void(ruth, nurse):
    note = written(ruth, nurse)
    with pytest.raises(NotPermitted, match="who wrote it"):
        actions.void_note(note=note, because="x", by=UserFactory(), at=NOW)
    actions.void_note(note=note, because="Wrong chart.", by=UserFactory(role="supervisor"), at=NOW)


def test_an_empty_note_is_refused_and_so_are_bare_headings(ruth, nurse):
    from carewright.contacts.note_templates import BY_CODE

    for text, template in ((" ", ""), (BY_CODE["call"].begins, "call")):
        with pytest.raises(CannotDo, match="empty"):
            written(ruth, nurse, text=text, template=template)


def test_notes_are_found_by_all_words_also_in_what_was_added(ruth, nurse):
    note = written(ruth, nurse, text="Rides to dialysis are late.")
    written(ruth, nurse, text="Rides are fine.")
    actions.add_to_note(note=note, text="The driver changed.", by=nurse, at=NOW)
    assert note in queries.notes_of(ruth, reader=nurse, asked="RIDES dialysis")
    assert note in queries.notes_of(ruth, reader=nurse, asked="rides driver")
    assert queries.notes_of(ruth, reader=nurse, asked="rides").count() == 2


class EverySavedNoteIsInTheHistory(TestCase):
    """Write, add, void, in any order, by any role at any level: what was saved is there, and only its readers see it."""

    steps = st.lists(
        st.tuples(
            st.sampled_from(["write", "add", "void"]), st.integers(0, 3), st.sampled_from(["team", "restricted", "private"]),
            st.integers(0, 9),
        ),
        min_size=1, max_size=12,
    )  # fmt: skip

    @given(steps)
    @settings(max_examples=40, deadline=None)
    def test_every_saved_note_is_in_the_history(self, steps):
        patient = PatientFactory()
        people = [UserFactory(role=role) for role in ("care_manager", "social_worker", "pharmacist", "supervisor")]
        saved: list[Note] = []
        for number, (what, who, level, which) in enumerate(steps):
            by, at = people[who], NOW + timedelta(minutes=number)
            try:
                with transaction.atomic():
                    if what == "write" or not saved:
                        saved.append(actions.write_note(patient=patient, text=f"n{number}", level=level, by=by, at=at))
                    elif what == "add":
                        note = saved[which % len(saved)]
                        saved.append(actions.add_to_note(note=note, text=f"n{number}", by=by, at=at))
                    else:
                        actions.void_note(note=saved[which % len(saved)], because="Wrong.", by=by, at=at)
            except CarewrightError:
                continue
        for reader in people:
            shown = {note.pk for note in queries.notes_of(patient, reader=reader)}
            may = {
                note.pk
                for note in saved
                if note.written_by_id == reader.pk
                or note.level == "team"
                or (note.level == "restricted" and reader.role != "pharmacist")
            }
            assert shown == may

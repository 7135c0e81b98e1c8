"""The call screen: nothing before it is known who calls, no save into another record, no minute twice."""

import re
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from carewright.audit.models import Entry
from carewright.channel import actions as channel
from carewright.chart.models import Allergy, MedicationListing
from carewright.contacts.models import Contact, MinutesEntry, Note
from carewright.knowledge import scripts, task_kinds
from carewright.registry.models import Authority, PatientPreference, RelatedPerson
from carewright.tasks.models import Task
from carewright.web.call import forms, identity, noting, opening
from tests.factories.access import TieFactory
from tests.factories.registry import AddressFactory, ContactPointFactory, CoverageFactory, PatientFactory
from tests.factories.staff import UserFactory
from tests.web import making

pytestmark = pytest.mark.django_db
TWO = {"identified_by": ["name", "born_on"]}


@pytest.fixture
def maria(client):
    """A care manager who is signed in."""
    user = UserFactory(role="care_manager")
    client.force_login(user)
    return user


@pytest.fixture
def luis(maria):
    """Her patient, with a number that works and one that does not."""
    patient = PatientFactory(given_name="Luis", family_name="Ortega", born_on=date(1952, 3, 9))
    TieFactory(user=maria, patient=patient)
    ContactPointFactory(patient=patient, value="413-555-7710", wrong_since_on=date(2026, 10, 3), rank=1)
    ContactPointFactory(patient=patient, value="413-555-3092", rank=2)
    return patient


def out(client, patient, **asked) -> str:
    answer = client.get(reverse("call:out", args=[patient.public_id]), asked)
    assert answer.status_code == 200
    return answer.content.decode()


def mark_in(page: str) -> str:
    return re.search(r'name="call" value="([^"]+)"', page)[1]  # type: ignore[index]


def sealed(patient, user, *, ago: timedelta = timedelta(minutes=12), **more) -> str:
    """The mark of a call that began a while ago."""
    started = (timezone.now() - ago).isoformat()
    return opening.seal(opening.Opened(patient=str(patient.public_id), user=user.pk, started=started, **more))


def complete(client, patient, mark: str, **given):
    return client.post(reverse("call:out", args=[patient.public_id]), {"call": mark} | given)


def test_a_call_leaves_contact_minutes_note_task_closed_and_the_next_contact(client, luis, maria):
    task = making.task(luis, maria, kind="discharge_call", title="Call after a hospital stay", priority=5)
    point = luis.contact_points.get(value="413-555-3092")
    mark = sealed(luis, maria, task=str(task.public_id))
    answer = complete(
        client, luis, mark, ended="reached", minutes="9", contact_point=str(point.pk), words="Asked for a scale.",
        make_tasks="on", **TWO, **{"q-good_time": "yes", "q-symptoms": "worse", "w-symptoms": "short of breath on stairs"},
    )  # fmt: skip
    assert answer.status_code == 302
    made = Contact.objects.get(patient=luis)
    assert (made.ended, made.direction, made.with_whom, made.minutes) == ("reached", "out", "patient", 9)
    assert made.identified_by == ["born_on", "name"]
    assert made.used == "413-555-3092"
    entry = MinutesEntry.objects.get(contact=made)
    assert entry.ends_at - entry.starts_at == timedelta(minutes=9)
    note = Note.objects.get(contact=made)
    assert "How they have been since: Worse: short of breath on stairs." in note.text
    assert "Asked for a scale." in note.text
    assert "Flagged: How they have been since." in note.text
    task.refresh_from_db()
    assert task.closed_because == "done"
    following = Task.objects.open().get(patient=luis, kind="follow_up_call")
    assert following.due_at > timezone.now() + timedelta(days=2)
    assert Task.objects.open().get(patient=luis, kind="ask_pcp").why == "Worse: short of breath on stairs"


def test_nobody_is_reminded_of_a_flag_when_the_caller_said_not_to(client, luis, maria):
    complete(client, luis, sealed(luis, maria), ended="reached", **TWO, **{"q-since": "worse"})
    assert not Task.objects.filter(patient=luis, kind="ask_pcp").exists()


def test_a_save_to_another_patient_than_the_one_on_screen_is_refused(client, luis, maria):
    other = PatientFactory()
    TieFactory(user=maria, patient=other)
    answer = complete(client, other, mark_in(out(client, luis)), ended="no_answer")
    assert answer.status_code == 409
    assert "another patient" in answer.content.decode()
    assert not Contact.objects.exists()


@pytest.mark.parametrize("broken", ["", "no seal", None])
def test_a_mark_that_is_missing_changed_or_anothers_is_refused(client, luis, maria, broken):
    mark = sealed(luis, UserFactory()) if broken is None else broken
    assert complete(client, luis, mark, ended="no_answer").status_code == 409
    assert not Contact.objects.exists()


def test_the_same_call_is_never_written_down_twice(client, luis, maria):
    mark = sealed(luis, maria)
    assert complete(client, luis, mark, ended="reached", minutes="5", **TWO).status_code == 302
    again = complete(client, luis, mark, ended="reached", minutes="5", **TWO)
    assert again.status_code == 422
    assert "written down already" in again.content.decode()
    assert (Contact.objects.count(), MinutesEntry.objects.count()) == (1, 1)


def test_minutes_of_two_calls_at_once_are_refused_and_nothing_else_is_kept(client, luis, maria):
    other = PatientFactory()
    TieFactory(user=maria, patient=other)
    assert complete(client, luis, sealed(luis, maria), ended="reached", minutes="10", **TWO).status_code == 302
    answer = complete(
        client, other, sealed(other, maria, ago=timedelta(minutes=8)), ended="reached", minutes="5", **TWO
    )
    assert answer.status_code == 422
    assert "no minute counts twice" in answer.content.decode()
    assert not Contact.objects.filter(patient=other).exists()


def test_more_minutes_than_have_passed_are_not_booked(client, luis, maria):
    complete(client, luis, sealed(luis, maria, ago=timedelta(minutes=4)), ended="reached", minutes="200", **TWO)
    entry = MinutesEntry.objects.get()
    assert entry.ends_at - entry.starts_at == timedelta(minutes=4)


def test_a_try_without_an_answer_books_no_minutes_and_is_tried_at_another_time(client, luis, maria):
    complete(client, luis, sealed(luis, maria), ended="no_answer", minutes="3")
    assert not MinutesEntry.objects.exists()
    assert not Note.objects.exists()
    following = Task.objects.open().get(patient=luis)
    assert following.why == "another day, another time of day"
    assert timezone.localdate(following.due_at) > timezone.localdate()


def test_a_wrong_number_is_never_offered_again(client, luis, maria):
    page = out(client, luis)
    wrong, right = luis.contact_points.order_by("rank")
    assert f'value="{wrong.pk}"' not in page
    assert f'value="{right.pk}" checked' in page
    complete(client, luis, sealed(luis, maria), ended="wrong_number", contact_point=str(right.pk))
    right.refresh_from_db()
    assert right.wrong_since_on == timezone.localdate()
    assert f'value="{right.pk}"' not in out(client, luis)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "Choose how it ended."),
        ({"ended": "reached", "identified_by": ["name"]}, "Tick two things"),
        ({"ended": "reached_proxy", **TWO}, "Say whom you reached."),
        ({"ended": "call_back"}, "Say when they asked to be called."),
        ({"ended": "no_answer", "next_at": "2020-01-01T09:00"}, "still to come"),
    ],
)
def test_what_is_missing_is_said_and_nothing_typed_is_lost(client, luis, maria, given, said):
    answer = complete(client, luis, sealed(luis, maria), words="A long story.", **given)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert "A long story." in answer.content.decode()
    assert not Contact.objects.exists()


def test_who_needs_an_interpreter_is_not_reached_without_saying_how(client, luis, maria):
    PatientPreference.objects.create(patient=luis, spoken_language="es", needs_interpreter=True, said_at=timezone.now())
    answer = complete(client, luis, sealed(luis, maria), ended="reached", **TWO)
    assert "say how you spoke" in answer.content.decode()
    done = complete(
        client, luis, sealed(luis, maria), ended="reached", interpreter="phone", interpreter_name="20418", **TWO
    )
    assert done.status_code == 302
    assert Contact.objects.get().interpreter_name == "20418"


def test_word_of_a_death_stops_contact_and_plans_no_next_call(client, luis, maria):
    complete(client, luis, sealed(luis, maria), ended="died")
    assert luis.contact_stops.filter(because="reported_dead").exists()
    assert Task.objects.open().filter(patient=luis, kind="confirm_death").exists()
    assert not Task.objects.open().filter(patient=luis, kind="follow_up_call").exists()


def known(client, patient, **said):
    return client.post(reverse("call:identify", args=[patient.public_id]), {"with_whom": "patient"} | said)


def test_of_who_calls_us_nothing_is_shown_before_two_things_fit(client, luis, maria):
    making.reported(Allergy, luis, "Penicillin")
    making.reported(MedicationListing, luis, "Furosemide 40 mg", kind="ordered")
    AddressFactory(patient=luis, zip_code="01101", line="7 Canal Street")
    CoverageFactory(patient=luis, member_id="MEM-7741")
    found = client.post(reverse("call:incoming"), {"q": "(413) 555-3092"}).content.decode()
    assert "Ortega, Luis" in found
    identify = client.get(reverse("call:identify", args=[luis.public_id])).content.decode()
    screen = reverse("call:on_line", args=[luis.public_id])
    before = client.get(screen)
    assert before.status_code == 302
    wrong = known(client, luis, name="Luis Ortega", born_on="3/10/1952")
    assert wrong.status_code == 422
    for page in (found, identify, wrong.content.decode()):
        for secret in ("Penicillin", "Furosemide", "1952-03-09", "Mar 9", "Canal Street", "MEM-7741"):
            assert secret not in page
    assert client.get(screen).status_code == 302, "one thing that fits is not enough"
    assert known(client, luis, name="luis ORTEGA", born_on="03/09/1952").status_code == 302
    shown = client.get(screen).content.decode()
    assert "Penicillin" in shown
    assert "Furosemide" in shown


def test_a_call_that_came_in_keeps_who_was_on_the_line_and_what_fitted(client, luis, maria):
    AddressFactory(patient=luis, zip_code="01101")
    known(client, luis, name="Ortega, Luis", zip="01101")
    screen = reverse("call:on_line", args=[luis.public_id])
    page = client.get(screen).content.decode()
    assert client.post(screen, {"call": mark_in(page), "ended": "reached", "words": "Wants a ride."}).status_code == 302
    made = Contact.objects.get()
    assert (made.direction, made.with_whom, made.identified_by) == ("in", "patient", ["name", "zip"])
    assert client.get(screen).status_code == 302, "the next call begins with the questions again"


def test_nothing_of_a_call_that_came_in_is_saved_before_it_is_known_who_it_is(client, luis, maria):
    screen = reverse("call:on_line", args=[luis.public_id])
    assert client.post(screen, {"ended": "reached", "words": "x"}).status_code == 409
    assert not Contact.objects.exists()
    forged = opening.Opened(
        patient=str(luis.public_id), user=maria.pk, started=timezone.now().isoformat(), direction="in",
        with_whom="patient", identified_by=("name", "born_on"),
    )  # fmt: skip
    text = opening.seal(forged)
    assert client.post(screen, {"call": text[:-3] + "abc", "ended": "reached"}).status_code == 409


@pytest.mark.parametrize(("kind", "hears"), [(None, False), ("scheduling", False), ("care_info", True)])
def test_a_caller_without_authority_is_listened_to_and_told_nothing(client, luis, maria, kind, hears):
    making.reported(MedicationListing, luis, "Furosemide 40 mg", kind="ordered")
    making.reported(Allergy, luis, "Penicillin")
    elena = RelatedPerson.objects.create(
        patient=luis, given_name="Elena", family_name="Ortega", source="staff", external_id="e"
    )
    if kind:
        Authority.objects.create(patient=luis, related_person=elena, kind=kind, starts_on=date(2026, 1, 1))
    done = known(client, luis, with_whom="family", caller="Elena Ortega", name="Luis Ortega", born_on="3/9/1952")
    assert done.status_code == 302
    page = client.get(reverse("call:on_line", args=[luis.public_id])).content.decode()
    assert ("Furosemide" in page) == hears
    assert ("Penicillin" in page) == hears
    assert ("Listen only" in page) != hears
    client.post(reverse("call:on_line", args=[luis.public_id]), {"call": mark_in(page), "ended": "reached"})
    made = Contact.objects.get()
    assert (made.related_person, made.ended, made.with_whom) == (elena, "reached_proxy", "family")


def test_somebody_held_away_is_never_known_as_beside_the_patient(luis, maria):
    RelatedPerson.objects.create(
        patient=luis, given_name="Karl", family_name="Held", source="staff", external_id="k", held_at=timezone.now(),
        held_by=maria, held_because="He hurt him.",
    )  # fmt: skip
    assert identity.caller_of(luis, "Karl Held") is None


def test_only_what_fits_counts(luis):
    CoverageFactory(patient=luis, member_id="MEM-7741")
    said = {"name": "Luis Ortega", "born_on": "1952-03-09", "zip": "99999", "number": "mem-7741"}
    assert identity.fitting(luis, said) == ["name", "born_on", "number"]
    assert identity.fitting(luis, {"name": "Luis", "number": "1"}) == []
    born = luis.born_on
    for typed in (f"{born.month}/{born.day}/{born:%y}", f"{born:%m-%d-%y}", f"{born:%B} {born.day}, {born.year}"):
        assert identity.fitting(luis, {"born_on": typed}) == ["born_on"], typed
    wrong = born + timedelta(days=365)
    assert identity.fitting(luis, {"born_on": f"{wrong:%m/%d/%y}"}) == []


def test_seven_ends_are_in_sight_and_no_more():
    assert len(forms.FIRST) <= 7
    codes = [code for code, _name in (*forms.FIRST, *forms.RARE)]
    assert len(set(codes)) == len(codes)
    assert set(codes) <= set(Contact.Ended.values)


@pytest.mark.parametrize("script", scripts.SCRIPTS, ids=lambda script: script.code)
def test_a_script_is_short_open_and_its_tasks_are_kinds_we_know(script):
    assert 1 <= len(script.questions) <= 7
    assert len({question.code for question in script.questions}) == len(script.questions)
    assert set(script.kinds) <= set(task_kinds.BY_CODE)
    for question in script.questions:
        assert question.say.endswith("?")
        assert {answer.task for answer in question.answers} - {""} <= set(task_kinds.BY_CODE)


def test_every_kind_of_call_has_its_script():
    assert {scripts.for_kind(kind.code).code for kind in task_kinds.KINDS} >= {"after_discharge", "offer", "regular"}
    one = noting.given_in(scripts.BY_CODE["regular"], {"q-since": "nonsense", "w-goal": " walked "})
    assert [(given.question.code, given.said) for given in one] == [("goal", "walked")]


STOPPED = "Asked not to be contacted, since"


def anyway(client, patient, **given):
    return client.post(reverse("call:anyway", args=[patient.public_id]), given)


def not_to_be_called(patient, maria, because="asked", **more):
    channel.stop_contact(patient=patient, because=because, by=maria, at=timezone.now() - timedelta(days=1), **more)


def test_who_is_not_to_be_contacted_is_called_only_with_a_reason_that_is_written_down(client, luis, maria):
    task = making.task(luis, maria, kind="call_back")
    not_to_be_called(luis, maria)
    glance = client.get(reverse("patient:glance", args=[luis.public_id])).content.decode()
    assert "Call anyway…" in glance and 'href="tel:' not in glance
    page = out(client, luis, task=str(task.public_id))
    assert STOPPED in page and 'name="call"' not in page and "413-555-3092" not in page, "no number before the reason"
    refused = anyway(client, luis)
    assert refused.status_code == 422
    assert anyway(client, luis, because="other", words=" ").status_code == 422, "another reason is said in words"
    assert not Entry.objects.filter(did="called_anyway").exists()
    answer = anyway(client, luis, because="asked_once", words="Wrote to us", task=str(task.public_id))
    assert answer.status_code == 200
    [entry] = Entry.objects.filter(did="called_anyway")
    assert (entry.patient_ids, entry.by_id, entry.why) == ([luis.pk], maria.pk, "asked_once: Wrote to us")
    assert complete(client, luis, mark_in(answer.content.decode()), ended="no_answer").status_code == 302
    note = Note.objects.get(patient=luis)
    assert "Called though they are not to be contacted" in note.text and "Wrote to us" in note.text
    assert Contact.objects.get().patient == luis


def test_a_form_sent_past_the_reason_is_refused_but_a_call_that_had_begun_is_kept(client, luis, maria):
    begun, late = sealed(luis, maria), sealed(luis, maria, ago=timedelta(minutes=2))
    channel.stop_contact(patient=luis, because="asked", by=maria, at=timezone.now() - timedelta(minutes=5))
    assert complete(client, luis, begun, ended="no_answer").status_code == 302, "they asked for it on this very call"
    refused = complete(client, luis, late, ended="left_message")
    assert refused.status_code == 409 and "Say first why you call anyway" in refused.content.decode()
    assert Contact.objects.get().ended == "no_answer"


def test_who_asked_for_no_texts_only_is_called_as_ever_and_whoever_calls_us_is_heard(client, luis, maria):
    not_to_be_called(luis, maria, kinds=["sms"])
    assert 'name="call"' in out(client, luis)
    assert "Call anyway…" not in client.get(reverse("patient:glance", args=[luis.public_id])).content.decode()
    not_to_be_called(luis, maria)
    answer = client.post(
        reverse("call:identify", args=[luis.public_id]),
        {"with_whom": "patient", "name": "Luis Ortega", "born_on": "03/09/1952"},
    )
    page = client.get(answer.url)
    assert page.status_code == 200 and 'name="call"' in page.content.decode()

"""The pages of tasks, alarms and the roster, as somebody uses them."""

from datetime import datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from carewright.channel import actions as channel
from carewright.channel.configuration import Sending
from carewright.tasks import actions, alarms, arrivals, forms
from carewright.tasks.models import Alarm, OnCallShift, Task
from tests.factories.access import TieFactory
from tests.factories.registry import AddressFactory, ContactPointFactory, PatientFactory
from tests.factories.staff import TeamFactory, UserFactory

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _settings(settings):
    settings.SECOND_FACTOR_ROLES = frozenset({"none"})
    settings.CHANNEL = Sending(shows_only=True, phone="413-555-0100")


@pytest.fixture
def ruth():
    return PatientFactory(family_name="Abernathy")


@pytest.fixture
def nurse(ruth):
    nurse = UserFactory()
    TieFactory(user=nurse, patient=ruth)
    return nurse


@pytest.fixture
def signed_in(client, nurse):
    client.force_login(nurse)
    return client


def test_a_task_is_opened_for_a_patient_and_one_comes_back(signed_in, ruth, nurse):
    back = reverse("contacts:of_patient", args=[ruth.public_id])
    answer = signed_in.post(reverse("tasks:new"), {
        "patient": str(ruth.public_id), "back": back, "kind": "follow_up_call", "title": "Ask about the ride",
        "due_at": forms.as_typed(timezone.now() + DAY), "owner": "", "why": "She asked.",
    })  # fmt: skip
    assert (answer.status_code, answer.url) == (302, back)
    task = Task.objects.get()
    assert (task.patient, task.owner_user, task.title) == (ruth, nurse, "Ask about the ride")


def test_nobody_is_sent_outside(signed_in, ruth):
    page = signed_in.get(reverse("tasks:new"), {"back": "https://elsewhere.example/"})
    assert "elsewhere.example" not in page.content.decode()


def test_a_refused_snooze_keeps_the_form_open_and_says_why(signed_in, ruth, nurse):
    at = timezone.now()
    task = actions.open_task(
        kind="begin_assessment", patient=ruth, by=nurse, at=at, due_at=at + DAY, clock="Begin in time"
    )
    until = {"until": forms.as_typed(at + 3 * DAY), "because": "Busy"}
    answer = signed_in.post(reverse("tasks:step", args=[task.public_id, "snooze"]), until)
    assert answer.status_code == 422
    assert "Snooze it to that moment at most." in answer.content.decode()
    task.refresh_from_db()
    assert task.snoozed_until is None


@pytest.mark.parametrize("name", ["close", "snooze", "pause", "move", "hand-over", "escalate"])
def test_each_form_opens_and_a_closed_task_says_so(signed_in, ruth, nurse, name):
    task = actions.open_task(kind="outreach_call", patient=ruth, by=nurse, at=timezone.now())
    assert signed_in.get(reverse("tasks:step", args=[task.public_id, name])).status_code == 200
    assert signed_in.post(reverse("tasks:step", args=[task.public_id, name]), {}).status_code == 422


def test_a_task_about_somebody_elses_patient_is_not_there(signed_in):
    stranger = PatientFactory()
    task = actions.open_task(kind="outreach_call", patient=stranger, by=UserFactory(), at=timezone.now())
    for name in ("tasks:task", "tasks:step"):
        args = [task.public_id] if name == "tasks:task" else [task.public_id, "close"]
        assert signed_in.get(reverse(name, args=args)).status_code == 404


def test_everything_of_one_person_is_handed_over(client, ruth, nurse):
    boss, other = UserFactory(role="supervisor"), UserFactory()
    TieFactory(user=boss, population="everyone")
    actions.open_task(kind="outreach_call", patient=ruth, by=nurse, at=timezone.now())
    client.force_login(boss)
    answer = client.post(reverse("tasks:hand_over_all"), {
        "from_user": nurse.pk, "owner": f"user:{other.pk}", "because": "Leave",
    })  # fmt: skip
    assert answer.status_code == 302
    assert Task.objects.get().owner_user == other


def test_an_alarm_is_accepted_and_closed_in_ones_own_name(signed_in, ruth, nurse):
    alarm = alarms.raise_alarm(patient=ruth, code="hurt", because="Said so.", by="system:test", at=timezone.now())
    page = signed_in.get(reverse("tasks:alarms")).content.decode()
    assert "Abernathy" in page and "Nobody yet" in page
    signed_in.post(reverse("tasks:accept", args=[alarm.public_id]))
    refused = signed_in.post(reverse("tasks:alarm", args=[alarm.public_id]), {"disposition": "no_danger", "words": " "})
    assert refused.status_code == 422
    signed_in.post(
        reverse("tasks:alarm", args=[alarm.public_id]), {"disposition": "no_danger", "words": "Spoke with her."}
    )
    alarm.refresh_from_db()
    assert (alarm.name, alarm.credential, alarm.accepted_by) == (nurse.name, "RN", nurse)


def test_who_is_not_shown_concerns_about_safety_learns_of_the_alarm_and_not_of_the_answer(client, ruth):
    alarm = alarms.raise_alarm(
        patient=ruth, code="hurt", because="Said her son hits her.", by="system:test", at=timezone.now()
    )
    pharmacist = UserFactory(role="pharmacist")
    TieFactory(user=pharmacist, patient=ruth)
    client.force_login(pharmacist)
    for address in (
        reverse("tasks:alarms"), reverse("tasks:alarm", args=[alarm.public_id]), reverse("day:day"),
        reverse("patient:glance", args=[ruth.public_id]), reverse("patient:story", args=[ruth.public_id]),
    ):  # fmt: skip
        page = client.get(address).content.decode()
        assert "hits her" not in page, address
        assert address.endswith("/day") or "afety alarm" in page, "that there is one is said"


def test_alarms_of_strangers_are_not_listed(signed_in):
    alarm = alarms.raise_alarm(
        patient=PatientFactory(family_name="Unseen"), code="hurt", because="x", by="system:test", at=timezone.now()
    )
    assert "Unseen" not in signed_in.get(reverse("tasks:alarms")).content.decode()
    assert signed_in.get(reverse("tasks:alarm", args=[alarm.public_id])).status_code == 404
    assert Alarm.objects.get().closed_at is None


def test_the_roster_shows_gaps_and_takes_a_shift_from_those_who_answer_for_it(client, nurse):
    boss = UserFactory(role="supervisor")
    starts = timezone.now().replace(second=0, microsecond=0)
    shift = {"user": nurse.pk, "backup_user": boss.pk, "starts_at": forms.as_typed(starts),
             "ends_at": forms.as_typed(starts + DAY)}  # fmt: skip
    client.force_login(nurse)
    page = client.get(reverse("tasks:on_call")).content.decode()
    assert "stretch nobody covers" in page and "Add a shift" not in page
    assert client.post(reverse("tasks:add_shift"), shift).status_code == 403
    client.force_login(boss)
    assert client.post(reverse("tasks:add_shift"), shift).status_code == 302
    assert OnCallShift.objects.get().user == nurse
    answer = client.post(reverse("tasks:add_shift"), shift)
    assert answer.status_code == 422
    assert "on call in these hours already" in answer.content.decode()


def texted(number: str, words: str, nurse) -> Task:
    """A text that came in, and the reminder it opened."""
    at = timezone.now()
    if not nurse.memberships.exists():
        TeamFactory(members=[nurse])
    channel.received_text(number=number, words_said=words, by="system:gateway", at=at)
    (task,) = arrivals.open_for_arrivals(at=at, by="system:minutely")
    return task


def test_the_words_of_a_text_are_read_on_its_reminder_and_among_the_messages(signed_in, ruth, nurse):
    ContactPointFactory(patient=ruth, value="413-555-0177")
    task = texted("413-555-0177", "My <b>legs</b> are swollen", nurse)
    page = signed_in.get(reverse("tasks:task", args=[task.public_id])).content.decode()
    assert "My &lt;b&gt;legs&lt;/b&gt; are swollen" in page
    assert reverse("call:out", args=[ruth.public_id]) in page
    assert "legs" in signed_in.get(reverse("channel:of_patient", args=[ruth.public_id])).content.decode()
    day = signed_in.get("/day").content.decode()
    assert reverse("tasks:task", args=[task.public_id]) in day


def test_the_messages_say_until_when_a_text_is_read_and_by_whom(signed_in, ruth, nurse):
    ContactPointFactory(patient=ruth, value="413-555-0177")
    task = texted("413-555-0177", "My legs are swollen", nurse)
    url = reverse("channel:of_patient", args=[ruth.public_id])
    page = signed_in.get(url).content.decode()
    assert (
        f"Somebody reads it by {timezone.localtime(task.due_at):%a %b %-d}" in page
        and reverse("tasks:task", args=[task.public_id]) in page
    )
    assert "told at once that nobody reads texts day and night" in page and "Late" not in page
    Task.objects.filter(pk=task.pk).update(due_at=timezone.now() - timedelta(hours=1))
    assert "Late" in signed_in.get(url).content.decode()
    actions.close(task=task, because="done", by=nurse, at=timezone.now())
    page = signed_in.get(url).content.decode()
    assert "Reminder closed" in page and "Somebody reads it by" not in page


def test_a_text_from_a_shared_number_names_those_one_may_see_and_guesses_nobody(signed_in, ruth, nurse):
    stranger = PatientFactory(family_name="Unseen")
    for patient in (ruth, stranger):
        ContactPointFactory(patient=patient, value="413-555-0177")
    task = texted("413-555-0177", "Please call", nurse)
    assert task.patient is None
    page = signed_in.get(reverse("tasks:task", args=[task.public_id])).content.decode()
    assert "Please call" in page and "Abernathy" in page and "Unseen" not in page


def test_a_text_from_nobody_we_know_is_read_by_whose_task_it_is(signed_in, client, nurse):
    task = texted("413-555-0666", "Who are you?", nurse)
    url = reverse("tasks:task", args=[task.public_id])
    assert "Who are you?" in signed_in.get(url).content.decode()
    client.force_login(UserFactory())
    assert "Who are you?" not in client.get(url).content.decode()


def test_a_message_that_did_not_arrive_says_why_and_where_to_mend_it(signed_in, ruth, nurse):
    point = ContactPointFactory(patient=ruth, value="413-555-0177", text_consent="given", consent_at=timezone.now())
    at = timezone.now().replace(hour=18)
    message = channel.send(to=point, kind="sms", template="please_call", by=nurse, at=at)
    message.carrier_id, message.state = "x-1", "sent"
    message.sent_at = at
    message.save()
    channel.note_receipt(carrier_id="x-1", what="failed", said="No such number", by="system:gateway", at=timezone.now())
    (task,) = arrivals.open_for_arrivals(at=timezone.now(), by="system:minutely")
    page = signed_in.get(reverse("tasks:task", args=[task.public_id])).content.decode()
    assert "No such number" in page and reverse("channel:of_patient", args=[ruth.public_id]) in page


def test_an_alarm_says_where_they_are_how_to_reach_them_and_that_a_child_comes_first(signed_in, ruth, nurse):
    ContactPointFactory(patient=ruth, value="(413) 555-0188", is_safe_for_message=False)
    alarm = alarms.raise_alarm(
        patient=ruth, code="phq9_item9", because="Yes to the ninth question", by=nurse, at=timezone.now()
    )

    def page() -> str:
        return signed_in.get(reverse("tasks:alarm", args=[alarm.public_id])).content.decode()

    shown = page()
    assert "No address is on file. Ask where they are" in shown and "speak with the child first" not in shown
    assert 'href="tel:4135550188"' in shown and "Leave no message" in shown
    assert reverse("call:out", args=[ruth.public_id]) in shown
    AddressFactory(patient=ruth, line="12 Elm Street", city="Holyoke", state="MA", zip_code="01040")
    ruth.born_on = timezone.localdate() - 15 * 365 * DAY
    ruth.save()
    shown = page()
    assert "12 Elm Street" in shown and "speak with the child first, and alone" in shown
    channel.stop_contact(patient=ruth, because="asked", kinds=["call"], by=nurse, at=timezone.now())
    shown = page()
    assert "Call anyway" in shown and "tel:4135550188" not in shown, (
        "who withdrew is called with a reason or not at all"
    )


@pytest.mark.parametrize(("came", "due"), [
    ("2026-03-03 09:10", "2026-03-03 13:10"),  # four hours while somebody reads
    ("2026-03-03 15:30", "2026-03-03 17:00"),  # not past closing
    ("2026-03-03 16:40", "2026-03-04 09:00"),
    ("2026-03-03 23:50", "2026-03-04 09:00"),  # at night: first thing in the morning, not at four
    ("2026-03-04 00:20", "2026-03-04 09:00"),
    ("2026-03-06 22:00", "2026-03-09 09:00"),  # over a weekend, in which the clock jumps an hour
    ("2026-12-24 17:05", "2026-12-28 09:00"),  # over Christmas and a weekend
])  # fmt: skip
def test_a_text_is_answered_in_the_hours_in_which_texts_are_read(came, due):
    here = timezone.get_current_timezone()
    at, wanted = (datetime.fromisoformat(said).replace(tzinfo=here) for said in (came, due))
    assert arrivals.answer_by(at) == wanted

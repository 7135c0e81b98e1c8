"""The pages: what one sees, what a click does, with and without scripts."""

import html
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from carewright.assessment import actions, page, receiving
from carewright.assessment.models import Answer, Assessment, RecordedFact
from carewright.chart.models import Allergy, MedicationListing
from carewright.tasks import alarms
from carewright.tasks.models import Alarm, Task
from tests.factories.access import BreakGlassFactory, TieFactory
from tests.factories.assessment import AT, begun, finished_briefly
from tests.factories.enrollment import EnrollmentFactory
from tests.factories.registry import PatientFactory
from tests.factories.staff import UserFactory
from tests.made_up_language import made_up_language
from tests.web import making

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
NINE = "phq-9:/44260-8"


def address(made, name="section", *more):
    return reverse(f"assessment:{name}", args=[made.public_id, *more])


def one(client, made, code, key, value, seen="", **more):
    """Save one answer as the page does."""
    given = {"only": key, f"a:{key}": value, f"seen:{key}": seen} | more
    return client.post(address(made, "section", code), given, headers=HTMX)


def test_a_patient_page_begins_an_assessment_and_leads_to_its_first_section(client, as_role):
    as_role()
    patient = PatientFactory()
    url = reverse("assessment:of_patient", args=[patient.public_id])
    assert "Nothing was asked yet" in client.get(url).content.decode()
    given = {"kind": "comprehensive", "reason": "initial", "mode": "video", "program": "complex_care"}
    response = client.post(url, given)
    assert response.status_code == 422 and "Give the day they became eligible" in response.content.decode()
    response = client.post(url, given | {"eligible_on": "2026-11-02"})
    made = patient.assessments.get()
    assert response.url == address(made, "section", "communication")
    text = client.get(response.url).content.decode()
    assert "had to start by Dec 2, must be finished by Jan 1" in text
    assert "How often do you need to have someone help you" in text
    assert client.post(url, given | {"eligible_on": "2026-11-02"}).status_code == 422


def test_a_single_instrument_begins_though_the_page_filled_a_program_in(client, as_role):
    patient = PatientFactory()
    as_role("care_manager")
    given = {
        "kind": "phq-2",
        "reason": "change",
        "mode": "phone",
        "program": "complex_care",
        "eligible_on": "2026-01-02",
    }
    answer = client.post(reverse("assessment:of_patient", args=[patient.public_id]), given)
    assert answer.status_code == 302
    made = patient.assessments.get()
    assert (made.kind, made.program, made.eligible_on) == ("phq-2", "", None)


def test_one_answer_comes_back_with_who_saved_it_and_the_score(client, as_role):
    user = as_role()
    made = begun()
    response = one(client, made, "mood", "phq-2:/44250-9", "LA6570-1")
    text = response.content.decode()
    assert f"Saved · {user.name}" in text and 'id="note-q-phq-2-44250-9"' in text and 'hx-swap-oob="true"' in text
    assert "1 of 2 answered" in text
    assert Answer.objects.get(assessment=made, link_id="/44250-9").value == "LA6570-1"


def test_a_positive_phq_2_brings_the_phq_9_onto_the_page(client, as_role):
    as_role()
    made = begun()
    one(client, made, "mood", "phq-2:/44250-9", "LA6570-1")
    response = one(client, made, "mood", "phq-2:/44255-8", "LA6570-1")
    assert response["HX-Retarget"] == "#questions"
    text = response.content.decode()
    assert "Thoughts that you would be better off dead" in text
    assert "Questions 1, 2 were answered above and count here." in text


def test_item_nine_shows_988_and_911_at_once(client, as_role):
    as_role()
    made = begun()
    client.get(address(made, "section", "mood") + "?also=phq-9")
    response = one(client, made, "mood", NINE, "LA6569-3", also="phq-9")
    text = response.content.decode()
    assert "Safety:" in text and "call or text 988" in text and "call 911" in text
    assert Alarm.objects.filter(patient=made.patient).exists()
    assert "call or text 988" in client.get(address(made, "section", "goals")).content.decode()


def test_safety_questions_are_not_on_the_page_while_a_caregiver_answers(client, as_role):
    as_role()
    made = begun()
    url = address(made, "section", "social")
    assert "physically hurt you" in client.get(url).content.decode()
    text = client.get(url + "?who=caregiver").content.decode()
    assert "physically hurt you" not in text and "for the person alone" in text
    actions.answer(
        assessment=made, instrument="ahc-hrsn-core", link_id="/95617-7", value=5, by=UserFactory(), at=timezone.now()
    )
    actions.answer(
        assessment=made, instrument="phq-9", link_id="/44260-8", value=2, by=UserFactory(), at=timezone.now()
    )
    assert "call or text 988" in client.get(url).content.decode()
    assert "call or text 988" not in client.get(url + "?who=caregiver").content.decode()
    response = one(client, made, "social", "ahc-hrsn-core:/95618-5", "LA6482-9", who="caregiver")
    assert "for the person alone" in response.content.decode()
    assert not Answer.objects.filter(link_id="/95618-5").exists()


def test_what_a_colleague_answered_meanwhile_is_shown_and_mine_is_kept(client, as_role):
    as_role()
    made, ana = begun(), UserFactory(role="social_worker")
    actions.answer(assessment=made, instrument="cw-goals", link_id="goal", value="Walk", by=ana, at=AT, seen=None)
    response = one(client, made, "goals", "cw-goals:goal", "Sleep")
    text = response.content.decode()
    assert f"{ana.name} answered this" in text
    assert Answer.objects.get(set_aside=True).value == "Sleep"


def test_without_scripts_one_button_saves_the_section(client, as_role):
    as_role()
    made = begun()
    keys = {"cw-goals:matters": "Family", "cw-goals:goal": "Walk", "cw-goals:ready": "8", "cw-goals:confident": "12"}
    given = {f"seen:{key}": "" for key in keys} | {f"a:{key}": value for key, value in keys.items()}
    response = client.post(address(made, "section", "goals"), given)
    text = response.content.decode()
    assert response.status_code == 422 and "between 0 and 10" in text
    with made_up_language():
        text = html.unescape(client.post(address(made, "section", "goals"), given).content.decode())
    assert "expected ⟦a number between 0 and 10⟧, found '12'.⟧" in text
    assert set(Answer.objects.filter(instrument="cw-goals").values_list("link_id", flat=True)) == {
        "matters",
        "goal",
        "ready",
    }


def test_a_section_is_closed_and_the_next_one_opens(client, as_role):
    as_role()
    made = begun()
    close = address(made, "close", "wishes")
    assert (
        "1 required"
        in client.post(
            address(made, "close", "culture"),
            {"status": "done", "seen:cw-culture:customs": "", "a:cw-culture:customs": "no"},
        ).content.decode()
    )
    response = client.post(close, {"status": "declined", "because": "Not today"})
    assert response.url == address(made, "section", "culture")
    assert client.post(close, {"status": "declined", "because": ""}).status_code == 422


def test_the_verdict_ends_it_and_the_summary_shows_everything(client, as_role):
    user = as_role()
    made = begun(by=user, program="complex_care", eligible_on=AT.date())
    actions.answer(assessment=made, instrument="sils", link_id="sils-1", value="often", by=user, at=AT)
    finish = address(made, "finish")
    page = client.get(finish).content.decode()
    assert "Still open" in page and "No licence on file" in page, "said, and nothing is refused for it"
    for code in made.sections.values_list("code", flat=True):
        actions.set_section(assessment=made, code=code, status="not_appropriate", because="Done before", by=user, at=AT)
    assert client.post(finish, {"verdict": "overturned"}).status_code == 422
    assert client.post(finish, {"verdict": "overturned", "because": "Moves away"}).url == address(made, "summary")
    text = client.get(address(made, "summary")).content.decode()
    assert "Does not belong in the program" in text and "Moves away" in text and "Often" in text
    added = client.post(
        address(made, "addendum"), {"text": "She meant never", "question": "sils:sils-1", "value": "Never"}
    )
    assert added.status_code == 302
    text = client.get(address(made, "summary")).content.decode()
    assert "<del>Often</del>" in text and "She meant never" in text
    assert client.get(address(made, "section", "goals")).url == address(made, "summary")


def test_giving_it_up_needs_a_reason(client, as_role):
    as_role()
    made = begun()
    assert client.get(address(made, "stop")).status_code == 200
    assert client.post(address(made, "stop"), {"because": ""}).status_code == 422
    assert client.post(address(made, "stop"), {"because": "Hung up"}).status_code == 302
    assert "given up" in client.get(reverse("assessment:of_patient", args=[made.patient.public_id])).content.decode()


def test_a_stranger_finds_nothing_and_another_role_is_told_who_may(client, as_role):
    made = begun()
    as_role(population="")
    assert client.get(address(made, "section", "goals")).status_code == 404
    assert one(client, made, "goals", "cw-goals:goal", "x").status_code == 404
    as_role("pharmacist")
    assert client.get(address(made, "section", "goals")).status_code == 403


def test_a_blank_form_has_every_question_and_the_terms(client, as_role):
    as_role()
    text = client.get(reverse("assessment:blank", args=["comprehensive"])).content.decode()
    assert "better off dead" in text and "Spitzer" in text and "What matters most to you?" in text
    assert client.get(reverse("assessment:blank", args=["prapare-codes-only"])).status_code == 404


def test_what_is_due_lists_open_ones_and_counts_ahead(client, as_role):
    user = as_role()
    made = begun(by=user)
    text = client.get(reverse("assessment:due")).content.decode()
    assert "Nothing will be late." in text and made.patient.name in text
    assert client.get(reverse("assessment:due") + "?days=60&whose=all").status_code == 200


def test_every_question_of_every_section_has_its_own_id(client, as_role):
    as_role()
    made = begun()
    seen = []
    for code in made.sections.values_list("code", flat=True):
        response = client.get(address(made, "section", code))
        seen += [q.id for card in response.context["cards"] for q in card.questions]
    assert len(seen) == len(set(seen)) > 90
    assert page.dom_id(NINE) == "q-phq-9-44260-8"


def test_a_medicine_from_the_records_is_as_close_as_what_it_tells_though_its_source_tagged_nothing(as_role):
    nurse, patient = as_role(), PatientFactory()
    for name in ("Lisinopril 20 mg", "Emtricitabine-tenofovir disoproxil fumarate 200-300 mg"):
        making.reported(MedicationListing, patient, name, kind="ordered", ordered_on=AT.date())
    made = begun(patient=patient, by=nurse)
    assert sorted(made.facts.values_list("words", "tags")) == [
        ("Emtricitabine-tenofovir disoproxil fumarate 200-300 mg", ["hiv"]), ("Lisinopril 20 mg", []),
    ]  # fmt: skip


def test_a_fact_from_the_records_is_answered_on_the_page_one_by_one(client, as_role):
    as_role()
    made = begun()
    one_fact, other = (
        RecordedFact.objects.create(
            assessment=made, section=made.sections.get(code="medicines"), patient=made.patient, kind="medicine", key=words,
            words=words, source_words="Dispensed Oct 30, 2026",
        )
        for words in ("Sertraline 50 mg", "Metformin 500 mg")
    )  # fmt: skip
    url = reverse("assessment:fact", args=[made.public_id, one_fact.public_id])
    text = client.get(address(made, "section", "medicines")).content.decode()
    assert "Sertraline 50 mg" in text and "Dispensed Oct 30, 2026" in text
    response = client.post(url, {"response": "changed"}, headers=HTMX)
    assert response.status_code == 422 and "Say what changed." in response.content.decode()
    given = {"response": "changed", f"words:{one_fact.public_id}": "Stopped in October"}
    assert "Stopped in October" in client.post(url, given, headers=HTMX).content.decode()
    other.refresh_from_db()
    assert other.response is None
    assert client.post(url, {"response": "yes"}).url == address(made, "section", "medicines")


# ── what may not wait, and what became of it ──


def test_an_alarm_that_was_closed_says_by_whom_when_and_how_instead_of_988(client, as_role):
    nurse = as_role()
    made = begun(by=nurse)
    one(client, made, "mood", NINE, "LA6569-3", also="phq-9")
    alarm = Alarm.objects.get()
    assert "Whoever is on call was told" in client.get(address(made, "section", "mood")).content.decode()
    alarms.accept(alarm=alarm, by=nurse, at=timezone.now())
    assert f"{nurse.full_title} has taken it on" in client.get(address(made, "section", "mood")).content.decode()
    closer = UserFactory(role="care_manager", first_name="Ruth", last_name="Lin", credential="LCSW")
    alarms.close_alarm(
        alarm=alarm, disposition="safety_plan", words="Sister stays tonight.", by=closer, at=timezone.now()
    )
    text = client.get(address(made, "section", "mood")).content.decode()
    assert "Talked through, and a safety plan made" in text and "Sister stays tonight." in text
    assert "Ruth Lin, LCSW" in text and "988" not in text.split('id="danger"')[1].split("ask-cols")[0]


def test_what_another_system_sent_is_shown_with_its_source_and_day(client, as_role):
    as_role()
    patient = PatientFactory()
    made = receiving.receive(
        patient=patient, instrument="gad-7", answers={"/69725-0": 1}, by="system:fhir", at=AT,
        sent=receiving.Sent("Oakwood portal", "qr1", AT - timedelta(days=12), "patient", "Ada Quill", "abc:7", 3),
    ).assessment  # fmt: skip
    listed = client.get(reverse("assessment:of_patient", args=[patient.public_id])).content.decode()
    assert "Received from Oakwood portal, Nov 20, 2026" in listed and "answered Nov 8, 2026" in listed
    text = client.get(address(made, "summary")).content.decode()
    assert "Answered on Nov 8, 2026" in text and "Ada Quill" in text and "abc:7" in text
    assert "The patient · Oakwood portal" in text


def test_what_came_from_a_source_protected_since_closes_also_where_its_address_is_known(client, as_role):
    reader, patient = as_role(), PatientFactory()
    made = receiving.receive(
        patient=patient, instrument="gad-7", answers={"/69725-0": 1}, by="system:fhir", at=AT,
        sent=receiving.Sent("Oakwood portal", "qr1", AT, "patient", "Ada Quill", "abc:7", 3),
    ).assessment  # fmt: skip
    pages = [address(made, name) for name in ("summary", "addendum", "stop", "finish")]
    pages += [reverse("assessment:changes") + f"?of={made.public_id}&section={made.sections.first().code}"]
    assert {client.get(page).status_code for page in pages} <= {200, 302}
    Assessment.objects.update(tags=["part2"])
    for rows in (made.answers, made.results):
        rows.update(tags=["part2"])
    assert {client.get(page).status_code for page in pages} == {404}
    assert client.post(address(made, "addendum"), {"text": "More."}).status_code == 404
    BreakGlassFactory(user=reader, patient=patient, opens_part2=True, part2_disclosed_to="Dr. Shah",
                      part2_emergency="Overdose")  # fmt: skip
    assert "Ada Quill" in client.get(address(made, "summary")).content.decode()


# ── the verdict ──


def test_the_verdict_is_read_where_the_person_is_enrolled_and_an_overturned_one_is_to_be_settled(client, as_role):
    nurse = as_role()
    enrollment = EnrollmentFactory(lead=nurse, starts_on=date(2026, 3, 2), program="complex_care")
    made = begun(patient=enrollment.patient, by=nurse, program="complex_care", eligible_on=date(2026, 11, 2))
    finished_briefly(made, by=nurse, verdict="overturned", because="Has all the help they need")
    shown = client.get(reverse("enrollment:enrollment", args=[made.patient.public_id])).content.decode()
    assert "Has all the help they need" in shown and "does not belong in the program" in shown
    (task,) = Task.objects.open().filter(kind="settle_place")
    assert task.owner_user == nurse and "Has all the help they need" in task.why
    enrollment.refresh_from_db()
    assert enrollment.ends_on is None, "nobody is put out by a machine"


# ── many people ──


def test_the_list_of_what_is_due_asks_the_database_as_often_for_many_as_for_few(
    client, as_role, django_assert_max_num_queries
):
    nurse = as_role(population="")
    counts = []
    for number in (3, 60):
        for _each in range(number):
            enrollment = EnrollmentFactory(lead=nurse, starts_on=timezone.localdate() - timedelta(days=20))
            TieFactory(user=nurse, patient=enrollment.patient, starts_on=timezone.localdate() - timedelta(days=20))
            if number == 60 and _each % 3 == 0:
                begun(patient=enrollment.patient, by=nurse, at=timezone.now(), kind="sils")
        with django_assert_max_num_queries(60) as asked:
            page_text = client.get(reverse("assessment:due") + "?days=60").content.decode()
        counts.append(len(asked))
        assert page_text.count("Begin the assessment") >= number
    assert counts[1] <= counts[0] + 3, counts


# ── what colleagues answer meanwhile ──


def test_a_page_hears_of_colleagues_answers_and_a_caregiver_of_no_private_one(client, as_role):
    as_role()
    made = begun()
    colleague = UserFactory(role="social_worker", first_name="Ana", last_name="Ruiz")
    for link, value in (("/93030-5", "LA33-6"), ("/95618-5", 5)):
        actions.answer(
            assessment=made, instrument="ahc-hrsn-core", link_id=link, value=value, by=colleague, at=timezone.now()
        )
    url = f"{reverse('assessment:changes')}?of={made.public_id}&section=social"
    found = client.get(url).json()
    assert found["others"][0].startswith("Ana Ruiz answered in “Home, food, rides, money” at")
    assert found["answers"]["ahc-hrsn-core:/93030-5"]["said"].startswith("Meanwhile answered: Yes (Ana Ruiz, ")
    assert "ahc-hrsn-core:/95618-5" in found["answers"]
    assert list(client.get(f"{url}&who=caregiver").json()["answers"]) == ["ahc-hrsn-core:/93030-5"]


@pytest.mark.parametrize("asked", ["of=nobody", "of=00000000-0000-4000-8000-000000000000", "of={made}&section=none"])
def test_a_stranger_hears_nothing_of_it(client, as_role, asked):
    as_role(population="")
    made = begun()
    assert client.get(f"{reverse('assessment:changes')}?{asked.format(made=made.public_id)}").status_code == 404
    assert client.get(f"{reverse('assessment:changes')}?of={made.public_id}&section=social").status_code == 404


def test_who_left_today_stands_on_no_list_of_what_is_due(client, as_role):
    nurse, today = as_role(), timezone.localdate()
    here = EnrollmentFactory(lead=nurse, starts_on=today - timedelta(days=20))
    left = EnrollmentFactory(lead=nurse, starts_on=today - timedelta(days=20), ends_on=today, end_reason="moved")
    text = client.get(reverse("assessment:due") + "?days=60&whose=all").content.decode()
    assert here.patient.name in text and left.patient.name not in text


def test_what_must_never_be_missed_stands_above_every_page_of_an_assessment(client, as_role):
    nurse = as_role()
    made = begun(by=nurse)
    Allergy.objects.create(
        patient=made.patient, name="Penicillin", source="mercy", external_id="a1", delivery_id="ab12cd34ef56", line=2,
        received_on=timezone.localdate(), received_seq=1, status="active",
    )  # fmt: skip
    for name, more in (("section", ["communication"]), ("finish", []), ("summary", []), ("stop", [])):
        text = client.get(address(made, name, *more)).content.decode()
        assert text.count('<header class="ptb') == 1 == text.count("<h1"), name
        assert "Penicillin" in text and "Not to be missed" in text, name
        assert page.title_of(made) in text, name

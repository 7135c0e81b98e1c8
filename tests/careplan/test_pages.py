"""The pages of the plan: who may open them, what they show, how a form is refused."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from carewright.assessment import actions as assessing
from carewright.careplan import actions as plans
from carewright.careplan import queries
from carewright.careplan.models import Goal, Intervention, Problem
from carewright.chart.models import Allergy
from carewright.knowledge import instruments
from tests.factories.access import TieFactory
from tests.factories.assessment import begun
from tests.factories.enrollment import EnrollmentFactory
from tests.factories.registry import PatientFactory
from tests.factories.staff import UserFactory

pytestmark = pytest.mark.django_db


def address(name, patient, *more):
    return reverse(f"careplan:{name}", args=[patient.public_id, *more])


def test_from_a_problem_to_a_printed_step(signed_in, tie):
    patient, day = tie.patient, (timezone.localdate() + timedelta(30)).isoformat()
    assert "Nothing is on the plan yet" in signed_in.get(address("plan", patient)).content.decode()
    signed_in.post(address("add_problem", patient), {"title": "Low mood", "priority": "high", "because": "PHQ-9 of 14"})
    problem = Problem.objects.get()
    signed_in.post(
        address("set_goal", patient) + f"?problem={problem.public_id}",
        {"words": "I want to cook again.", "target": "3 meals a week", "target_on": day, "confidence": "6"},
    )
    goal = Goal.objects.get()
    assert goal.problem == problem
    signed_in.post(
        address("add_step", patient) + f"?goal={goal.public_id}",
        {"words": "Order groceries", "who": "patient", "due_on": day, "goal": goal.public_id},
    )
    page = signed_in.get(address("plan", patient)).content.decode()
    for said in ("Low mood", "PHQ-9 of 14", "“I want to cook again.”", "3 meals a week", "6/10", "Order groceries"):
        assert said in page
    paper = signed_in.get(address("print", patient)).content.decode()
    assert "Order groceries" in paper
    assert "You" in paper
    signed_in.post(address("finish_step", patient, Intervention.objects.get().public_id))
    assert Intervention.objects.get().closed == "done"
    assert "Order groceries" not in signed_in.get(address("print", patient)).content.decode()


def test_a_goal_that_is_not_asked_for_confidence_says_so(signed_in, tie):
    day = (timezone.localdate() + timedelta(30)).isoformat()
    signed_in.post(address("set_goal", tie.patient), {"words": "Rest", "target": "8 hours", "target_on": day})
    assert "Not asked" in signed_in.get(address("plan", tie.patient)).content.decode()


@pytest.mark.parametrize(
    ("name", "given", "said"),
    [
        ("add_problem", {"title": ""}, "This field is required."),
        ("set_goal", {"words": "x", "target": "y", "target_on": "2020-01-01"}, "lies ahead"),
        ("set_goal", {"words": "x", "target": "y", "target_on": "soon"}, "Enter a valid date."),
        ("add_step", {"words": "Call", "who": "staff", "due_on": "2030-01-01"}, "who of us"),
    ],
)
def test_what_is_missing_is_said_and_nothing_saved(signed_in, tie, name, given, said):
    answer = signed_in.post(address(name, tie.patient), given)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not (Problem.objects.exists() or Goal.objects.exists() or Intervention.objects.exists())


def test_somebody_elses_patient_is_not_found(signed_in):
    assert signed_in.get(address("plan", PatientFactory())).status_code == 404


def test_a_role_that_plans_no_care_is_told_who_may(client, tie):
    tie.user.role = "analyst"
    tie.user.save()
    client.force_login(tie.user)
    assert client.get(address("plan", tie.patient)).status_code == 403


def test_a_goal_of_another_patient_is_not_found(signed_in, tie):
    other = PatientFactory()
    goal = Goal.objects.create(
        patient=other,
        words="x",
        target="y",
        target_on=timezone.localdate(),
        set_at=timezone.now(),
        set_by=UserFactory(),
    )
    assert signed_in.get(address("reword_goal", tie.patient, goal.public_id)).status_code == 404


def test_words_are_shown_as_words(signed_in, tie):
    day = (timezone.localdate() + timedelta(30)).isoformat()
    signed_in.post(
        address("set_goal", tie.patient), {"words": "<script>alert(1)</script>", "target": "y", "target_on": day}
    )
    assert "<script>alert" not in signed_in.get(address("plan", tie.patient)).content.decode()


# ── needs that assessments found ──


def asked(patient, nurse, at, **answers):
    made = begun(patient=patient, by=nurse, at=at, kind="ahc-hrsn-core")
    for link, value in answers.items():
        assessing.answer(
            assessment=made, instrument="ahc-hrsn-core", link_id="/" + link[1:].replace("_", "-"), value=value, by=nurse,
            at=at,
        )  # fmt: skip
    assessing.set_section(assessment=made, code="ahc-hrsn-core", status="done", by=nurse, at=at)
    return assessing.finish(assessment=made, by=nurse, at=at)


def test_a_need_is_offered_with_its_answer_and_a_person_makes_it_a_problem(signed_in, tie):
    patient, now = tie.patient, timezone.now()
    asked(patient, tie.user, now - timedelta(days=200), q88122_7="LA6729-3", q93030_5="LA32-8", q88123_5="LA28398-8")
    page = signed_in.get(address("plan", patient)).content.decode()
    assert "Not enough food" in page and "Sometimes true" in page and not Problem.objects.exists()
    form = signed_in.get(address("add_problem", patient) + "?need=food-insecurity").content.decode()
    assert "Sometimes true" in form and 'value="food-insecurity"' in form
    given = {"title": "Not enough food", "priority": "high", "because": "Said so", "need": "food-insecurity"}
    signed_in.post(address("add_problem", patient), given)
    assert Problem.objects.get().need_code == "food-insecurity"
    page = signed_in.get(address("plan", patient))
    assert page.context["offered"] == [] and "Still shown by the answers of" in page.content.decode()
    assert (
        "The plan has this problem already" in signed_in.post(address("add_problem", patient), given).content.decode()
    )
    asked(patient, tie.user, now, q88122_7="LA28398-8", q88123_5="LA28398-8", q93030_5="LA33-6")
    page = signed_in.get(address("plan", patient))
    assert "No longer shown by the answers of" in page.content.decode()
    assert [seen.need.code for seen in page.context["offered"]] == ["transportation-insecurity"]


def test_a_need_closed_to_the_reader_is_neither_offered_nor_shown_as_a_problem(client, tie, no_second_factor):
    patient, now = tie.patient, timezone.now()
    made = begun(patient=patient, by=tie.user, at=now, kind="ahc-hrsn-core")
    for link in ("/95618-5", "/95617-7", "/95616-9", "/95615-1"):
        assessing.answer(assessment=made, instrument="ahc-hrsn-core", link_id=link, value=5, by=tie.user, at=now)
    client.force_login(tie.user)
    assert "Safety with other people" in client.get(address("plan", patient)).content.decode()
    client.post(
        address("add_problem", patient), {"title": "Afraid at home", "priority": "high", "need": "interpersonal-safety"}
    )
    problem = Problem.objects.get()
    goal = plans.set_goal(
        patient=patient, problem=problem, words="I want to sleep without fear.", target="A safe place",
        target_on=timezone.localdate() + timedelta(days=30), by=tie.user, at=now,
    )  # fmt: skip
    step = plans.add_step(
        patient=patient, goal=goal, words="Call the shelter", who="staff", owner=tie.user, due_on=timezone.localdate(),
        by=tie.user, at=now,
    )  # fmt: skip
    assert "Afraid at home" in client.get(address("plan", patient)).content.decode()
    assert "sleep without fear" not in client.get(address("print", patient)).content.decode(), "never in a print"
    pharmacist = TieFactory(patient=patient, user=UserFactory(role="pharmacist")).user
    client.force_login(pharmacist)
    page = client.get(address("plan", patient))
    assert page.context["offered"] == [] and "Afraid at home" not in page.content.decode()
    assert "without fear" not in page.content.decode()
    named = {"resolve_problem": problem, "reword_goal": goal, "end_goal": goal, "finish_step": step, "drop_step": step}
    for name, one in named.items():
        url = reverse(f"careplan:{name}", args=[patient.public_id, one.public_id])
        assert (client.get(url).status_code, client.post(url, {}).status_code) in ((404, 404), (405, 404)), name
    for name, asked in (("set_goal", {"problem": problem.public_id}), ("add_step", {"goal": goal.public_id})):
        form = client.get(address(name, patient), asked).content.decode()
        assert "Afraid" not in form and "without fear" not in form
        assert client.get(address(name, patient), dict.fromkeys(asked, "-" * 36)).status_code == 200


def test_the_plan_stands_under_what_must_never_be_missed(signed_in, tie):
    Allergy.objects.create(
        patient=tie.patient, name="Penicillin", source="Ashford", external_id="a1", received_on=timezone.localdate(),
        received_seq=1, recorded_on=timezone.localdate(), delivery_id="d1", line=1,
    )  # fmt: skip
    for name in ("plan", "add_problem", "set_goal"):
        page = signed_in.get(address(name, tie.patient)).content.decode()
        assert "Penicillin" in page and "No consent to share on file" in page
    assert "Penicillin" not in signed_in.get(address("print", tie.patient)).content.decode()


def test_a_need_is_left_off_with_a_reason_and_comes_back_with_newer_answers(signed_in, tie):
    patient, now = tie.patient, timezone.now()
    asked(patient, tie.user, now - timedelta(days=200), q88122_7="LA6729-3")
    where = address("leave_off", patient) + "?need=food-insecurity"
    assert "Not enough food" in signed_in.get(where).content.decode()
    given = {"need": "food-insecurity", "reason": " "}
    assert signed_in.post(address("leave_off", patient), given).status_code == 422
    signed_in.post(address("leave_off", patient), given | {"reason": "Her daughter shops now"})
    page = signed_in.get(address("plan", patient))
    assert page.context["offered"] == [] and page.context["plan"].problems == []
    assert "Not taken onto the plan" in page.content.decode() and "Her daughter shops now" in page.content.decode()
    assert signed_in.get(address("leave_off", patient)).url == address("plan", patient), "nothing to leave off"
    asked(patient, tie.user, now + timedelta(days=1), q88122_7="LA28397-0")
    shown = queries.plan_of(patient)
    tomorrow = timezone.localdate() + timedelta(days=1)
    offered = queries.beside_answers(shown, patient, on=tomorrow, hidden_tags=frozenset())
    assert [seen.need.code for seen in offered] == ["food-insecurity"]


def test_what_was_resolved_after_the_answers_is_not_brought_up_again(signed_in, tie):
    patient, now = tie.patient, timezone.now()
    asked(patient, tie.user, now - timedelta(days=10), q88122_7="LA6729-3")
    problem = plans.add_problem(
        patient=patient, title="Not enough food", need_code="food-insecurity", by=tie.user, at=now - timedelta(days=9)
    )
    plans.resolve_problem(problem=problem, because="Meals come every day", by=tie.user, at=now)
    assert signed_in.get(address("plan", patient)).context["offered"] == []


def test_the_score_that_decides_a_need_stands_beside_its_problem_over_time(signed_in, tie):
    patient, now = tie.patient, timezone.now()
    for days, points in ((190, 3), (2, 2)):
        at = now - timedelta(days=days)
        made = begun(patient=patient, by=tie.user, at=at, kind="gad-7")
        for link in instruments.get("gad-7").rules.scores[0].items:
            assessing.answer(assessment=made, instrument="gad-7", link_id=link, value=points, by=tie.user, at=at)
        assessing.set_section(assessment=made, code="gad-7", status="done", by=tie.user, at=at)
        assessing.finish(assessment=made, by=tie.user, at=at)
    plans.add_problem(patient=patient, title="Worries all day", need_code="anxiety", by=tie.user, at=now)
    page = signed_in.get(address("plan", patient))
    (shown,) = page.context["plan"].problems
    assert [[int(row.value) for row in trend.scores] for trend in shown.trends] == [[21, 14]]
    assert "→" in page.content.decode()


def test_who_no_longer_leads_is_not_named_on_paper(signed_in, tie):
    today = timezone.localdate()
    lead = UserFactory(role="care_manager", first_name="Ana", last_name="Lund")
    enrolled = EnrollmentFactory(patient=tie.patient, lead=lead, starts_on=today - timedelta(9))
    assert "Ana Lund" in signed_in.get(address("print", tie.patient)).content.decode()
    enrolled.ends_on, enrolled.end_reason = today, "moved"
    enrolled.save()
    assert "Ana Lund" not in signed_in.get(address("print", tie.patient)).content.decode()

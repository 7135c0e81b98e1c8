"""Answered questionnaires that arrive in a file: kept with their source and day, looked at for danger, or set aside."""

import csv
import json
from datetime import date, timedelta

import pytest
from django.utils import timezone

from carewright.assessment import loading, queries, receiving
from carewright.assessment.models import Answer, Assessment, ScoreResult
from carewright.audit.models import Entry
from carewright.channel.models import Message
from carewright.exchange import actions as exchange
from carewright.exchange.fhir import answers_again
from carewright.kernel.errors import CannotDo
from carewright.tasks import on_call
from carewright.tasks.models import Alarm, Task
from carewright.warehouse import landing
from tests.exchange.fhir import examples as ex
from tests.exchange.fhir.test_apply import take
from tests.factories.assessment import begun
from tests.factories.enrollment import EnrollmentFactory
from tests.factories.staff import UserFactory
from tests.knowledge.test_site_instruments import RIDES, SCORING

pytestmark = pytest.mark.django_db
NINE, FIRST = "/44260-8", "/44250-9"
SEVERAL_DAYS, NOT_AT_ALL = "LA6569-3", "LA6568-5"


def answered(link, code):
    return {"linkId": link, "answer": [{"valueCoding": {"system": "http://loinc.org", "code": code}}]}


def response(*items, **changes):
    return {
        "resourceType": "QuestionnaireResponse", "id": "qr1", "status": "completed",
        "questionnaire": "http://hl7.org/fhir/us/core/Questionnaire/phq-9-example|8.0.0",
        "subject": {"reference": "Patient/p1"}, "authored": "2026-11-01T10:00:00Z",
        "source": {"reference": "Patient/p1"}, "item": list(items) or [answered(FIRST, SEVERAL_DAYS)],
    } | changes  # fmt: skip


def aside(report):
    with open(report.rejects_path, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_answers_land_with_their_source_and_their_day(tmp_path):
    report = take(tmp_path, ex.bundle(ex.PATIENT, response()))
    assert report.rows_rejected == 0 and "QuestionnaireResponse 1" in report.notes[0]
    made = Assessment.objects.get()
    assert (made.kind, made.reason, made.source, made.external_id) == ("phq-9", "received", "example", "qr1")
    assert timezone.localdate(made.finished_at) == date(2026, 11, 1) and made.received_at > made.finished_at
    assert made.evidence.endswith(":2") and made.started_by is None
    (answer,) = Answer.objects.standing()
    assert (answer.value, answer.source, answer.by) == (SEVERAL_DAYS, "patient", None)
    assert ScoreResult.objects.get().value is None and not Alarm.objects.exists()


def test_a_danger_in_a_file_raises_its_alarm_and_tells_who_is_on_call(tmp_path):
    take(tmp_path, ex.bundle(ex.PATIENT, response(answered(NINE, SEVERAL_DAYS), status="in-progress")))
    alarm = Alarm.objects.get()
    assert (alarm.code, alarm.severity) == ("phq9-item9", "now")
    assert alarm.because.endswith("Received from example, answered Nov 1, 2026.")
    assert not Message.objects.exists()  # nobody is on call in this test; the page of alarms says so
    assert Alarm.objects.open().filter(patient__identifiers__value="p1").exists()


def test_what_is_not_an_alarm_is_a_task_of_who_leads_them_never_of_who_brought_the_file(tmp_path):
    take(tmp_path, ex.bundle(ex.PATIENT))
    lead = UserFactory(role="care_manager")
    from carewright.registry.models import Patient

    EnrollmentFactory(
        patient=Patient.objects.get(), lead=lead, led_since=date(2026, 1, 1), starts_on=date(2026, 1, 1),
        program="complex_care",
    )  # fmt: skip
    links = [FIRST, "/44255-8", "/44259-0", "/44254-1", "/44251-7", "/44258-2", "/44252-5", "/44253-3"]
    severe = [answered(link, "LA6571-9") for link in links] + [answered(NINE, NOT_AT_ALL)]
    take(tmp_path, ex.bundle(response(*severe)), seq=2)
    assert [(task.owner_user, task.kind) for task in Task.objects.open()] == [(lead, "new_result")]
    assert not Alarm.objects.exists()


def test_the_same_file_twice_changes_nothing(tmp_path):
    content = ex.bundle(ex.PATIENT, response(answered(NINE, SEVERAL_DAYS)))
    take(tmp_path, content)
    before = list(Assessment.objects.values()), list(Answer.objects.values()), list(Alarm.objects.values())
    take(tmp_path, content, seq=2, name="again.json")
    assert before == (list(Assessment.objects.values()), list(Answer.objects.values()), list(Alarm.objects.values()))


def test_its_sender_corrects_it_and_the_old_answers_stay_to_be_read(tmp_path):
    take(tmp_path, ex.bundle(ex.PATIENT, response(answered(NINE, SEVERAL_DAYS))))
    take(tmp_path, ex.bundle(response(answered(NINE, NOT_AT_ALL), status="amended")), seq=2)
    first, second = Assessment.objects.order_by("pk")
    assert first.stopped_at is not None and first.stopped_because == "The sender corrected it."
    assert [row.value for row in second.answers.standing()] == [NOT_AT_ALL]
    assert [row.value for row in first.answers.all()] == [SEVERAL_DAYS]
    assert Alarm.objects.open().count() == 1, "an alarm is closed by a clinician only"


def test_an_older_file_that_comes_later_changes_nothing(tmp_path):
    take(tmp_path, ex.bundle(ex.PATIENT, response(answered(FIRST, NOT_AT_ALL))), seq=5)
    take(tmp_path, ex.bundle(response(answered(FIRST, SEVERAL_DAYS))), seq=2)
    assert [row.value for row in Answer.objects.standing()] == [NOT_AT_ALL]


def test_taken_back_by_its_sender_it_counts_for_nothing(tmp_path):
    positive = [answered("/69725-0", "LA6571-9")]
    gad = response(*positive, questionnaire="http://loinc.org/q/69737-5")
    take(tmp_path, ex.bundle(ex.PATIENT, gad))
    made = Assessment.objects.get()
    assert made.kind == "gad-7"
    take(tmp_path, ex.bundle(gad | {"status": "entered-in-error"}), seq=2)
    made.refresh_from_db()
    assert made.stopped_because == "The sender took it back: entered in error."
    assert queries.needs_for(made.patient, date(2026, 11, 30)) == ()


def test_what_a_newer_answer_has_overtaken_raises_nothing(tmp_path):
    old = response(answered(NINE, SEVERAL_DAYS), id="old", authored="2024-03-01")
    new = response(answered(NINE, NOT_AT_ALL), id="new", authored="2026-10-01")
    take(tmp_path, ex.bundle(ex.PATIENT, old, new))
    assert Assessment.objects.count() == 2 and not Alarm.objects.exists()


@pytest.mark.parametrize(
    ("changes", "items", "field", "said"),
    [
        ({"questionnaire": "https://x.example/Questionnaire/TAPS"}, (), "questionnaire",
         "expected the address of a questionnaire that is known here, found https://x.example/Questionnaire/TAPS"),
        ({"questionnaire": None}, (), "questionnaire", "found nothing"),
        ({}, (answered("/99999-9", SEVERAL_DAYS),), "item", "expected a question of phq-9, found /99999-9"),
        ({}, (answered(FIRST, "LA9-9"),), f"item, {FIRST}", "found LA9-9"),
        ({}, ({"linkId": FIRST},), "item", "expected at least one answer"),
        ({"item": "LA9-9"}, (), "item, item", "expected a list of items"),
        ({"authored": "2026-02-30"}, (), "authored", "a day that exists"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_set_aside_with_a_sentence(tmp_path, changes, items, field, said):
    report = take(tmp_path, ex.bundle(ex.PATIENT, response(*items, **changes)))
    assert report.adds_up and (report.rows_kept, report.rows_rejected) == (1, 1)
    (row,) = aside(report)
    assert said in row["problem"] and row["mend"] and row["field"] == field
    assert not Assessment.objects.exists()
    assert all("LA9-9" not in reason.example for reason in report.reasons), "the report shows no answer"


CHILD = ex.PATIENT | {"birthDate": "2014-05-02"}
NOT_SCORED = "Kept and looked at for danger, not scored: 1 answered questionnaire made for adults, about a child."


def test_an_adults_questionnaire_about_a_child_raises_its_danger_and_the_report_says_it_is_not_scored(tmp_path):
    report = take(tmp_path, ex.bundle(CHILD, response(answered(NINE, SEVERAL_DAYS))))
    assert report.adds_up and (report.rows_kept, report.rows_rejected) == (2, 0)
    assert NOT_SCORED in report.notes
    alarm = Alarm.objects.get()
    assert (alarm.code, alarm.severity) == ("phq9-item9", "now")
    assert "“Several days”" in alarm.because and alarm.because.endswith("Received from example, answered Nov 1, 2026.")
    assert (Answer.objects.get().value, ScoreResult.objects.get().value) == (SEVERAL_DAYS, None)


def test_so_does_one_that_came_before_its_child(tmp_path):
    report = take(
        tmp_path, "\n".join(map(json.dumps, (response(answered(NINE, SEVERAL_DAYS)), CHILD))), name="a.ndjson"
    )
    assert NOT_SCORED in report.notes and Alarm.objects.count() == 1


def test_an_adults_is_not_said_to_be_unscored(tmp_path):
    report = take(tmp_path, ex.bundle(ex.PATIENT, response()))
    assert not any("not scored" in note for note in report.notes)


def test_what_the_assessments_refuse_is_set_aside_beside_what_else_was(tmp_path, monkeypatch):
    def refuse(**_):
        raise CannotDo("There is no answer to it.")

    monkeypatch.setattr(receiving, "receive", refuse)
    unknown = response(id="qr2", questionnaire="https://x.example/Questionnaire/TAPS")
    report = take(tmp_path, ex.bundle(ex.PATIENT, response(), unknown))
    assert report.adds_up and (report.rows_kept, report.rows_rejected) == (1, 2)
    assert any("There is no answer to it." in row["problem"] and row["id"] == "qr1" for row in aside(report))
    assert len(aside(report)) == 2 and not any("QuestionnaireResponse" in note for note in report.notes)


def test_answers_that_come_before_their_person_wait_for_them(tmp_path):
    take(tmp_path, json.dumps(response(answered(NINE, SEVERAL_DAYS))))
    assert not Assessment.objects.exists()
    take(tmp_path, ex.bundle(ex.PATIENT), seq=2)
    assert Assessment.objects.get().external_id == "qr1" and Alarm.objects.count() == 1


def test_it_is_taken_in_while_a_colleague_asks_the_same(tmp_path):
    from carewright.assessment import actions
    from carewright.registry.models import Patient

    take(tmp_path, ex.bundle(ex.PATIENT))
    nurse = UserFactory(role="care_manager")
    actions.start(patient=Patient.objects.get(), kind="phq-9", by=nurse, at=timezone.now())
    take(tmp_path, ex.bundle(response(answered(NINE, SEVERAL_DAYS))), seq=2)
    assert Assessment.objects.count() == 2 and Alarm.objects.count() == 1


def test_a_protected_source_keeps_its_answers_closed(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    landing.declare_part2(type("Home", (), {"landed": _made(home / "landed")})(), [("feed", "example")])
    take(
        tmp_path, ex.bundle(ex.PATIENT, response(answered("/69725-0", "LA6571-9"), questionnaire="Questionnaire/gad-7"))
    )
    made = Assessment.objects.get()
    assert made.tags == ["part2"] and set(made.answers.get().tags) == {"behavioral", "part2"}
    again = begun(patient=made.patient, kind="gad-7", at=timezone.now() + timedelta(days=1))
    assert queries.last_time(again) == {}


@pytest.mark.parametrize("kind", ["feed", "npi"])
def test_a_source_declared_later_closes_its_answers_at_once(tmp_path, monkeypatch, kind):
    take(tmp_path, ex.bundle(ex.PATIENT, response(answered(NINE, SEVERAL_DAYS))))
    made = Assessment.objects.get()
    assert made.tags == []
    value = {"feed": "example", "npi": "1215930367"}[kind]
    delivery_id, _colon, line = made.evidence.partition(":")
    monkeypatch.setattr(landing, "naming", lambda *_, **__: [(delivery_id, int(line))])
    exchange.declare_sensitive_source(
        kind=kind, value=value, because="An opioid treatment program.", at=timezone.now(),
        by=UserFactory(role="administrator"), home=ex.Home(tmp_path / "home"),
    )  # fmt: skip
    made.refresh_from_db()
    assert made.tags == ["part2"]
    assert all("part2" in row.tags for row in (*made.answers.all(), *made.results.all()))
    assert Entry.objects.filter(did="protected", after__part2__assessment=1).exists()


def _made(path):
    path.mkdir(parents=True)
    return path


def test_a_label_of_the_resource_goes_with_every_answer(tmp_path):
    labeled = response(meta={"security": [{"code": "HIV"}]})
    take(tmp_path, ex.bundle(ex.PATIENT, labeled))
    assert Assessment.objects.get().tags == ["hiv"]
    assert "hiv" in Answer.objects.get().tags and "hiv" in ScoreResult.objects.get().tags


def test_a_caregivers_answers_are_a_caregivers(tmp_path):
    theirs = response(source={"reference": "RelatedPerson/r1", "display": "Ann Quill"})
    take(tmp_path, ex.bundle(ex.PATIENT, theirs))
    assert Answer.objects.get().source == "caregiver"
    assert Assessment.objects.get().answered_by == "Ann Quill"


def test_answers_that_came_before_their_questionnaire_are_taken_in_when_it_is_loaded(tmp_path, monkeypatch):
    from carewright.exchange import actions as exchange
    from carewright.plumbing.home import Home

    monkeypatch.setenv("CAREWRIGHT_HOME", str(tmp_path / "home"))
    home = Home(tmp_path / "home")
    rides = {"linkId": "missed", "answer": [{"valueCoding": {"code": "s"}}]}
    path = tmp_path / "answers.json"
    path.write_text(json.dumps(ex.bundle(ex.PATIENT, response(rides, questionnaire="https://x.example/river-rides"))))
    [report] = exchange.ingest([path], by="system:test", home=home)
    assert report.rows_rejected == 1 and not Assessment.objects.exists()
    boss = UserFactory(role="supervisor")
    loading.load(content=json.dumps(RIDES).encode(), name="rides.json", scoring=json.dumps(SCORING).encode(), by=boss)
    assert answers_again.take_again(home, "river-rides", by="system:ingest", at=timezone.now()) == 1
    assert answers_again.take_again(home, "river-rides", by="system:ingest", at=timezone.now()) == 0
    assert ScoreResult.objects.get(patient=Assessment.objects.get().patient).value == 2
    [again] = exchange.ingest([path], by="system:test", home=home)
    assert again.state == "again" and Assessment.objects.count() == 1


def test_brought_in_by_an_operator_a_danger_reaches_who_is_on_call(tmp_path):
    from carewright.exchange import actions as exchange
    from carewright.plumbing.home import Home

    on_duty, boss = UserFactory(role="care_manager"), UserFactory(role="supervisor")
    now = timezone.now()
    on_call.add_shift(
        user=on_duty, backup_user=boss, starts_at=now - timedelta(hours=2), ends_at=now + timedelta(hours=6), by=boss
    )
    path = tmp_path / "answers.ndjson"
    path.write_text("\n".join(json.dumps(one) for one in (response(answered(NINE, SEVERAL_DAYS)), ex.PATIENT)))
    operator = UserFactory(role="administrator")
    [report] = exchange.ingest([path], by=operator, home=Home(tmp_path / "home"))
    assert report.rows_rejected == 0, report.reasons
    alarm = Alarm.objects.get()
    assert [(one.user, one.step) for one in alarm.pagings.all()] == [(on_duty, 1)]
    assert Message.objects.get(kind="page").user == on_duty
    assert Entry.objects.filter(did="receive_assessment", patient_ids=[alarm.patient_id]).exists()

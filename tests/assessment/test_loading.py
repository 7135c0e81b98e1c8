"""A site's own questionnaire: loaded on a page, asked, scored, received; a bad one is refused before anybody is asked."""

import copy
import html
import json
from datetime import date
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from carewright.assessment import actions, loading, queries, receiving, results, shelf
from carewright.assessment.models import Answer, ScoreResult
from carewright.audit.models import Entry
from carewright.kernel.errors import BadInput
from carewright.knowledge import instruments
from tests.factories.assessment import begun
from tests.factories.registry import PatientFactory
from tests.factories.staff import UserFactory
from tests.knowledge.test_site_instruments import RIDES, SCORING
from tests.made_up_language import made_up_language

pytestmark = pytest.mark.django_db
TRAVEL = copy.deepcopy(RIDES) | {"url": "https://river.example/fhir/Questionnaire/4711"}
TRAVEL["item"].append(
    {"linkId": "with", "text": "Who goes with you?", "type": "open-choice",
     "answerOption": [{"valueCoding": {"code": "nobody", "display": "Nobody"}}]}
)  # fmt: skip


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    """A home of its own for each test, so that nothing lies on the shelf."""
    monkeypatch.setenv("CAREWRIGHT_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def boss():
    return UserFactory(role="supervisor")


def load(boss, resource=TRAVEL, scoring=SCORING):
    return loading.load(
        content=json.dumps(resource).encode(), name="rides.json", by=boss,
        scoring=json.dumps(scoring).encode() if scoring else None,
    )  # fmt: skip


def test_a_supervisor_loads_it_on_the_page_and_a_nurse_asks_it(client, as_role):
    as_role("supervisor")
    files = {
        "questionnaire": SimpleUploadedFile("rides.json", json.dumps(TRAVEL).encode()),
        "scoring": SimpleUploadedFile("s.json", json.dumps(SCORING).encode()),
    }
    said = client.post("/assessments/questionnaires/load", files, follow=True)
    assert "Rides at Riverside, version 3, with 6 questions, is loaded." in said.content.decode()
    assert Entry.objects.filter(did="load_questionnaire", what="questionnaire:river-rides").count() == 1
    nurse, patient = as_role("care_manager"), PatientFactory()
    begin = {"kind": "river-rides", "reason": "initial", "mode": "phone"}
    page = client.post(f"/patients/{patient.public_id}/assessments", begin, follow=True)
    shown = page.content.decode()
    assert "Do you have a car?" in shown and "How do you get around?" not in shown, "enableWhen"
    made = patient.assessments.get()
    address = f"/assessments/{made.public_id}/section/river-rides"

    def save(**given):
        data = {"a:river-rides:" + link: value for link, value in given.items()}
        for link in ("car", "how", "what", "missed", "either", "with"):
            row = Answer.objects.filter(assessment=made, link_id=link, replaced_at__isnull=True).first()
            data[f"seen:river-rides:{link}"] = str(row.public_id) if row else ""
        return client.post(address, data, follow=True).content.decode()

    shown = save(car="false")
    assert "Without a car" in shown and "How do you get around?" in shown, "a group with its heading"
    save(car="false", how=["bus", "other"], missed="s")
    shown = save(car="false", how=["bus", "other"], what="My neighbor", missed="s", **{"with": "My sister"})
    assert 'value="My sister"' in shown, "words of their own beside the list"
    given = results.sheet_of(made).given["river-rides"]
    assert given == {"car": False, "how": ("bus", "other"), "what": "My neighbor", "missed": "s", "with": "My sister"}
    save(car="false", how=["bus", "other"], what="My neighbor", missed="s", **{"with": ["nobody", "My sister"]})
    assert results.sheet_of(made).given["river-rides"]["with"] == "nobody", "what was chosen last stands"
    client.post(f"{address}/close", {"status": "done"})
    actions.finish(assessment=made, by=nurse, at=timezone.now())
    assert ScoreResult.objects.get(assessment=made).value == 2
    needs = queries.needs_for(patient, date.today(), hidden_tags=frozenset())
    assert [seen.need.code for seen in needs] == ["transportation-insecurity"]
    assert "Rides at Riverside" in client.get(f"/patients/{patient.public_id}/assessments").content.decode()
    assert client.get("/assessments/blank/river-rides").status_code == 200


def test_a_required_question_keeps_its_section_open(boss):
    load(boss)
    made = begun(kind="river-rides")
    with pytest.raises(Exception, match="1 required question is open: Do you have a car"):
        actions.set_section(assessment=made, code="river-rides", status="done", by=boss, at=timezone.now())


def test_answers_that_name_its_address_are_received(boss):
    load(boss)
    assert shelf.named("https://river.example/fhir/Questionnaire/4711|3").code == "river-rides"
    patient = PatientFactory()
    receiving.receive(
        patient=patient, instrument="river-rides", answers={"car": True, "missed": "s"}, by="system:fhir",
        at=timezone.now(),
    )  # fmt: skip
    assert ScoreResult.objects.get(patient=patient).value == 2


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda q: q.update(id="phq-9"), "a name no other instrument has"),
        (lambda q: q["item"][1].update(repeats=True), "a repeating group"),
        (lambda q: q["item"][0].update(type="attachment"), "expected one of group, display"),
        (lambda q: q.pop("copyright"), "on what terms its text is used"),
        (lambda q: q["item"].append({"linkId": "car", "text": "Again?", "type": "boolean"}), "a linkId used twice"),
    ],
)
def test_a_bad_one_is_refused_in_a_sentence_and_nothing_is_laid(client, as_role, own_home, change, said):
    as_role("supervisor")
    bad = copy.deepcopy(TRAVEL)
    change(bad)
    files = {"questionnaire": SimpleUploadedFile("rides.json", json.dumps(bad).encode())}
    page = client.post("/assessments/questionnaires/load", files)
    assert page.status_code == 422 and said in page.content.decode()
    assert not list((own_home / "instruments").glob("*.json")) and shelf.site() == ()


def test_what_is_no_json_and_scoring_of_another_are_refused(boss):
    with pytest.raises(BadInput, match="a file of JSON"):
        loading.load(content=b"<Questionnaire/>", name="rides.xml", by=boss)
    with pytest.raises(BadInput, match="the scoring of river-rides"):
        load(boss, scoring={"instruments": {"other": {}}})
    with pytest.raises(BadInput, match="the linkId of a question"):
        load(boss, scoring={"scores": [{"id": "total", "method": "sum", "items": ["gone"], "least": 0, "most": 1}]})


def test_a_new_version_must_read_what_was_answered(boss):
    load(boss)
    made = begun(kind="river-rides")
    actions.answer(assessment=made, instrument="river-rides", link_id="missed", value="s", by=boss, at=timezone.now())
    newer = copy.deepcopy(TRAVEL) | {"version": "4"}
    assert load(boss, newer, scoring=None).rules.scores, "it keeps the scoring it had"
    assert [one.version for one in shelf.site()] == ["4"]
    poorer = copy.deepcopy(newer)
    poorer["item"][2]["answerOption"].pop()
    with pytest.raises(BadInput, match=r"missed: .* found 's'. Keep the questions and answers"):
        load(boss, poorer)
    without = copy.deepcopy(newer)
    del without["item"][2:4]
    with pytest.raises(BadInput, match="missed"):
        load(boss, without, scoring={"instruments": {"river-rides": {}}})
    assert [one.version for one in shelf.site()] == ["4"]


def test_a_file_that_somebody_laid_there_broken_takes_nothing_from_the_others(boss, own_home, client, as_role):
    load(boss)
    (own_home / "instruments" / "half.json").write_text('{"resourceType": "Questionnaire"')
    assert [one.code for one in shelf.site()] == ["river-rides"]
    as_role("care_manager")
    assert "half.json: expected a file of JSON" in client.get("/assessments/questionnaires").content.decode()


def test_what_does_not_read_is_said_in_the_reader_s_language(own_home, client, as_role):
    (own_home / "instruments").mkdir()
    (own_home / "instruments" / "half.json").write_text('{"resourceType": "Questionnaire"')
    as_role("supervisor")
    bad = copy.deepcopy(TRAVEL)
    bad["item"][1]["repeats"] = True
    with made_up_language():
        files = {"questionnaire": SimpleUploadedFile("rides.json", json.dumps(bad).encode())}
        page = html.unescape(client.post("/assessments/questionnaires/load", files).content.decode())
    assert (
        ", repeats: expected ⟦a group asked once⟧, found '⟦a repeating group⟧'.⟧ ⟦Let its questions repeat instead.⟧"
    ) in page
    assert "⟦half.json: expected ⟦a file of JSON⟧, found " in page, "what the reader of JSON says stays as it is"


def test_answers_whose_form_is_gone_stay_to_be_read_and_break_no_page(boss, own_home, client, as_role):
    load(boss)
    patient = PatientFactory()
    made = receiving.receive(
        patient=patient, instrument="river-rides", answers={"car": True, "missed": "s"}, by="system:fhir",
        at=timezone.now(),
    ).assessment  # fmt: skip
    (own_home / "instruments" / "river-rides.json").write_text("{")
    as_role("care_manager")
    assert queries.needs_for(patient, date.today()) == ()
    assert "river-rides" in client.get(f"/patients/{patient.public_id}/assessments").content.decode()
    text = client.get(f"/assessments/{made.public_id}").content.decode()
    assert "missed" in text and "2" in text
    assert client.get(f"/patients/{patient.public_id}/plan").status_code == 200
    load(boss)
    assert [one.need.code for one in queries.needs_for(patient, date.today())] == ["transportation-insecurity"]


def test_a_nurse_reads_the_shelf_and_does_not_load(client, as_role):
    as_role("care_manager")
    page = client.get("/assessments/questionnaires").content.decode()
    assert "Patient Health Questionnaire 9" in page and "Load your own" not in page
    assert client.post("/assessments/questionnaires/load", {}).status_code == 403


# ── official translations ──


def in_spanish(code="phq-2", **changes):
    """The shipped form with other words, as a site would load its official translation."""
    resource = json.loads((Path(instruments.__file__).parent / f"{code}.json").read_text())
    resource |= {"id": f"{code}-es", "language": "es", "derivedFrom": [resource["url"]], "title": "PHQ-2 (español)"}
    for item in resource["item"]:
        item["text"] = f"ES {item['text']}"
    for held in resource["contained"]:
        for concept in held["compose"]["include"][0]["concept"]:
            concept["display"] = f"ES {concept['display']}"
    return resource | changes


def test_an_official_translation_is_shown_to_who_speaks_it_and_scores_the_same(boss, client, as_role):
    load(boss, in_spanish(), scoring=None)
    nurse = as_role("care_manager")
    made = begun(by=nurse, language="Spanish", interpreter="Line 4412")
    address = f"/assessments/{made.public_id}/section/mood"
    text = client.get(address).content.decode()
    assert "ES Little interest or pleasure" in text and "ES Not at all" in text and "PHQ-2 (español)" in text
    assert "The others are in English" in text and "Interpreter: Line 4412." in text
    for link in ("/44250-9", "/44255-8"):
        actions.answer(assessment=made, instrument="phq-2", link_id=link, value=1, by=nurse, at=timezone.now())
    assert results.sheet_of(made).score("phq-2").scores["total"] == 2
    english = begun(by=nurse, language="English")
    text = client.get(f"/assessments/{english.public_id}/section/mood").content.decode()
    assert "ES Little interest" not in text and "Little interest or pleasure" in text
    assert "ES Little interest" in client.get("/assessments/blank/phq-2?language=es").content.decode()
    assert "phq-2-es" not in {one.code for one in shelf.asked()}, "it is not another questionnaire"
    assert shelf.named("https://x.example/Questionnaire/phq-2-es").code == "phq-2"


def test_a_translation_that_asks_something_else_is_refused(boss):
    other = in_spanish()
    other["contained"][0]["compose"]["include"][0]["concept"].pop()
    with pytest.raises(BadInput, match="the answers LA6568-5, LA6569-3"):
        load(boss, other, scoring=None)
    with pytest.raises(BadInput, match="an instrument we ship"):
        load(boss, in_spanish(derivedFrom=["urn:x:moca"]), scoring=None)
    less = in_spanish()
    less["item"] = [item for item in less["item"] if item["linkId"] != "/44255-8"]
    with pytest.raises(BadInput, match="the question /44255-8 of phq-2"):
        load(boss, less, scoring=None)

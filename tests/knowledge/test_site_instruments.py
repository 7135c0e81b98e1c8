"""A site's own questionnaires: read with the same care, and refused with a sentence that says how to mend them."""

import copy
import json

import pytest

from carewright.kernel.errors import BadInput
from carewright.knowledge import instruments
from carewright.knowledge.instruments import DECLINED, load_site, score, visible

RIDES = {
    "resourceType": "Questionnaire",
    "id": "river-rides",
    "version": "3",
    "title": "Rides at Riverside",
    "copyright": "Riverside Clinic, own use",
    "item": [
        {"linkId": "car", "text": "Do you have a car?", "type": "boolean", "required": True},
        {
            "linkId": "no-car", "type": "group", "text": "Without a car",
            "enableWhen": [{"question": "car", "operator": "=", "answerBoolean": False}],
            "item": [
                {
                    "linkId": "how", "text": "How do you get around?", "type": "choice", "repeats": True,
                    "answerOption": [
                        {"valueCoding": {"code": "bus"}}, {"valueCoding": {"code": "friend"}},
                        {"valueCoding": {"code": "other", "display": "Another way"}},
                    ],
                },
                {
                    "linkId": "what", "text": "Which way?", "type": "string",
                    "enableWhen": [{"question": "how", "operator": "=", "answerCoding": {"code": "other"}}],
                },
            ],
        },
        {
            "linkId": "missed", "text": "How often did you miss a visit?", "type": "choice",
            "answerOption": [
                {"valueCoding": {"code": "n", "display": "Never"}, "extension": [
                    {"url": "http://hl7.org/fhir/StructureDefinition/ordinalValue", "valueDecimal": 0}]},
                {"valueCoding": {"code": "s", "display": "Sometimes"}, "extension": [
                    {"url": "http://hl7.org/fhir/StructureDefinition/itemWeight", "valueDecimal": 2}]},
            ],
        },
        {
            "linkId": "either", "text": "Would a pass help?", "type": "boolean", "enableBehavior": "any",
            "enableWhen": [
                {"question": "how", "operator": "exists", "answerBoolean": True},
                {"question": "missed", "operator": "!=", "answerCoding": {"code": "n"}},
            ],
        },
    ],
}  # fmt: skip
SCORING = {
    "instruments": {
        "river-rides": {
            "scores": [{"id": "total", "method": "sum", "items": ["missed"], "least": 0, "most": 2}],
            "positive": {"score": "total", "least": 2},
            "needs": [{"need": "transportation-insecurity", "when": {"score": "total", "least": 2}, "z": ["Z59.82"]}],
        }
    }
}


@pytest.fixture
def load(tmp_path):
    def lay(*resources, scoring=None):
        for number, resource in enumerate(resources):
            text = resource if isinstance(resource, str) else json.dumps(resource)
            (tmp_path / f"q{number}.json").write_text(text)
        if scoring:
            (tmp_path / "scoring.json").write_text(json.dumps(scoring))
        return load_site(tmp_path)

    return lay


def test_a_site_asks_and_scores_its_own(load):
    (rides,) = load(RIDES, scoring=SCORING)
    assert rides.is_from_site and rides.licence == "Riverside Clinic, own use"
    assert instruments.get("river-rides", (rides,)) is rides
    assert rides in instruments.catalog((rides,))
    made = score(rides, {"car": False, "how": ["bus"], "missed": "s"})
    assert (made.scores, made.positive) == ({"total": 2}, True)
    assert made.needs[0].z_codes == ("Z59.82",)


def test_groups_conditions_and_repeats(load):
    (rides,) = load(RIDES)
    assert visible(rides, {}) == {"car", "missed"}
    assert visible(rides, {"car": True, "how": ("other",)}) == {"car", "missed"}
    assert visible(rides, {"car": False}) == {"car", "missed", "no-car", "how", "what"} - {"what"}
    assert visible(rides, {"car": False, "how": ("bus", "other")}) == {
        "car",
        "missed",
        "no-car",
        "how",
        "what",
        "either",
    }
    assert "either" in visible(rides, {"missed": "s"})
    assert "either" not in visible(rides, {"missed": "n"})
    assert "either" not in visible(rides, {"missed": DECLINED})


def test_an_empty_or_missing_folder_adds_nothing(tmp_path):
    assert load_site(tmp_path) == ()
    assert load_site(tmp_path / "nothing") == ()


def broken(change):
    """RIDES with one thing wrong."""
    resource = copy.deepcopy(RIDES)
    change(resource)
    return resource


def option(code):
    return {"valueCoding": {"code": code}}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda q: q.update(resourceType="Patient"), "expected a FHIR Questionnaire, found 'Patient'"),
        (lambda q: q.update(id="My Form"), "a short name in small letters"),
        (lambda q: q.pop("copyright"), "copyright: expected on what terms its text is used"),
        (lambda q: q.pop("title"), "expected a title"),
        (lambda q: q.update(item=[]), "expected at least one question"),
        (lambda q: q.update(item={}), "expected a list"),
        (lambda q: q["item"].append({"text": "x", "type": "string"}), "a question with a linkId"),
        (lambda q: q["item"].append({"linkId": "z", "type": "string"}), "the words of the question"),
        (lambda q: q["item"].append({"linkId": "car", "text": "x", "type": "string"}), "a linkId used twice"),
        (lambda q: q["item"][0].update(type="attachment"), "expected one of group, display, choice"),
        (lambda q: q["item"][1].update(repeats=True), "Let its questions repeat instead"),
        (lambda q: q["item"][2].pop("answerOption"), "expected answers to choose from"),
        (lambda q: q["item"][2].update(answerOption=[option("a"), option("a")]), "each answer once"),
        (lambda q: q["item"][2].update(answerOption=[{"valueDate": "2026-01-01"}]), "an answer with a code"),
        (lambda q: q["item"][2].update(answerValueSet="http://x"), "a value set contained in the same file"),
        (
            lambda q: q["item"][1]["enableWhen"][0].update(question="bike"),
            "enableWhen: expected the linkId of a question",
        ),
        (lambda q: q["item"][1]["enableWhen"][0].update(operator="like"), "expected one of exists, =, !="),
        (lambda q: q["item"][1]["enableWhen"][0].pop("answerBoolean"), "the answer it waits for"),
        (
            lambda q: q["item"][1]["item"][1]["enableWhen"][0].update(answerCoding={"code": "train"}),
            "an answer of that question",
        ),
        (
            lambda q: q["item"][0].update(
                enableWhen=[{"question": "how", "operator": "exists", "answerBoolean": True}]
            ),
            "questions that do not wait for each other",
        ),
        (lambda q: q.update(id="phq-9"), "a name no other instrument has"),
    ],
)
def test_what_cannot_be_kept_to_is_refused_with_a_sentence(load, change, said):
    with pytest.raises(BadInput, match=said):
        load(broken(change))


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (
            {"scores": [{"id": "t", "method": "mean", "items": ["missed"], "least": 0, "most": 2}]},
            "sum, product or value",
        ),
        ({"scores": [{"id": "t", "method": "sum", "items": ["how"], "least": 0, "most": 2}]}, "points on every answer"),
        (
            {"scores": [{"id": "t", "method": "sum", "items": ["bike"], "least": 0, "most": 2}]},
            "the linkId of a question",
        ),
        (
            {"scores": [{"id": "t", "method": "value", "items": ["missed", "missed"], "least": 0, "most": 2}]},
            "one question",
        ),
        ({"scores": [{"id": "t"}]}, "the word 'method'"),
        ({"positive": {"score": "sum", "least": 1}}, "one of the scores"),
        ({"positive": {"answer": "how", "is": ["train"]}}, "an answer this question allows"),
        ({"positive": {"answer": "how", "equals": 1}}, "a condition made of"),
        ({"positive": {"weather": "rain"}}, "a condition made of"),
        ({"bands": [{"code": "a", "least": 0, "most": 2}, {"code": "b", "least": 2, "most": 3}]}, "do not overlap"),
        (
            {"alerts": [{"code": "a", "title": "A", "when": {"fact": "x"}, "severity": "huge", "due": "now"}]},
            "critical",
        ),
        ({"exclusive": {"how": "walk"}}, "an answer this question allows"),
    ],
)
def test_scoring_that_does_not_fit_the_questions_is_refused(load, said, sentence):
    with pytest.raises(BadInput, match=sentence):
        load(RIDES, scoring={"instruments": {"river-rides": said}})


def test_two_files_with_one_name_scoring_without_a_form_and_a_file_that_is_not_json(load):
    with pytest.raises(BadInput, match="a name no other instrument has"):
        load(RIDES, RIDES)
    with pytest.raises(BadInput, match="the id of a Questionnaire in the same folder"):
        load(RIDES, broken(lambda q: q.update(id="two")), scoring={"instruments": {"three": {}}})
    with pytest.raises(BadInput, match="expected a file of JSON"):
        load("{")
    with pytest.raises(BadInput, match="one JSON object"):
        load("[]")


def test_answers_of_the_other_kinds(load):
    extra = {
        "resourceType": "Questionnaire", "id": "kinds", "version": "1", "title": "Kinds", "copyright": "own",
        "item": [
            {"linkId": "day", "text": "When?", "type": "date"},
            {"linkId": "yes", "text": "Well?", "type": "boolean"},
            {"linkId": "kg", "text": "Weight?", "type": "decimal",
             "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/minValue", "valueDecimal": 1.5}]},
            {"linkId": "kind", "text": "Which?", "type": "open-choice", "answerOption": [{"valueString": "A"}]},
            {"linkId": "late", "text": "Why?", "type": "text",
             "enableWhen": [{"question": "kg", "operator": ">=", "answerDecimal": 90}]},
            {"linkId": "light", "text": "Why?", "type": "text",
             "enableWhen": [{"question": "kg", "operator": "<", "answerDecimal": 40}]},
        ],
    }  # fmt: skip
    (kinds,) = load(extra)
    read = instruments.read(kinds, {"day": "2026-02-28", "yes": "no", "kg": "91.5", "kind": "another", "late": " "})
    assert read == {"day": "2026-02-28", "yes": False, "kg": 91.5, "kind": "another"}
    assert "late" in visible(kinds, read) and "light" not in visible(kinds, read)
    for link, raw, said in (
        ("day", "02/28/2026", "a date written YYYY-MM-DD"),
        ("yes", "perhaps", "yes or no"),
        ("kg", 1, "a number of 1.5 or more"),
        ("kind", "", ""),
    ):
        if said:
            with pytest.raises(BadInput, match=said):
                instruments.read(kinds, {link: raw})
        else:
            assert instruments.read(kinds, {link: raw}) == {}

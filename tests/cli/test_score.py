"""`score`: the command answers what the page answers, and refuses with one sentence."""

import json

import pytest

from carewright.cli import main


@pytest.fixture
def say(capsys, tmp_path):
    def run(instrument, content, *words):
        path = tmp_path / "answers.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        status = main.main(["score", instrument, str(path), *words])
        out, err = capsys.readouterr()
        return status, out, err

    return run


def test_a_response_comes_back_scored_as_one_object(say):
    answers = {f"/{code}": "LA6569-3" for code in ("44250-9", "44255-8", "44259-0", "44254-1", "44251-7", "44258-2")}
    answers |= {"/44252-5": "LA6568-5", "/44253-3": "LA6568-5", "/44260-8": "LA6569-3"}
    response = {
        "resourceType": "QuestionnaireResponse",
        "item": [{"linkId": link, "answer": [{"valueCoding": {"code": code}}]} for link, code in answers.items()],
    }
    status, out, _err = say("phq-9", response, "--json")
    found = json.loads(out)
    assert status == 0
    assert set(found) >= {"instrument", "complete", "scores", "band", "needs", "safety"}
    assert (found["instrument"], found["complete"], found["scores"], found["band"]) == (
        "phq-9",
        True,
        {"total": 7},
        "mild",
    )
    assert [alert["id"] for alert in found["safety"]] == ["phq9-item9"]
    assert any("988" in step for step in found["safety"][0]["steps"])
    assert json.loads(say("phq-9", answers, "--json")[1]) == found


def test_in_words_for_a_person(say):
    status, out, _err = say("phq-9", {"/44260-8": 2})
    assert status == 0
    assert "not scored" in out and "SAFETY (critical, same day)" in out and "call or text 988" in out


@pytest.mark.parametrize(("sex", "positive"), [("male", False), ("female", True)])
def test_sex_and_age_beside_the_answers_or_as_options(say, sex, positive):
    answers = {"/68518-0": 1, "/68519-8": 1, "/68520-6": 1}
    assert json.loads(say("audit-c", answers, "--json", "--sex", sex)[1])["positive"] is positive
    assert json.loads(say("audit-c", answers | {"sex": sex, "age": 40}, "--json")[1])["positive"] is positive


@pytest.mark.parametrize(
    ("instrument", "content", "words", "sentence"),
    [
        ("phq-9", "{", (), "expected JSON"),
        ("phq-9", "[1]", (), "expected one JSON object"),
        ("phq-9", {"/44260-8": "maybe"}, (), "expected one of LA6568-5"),
        ("phq-9", {"/0": 1}, (), "expected a question of phq-9"),
        ("phq-8", {}, (), "No instrument is called 'phq-8'"),
        ("phq-9", {}, ("--age", "11"), "made for people of 18 and older; this person is 11"),
        ("phq-9", {"age": 11}, (), "this person is 11"),
        ("phq-9", {"age": "eleven"}, (), "a whole number of years"),
        ("phq-9", {"sex": "m"}, (), "expected one of male, female"),
        ("phq-9", {}, ("--on", "yesterday"), "a date written YYYY-MM-DD"),
        ("phq-9", {}, ("--site", "/nowhere/at/all"), "is not a folder"),
    ],
)
def test_a_refusal_is_one_sentence_and_exit_2(say, instrument, content, words, sentence):
    status, out, err = say(instrument, content, *words)
    assert (status, out) == (2, "")
    assert sentence in err and "Traceback" not in err and err.count("\n") == 1


def test_a_file_that_is_not_there(capsys):
    assert main.main(["score", "phq-9", "/nowhere/answers.json"]) == 2
    assert "cannot be read" in capsys.readouterr().err

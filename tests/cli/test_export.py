"""Every export says what it is for: a person is asked, a script may say it, and its silence is written down as such."""

import pytest

from carewright.audit.models import Entry
from carewright.cli import asking, export
from carewright.cli import main as cli
from carewright.cli.main import main
from carewright.kernel.errors import CannotDo


@pytest.fixture
def typed(monkeypatch):
    """A person at a terminal who answers this."""
    questions = []

    def answers(text):
        monkeypatch.setattr(asking, "is_watched", lambda: True)
        monkeypatch.setattr(asking, "ask", lambda question: questions.append(question) or text)
        return questions

    return answers


@pytest.fixture
def nobody(monkeypatch):
    monkeypatch.setattr(asking, "is_watched", lambda: False)
    monkeypatch.setattr(asking, "ask", lambda question: pytest.fail("a script was asked"))
    monkeypatch.setattr(asking, "os_user", lambda: "etl")


def test_a_person_is_asked_what_the_file_is_for(typed):
    questions = typed("Letters to the practices")
    assert export.purpose_of("", {}) == "Letters to the practices"
    assert questions == ["What is this file for? It is written into the access log:"]


def test_a_person_who_says_nothing_gets_nothing(typed):
    typed("")
    with pytest.raises(CannotDo, match="says what it is for"):
        export.purpose_of("", {})


@pytest.mark.parametrize(
    ("said", "environment", "purpose"),
    [
        ("Weekly triage", {"CAREWRIGHT_EXPORT_PURPOSE": "Nightly copy"}, "Weekly triage"),
        ("  ", {"CAREWRIGHT_EXPORT_PURPOSE": " Nightly copy "}, "Nightly copy"),
    ],
)
def test_a_script_says_it_with_an_option_or_a_variable(nobody, capsys, said, environment, purpose):
    assert export.purpose_of(said, environment) == purpose
    assert capsys.readouterr().err == ""


def test_a_script_that_says_nothing_goes_on_and_its_silence_is_said(nobody, capsys):
    assert export.purpose_of("", {}) == "run by a script as OS user etl, no purpose given"
    err = capsys.readouterr().err
    assert err.startswith("No purpose was given; the access log says:")
    assert "--purpose" in err
    assert "CAREWRIGHT_EXPORT_PURPOSE" in err


@pytest.mark.django_db
def test_the_log_has_the_purpose(nobody, monkeypatch, capsys, tmp_path):
    from carewright.population import tables_out

    monkeypatch.setenv("CAREWRIGHT_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("CAREWRIGHT_EXPORT_PURPOSE", raising=False)
    monkeypatch.setattr(cli, "prepare_django", lambda: None)
    monkeypatch.setattr(tables_out, "write", lambda *_, **__: 3)
    assert main(["export", "candidates"]) == 0
    assert main(["export", "candidates", "--purpose", "Weekly triage"]) == 0
    purposes = list(Entry.objects.filter(did="exported").order_by("id").values_list("purpose", flat=True))
    assert purposes == ["run by a script as OS user etl, no purpose given", "Weekly triage"]
    assert capsys.readouterr().out == "", "what is said stands on standard error"

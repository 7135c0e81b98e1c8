"""What `stratify` says when the list it made is empty, and before it puts an earlier list in the place of a later."""

from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest

from carewright.cli import asking, stratify
from carewright.cli.stratify import _agree_to_go_back, _nobody
from carewright.kernel.errors import CannotDo
from carewright.population import actions
from carewright.population.models import Run

DAY = date(2026, 11, 20)


def test_no_claims_at_all_leads_to_ingest():
    assert "No claims were received" in _nobody(DAY, None)


def test_old_claims_lead_to_the_last_day_of_their_month():
    said = _nobody(DAY, date(2018, 2, 1))
    assert "The latest claims are of February 2018" in said
    assert said.endswith("./carewright stratify --as-of 2018-02-28")


def test_fresh_claims_lead_to_what_ruled_each_person_out():
    assert "Hidden, and why" in _nobody(DAY, date(2026, 10, 1))


EARLIER = date(2018, 2, 28)


@pytest.mark.parametrize("answer", ["", "n", "no", "maybe"])
def test_a_person_is_asked_before_an_earlier_list_replaces_todays(monkeypatch, answer):
    monkeypatch.setattr(asking, "is_watched", lambda: True)
    monkeypatch.setattr(asking, "ask", lambda question: answer)
    with pytest.raises(CannotDo, match=r"as of November 20, 2026 stays in force; nothing was changed\."):
        _agree_to_go_back(EARLIER, DAY, is_agreed=False)


@pytest.mark.parametrize("answer", ["y", "Yes"])
def test_a_yes_goes_on(monkeypatch, answer):
    asked = []
    monkeypatch.setattr(asking, "is_watched", lambda: True)
    monkeypatch.setattr(asking, "ask", lambda question: asked.append(question) or answer)
    _agree_to_go_back(EARLIER, DAY, is_agreed=False)
    assert "The list in force is as of November 20, 2026." in asked[0]
    assert "counts nothing after February 28, 2018" in asked[0]


@pytest.mark.parametrize(("watched", "agreed"), [(False, False), (True, True)])
def test_a_script_and_whoever_said_replace_are_told_and_not_asked(monkeypatch, capsys, watched, agreed):
    monkeypatch.setattr(asking, "is_watched", lambda: watched)
    monkeypatch.setattr(asking, "ask", lambda question: pytest.fail("nobody answers"))
    _agree_to_go_back(EARLIER, DAY, is_agreed=agreed)
    err = capsys.readouterr().err
    assert "counts nothing after February 28, 2018 and takes its place for everyone" in err
    assert "./carewright stratify brings today's back" in err


@pytest.mark.django_db
@pytest.mark.parametrize(("as_of", "is_asked"), [("2026-11-19", True), ("2026-11-20", False), ("2026-11-21", False)])
def test_only_an_earlier_day_is_a_step_back(monkeypatch, as_of, is_asked):
    Run.objects.create(
        run_id="r1", as_of=DAY, received_at=datetime(2026, 11, 20, 12, tzinfo=UTC), received_by="x", is_current=True
    )
    asked = []
    monkeypatch.setattr(stratify, "_agree_to_go_back", lambda *days, is_agreed: asked.append(days))
    monkeypatch.setattr(actions, "stratify", lambda *_, **__: (_ for _ in ()).throw(CannotDo("that far")))
    with pytest.raises(CannotDo, match="that far"):
        stratify.run(SimpleNamespace(as_of=as_of, engine="duckdb", replace=False, wait=False))
    assert bool(asked) == is_asked

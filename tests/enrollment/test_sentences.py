"""Why somebody was not moved or not reached is kept in English, and given back in the reader's language."""

import ast
import inspect

import pytest

from carewright.enrollment import enrolling, leads, reaching, sentences
from carewright.enrollment.models import MovedEnrollment, OutreachEpisode, TriageItem
from carewright.knowledge import outreach
from carewright.knowledge.programs import PROGRAMS
from tests.made_up_language import CLOSES, OPENS, made_up_language

REFUSE = (
    enrolling.assign_lead, enrolling._must_be_open, leads.may_be_lead, leads.must_be_licensed, leads.licence_problem,
    reaching.start, reaching._heed_standing_stops,
)  # fmt: skip
FILLED = {
    "program": PROGRAMS[0].name, "day": "March 6, 2026", "until": "June 4, 2026", "person": "Maria L. Alvarez, RN",
    "state": "MA", "stopped": "Mailbox full.", "problem": "No licence for MA.",
}  # fmt: skip


def asked_for(function) -> set[str]:
    """What a function asks a translation for, as it stands in the code."""
    calls = [node for node in ast.walk(ast.parse(inspect.getsource(function))) if isinstance(node, ast.Call)]
    named = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "_"]
    return {each.value for call in named for each in call.args if isinstance(each, ast.Constant)}


@pytest.mark.parametrize("function", REFUSE, ids=lambda one: one.__name__)
def test_every_refusal_that_is_kept_is_found_again(function):
    assert asked_for(function)
    assert asked_for(function) <= set(sentences.REFUSED), "Write it in enrollment/sentences.py as well."


@pytest.mark.parametrize("words", sentences.REFUSED)
def test_it_comes_back_in_the_readers_language(words):
    kept = words % FILLED
    assert sentences.in_words(kept) == kept
    with made_up_language():
        for said in (MovedEnrollment(refused=kept).said_refused, TriageItem(note=kept).said_note):
            assert said.startswith(OPENS) and said.endswith(CLOSES)
            assert said.replace(OPENS, "").replace(CLOSES, "") == kept


@pytest.mark.parametrize("words", [*outreach.WHYS, reaching.AGREED])
def test_why_the_next_step_is_what_it_is_comes_back_too(words):
    kept = words.format(tries=3, number=2)
    with made_up_language():
        assert OutreachEpisode(next_why=kept).said_next == f"{OPENS}{kept}{CLOSES}"
        assert OutreachEpisode(outcome_words=kept).said_outcome == f"{OPENS}{kept}{CLOSES}"


def test_what_somebody_typed_stays_as_it_is():
    with made_up_language():
        assert TriageItem(note="Her son said no on Monday.").said_note == "Her son said no on Monday."
        assert OutreachEpisode(outcome_words="He moved. Ask Ann.").said_outcome == "He moved. Ask Ann."

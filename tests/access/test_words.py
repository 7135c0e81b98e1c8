"""The access log is read in words; the codes in it are ours, so each must have some."""

import re
from pathlib import Path

import pytest
from django.urls import get_resolver

from carewright.access import words
from carewright.access.models import BreakGlass
from carewright.channel import wording
from carewright.population.models import CandidateDecision
from tests.made_up_language import OPENS, made_up_language

SRC = Path(words.__file__).parents[1]
# What is done to no single patient stands in no patient's log.
ABOUT_NOBODY = {
    "added_person", "added_team", "changed_organization", "changed_role", "chose_password", "closed_account",
    "declared_protected_source", "declared_part2_source", "described_person", "described_team", "ended_part2_source",
    "joined_team", "left_team", "opened_account", "retired_column_map", "save_filter", "saved_column_map",
    "set_threshold", "set_up_organization", "end", "add_shift", "change_shift", "end_shift", "described_lead",
    "kept_licence", "made_referral_link", "ended_referral_link", "set_pager",
}  # fmt: skip
IN_ROOMS_OF = (
    "access", "registry", "chart", "population", "audit", "channel", "tasks", "contacts", "enrollment", "assessment",
    "careplan",
)  # fmt: skip


def verbs() -> set[str]:
    """Every verb that the rooms which know patients write, as it stands in their code."""
    found = set()
    for room in IN_ROOMS_OF:
        for file in (SRC / room).rglob("*.py"):
            if "migrations" not in file.parts:
                found |= set(re.findall(r'did="([a-z_0-9]+)"', file.read_text()))
    return found | {f"decide_{decision}" for decision in CandidateDecision.Decision.values}


@pytest.mark.parametrize("did", sorted(verbs() - ABOUT_NOBODY))
def test_every_verb_in_a_patients_log_has_words(did):
    assert did in words.VERBS
    assert words.verb(did)[0].isupper() and "_" not in words.verb(did)


@pytest.mark.parametrize("code", [*BreakGlass.Reason.values, *BreakGlass.Verdict.values])
def test_every_reason_has_words(code):
    assert "_" not in words.why_said(code) and code in words.WHY
    assert "_" not in words.why_said(f"broke the glass: {code}")


def test_what_a_person_typed_stays_as_it_is():
    assert words.why_said("She called twice; nobody_else was there.") == "She called twice; nobody_else was there."
    assert words.why_said("role billing may not") == "their role does not allow it"


@pytest.mark.parametrize("page", sorted(words.PAGES))
def test_every_page_with_words_is_still_there(page):
    namespace, _colon, name = page.partition(":")
    _prefix, resolver = get_resolver().namespace_dict[namespace]
    assert name in resolver.reverse_dict


def test_every_page_about_a_patient_is_named_in_words():
    def names(resolver, space: str = ""):
        for pattern in resolver.url_patterns:
            if hasattr(pattern, "url_patterns"):
                yield from names(pattern, f"{space}{pattern.namespace}:" if pattern.namespace else space)
            elif pattern.name and "public_id" in str(pattern.pattern):
                yield f"{space}{pattern.name}"

    found = set(names(get_resolver()))
    assert {"patient:glance", "people:same", "careplan:set_goal"} <= found
    assert not [name for name in found if ":" in words.page_name(name)]


def test_a_code_is_said_as_the_choice_it_was_among_its_own_thing():
    assert words.why_said("declined", "contact:7") == "Declined"
    assert words.why_said("declined", "task:7") == "The patient declined"
    assert words.why_said("busy", "task:7") == "Busy", "a contact closed it"
    assert words.why_said("died", "patient:7") == "The patient died", "all tasks of a patient were closed"
    assert words.why_said("team", "note:7") == "Team"
    assert words.why_said("enrollment ended: moved", "consent:7") == "enrollment ended: Moved away"
    assert words.why_said("step 2", "paging:7") == "step 2"
    assert words.why_said("stopped_letter", "message:7") == "Letter: you asked us to stop"
    assert words.why_said("She called twice.", "contact:7") == "She called twice."


def test_what_an_answer_showed_is_not_told_by_the_log():
    assert words.why_said("phq9_self_harm", "alarm:7") == "an answer that cannot wait"
    assert words.why_said("page_failed", "alarm:7") == "a page to a colleague failed"
    assert words.why_said("", "alarm:7") == ""


def test_reasons_are_said_in_the_reader_s_language():
    with made_up_language():
        for why, what in (
            ("busy", "contact:7"), ("step 1", "paging:7"), ("access review", "patient:7"), ("stopped_letter", "message:7"),
            ("They said yes on November 24.", "task:7"), ("hurt", "alarm:7"), ("enrollment ended: moved", "consent:7"),
        ):  # fmt: skip
            assert OPENS in words.why_said(why, what), why


def test_every_wording_that_is_sent_has_a_name():
    assert all(words.why_said(code, "message:7") != code for code in wording.BY_CODE)

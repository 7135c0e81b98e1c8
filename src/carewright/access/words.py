"""
The access log in plain words: what was done, on which page, and why.

The log itself holds short codes that never change; whoever reads it reads these words. A code without words here is
shown as it stands, with spaces; `tests/access/test_words.py` looks through the code for verbs that were forgotten.
"""

import re

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

Words = dict[str, str | Promise]

VERBS: Words = {
    "saw": gettext_lazy("Opened"),
    "saw_list": gettext_lazy("Was shown in a list"),
    "refused": gettext_lazy("Asked for it"),
    "exported": gettext_lazy("Took out a file"),
    "broke_glass": gettext_lazy("Opened in an emergency"),
    "closed_glass": gettext_lazy("Closed the emergency access"),
    "reviewed_glass": gettext_lazy("Reviewed the emergency access"),
    "tied": gettext_lazy("Gave a tie"),
    "untied": gettext_lazy("Ended a tie"),
    "add": gettext_lazy("Added the person"),
    "complete": gettext_lazy("Filled in what was missing"),
    "doubt": gettext_lazy("Marked the identity as in doubt"),
    "identify": gettext_lazy("Noted a number others know them by"),
    "recorded_related_people": gettext_lazy("Noted related people"),
    "received_people": gettext_lazy("Took over what a run says of them"),
    "received_run": gettext_lazy("Took over the ranking"),
    "retract": gettext_lazy("Took back a fact"),
    "recorded": gettext_lazy("Recorded facts"),
    "decide_accepted": gettext_lazy("Accepted as a candidate"),
    "decide_not_now": gettext_lazy("Set aside until a day"),
    "decide_excluded": gettext_lazy("Excluded as a candidate"),
    "lift_decision": gettext_lazy("Took a decision back"),
    "undo_decision": gettext_lazy("Undid a decision"),
    "replace_decision": gettext_lazy("Replaced a decision"),
    "restore_decision": gettext_lazy("Brought an earlier decision back"),
}

PAGES: Words = {
    "population:candidates": gettext_lazy("Candidates"),
    "population:export": gettext_lazy("Candidates, as a file"),
    "population:decide": gettext_lazy("Candidates"),
    "population:lift": gettext_lazy("Why is this person here?"),
    "population:why": gettext_lazy("Why is this person here?"),
    "population:facts": gettext_lazy("Facts behind it"),
    "population:people": gettext_lazy("Population list"),
    "web:search": gettext_lazy("Find a patient"),
    "access:patient_log": gettext_lazy("Who looked"),
    "access:patient_log_file": gettext_lazy("Who looked, as a file"),
    "access:review": gettext_lazy("Access review"),
    "access:review_glass": gettext_lazy("Review of an emergency access"),
    "access:emergency": gettext_lazy("Emergency access"),
    "access:opened": gettext_lazy("Emergency access"),
    "access:close": gettext_lazy("Emergency access"),
}

WHY: Words = {
    "medical_emergency": gettext_lazy("medical emergency"),
    "safety": gettext_lazy("immediate danger to somebody"),
    "unexpected_contact": gettext_lazy("on the phone or at the door, and needed help at once"),
    "cover": gettext_lazy("covering for a colleague"),
    "justified": gettext_lazy("justified"),
    "not_justified": gettext_lazy("not justified"),
    "no tie": gettext_lazy("not their patient"),
    "no such patient": gettext_lazy("no such patient"),
    "break-glass is read-only": gettext_lazy("emergency access is for reading only"),
}

EMERGENCY = "broke the glass: "
ROLE_MAY_NOT = re.compile(r"role \w+ may not")


def verb(did: str) -> str:
    """What was done: "Opened", "Took out a file"."""
    return str(VERBS.get(did, did.replace("_", " ").capitalize()))


def page_name(page: str) -> str:
    """A page as its title says it; one without words here is shown as the log holds it."""
    return str(PAGES.get(page, page))


def why_said(why: str) -> str:
    """
    The reason that was given, in words.

    Reasons typed by a person are sentences already and stay as they are.
    """
    if why.startswith(EMERGENCY):
        code = why.removeprefix(EMERGENCY)
        return _("emergency access: %s") % WHY.get(code, code)
    if ROLE_MAY_NOT.fullmatch(why):
        return _("their role does not allow it")
    return str(WHY.get(why, why))

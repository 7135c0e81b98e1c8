"""
The access log in plain words: what was done, on which page, and why.

The log itself holds short codes that never change; whoever reads it reads these words. A code without words here is
shown as it stands, with spaces; `tests/access/test_words.py` looks through the code for verbs that were forgotten.
"""

import re
from collections.abc import Callable, Iterator

from django.apps import apps
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
    "closed_lists": gettext_lazy("Closed the lists until the next run"),
    "retract": gettext_lazy("Took back a fact"),
    "recorded": gettext_lazy("Recorded facts"),
    "decide_accepted": gettext_lazy("Accepted as a candidate"),
    "decide_not_now": gettext_lazy("Set aside until a day"),
    "decide_excluded": gettext_lazy("Excluded as a candidate"),
    "lift_decision": gettext_lazy("Took a decision back"),
    "undo_decision": gettext_lazy("Undid a decision"),
    "replace_decision": gettext_lazy("Replaced a decision"),
    "restore_decision": gettext_lazy("Brought an earlier decision back"),
    "accept_alarm": gettext_lazy("Took an alarm on"),
    "add_contact_point": gettext_lazy("Added a phone or email"),
    "add_related_person": gettext_lazy("Added somebody beside them"),
    "add_to_note": gettext_lazy("Added to a note"),
    "added_problem": gettext_lazy("Put a problem on the plan"),
    "added_step": gettext_lazy("Agreed on a next step"),
    "allow_contact": gettext_lazy("Allowed contact again"),
    "amend_assessment": gettext_lazy("Added to a finished assessment"),
    "assessment_stands_again": gettext_lazy("Let received answers count again"),
    "answer": gettext_lazy("Answered a question of the assessment"),
    "answer_kept_aside": gettext_lazy("An answer was kept aside, because a colleague answered first"),
    "answered": gettext_lazy("Answered"),
    "applied_caseload_row": gettext_lazy("Applied a row of a caseload file"),
    "asked_to_move_patients": gettext_lazy("Asked for patients to go to another lead"),
    "asked_for_call_back": gettext_lazy("Asked to be called back"),
    "assigned_lead": gettext_lazy("Named who leads"),
    "began_outreach": gettext_lazy("Began to try to reach them"),
    "book_minutes": gettext_lazy("Booked minutes"),
    "called_anyway": gettext_lazy("Called somebody who is not to be contacted, with a reason"),
    "carry_warning": gettext_lazy("Kept what the other record warned of"),
    "give_back_warning": gettext_lazy("Took back what another record had warned of"),
    "close_alarm": gettext_lazy("Closed an alarm"),
    "close_task": gettext_lazy("Closed a reminder"),
    "confirm_adult": gettext_lazy("Said how they know that this is an adult"),
    "confirm_answer": gettext_lazy("Confirmed an answer"),
    "confirm_fact": gettext_lazy("Confirmed a fact from the records"),
    "confirmed_death": gettext_lazy("Confirmed the death"),
    "consent_ended": gettext_lazy("A consent ended"),
    "consented": gettext_lazy("Wrote down a yes"),
    "consented_to_share": gettext_lazy("Wrote down to whom we may tell"),
    "correct_contact": gettext_lazy("Corrected a contact"),
    "correct_facts": gettext_lazy("Corrected details"),
    "correct_related_person": gettext_lazy("Corrected details of somebody beside them"),
    "death_was_wrong": gettext_lazy("Found a reported death wrong"),
    "declined": gettext_lazy("Wrote down a no"),
    "deliver": gettext_lazy("Handed a message to its carrier"),
    "delivered": gettext_lazy("A message arrived"),
    "describe_contact_point": gettext_lazy("Described a phone or email"),
    "disclosed": gettext_lazy("Told somebody outside"),
    "done_step": gettext_lazy("Finished a next step"),
    "dropped_step": gettext_lazy("Dropped a next step"),
    "end_authority": gettext_lazy("Ended an authority"),
    "ended_goal": gettext_lazy("Ended a goal"),
    "ended_pause": gettext_lazy("Ended a pause"),
    "enrolled": gettext_lazy("Enrolled them"),
    "escalate_task": gettext_lazy("Said that a reminder cannot wait"),
    "finish_assessment": gettext_lazy("Finished an assessment"),
    "flag_right": gettext_lazy("Found a number right again"),
    "flag_wrong": gettext_lazy("Flagged a number as wrong"),
    "give_authority": gettext_lazy("Gave somebody an authority"),
    "give_back": gettext_lazy("Gave details back to the other record"),
    "hand_over_task": gettext_lazy("Handed a reminder over"),
    "handed_over_outreach": gettext_lazy("Handed the calls over"),
    "held_outreach": gettext_lazy("Let the calls rest"),
    "hold_person": gettext_lazy("Held somebody away from them"),
    "imported_consent": gettext_lazy("Took a consent over from a file"),
    "join_records": gettext_lazy("Joined two records"),
    "joined_into": gettext_lazy("Their record was joined with another"),
    "joined_triage": gettext_lazy("Joined a referral to one that waits"),
    "left_need_off": gettext_lazy("Left a need off the plan, with a reason"),
    "let_stand": gettext_lazy("Left what is on the record as it was"),
    "lift_hold": gettext_lazy("No longer holds somebody away"),
    "lift_stop": gettext_lazy("Lifted a request for no more texts"),
    "message_failed": gettext_lazy("A message could not be delivered"),
    "move_task": gettext_lazy("Agreed on another moment for a reminder"),
    "needs_no_licence": gettext_lazy("Said that somebody's work needs no licence"),
    "not_taken": gettext_lazy("A carrier did not take a message"),
    "note_failed_page": gettext_lazy("A page to a colleague failed"),
    "open_task": gettext_lazy("Opened a reminder"),
    "opened_triage": gettext_lazy("Put them on the triage list"),
    "page": gettext_lazy("Told a colleague of an alarm"),
    "pause_task": gettext_lazy("Let a reminder rest"),
    "paused": gettext_lazy("Paused the enrollment"),
    "planned_outreach": gettext_lazy("Planned the next attempt"),
    "raise_alarm": gettext_lazy("Raised an alarm"),
    "receive_assessment": gettext_lazy("Received answers from another system"),
    "received_text": gettext_lazy("Received a text"),
    "recognized": gettext_lazy("Recognized them by a number"),
    "record_contact": gettext_lazy("Wrote down a contact"),
    "release": gettext_lazy("Asked the gate again about a message"),
    "released_outreach": gettext_lazy("Went on with the calls"),
    "reopened_refusal": gettext_lazy("Opened a no again"),
    "replace_answer": gettext_lazy("Replaced an answer"),
    "reported_death": gettext_lazy("Reported a death"),
    "reported_death_again": gettext_lazy("Reported a death again"),
    "resolved_problem": gettext_lazy("Resolved a problem"),
    "resume_task": gettext_lazy("Brought a reminder back"),
    "resumed": gettext_lazy("Resumed the enrollment"),
    "revoked_sharing": gettext_lazy("Took a consent to share back"),
    "reworded_goal": gettext_lazy("Changed a goal"),
    "said_who": gettext_lazy("Said whom a referral is about"),
    "send": gettext_lazy("Asked the gate to send something"),
    "sent": gettext_lazy("Sent a message"),
    "separated": gettext_lazy("Separated two records"),
    "set_address": gettext_lazy("Wrote down an address"),
    "set_death": gettext_lazy("Wrote down a date of death"),
    "set_goal": gettext_lazy("Set a goal"),
    "set_preference": gettext_lazy("Wrote down how they wish to be treated"),
    "set_section": gettext_lazy("Closed or opened a section of the assessment"),
    "snooze_task": gettext_lazy("Snoozed a reminder"),
    "stand_in_for_task": gettext_lazy("Let a task take the place of another"),
    "start_assessment": gettext_lazy("Began an assessment"),
    "stop_assessment": gettext_lazy("Gave an assessment up"),
    "stop_contact": gettext_lazy("Stopped contact"),
    "stop_message": gettext_lazy("Stopped a message"),
    "stopped_planning": gettext_lazy("Stopped planning attempts"),
    "suggest_match": gettext_lazy("Found that two records may be one person"),
    "take_back": gettext_lazy("Took something back"),
    "take_back_assessment": gettext_lazy("Took received answers back"),
    "take_over": gettext_lazy("Took details over from the other record"),
    "took_back_who": gettext_lazy("Took back whom a referral is about"),
    "took_over_candidate": gettext_lazy("Began with an accepted candidate"),
    "undo_join": gettext_lazy("Undid a join"),
    "void_minutes": gettext_lazy("Took booked minutes back"),
    "void_note": gettext_lazy("Said that a note does not hold"),
    "weigh_task": gettext_lazy("Said how much is lost by waiting"),
    "withdrew_consent": gettext_lazy("Wrote down that they changed their mind"),
    "write_note": gettext_lazy("Wrote a note"),
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
    "patient:glance": gettext_lazy("The patient's page"),
    "patient:story": gettext_lazy("Story"),
    "patient:medicines": gettext_lazy("Medicines"),
    "careplan:plan": gettext_lazy("Care plan"),
    "careplan:print": gettext_lazy("Care plan, on paper"),
    "contacts:of_patient": gettext_lazy("Contacts"),
    "contacts:notes": gettext_lazy("Notes"),
    "enrollment:consent": gettext_lazy("Consent"),
    "enrollment:enrollment": gettext_lazy("Enrollment"),
    "assessment:of_patient": gettext_lazy("Assessments"),
    "assessment:section": gettext_lazy("A section of the assessment"),
    "assessment:summary": gettext_lazy("An assessment"),
    "call:out": gettext_lazy("Call"),
    "call:incoming": gettext_lazy("Somebody is calling"),
    "day:day": gettext_lazy("My day"),
    "team:list": gettext_lazy("Team board, a list"),
    "people:contact": gettext_lazy("Contact details"),
    "people:same": gettext_lazy("Same person as…"),
    "people:together": gettext_lazy("Same person as…"),
    "tasks:alarm": gettext_lazy("An alarm"),
    "tasks:accept": gettext_lazy("An alarm"),
    "enrollment:triage": gettext_lazy("Triage"),
    "enrollment:triage_item": gettext_lazy("Triage"),
    "enrollment:say_who": gettext_lazy("Triage"),
    "enrollment:decide": gettext_lazy("Triage"),
    "enrollment:outreach": gettext_lazy("Outreach"),
    "enrollment:episode": gettext_lazy("Outreach"),
    "enrollment:record_attempt": gettext_lazy("Outreach"),
    "enrollment:send_letter": gettext_lazy("Outreach"),
    "enrollment:caseload": gettext_lazy("Leads"),
    "enrollment:handover": gettext_lazy("Handover list"),
    "printouts:caseload": gettext_lazy("Caseload sheet"),
}

ROOMS: Words = {
    "population": gettext_lazy("Candidates"),
    "patient": gettext_lazy("The patient's page"),
    "access": gettext_lazy("Access review"),
    "careplan": gettext_lazy("Care plan"),
    "contacts": gettext_lazy("Contacts"),
    "channel": gettext_lazy("Messages"),
    "enrollment": gettext_lazy("Enrollment"),
    "assessment": gettext_lazy("An assessment"),
    "tasks": gettext_lazy("A reminder"),
    "call": gettext_lazy("Call"),
    "day": gettext_lazy("My day"),
    "team": gettext_lazy("Team board"),
    "people": gettext_lazy("Matching"),
    "printouts": gettext_lazy("Caseload sheet"),
    "exchange": gettext_lazy("Data imports"),
    "administration": gettext_lazy("Administration"),
    "web": gettext_lazy("Find a patient"),
}
"""The room a page belongs to, for a page that has no words of its own: its forms and the steps of its buttons."""

WHY: Words = {
    "medical_emergency": gettext_lazy("medical emergency"),
    "safety": gettext_lazy("immediate danger to somebody"),
    "unexpected_contact": gettext_lazy("on the phone or at the door, and needed help at once"),
    "cover": gettext_lazy("covering for a colleague"),
    "justified": gettext_lazy("justified"),
    "not_justified": gettext_lazy("not justified"),
    "no tie": gettext_lazy("not their patient"),
    "tie is over": gettext_lazy("not their patient any more"),
    "break-glass is over": gettext_lazy("emergency access was over"),
    "not signed in anew": gettext_lazy("they had not signed in anew"),
    "nobody with exactly these details": gettext_lazy("nobody with exactly these details"),
    "wrong password": gettext_lazy("the password was not theirs"),
    "emergency not told": gettext_lazy("not all that an emergency asks for was told"),
    "joined record": gettext_lazy("the record was joined into another"),
    "no such patient": gettext_lazy("no such patient"),
    "break-glass is read-only": gettext_lazy("emergency access is for reading only"),
    "told of a safety alarm": gettext_lazy("told of a safety alarm"),
    "again": gettext_lazy("again"),
    "was given a task": gettext_lazy("was given a task"),
    "access review": gettext_lazy("access review"),
    "incoming call": gettext_lazy("incoming call"),
    "searched": gettext_lazy("searched"),
    "who is this?": gettext_lazy("who is this?"),
    "said who a referral is about": gettext_lazy("said who a referral is about"),
    "one source's numbers point to two patients": gettext_lazy("one source's numbers point to two patients"),
    "page_failed": gettext_lazy("a page to a colleague failed"),
}

PURPOSES: Words = {
    "treatment": gettext_lazy("treatment"),
    "payment": gettext_lazy("payment"),
    "operations": gettext_lazy("operations"),
    "emergency": gettext_lazy("emergency"),
    "evidence of consent": gettext_lazy("evidence of consent"),
    "paper for an outage": gettext_lazy("paper for an outage"),
}
"""What a record was opened for, where nobody typed it."""

FIXED: Words = {
    "broke the glass: ": gettext_lazy("emergency access: %s"),
    "enrollment ended: ": gettext_lazy("enrollment ended: %s"),
    "step ": gettext_lazy("step %s"),
}
"""How a reason begins that a code or a number follows."""
READERS: list[Callable[[str], object]] = []
"""How later stages read what they wrote as a reason, each handed over as its room is made ready; what is not theirs they leave."""
ROLE_MAY_NOT = re.compile(r"role \w+ may not")


def verb(did: str) -> str:
    """What was done: "Opened", "Took out a file"."""
    return str(VERBS.get(did, did.replace("_", " ").capitalize()))


def page_name(page: str) -> str:
    """A page as its title says it, or the room it belongs to; what the log names otherwise is shown as it holds it."""
    return str(PAGES.get(page) or ROOMS.get(page.partition(":")[0], page))


def purpose_said(purpose: str) -> str:
    """What a record was opened for; what a person typed stays as it is."""
    return str(PURPOSES.get(purpose, purpose))


def why_said(why: str, what: str = "") -> str:
    """
    The reason that was given, in words; `what` names the thing it was given for, as the log does.

    Reasons typed by a person are sentences already and stay as they are.
    """
    if ROLE_MAY_NOT.fullmatch(why):
        return _("their role does not allow it")
    for begins, sentence in FIXED.items():
        if (code := why.removeprefix(begins)) != why and (" " not in code or code in WHY):
            return str(sentence) % (WHY.get(code) or chosen("enrollment", code) or code)
    kind = what.partition(":")[0]
    if kind == "breakglass":
        said = WHY.get(why)
    else:
        kinds = (kind, "contact") if kind == "task" else (kind, "task") if kind == "patient" else (kind,)
        said = next((label for one in kinds if (label := chosen(one, why))), None) or WHY.get(why)
    if said is None and kind == "alarm" and why and " " not in why:
        # What an answer showed stands on the alarm, for whoever may open it; the log's readers need not know it.
        return _("an answer that cannot wait")
    return str(said or next((words for read in READERS if (words := read(why)) != why), why))


def chosen(kind: str, code: str) -> str | Promise | None:
    """What a code is called among the choices of the thing it was written for; None when it is none of them."""
    tables = [model for model in apps.get_models() if model._meta.model_name == kind]
    choices: Iterator[Words] = (
        dict(getattr(column, "flatchoices", None) or ()) for model in tables for column in model._meta.fields
    )
    return next((found[code] for found in choices if code in found), None) if code else None

"""
Calls after a hospital stay and after an emergency visit.

Read aloud: ask how they have been since they came home, whether anything is worse, whether they have and take every
medicine, whether the visit is booked and how they get there, whether what was ordered has come, and, in their words,
what would make them call. Each open answer becomes a reminder; danger is 911 first.
"""

from datetime import timedelta

from carewright.knowledge.scripts.script import GOOD_TIME, NEXT, TELL_PCP, WORRIES, Answer, Question, Script
from carewright.knowledge.source import Source

SOURCE = Source(
    title="Follow-up call after discharge: topics (AHRQ RED tool kit and CMS transitional care, gathered by us)",
    section="Follow-up call",
    edition="2026",
    confirmed=False,
    remark="Topics as gathered; the wording is ours and awaits a clinician's review.",
)

SYMPTOMS = Question(
    "symptoms",
    "How they have been since",
    "How have you been since you came home? Is anything new or worse?",
    (
        Answer("same", "Same or better"),
        Answer("worse", "Worse", flag=True, then="Ask what, since when. Tell the PCP today.", task=TELL_PCP),
        Answer(
            "danger", "Danger signs", flag=True, task=TELL_PCP,
            then="Chest pain, hard to breathe at rest, confusion, fainting, heavy bleeding: stay on the line, call 911 now.",
        ),
    ),
    has_words=True,
)  # fmt: skip
MEDICINES = Question(
    "medicines",
    "All medicines in the house",
    "Please get your medicines. Do you have all of them, also the new ones?",
    (
        Answer("yes", "Yes, all"),
        Answer("no", "No", flag=True, then="Ask which, and why: cost, no ride, did not know.", task="medicine_review"),
        Answer("unsure", "Not sure", flag=True, then="Read the list together.", task="medicine_review"),
    ),
    has_words=True,
)
VISIT = Question(
    "visit",
    "Visit booked",
    "Do you have a visit with your doctor, and how will you get there?",
    (
        Answer("yes", "Yes, with a ride"),
        Answer("no_ride", "Yes, but no ride", flag=True, then="Arrange the ride today.", task="plan_step"),
        Answer("no", "No visit", flag=True, then="Book it now, together.", task=TELL_PCP),
    ),
    has_words=True,
)
SERVICES = Question(
    "services",
    "Equipment and home services",
    "Has everything come that was ordered: equipment, home nursing, therapy?",
    (
        Answer("yes", "Yes, or nothing was ordered"),
        Answer("no", "Something is missing", flag=True, then="Ask what, and call the supplier.", task="plan_step"),
    ),
    has_words=True,
)

AFTER_DISCHARGE = Script(
    code="after_discharge",
    name="After a hospital stay",
    version="1",
    kinds=("discharge_call",),
    questions=(GOOD_TIME, SYMPTOMS, MEDICINES, VISIT, SERVICES, NEXT),
    again_after=timedelta(days=3),
    source=SOURCE,
)

AFTER_EMERGENCY = Script(
    code="after_emergency",
    name="After an emergency visit",
    version="1",
    kinds=("emergency_call",),
    questions=(GOOD_TIME, SYMPTOMS, MEDICINES, VISIT, WORRIES, NEXT),
    again_after=timedelta(days=7),
    source=SOURCE,
)

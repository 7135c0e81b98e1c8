"""
Calls to offer the program, regular calls, calls about safety, and calls that come in.

Read aloud: open questions first, the person's own words before ours; one or two things are agreed at the end, with a day.
"""

from datetime import timedelta

from carewright.knowledge.scripts.script import GOOD_TIME, NEXT, TELL_PCP, WORRIES, Answer, Question, Script
from carewright.knowledge.source import Source

SOURCE = Source(
    title="Carewright's own call scripts",
    section="Open questions for regular, offering, safety and incoming calls",
    edition="2026",
    confirmed=False,
    remark="Written by us; a clinician of the site reviews them before use.",
)

SINCE = Question(
    "since",
    "How they have been since the last call",
    "How have things been since we last talked?",
    (
        Answer("well", "Same or better"),
        Answer("worse", "Worse", flag=True, then="Ask what, since when. Tell the PCP today.", task=TELL_PCP),
        Answer(
            "danger", "Danger signs", flag=True, task=TELL_PCP,
            then="Chest pain, hard to breathe at rest, confusion, fainting: stay on the line, call 911 now.",
        ),
    ),
    has_words=True,
)  # fmt: skip
TAKING = Question(
    "taking",
    "Taking the medicines",
    "Tell me how you take your medicines. What gets in the way?",
    (
        Answer("as_meant", "As meant"),
        Answer("misses", "Misses some", flag=True, then="Ask what gets in the way.", task="medicine_review"),
        Answer("stopped", "Stopped one", flag=True, then="Ask which, since when, why.", task="medicine_review"),
    ),
    has_words=True,
)
GOAL = Question(
    "goal",
    "How the goal goes",
    "What have you done for your goal, and what would be the next small step?",
    asks="words",
)
NEEDS = Question(
    "needs",
    "Food, home, rides",
    "Do you have enough food, a safe home, and rides where you need to go?",
    (
        Answer("yes", "Yes"),
        Answer("no", "Something is missing", flag=True, then="Ask what is missing first.", task="plan_step"),
    ),
    has_words=True,
)

REGULAR = Script(
    code="regular",
    name="Regular call",
    version="1",
    kinds=("follow_up_call", "call_back", "plan_step", "review_plan"),
    questions=(GOOD_TIME, SINCE, TAKING, GOAL, NEEDS, NEXT),
    again_after=timedelta(days=7),
    source=SOURCE,
)

OFFER = Script(
    code="offer",
    name="To offer the program",
    version="1",
    kinds=("outreach_call", "take_consent"),
    questions=(
        GOOD_TIME,
        WORRIES,
        Question(
            "interest",
            "Whether they wish to join",
            "We can help with visits, medicines and daily needs. It is your choice, and you can stop any day. Would you like that?",
            (
                Answer("yes", "Yes", then="Complete the call: the page with what to say before they agree opens next."),
                Answer("thinking", "Wants to think"),
                Answer("no", "No", then="End the call with “Said no”. Nobody asks again for months, unless they do."),
            ),
        ),
        Question(
            "reach",
            "How to reach them",
            "What is the best number and time to reach you, and may we leave a message there?",
            asks="words",
        ),
    ),
    again_after=timedelta(days=7),
    source=SOURCE,
)

SAFETY = Script(
    code="safety",
    name="About safety",
    version="1",
    kinds=("safety_call",),
    questions=(
        Question(
            "alone",
            "Can talk alone",
            "Are you alone, and can you talk freely?",
            (
                Answer("yes", "Yes"),
                Answer("no", "No", flag=True, then="Ask yes-or-no questions only. Agree on a time to call back."),
            ),
        ),
        Question(
            "danger",
            "In danger now",
            "Are you in danger right now, or thinking of hurting yourself or somebody?",
            (
                Answer("no", "No"),
                Answer(
                    "yes",
                    "Yes",
                    flag=True,
                    then="Stay on the line. 911 for danger now; 988 for thoughts of suicide. Close the alarm with what was done.",
                ),
            ),
            has_words=True,
        ),
        Question("help", "Who can be with them", "Who can be with you today?", asks="words"),
    ),
    again_after=timedelta(days=1),
    source=SOURCE,
)

INCOMING = Script(
    code="incoming",
    name="They called us",
    version="1",
    kinds=(),
    questions=(
        Question("why", "Why they called", "What can I do for you today?", asks="words"),
        SINCE,
        Question(
            "agreed",
            "What was agreed",
            "Let me say what we agreed. Did I get it right?",
            asks="words",
        ),
    ),
    again_after=timedelta(days=7),
    source=SOURCE,
)

"""
What a reminder or an alarm of the house says: kept with it in English, given back in each reader's language.

Whoever opens one fills these in. What a person typed is none of them and comes back as it was typed.
"""

from datetime import date, datetime
from functools import cache

from django.utils.formats import date_format, time_format
from django.utils.translation import gettext, gettext_noop, ngettext, override

from carewright.channel import sentences as channel_sentences
from carewright.channel.models import Kind
from carewright.knowledge import consent, instruments, outreach, scripts, task_kinds
from carewright.knowledge.programs import ALL_RULES
from carewright.plumbing.wording import Group, Phrases

RENEW_YOURS = gettext_noop("Renew your licence: {licence}")
RENEW_OR_MOVE = gettext_noop("Renew the licence of {person}, or move the patients")
NO_LICENCE_THERE = gettext_noop("{person} has no licence for {state}")
CALL_ABOUT = gettext_noop("Call about {program}")
LETTER_ABOUT = gettext_noop("Send the letter about {program}")
FIND_A_WAY = gettext_noop("Find a way to reach them for {program}")
ENROLL_IN = gettext_noop("Enroll in {program}")
TAKE_OVER = gettext_noop("Take over in {program}")
ANSWERED_SO = gettext_noop("{kind}: {question}")

TITLES: Group = (
    RENEW_YOURS, RENEW_OR_MOVE, NO_LICENCE_THERE, CALL_ABOUT, LETTER_ABOUT, FIND_A_WAY, ENROLL_IN, TAKE_OVER,
    gettext_noop("Confirm a reported death"),
    gettext_noop("Write to the family"),
    gettext_noop("Coverage has ended"),
    gettext_noop("Ask the primary care provider"),
    gettext_noop("Private follow-up"),
    ANSWERED_SO,
)  # fmt: skip
"""What a reminder is called, where it is not called by the name of its kind."""

CLOCKS: Group = (gettext_noop("Sharing stops"), gettext_noop("Time to assess"))
"""The promises that end when a reminder is due."""

LICENCE_RUNS_TO = gettext_noop("It runs to {day}. After that day you cannot be given patients there.")
LICENCE_RAN_OUT = gettext_noop("{licence} ran out on {day}.")
NOBODY_IS_MOVED = gettext_noop(
    "Nobody is moved by itself: write down the licence that holds, or move them under Leads."
)
NO_COVERAGE = gettext_noop("No coverage on file runs today. Help to renew it, or end {program}.")
DEATH_REPORTED = gettext_noop("{source}. Calls, letters and reminders stand still until this is settled.")
SAID_YES = gettext_noop("They said yes on {day}.")
SHARING_ENDS = gettext_noop("Consent to share with {whom} ends {day}.")
FROM_A_CASELOAD = gettext_noop("From caseload file of {sender}, received {day}")
PLANNED_IN_A_CASELOAD = gettext_noop("Planned in caseload file of {sender}, received {day}")
TEXT_CAME_IN = gettext_noop("A text came in at {time}.")
NOT_ARRIVED = gettext_noop("{way}: {trouble}")
FOR_THE_GOAL = gettext_noop("For the goal: {goal}")
NOT_THEIR_PLACE = gettext_noop("The assessment says they do not belong in {program}: {because}")
CLOCK_HAS_RUN = gettext_noop("The clock has run since {day}.")


def LEADS(n: int) -> str:  # noqa: N802 - one of the sentences, that asks how many
    """How many patients somebody leads."""
    return ngettext("{person} leads {n} patient.", "{person} leads {n} patients.", n)


def LEADS_THERE(n: int) -> str:  # noqa: N802
    """How many patients somebody leads in a state."""
    return ngettext("{person} leads {n} patient there.", "{person} leads {n} patients there.", n)


SHOWN = gettext_noop("{instrument}: {alert}.")
ANSWER_TO_QUESTION = gettext_noop("Answer to question {number}: “{answer}”.")
ANSWER_TO = gettext_noop("Answer to “{question_text}”: “{answer}”.")
RECEIVED_FROM = gettext_noop("Received from {sender}, answered {day}.")
RECEIVED = gettext_noop("Received, answered {day}.")
DANGERS: Group = (SHOWN, ANSWER_TO_QUESTION, ANSWER_TO, RECEIVED_FROM, RECEIVED)
"""What an answer showed, one sentence after the other."""

WHYS: Group = (
    LICENCE_RUNS_TO, LICENCE_RAN_OUT, LEADS, LEADS_THERE, NOBODY_IS_MOVED, NO_COVERAGE, DEATH_REPORTED, SAID_YES,
    SHARING_ENDS, FROM_A_CASELOAD, PLANNED_IN_A_CASELOAD, TEXT_CAME_IN, FOR_THE_GOAL, NOT_THEIR_PLACE, CLOCK_HAS_RUN,
    gettext_noop("The person has died; a word of condolence is the only thing left to do."),
    gettext_noop("Before a decision in triage"),
    gettext_noop("We were told so in a contact."),
    gettext_noop("See the assessment."),
    gettext_noop("See the plan."),
    gettext_noop("They said yes. Enroll them; there is nothing more to call about."),
    *outreach.WHYS, *DANGERS, NOT_ARRIVED,
)  # fmt: skip
"""Why a reminder opened."""

PAGE_FAILED = gettext_noop("{person} could not be reached about a safety alarm: {page_trouble}")
ALARMS: Group = (PAGE_FAILED, *DANGERS)
"""What an alarm says."""

DAYS = {"%B %-d, %Y": "F j, Y", "%b %-d, %Y": "M j, Y", "%B %-d": "F j", "%b %-d": "M j"}
"""How a day may be kept inside a sentence, and how it is then shown."""
LEAP_YEAR = 2024


def _day(kept: str) -> str | None:
    for written, shown in DAYS.items():
        has_year = "%Y" in written
        try:
            text, form = (kept, written) if has_year else (f"{kept} {LEAP_YEAR}", f"{written} %Y")
            return date_format(datetime.strptime(text, form.replace("%-d", "%d")).date(), shown)  # noqa: DTZ007
        except ValueError:
            continue
    return None


@cache
def _known() -> dict[str, dict[str, str]]:
    """The words of the knowledge that are filled in, as they are kept and as the catalogue has them, by where they stand."""
    alerts = {alert.title for one in instruments.shipped().values() for alert in one.rules.alerts}
    with override(None):
        ways = {str(name): str(name) for name in Kind.labels}
    questions = {each.short for script in scripts.SCRIPTS for each in script.questions}
    return {
        "program": {program.name: program.name for program in ALL_RULES},
        "kind": {kind.name: kind.name for kind in task_kinds.KINDS},
        "question": {short.lower(): short for short in questions},
        "whom": {one.name.lower(): one.name for one in consent.RECIPIENTS},
        "way": ways,
        "alert": {title: title for title in (*alerts, instruments.NOT_SCORED)},
    }


def _of(place: str):
    def said(kept: str) -> str | None:
        words = _known()[place].get(kept)
        if words is None:
            return None
        return gettext(words).lower() if kept != words else gettext(words)

    return said


PHRASES = Phrases(
    {"day": r"[A-Z][a-z]+ \d{1,2}(?:, \d{4})?", "time": r"\d{1,2}:\d\d [AP]M", "state": "[A-Z]{2}", "n": r"\d+",
     "tries": r"\d+", "number": r"\w+"},
    {
        **{place: _of(place) for place in ("program", "kind", "question", "whom", "way", "alert")},
        "source": gettext, "day": _day, "trouble": channel_sentences.in_words, "page_trouble": channel_sentences.in_words,
        "time": lambda kept: time_format(datetime.strptime(kept, "%I:%M %p").time(), "g:i A"),  # noqa: DTZ007
    },
    other=".+",
)  # fmt: skip


def day(on: date) -> str:
    """A day as it is kept inside a sentence."""
    return f"{on:%B %-d, %Y}"


def title(kept: str) -> str:
    """
    What a reminder is called, in the reader's language.

    >>> title("Renew your licence: RN MA"), title("Bring the forms")
    ('Renew your licence: RN MA', 'Bring the forms')
    """
    if kept in _known()["kind"] or kept in _known()["alert"]:
        return gettext(kept)
    return PHRASES.one_of(kept, TITLES) or kept


def why(kept: str) -> str:
    """
    Why a reminder opened, in the reader's language.

    >>> why("They said yes on November 24."), why("Her daughter: call in the evening.")
    ('They said yes on November 24.', 'Her daughter: call in the evening.')
    """
    return PHRASES.one_after_the_other(kept, WHYS) or kept


def clock(kept: str) -> str:
    """The promise a reminder keeps, in the reader's language."""
    return PHRASES.one_of(kept, CLOCKS) or kept


def alarm(kept: str) -> str:
    """What an alarm says, in the reader's language."""
    return PHRASES.one_after_the_other(kept, ALARMS) or kept

"""
What work there is to be reminded of: who usually does it, how soon, and what is lost by waiting.

A task is a reminder, never a fact: nothing here says whether something was done, only that somebody should look.

Consequence runs from 1 (little is lost by a day) to 5 (a life or a promise to a person may be lost). Together with how
little time is left it decides the order of a day. The numbers are the house's own judgment, not read from a source: a
clinician of the site is asked to review them.
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from carewright.knowledge.source import Source

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CALLS = frozenset({"call", "video", "visit"})
WRITES = frozenset({"text", "letter", "email", "fax"})
ANY_CONTACT = CALLS | WRITES
THEIRS = frozenset({"patient", "proxy", "family"})
"""With whom one speaks when one has reached the patient, or somebody who may speak for them."""

DECIDES = frozenset({"patient", "proxy"})
ALONE = frozenset({"patient"})

SOURCE = Source(
    title="Carewright's own table of kinds of work",
    section="Order of a day: urgency times consequence (design principle 2, Order is a promise)",
    confirmed=False,
    remark="Consequences and times are ours; no published table was read. A clinician of the site reviews them.",
)


@dataclass(frozen=True)
class TaskKind:
    """
    One kind of work.

    `within` is how soon it is usually due when nobody names a moment. `kept_by` are the kinds of contact that fulfill
    it, `kept_when` whether an attempt is enough or the person must have been reached, and `kept_with` by whom; without
    `kept_by` it is closed by hand or by the stage that opened it. `lost` is what is lost by waiting, said to the person
    who has to decide. What does not `rests` stays in sight while an enrollment is paused: somebody's own words, a
    result, a danger wait for nobody's return.
    """

    code: str
    name: str
    roles: tuple[str, ...]
    within: timedelta
    consequence: int
    lost: str
    kept_by: frozenset[str] = frozenset()
    kept_when: Literal["attempt", "reached", ""] = ""
    kept_with: frozenset[str] = THEIRS
    rests: bool = True

    def __post_init__(self) -> None:
        if not 1 <= self.consequence <= 5:
            raise ValueError(f"{self.code}: a consequence runs from 1 to 5.")
        if bool(self.kept_by) != bool(self.kept_when):
            raise ValueError(f"{self.code}: say both what fulfills it and when, or neither.")

    def kept_by_contact(self, kind: str, *, reached: bool) -> bool:
        """Whether a contact of that kind, with that result, fulfills the task."""
        return kind in self.kept_by and (reached or self.kept_when == "attempt")


CARE = ("care_manager", "social_worker")

KINDS: tuple[TaskKind, ...] = (
    TaskKind(
        "safety_call", "Call about safety", CARE + ("behavioral_health_clinician",), 1 * HOUR, 5,
        "Someone may be in danger now. Each hour counts.", CALLS, "reached", kept_with=ALONE, rests=False,
    ),
    TaskKind(
        "discharge_call", "Call after a hospital stay", CARE, 2 * DAY, 5,
        "The promise is two business days after coming home; after that medicine mix-ups go unseen and it cannot be "
        "made up.",
        CALLS, "reached",
    ),
    TaskKind(
        "confirm_death", "Confirm a reported death", CARE + ("supervisor",), 1 * DAY, 5,
        "All outreach stands still. If the report is wrong, someone living is being forgotten; if it is right, a family "
        "may still get letters from others.", rests=False,
    ),
    TaskKind(
        "emergency_call", "Call after an emergency visit", CARE, 2 * DAY, 4,
        "Most return visits come in the first week.", CALLS, "reached",
    ),
    TaskKind(
        "call_back", "Call back as agreed", CARE, 1 * DAY, 4,
        "They were told when we would call. A promise not kept is how people stop picking up.", CALLS, "attempt",
    ),
    TaskKind(
        "triage_referral", "Decide on a referral", CARE + ("supervisor",), 2 * DAY, 4,
        "Somebody asked for help and hears nothing; who sent them stops sending.",
    ),
    TaskKind(
        "outreach_call", "Call to offer the program", CARE + ("community_health_worker",), 3 * DAY, 3,
        "Each week without contact makes it less likely that they say yes.", CALLS, "attempt",
    ),
    TaskKind(
        "outreach_letter", "Send a letter", CARE + ("community_health_worker", "referral_coordinator"), 2 * DAY, 2,
        "They do not learn that help is offered.", frozenset({"letter"}), "attempt",
    ),
    TaskKind(
        "take_consent", "Ask for consent", CARE, 7 * DAY, 3,
        "Nothing can begin, and nothing counts, before they have said yes.", CALLS, "reached", kept_with=DECIDES,
    ),
    TaskKind(
        "renew_consent", "Renew a consent", CARE, 30 * DAY, 3,
        "When it runs out, sharing stops that day and others lose sight of the plan.",
    ),
    TaskKind(
        "enroll_agreed", "Enroll who said yes", CARE + ("supervisor",), 2 * DAY, 4,
        "They said yes and hear nothing more. Nobody leads yet, and no clock of the program runs.",
    ),
    TaskKind(
        "begin_assessment", "Begin the assessment", CARE, 30 * DAY, 4,
        "The clock of the program runs out, and until then nobody knows what they need.",
    ),
    TaskKind(
        "finish_assessment", "Finish the assessment", CARE, 30 * DAY, 4,
        "The clock of the program runs out; answers grow old and must be asked again.",
    ),
    TaskKind(
        "reassess", "Assess again", CARE, 30 * DAY, 3,
        "The plan rests on answers that may no longer be true.",
    ),
    TaskKind(
        "settle_place", "Settle whether they stay in the program", CARE + ("supervisor",), 7 * DAY, 3,
        "They are kept in a program that is not for them, and somebody else waits for the place.",
    ),
    TaskKind(
        "ask_quality_of_life", "Ask for quality of life", CARE, 30 * DAY, 2,
        "Whether life gets better is seen only when it is asked again.",
    ),
    TaskKind(
        "follow_up_call", "Follow-up call", CARE + ("community_health_worker",), 7 * DAY, 3,
        "Small troubles grow until somebody asks.", CALLS, "reached",
    ),
    TaskKind(
        "plan_step", "Next step of the plan", CARE + ("community_health_worker", "referral_coordinator"), 14 * DAY, 3,
        "They were promised this step; the goal waits for it.",
    ),
    TaskKind(
        "review_plan", "Review the plan", CARE, 30 * DAY, 2,
        "Goals that no longer fit keep taking time that others need.",
    ),
    TaskKind(
        "new_result", "Look at a new result", CARE + ("pharmacist", "medical_director"), 1 * DAY, 4,
        "A result nobody looked at helps nobody, and may not be able to wait.", rests=False,
    ),
    TaskKind(
        "medicine_review", "Review the medicines", ("pharmacist", "care_manager"), 7 * DAY, 4,
        "Two lists that disagree are taken together.",
    ),
    TaskKind(
        "ask_pcp", "Ask the primary care provider", CARE, 3 * DAY, 3,
        "Without the answer the decision stays open.", frozenset({"call", "fax", "letter", "email"}), "attempt",
    ),
    TaskKind(
        "answer_text", "Answer a text", CARE + ("community_health_worker",), 4 * HOUR, 4,
        "Nobody else reads it. It may say that something is wrong.", CALLS | {"text"}, "attempt", rests=False,
    ),
    TaskKind(
        "failed_message", "Something could not be delivered", CARE + ("referral_coordinator",), 1 * DAY, 3,
        "They think we did not write, and we think they know.",
    ),
    TaskKind(
        "repair_contact", "Find a number or an address that works", CARE + ("community_health_worker",), 7 * DAY, 3,
        "Without a way to reach them every other task waits.",
    ),
    TaskKind(
        "confirm_identity", "Are these one person?", ("supervisor", "care_manager"), 3 * DAY, 4,
        "Facts of two people may be mixed, or one person is called twice.", rests=False,
    ),
    TaskKind(
        "coverage_lost", "Coverage has ended", CARE + ("billing",), 7 * DAY, 3,
        "Medicines and visits may already be refused at the counter.",
    ),
    TaskKind(
        "hand_over", "Take over from a colleague", CARE, 2 * DAY, 3,
        "Whoever knew the person is away; what was agreed is only on the list.",
    ),
    TaskKind(
        "other", "Something else", CARE, 7 * DAY, 2,
        "What was written in the reason.",
    ),
)  # fmt: skip

BY_CODE: dict[str, TaskKind] = {kind.code: kind for kind in KINDS}
NEVER_REST = frozenset(kind.code for kind in KINDS if not kind.rests)


AS_OTHERS_SAY: tuple[tuple[frozenset[str], str], ...] = (
    (frozenset({"discharge", "call"}), "discharge_call"), (frozenset({"discharge", "contact"}), "discharge_call"),
    (frozenset({"hospital", "call"}), "discharge_call"), (frozenset({"hospital", "contact"}), "discharge_call"),
    (frozenset({"emergency", "call"}), "emergency_call"), (frozenset({"reconcile", "medic"}), "medicine_review"),
    (frozenset({"review", "medic"}), "medicine_review"), (frozenset({"call", "back"}), "call_back"),
    (frozenset({"call"}), "follow_up_call"), (frozenset({"review", "plan"}), "review_plan"),
)  # fmt: skip
"""Beginnings of words by which a file of another system names work we know, the more particular first."""


def named_by_others(words: str) -> TaskKind:
    """
    The kind of work that somebody else's words mean; something else when we do not know them.

    >>> [named_by_others(said).code for said in ("Contact after discharge", "Call this week", "Recall the card")]
    ['discharge_call', 'follow_up_call', 'other']
    """
    said = re.findall(r"[a-z]+", words.casefold())
    for beginnings, code in AS_OTHERS_SAY:
        if all(any(word.startswith(begins) for word in said) for begins in beginnings):
            return BY_CODE[code]
    return BY_CODE["other"]


def kind_named(code: str) -> TaskKind:
    """The kind with this code; a kind that a release no longer declares still reads, as something else."""
    return BY_CODE.get(code) or BY_CODE["other"]

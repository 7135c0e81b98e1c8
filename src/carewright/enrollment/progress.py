"""How far a referral got, for whoever sent it: in a few words, and never more than they may know."""

from dataclasses import dataclass
from datetime import date, datetime

from carewright.enrollment import public_words
from carewright.enrollment.models import Consent, IncomingReferral, OutreachEpisode, TriageItem

COARSE = {"received": "received", "looking": "looking", "calling": "calling"}
Outcome = OutreachEpisode.Outcome
AFTER = {
    Outcome.ENROLLED: "joined",
    Outcome.DECLINED: "said_no",
    Outcome.WITHDREW: "said_no",
    Outcome.STOPPED: "said_no",
    Outcome.UNREACHABLE: "not_reached",
}


@dataclass(frozen=True)
class Progress:
    """One referral as its practice sees it: a first name with a letter, when it was sent, and how far it is."""

    name: str
    sent_at: datetime
    code: str
    words: str


def of(referral: IncomingReferral, *, on: date, language: str = "en") -> Progress:
    """How far a referral got, for the practice that sent it; names as they typed them, shortened."""
    code = fine(referral)
    parts = referral.person_name.split()
    name = " ".join([parts[0], *(f"{parts[-1][:1]}." for _ in parts[1:2])]) if parts else ""
    return Progress(name, referral.received_at, code, public_words.words(public_words.PROGRESS, language)[code])


def fine(referral: IncomingReferral) -> str:
    """The state a practice is told: also whether the person joined, said no or could not be reached."""
    item = _stands_for(referral.item.joined_to or referral.item)
    match item.decision:
        case None:
            return "looking" if item.patient_id else "received"
        case TriageItem.Decision.ASK_PCP:
            return "looking"
        case TriageItem.Decision.NOT_NOW:
            return "not_now"
        case TriageItem.Decision.EXCLUDED:
            return "not_eligible"
    episode = item.outreach.order_by("-opened_at", "-pk").first()
    if episode is None or episode.outcome is None:
        return "calling"
    if episode.outcome == Outcome.ENROLLED:
        standing = Consent.objects.standing().filter(patient=episode.patient_id, program=episode.program)
        return "joined" if standing.exists() else "finished"
    return AFTER.get(Outcome(episode.outcome), "finished")


def _stands_for(item: TriageItem) -> TriageItem:
    """
    The item that is decided on: of one left with a record that was joined into another, the kept record's.

    Nobody opens the joined record any more, and its sender would be told "looking" for ever.
    """
    patient = item.patient
    while patient is not None and patient.merged_into is not None:
        patient = patient.merged_into
    if patient is None or patient.pk == item.patient_id:
        return item
    return TriageItem.objects.filter(patient=patient).order_by("-opened_at", "-pk").first() or item


def coarse(referral: IncomingReferral) -> str:
    """The state anybody with the code is told; nothing in it is about the person, not even whether they said yes."""
    return COARSE.get(fine(referral), "finished")

"""Every table of this stage, by the name others import it under."""

from carewright.enrollment.models.consent import Consent, Disclosure, How, SharingConsent
from carewright.enrollment.models.enrolled import (
    CaseloadRow,
    DeathReport,
    Enrollment,
    LeadProfile,
    Pause,
)
from carewright.enrollment.models.moving import CaseloadMove, MovedEnrollment
from carewright.enrollment.models.outreach import OutreachEpisode
from carewright.enrollment.models.triage import Door, IncomingReferral, ReferralLink, TriageItem

__all__ = [
    "CaseloadMove", "CaseloadRow", "Consent", "DeathReport", "Disclosure", "Door", "Enrollment", "How", "IncomingReferral",
    "LeadProfile", "MovedEnrollment", "OutreachEpisode", "Pause", "ReferralLink", "SharingConsent", "TriageItem",
]  # fmt: skip

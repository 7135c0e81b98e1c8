"""What goes back to where it was when the call it rests on turns out to have been written down wrongly."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from carewright.contacts.models import Contact
from carewright.enrollment import reaching
from carewright.enrollment.consenting import ON_A_CALL, open_again
from carewright.enrollment.models import Consent, OutreachEpisode
from carewright.kernel.errors import NotNow

LOOKED_BACK = timedelta(days=30)


def take_back_noes(*, at: datetime, by: str) -> int:
    """
    Open again each no that rests on a call somebody has corrected since, and go on with the calls; answers how many.

    Whoever wrote a no down for the wrong patient would otherwise have closed the door on the right one.
    """
    mended = Contact.objects.filter(
        ended=Contact.Ended.DECLINED, correction__recorded_at__gt=at - LOOKED_BACK
    ).exclude(correction__ended=Contact.Ended.DECLINED)  # fmt: skip
    opened = 0
    for contact in mended.select_related("correction", "patient"):
        noes = Consent.objects.refused_on(timezone.localdate(at)).filter(
            patient=contact.patient, because=ON_A_CALL, at__gte=contact.recorded_at, at__lt=contact.correction.recorded_at
        )  # fmt: skip
        for no in noes:
            others = Contact.objects.standing().filter(patient=no.patient, ended=Contact.Ended.DECLINED)
            if others.filter(recorded_at__lte=no.at).exists():
                continue
            _take_back(no, because=contact.correction.correction_because or "corrected", by=by, at=at)
            opened += 1
    return opened


def _take_back(no: Consent, *, because: str, by: str, at: datetime) -> None:
    with transaction.atomic():
        open_again(no, because=f"The call was written down wrongly: {because}", by=by, at=at)
        last = OutreachEpisode.objects.filter(patient=no.patient, program=no.program).order_by("-opened_at").first()
        if last is None or last.outcome != OutreachEpisode.Outcome.DECLINED or last.closed_at != no.at:
            return
        owner = last.owner if last.owner is not None and last.owner.is_active else no.by
        try:
            if owner is not None:
                reaching.start(
                    patient=no.patient, program=no.program, owner=owner, by=by, on=timezone.localdate(at), at=at,
                    item=last.item, after=last,
                )  # fmt: skip
        except NotNow:
            pass  # they died or are not to be contacted: there is nothing to go on with, and the no is open again

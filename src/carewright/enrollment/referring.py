"""
What comes in at the doors: a referral is kept as it was typed, put on the triage list, and its sender gets a code.

Two referrals that say the same name and the same phone hang on one item, and so does one about somebody who is on the
list already, known for sure by a number and the birth date. Whoever sends is told the same in every case.
"""

import hashlib
import hmac
import re
import secrets
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from carewright.access.actor import acting_as
from carewright.audit import actions as audit
from carewright.enrollment.models import IncomingReferral, ReferralLink, TriageItem
from carewright.kernel.errors import BadInput, CannotDo, NotPermitted
from carewright.knowledge import referral as words
from carewright.registry import reaching
from carewright.registry.models import ContactPoint, Patient
from carewright.registry.names import name_key
from carewright.staff import roles
from carewright.staff.models import User

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Letters and digits that nobody confuses on the phone."""

PER_HOUR = {"self": 6, "provider": 30}
"""How many referrals one address may send in an hour at each public door."""

ASKED_PER_HOUR = 30
BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0\u2800")
"""Signs that count as letters or marks and draw nothing."""

LONGEST_LINK = timedelta(days=366)
LOCK = 7_301_001  # two referrals about the same person, at the same moment, wait for each other
TYPED = (
    "inside", "form_language", "person_name", "person_phone", "person_born", "person_language", "person_number",
    "for_whom", "may_leave_message", "best_time", "reasons", "how_soon", "does_know", "words", "sender_name",
    "sender_organization", "sender_phone",
)  # fmt: skip


@dataclass(frozen=True)
class Received:
    """What became of a referral: the row, the code for its sender, and whether it joined an item that was there."""

    referral: IncomingReferral
    code: str
    joined: bool


class TooMany(CannotDo):
    """One address sent more than a person would."""


def receive(
    *, door: str, at: datetime, by: User | str, came_from: str = "", link: ReferralLink | None = None,
    program: str = "", **typed,
) -> Received:  # fmt: skip
    """
    Keep what somebody sent, exactly as typed, and put it on the triage list.

    `typed` are the columns of `TYPED`; `came_from` is the network address of a public form. Raises `TooMany` when that
    address sent too much within the hour, and `BadInput` for characters that hide or turn around what is read.
    """
    unknown = set(typed) - set(TYPED)
    if unknown:
        raise TypeError(f"A referral has no {', '.join(sorted(unknown))}.")
    _refuse_hidden_characters(typed)
    digest = fingerprint("address", came_from) if came_from else ""
    if digest and too_many(digest, door, at=at):
        raise TooMany(_("Too many referrals came from this place within the hour. Please call us instead."))
    is_known_by = by if isinstance(by, User) else None
    code = new_code()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(%s)", [LOCK])
        referral = IncomingReferral(
            door=door, received_at=at, received_by=is_known_by, link=link, code_digest=fingerprint("code", code),
            came_from=digest, **typed,
        )  # fmt: skip
        referral.patient = surely(referral)
        item = _open_item(referral, at=at)
        joined = item is not None
        if item is None:
            soon = referral.how_soon == "today"
            item = TriageItem(
                patient=referral.patient, door=door, opened_at=at, is_urgent=soon, program=program,
                due_at=words.answer_by(timezone.localtime(at), referral.how_soon),
            )  # fmt: skip
            with audit.change(item, by=by, did="opened_triage"):
                pass
        else:
            _join(item, referral, at=at, by=by)
        referral.item, referral.patient = item, item.patient
        _heed_warning(referral, by=by)
        with audit.change(referral, by=by, did=f"referred_{door}"):
            pass
    return Received(referral, code, joined)


def make_link(
    *, organization: str, contact_name: str, ends_on: date, on: date, at: datetime, by: User
) -> tuple[ReferralLink, str]:
    """Give a practice its own address for referrals; answers the link and the secret part of it, which is not kept."""
    if not roles.allows(by, roles.Permission.SEE_TEAM):
        raise NotPermitted(_("A practice's own link is made by somebody who leads a team."))
    if not on <= ends_on <= on + LONGEST_LINK:
        raise CannotDo(_("Choose a last day within the next twelve months."), at="ends_on")
    code = new_code(groups=5)
    link = ReferralLink(
        organization=organization.strip(), contact_name=contact_name.strip(), starts_on=on, ends_on=ends_on,
        made_by=by, made_at=at, code_digest=fingerprint("link", code),
    )  # fmt: skip
    with audit.change(link, by=by, did="made_referral_link"):
        pass
    return link, code


def end_link(*, link: ReferralLink, at: datetime, by: User) -> ReferralLink:
    """End a practice's link: from now on its address leads nowhere."""
    if not roles.allows(by, roles.Permission.SEE_TEAM):
        raise NotPermitted(_("A practice's own link is ended by somebody who leads a team."))
    with audit.change(link, by=by, did="ended_referral_link"):
        link.ended_at = at
    return link


def link_of(code: str, *, on: date) -> ReferralLink | None:
    """The practice's link with this secret, while it holds."""
    found = ReferralLink.objects.filter(code_digest=fingerprint("link", code), ended_at__isnull=True)
    return found.filter(starts_on__lte=on, ends_on__gte=on).first()


def referral_of(code: str) -> IncomingReferral | None:
    """The referral with this code."""
    return (
        IncomingReferral.objects.filter(code_digest=fingerprint("code", code))
        .select_related("item", "item__joined_to")
        .first()
    )


def too_many(digest: str, door: str, *, at: datetime) -> bool:
    """Whether this address has used up its hour at this door."""
    sent = IncomingReferral.objects.filter(came_from=digest, received_at__gt=at - timedelta(hours=1), door=door)
    return sent.count() >= PER_HOUR.get(door, PER_HOUR["provider"])


def new_code(groups: int = 3) -> str:
    """A code for the phone: groups of four letters and digits, `K7QM-2R9D-XW4H`."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(groups))


def fingerprint(kind: str, text: str) -> str:
    """What is kept of a secret: a keyed fingerprint, the same however the code is typed."""
    plain = re.sub(r"[\s-]", "", text).upper() if kind in ("code", "link") else text
    return hmac.new(settings.SECRET_KEY.encode(), f"{kind}:{plain}".encode(), hashlib.sha256).hexdigest()[:40]


def digits(phone: str) -> str:
    """
    The last ten digits of a phone number as somebody typed it.

    >>> digits("+1 (413) 555-0123 ext. 4"), digits("none")
    ('4135550123', '')
    """
    return re.sub(r"(?i)(ext|x|#).*$|[^0-9]", lambda found: "", phone)[-10:]


def born_on(typed: str) -> date | None:
    """
    A birth date as it was typed, when it reads as one day.

    >>> born_on("3/17/1958"), born_on("1958-03-17"), born_on("in March")
    (datetime.date(1958, 3, 17), datetime.date(1958, 3, 17), None)
    """
    for form in ("%m/%d/%Y", "%Y-%m-%d", "%m-%d-%Y", "%m.%d.%Y"):
        try:
            return datetime.strptime(typed.strip(), form).date()  # noqa: DTZ007 - a day, without a time
        except ValueError:
            continue
    return None


def surely(referral: IncomingReferral) -> Patient | None:
    """Whom it is about, when a number we know and the birth date say so together; a name never decides."""
    born, number = born_on(referral.person_born), referral.person_number.strip()
    if born is None or len(number) < 4:
        return None
    alike = Q(identifiers__value=number) | Q(coverages__member_id=number)
    with transaction.atomic(), acting_as("system:referral"):
        # Looked for among everyone: of two who share a number, one in sight is not sure because the other is not.
        found = list(Patient.objects.filter(alike, born_on=born).distinct()[:2])
    if len(found) != 1 or found[0].identity_in_doubt:
        return None
    # Somebody out of sight of whoever writes it down stays a question that a person answers in triage.
    return Patient.objects.filter(pk=found[0].pk).first()


def _open_item(referral: IncomingReferral, *, at: datetime) -> TriageItem | None:
    """The item on the list that is about the same person: the same patient, or the same name and phone as typed."""
    still_open = TriageItem.objects.still_open().select_for_update(of=("self",))
    if referral.patient is not None and (found := still_open.filter(patient=referral.patient).first()):
        return found
    phone, name = digits(referral.person_phone), name_key(referral.person_name)
    if not phone or not name:
        return None
    lately = IncomingReferral.objects.filter(item__joined_to=None, received_at__gt=at - timedelta(days=180)).filter(
        Q(item__decision__isnull=True) | Q(item__decision__in=["ask_pcp", "not_now"])
    )
    for earlier in lately.select_related("item").order_by("received_at"):
        same = digits(earlier.person_phone) == phone and name_key(earlier.person_name) == name
        if same and not _contradict(earlier, referral):
            return still_open.filter(pk=earlier.item_id).first()
    return None


def _contradict(one: IncomingReferral, other: IncomingReferral) -> bool:
    """Whether the birth dates or the people they were found to be say that these are two (a father and his son)."""
    born = {found for found in (born_on(one.person_born), born_on(other.person_born)) if found}
    people = {found for found in (one.patient_id, other.patient_id) if found}
    return len(born) > 1 or len(people) > 1


def _join(item: TriageItem, referral: IncomingReferral, *, at: datetime, by: User | str) -> None:
    """Hang a referral on an item; what was set aside until a day waits again, and the earlier promise holds."""
    with audit.change(item, by=by, did="joined_triage"):
        if item.patient_id is None and referral.patient is not None:
            item.patient = referral.patient
        if item.decision == TriageItem.Decision.NOT_NOW:
            item.decision = item.decided_at = item.decided_by = item.until = None
            item.because = ""
            item.opened_at, item.due_at = at, words.answer_by(timezone.localtime(at), referral.how_soon)
        due = words.answer_by(timezone.localtime(at), referral.how_soon)
        item.due_at = min(item.due_at, due)
        item.is_urgent = item.is_urgent or referral.how_soon == "today"
    if item.patient_id:
        for earlier in item.referrals.filter(patient__isnull=True):
            with audit.change(earlier, by=by, did="recognized"):
                earlier.patient_id = item.patient_id


def _heed_warning(referral: IncomingReferral, *, by: User | str) -> None:
    """
    "No message, it is not safe" holds for a number we know from the moment it is sent, before anybody reads it.

    Nothing else that a stranger types is believed: a new number, or a message that would be safe, waits for a person.
    """
    if referral.patient is None or referral.may_leave_message is not False:
        return
    number = digits(referral.person_phone)
    known = ContactPoint.every_one.filter(patient=referral.patient, kind="phone", digits=number)
    for point in known.exclude(is_safe_for_message=False) if number else ():
        reaching.describe_contact_point(point=point, facts={"is_safe_for_message": False}, by=by)


def _refuse_hidden_characters(typed: dict) -> None:
    for column, value in typed.items():
        for text in value if isinstance(value, (list, tuple)) else [value]:
            if isinstance(text, str) and (_hides(text) or (column == "person_name" and not _shows(text))):
                raise BadInput(
                    where=column.replace("_", " "), found=_("characters that cannot be seen"),
                    expected=_("letters, digits and signs"), mend=_("Type it anew instead of pasting it."),
                )  # fmt: skip


def _hides(text: str) -> bool:
    turned = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
    return any(letter in turned or (unicodedata.category(letter) == "Cc" and letter not in "\r\n\t") for letter in text)


def _shows(name: str) -> bool:
    """Whether anything of a name is seen: one made of spaces without width is a row on the list that nobody can open."""
    return any(unicodedata.category(letter)[0] in "LNPS" and letter not in BLANK_LETTERS for letter in name)


def codes_only(given: Iterable[str], offered: Iterable[words.Choice]) -> list[str]:
    """Of the codes given, those the form offered, in its order."""
    wanted = set(given)
    return [one.code for one in offered if one.code in wanted]

"""
What an assessment learns of how somebody is called, spoken with and reached, on its way to the record of contact details.

An answer is what was said on a day; the record is what everyone goes by. So a person takes over each one by itself, and
what somebody wrote down before is shown beside it and stays until that person decides. One thing does not wait: that a
message is not safe holds for every phone from the moment it is said.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf.locale import LANG_INFO
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from carewright.assessment import shelf
from carewright.assessment.models import Answer, Assessment, Source
from carewright.assessment.safety import value_words
from carewright.kernel.errors import CannotDo, NotNow
from carewright.knowledge.instruments import DECLINED, Value
from carewright.population.codes import language_name
from carewright.registry import reaching
from carewright.registry.models import ContactPoint, FieldSource, Patient, PatientPreference
from carewright.registry.queries import said_how
from carewright.staff.models import User

COMMUNICATION = "cw-communication"
MESSAGE = "message"
CODES = {str(info["name"]).casefold(): code for code, info in LANG_INFO.items() if "name" in info and "-" not in code}


def _yes(value: Value) -> object:
    return {"yes": True, "no": False}.get(str(value))


def _language(value: Value) -> object:
    """
    A language as the record keeps it: its code where it has one, otherwise as it was said.

    >>> _language("spanish"), _language("Mixteco")
    ('es', 'Mixteco')
    """
    said = str(value).strip()
    return CODES.get(said.casefold(), said)


def _text(value: Value) -> object:
    return str(value).strip()


def _times(value: Value) -> object:
    """The parts of the day, as outreach plans by them."""
    return ", ".join(str(one) for one in value) if isinstance(value, tuple) else str(value)


@dataclass(frozen=True)
class Kind:
    """One thing that is learned: the question it is read from, how the record keeps it, and of what: a person or a phone."""

    code: str
    label: object
    instrument: str
    link_id: str
    read: Callable[[Value], object]
    of_phone: bool = False


KINDS = (
    Kind("preferred_name", _("Likes to be called"), COMMUNICATION, "preferred-name", _text),
    Kind("pronouns", _("Pronouns"), COMMUNICATION, "pronouns", _text),
    Kind("spoken_language", _("Speaks"), COMMUNICATION, "language", _language),
    Kind("needs_interpreter", _("Needs an interpreter"), COMMUNICATION, "interpreter", _yes),
    Kind("written_language", _("Reads"), COMMUNICATION, "reading-language", _language),
    Kind("best_time", _("A good time to call"), COMMUNICATION, "best-time", _times, of_phone=True),
    Kind("is_safe_for_message", _("A message may be left"), COMMUNICATION, MESSAGE, _yes, of_phone=True),
    Kind("is_shared", _("Somebody else answers this phone"), COMMUNICATION, "shared-phone", _yes, of_phone=True),
    Kind("safe_contact", _("A safe way to reach them"), COMMUNICATION, "safe-way", _text),
    Kind("vision_aid", _("Needs help to see"), "cw-senses", "vision", _yes),
    Kind("hearing_aid", _("Needs help to hear"), "cw-senses", "hearing", _yes),
)
BY_CODE = {kind.code: kind for kind in KINDS}


@dataclass(frozen=True)
class Learned:
    """
    Something that was said and that the record does not say, or says otherwise.

    `on_record` is empty where nobody wrote anything down; `recorded_by` says who did, when and from what, as far as it is
    known; `phone` is the number that it is about.
    """

    kind: Kind
    answer: Answer
    value: object
    said: str
    on_record: str
    recorded_by: str
    phone: ContactPoint | None

    @property
    def code(self) -> str:
        """The column of the record."""
        return self.kind.code

    @property
    def is_contradiction(self) -> bool:
        """Whether the record says something else."""
        return bool(self.on_record)


def of(patient: Patient, *, hidden_tags: Iterable[str]) -> list[Learned]:
    """What the latest answers say of a patient that waits for a person; what somebody wrote down later is settled."""
    latest = _latest(patient, frozenset(hidden_tags))
    wish = PatientPreference.objects.filter(patient=patient).select_related("said_to").first()
    written = {row.field: row for row in patient.field_sources.select_related("said_by")}
    phone = patient.contact_points.right().phones().in_dialing_order().first()
    found = []
    for kind in KINDS:
        answer = latest.get((kind.instrument, kind.link_id))
        about = phone if kind.of_phone else wish
        if answer is None or (kind.of_phone and phone is None):
            continue
        value, recorded = kind.read(answer.value), getattr(about, kind.code, None)
        field = reaching.field_of(phone, kind.code) if kind.of_phone and phone else kind.code
        settled = written.get(field)
        decided = settled is not None and settled.said_at >= answer.at and not _taken_at_once(kind, settled, recorded)
        if value in (None, "") or _same(kind, value, recorded) or decided:
            continue
        recorded_by = said_how(settled) if settled else _said_to(wish) if wish and not kind.of_phone else ""
        on_record = _words(kind, recorded)
        found.append(
            Learned(
                kind, answer, value, _said(kind, answer, value), on_record, recorded_by if on_record else "",
                phone if kind.of_phone else None,
            )
        )  # fmt: skip
    return found


def keep(*, patient: Patient, code: str, by: User, at: datetime) -> None:
    """Take over what was said: the record says it from now on, with the assessment as its source."""
    one = _waiting(patient, code)
    from_where = {"source": reaching.ASSESSMENT, "evidence": audit_name(one.answer.assessment)}
    if one.phone is not None:
        reaching.describe_contact_point(
            point=one.phone, facts={code: one.value}, by=by, at=max(at, one.answer.at), **from_where
        )  # type: ignore[arg-type]
    else:
        reaching.set_preference(
            patient=patient, facts={code: one.value}, by=by, at=max(at, one.answer.at), **from_where
        )  # type: ignore[arg-type]


def leave(*, patient: Patient, code: str, by: User, at: datetime) -> None:
    """Leave the record as it is: somebody looked at both and knows that it is right."""
    one = _waiting(patient, code)
    field = reaching.field_of(one.phone, code) if one.phone is not None else code
    reaching.let_stand(patient=patient, field=field, by=by, at=max(at, one.answer.at))


def beware(*, answer: Answer, by: User | str, at: datetime) -> None:
    """Where a message was said not to be safe, none is left on any phone from this moment."""
    if (answer.instrument, answer.link_id) != (COMMUNICATION, MESSAGE) or answer.value != "no":
        return
    for phone in ContactPoint.every_one.filter(patient=answer.patient, kind=ContactPoint.Kind.PHONE):
        if phone.is_safe_for_message is not False:
            reaching.describe_contact_point(
                point=phone, facts={"is_safe_for_message": False}, by=by, at=at, source=reaching.ASSESSMENT,
                evidence=audit_name(answer.assessment),
            )  # fmt: skip


def audit_name(assessment: Assessment) -> str:
    """An assessment as the record names where something is from."""
    return f"assessment:{assessment.public_id}"


def _waiting(patient: Patient, code: str) -> Learned:
    if code not in BY_CODE:
        raise CannotDo(gettext("There is no such thing to learn."))
    found = next((one for one in of(patient, hidden_tags=()) if one.code == code), None)
    if found is None:
        raise NotNow(
            gettext("There is nothing to decide here anymore: the record and the answer agree, or somebody decided.")
        )
    return found


def _latest(patient: Patient, hidden: frozenset[str]) -> dict[tuple[str, str], Answer]:
    """The latest answer to each of the questions that a person gave; what the records said themselves teaches nothing."""
    links = {(kind.instrument, kind.link_id) for kind in KINDS}
    rows = (
        Answer.objects.standing()
        .filter(patient=patient, instrument__in={code for code, _link in links}, assessment__stopped_at__isnull=True)
        .exclude(tags__overlap=sorted(hidden))
        .select_related("assessment", "by")
        .order_by("at", "pk")
    )
    found = {(row.instrument, row.link_id): row for row in rows if (row.instrument, row.link_id) in links}
    return {key: row for key, row in found.items() if row.value is not DECLINED and row.source != Source.RECORD}


def _taken_at_once(kind: Kind, settled: FieldSource, recorded: object) -> bool:
    """Whether the record says so because a "not safe" held at once; nobody has weighed it against another answer yet."""
    at_once = kind.link_id == MESSAGE and recorded is False
    return at_once and settled.source == FieldSource.Source.ASSESSMENT


def _same(kind: Kind, value: object, recorded: object) -> bool:
    if isinstance(value, str) and isinstance(recorded, str):
        if kind.read is _language:
            return language_name(value).casefold() == language_name(recorded).casefold()
        return value.casefold() == recorded.strip().casefold()
    return value == recorded


def _said(kind: Kind, answer: Answer, value: object) -> str:
    instrument = shelf.find(answer.instrument)
    if kind.read is _language or instrument is None or answer.link_id not in instrument.by_link:
        return _words(kind, value)
    return value_words(instrument, answer.link_id, answer.value)


def _words(kind: Kind, value: object) -> str:
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    return language_name(str(value or "")) if kind.read is _language else str(value or "")


def _said_to(wish: PatientPreference) -> str:
    day = date_format(timezone.localdate(wish.said_at), "M j, Y")
    return f"{wish.said_to.name}, {day}" if wish.said_to else day

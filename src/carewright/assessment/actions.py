"""
Everything that changes an assessment. One answer is one action: saved, written down, and looked at for danger.

Asking, confirming what the records say, closing a section, finishing, adding afterwards, stopping. What another system
sends is taken in by `receiving`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from carewright.assessment import learned, prefill, reminders, results, safety, shelf
from carewright.assessment.models import Addendum, Answer, Assessment, RecordedFact, Section, Source
from carewright.assessment.sheet import Sheet, age_on, day_of
from carewright.audit import actions as audit
from carewright.enrollment.models import Enrollment
from carewright.kernel.errors import CannotDo, NotNow
from carewright.knowledge import comprehensive, instruments
from carewright.knowledge.instruments import DECLINED, Instrument, Item, Value
from carewright.knowledge.programs import name_of
from carewright.registry.models import Patient
from carewright.staff.models import User
from carewright.tasks import actions as tasks
from carewright.tasks import sentences as reminding

ANY = object()
"""`seen=ANY`: the caller saw no page, so no colleague's answer can have been overlooked."""
AGE_FIRST = gettext_lazy(
    "The birth date is unknown. Ask for it and write it down, or say how you know that this is an adult: what was made "
    "for adults is asked of nobody else."
)


@dataclass(frozen=True)
class Saved:
    """
    What became of one answer.

    `answer` is the row that now stands (None when an answer was taken back); `kept_aside` is what was typed while
    `answer`, a colleague's, was there first. `raised` are the dangers this answer showed.
    """

    answer: Answer | None
    is_new: bool = True
    kept_aside: Answer | None = None
    raised: list[safety.Raised] = field(default_factory=list)


def start(
    *, patient: Patient, kind: str, by: User, at: datetime, reason: str = Assessment.Reason.INITIAL,
    mode: str = Assessment.Mode.PHONE, program: str = "", eligible_on: date | None = None, language: str = "",
    interpreter: str = "", adult_because: str = "",
) -> Assessment:  # fmt: skip
    """
    Begin an assessment, with its sections and with what the records say, waiting to be confirmed.

    Where the birth date is unknown, what was made for adults is begun only by somebody who says how they know that this
    is one.
    """
    if patient.died_on is not None:
        raise NotNow(_("This person has died; nobody is asked anymore."))
    if Assessment.objects.open().filter(patient=patient, kind=kind).exists():
        raise NotNow(_("This assessment is open already. Go on where it was left."))
    if program and kind != Assessment.COMPREHENSIVE:
        raise CannotDo(_("Only the comprehensive assessment decides about a program."))
    if kind == Assessment.COMPREHENSIVE:
        version, codes = comprehensive.VERSION, [section.code for section in comprehensive.SECTIONS]
    else:
        instrument = _may_be_asked(kind, age_on(patient.born_on, day_of(at)))
        version, codes = instrument.version, [instrument.code]
    is_unknown = patient.born_on is None
    if is_unknown and not adult_because.strip() and _is_for_adults(kind):
        raise NotNow(str(AGE_FIRST), at="adult_because")
    before = Assessment.objects.filter(patient=patient, kind=kind, finished_at__isnull=False)
    made = Assessment(
        patient=patient, kind=kind, version=version, reason=reason, mode=mode, program=program, eligible_on=eligible_on,
        language=language, interpreter=interpreter, started_at=at, started_by=by,
        follows=before.order_by("-finished_at").first(),
    )  # fmt: skip
    if is_unknown and adult_because.strip():
        made.adult_because, made.adult_at, made.adult_by = adult_because.strip(), at, by
    with transaction.atomic():
        with audit.change(made, by=by, did="start_assessment"):
            pass
        Section.objects.bulk_create(Section(assessment=made, patient=patient, code=code) for code in codes)
        prefill.fill(made, at=at, by=by)
        reminders.in_step(made, by=by, at=at)
    return made


def confirm_adult(*, assessment: Assessment, because: str, by: User, at: datetime) -> Assessment:
    """Say how we know that somebody whose birth date is unknown is an adult: what was made for adults is asked from now on."""
    assessment = _open(assessment)
    if assessment.patient.born_on is not None:
        raise NotNow(_("The birth date is known; it decides."))
    if not because.strip():
        raise CannotDo(_("Say how you know that this is an adult."), at="adult_because")
    with audit.change(assessment, by=by, did="confirm_adult", why=because.strip()):
        assessment.adult_because, assessment.adult_at, assessment.adult_by = because.strip(), at, by
    return assessment


def answer(
    *, assessment: Assessment, instrument: str, link_id: str, value: object, by: User, at: datetime,
    source: str = Source.PATIENT, seen: object = ANY,
) -> Saved:  # fmt: skip
    """
    Save one answer; None takes the one that stands back.

    Saving the same answer twice changes nothing. `seen` is the public id of the answer that was on the page (None when
    there was none): when a colleague has answered since, theirs stands, what was typed is kept aside, and both are shown.
    """
    with transaction.atomic():
        assessment = _open(assessment)
        asked = _question(assessment, instrument, link_id)
        item, section = asked.item, asked.section
        _may_be_asked(instrument, age_on(assessment.patient.born_on, day_of(at)))
        _may_be_told(item, source, by)
        read = None if value is None else instruments.one_answer(item, value, where=item.text[:60])
        sheet = results.sheet_of(assessment, on=day_of(at))
        current = sheet.standing.get((instrument, link_id)) or sheet.waiting.get((instrument, link_id))
        read = _without_exclusive(asked.instrument, item, read, current)
        if current is not None and current.confirmed_at is not None and current.value == read:
            return Saved(current, is_new=False)
        if read is None and (current is None or current.confirmed_at is None):
            return Saved(None, is_new=False)
        overlooked = seen is not ANY and (current.public_id if current else None) != _uuid(seen)
        made = _row(assessment, section, asked.instrument, item, read, source, by, at) if read is not None else None
        if overlooked and current is not None and current.confirmed_at is not None:
            if made is not None:
                made.set_aside, made.replaced_at, made.replaced_by = True, at, by
                with audit.change(made, by=by, did="answer_kept_aside"):
                    pass
                learned.beware(answer=made, by=by, at=at)
            return Saved(current, False, made, _danger(sheet, assessment, asked.instrument, item, read, by, at))
        raised = _danger(sheet, assessment, asked.instrument, item, read, by, at)
        _replace(current, made, by=by, at=at)
        _begun(section, by=by, at=at)
        return Saved(made, raised=raised)


def confirm_answer(*, answer: Answer, by: User, at: datetime) -> Answer:
    """Say that what the record answers is right; it counts from now on."""
    with transaction.atomic():
        assessment = _open(answer.assessment)
        if answer.confirmed_at is not None or answer.replaced_at is not None:
            raise NotNow(_("This answer does not wait to be confirmed."))
        instrument = shelf.get(answer.instrument)
        sheet = results.sheet_of(assessment, on=day_of(at))
        with audit.change(answer, by=by, did="confirm_answer"):
            answer.confirmed_at, answer.confirmed_by = at, by
        _danger(sheet, assessment, instrument, instrument.by_link[answer.link_id], answer.value, by, at)
        learned.beware(answer=answer, by=by, at=at)
        _begun(answer.section, by=by, at=at)
    return answer


def confirm_fact(
    *, fact: RecordedFact, response: str, by: User, at: datetime, words: str = "", source: str = Source.PATIENT
) -> RecordedFact:
    """Say of one fact from the records whether it is still right; "changed" says what changed. Never many at once."""
    with transaction.atomic():
        _open(fact.assessment)
        if response not in RecordedFact.Response.values:
            raise CannotDo(_("Choose yes, changed or not sure."))
        if response == RecordedFact.Response.CHANGED and not words.strip():
            raise CannotDo(_("Say what changed."))
        with audit.change(fact, by=by, did="confirm_fact"):
            fact.response, fact.response_words = response, words.strip()
            fact.confirmed_at, fact.confirmed_by = at, by
        _begun(fact.section, by=by, at=at)
    return fact


def set_section(
    *, assessment: Assessment, code: str, status: str, by: User, at: datetime, because: str = ""
) -> Section:
    """Close a section (done, declined, not appropriate) or open it again; each carries its own person and moment."""
    with transaction.atomic():
        assessment = _open(assessment)
        section = assessment.sections.filter(code=code).first()
        if section is None or status not in Section.Status.values or status == Section.Status.NOT_STARTED:
            raise CannotDo(_("There is no such section, or it cannot be set to that."))
        if status in Section.SKIPPED and not because.strip():
            raise CannotDo(_("Say why this section is left out."))
        if status == Section.Status.DONE:
            _nothing_left(results.sheet_of(assessment, on=day_of(at)), section)
        with audit.change(section, by=by, did="set_section", why=because.strip()):
            section.status, section.because, section.by, section.at = status, because.strip(), by, at
    return section


def finish(*, assessment: Assessment, by: User, at: datetime, verdict: str = "", because: str = "") -> Assessment:
    """
    Finish: freeze the answers, score them, and say whether the person belongs in the program, with the reason.

    Refused while a section is open; what is declined or not appropriate counts as closed. Where every section was left
    out, nobody's place in a program is confirmed by it.
    """
    with transaction.atomic():
        assessment = _open(assessment)
        titles = [
            results.title_of(assessment, section.code)
            for section in assessment.sections.order_by("pk")
            if not section.is_closed
        ]
        if titles:
            raise NotNow(
                _("Still open: %(sections)s. Finish each, or say why it is left out.")
                % {"sections": ", ".join(_(title) for title in titles)}
            )
        if assessment.program and verdict not in Assessment.Verdict.values:
            raise CannotDo(_("Say whether the person belongs in the program."))
        if assessment.program and not because.strip():
            raise CannotDo(_("Give the reason: what in the answers speaks for it."))
        if (
            verdict == Assessment.Verdict.CONFIRMED
            and not assessment.answers.standing().filter(declined=False).exists()
        ):
            raise NotNow(
                _(
                    "Nothing was answered, so nothing speaks for the program. Ask at least one section, or give the assessment up."
                )
            )
        with audit.change(assessment, by=by, did="finish_assessment", why=because.strip()):
            assessment.finished_at, assessment.finished_by = at, by
            if assessment.program:
                assessment.verdict, assessment.verdict_because = verdict, because.strip()
        results.freeze(assessment, at=at)
        reminders.in_step(assessment, by=by, at=at)
        if assessment.verdict == Assessment.Verdict.OVERTURNED:
            _settle_the_place(assessment, by=by, at=at)
    return assessment


def _settle_the_place(assessment: Assessment, *, by: User, at: datetime) -> None:
    """Who turned out not to belong in a program they are in is not put out by itself: somebody is reminded to settle it."""
    running = Enrollment.objects.at_work(day_of(at)).filter(patient=assessment.patient, program=assessment.program)
    for one in running.select_related("lead"):
        tasks.open_task(
            kind="settle_place", patient=assessment.patient, owner_user=one.lead or by,
            why=reminding.NOT_THEIR_PLACE.format(program=name_of(one.program), because=assessment.verdict_because),
            about_kind="assessment", about_public_id=assessment.public_id, by=by, at=at,
        )  # fmt: skip


def amend(
    *, assessment: Assessment, text: str, by: User, at: datetime, changes: Iterable[tuple[str, str, object]] = (),
    source: str = Source.PATIENT,
) -> Addendum:  # fmt: skip
    """
    Add to a finished assessment: words, and answers that were different (instrument, question, value).

    The old answers and scores stay; new scores are made beside them. A danger shown now is raised now.
    """
    with transaction.atomic():
        assessment = Assessment.objects.select_for_update().get(pk=assessment.pk)
        if assessment.finished_at is None:
            raise NotNow(_("It is not finished; change the answers themselves."))
        made = Addendum(assessment=assessment, patient=assessment.patient, text=text.strip(), at=at, by=by)
        if not made.text:
            raise CannotDo(_("Say what is added and why."))
        with audit.change(made, by=by, did="amend_assessment"):
            pass
        for instrument, link_id, value in changes:
            asked = _question(assessment, instrument, link_id)
            _may_be_told(asked.item, source, by)
            read = instruments.one_answer(asked.item, value, where=asked.item.text[:60])
            if read is None:
                raise CannotDo(_("An answer of a finished assessment is changed, never taken away."))
            sheet = results.sheet_of(assessment, on=day_of(at))
            row = _row(assessment, asked.section, asked.instrument, asked.item, read, source, by, at)
            row.addendum = made
            _danger(sheet, assessment, asked.instrument, asked.item, read, by, at)
            _replace(sheet.standing.get((instrument, link_id)), row, by=by, at=at)
        results.freeze(assessment, at=at)
    return made


def stop(*, assessment: Assessment, because: str, by: User, at: datetime) -> Assessment:
    """Give an assessment up: its answers stay to be read and count for nothing. Alarms it raised stay open."""
    with transaction.atomic():
        assessment = _open(assessment)
        if not because.strip():
            raise CannotDo(_("Say why it is given up."))
        with audit.change(assessment, by=by, did="stop_assessment", why=because.strip()):
            assessment.stopped_at, assessment.stopped_by, assessment.stopped_because = at, by, because.strip()
        reminders.in_step(assessment, by=by, at=at)
    return assessment


# ── what the actions share ──


@dataclass(frozen=True)
class _Place:
    """Where a question stands: its instrument, its words, its section."""

    instrument: Instrument
    item: Item
    section: Section


def _open(assessment: Assessment) -> Assessment:
    """The assessment, held until the end of the transaction so that two people write one after the other."""
    held = Assessment.objects.select_for_update(of=("self",)).select_related("patient").get(pk=assessment.pk)
    if held.finished_at is not None:
        raise NotNow(_("This assessment is finished. Add an addendum."))
    if held.stopped_at is not None:
        raise NotNow(_("This assessment was given up."))
    return held


def _question(assessment: Assessment, instrument: str, link_id: str) -> _Place:
    found = shelf.get(instrument)
    item = found.by_link.get(link_id)
    code = results.section_of(assessment, instrument, link_id)
    section = assessment.sections.filter(code=code).first() if code else None
    if item is None or not item.is_question or section is None:
        raise CannotDo(_("That question is not part of this assessment."))
    return _Place(found, item, section)


def _is_for_adults(kind: str) -> bool:
    return kind == Assessment.COMPREHENSIVE or shelf.get(kind).adult_from is not None


def _may_be_asked(code: str, age: int | None) -> Instrument:
    instrument = shelf.get(code)
    if instrument.is_receive_only:
        raise CannotDo(
            _("%(instrument)s is received from other systems; we hold no wording to ask.")
            % {"instrument": _(instrument.title)}
        )
    instruments.refuse_a_child(instrument, age)
    return instrument


def _may_be_told(item: Item, source: str, by: User) -> None:
    if item.is_safety and source == Source.CAREGIVER:
        raise CannotDo(
            _("This question is for the person alone, in private. Leave it open while somebody else answers.")
        )
    if item.is_safety and not isinstance(by, User):
        raise CannotDo(_("This question is asked by a person."))
    if source not in (Source.PATIENT, Source.CAREGIVER):
        raise CannotDo(_("Say who answered: the patient or a caregiver."))


def _without_exclusive(instrument: Instrument, item: Item, value: Value | None, current: Answer | None) -> Value | None:
    """ "None of these" and the others rule each other out; what was chosen last stands."""
    alone = dict(instrument.rules.exclusive).get(item.link_id)
    if alone is None or not isinstance(value, tuple) or alone not in value or len(value) == 1:
        return value
    was_alone = current is not None and current.value == (alone,)
    return tuple(one for one in value if one != alone) if was_alone else (alone,)


def _row(
    assessment, section, instrument: Instrument, item: Item, value: Value, source: str, by, at: datetime
) -> Answer:
    row = Answer(
        assessment=assessment, section=section, patient=assessment.patient, instrument=instrument.code,
        instrument_version=instrument.version, link_id=item.link_id, source=source, at=at, by=_user(by),
        confirmed_at=at, confirmed_by=_user(by), tags=[item.sensitivity] if item.sensitivity else [],
    )  # fmt: skip
    prefill.put_value(row, item, value)
    return row


def _replace(current: Answer | None, made: Answer | None, *, by: User, at: datetime) -> None:
    if current is not None:
        with audit.change(current, by=by, did="replace_answer"):
            current.replaced_at, current.replaced_by = at, by
    if made is not None:
        with audit.change(made, by=by, did="answer"):
            pass
        learned.beware(answer=made, by=by, at=made.at)


def _begun(section: Section, *, by: User, at: datetime) -> None:
    if section.status != Section.Status.DONE:
        section.status, section.because, section.by, section.at = Section.Status.IN_PROGRESS, "", by, at
        section.save()


def _danger(sheet: Sheet, assessment, instrument: Instrument, item: Item, value, by, at) -> list[safety.Raised]:
    """Look at the answers with this one among them, and raise what must not wait."""
    if value is None or value is DECLINED or not instrument.rules.alerts:
        return []
    before = sheet.score(instrument.code)
    answers = sheet.answers(instrument.code) | {item.link_id: value}
    after = results.score_with(sheet, instrument, answers)
    return safety.raise_new(
        assessment=assessment, instrument=instrument.code, before=before, after=after, answers=answers,
        changed=item.link_id, by=by, at=at,
    )  # fmt: skip


def _nothing_left(sheet: Sheet, section: Section) -> None:
    left = sheet.open_questions(section.code)
    facts = section.facts.filter(response__isnull=True).count()
    waiting = sum(row.section_id == section.pk for row in sheet.waiting.values())
    if left:
        raise NotNow(
            ngettext(
                "%(n)s required question is open: %(question)s",
                "%(n)s required questions are open: %(question)s",
                len(left),
            )
            % {"n": len(left), "question": left[0].item.text}
        )
    if not facts and not waiting and sheet.asked(section.code) and not sheet.was_asked(section):
        raise NotNow(_("Nothing is answered here yet. Ask, or say why this section is left out."))
    if facts or waiting:
        number = facts + waiting
        raise NotNow(
            ngettext(
                "%(n)s fact from the records waits to be confirmed.",
                "%(n)s facts from the records wait to be confirmed.",
                number,
            )
            % {"n": number}
        )


def _user(by: User | str) -> User | None:
    return by if isinstance(by, User) else None


def _uuid(seen: object) -> UUID | None:
    try:
        return UUID(str(seen)) if seen else None
    except ValueError:
        return None

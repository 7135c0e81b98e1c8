"""One patient's consents and enrollments: asked, written down, ended; and a death that somebody reported."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from carewright.access import guard
from carewright.audit import actions as audit
from carewright.channel import gate
from carewright.enrollment import consenting, deaths, enrolling, evidence, queries
from carewright.enrollment.forms import inside as forms
from carewright.enrollment.models import Enrollment, Pause, SharingConsent
from carewright.enrollment.views.doing import as_typed, done, lost, status_of, with_form
from carewright.knowledge import consent as words
from carewright.knowledge.programs import PROGRAMS, name_of
from carewright.population.codes import language_name
from carewright.registry.models import Patient
from carewright.staff import licences
from carewright.staff.requests import StaffRequest
from carewright.staff.roles import Permission

REVOCABLE = ("holds", "soon")


@require_GET
@guard.requires(Permission.TAKE_CONSENT)
def consent(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """What to say, element by element, in the person's language; what they agreed to, and to whom we may tell what."""
    return _consent_page(request, guard.open_patient(request, public_id))


def _consent_page(request: StaffRequest, patient: Patient, kept: Form | None = None) -> HttpResponse:
    """The page, with what was ticked and typed in the form that was refused: nothing is typed twice."""
    today = timezone.localdate()
    standing = queries.standing_of(patient, on=today)
    spoken = "es" if _language(patient).startswith("es") else "en"
    language = (request.GET.get("said") or request.POST.get("said") or spoken)[:2]
    program = request.GET.get("program", "") or request.POST.get("program", "")
    codes = [each.code for each in PROGRAMS]
    open_outreach = [each.program for each in standing.outreach if each.closed_at is None]
    program = program if program in codes else (open_outreach or [codes[0]])[0]
    sending = gate.sending()
    begins = {"program": program, "language": language}
    sharing = [_shared(each, today, kept) for each in standing.sharing]
    context = {
        "patient": patient,
        "standing": standing,
        "program": program,
        "program_name": _(name_of(program)),
        "programs": [(each.code, _(each.name)) for each in PROGRAMS],
        "agreed": next((each for each in standing.consents if each.program == program and each.stands), None),
        "refused": next((each for each in standing.refusals if each.program == program), None),
        "elements": [{"element": each, "said": each.said_in(language)} for each in words.elements_for(program)],
        "ticked": request.POST.getlist("elements") if isinstance(kept, forms.Agree) else [],
        "our_number": ", ".join(filter(None, (sending.phone, sending.hours_es if language == "es" else sending.hours))),
        "said": language,
        "agree": as_typed(forms.Agree(initial=begins, auto_id="agree_%s"), kept),
        "decline": as_typed(forms.Decline(initial=begins, auto_id="no_%s"), kept),
        "share": as_typed(forms.Share(initial={"language": language}, auto_id="share_%s"), kept),
        "withdraw": as_typed(forms.Withdraw(auto_id="withdraw_%s"), kept),
        "why": as_typed(forms.Why(auto_id="why_%s"), kept),
        "sharing": sharing,
        "disclosures": patient.disclosures.all()[:50],
        "disclose": as_typed(forms.Disclose(auto_id="told_%s"), kept),
        "source": words.SOURCE,
        "version": words.VERSION,
        "name_of": {each.code: _(each.name) for each in PROGRAMS},
        "days_of_no": consenting.days_a_no_holds(program, today),
    }
    here = [
        "withdraw_%s",
        "share_%s",
        "told_%s",
        *(one["revoke"].auto_id for one in sharing if one["state"] in REVOCABLE),
    ]
    here += ["why_%s"] if context["refused"] else [] if context["agreed"] else ["agree_%s", "no_%s"]
    context["lost"] = lost(kept, here=here)
    return render(request, "enrollment/consent.html", context, status=status_of(kept))


@dataclass(frozen=True)
class _Page:
    """One of the two pages here: its address, and how it is shown with a form that was refused."""

    address: str
    shown: Callable[[StaffRequest, Patient, Form | None], HttpResponse]


def _answer(
    page: _Page, request: StaffRequest, patient: Patient, form: Form, act: Callable[[dict], object], said: str, *,
    then: _Page | None = None,
) -> HttpResponse:  # fmt: skip
    """Do what a form of a page asks and go back to it, or on to another; what is refused comes back as it was typed."""
    return with_form(
        request, form, act, said, lambda kept: page.shown(request, patient, kept), (then or page).address,
        public_id=patient.public_id,
    )  # fmt: skip


@require_GET
@guard.requires(Permission.TAKE_CONSENT)
@never_cache
def consent_paper(request: StaffRequest, public_id: UUID, consent_id: UUID) -> HttpResponse:
    """A yes or a no on paper, with its evidence."""
    patient = guard.open_patient(request, public_id)
    found = patient.consents.select_related("patient", "by").filter(public_id=consent_id).first()
    if found is None:
        raise Http404
    audit.exported(
        "consent on paper", by=request.user, purpose="evidence of consent", rows=1, patient_ids=[patient.pk],
        page="enrollment:consent_paper",
    )  # fmt: skip
    answer = HttpResponse(evidence.pdf_of(found), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="consent-{found.public_id}.pdf"'
    return answer


@require_POST
@guard.requires(Permission.TAKE_CONSENT)
def agree(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """They said yes."""
    patient = guard.open_patient(request, public_id)
    return _answer(
        CONSENT, request, patient, forms.Agree(request.POST, auto_id="agree_%s"),
        lambda given: consenting.agree(patient=patient, by=request.user, at=timezone.now(), **given),
        _("Kept: they said yes."), then=ENROLLMENT,
    )  # fmt: skip


@require_POST
@guard.requires(Permission.TAKE_CONSENT)
def decline(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """They said no."""
    patient = guard.open_patient(request, public_id)
    return _answer(
        CONSENT, request, patient, forms.Decline(request.POST, auto_id="no_%s"),
        lambda given: consenting.decline(
            patient=patient, by=request.user, on=timezone.localdate(), at=timezone.now(), **given
        ),
        _("Kept: they said no. Nobody asks them again before that day."),
    )  # fmt: skip


@require_POST
@guard.requires(Permission.TAKE_CONSENT)
def reopen(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """They asked us after all, or something new happened."""
    patient, today = guard.open_patient(request, public_id), timezone.localdate()
    refusal = patient.consents.refused_on(today).filter(program=request.POST.get("program", "")).first()
    if refusal is None:
        raise Http404
    return _answer(
        CONSENT, request, patient, forms.Why(request.POST, auto_id="why_%s"),
        lambda given: consenting.reopen_refusal(
            consent=refusal, because=given["why"], by=request.user, at=timezone.now()
        ),
        _("They may be asked again."),
    )  # fmt: skip


@require_POST
@guard.requires(Permission.TAKE_CONSENT)
def withdraw(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """They changed their mind: everything stops now."""
    patient = guard.open_patient(request, public_id)
    return _answer(
        CONSENT, request, patient, forms.Withdraw(request.POST, auto_id="withdraw_%s"),
        lambda given: consenting.withdraw(
            patient=patient, how=given["how"], words_said=given["words"], program=given["program"], by=request.user,
            on=timezone.localdate(), at=timezone.now(),
        ),
        _("Withdrawn. Reminders, calls and sharing stopped; open safety alarms stay."),
    )  # fmt: skip


@require_POST
@guard.requires(Permission.TAKE_CONSENT)
def share(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """They let us tell somebody something."""
    patient = guard.open_patient(request, public_id)
    return _answer(
        CONSENT, request, patient, forms.Share(request.POST, auto_id="share_%s"),
        lambda given: consenting.share(
            patient=patient, by=request.user, on=timezone.localdate(), at=timezone.now(), **given
        ),
        _("Kept: this may be shared."),
    )  # fmt: skip


@require_POST
@guard.requires(Permission.TAKE_CONSENT)
def revoke(request: StaffRequest, public_id: UUID, consent_id: UUID) -> HttpResponse:
    """They took it back."""
    patient = guard.open_patient(request, public_id)
    found = SharingConsent.objects.filter(patient=patient, public_id=consent_id).first()
    if found is None:
        raise Http404
    return _answer(
        CONSENT, request, patient, forms.Revoke(request.POST, auto_id=f"revoke_{found.pk}_%s"),
        lambda given: consenting.revoke(consent=found, how=given["how"], by=request.user, at=timezone.now()),
        _("Revoked. Nothing more is shared."),
    )  # fmt: skip


@require_POST
@guard.requires(Permission.TAKE_CONSENT)
def disclose(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Somebody outside was told something; the ground for it must be there."""
    patient = guard.open_patient(request, public_id)
    return _answer(
        CONSENT, request, patient, forms.Disclose(request.POST, auto_id="told_%s"),
        lambda given: consenting.disclose(
            patient=patient, by=request.user, on=timezone.localdate(), at=timezone.now(), **given
        ),
        _("Kept in the ledger."),
    )  # fmt: skip


@require_GET
@guard.requires(Permission.TAKE_CONSENT)
def enrollment(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Which programs they are in, who leads and who could, and what comes next."""
    return _enrollment_page(request, guard.open_patient(request, public_id))


def _enrollment_page(request: StaffRequest, patient: Patient, kept: Form | None = None) -> HttpResponse:
    """The page, with what was typed in the form that was refused."""
    today = timezone.localdate()
    standing = queries.standing_of(patient, on=today)
    open_ones = standing.open_enrollments
    ready = [code for code in standing.agreed if code not in {each.program for each in open_ones}]
    may_lead = request.user.may(Permission.SEE_TEAM)
    context = {
        "patient": patient,
        "standing": standing,
        "ready": [(code, _(name_of(code))) for code in sorted(ready)],
        "enroll": as_typed(
            forms.Enroll(initial={"starts_on": today, "program": next(iter(sorted(ready)), "")}, auto_id="in_%s"), kept
        ),
        "open_ones": [
            {
                "enrollment": each,
                "program": _(name_of(each.program)),
                "pause": next((rest for rest in each.pauses.all() if rest.resumed_at is None), None),
                "suggested": queries.suggest_lead(patient, program=each.program, on=today)
                if may_lead and each.lead is None
                else [],
                "pause_form": as_typed(forms.PauseForm(auto_id=f"pause_{each.pk}_%s"), kept),
                "end_form": as_typed(forms.End(auto_id=f"end_{each.pk}_%s"), kept),
                "lead_form": as_typed(forms.Lead(auto_id=f"lead_{each.pk}_%s"), kept),
            }
            for each in open_ones
        ],
        "over": [(each, _(name_of(each.program))) for each in standing.enrollments if each.ends_on is not None],
        "outreach": [(each, _(name_of(each.program))) for each in standing.outreach],
        "may_lead": may_lead,
        "may_work": request.user.may(Permission.WORK_TASKS),
        "may_assess": request.user.may(Permission.ASSESS) and standing.death_report is None,
        "death": as_typed(forms.Death(auto_id="death_%s"), kept),
        "settle": as_typed(
            forms.Settle(initial={"died_on": standing.death_report and standing.death_report.died_on}, auto_id="settle_%s"),
            kept,
        ),
    }  # fmt: skip
    here = ["in_%s"] if ready else []
    here += ["settle_%s"] if standing.death_report else ["death_%s"]
    for each in open_ones:
        here += [f"end_{each.pk}_%s", f"lead_{each.pk}_%s"]
        here += [] if any(rest.resumed_at is None for rest in each.pauses.all()) else [f"pause_{each.pk}_%s"]
    context["lost"] = lost(kept, here=here)
    return render(request, "enrollment/enrollment.html", context, status=status_of(kept))


CONSENT = _Page("enrollment:consent", _consent_page)
ENROLLMENT = _Page("enrollment:enrollment", _enrollment_page)


@require_POST
@guard.requires(Permission.TAKE_CONSENT)
def enroll(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """They join."""
    patient = guard.open_patient(request, public_id)
    return _answer(
        ENROLLMENT, request, patient, forms.Enroll(request.POST, auto_id="in_%s"),
        lambda given: enrolling.enroll(patient=patient, by=request.user, at=timezone.now(), **given),
        _("Enrolled. A supervisor accepts who leads."),
    )  # fmt: skip


@require_POST
@guard.requires(Permission.TAKE_CONSENT)
def pause(request: StaffRequest, public_id: UUID, enrollment_id: UUID) -> HttpResponse:
    """It rests, or goes on."""
    patient, today, now = guard.open_patient(request, public_id), timezone.localdate(), timezone.now()
    found = _enrollment(patient, enrollment_id)
    if "resume" in request.POST:
        rest = Pause.objects.filter(enrollment=found, resumed_at__isnull=True).exclude(because="death_reported").first()
        if rest is None:
            raise Http404
        done(request, lambda: enrolling.resume(pause=rest, on=today, by=request.user, at=now), _("It goes on."))
        return redirect("enrollment:enrollment", public_id=patient.public_id)
    return _answer(
        ENROLLMENT, request, patient, forms.PauseForm(request.POST, auto_id=f"pause_{found.pk}_%s"),
        lambda given: enrolling.pause(enrollment=found, on=today, by=request.user, at=now, **given),
        _("Paused; reminders rest with it."),
    )  # fmt: skip


@require_POST
@guard.requires(Permission.TAKE_CONSENT)
def end(request: StaffRequest, public_id: UUID, enrollment_id: UUID) -> HttpResponse:
    """They leave, with the reason."""
    patient = guard.open_patient(request, public_id)
    found = _enrollment(patient, enrollment_id)
    return _answer(
        ENROLLMENT, request, patient, forms.End(request.POST, auto_id=f"end_{found.pk}_%s"),
        lambda given: enrolling.end(
            enrollment=found, on=timezone.localdate(), by=request.user, at=timezone.now(), **given
        ),
        _("The enrollment ended today."),
    )  # fmt: skip


@require_POST
@guard.requires(Permission.TAKE_CONSENT, Permission.SEE_TEAM)
def lead(request: StaffRequest, public_id: UUID, enrollment_id: UUID) -> HttpResponse:
    """A supervisor accepts who leads."""
    patient = guard.open_patient(request, public_id)
    found = _enrollment(patient, enrollment_id)

    def assign(given: dict) -> None:
        enrolling.assign_lead(
            enrollment=found, lead=given["lead"], by=request.user, on=timezone.localdate(), at=timezone.now()
        )
        _say_what_was_told(request, found)
        if licences.of(given["lead"], on=timezone.localdate()).state == licences.State.NONE:
            said = _("No licence of %(name)s is on file. Ask for it and write it down: Leads, Licences to look at.")
            messages.warning(request, said % {"name": given["lead"].name})

    return _answer(
        ENROLLMENT, request, patient, forms.Lead(request.POST, auto_id=f"lead_{found.pk}_%s"), assign,
        _("Accepted: the lead sees the patient from today."),
    )  # fmt: skip


def _say_what_was_told(request: StaffRequest, found: Enrollment) -> None:
    letter = enrolling.told_of_lead(found)
    if letter is None:
        messages.warning(
            request, _("There is no address for a letter: tell them on the next call who their person is.")
        )
    elif letter.said:
        messages.warning(request, _("The letter that tells them: %s") % letter.said)
    else:
        messages.success(request, _("A letter tells them who their person is."))


@require_POST
@guard.requires(Permission.TAKE_CONSENT)
def death(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Somebody says that they have died, or somebody found out whether it is true."""
    patient, today, now = guard.open_patient(request, public_id), timezone.localdate(), timezone.now()
    waiting = patient.death_reports.filter(verdict__isnull=True).first()
    if waiting is None:
        return _answer(
            ENROLLMENT, request, patient, forms.Death(request.POST, auto_id="death_%s"),
            lambda given: deaths.report(patient=patient, by=request.user, at=now, on=today, **given),
            _("Everything stands still until this is confirmed."),
        )  # fmt: skip
    form = forms.Settle(request.POST, auto_id="settle_%s")
    if "wrong" in request.POST:
        return _answer(
            ENROLLMENT, request, patient, form,
            lambda given: deaths.was_wrong(found=waiting, words=given["words"], by=request.user, on=today, at=now),
            _("They live: everything goes on where it was."),
        )  # fmt: skip
    return _answer(
        ENROLLMENT, request, patient, form,
        lambda given: deaths.confirm(
            found=waiting, died_on=given["died_on"] or today, words=given["words"], by=request.user, on=today, at=now
        ),
        _("Confirmed. One reminder is left: to write to the family."),
    )  # fmt: skip


def _enrollment(patient: Patient, enrollment_id: UUID) -> Enrollment:
    found = (
        Enrollment.objects.filter(patient=patient, public_id=enrollment_id).select_related("patient", "lead").first()
    )
    if found is None:
        raise Http404
    return found


def _language(patient: Patient) -> str:
    preference = getattr(patient, "preference", None)
    code = (preference.spoken_language if preference else "") or patient.language
    return {"Spanish": "es", "English": "en"}.get(language_name(code), code or "en")


def _shared(one: SharingConsent, today: date, kept: Form | None) -> dict:
    expired = one.expires_on is not None and one.expires_on < today
    soon = not expired and one.expires_on is not None and one.expires_on <= today + consenting.RENEW_AHEAD
    return {
        "consent": one,
        "kinds": [_(words.CATEGORIES[code]) for code in one.categories],
        "state": "revoked" if one.revoked_at else "expired" if expired else "soon" if soon else "holds",
        "revoke": as_typed(forms.Revoke(auto_id=f"revoke_{one.pk}_%s"), kept),
    }

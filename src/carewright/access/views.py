"""The pages of this room: emergency access, its review, the weekly review, and one patient's access log."""

from datetime import timedelta

from allauth.account import app_settings as sign_in
from allauth.account.internal.flows.login import get_authentication_records
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from carewright.access import break_glass, forms, guard, queries, sensitive, weekly, words
from carewright.access.actor import acting_as
from carewright.access.models import BreakGlass
from carewright.audit import actions as audit
from carewright.audit.models import Entry
from carewright.kernel.errors import CannotDo
from carewright.plumbing.exports import as_csv
from carewright.registry.models import Patient
from carewright.staff import roles
from carewright.staff.requests import StaffRequest
from carewright.staff.roles import Permission

TRIES_IN_AN_HOUR = 10
LINES = 50


def _came_in_just_now(request: StaffRequest) -> bool:
    """
    Whether this person proved within the last minutes who they are, by whichever door.

    Somebody without a password cannot type one again. allauth's own decorator lets such people through unasked, so the
    moment of their sign-in is compared here.
    """
    oldest = timezone.now().timestamp() - sign_in.REAUTHENTICATION_TIMEOUT
    return any(record.get("at", 0) >= oldest for record in get_authentication_records(request, request.user))


@guard.requires(Permission.BREAK_GLASS)
@require_http_methods(["GET", "HEAD", "POST"])
def emergency(request: StaffRequest) -> HttpResponse:
    """Open a patient one has no tie to: who, why, and the password once more."""
    user, now = request.user, timezone.now()
    has_password = user.has_usable_password()
    is_asked = request.method == "POST"
    form = forms.BreakGlassForm(request.POST if is_asked else None)
    must_come_in_again = not has_password and not _came_in_just_now(request)
    if not has_password:
        del form.fields["password"]
    if must_come_in_again and is_asked:
        form.full_clean()
        guard.note_refusal(request, what="break_glass", why="not signed in anew")
        form.add_error(None, _("Sign out, sign in again, and come back within five minutes."))
    if is_asked and form.is_valid() and (glass := _broken(request, form, at=now)):
        return redirect("access:opened", glass.pk)
    with acting_as("system:break_glass"):
        mine = list(BreakGlass.objects.filter(user=user).open_at(now).select_related("patient"))
    context = {"form": form, "open": mine, "minutes": break_glass.MINUTES, "must_come_in_again": must_come_in_again}
    return render(request, "access/emergency.html", context, status=422 if form.errors else 200)


def _broken(request: StaffRequest, form: forms.BreakGlassForm, *, at) -> BreakGlass | None:
    """The glass, or nothing and the reason in the form; every try that fails is written down."""
    given, user = form.cleaned_data, request.user
    tries = Entry.objects.filter(by_id=user.pk, did="refused", what="break_glass", at__gte=at - timedelta(hours=1))
    if tries.count() >= TRIES_IN_AN_HOUR:
        form.add_error(None, _("Too many tries in an hour. Call whoever guards privacy in your organization."))
        return None
    patient = break_glass.find_exactly(
        family_name=given["family_name"], born_on=given["born_on"], number=given["number"]
    )
    if patient is None:
        guard.note_refusal(request, what="break_glass", why="nobody with exactly these details")
        form.add_error(None, _("Nobody here has exactly these details. Check the spelling and the date of birth."))
        return None
    part2 = None
    if given["opens_part2"]:
        part2 = break_glass.Part2Record(given["part2_disclosed_to"], given["part2_facility"], given["part2_emergency"])
    try:
        return break_glass.break_glass(
            patient=patient, reason=given["reason"], words=given["words"], password=given.get("password"), by=user,
            at=at, part2=part2,
        )  # fmt: skip
    except CannotDo as refusal:
        why = "wrong password" if refusal.at == "password" else "emergency not told"
        guard.note_refusal(request, what="break_glass", why=why, patient_ids=[patient.pk])
        form.add_error(refusal.at or None, str(refusal))
        return None


@guard.requires(Permission.BREAK_GLASS)
@require_http_methods(["GET", "HEAD"])
def opened(request: StaffRequest, pk: int) -> HttpResponse:
    """What was opened, until when, and where to go; one's own only."""
    glass = BreakGlass.objects.filter(pk=pk, user=request.user).open_at(timezone.now()).first()
    if glass is None:
        raise Http404
    patient = guard.open_patient(request, _public_id(glass))
    return render(request, "access/opened.html", {"glass": glass, "patient": patient})


@guard.requires(Permission.BREAK_GLASS)
@require_POST
def close(request: StaffRequest, pk: int) -> HttpResponse:
    """The emergency has passed: close it before its hour is over."""
    glass = BreakGlass.objects.filter(pk=pk, user=request.user).open_at(timezone.now()).first()
    if glass is None:
        raise Http404
    break_glass.close(glass=glass, by=request.user, at=timezone.now())
    return redirect("access:emergency")


def _public_id(glass: BreakGlass):
    with acting_as("system:break_glass"):
        return glass.patient.public_id


@guard.requires(Permission.REVIEW_ACCESS)
@require_http_methods(["GET", "HEAD"])
def review(request: StaffRequest) -> HttpResponse:
    """Emergency access that waits for review, and what the week's log shows that deserves a second look."""
    today = timezone.localdate()
    form = forms.LogForm(request.GET or None)
    until = form.cleaned_data["until"] if form.is_valid() and form.cleaned_data["until"] else today
    rules = weekly.review(on=until)
    with acting_as("system:access_review"):
        waiting = list(queries.open_reviews())
        done = list(queries.reviewed(since=timezone.now() - timedelta(days=30))[:LINES])
        shown = [glass.patient for glass in (*waiting, *done)]
    shown += [sign.patient for rule in rules for sign in rule.signs if sign.patient]
    if ids := sorted({patient.pk for patient in shown}):
        audit.saw_list(ids, by=request.user, page=guard.page_of(request), why="access review")
    return render(
        request, "access/review.html",
        {"waiting": waiting, "done": done, "rules": rules, "quiet": [rule for rule in rules if not rule.signs], "until": until, "since": until - timedelta(6),
         "names": _names(shown, request.user), "form": form, "today": today},
    )  # fmt: skip


@guard.requires(Permission.REVIEW_ACCESS)
@require_http_methods(["GET", "HEAD", "POST"])
def review_glass(request: StaffRequest, pk: int) -> HttpResponse:
    """One emergency access: who, whom, why, what they opened; and whether it was justified."""
    with acting_as("system:access_review"):
        glass = BreakGlass.objects.select_related("user", "patient", "reviewed_by").filter(pk=pk).first()
        if glass is None:
            raise Http404
        patient, reader = glass.patient, glass.user
    form = forms.ReviewForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            break_glass.review(
                glass=glass, verdict=form.cleaned_data["verdict"], words=form.cleaned_data["words"], by=request.user,
                at=timezone.now(),
            )  # fmt: skip
            messages.success(request, _("Your review of the emergency access by %s is kept.") % reader.name)
            return redirect("access:review")
        except CannotDo as refusal:
            form.add_error(None, str(refusal))
    audit.saw(patient, by=request.user, page=guard.page_of(request), why="access review", purpose="operations")
    opened_pages = queries.log_of(patient).filter(by_id=reader.pk, at__gte=glass.starts_at, at__lt=glass.ends_at)
    return render(
        request, "access/review_glass.html",
        {"glass": glass, "patient": patient, "name": sensitive.name_shown(patient, request.user), "form": form,
         "lines": list(opened_pages[:200]), "own": glass.user_id == request.user.pk},
        status=422 if form.errors else 200,
    )  # fmt: skip


@guard.requires(Permission.SEE_ACCESS_LOG)
@require_http_methods(["GET", "HEAD"])
def patient_log(request: StaffRequest, public_id) -> HttpResponse:
    """Who looked at this patient, when, as what, what they did and why."""
    patient = _patient_for_log(request, public_id)
    form = _log_form(forms.LogForm, request.GET or None, patient)
    lines = queries.log_of(patient, **_narrowed(form))  # type: ignore[arg-type]
    page = Paginator(lines, LINES).get_page(request.GET.get("page"))
    kept = request.GET.copy()
    kept.pop("page", None)
    return render(
        request, "access/patient_log.html",
        {"patient": patient, "name": sensitive.name_shown(patient, request.user), "page": page, "form": form,
         "query": f"{kept.urlencode()}&" if kept else "", "file_form": forms.LogFileForm(verbs=_verbs(patient)),
         "may_open": _may_open(request)},
    )  # fmt: skip


@guard.requires(Permission.SEE_ACCESS_LOG, Permission.EXPORT)
@require_POST
def patient_log_file(request: StaffRequest, public_id) -> HttpResponse:
    """The same log as a CSV file, for the patient or a reviewer; it states its purpose, and is written down itself."""
    patient = _patient_for_log(request, public_id)
    form = _log_form(forms.LogFileForm, request.POST, patient)
    if not form.is_valid():
        page = Paginator(queries.log_of(patient), LINES).get_page(1)
        context = {
            "patient": patient, "name": sensitive.name_shown(patient, request.user), "page": page,
            "form": forms.LogForm(verbs=_verbs(patient)), "file_form": form, "query": "",
            "may_open": _may_open(request),
        }  # fmt: skip
        return render(request, "access/patient_log.html", context, status=422)
    lines = list(queries.log_of(patient, **_narrowed(form)))  # type: ignore[arg-type]
    audit.exported(
        "access log", by=request.user, purpose=form.cleaned_data["purpose"], rows=len(lines), patient_ids=[patient.pk],
        page=guard.page_of(request),
    )  # fmt: skip
    header = ("when", "who", "role", "did", "page", "purpose", "why", "outcome")
    rows = (
        (timezone.localtime(line.at).replace(microsecond=0), line.by_name or line.by, _role_name(line),
         words.verb(line.did), words.page_name(line.page), line.purpose, words.why_said(line.why, line.what), line.outcome)
        for line in lines
    )  # fmt: skip
    response = HttpResponse("".join(as_csv(header, rows)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="access-log-{patient.public_id}.csv"'
    return response


def _patient_for_log(request: StaffRequest, public_id) -> Patient:
    """Whoever reviews access needs no tie for this page; everyone else does."""
    if not request.user.may(Permission.REVIEW_ACCESS):
        return guard.open_patient(request, public_id)
    with acting_as("system:access_review"):
        patient = Patient.objects.filter(public_id=public_id).first()
    if patient is None:
        guard.note_refusal(request, what=f"patient {public_id}", why="no such patient")
        raise Http404
    audit.saw(patient, by=request.user, page=guard.page_of(request), why="access review", purpose="operations")
    return patient


def _may_open(request: StaffRequest) -> bool:
    """Whether the record itself opens for this reader too: a reviewer reads the log of people who are not theirs."""
    return request.user.may(Permission.SEE_CANDIDATES) and not request.user.may(Permission.REVIEW_ACCESS)


def _log_form(kind, data, patient: Patient):
    form = kind(data, verbs=_verbs(patient))
    form.is_valid()
    return form


def _verbs(patient: Patient) -> list[tuple[str, str]]:
    done = set(queries.log_of(patient).order_by().values_list("did", flat=True).distinct())
    return sorted(((did, words.verb(did)) for did in done), key=lambda each: each[1])


def _narrowed(form) -> dict[str, object]:
    given = getattr(form, "cleaned_data", {})
    return {
        "since": given.get("since"), "until": given.get("until"), "by": given.get("by") or "",
        "did": given.get("did") or "",
    }  # fmt: skip


def _role_name(line: Entry) -> str:
    role = roles.BY_CODE.get(line.by_role)
    return str(role.name) if role else line.by_role


def _names(patients, user) -> dict[int, str]:
    return {patient.pk: sensitive.name_shown(patient, user) for patient in patients}

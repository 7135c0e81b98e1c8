"""The call screen, click by click: going out, coming in, knowing who it is, and finishing."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from carewright.access import guard
from carewright.audit import actions as audit
from carewright.channel import gate
from carewright.channel import queries as channel
from carewright.channel.models import DoNotContact
from carewright.contacts.models import Contact
from carewright.enrollment.models import OutreachEpisode
from carewright.kernel.errors import CannotDo
from carewright.registry import queries as registry
from carewright.registry.models import Patient
from carewright.staff.requests import StaffRequest
from carewright.staff.roles import Permission
from carewright.tasks.models import Task
from carewright.web.call import finishing, forms, identity, noting, opening, screen
from carewright.web.patient.sight import Sight
from carewright.web.patient.views import sight_of

working = guard.requires(Permission.WORK_TASKS, Permission.SEE_CHART)
FOUND = 20
OPENED = "calls_opened"
BOTH = ["GET", "HEAD", "POST"]


@require_http_methods(BOTH)
@working
def out(request: StaffRequest, public_id) -> HttpResponse:
    """A call we make: the whole screen, and its end. Before somebody not to be contacted, why they are called anyway."""
    sight = sight_of(request, public_id)
    if sight.is_emergency:
        messages.error(request, _("You opened this patient in an emergency: calls are made by who looks after them."))
        return redirect("patient:glance", public_id=public_id)
    if request.method == "POST":
        return _finish(request, sight)
    task = _task(sight, request.GET.get("task", ""))
    if stop := gate.standing_stop(sight.patient, channel.CALL, sight.at):
        return _ask_why(request, sight, stop, forms.Anyway(auto_id="anyway_%s"), task)
    return _begin(request, sight, task)


@require_http_methods(BOTH)
@working
def anyway(request: StaffRequest, public_id) -> HttpResponse:
    """A call to somebody who is not to be contacted: the reason is written down, and the call begins."""
    sight = sight_of(request, public_id)
    stop = gate.standing_stop(sight.patient, channel.CALL, sight.at)
    if request.method != "POST" or stop is None or sight.is_emergency:
        return redirect("call:out", public_id=public_id)
    task, form = _task(sight, request.POST.get("task", "")), forms.Anyway(request.POST, auto_id="anyway_%s")
    if not form.is_valid():
        return _ask_why(request, sight, stop, form, task)
    given = form.cleaned_data
    audit.happened(
        "called_anyway", audit.name_of(stop), by=request.user, patient_ids=[sight.patient.pk], page="call:anyway",
        why=": ".join(filter(None, (given["because"], given["words"]))),
    )  # fmt: skip
    return _begin(request, sight, task, why=form.said)


def _ask_why(
    request: StaffRequest, sight: Sight, stop: DoNotContact, form: forms.Anyway, task: Task | None
) -> HttpResponse:
    context = {"patient": sight.patient, "stop": stop, "stopped": gate.said_stop(stop), "form": form, "task": task}
    return render(request, "call/anyway.html", context, status=422 if form.errors else 200)


def _begin(request: StaffRequest, sight: Sight, task: Task | None, *, why: str = "") -> HttpResponse:
    opened = opening.Opened(
        patient=str(sight.patient.public_id), user=request.user.pk, started=sight.at.isoformat(),
        task=str(task.public_id) if task else "", anyway=why,
    )  # fmt: skip
    return _show(request, sight, opened, task)


@require_http_methods(BOTH)
@working
def on_line(request: StaffRequest, public_id) -> HttpResponse:
    """A call that came in, once it is known who is on the line; before that, back to the questions."""
    sight = sight_of(request, public_id)
    if request.method == "POST":
        return _finish(request, sight)
    sealed = request.session.get(OPENED, {}).get(str(public_id), "")
    try:
        opened = opening.read(sealed, patient=sight.patient, user=request.user)
    except CannotDo:
        return redirect("call:identify", public_id=public_id)
    return _show(request, sight, opened, None)


@require_http_methods(BOTH)
@working
def incoming(request: StaffRequest) -> HttpResponse:
    """Somebody is calling: find whom it is about by number or name. Nothing but names is shown."""
    asked = request.POST.get("q", "").replace("\0", "").strip()[:100]
    found: list[Patient] = []
    if asked:
        among = guard.patients_for(request.user, on=timezone.localdate())
        number = identity.by_number(asked, among=among)
        rows = among.filter(number).order_by("sort_name", "id") if number else registry.find(asked, among=among)
        found = list(rows[: FOUND + 1])
    if found:
        audit.saw_list([one.pk for one in found], by=request.user, page="call:incoming", why="incoming call")
    context = {
        "asked": asked,
        "found": found[:FOUND],
        "more": len(found) > FOUND,
        "refer": _address("enrollment:new_referral"),
    }
    return render(request, "call/incoming.html", context)


@require_http_methods(BOTH)
@working
def identify(request: StaffRequest, public_id) -> HttpResponse:
    """Who is on the line, and two things they say about the patient: compared with the record, never shown."""
    sight = sight_of(request, public_id)
    if sight.is_emergency:
        messages.error(request, _("You opened this patient in an emergency: calls are taken by who looks after them."))
        return redirect("patient:glance", public_id=public_id)
    wrong = ""
    said = {name: request.POST.get(name, "").replace("\0", "")[:100] for name in identity.SAID}
    with_whom, caller = (
        request.POST.get("with_whom", ""),
        request.POST.get("caller", "").replace("\0", "").strip()[:200],
    )
    if request.method == "POST":
        wrong = _what_is_missing(with_whom, caller)
        fitting = [] if wrong else identity.fitting(sight.patient, said)
        if not wrong and len(fitting) < identity.NEEDED:
            audit.happened("caller_not_known", by=request.user, patient_ids=[sight.patient.pk], page="call:identify")
            wrong = _(
                "Two things must fit the record. Ask again, or call back on a number on file. Say nothing from the chart."
            )
        if not wrong:
            return _opened(request, sight, with_whom=with_whom, caller=caller, fitting=fitting)
    context = {
        "patient": sight.patient, "said": identity.SAID.items(), "typed": said, "with_whom": with_whom, "caller": caller,
        "wrong": wrong, "whom": [one for one in Contact.With.choices if one[0] != Contact.With.UNKNOWN],
    }  # fmt: skip
    return render(request, "call/identify.html", context, status=422 if wrong else 200)


def _what_is_missing(with_whom: str, caller: str) -> str:
    if with_whom not in Contact.With.values or with_whom == Contact.With.UNKNOWN:
        return _("Say who is on the line.")
    if with_whom != Contact.With.PATIENT and not caller:
        return _("Write the caller's name.")
    return ""


def _opened(request: StaffRequest, sight: Sight, *, with_whom: str, caller: str, fitting: list[str]) -> HttpResponse:
    beside = with_whom in (Contact.With.PROXY, Contact.With.FAMILY)
    person = identity.caller_of(sight.patient, caller) if beside else None
    opened = opening.Opened(
        patient=str(sight.patient.public_id), user=request.user.pk, started=sight.at.isoformat(), direction="in",
        with_whom=with_whom, caller=caller, related_person=person.pk if person else None, identified_by=tuple(fitting),
    )  # fmt: skip
    calls = request.session.get(OPENED, {})
    request.session[OPENED] = calls | {str(sight.patient.public_id): opening.seal(opened)}
    audit.happened(
        "caller_known", by=request.user, patient_ids=[sight.patient.pk], page="call:identify", after={"by": fitting}
    )
    return redirect("call:on_line", public_id=sight.patient.public_id)


def _finish(request: StaffRequest, sight: Sight) -> HttpResponse:
    """Write the call down; whatever is missing is said beside its field, and nothing that was typed is lost."""
    try:
        opened = opening.read(request.POST.get("call", ""), patient=sight.patient, user=request.user)
    except CannotDo as refusal:
        return render(request, "call/refused.html", {"why": str(refusal), "patient": sight.patient}, status=409)
    if not opened.is_incoming and not opened.anyway and (stop := _stopped_before(sight, opened)):
        why = _("%(stop)s Say first why you call anyway.") % {"stop": gate.said_stop(stop)}
        return render(request, "call/refused.html", {"why": why, "patient": sight.patient}, status=409)
    task, at = _task(sight, opened.task), timezone.now()
    script = screen.script_for(task, opened, is_asked=screen.is_asked_to_join(sight))
    form = forms.Outcome(
        request.POST, is_incoming=opened.is_incoming, needs_interpreter=screen.needs_interpreter(sight), at=at
    )
    if form.is_valid():
        answers = noting.given_in(script, request.POST)
        try:
            done = finishing.finish(
                opened=opened, patient=sight.patient, script=script, facts=form.cleaned_data, answers=answers, task=task,
                by=request.user, at=at,
            )  # fmt: skip
        except CannotDo as refusal:
            form.add_error(None, str(refusal))
        else:
            _forget(request, sight, opened)
            messages.success(request, _said(done))
            return _next_page(request, sight, answers, done)
    return _show(request, sight, opened, task, form=form)


def _stopped_before(sight: Sight, opened: opening.Opened) -> DoNotContact | None:
    """What forbade this call when it began; what they asked for while it ran does not undo it."""
    return gate.standing_stop(sight.patient, channel.CALL, opened.started_at)


def _next_page(
    request: StaffRequest, sight: Sight, answers: list[noting.Given], done: finishing.Finished
) -> HttpResponse:
    """Where one goes after a call: who wishes to join hears now what they agree to; otherwise back to the day."""
    wish = next((one.answer.code for one in answers if one.question.code == "interest" and one.answer), "")
    if wish == "yes" and done.recorded.contact.was_reached and request.user.may(Permission.TAKE_CONSENT):
        consent = _address("enrollment:consent", sight.patient.public_id)
        asked = OutreachEpisode.objects.running().filter(patient=sight.patient).order_by("opened_at").first()
        if consent is not None:
            return redirect(f"{consent}?program={asked.program}" if asked else consent)
    return redirect("day:day")


def _forget(request: StaffRequest, sight: Sight, opened: opening.Opened) -> None:
    if opened.is_incoming:
        calls = dict(request.session.get(OPENED, {}))
        calls.pop(str(sight.patient.public_id), None)
        request.session[OPENED] = calls


def _said(done: finishing.Finished) -> str:
    parts = [_("Call written down.")]
    if done.minutes:
        parts.append(_("%s minutes booked.") % done.minutes)
    if done.recorded.next_task:
        when = timezone.localtime(done.recorded.next_task.due_at)
        parts.append(_("Next contact %s.") % date_format(when, "D M j, g:i A"))
    if done.next_try is not None:
        parts.append(_("The next try is planned: %s.") % date_format(timezone.localtime(done.next_try), "D M j"))
    if done.made:
        parts.append(_("%s reminders made.") % len(done.made))
    if done.recorded.flagged_wrong:
        parts.append(_("The number is flagged and is not offered again."))
    if done.recorded.reported_death:
        parts.append(_("All outreach stopped. Somebody is asked to confirm the death."))
    return " ".join(parts)


def _show(
    request: StaffRequest, sight: Sight, opened: opening.Opened, task: Task | None, *, form: forms.Outcome | None = None
) -> HttpResponse:
    context = screen.everything(sight, opened, task, posted=request.POST if form else None, form=form)
    return render(request, "call/screen.html", context, status=422 if form else 200)


def _task(sight: Sight, asked: str) -> Task | None:
    """The task a call is for, when it is an open one of this patient."""
    from uuid import UUID

    try:
        wanted = UUID(asked)
    except ValueError:
        return None
    return Task.objects.open().filter(patient=sight.patient, public_id=wanted).first()


def _address(url_name: str, *args) -> str | None:
    try:
        return reverse(url_name, args=args)
    except NoReverseMatch:
        return None

"""Whom to call now: the list of people we try to reach, and one of them with every attempt."""

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from carewright.access import guard
from carewright.audit import actions as audit
from carewright.channel import places
from carewright.contacts import actions as contacts
from carewright.contacts.queries import without_held
from carewright.enrollment import consenting, deaths, queries, reaching
from carewright.enrollment.forms import inside as forms
from carewright.enrollment.models import OutreachEpisode
from carewright.enrollment.views.doing import as_typed, status_of, with_form
from carewright.enrollment.views.triage import facts_of
from carewright.kernel.errors import CannotDo
from carewright.knowledge import outreach as rules
from carewright.knowledge.programs import name_of
from carewright.plumbing.lists import page_of
from carewright.staff.requests import StaffRequest
from carewright.staff.roles import Permission
from carewright.tasks import sentences
from carewright.tasks.models import Task

STATES = {
    "now": gettext_lazy("Call now"), "later": gettext_lazy("Call later"), "letter": gettext_lazy("Letter"),
    "waiting": gettext_lazy("Waiting"), "repair": gettext_lazy("No number or address"), "held": gettext_lazy("On hold"),
    "over": gettext_lazy("Over"),
}  # fmt: skip
COUNTED = timedelta(days=7)


@require_GET
@guard.requires(Permission.WORK_TASKS)
def outreach(request: StaffRequest) -> HttpResponse:
    """The people to reach, the most pressing first; calls and people are counted apart."""
    today, now = timezone.localdate(), timezone.now()
    state = request.GET.get("state", "")
    state = state if state in STATES else "now"
    whose = "all" if request.GET.get("whose") == "all" else "mine"
    found = queries.outreach(request.user, on=today, at=now, state=state, whose=whose)
    page = page_of(found, request.GET)
    rows = [
        {"episode": episode, "program": _(name_of(episode.program)), "clock": _clock(episode, now),
         "from": _local(episode, episode.next_from), "until": _local(episode, episode.next_until)}
        for episode in page.object_list
    ]  # fmt: skip
    guard.saw_list(request, [row["episode"].patient for row in rows])
    counts = queries.outreach_counts(request.user, on=today, at=now, whose=whose)
    context = {
        "rows": rows,
        "page": page,
        "query": urlencode({"state": state, "whose": whose}),
        "state": state,
        "whose": whose,
        "states": [(code, words, counts[code]) for code, words in STATES.items()],
        "elsewhere": [(code, words, counts[code]) for code, words in STATES.items() if counts[code] and code != "over"],
        "counted": queries.counted(request.user, since=now - COUNTED, on=today),
    }
    return render(request, "enrollment/outreach.html", context)


@require_GET
@guard.requires(Permission.WORK_TASKS)
def episode(request: StaffRequest, episode_id: UUID) -> HttpResponse:
    """One person we try to reach: the numbers, what was tried, what comes next and why."""
    return _episode_page(request, _episode(request, episode_id))


def _episode_page(request: StaffRequest, found: OutreachEpisode, kept: Form | None = None) -> HttpResponse:
    """The page, with what was typed in the form that was refused."""
    patient, today, now = found.patient, timezone.localdate(), timezone.now()
    audit.saw(patient, by=request.user, page="enrollment:episode")
    rule = reaching.rule_of(found.program, today)
    zone = places.zone_of(patient)
    attempts = reaching.attempts_of(patient, since=found.opened_at)
    numbers = patient.contact_points.phones().in_dialing_order()
    context = {
        "episode": found,
        "patient": patient,
        "program": _(name_of(found.program)),
        "numbers": numbers,
        "contacts": without_held(queries.tried(found)),
        "standing": rules.standing(rule, attempts),
        "rule": rule,
        "from": _local(found, found.next_from),
        "until": _local(found, found.next_until),
        "too_often": sentences.why(rules.too_often(rule, attempts, timezone.localdate(now, zone))),
        "local_time": timezone.localtime(now, zone),
        "form": as_typed(
            forms.Attempt(points=numbers.right(), initial={"point": numbers.right().first()}, auto_id="attempt_%s"),
            kept,
        ),
        "hand_over": as_typed(forms.HandOver(auto_id="to_%s"), kept),
        "lost": kept if found.closed_at or found.held_because else None,
        "may_consent": request.user.may(Permission.TAKE_CONSENT),
        "may_open": request.user.may(Permission.SEE_CHART),
        "may_call": found.closed_at is None and not found.held_because and request.user.may(Permission.SEE_CHART),
        "task": Task.objects.open()
        .filter(about_kind=reaching.ABOUT, about_public_id=found.public_id, kind="outreach_call")
        .first(),
        "sent": _asked(found),
        "agreed": found.closed_at is None and found.next_why == reaching.AGREED,
        "place_known": places.is_known(patient),
    }
    return render(request, "enrollment/episode.html", context, status=status_of(kept))


def _asked(found: OutreachEpisode) -> list[dict[str, object]]:
    """What was asked for in each referral, without who sent it: what a caller needs before the first word."""
    referrals = found.item.referrals.all() if found.item else []
    return [{"sent": one, "facts": facts_of(one, with_sender=False)} for one in referrals]


def _on_episode(
    request: StaffRequest, found: OutreachEpisode, form: Form, act: Callable[[dict], object], said: str
) -> HttpResponse:
    """Do what a form of the page asks; what is refused comes back there as it was typed."""

    def page(kept: Form) -> HttpResponse:
        found.refresh_from_db()  # what was taken back in the database may still stand on the object
        return _episode_page(request, found, kept)

    return with_form(request, form, act, said, page, "enrollment:episode", episode_id=found.public_id)


@require_POST
@guard.requires(Permission.WORK_TASKS)
def record_attempt(request: StaffRequest, episode_id: UUID) -> HttpResponse:
    """Write down how an attempt ended; the next one plans itself."""
    found, now = _episode(request, episode_id), timezone.now()
    form = forms.Attempt(request.POST, points=found.patient.contact_points.right().phones(), auto_id="attempt_%s")

    def kept(given: dict) -> None:
        made = contacts.record(
            patient=found.patient,
            kind="call",
            ended=given["ended"],
            contact_point=given["point"],
            by=request.user,
            at=now,
        )
        if made.reported_death:
            deaths.report(patient=found.patient, source="call", by=request.user, at=now, on=timezone.localdate())
        consenting.after_contact(contact=made.contact, by=request.user, at=now)
        found.refresh_from_db()
        if given["ended"] == "call_back" and found.closed_at is None:
            reaching.call_back(episode=found, when=given["call_back_at"], by=request.user, at=now)

    return _on_episode(request, found, form, kept, _("Kept. The next step is planned."))


@require_POST
@guard.requires(Permission.WORK_TASKS)
def send_letter(request: StaffRequest, episode_id: UUID) -> HttpResponse:
    """Send the letter that offers the program."""
    found = _episode(request, episode_id)
    try:
        sent = reaching.send_letter(episode=found, by=request.user, at=timezone.now())
    except CannotDo as refusal:
        messages.error(request, str(refusal))
    else:
        if sent.said:
            messages.error(request, sent.said)
        else:
            messages.success(request, _("The letter is on its way."))
    return _back(found)


@require_POST
@guard.requires(Permission.WORK_TASKS)
def hand_over(request: StaffRequest, episode_id: UUID) -> HttpResponse:
    """Let somebody else make the calls."""
    found = _episode(request, episode_id)
    return _on_episode(
        request, found, forms.HandOver(request.POST, auto_id="to_%s"),
        lambda given: reaching.hand_over(
            episode=found, to=given["to"], by=request.user, on=timezone.localdate(), at=timezone.now()
        ),
        _("Handed over."),
    )  # fmt: skip


def _back(found: OutreachEpisode) -> HttpResponse:
    return redirect("enrollment:episode", episode_id=found.public_id)


def _episode(request: StaffRequest, episode_id: UUID) -> OutreachEpisode:
    """An episode of a patient this reader has a tie to; any other does not exist for them."""
    found = OutreachEpisode.objects.filter(public_id=episode_id).select_related("patient", "owner", "item").first()
    if found is None:
        raise Http404
    if not guard.patients_for(request.user, on=timezone.localdate()).filter(pk=found.patient_id).exists():
        guard.note_refusal(request, what=f"outreach {episode_id}", why="no tie", patient_ids=[found.patient_id])
        raise Http404
    return found


def _local(found: OutreachEpisode, at):
    """A moment as the clock shows it where the person lives."""
    return timezone.localtime(at, places.zone_of(found.patient)) if at else None


def _clock(found: OutreachEpisode, now) -> str:
    return queries.clock_of(found.next_until, now) if found.next_until else "ok"

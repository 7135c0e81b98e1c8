"""The triage list over all doors, one person on it, and what comes in by telephone or from inside."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from carewright.access import guard
from carewright.audit import actions as audit
from carewright.enrollment import queries, reaching, referring, triaging
from carewright.enrollment.forms import inside as forms
from carewright.enrollment.models import Door, IncomingReferral, ReferralLink, TriageItem
from carewright.enrollment.views.doing import as_typed, done, lost, status_of, with_form
from carewright.knowledge import referral as words
from carewright.knowledge.programs import name_of
from carewright.plumbing.lists import page_of
from carewright.registry.models import RelatedPerson
from carewright.registry.names import name_key
from carewright.staff.requests import StaffRequest
from carewright.staff.roles import Permission
from carewright.tasks.returning import did

STATES = ("waiting", "pcp", "not_now", "accepted", "excluded")
SAID = {
    "waiting": gettext_lazy("Waiting"), "pcp": gettext_lazy("With the PCP"), "not_now": gettext_lazy("Not now"), "accepted": gettext_lazy("Accepted"),
    "excluded": gettext_lazy("Excluded"),
}  # fmt: skip


@require_GET
@guard.requires(Permission.DECIDE_CANDIDATES)
def triage(request: StaffRequest) -> HttpResponse:
    """One list over all doors; who waits longest stands on top, and each row has its clock."""
    today, now = timezone.localdate(), timezone.now()
    state = request.GET.get("state", "")
    state = state if state in STATES else "waiting"
    door = request.GET.get("door", "")
    door = door if door in Door.values else ""
    items = queries.triage(request.user, on=today, state=state, door=door).select_related("patient", "decided_by")
    page = page_of(items, request.GET)
    rows = queries.rows(page.object_list, at=now)
    guard.saw_list(request, [row.item.patient for row in rows if row.item.patient])
    context = {
        "rows": rows,
        "page": page,
        "query": urlencode({"state": state, "door": door}),
        "state": state,
        "door": door,
        "states": [
            (code, SAID[code], number) for code, number in queries.triage_counts(request.user, on=today).items()
        ],
        "doors": queries.doors(request.user, on=today),
        "from_claims": queries.waiting_from_claims(request.user, on=today)
        if request.user.may(Permission.SEE_CANDIDATES)
        else None,
        "may_link": request.user.may(Permission.SEE_TEAM),
        "addresses": [
            (_("Asking for help oneself, English"), _address(request, "enrollment:public_self")),
            (_("The same, Spanish"), _address(request, "enrollment:public_self") + "?lang=es"),
            (_("For a practice"), _address(request, "enrollment:public_provider")),
        ],
    }
    return render(request, "enrollment/triage.html", context)


def _address(request: StaffRequest, url_name: str) -> str:
    return request.build_absolute_uri(reverse(url_name))


@require_GET
@guard.requires(Permission.DECIDE_CANDIDATES)
def triage_item(request: StaffRequest, item_id: UUID) -> HttpResponse:
    """One person of the list: what was sent, who it could be, and what to do."""
    item = _item(request, item_id)
    if item.joined_to is not None:
        return redirect("enrollment:triage_item", item_id=item.joined_to.public_id)
    return _item_page(request, item)


def _item_page(request: StaffRequest, item: TriageItem, kept: Form | None = None) -> HttpResponse:
    """The page, with what was typed in the form that was refused."""
    today = timezone.localdate()
    first = item.referrals.order_by("received_at", "pk").first()
    possible = []
    if item.patient is None and item.decision is None:
        possible = triaging.possible_people(item=item, by=request.user)
    elif item.patient is not None:
        audit.saw(item.patient, by=request.user, page="enrollment:triage_item")
    program = item.program or (reaching.program_suggested(item.patient) if item.patient else "")
    context = {
        "row": queries.rows([item], at=timezone.now())[0],
        "item": item,
        "referrals": [{"sent": one, "facts": facts_of(one)} for one in item.referrals.all()],
        "possible": possible,
        "episodes": item.outreach.select_related("owner"),
        "is_waiting": item.is_waiting(today),
        "add": as_typed(forms.AddPerson(initial=_guess(first), auto_id="add_%s"), kept),
        "accept": as_typed(
            forms.Accept(initial={"program": program, "owner": request.user.pk}, auto_id="accept_%s"), kept
        ),
        "not_now": as_typed(forms.NotNow(initial={"until": today + timedelta(days=30)}, auto_id="later_%s"), kept),
        "exclude": as_typed(forms.Exclude(auto_id="exclude_%s"), kept),
        "ask": as_typed(forms.Note(auto_id="ask_%s"), kept),
        "why": as_typed(forms.Why(auto_id="why_%s"), kept),
        "program_name": _(name_of(item.program)) if item.program else "",
        "may_consent": request.user.may(Permission.TAKE_CONSENT),
        "may_work": request.user.may(Permission.WORK_TASKS),
    }
    here = ["exclude_%s"] if context["is_waiting"] else []
    if item.patient is None:
        here += [] if item.decision == TriageItem.Decision.EXCLUDED else ["add_%s"]
    elif context["is_waiting"]:
        here += ["accept_%s", "later_%s", "ask_%s", *([] if item.decision else ["why_%s"])]
    context["lost"] = lost(kept, here=here)
    return render(request, "enrollment/triage_item.html", context, status=status_of(kept))


def _on_item(
    request: StaffRequest, item: TriageItem, form: Form, act: Callable[[dict], object], said: str
) -> HttpResponse:
    """Do what a form of one person's page asks; what is refused comes back there as it was typed."""

    def page(kept: Form) -> HttpResponse:
        item.refresh_from_db()  # what was taken back in the database may still stand on the object
        return _item_page(request, item, kept)

    return with_form(request, form, act, said, page, "enrollment:triage_item", item_id=item.public_id)


@require_POST
@guard.requires(Permission.DECIDE_CANDIDATES)
def say_who(request: StaffRequest, item_id: UUID) -> HttpResponse:
    """This is the person: one of those shown, or somebody new."""
    item, today, now = _item(request, item_id), timezone.localdate(), timezone.now()
    back = redirect("enrollment:triage_item", item_id=item.public_id)
    if "add" in request.POST:
        return _on_item(
            request, item, forms.AddPerson(request.POST, auto_id="add_%s"),
            lambda given: triaging.add_person(item=item, by=request.user, on=today, at=now, **given), _("Added."),
        )  # fmt: skip
    if "back" in request.POST:
        return _on_item(
            request, item, forms.Why(request.POST, auto_id="why_%s"),
            lambda given: triaging.take_back_who(item=item, by=request.user, at=now, **given),
            _("Nobody is chosen now."),
        )  # fmt: skip
    chosen = request.POST.get("person", "")
    shown = {str(each.patient.public_id): each.patient for each in triaging.possible_people(item=item, by=request.user)}
    if chosen not in shown:
        messages.error(request, _("Choose one of the people shown."))
        return back
    done(
        request, lambda: triaging.say_who(item=item, patient=shown[chosen], by=request.user, on=today, at=now),
        _("Kept: this is who it is about."),
    )  # fmt: skip
    return back


@require_POST
@guard.requires(Permission.DECIDE_CANDIDATES)
def decide(request: StaffRequest, item_id: UUID) -> HttpResponse:
    """Accept, not now, exclude, or ask the PCP."""
    item, today, now = _item(request, item_id), timezone.localdate(), timezone.now()
    common: dict[str, Any] = {"item": item, "by": request.user, "at": now}
    decisions = {
        "accept": (forms.Accept, "accept_%s", lambda given: triaging.accept(on=today, **common, **given), _("Accepted. The first call is planned.")),
        "not_now": (forms.NotNow, "later_%s", lambda given: triaging.not_now(on=today, **common, **given), _("Set aside until that day.")),
        "exclude": (forms.Exclude, "exclude_%s", lambda given: triaging.exclude(on=today, **common, **given), _("Excluded.")),
        "ask_pcp": (forms.Note, "ask_%s", lambda given: triaging.ask_pcp(**common, **given), _("The PCP is asked; a reminder is set.")),
    }  # fmt: skip
    if request.POST.get("decision") not in decisions:
        raise Http404
    form, auto_id, act, said = decisions[request.POST["decision"]]
    return _on_item(request, item, form(request.POST, auto_id=auto_id), act, said)


@require_http_methods(["GET", "POST"])
@guard.requires(Permission.WORK_TASKS)
def new_referral(request: StaffRequest) -> HttpResponse:
    """Write down what a caller or a colleague tells us about a person."""
    form = forms.CallersReferral(request.POST or None)
    told: list[referring.Received] = []

    def keep() -> None:
        told.append(referring.receive(at=timezone.now(), by=request.user, **form.typed()))

    if request.method == "POST" and form.is_valid() and did(form, keep):
        messages.success(request, _("Kept, and on the triage list. The code for the caller is %s.") % told[0].code)
        if request.user.may(Permission.DECIDE_CANDIDATES):
            return redirect("enrollment:triage_item", item_id=told[0].referral.item.public_id)
        return redirect("enrollment:new_referral")
    context = {"form": form, "may_triage": request.user.may(Permission.DECIDE_CANDIDATES)}
    return render(request, "enrollment/new_referral.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@guard.requires(Permission.SEE_TEAM)
def links(request: StaffRequest) -> HttpResponse:
    """The practices' own addresses; a new one is shown once."""
    today = timezone.localdate()
    form = forms.Link(request.POST or None, initial={"ends_on": today + timedelta(days=30)})
    made = ""
    codes: list[str] = []

    def make() -> None:
        codes.append(referring.make_link(on=today, at=timezone.now(), by=request.user, **form.cleaned_data)[1])

    if request.method == "POST" and form.is_valid() and did(form, make):
        made = request.build_absolute_uri(reverse("enrollment:public_practice", args=codes))
        form = forms.Link(initial={"ends_on": today + timedelta(days=30)})
    context = {
        "form": form,
        "made": made,
        "today": today,
        "links": ReferralLink.objects.select_related("made_by")[:200],
    }
    return render(request, "enrollment/links.html", context, status=422 if form.errors else 200)


@require_POST
@guard.requires(Permission.SEE_TEAM)
def end_link(request: StaffRequest, pk: int) -> HttpResponse:
    """End a practice's address."""
    link = ReferralLink.objects.filter(pk=pk).first()
    if link is None:
        raise Http404
    done(request, lambda: referring.end_link(link=link, at=timezone.now(), by=request.user), _("The link ended."))
    return redirect("enrollment:links")


def _item(request: StaffRequest, item_id: UUID) -> TriageItem:
    """An item this reader may see: about nobody yet, or about a patient they have a tie to."""
    found = TriageItem.objects.filter(public_id=item_id).select_related("patient", "decided_by", "joined_to").first()
    if found is None:
        raise Http404
    if found.patient_id is not None:
        mine = guard.patients_for(request.user, on=timezone.localdate()).filter(pk=found.patient_id)
        if not mine.exists():
            guard.note_refusal(request, what=f"triage {item_id}", why="no tie", patient_ids=[found.patient_id])
            raise Http404
    return found


def _guess(first: IncomingReferral | None) -> dict:
    """What was typed, as a first draft of a new person; the family names are taken to stand last."""
    if first is None:
        return {}
    given, family = _divided(first.person_name, two_family_names=first.form_language == "es")
    return {
        "given_name": given, "family_name": family, "phone": first.person_phone,
        "born": referring.born_on(first.person_born), "language": first.person_language or first.form_language,
    }  # fmt: skip


def _divided(name: str, *, two_family_names: bool) -> tuple[str, str]:
    """
    Given and family names of a name typed as one; whoever wrote in Spanish most likely has two family names.

    >>> _divided("Maribel Santos Ruiz", two_family_names=True), _divided("Mary Ann Lee", two_family_names=False)
    (('Maribel', 'Santos Ruiz'), ('Mary Ann', 'Lee'))
    >>> _divided("Cher", two_family_names=True)
    ('Cher', '')
    """
    parts = name.split()
    family = 2 if two_family_names and len(parts) > 2 else 1
    return (" ".join(parts[:-family]), " ".join(parts[-family:])) if len(parts) > 1 else (name.strip(), "")


def _without_held(one: IncomingReferral) -> tuple[str, str]:
    """The number that was sent, and who sent it; neither of somebody who is held away from the patient since."""
    held = RelatedPerson.every_one.filter(patient=one.patient_id, held_at__isnull=False) if one.patient_id else ()
    numbers = {person.phone_digits for person in held} - {""}
    names = {name_key(person.name) for person in held}
    phone = _("not shown") if referring.digits(one.person_phone) in numbers else one.person_phone
    is_held = name_key(one.sender_name) in names or referring.digits(one.sender_phone) in numbers
    parts = (
        ("", one.sender_organization, "") if is_held else (one.sender_name, one.sender_organization, one.sender_phone)
    )
    return phone, ", ".join(filter(None, parts)) or (_("not shown") if is_held else "")


def facts_of(one: IncomingReferral, *, with_sender: bool = True) -> list[tuple[str, str]]:
    """What was answered, question by question; left out is what was not asked, and who sent it where that is said."""

    def said(code: str) -> str:
        return _(words.ALL[code].english) if code in words.ALL else code

    message = {True: _("Yes"), False: _("No, it is not safe"), None: ""}[one.may_leave_message]
    phone, sender = _without_held(one)
    facts = [
        (_("Phone"), phone if with_sender else ""), (_("Born"), one.person_born), (_("Number"), one.person_number),
        (_("Language"), dict(forms.LANGUAGES).get(one.person_language, one.person_language)),
        (_("For whom"), said(one.for_whom)), (_("Message left?"), message), (_("Best time"), said(one.best_time)),
        (_("Asked for"), ", ".join(said(code) for code in one.reasons)), (_("How soon"), said(one.how_soon)),
        (_("Does the person know?"), said(one.does_know)), (_("In their words"), one.words),
    ]  # fmt: skip
    if with_sender:
        facts += [
            (_("Sent by"), sender),
            (_("Inside"), said(one.inside)),
            (_("Written down by"), one.received_by.name if one.received_by else ""),
        ]
    return [(str(question), str(answer)) for question, answer in facts if answer]

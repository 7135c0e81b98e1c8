"""
Contact details: how somebody is called and reached, who stands beside them, and who is held away.

One page, many small forms; each says with `do` what it does. What is written here is ours, and no file overwrites it.
Who is held away is shown to roles that may know of safety concerns, and to nobody else.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from django import forms as django_forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from carewright.access import guard
from carewright.access.sensitive import hidden_tags
from carewright.kernel.errors import CannotDo
from carewright.knowledge import minors
from carewright.registry import reaching, relating
from carewright.registry.models import Authority, ContactPoint, Patient, RelatedPerson
from carewright.registry.queries import said_by
from carewright.staff.requests import StaffRequest
from carewright.staff.roles import Permission
from carewright.web.people import forms


@dataclass(frozen=True)
class Asked:
    """One thing somebody asked for: the patient, which row it is about, what they typed, and who they are."""

    request: StaffRequest
    patient: Patient
    form: django_forms.Form | None = None
    said: dict = field(default_factory=dict)

    @property
    def row(self) -> str:
        """The number of the row it is about."""
        found = self.request.POST.get("row", "")
        if not found.isascii() or not found.isdigit():
            raise Http404
        return found

    @property
    def by(self):
        """Who asks."""
        return self.request.user

    def point(self) -> ContactPoint:
        """The contact point it is about."""
        return get_object_or_404(ContactPoint.objects.filter(patient=self.patient), pk=self.row)

    def person(self, *, held: bool = False) -> RelatedPerson:
        """The related person it is about; somebody held only where one may know of them."""
        among = RelatedPerson.every_one if held and _may_know(self.request) else RelatedPerson.objects
        return get_object_or_404(among.filter(patient=self.patient), pk=self.row)


def _may_know(request: StaffRequest) -> bool:
    return "safety" not in hidden_tags(request.user)


def _facts(asked: Asked) -> None:
    reaching.correct_facts(patient=asked.patient, facts=asked.said, by=asked.by, at=timezone.now())


def _preference(asked: Asked) -> None:
    reaching.set_preference(patient=asked.patient, facts=asked.said, by=asked.by, at=timezone.now())


def _address(asked: Asked) -> None:
    reaching.set_address(patient=asked.patient, by=asked.by, at=timezone.now(), **asked.said)


def _add_point(asked: Asked) -> None:
    reaching.add_contact_point(patient=asked.patient, by=asked.by, **asked.said)


def _describe_point(asked: Asked) -> None:
    point, said = asked.point(), dict(asked.said)
    consent = said.pop("consent")
    said["use"] = said["use"] or None
    reaching.describe_contact_point(point=point, facts=said, by=asked.by)
    is_phone = point.kind == ContactPoint.Kind.PHONE
    if consent and consent != (point.text_consent if is_phone else point.email_consent):
        record = reaching.record_text_consent if is_phone else reaching.record_email_consent
        record(point=point, state=consent, by=asked.by, at=timezone.now())


def _wrong(asked: Asked) -> None:
    reaching.flag_wrong(point=asked.point(), on=timezone.localdate(), by=asked.by)


def _right(asked: Asked) -> None:
    reaching.flag_right(point=asked.point(), by=asked.by)


def _add_person(asked: Asked) -> None:
    relating.add_related_person(patient=asked.patient, by=asked.by, at=timezone.now(), **asked.said)


def _correct_person(asked: Asked) -> None:
    relating.correct_related_person(person=asked.person(), by=asked.by, at=timezone.now(), **asked.said)


def _authority(asked: Asked) -> None:
    relating.give_authority(person=asked.person(), by=asked.by, at=timezone.now(), **asked.said)


def _end_authority(asked: Asked) -> None:
    shown = Authority.objects.filter(patient=asked.patient, related_person__held_at__isnull=True)
    authority = get_object_or_404(shown, pk=asked.row)
    relating.end_authority(authority=authority, on=timezone.localdate(), by=asked.by, **asked.said)


def _hold(asked: Asked) -> None:
    relating.hold_person(person=asked.person(), by=asked.by, at=timezone.now(), **asked.said)


def _lift(asked: Asked) -> None:
    relating.lift_hold(person=asked.person(held=True), by=asked.by, **asked.said)


DOES: dict[str, tuple[type[django_forms.Form] | None, Callable[[Asked], None]]] = {
    "facts": (forms.Facts, _facts), "preference": (forms.Preference, _preference), "address": (forms.Home, _address),
    "add_point": (forms.NewPoint, _add_point), "describe_point": (forms.Point, _describe_point),
    "wrong": (None, _wrong), "right": (None, _right), "add_person": (forms.Related, _add_person),
    "correct_person": (forms.Related, _correct_person), "authority": (forms.NewAuthority, _authority),
    "end_authority": (forms.Because, _end_authority), "hold": (forms.Hold, _hold), "lift": (forms.Because, _lift),
}  # fmt: skip


@guard.requires(Permission.WORK_TASKS, Permission.SEE_CHART)
@require_http_methods(["GET", "HEAD", "POST"])
def details(request: StaffRequest, public_id) -> HttpResponse:
    """Everything about reaching one patient, and changing it."""
    patient = guard.open_patient(request, public_id)
    wrong: tuple[str, str, django_forms.Form | None] = ("", "", None)
    if request.method == "POST":
        do = request.POST.get("do", "")
        kind, action = DOES.get(do, (None, None))
        if action is None:
            raise Http404
        row = request.POST.get("row", "")
        form = kind(request.POST, prefix=prefix_of(do, row)) if kind else None
        if form is None or form.is_valid():
            try:
                action(Asked(request, patient, form, form.cleaned_data if form else {}))
            except CannotDo as refusal:
                if form is None:
                    messages.error(request, str(refusal))
                else:
                    form.add_error(None, str(refusal))
            else:
                messages.success(request, _("Kept."))
                return redirect("people:contact", public_id=public_id)
        wrong = (do, row, form)
    return render(
        request, "people/contact.html", _page(request, patient, wrong), status=422 if request.method == "POST" else 200
    )


def prefix_of(do: str, row: object = "") -> str:
    """What a form's fields begin with, so that ten forms on a page never share an id."""
    return f"{do}{row}"


def _page(request: StaffRequest, patient: Patient, wrong: tuple[str, str, django_forms.Form | None]) -> dict:
    today = timezone.localdate()

    def form(kind: type[django_forms.Form], do: str, row: object = "", initial: dict | None = None):
        if wrong[2] is not None and (do, str(row)) == wrong[:2]:
            return wrong[2]
        return kind(prefix=prefix_of(do, row), initial=initial)

    points = [
        (point, form(forms.Point, "describe_point", point.pk, _of_point(point)))
        for point in ContactPoint.objects.filter(patient=patient).in_dialing_order()
    ]
    people = [
        {
            "person": person,
            "authorities": [
                (one, form(forms.Because, "end_authority", one.pk)) for one in person.authorities.on(today)
            ],
            "now": person.authority_on(today),
            "correct": form(forms.Related, "correct_person", person.pk, _columns(person, forms.Related)),
            "give": form(forms.NewAuthority, "authority", person.pk, {"starts_on": today}),
            "hold": form(forms.Hold, "hold", person.pk),
        }
        for person in RelatedPerson.objects.filter(patient=patient).order_by("pk")
    ]
    held = RelatedPerson.every_one.filter(patient=patient, held_at__isnull=False).select_related("held_by")
    of_age = minors.of_age_on(patient.born_on, relating.state_of(patient)) if patient.born_on else None
    return {
        "patient": patient,
        "points": points,
        "people": people,
        "held": [(one, form(forms.Because, "lift", one.pk)) for one in held] if _may_know(request) else [],
        "may_know": _may_know(request),
        "is_minor": of_age is not None and today < of_age,
        "view_said": relating.view_said(
            minors.view(born_on=patient.born_on, state=relating.state_of(patient), on=today)
        ),
        "of_age": of_age,
        "facts": form(forms.Facts, "facts", initial=_columns(patient, forms.Facts)),
        "preference": form(forms.Preference, "preference", initial=_columns(getattr(patient, "preference", None), forms.Preference)),
        "addresses": patient.addresses.order_by("use"),
        "address": form(forms.Home, "address", initial=_home(patient)),
        "add_point": form(forms.NewPoint, "add_point"),
        "add_person": form(forms.Related, "add_person"),
        "said": said_by(patient),
        "open_form": "".join(wrong[:2]),
        "read_only": request.break_glass is not None,
    }  # fmt: skip


def _columns(row, kind: type[django_forms.Form]) -> dict:
    return {name: getattr(row, name) for name in kind.base_fields} if row is not None else {}


def _of_point(point: ContactPoint) -> dict:
    consent = point.text_consent or point.email_consent or ""
    names = ("use", "rank", "best_time", "is_safe_for_message", "is_shared")
    return {name: getattr(point, name) for name in names} | {"consent": consent}


def _home(patient: Patient) -> dict:
    return _columns(patient.addresses.filter(use="home").first(), forms.Home) or {"use": "home"}

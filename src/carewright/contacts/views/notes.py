"""A patient's notes: the list with its search, a new note, what is added to one, and a note that does not hold."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from carewright.access import guard
from carewright.contacts import actions, forms, note_templates, queries
from carewright.contacts.models import Note
from carewright.staff.requests import StaffRequest
from carewright.staff.roles import Permission
from carewright.tasks.returning import did

A_PAGE = 30


@require_http_methods(["GET", "POST"])
@guard.requires(Permission.WORK_TASKS)
def of_patient(request: StaffRequest, public_id) -> HttpResponse:
    """The notes somebody may read, the newest first, with what was added to each; and the form for a new one."""
    patient = guard.open_patient(request, public_id)
    chosen = note_templates.BY_CODE.get(request.GET.get("template", ""), note_templates.BY_CODE["free"])
    form = forms.WriteNote(
        request.POST if request.method == "POST" else None,
        initial={"template": chosen.code, "level": chosen.level, "text": chosen.begins},
    )

    def keep() -> object:
        return actions.write_note(patient=patient, by=request.user, at=timezone.now(), **form.cleaned_data)

    if request.method == "POST" and form.is_valid() and did(form, keep):
        messages.success(request, _("The note is kept."))
        return redirect("contacts:notes", public_id=public_id)
    asked = request.GET.get("q", "").strip()
    found = queries.notes_of(patient, reader=request.user, asked=asked)
    page = Paginator(found if asked else found.filter(addendum_of__isnull=True), A_PAGE).get_page(
        request.GET.get("page")
    )
    added: dict[int, list[Note]] = {}
    readable = queries.notes_of(patient, reader=request.user).filter(addendum_of__in=[note.pk for note in page])
    for note in readable.order_by("written_at"):
        added.setdefault(note.addendum_of_id, []).append(note)  # type: ignore[arg-type]
    names = {one.code: one.name for one in note_templates.TEMPLATES}
    return render(request, "contacts/notes.html", {
        "patient": patient, "form": form, "asked": asked, "page": page, "templates": note_templates.TEMPLATES,
        "chosen": chosen, "tab": "notes", "may_void_all": request.user.may(Permission.SEE_TEAM),
        "rows": [(note, names.get(note.template, ""), added.get(note.pk, [])) for note in page],
        "hidden": queries.unreadable_count(patient, reader=request.user),
    }, status=422 if form.errors else 200)  # fmt: skip


def _note(request: StaffRequest, public_id) -> Note:
    readable = Note.objects.filter(queries.readable(request.user), public_id=public_id)
    found = guard.one_of(request, readable.select_related("patient"))
    if found is None:
        raise Http404
    guard.open_patient(request, found.patient.public_id)
    return found


@require_POST
@guard.requires(Permission.WORK_TASKS)
def add(request: StaffRequest, public_id) -> HttpResponse:
    """Add to a note."""
    note, form = _note(request, public_id), forms.Addendum(request.POST)
    if form.is_valid() and did(form, lambda: actions.add_to_note(
        note=note, text=form.cleaned_data["text"], by=request.user, at=timezone.now()
    )):  # fmt: skip
        messages.success(request, _("Added."))
    else:
        messages.error(request, _problems(form))
    return redirect("contacts:notes", public_id=note.patient.public_id)


@require_POST
@guard.requires(Permission.WORK_TASKS)
def void(request: StaffRequest, public_id) -> HttpResponse:
    """Say that a note does not hold."""
    note, form = _note(request, public_id), forms.Because(request.POST)
    if form.is_valid() and did(form, lambda: actions.void_note(
        note=note, because=form.cleaned_data["because"], by=request.user, at=timezone.now()
    )):  # fmt: skip
        messages.success(request, _("The note is voided; it stays readable, marked."))
    else:
        messages.error(request, _problems(form))
    return redirect("contacts:notes", public_id=note.patient.public_id)


def _problems(form) -> str:
    return " ".join(error for errors in form.errors.values() for error in errors)

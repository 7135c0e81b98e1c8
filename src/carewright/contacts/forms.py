"""What people fill in about contacts and notes."""

from django import forms
from django.utils.translation import gettext_lazy as _

from carewright.contacts import note_templates
from carewright.contacts.models import Contact, Note
from carewright.registry.models import ContactPoint, Patient, RelatedPerson

WORDS = 20_000
ENDED = [choice for choice in Contact.Ended.choices if choice[0] != Contact.Ended.ERROR]
TYPED = "%Y-%m-%dT%H:%M"


class Moment(forms.DateTimeField):
    """A day with its time, in the organization's clock."""

    def __init__(self, **kwargs):
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=TYPED)
        super().__init__(widget=widget, input_formats=[TYPED, "%Y-%m-%dT%H:%M:%S"], **kwargs)


class LogContact(forms.Form):
    """One attempt: which way, with whom, by which number, how it ended, and what to keep of it."""

    kind = forms.ChoiceField(label=_("How"), choices=Contact.Kind.choices)
    direction = forms.ChoiceField(label=_("Who called whom"), choices=Contact.Direction.choices)
    with_whom = forms.ChoiceField(label=_("With whom"), choices=Contact.With.choices)
    contact_point = forms.ModelChoiceField(  # type: ignore[var-annotated]
        label=_("Number or address used"), queryset=None, required=False, empty_label=_("None of these")
    )
    related_person = forms.ModelChoiceField(  # type: ignore[var-annotated]
        label=_("Which person"), queryset=None, required=False, empty_label=_("Nobody of these")
    )
    ended = forms.ChoiceField(label=_("How it ended"), choices=ENDED)
    started_at = Moment(label=_("Began"))
    ended_at = Moment(label=_("Ended"), required=False)
    books_minutes = forms.BooleanField(label=_("Book these minutes"), required=False)
    interpreter = forms.ChoiceField(
        label=_("Interpreter"),
        choices=Contact._meta.get_field("interpreter").choices,  # type: ignore[arg-type]
        required=False,
    )
    interpreter_name = forms.CharField(label=_("Interpreter's name or number"), required=False, max_length=200)
    next_at = Moment(label=_("Next call"), required=False, help_text=_("Opens a reminder for you."))
    next_why = forms.CharField(label=_("What for"), required=False, max_length=500)
    note_template = forms.ChoiceField(
        label=_("Kind of note"), required=False,
        choices=[("", _("No note"))] + [(one.code, one.name) for one in note_templates.TEMPLATES],
    )  # fmt: skip
    note = forms.CharField(label=_("Note"), required=False, max_length=WORDS, widget=forms.Textarea({"rows": 5}))
    late_because = forms.CharField(
        label=_("Why is it entered later?"), required=False, max_length=500,
        help_text=_("Only for minutes that are more than a day old."),
    )  # fmt: skip

    def __init__(self, *args, patient: Patient, **kwargs):
        super().__init__(*args, **kwargs)
        points = ContactPoint.objects.filter(patient=patient).right().in_dialing_order()
        self.fields["contact_point"].queryset = points  # type: ignore[attr-defined]
        self.fields["contact_point"].label_from_instance = _point  # type: ignore[attr-defined]
        self.fields["related_person"].queryset = RelatedPerson.objects.filter(patient=patient)  # type: ignore[attr-defined]
        self.fields["related_person"].label_from_instance = _person  # type: ignore[attr-defined]

    def clean(self):
        """A number where no message is safe never gets one; minutes need an end; a note needs its kind."""
        given = super().clean() or {}
        point = given.get("contact_point")
        if given.get("ended") == Contact.Ended.LEFT_MESSAGE and point is not None and point.forbids_messages:
            self.add_error("ended", _("It is not safe to leave a message at this number. Choose how it really ended."))
        if given.get("books_minutes") and not given.get("ended_at"):
            self.add_error("ended_at", _("Say when it ended, so that the minutes can be booked."))
        if given.get("note", "").strip() and not given.get("note_template"):
            given["note_template"] = "free"
        if given.get("note_template") and not given.get("note", "").strip():
            self.add_error("note", _("Write the note, or choose no note."))
        return given


def _point(point: ContactPoint) -> str:
    said = f"{point.value} ({point.get_use_display()})" if point.use else point.value
    return said if point.is_safe_for_message is not False else _("%(number)s: leave no message") % {"number": said}


def _person(person: RelatedPerson) -> str:
    name = f"{person.given_name} {person.family_name}".strip()
    return f"{name} ({person.relationship})" if person.relationship else name


class Correct(forms.Form):
    """What was wrong, and how it was."""

    ended = forms.ChoiceField(label=_("How it ended"), choices=Contact.Ended.choices)
    with_whom = forms.ChoiceField(label=_("With whom"), choices=Contact.With.choices)
    direction = forms.ChoiceField(label=_("Who called whom"), choices=Contact.Direction.choices)
    started_at = Moment(label=_("Began"))
    ended_at = Moment(label=_("Ended"), required=False)
    because = forms.CharField(label=_("What was wrong?"), max_length=500)


class WriteNote(forms.Form):
    """A note: its kind, its words, for whom."""

    template = forms.ChoiceField(label=_("Kind"), choices=[(one.code, one.name) for one in note_templates.TEMPLATES])
    text = forms.CharField(label=_("Note"), max_length=WORDS, widget=forms.Textarea({"rows": 10}))
    level = forms.ChoiceField(
        label=_("For whom"), choices=Note.Level.choices,
        help_text=_("Restricted: only roles that see behavioral and safety facts. Private: you alone, found by nobody else."),
    )  # fmt: skip


class Because(forms.Form):
    """A reason."""

    because = forms.CharField(label=_("Why"), max_length=500)


class Addendum(forms.Form):
    """What is added to a note."""

    text = forms.CharField(label=_("Add to this note"), max_length=WORDS, widget=forms.Textarea({"rows": 4}))

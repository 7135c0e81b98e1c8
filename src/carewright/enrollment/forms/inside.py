"""What colleagues fill in: a caller's referral, who somebody is, a decision, an attempt, a consent, an enrollment."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from carewright.contacts.models import Contact
from carewright.enrollment import signing
from carewright.enrollment.models import DeathReport, Disclosure, Enrollment, How, Pause
from carewright.enrollment.referring import born_on
from carewright.knowledge import consent as words
from carewright.knowledge import referral
from carewright.knowledge.programs import PROGRAMS
from carewright.population.models import CandidateDecision
from carewright.staff import roles
from carewright.staff.models import User

Because = CandidateDecision.Because
ASK = (Because.NO_CAPACITY, Because.LIFE_EVENT, Because.DECLINED, Because.WELL_SUPPORTED)
NO = (
    Because.OTHER_PROGRAM, Because.HOSPICE, Because.MOVED, Because.WELL_SUPPORTED, Because.OPTED_OUT, Because.WRONG_PERSON,
)  # fmt: skip
LANGUAGES = (
    ("en", _("English")), ("es", _("Spanish")), ("vi", _("Vietnamese")), ("zh", _("Chinese")), ("ar", _("Arabic")),
    ("ru", _("Russian")), ("ase", _("American Sign Language")), ("other", _("Other")),
)  # fmt: skip
CALLER = "caller"


class Day(forms.DateInput):
    """A day, with the browser's calendar."""

    input_type = "date"


class Moment(forms.DateTimeInput):
    """A day and a time, with the browser's calendar."""

    input_type = "datetime-local"


def programs() -> list[tuple[str, str]]:
    """The programs somebody may join."""
    return [(program.code, gettext(program.name)) for program in PROGRAMS]


def said(choices: tuple[referral.Choice, ...], empty: Any = "") -> list[tuple[str, Any]]:
    """The choices of a question in the reader's language; `empty` names the choice of none."""
    return ([("", empty)] if empty else []) + [(one.code, _(one.english)) for one in choices]


def callers() -> Any:
    """Colleagues who may call people."""
    codes = [role.code for role in roles.ROLES if role.allows(roles.Permission.WORK_TASKS)]
    return User.objects.filter(is_active=True, role__in=codes)


def caller_said(user: User) -> str:
    """A colleague as one chooses them: the name and what they do."""
    role = user.described_role
    return f"{user.name}, {str(role.name).lower()}" if role else user.name


def _note(label=None, length: int = 1000) -> forms.CharField:
    return forms.CharField(
        label=label or _("Note"), required=False, max_length=length, widget=forms.Textarea({"rows": 2})
    )


def _text(label, length: int = 120, *, required: bool = True, help_text="") -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=length,
        required=required,
        help_text=help_text,
        widget=forms.TextInput({"autocomplete": "off"}),
    )


class CallersReferral(forms.Form):
    """A referral that somebody told us: a caller, a discharge planner, utilization management, the nurse line."""

    inside = forms.ChoiceField(label=_("Who refers?"), choices=[(CALLER, _("A caller")), *said(referral.INSIDE)])
    sender_name = _text(_("Their name"), required=False)
    sender_phone = _text(_("Their phone"), 40, required=False)
    person_name = _text(_("Name of the person"))
    person_born = _text(_("Date of birth"), 20, required=False, help_text=_("MM/DD/YYYY"))
    person_phone = _text(_("Phone"), 40, required=False)
    person_number = _text(_("Member or record number"), 60, required=False)
    person_language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES)
    reasons = forms.MultipleChoiceField(
        label=_("Why now?"), choices=said(referral.WHY_NOW), required=False, widget=forms.CheckboxSelectMultiple
    )
    how_soon = forms.ChoiceField(label=_("How soon?"), choices=said(referral.HOW_SOON), initial="two_days")
    does_know = forms.ChoiceField(
        label=_("Does the person know?"), choices=said(referral.KNOWS, _("Not asked")), required=False
    )
    best_time = forms.ChoiceField(
        label=_("Best time to call"), choices=said(referral.BEST_TIME, _("Not asked")), required=False
    )
    words = _note(_("Anything that helps on the first call"))

    def clean_person_born(self) -> str:
        """A birth date that reads; kept as it was typed."""
        typed = self.cleaned_data["person_born"]
        if typed.strip() and born_on(typed) is None:
            raise forms.ValidationError(_("Write it as MM/DD/YYYY, or leave it empty."))
        return typed

    def typed(self) -> dict[str, Any]:
        """What was answered, as a referral keeps it, and the door it came by."""
        given = dict(self.cleaned_data)
        inside = given.pop("inside")
        return given | ({"door": "staff"} if inside == CALLER else {"door": "internal", "inside": inside})


class AddPerson(forms.Form):
    """Somebody nobody knows yet."""

    given_name = _text(_("Given name"))
    family_name = _text(_("Family name"))
    born = forms.DateField(label=_("Date of birth"), widget=Day, required=False)
    phone = _text(_("Phone"), 40, required=False)
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES)


class Accept(forms.Form):
    """Take somebody on, for a program, with whoever calls them."""

    program = forms.ChoiceField(label=_("Program"), choices=programs)
    owner = forms.ModelChoiceField(label=_("Who calls?"), queryset=None)  # type: ignore[var-annotated]
    note = _note()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = callers()  # type: ignore[attr-defined]
        self.fields["owner"].label_from_instance = caller_said  # type: ignore[attr-defined]


class NotNow(forms.Form):
    """Set aside until a day."""

    until = forms.DateField(label=_("Until"), widget=Day, help_text=_("The day after, they are on the list again."))
    because = forms.ChoiceField(label=_("Why"), choices=[(one.value, one.label) for one in ASK])
    note = _note()


class Exclude(forms.Form):
    """Say no, with a reason."""

    because = forms.ChoiceField(label=_("Why"), choices=[(one.value, one.label) for one in NO])
    note = _note()


class Note(forms.Form):
    """Some words."""

    note = _note()


class Why(forms.Form):
    """The reason for taking something back."""

    why = forms.CharField(label=_("Why"), max_length=500)


class Link(forms.Form):
    """A practice's own address for referrals."""

    organization = _text(_("Practice"), 160)
    contact_name = _text(_("Who uses it"), required=False)
    ends_on = forms.DateField(label=_("Last day"), widget=Day)


class Attempt(forms.Form):
    """How an attempt to reach somebody ended."""

    point = forms.ModelChoiceField(label=_("Number"), queryset=None, required=False, empty_label=_("None of these"))  # type: ignore[var-annotated]
    ended = forms.ChoiceField(label=_("How did it end?"), choices=[])
    call_back_at = forms.DateTimeField(label=_("Call back at"), widget=Moment, required=False)
    ENDINGS = (
        "no_answer", "left_message", "busy", "reached", "reached_proxy", "call_back", "wrong_number", "disconnected",
        "language_barrier", "declined", "died",
    )  # fmt: skip

    def __init__(self, *args, points, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["point"].queryset = points  # type: ignore[attr-defined]
        self.fields["point"].label_from_instance = lambda point: point.value  # type: ignore[attr-defined]
        self.fields["ended"].choices = [(code, Contact.Ended(code).label) for code in self.ENDINGS]  # type: ignore[attr-defined]

    def clean(self):
        """Asking to be called back has a time."""
        given = super().clean() or {}
        if given.get("ended") == "call_back" and not given.get("call_back_at"):
            self.add_error("call_back_at", _("Say when to call back."))
        return given


class HandOver(forms.Form):
    """Who calls from now on."""

    to = forms.ModelChoiceField(label=_("Who calls?"), queryset=None)  # type: ignore[var-annotated]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = callers()  # type: ignore[attr-defined]
        self.fields["to"].label_from_instance = caller_said  # type: ignore[attr-defined]


class _Spoken(forms.Form):
    how = forms.ChoiceField(label=_("How"), choices=How.choices)
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES)
    interpreter = _text(_("Interpreter, name or number"), required=False)


class Agree(_Spoken):
    """A yes: every element that was said, ticked one by one."""

    program = forms.ChoiceField(choices=programs, widget=forms.HiddenInput)
    elements = forms.MultipleChoiceField(
        label=_("Said and understood"),
        choices=[(code, element.name) for code, element in words.ELEMENTS.items()],
        required=False,
    )
    given_by = _text(_("Who said it, when not the patient"), required=False)
    authority = _text(_("By which right"), required=False)
    signed_name = _text(_("Name typed to sign"), required=False, help_text=_("Only when signed on the screen."))
    drawn = forms.CharField(required=False, max_length=signing.MOST + 1, widget=forms.HiddenInput)


class Decline(_Spoken):
    """A no, with the reason in the person's words."""

    program = forms.ChoiceField(choices=programs, widget=forms.HiddenInput)
    because = forms.CharField(label=_("Why, in their words"), max_length=300, required=False)


class Share(_Spoken):
    """To whom we may tell what."""

    recipient_class = forms.ChoiceField(
        label=_("To whom"), choices=[(one.code, _(one.name)) for one in words.RECIPIENTS]
    )
    recipient = _text(_("Only to"), required=False, help_text=_("One organization or person; empty for all of them."))
    categories = forms.MultipleChoiceField(
        label=_("What"),
        choices=[(code, _(name)) for code, name in words.CATEGORIES.items()],
        widget=forms.CheckboxSelectMultiple,
    )
    purpose = _text(_("What for"), 200)
    expires_on = forms.DateField(label=_("Last day"), widget=Day, required=False)
    signed_name = _text(_("Name typed to sign"), required=False)


class Disclose(forms.Form):
    """Something told to somebody outside."""

    recipient_class = forms.ChoiceField(
        label=_("To whom"), choices=[(one.code, _(one.name)) for one in words.RECIPIENTS]
    )
    recipient = _text(_("Name"), 160)
    categories = forms.MultipleChoiceField(
        label=_("What kind"),
        choices=[(code, _(name)) for code, name in words.CATEGORIES.items()],
        widget=forms.CheckboxSelectMultiple,
    )
    what = _text(_("What was told or sent"), 300)
    purpose = _text(_("What for"), 200)
    basis = forms.ChoiceField(label=_("On which ground"), choices=Disclosure.Basis.choices)


class Revoke(forms.Form):
    """How somebody took it back."""

    how = _text(_("How they told us"), 200)


class Withdraw(forms.Form):
    """Leaving what one agreed to."""

    program = forms.ChoiceField(label=_("From"), choices=[], required=False)
    how = _text(_("How they told us"), 200)
    words = _note(_("In their words"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["program"].choices = [("", _("Everything")), *programs()]  # type: ignore[attr-defined]


class Enroll(forms.Form):
    """The first day in a program."""

    program = forms.ChoiceField(label=_("Program"), choices=programs)
    starts_on = forms.DateField(label=_("First day"), widget=Day)


class PauseForm(forms.Form):
    """Why and until when an enrollment rests."""

    because = forms.ChoiceField(
        label=_("Why"), choices=[one for one in Pause.Because.choices if one[0] != "death_reported"]
    )
    until = forms.DateField(label=_("Last day"), widget=Day, required=False)
    words = _note()


class End(forms.Form):
    """Why somebody leaves a program."""

    reason = forms.ChoiceField(
        label=_("Why"), choices=[one for one in Enrollment.EndReason.choices if one[0] not in ("withdrew", "died")]
    )
    transferred_to = _text(_("Who takes over"), required=False)
    words = _note()


class Lead(forms.Form):
    """Who leads."""

    lead = forms.ModelChoiceField(label=_("Who leads?"), queryset=None, empty_label=_("Choose"))  # type: ignore[var-annotated]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        from carewright.enrollment.leads import who_may_lead

        self.fields["lead"].queryset = User.objects.filter(pk__in=[user.pk for user in who_may_lead()])  # type: ignore[attr-defined]


class Reassign(Lead):
    """To whom several patients go, and why."""

    because = forms.CharField(label=_("Why"), max_length=300)


class Death(forms.Form):
    """A report that somebody has died."""

    source = forms.ChoiceField(label=_("Who says so?"), choices=DeathReport.Source.choices)
    died_on = forms.DateField(label=_("Day of death, when known"), widget=Day, required=False)
    words = _note()


class Settle(forms.Form):
    """Whether a reported death is true."""

    died_on = forms.DateField(label=_("Day of death"), widget=Day, required=False)
    words = forms.CharField(label=_("How do you know?"), max_length=500)


class Profile(forms.Form):
    """What a lead brings."""

    languages = _text(_("Languages besides English"), 200, required=False, help_text=_("Spanish, Haitian Creole"))
    places = _text(_("Places"), 200, required=False, help_text=_("Beginnings of ZIP codes: 606 607"))
    skills = forms.MultipleChoiceField(
        label=_("Knows well"), choices=programs, required=False, widget=forms.CheckboxSelectMultiple
    )
    minutes_a_week = forms.IntegerField(label=_("Minutes a week for patients"), min_value=0, max_value=3600)
    takes_new = forms.BooleanField(label=_("Takes new patients"), required=False)


class LicenceForm(forms.Form):
    """What somebody is licensed as."""

    kind = _text(_("Kind"), 20, help_text=_("RN, LCSW, PharmD"))
    state = _text(_("State"), 7, help_text=_("Two letters, or COMPACT"))
    number = _text(_("Number"), 40, required=False)
    expires_on = forms.DateField(label=_("Last day"), widget=Day)


class _OfSomebody(forms.Form):
    user = forms.ModelChoiceField(label=_("Who"), queryset=None, empty_label=_("Choose"))  # type: ignore[var-annotated]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = User.objects.filter(is_active=True)  # type: ignore[attr-defined]
        self.fields["user"].label_from_instance = lambda user: user.full_title  # type: ignore[attr-defined]


class LicenceOf(LicenceForm, _OfSomebody):
    """What somebody is licensed as, and who."""

    field_order = ("user",)


class NeedsNone(_OfSomebody):
    """Whose work needs no licence, and why; `take_back` says that they need one after all."""

    because = _text(_("Why their work needs none"), 300, required=False)
    take_back = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict:
        """A reason, unless it is taken back."""
        given = super().clean() or {}
        if given.get("take_back"):
            given["because"] = ""
        elif not given.get("because"):
            self.add_error("because", _("Say why."))
        return given


def a_year_on(day: date) -> date:
    """A year later, for fields that propose a last day."""
    return day.replace(year=day.year + 1) if (day.month, day.day) != (2, 29) else day.replace(year=day.year + 1, day=28)

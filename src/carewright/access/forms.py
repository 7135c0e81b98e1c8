"""The forms of this room: breaking the glass, reviewing it, narrowing an access log."""

from django import forms
from django.utils.translation import gettext_lazy as _

from carewright.access.models import BreakGlass

# `%m/%d/%Y` first: it is what people here write by hand; browsers send the other.
DATES = ["%m/%d/%Y", "%Y-%m-%d"]


class DayField(forms.DateField):
    """A day, with the browser's own calendar."""

    def __init__(self, **kwargs):
        kwargs.setdefault("widget", forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
        super().__init__(input_formats=DATES, **kwargs)


class BreakGlassForm(forms.Form):
    """Who, why, and the password once more."""

    family_name = forms.CharField(label=_("Family name"), required=False, max_length=100)
    number = forms.CharField(
        label=_("Member ID or record number"), required=False, max_length=100,
        help_text=_("The name or a number, whichever you have; written exactly."),
    )  # fmt: skip
    born_on = DayField(label=_("Date of birth"))
    reason = forms.ChoiceField(
        label=_("Why can it not wait?"), choices=BreakGlass.Reason.choices, widget=forms.RadioSelect
    )
    words = forms.CharField(
        label=_("What happened"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Whoever guards privacy reads this."),
    )  # fmt: skip
    opens_part2 = forms.BooleanField(
        label=_("Also open substance use program records (42 CFR Part 2)"), required=False,
        help_text=_("Only in a medical emergency, and only with the two answers below (42 CFR 2.51). Also for a patient of yours."),
    )  # fmt: skip
    part2_disclosed_to = forms.CharField(label=_("Shown to whom"), required=False, max_length=200)
    part2_facility = forms.CharField(label=_("Where they work"), required=False, max_length=200)
    part2_emergency = forms.CharField(label=_("What the medical emergency is"), required=False, max_length=500)
    password = forms.CharField(
        label=_("Your password"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )

    def clean(self):
        """One of the two ways to say who it is, and the record of 2.51 when it is asked for."""
        given = super().clean()
        if not given.get("family_name") and not given.get("number"):  # type: ignore[union-attr]
            self.add_error("family_name", _("Give the family name, or a number."))
        if given.get("opens_part2"):  # type: ignore[union-attr]
            if given.get("reason") != BreakGlass.Reason.MEDICAL_EMERGENCY:  # type: ignore[union-attr]
                self.add_error("opens_part2", _("These records open only in a medical emergency."))
            for name in ("part2_disclosed_to", "part2_emergency"):
                if not given.get(name, "").strip():  # type: ignore[union-attr]
                    self.add_error(name, _("42 CFR 2.51 asks for this."))
        return given


class ReviewForm(forms.Form):
    """Whether it was justified, and why one thinks so."""

    verdict = forms.ChoiceField(
        label=_("Was it justified?"), choices=BreakGlass.Verdict.choices, widget=forms.RadioSelect
    )
    words = forms.CharField(label=_("Why"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))


class LogForm(forms.Form):
    """Which lines of a patient's log to show."""

    by = forms.CharField(label=_("Who"), required=False, max_length=100)
    did = forms.ChoiceField(label=_("What they did"), required=False)
    since = DayField(label=_("From"), required=False)
    until = DayField(label=_("To"), required=False)

    def __init__(self, *args, verbs=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["did"].choices = [("", _("Anything")), *verbs]  # type: ignore[attr-defined]


class LogFileForm(LogForm):
    """The same, as a file: it needs a purpose."""

    purpose = forms.CharField(label=_("What is the file for?"), max_length=300)

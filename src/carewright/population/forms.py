"""What people fill in here: a decision, the purpose of an export, a filter's name, a program's number."""

from django import forms
from django.utils.translation import gettext_lazy as _

from carewright.population.models import CandidateDecision

Because = CandidateDecision.Because

WHY_NOT_NOW = (Because.NO_CAPACITY, Because.LIFE_EVENT, Because.ASK_PCP, Because.DECLINED, Because.WELL_SUPPORTED)
WHY_EXCLUDED = (
    Because.OPTED_OUT, Because.OTHER_PROGRAM, Because.HOSPICE, Because.DECEASED, Because.MOVED, Because.WELL_SUPPORTED,
    Because.WRONG_PERSON,
)  # fmt: skip


def _choices(reasons: tuple) -> list[tuple[str, str]]:
    return [("", _("Choose a reason"))] + [(reason.value, reason.label) for reason in reasons]


class _Day(forms.DateInput):
    input_type = "date"


class NotNow(forms.Form):
    """Set aside until a day, with a reason."""

    until = forms.DateField(
        label=_("Until"), widget=_Day,
        help_text=_("The day after, they are on the list again. At most 12 months ahead."),
    )  # fmt: skip
    because = forms.ChoiceField(label=_("Why"), choices=_choices(WHY_NOT_NOW))
    note = forms.CharField(label=_("Note"), required=False, max_length=1000, widget=forms.Textarea({"rows": 2}))


class Exclude(forms.Form):
    """Keep off the list, with a reason, for good or until a day."""

    because = forms.ChoiceField(label=_("Why"), choices=_choices(WHY_EXCLUDED))
    until = forms.DateField(label=_("Until"), widget=_Day, required=False, help_text=_("Leave empty for no end."))
    note = forms.CharField(label=_("Note"), required=False, max_length=1000, widget=forms.Textarea({"rows": 2}))


class Accept(forms.Form):
    """Take someone on."""

    note = forms.CharField(label=_("Note"), required=False, max_length=1000, widget=forms.Textarea({"rows": 2}))


DAYS_NOT_NOW = 30
"""How far ahead "not now" is proposed."""

FORMS = {"accepted": Accept, "not_now": NotNow, "excluded": Exclude}


class Lift(forms.Form):
    """Take a decision back, with a reason."""

    because = forms.CharField(label=_("Why is it taken back?"), max_length=500)


class Purpose(forms.Form):
    """What a file is for; it is written into the access log with everyone in it."""

    purpose = forms.CharField(
        label=_("What is the file for?"), max_length=300,
        help_text=_("Written into the access log, with the names of everyone in the file."),
    )  # fmt: skip


class SaveFilter(forms.Form):
    """A name for the filters of a list, for oneself or for a team."""

    name = forms.CharField(label=_("Name"), max_length=80)
    team = forms.ModelChoiceField(label=_("Share with a team"), queryset=None, required=False, empty_label=_("Only me"))  # type: ignore[var-annotated]

    def __init__(self, *args, teams, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["team"].queryset = teams  # type: ignore[attr-defined]


class SetThreshold(forms.Form):
    """A number of a program, from a day on, with the reason."""

    program = forms.CharField(widget=forms.HiddenInput)
    key = forms.CharField(widget=forms.HiddenInput)
    value = forms.CharField(label=_("New value"), max_length=40)
    from_on = forms.DateField(label=_("From"), widget=_Day)
    because = forms.CharField(label=_("Why"), max_length=500)

"""What the plan's pages read; they never save."""

from django import forms
from django.utils.translation import gettext_lazy as _

from carewright.careplan.models import Goal, Intervention, Priority
from carewright.staff.models import User


class ProblemForm(forms.Form):
    title = forms.CharField(label=_("What is the matter"), max_length=300)
    priority = forms.ChoiceField(label=_("How much it matters now"), choices=Priority.choices, initial=Priority.MEDIUM)
    because = forms.CharField(
        label=_("What shows it"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 5})
    )


class LeaveOffForm(forms.Form):
    reason = forms.CharField(
        label=_("Why does it stay off the plan?"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("In the patient's words if you can. It is offered again when newer answers show it."),
    )  # fmt: skip


class ResolveForm(forms.Form):
    because = forms.CharField(label=_("Why is it resolved?"), max_length=1000)


class GoalForm(forms.Form):
    words = forms.CharField(
        label=_("What they want, in their own words"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("As they said it, not as we would."),
    )  # fmt: skip
    target = forms.CharField(
        label=_("How you will both know"), max_length=500, help_text=_("Something that can be counted or seen.")
    )
    target_on = forms.DateField(label=_("By"), widget=forms.DateInput(attrs={"type": "date"}))
    in_the_way = forms.CharField(label=_("What is in the way"), max_length=1000, required=False)
    confidence = forms.IntegerField(
        label=_("How sure they are, 0 to 10"), min_value=0, max_value=10, required=False,
        help_text=_("Ask them. Leave it empty when nobody asked."),
    )  # fmt: skip
    seen = forms.DateTimeField(required=False, widget=forms.HiddenInput)


class EndGoalForm(forms.Form):
    outcome = forms.ChoiceField(label=_("How did it end?"), choices=Goal.Outcome.choices, widget=forms.RadioSelect)
    because = forms.CharField(label=_("Why"), max_length=1000, required=False)


class InterventionForm(forms.Form):
    words = forms.CharField(label=_("What happens next"), max_length=500, help_text=_("Start with a verb."))
    who = forms.ChoiceField(label=_("Whose step is it?"), choices=Intervention.Who.choices, widget=forms.RadioSelect)
    owner = forms.ModelChoiceField(label=_("Which of us"), queryset=User.objects.none(), required=False)
    owner_words = forms.CharField(label=_("Who, when it is none of us"), max_length=200, required=False)
    due_on = forms.DateField(label=_("By"), widget=forms.DateInput(attrs={"type": "date"}))
    goal = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, colleagues, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = colleagues  # type: ignore[attr-defined]
        self.fields["owner"].label_from_instance = lambda user: user.name  # type: ignore[attr-defined]


class DropForm(forms.Form):
    because = forms.CharField(label=_("Why is it dropped?"), max_length=1000)

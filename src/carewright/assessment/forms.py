"""What a page reads before an action is called; nothing here saves."""

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from carewright.assessment import shelf
from carewright.assessment.models import Assessment, Section
from carewright.assessment.sheet import age_on
from carewright.knowledge.programs import PROGRAMS


class StartForm(forms.Form):
    """Which assessment, why, how it is held, and for which program."""

    kind = forms.ChoiceField(label=_("What to ask"))
    reason = forms.ChoiceField(
        label=_("Why now"), choices=[one for one in Assessment.Reason.choices if one[0] != Assessment.Reason.RECEIVED]
    )
    mode = forms.ChoiceField(
        label=_("How you speak"), choices=[one for one in Assessment.Mode.choices if one[0] != Assessment.Mode.RECEIVED]
    )
    program = forms.ChoiceField(
        label=_("Program it decides about"), required=False, help_text=_("For the comprehensive assessment alone."),
    )  # fmt: skip
    eligible_on = forms.DateField(
        label=_("Eligible since"), required=False, widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("The day the clock of 30 and 60 days began."),
    )  # fmt: skip
    language = forms.CharField(label=_("Language you speak"), required=False, max_length=60)
    interpreter = forms.CharField(label=_("Interpreter, name or number"), required=False, max_length=120)

    adult_because = forms.CharField(label=_("How do you know that this is an adult?"), required=False, max_length=300)

    def __init__(self, *args, patient, on, **kwargs):
        super().__init__(*args, **kwargs)
        if patient.born_on is not None:
            del self.fields["adult_because"]
        age = age_on(patient.born_on, on)
        fits = [one for one in shelf.asked() if age is None or one.adult_from is None or age >= one.adult_from]
        self.fields["kind"].choices = [  # type: ignore[attr-defined]
            (Assessment.COMPREHENSIVE, _("Comprehensive assessment")),
            *((one.code, one.title) for one in fits if not one.code.startswith("cw-")),
        ]
        self.fields["program"].choices = [("", _("None"))] + [(one.code, gettext(one.name)) for one in PROGRAMS]  # type: ignore[attr-defined]

    def clean(self):
        """
        A program goes with the comprehensive assessment and with the day its clock began.

        The page fills the program in by itself; whoever chooses a single instrument need not take it out again.
        """
        given = super().clean() or {}
        if "kind" in given and given["kind"] != Assessment.COMPREHENSIVE:
            given |= {"program": "", "eligible_on": None}
        if given.get("program") and not given.get("eligible_on") and "eligible_on" not in self.errors:
            self.add_error("eligible_on", _("Give the day they became eligible; the clock runs from there."))
        return given


class AdultForm(forms.Form):
    """How we know that somebody whose birth date is unknown is an adult."""

    because = forms.CharField(label=_("How do you know that this is an adult?"), max_length=300)


class LoadForm(forms.Form):
    """A questionnaire of the site's own, and how it is scored."""

    questionnaire = forms.FileField(
        label=_("Questionnaire"), widget=forms.FileInput(attrs={"accept": ".json,application/json"}),
        help_text=_("One file with a FHIR R4 Questionnaire."),
    )  # fmt: skip
    scoring = forms.FileField(
        label=_("Scoring"), required=False, widget=forms.FileInput(attrs={"accept": ".json,application/json"}),
        help_text=_("What the answers add up to, as JSON in the form of our scoring table. Without it nothing is scored."),
    )  # fmt: skip


class CloseForm(forms.Form):
    """How a section is closed, and why when it is left out."""

    status = forms.ChoiceField(choices=Section.Status.choices)
    because = forms.CharField(required=False, max_length=500)


class FinishForm(forms.Form):
    """Whether the person belongs in the program, and the reason."""

    verdict = forms.ChoiceField(
        label=_("Does this person belong in the program?"), choices=Assessment.Verdict.choices, widget=forms.RadioSelect
    )
    because = forms.CharField(
        label=_("What speaks for it"), widget=forms.Textarea(attrs={"rows": 3}), max_length=2000,
        help_text=_("From the answers, in a sentence or two."),
    )  # fmt: skip


class ReasonForm(forms.Form):
    """Why an assessment is given up."""

    because = forms.CharField(label=_("Why is it given up?"), max_length=500)


class AddendumForm(forms.Form):
    """What is added to a finished assessment, and one answer that was different."""

    text = forms.CharField(label=_("What is added, and why"), widget=forms.Textarea(attrs={"rows": 4}), max_length=4000)
    question = forms.ChoiceField(label=_("An answer that was different"), required=False)
    value = forms.CharField(
        label=_("The right answer"),
        required=False,
        max_length=500,
        help_text=_("As it is written beside the question, or a number."),
    )

    def __init__(self, *args, questions, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["question"].choices = [("", _("None"))] + questions  # type: ignore[attr-defined]

    def clean(self):
        """A question goes with its answer."""
        given = super().clean() or {}
        if bool(given.get("question")) != bool(given.get("value")):
            self.add_error("value", _("Choose the question and give its answer, or leave both."))
        return given

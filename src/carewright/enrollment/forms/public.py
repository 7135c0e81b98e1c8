"""
The forms at the public doors, in English or Spanish.

They keep what is typed as it is typed: they refuse what is missing or too long, and change nothing.
"""

from datetime import date
from typing import Any

from django import forms

from carewright.enrollment import public_words
from carewright.enrollment.referring import born_on, digits
from carewright.knowledge import referral

LANGUAGES = (("en", "English"), ("es", "Spanish"), ("vi", "Vietnamese"), ("zh", "Chinese"), ("ar", "Arabic"),
             ("ru", "Russian"), ("ase", "American Sign Language"), ("other", "Other"))  # fmt: skip


def offered(choices: tuple[referral.Choice, ...], language: str) -> list[tuple[str, str]]:
    """The choices of a question in a language, as Django's forms take them."""
    return [(one.code, one.said_in(language)) for one in choices]


class PublicForm(forms.Form):
    """A form whose labels and errors are in the language of the page."""

    table: dict[str, tuple[str, str]] = {}

    def __init__(self, *args: Any, language: str = "en", **kwargs: Any):
        super().__init__(*args, **kwargs)
        said = public_words.words(self.table, language)
        self.said = said
        for name, field in self.fields.items():
            field.label = said.get(name, field.label)
            field.error_messages["required"] = said["missing"]
            field.error_messages["invalid_choice"] = field.error_messages["invalid"] = said["choose"]
            for check in field.validators:
                if getattr(check, "code", "") == "max_length":
                    check.message = said["too_long"]  # type: ignore[attr-defined]
                if getattr(check, "code", "") == "null_characters_not_allowed":
                    check.message = said["hidden"]  # type: ignore[attr-defined]

    def clean_person_phone(self) -> str:
        """A number needs its area code, or nobody can be called."""
        typed = self.cleaned_data["person_phone"]
        if typed and len(digits(typed)) < 10:
            raise forms.ValidationError(self.said["phone_wrong"])
        return typed


def _text(length: int, *, required: bool = True, complete: str = "off", kind: str = "text", rows: int = 0):
    widget: forms.Widget = forms.TextInput({"autocomplete": complete})
    if kind == "tel":
        widget = forms.TextInput({"autocomplete": complete, "type": "tel", "inputmode": "tel"})
    if rows:
        widget = forms.Textarea({"rows": rows})
    return forms.CharField(max_length=length, required=required, strip=False, widget=widget)


def _one(required: bool = True) -> forms.ChoiceField:
    return forms.ChoiceField(choices=[], widget=forms.RadioSelect, required=required)


def _several() -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(choices=[], widget=forms.CheckboxSelectMultiple, required=False)


class SelfReferral(PublicForm):
    """Six questions for a person or somebody who takes care of them."""

    table = public_words.SELF
    person_name = _text(120, complete="name")
    for_whom = _one()
    person_phone = _text(40, complete="tel", kind="tel")
    may_leave_message = _one()
    best_time = forms.ChoiceField(choices=[])
    reasons = _several()

    def __init__(self, *args: Any, language: str = "en", **kwargs: Any):
        super().__init__(*args, language=language, **kwargs)
        self.fields["for_whom"].choices = offered(referral.FOR_WHOM, language)  # type: ignore[attr-defined]
        self.fields["may_leave_message"].choices = offered(referral.MESSAGE, language)  # type: ignore[attr-defined]
        self.fields["best_time"].choices = offered(referral.BEST_TIME, language)  # type: ignore[attr-defined]
        self.fields["reasons"].choices = offered(referral.HELP, language)  # type: ignore[attr-defined]

    def clean_person_name(self) -> str:
        """A name that is only spaces is none."""
        typed = self.cleaned_data["person_name"]
        if not typed.strip():
            raise forms.ValidationError(self.said["missing"])
        return typed

    def typed(self) -> dict[str, Any]:
        """What was answered, as a referral keeps it."""
        given = dict(self.cleaned_data)
        given["may_leave_message"] = given["may_leave_message"] == "yes"
        return given


class ProviderReferral(PublicForm):
    """Thirty seconds of a practice's time; `link` is the practice's own address, which says who sends."""

    table = public_words.PROVIDER
    person_name = _text(120)
    person_born = _text(20)
    person_phone = _text(40, kind="tel")
    person_language = forms.ChoiceField(choices=LANGUAGES)
    reasons = _several()
    how_soon = _one()
    does_know = _one()
    words = _text(1000, required=False, rows=2)
    sender_name = _text(120, complete="name")
    sender_organization = _text(160, complete="organization")
    sender_phone = _text(40, required=False, complete="tel", kind="tel")

    def __init__(self, *args: Any, language: str = "en", link=None, on: date, **kwargs: Any):
        super().__init__(*args, language=language, **kwargs)
        self.on, self.link = on, link
        self.fields["reasons"].choices = offered(referral.WHY_NOW, language)  # type: ignore[attr-defined]
        self.fields["how_soon"].choices = offered(referral.HOW_SOON, language)  # type: ignore[attr-defined]
        self.fields["does_know"].choices = offered(referral.KNOWS, language)  # type: ignore[attr-defined]
        self.initial.setdefault("how_soon", "two_days")
        if link is not None:
            del self.fields["sender_organization"]
            self.initial.setdefault("sender_name", link.contact_name)

    def clean_person_name(self) -> str:
        """A name that is only spaces is none."""
        typed = self.cleaned_data["person_name"]
        if not typed.strip():
            raise forms.ValidationError(self.said["missing"])
        return typed

    def clean_person_born(self) -> str:
        """A birth date that reads, and is not to come; kept as it was typed."""
        typed = self.cleaned_data["person_born"]
        born = born_on(typed)
        if born is None:
            raise forms.ValidationError(self.said["born_wrong"])
        if born > self.on:
            raise forms.ValidationError(self.said["born_future"])
        return typed

    def typed(self) -> dict[str, Any]:
        """What was answered, as a referral keeps it."""
        given = dict(self.cleaned_data)
        if self.link is not None:
            given["sender_organization"] = self.link.organization
        return given


class StatusCode(forms.Form):
    """The code a sender got."""

    code = forms.CharField(
        max_length=40, widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "characters"})
    )

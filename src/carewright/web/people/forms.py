"""What somebody types about who a person is and how to reach them. Forms read input; actions change things."""

from collections.abc import Sequence

from django import forms
from django.utils.translation import gettext_lazy as _

from carewright.registry.models import Address, Authority, ContactPoint, Sex
from carewright.web.administration.forms import US_ZONES, day_field

ONE_KEEP_FIRST, ONE_KEEP_SECOND, TWO = "keep_first", "keep_second", "two"
FIRST, SECOND = "first", "second"
YES_NO = [("", _("Not asked")), ("yes", _("Yes")), ("no", _("No"))]


class Decision(forms.Form):
    """One person or two, and how one knows."""

    decision = forms.ChoiceField(
        label=_("What are they?"), widget=forms.RadioSelect,
        choices=[
            (ONE_KEEP_FIRST, _("One person: keep the first record")),
            (ONE_KEEP_SECOND, _("One person: keep the second record")),
            (TWO, _("Two people: keep them apart")),
        ],
    )  # fmt: skip
    why = forms.CharField(
        label=_("How do you know?"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Kept with the decision: “She gave me both addresses on the phone.”"),
    )  # fmt: skip
    take = forms.MultipleChoiceField(
        label=_("Taken over from the record that is not kept"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args, takeable: Sequence[str], **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields["take"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(name, TAKEN.get(name, name)) for name in takeable]


TAKEN = {
    "given_name": _("Given name"), "family_name": _("Family name"), "name_suffix": _("Suffix"),
    "born_on": _("Date of birth"), "died_on": _("Date of death"), "sex": _("Sex on file"), "language": _("Language"),
}  # fmt: skip


class Together(forms.Form):
    """That two records are one person: which is kept, and how one knows."""

    keep = forms.ChoiceField(label=_("Which record is kept?"), widget=forms.RadioSelect)
    why = forms.CharField(
        label=_("How do you know that they are one person?"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Kept with the join: “She gave me both addresses on the phone.”"),
    )  # fmt: skip
    take = forms.MultipleChoiceField(
        label=_("Taken over from the record that is not kept"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args, first: str, second: str, takeable: Sequence[str], **kwargs):
        super().__init__(*args, **kwargs)
        keep, take = self.fields["keep"], self.fields["take"]
        assert isinstance(keep, forms.ChoiceField) and isinstance(take, forms.MultipleChoiceField)
        keep.choices = [(FIRST, first), (SECOND, second)]
        take.choices = [(name, TAKEN.get(name, name)) for name in takeable]


class Undoing(forms.Form):
    """Why a join is taken back."""

    because = forms.CharField(
        label=_("How do you know that they are two people?"), max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )


class YesNo(forms.TypedChoiceField):
    """Yes, no, or nobody asked: never taken for a no."""

    def __init__(self, label):
        super().__init__(
            label=label, choices=YES_NO, required=False, coerce={"yes": True, "no": False}.get, empty_value=None
        )

    def prepare_value(self, value):
        return {True: "yes", False: "no", None: ""}.get(value, value)


def text(label, *, longest: int = 200, required: bool = False, hint="") -> forms.CharField:
    """One line of text."""
    return forms.CharField(label=label, max_length=longest, required=required, help_text=hint)


class Facts(forms.Form):
    """The name, birth date and sex on the record."""

    given_name = text(_("Given name"))
    family_name = text(_("Family name"))
    name_suffix = text(_("Suffix"), longest=20, hint=_("Jr, Sr, III"))
    born_on = day_field(_("Date of birth"), required=False)
    sex = forms.ChoiceField(label=_("Sex on file"), choices=Sex.choices)


class Preference(forms.Form):
    """How somebody wishes to be called, spoken to and contacted."""

    preferred_name = text(_("Wishes to be called"))
    pronouns = text(_("Pronouns"), longest=60)
    spoken_language = text(_("Speaks"), longest=60)
    written_language = text(_("Reads"), longest=60)
    needs_interpreter = YesNo(_("Needs an interpreter"))
    interpreter_note = text(_("Which interpreter"), hint=_("ASL, relay service, a dialect"))
    hearing_aid = YesNo(_("Hard of hearing"))
    vision_aid = YesNo(_("Needs large print or a voice"))
    safe_contact = text(
        _("How to call safely"), longest=500, hint=_("“Only mornings. Hang up if somebody else answers.”")
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"), required=False, choices=[("", _("As the ZIP code says")), *((z, z) for z in US_ZONES)]
    )


class NewPoint(forms.Form):
    """A phone number or an email address to add."""

    kind = forms.ChoiceField(label=_("What"), choices=ContactPoint.Kind.choices)
    value = text(_("Number or address"), required=True)


class Point(forms.Form):
    """What a number is and may be used for."""

    use = forms.ChoiceField(label=_("Use"), required=False, choices=[("", _("Not known")), *ContactPoint.Use.choices])
    rank = forms.IntegerField(label=_("Order of calling"), required=False, min_value=1, max_value=20)
    best_time = text(_("Best time"))
    is_safe_for_message = YesNo(_("A message may be left"))
    is_shared = YesNo(_("Others hear or use it"))
    consent = forms.ChoiceField(
        label=_("May we write to it?"), required=False, choices=[("", _("Not asked")), *ContactPoint.Consent.choices]
    )


class Home(forms.Form):
    """An address."""

    use = forms.ChoiceField(label=_("Which"), choices=Address.Use.choices)
    line = text(_("Street"))
    city = text(_("City"))
    state = text(_("State"), longest=2)
    zip_code = text(_("ZIP code"), longest=10)


class Related(forms.Form):
    """Somebody beside the patient."""

    given_name = text(_("Given name"))
    family_name = text(_("Family name"))
    relationship = text(_("Who they are"), hint=_("Daughter, guardian, neighbor"))
    phone = text(_("Phone"), longest=60)
    email = text(_("Email"))


class NewAuthority(forms.Form):
    """What somebody may hear and decide, from when until when."""

    kind = forms.ChoiceField(label=_("What they may do"), choices=Authority.Kind.choices)
    document = text(_("Document"), hint=_("Needed for who decides: “Health care proxy of March 3, 2024, seen”"))
    starts_on = day_field(_("From"))
    ends_on = day_field(_("Last day"), required=False)


class Hold(forms.Form):
    """Why somebody is held away from the patient."""

    because = text(_("Why"), required=True, longest=500)
    is_suspected_abuser = forms.BooleanField(label=_("Suspected of harming the patient"), required=False)


class Because(forms.Form):
    """A reason."""

    because = text(_("Why"), required=True, longest=500)

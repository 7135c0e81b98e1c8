"""What people fill in about messages."""

from django import forms
from django.utils.translation import gettext_lazy as _

from carewright.channel import wording
from carewright.channel.models import DoNotContact, Kind

WAYS = [("call", _("Calls"))] + [(kind.value, kind.label) for kind in (Kind.SMS, Kind.EMAIL, Kind.LETTER)]
NAMES = {
    "please_call": _("Text: please call us"),
    "missed_you": _("Text: we missed you"),
    "something_to_read": _("Text: something new to read"),
    "please_call_email": _("Email: please call us"),
    "something_to_read_email": _("Email: something new"),
    "outreach_letter": _("Letter: we would like to help"),
    "unable_to_reach_letter": _("Letter: we could not reach you"),
    "welcome_letter": _("Letter: welcome"),
    "stopped_letter": _("Letter: you asked us to stop"),
}
"""The wordings a person may send by hand, as the form calls them."""
BY_ITSELF = {
    "call_planned": _("Text: when we call"),
    "visit_planned": _("Text: when we visit"),
    "stop_confirmed": _("Text: no more texts"),
    "start_confirmed": _("Text: texts again"),
    "help": _("Text: who we are"),
    "not_watched": _("Text: nobody watches this number"),
    "new_person_letter": _("Letter: somebody new helps you"),
    "referral_status": _("How far a referral is"),
    "alarm": _("A safety alarm, to a colleague"),
    "alarm_next": _("A safety alarm, to the next colleague"),
}
"""The wordings the house sends by itself, as the access log calls them."""


class Send(forms.Form):
    """Which wording goes out; the way and the address follow from it."""

    template = forms.ChoiceField(label=_("What"), choices=list(NAMES.items()))

    def clean_template(self) -> wording.Template:
        """The wording itself."""
        return wording.BY_CODE[self.cleaned_data["template"]]


class StopContact(forms.Form):
    """Why somebody is not to be contacted, and by which ways."""

    because = forms.ChoiceField(
        label=_("Why"),
        choices=[one for one in DoNotContact.Because.choices if one[0] not in ("reported_dead", "withdrew")],
    )
    kinds = forms.MultipleChoiceField(
        label=_("Which ways"), choices=WAYS, required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("Nothing ticked: every way."),
    )  # fmt: skip
    said = forms.CharField(label=_("In their words"), required=False, max_length=1000)


class AllowContact(forms.Form):
    """Why somebody may be contacted again."""

    why = forms.CharField(label=_("Why may they be contacted again?"), max_length=500)

"""How a call ended, read from the form; what does not fit together is said beside the field."""

from datetime import datetime, timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carewright.contacts.models import Contact
from carewright.web.call import identity

Ended = Contact.Ended
FIRST = (
    (Ended.REACHED, gettext_lazy("Reached them")),
    (Ended.REACHED_PROXY, gettext_lazy("Reached proxy")),
    (Ended.LEFT_MESSAGE, gettext_lazy("Left message")),
    (Ended.NO_ANSWER, gettext_lazy("No answer")),
    (Ended.WRONG_NUMBER, gettext_lazy("Wrong number")),
    (Ended.CALL_BACK, gettext_lazy("Call back at…")),
    (Ended.DECLINED, gettext_lazy("Said no")),
)
"""The seven ends in sight."""
RARE = (
    (Ended.BUSY, gettext_lazy("Busy")),
    (Ended.DISCONNECTED, gettext_lazy("Number not in service")),
    (Ended.LANGUAGE_BARRIER, gettext_lazy("Language barrier")),
    (Ended.DIED, gettext_lazy("We were told they died")),
)
"""The rare ones, one click further."""
WHEN_IN = (
    (Ended.REACHED, gettext_lazy("Talked")),
    (Ended.CALL_BACK, gettext_lazy("Call them back at…")),
    (Ended.DECLINED, gettext_lazy("Said no")),
)


class Anyway(forms.Form):
    """Why somebody is called who is not to be contacted."""

    because = forms.ChoiceField(
        label=gettext_lazy("Why do you call anyway?"),
        choices=[
            ("asked_once", gettext_lazy("They asked to be called this once")),
            ("emergency", gettext_lazy("An emergency, or a danger to life")),
            ("death", gettext_lazy("To find out whether a reported death is true")),
            ("law", gettext_lazy("The law or a court asks for it")),
            ("other", gettext_lazy("Another reason")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Say why.")},
    )
    words = forms.CharField(label=gettext_lazy("In your words"), max_length=500, required=False)

    def clean(self) -> dict:
        """Another reason is said in words."""
        given = super().clean() or {}
        if given.get("because") == "other" and not given.get("words"):
            self.add_error("words", _("Say which reason."))
        return given

    @property
    def said(self) -> str:
        """The reason as the note of the call says it."""
        known = str(dict(self.fields["because"].choices)[self.cleaned_data["because"]])  # type: ignore[attr-defined]
        return ": ".join(filter(None, (known, self.cleaned_data["words"])))


SPOKE = frozenset({Ended.REACHED, Ended.REACHED_PROXY, Ended.CALL_BACK, Ended.DECLINED})
TALKED = frozenset({Ended.REACHED, Ended.REACHED_PROXY})
INTERPRETERS = (
    ("", gettext_lazy("None")), ("phone", gettext_lazy("By phone")), ("video", gettext_lazy("By video")),
    ("in_person", gettext_lazy("In person")), ("staff", gettext_lazy("Bilingual colleague")),
    ("declined", gettext_lazy("Offered, declined")),
)  # fmt: skip
MOST_MINUTES = 240


class Outcome(forms.Form):
    """The end of a call: how, with whom, known by what, through whom, how long, what comes next."""

    ended = forms.ChoiceField(
        choices=[*FIRST, *RARE], error_messages={"required": gettext_lazy("Choose how it ended.")}
    )
    contact_point = forms.IntegerField(required=False)
    related_person = forms.IntegerField(required=False)
    identified_by = forms.MultipleChoiceField(choices=list(identity.SAID.items()), required=False)
    interpreter = forms.ChoiceField(choices=INTERPRETERS, required=False)
    interpreter_name = forms.CharField(max_length=200, required=False)
    minutes = forms.IntegerField(min_value=0, max_value=MOST_MINUTES, required=False)
    words = forms.CharField(max_length=10_000, required=False)
    born_on = forms.DateField(required=False)
    next_at = forms.DateTimeField(required=False, input_formats=["%Y-%m-%dT%H:%M"])
    no_next = forms.BooleanField(required=False)
    make_tasks = forms.BooleanField(required=False)

    def __init__(self, *args, is_incoming: bool, needs_interpreter: bool, at: datetime, **kwargs):
        super().__init__(*args, **kwargs)
        self.is_incoming, self.needs_interpreter, self.at = is_incoming, needs_interpreter, at

    def clean(self) -> dict:
        """What must fit together does."""
        given = super().clean() or {}
        ended, next_at = given.get("ended"), given.get("next_at")
        if self.is_incoming and ended and ended not in {code for code, _name in WHEN_IN} | {Ended.DIED}:
            self.add_error("ended", _("They called us: choose one of the ends offered."))
        if ended in TALKED and not self.is_incoming and len(given.get("identified_by", [])) < identity.NEEDED:
            self.add_error("identified_by", _("Tick two things they said to be known by."))
        if ended == Ended.REACHED_PROXY and not given.get("related_person"):
            self.add_error("related_person", _("Say whom you reached."))
        if ended in TALKED and self.needs_interpreter and not given.get("interpreter"):
            self.add_error("interpreter", _("They need an interpreter: say how you spoke."))
        if ended == Ended.CALL_BACK and not next_at:
            self.add_error("next_at", _("Say when they asked to be called."))
        if (born_on := given.get("born_on")) and born_on > timezone.localdate(self.at):
            self.add_error("born_on", _("The date of birth is in the future."))
        if next_at and next_at <= self.at:
            self.add_error("next_at", _("Choose a moment that is still to come."))
        if next_at and next_at > self.at + timedelta(days=366):
            self.add_error("next_at", _("That is more than a year away."))
        return given


def local_input(moment: datetime | None) -> str:
    """A moment as a field for day and time holds it."""
    return f"{timezone.localtime(moment):%Y-%m-%dT%H:%M}" if moment else ""

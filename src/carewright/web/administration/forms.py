"""What an administrator types. Forms read input; actions change things."""

import os
import zoneinfo
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from django import forms
from django.contrib.auth import password_validation
from django.utils.translation import gettext_lazy as _

from carewright.access import ties
from carewright.access.models import CANDIDATES, EVERYONE, PAYER, Tie
from carewright.staff import roles
from carewright.staff.models import Team, User

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

ROLE_CHOICES = [(role.code, role.name) for role in roles.ROLES]
US_ZONES = (
    "America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles",
    "America/Anchorage", "Pacific/Honolulu", "America/Puerto_Rico",
)  # fmt: skip


@cache
def time_zones() -> list[tuple[str, list[tuple[str, str]]]]:
    """The zones of the United States first, then every other."""
    others = sorted(
        name for name in zoneinfo.available_timezones() - set(US_ZONES) if "/" in name and "Etc" not in name
    )
    return [
        (str(_("United States")), [(zone, zone.partition("/")[2].replace("_", " ")) for zone in US_ZONES]),
        (str(_("Elsewhere")), [(zone, zone.replace("_", " ")) for zone in others]),
    ]


def day_field(label: "StrOrPromise", *, required: bool = True, help_text: "StrOrPromise" = "") -> forms.DateField:
    """A day, with the browser's own calendar."""
    return forms.DateField(
        label=label, required=required, help_text=help_text, widget=forms.DateInput(attrs={"type": "date"})
    )


def _choices(form: forms.Form, name: str) -> forms.ChoiceField:
    """A field of choices, as such."""
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    return field


class Person(forms.Form):
    """Somebody who works here: name, email, role."""

    first_name = forms.CharField(label=_("First name"), max_length=100)
    last_name = forms.CharField(label=_("Last name"), max_length=100)
    credential = forms.CharField(label=_("Credential"), max_length=40, required=False, help_text=_("RN, LCSW, PharmD"))
    email = forms.EmailField(label=_("Work email"), max_length=254, help_text=_("They sign in with it."))
    role = forms.ChoiceField(label=_("Role"), choices=[("", _("Choose one…")), *ROLE_CHOICES])


class Description(forms.Form):
    """A name to mend."""

    first_name = forms.CharField(label=_("First name"), max_length=100)
    last_name = forms.CharField(label=_("Last name"), max_length=100)
    credential = forms.CharField(label=_("Credential"), max_length=40, required=False)


class RoleChange(forms.Form):
    """Another role, and why."""

    role = forms.ChoiceField(label=_("Role"), choices=ROLE_CHOICES)
    why = forms.CharField(label=_("Why"), max_length=300, required=False, help_text=_("Kept in the log."))


class Joining(forms.Form):
    """A team to join."""

    team = forms.ModelChoiceField(Team.objects.all(), label=_("Team"), empty_label=_("Choose one…"))
    leads = forms.BooleanField(label=_("Leads it"), required=False)


class NewMember(forms.Form):
    """A person who joins a team."""

    person = forms.ModelChoiceField(
        User.objects.filter(is_active=True), label=_("Person"), empty_label=_("Choose one…")
    )
    leads = forms.BooleanField(label=_("Leads it"), required=False)


class TeamDescription(forms.Form):
    """A team: its name, and what it is for."""

    name = forms.CharField(label=_("Name"), max_length=100)
    description = forms.CharField(label=_("What it is for"), max_length=300, required=False)


class NewTie(forms.Form):
    """Who may see whom, and why, from when until when."""

    who = forms.ChoiceField(label=_("Who"))
    population = forms.ChoiceField(label=_("May see"))
    because = forms.ChoiceField(label=_("Because"), choices=Tie.Because.choices)
    starts_on = day_field(_("From"))
    ends_on = day_field(_("Until"), required=False, help_text=_("Leave empty when it has no end yet."))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        teams = [(f"team:{team.pk}", team.name) for team in Team.objects.all()]
        people = [(f"user:{user.pk}", user.full_title) for user in User.objects.filter(is_active=True)]
        _choices(self, "who").choices = [("", _("Choose one…")), (_("Teams"), teams), (_("People"), people)]
        _choices(self, "population").choices = [
            ("", _("Choose one…")),
            (CANDIDATES, _("Everyone some program suggests")),
            (EVERYONE, _("Everyone")),
            *((f"{PAYER}{payer}", _("Everyone covered by %s") % payer) for payer in ties.payers()),
        ]

    def clean(self):
        """Whom the choice names: a person or a team, never both."""
        cleaned = super().clean() or self.cleaned_data
        kind, _colon, number = (cleaned.get("who") or "").partition(":")
        if kind:
            model = Team if kind == "team" else User
            cleaned[kind] = model.objects.get(pk=number)
        starts, ends = cleaned.get("starts_on"), cleaned.get("ends_on")
        if isinstance(starts, date) and isinstance(ends, date) and ends < starts:
            self.add_error("ends_on", _("It cannot end before it starts."))
        return cleaned


class Organization(forms.Form):
    """The organization: its name, its clock, where backups go."""

    name = forms.CharField(label=_("Name of the organization"), max_length=200)
    time_zone = forms.ChoiceField(label=_("Time zone"), help_text=_("Days and clocks are counted in it."))
    backup_folder = forms.CharField(
        label=_("Folder for backups"),
        max_length=500,
        required=False,
        help_text=_("On this server, best on another disk. Backups in it are encrypted."),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _choices(self, "time_zone").choices = time_zones()

    def clean_backup_folder(self) -> str:
        """The folder must be there, and we must be able to write into it: found out now, not on the day it is needed."""
        given = self.cleaned_data["backup_folder"].strip()
        if not given:
            return ""
        folder = Path(given).expanduser()
        if not folder.is_absolute():
            raise forms.ValidationError(_("Write the whole path, beginning with a slash."))
        if not folder.is_dir():
            raise forms.ValidationError(_("There is no such folder on this server. Make it, then try again."))
        if not os.access(folder, os.W_OK | os.X_OK):
            raise forms.ValidationError(
                _("This server may not write into that folder. Give it the right, then try again.")
            )
        return str(folder)


class Password(forms.Form):
    """A new password, typed once; the browser can show it."""

    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 12 letters. A few words in a row are easy to remember and hard to guess."),
    )
    again = forms.CharField(
        label=_("The same again"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )

    def __init__(self, *args, person: User | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        self.person = person

    def clean(self):
        """Both are the same, and nobody guesses it."""
        cleaned = super().clean() or self.cleaned_data
        password, again = cleaned.get("password"), cleaned.get("again")
        if password and again and password != again:
            self.add_error("again", _("The two are not the same."))
        if password:
            try:
                password_validation.validate_password(password, self.person)
            except forms.ValidationError as weak:
                self.add_error("password", weak)
        return cleaned


class FirstRun(Organization, Password):
    """Everything the first run of a real home asks, on one page."""

    # the code is looked at first; the rest is judged only for whoever holds it, and named in the order of the page
    field_order = [
        "token",
        "name",
        "time_zone",
        "backup_folder",
        "first_name",
        "last_name",
        "email",
        "password",
        "again",
    ]

    token = forms.CharField(
        label=_("Set-up code"),
        help_text=_("It was printed when the server started, so that nobody else can take this installation."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    first_name = forms.CharField(label=_("Your first name"), max_length=100)
    last_name = forms.CharField(label=_("Your last name"), max_length=100)
    email = forms.EmailField(label=_("Your work email"), max_length=254, help_text=_("You sign in with it."))

    def __init__(self, *args, holds_the_code: Callable[[str], bool], **kwargs):
        super().__init__(*args, **kwargs)
        self.holds_the_code = holds_the_code

    def clean_token(self) -> str:
        """The code that was printed when the server started."""
        if not self.holds_the_code(self.cleaned_data["token"]):
            raise forms.ValidationError(_("This is not the code. It was printed when the server started."))
        return self.cleaned_data["token"]

    def clean_backup_folder(self) -> str:
        """A stranger without the code is not told which folders this machine has."""
        return super().clean_backup_folder() if "token" in self.cleaned_data else ""

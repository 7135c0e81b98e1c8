"""What people fill in about tasks, alarms and shifts."""

from datetime import datetime

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from carewright.knowledge import task_kinds
from carewright.staff import roles
from carewright.staff.models import Team, User
from carewright.staff.roles import Permission
from carewright.tasks import queries
from carewright.tasks.models import Alarm, Task

WORDS = 2000


class Moment(forms.DateTimeField):
    """A day with its time, in the organization's clock."""

    def __init__(self, **kwargs):
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        super().__init__(widget=widget, input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"], **kwargs)


def workers() -> QuerySet[User]:
    """Colleagues who look after patients."""
    codes = [role.code for role in roles.who_may(Permission.WORK_TASKS)]
    return User.objects.filter(is_active=True, role__in=codes)


def hearers() -> QuerySet[User]:
    """Colleagues who look after patients and are told what alarms tell."""
    hearing = [user.pk for user in workers() if queries.hears_alarms(user)]
    return User.objects.filter(pk__in=hearing)


class Owner(forms.ChoiceField):
    """A colleague or a team."""

    def __init__(self, **kwargs):
        super().__init__(choices=self.offered, **kwargs)

    @staticmethod
    def offered() -> list:
        """Everybody and every team, under two headings."""
        return [
            ("", _("Choose")),
            (_("Teams"), [(f"team:{team.pk}", team.name) for team in Team.objects.order_by("name")]),
            (_("People"), [(f"user:{user.pk}", user.full_title) for user in workers()]),
        ]

    def clean(self, value) -> dict[str, User | Team]:
        """`{"user": …}` or `{"team": …}`; nothing when nobody is chosen."""
        chosen = super().clean(value)
        if not chosen:
            return {}
        kind, _colon, pk = chosen.partition(":")
        return {kind: Team.objects.get(pk=pk) if kind == "team" else User.objects.get(pk=pk)}


class NewTask(forms.Form):
    """A reminder: what, when, whose."""

    kind = forms.ChoiceField(label=_("What"), choices=[(kind.code, _(kind.name)) for kind in task_kinds.KINDS])
    title = forms.CharField(
        label=_("In your words"), required=False, max_length=120, help_text=_("Left empty, it is called like its kind.")
    )
    due_at = Moment(label=_("Due"))
    owner = Owner(label=_("Whose"), required=False, help_text=_("Nobody chosen: yours."))
    why = forms.CharField(label=_("Why"), required=False, max_length=WORDS, widget=forms.Textarea({"rows": 2}))


class Close(forms.Form):
    """Why a task is closed."""

    because = forms.ChoiceField(label=_("Why is it closed?"), choices=Task.Closed.choices)
    words = forms.CharField(label=_("Note"), required=False, max_length=WORDS, widget=forms.Textarea({"rows": 2}))


class Until(forms.Form):
    """Until when, and why."""

    until = Moment(label=_("Until"))
    because = forms.CharField(label=_("Why can it wait?"), max_length=WORDS)

    def __init__(self, *args, task: Task, **kwargs):
        super().__init__(*args, **kwargs)
        if task.clock:
            end = timezone.localtime(task.due_at)
            self.fields["until"].help_text = _("“%(clock)s” ends %(end)s; until then at most.") % {
                "clock": task.said_clock, "end": date_format(end, "M j, g:i A"),
            }  # fmt: skip


class Move(forms.Form):
    """Another moment."""

    due_at = Moment(label=_("New moment"))
    because = forms.CharField(label=_("Why does it move?"), max_length=WORDS)


class HandOver(forms.Form):
    """To whom, and why."""

    owner = Owner(label=_("To whom"))
    because = forms.CharField(label=_("Why"), max_length=WORDS)


class Escalate(forms.Form):
    """Why it cannot wait, and who should see it."""

    because = forms.CharField(label=_("Why can it not wait?"), max_length=WORDS)
    owner = Owner(label=_("Who should have it"), required=False, help_text=_("Nobody chosen: it stays where it is."))


class HandOverAll(forms.Form):
    """Everything of one person to another, or to a team."""

    from_user = forms.ModelChoiceField(label=_("From"), queryset=None, empty_label=_("Choose"))  # type: ignore[var-annotated]
    owner = Owner(label=_("To whom"))
    because = forms.CharField(label=_("Why"), max_length=WORDS)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        owners = User.objects.filter(tasks__closed_at__isnull=True, tasks__isnull=False).distinct()
        self.fields["from_user"].queryset = owners  # type: ignore[attr-defined]


class CloseAlarm(forms.Form):
    """What was done about an alarm; the name and the credential are those of who signs."""

    disposition = forms.ChoiceField(
        label=_("What was done"), choices=Alarm.Disposition.choices, widget=forms.RadioSelect
    )
    words = forms.CharField(
        label=_("In your words"), max_length=4000, widget=forms.Textarea({"rows": 3}),
        help_text=_("What was done, with whom, what comes next."),
    )  # fmt: skip


class Shift(forms.Form):
    """Who is on call, who stands in, from when to when; offered are those who are told what alarms tell."""

    user = forms.ModelChoiceField(label=_("On call"), queryset=None, empty_label=_("Choose"))  # type: ignore[var-annotated]
    backup_user = forms.ModelChoiceField(label=_("Backup"), queryset=None, empty_label=_("Choose"))  # type: ignore[var-annotated]
    starts_at = Moment(label=_("From"))
    ends_at = Moment(label=_("To"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("user", "backup_user"):
            self.fields[name].queryset = hearers()  # type: ignore[attr-defined]
            self.fields[name].label_from_instance = lambda user: user.full_title  # type: ignore[attr-defined]


class PagerForm(forms.Form):
    """Where one is reached when on call."""

    kind = forms.ChoiceField(label=_("By"), choices=[("sms", _("Text message")), ("email", _("Email"))])
    value = forms.CharField(label=_("Number or email"), max_length=200)


def as_typed(moment: datetime) -> str:
    """A moment the way a date field shows it."""
    return f"{timezone.localtime(moment):%Y-%m-%dT%H:%M}"

"""The joints that tables are built with: promises the database itself keeps, each said in words for a form."""

from django.db.models import CheckConstraint, F, Func, Q, Value
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _


def ends_after_it_starts(name: str) -> CheckConstraint:
    """An open period has no `ends_on`; a closed one ends on or after the day it starts."""
    return CheckConstraint(
        name=name,
        condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
        violation_error_message=_("It cannot end before it starts."),
    )


def all_or_none(name: str, *fields: str) -> CheckConstraint:
    """Facts that belong together arrive together: who did it, when, and why."""
    all_set = Q(**{f"{field}__isnull": False for field in fields})
    none_set = Q(**{f"{field}__isnull": True for field in fields})
    return CheckConstraint(
        name=name,
        condition=all_set | none_set,
        violation_error_message=format_lazy(_("Give all of these or none: {fields}."), fields=", ".join(fields)),
    )


def exactly_one(name: str, *fields: str) -> CheckConstraint:
    """Of these facts one is given and no other, as a tie belongs to a person or to a team but never to both."""
    condition = Q()
    for field in fields:
        condition |= Q(**{f"{other}__isnull": other != field for other in fields})
    return CheckConstraint(
        name=name,
        condition=condition,
        violation_error_message=format_lazy(_("Give exactly one of these: {fields}."), fields=", ".join(fields)),
    )


def not_blank(name: str, field: str) -> CheckConstraint:
    """Text that must say something: neither empty nor only spaces."""
    return CheckConstraint(
        name=name,
        condition=Q(**{f"{field}__regex": r"\S"}),
        violation_error_message=format_lazy(_("{field} cannot be empty."), field=field.replace("_", " ").capitalize()),
    )


def one(range_type: str, field: str) -> Func:
    """A single value as a range, so a GiST exclusion can hold it without an extension."""
    return Func(F(field), F(field), Value("[]"), function=range_type)

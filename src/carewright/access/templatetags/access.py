"""Words of the access log, for its templates."""

from django import template
from django.utils.translation import gettext_lazy as _

from carewright.staff import roles

register = template.Library()

VERBS = {
    "saw": _("Opened"), "saw_list": _("Was shown in a list"), "refused": _("Asked for it"), "exported": _("Took out a file"),
    "broke_glass": _("Opened in an emergency"), "closed_glass": _("Closed the emergency access"),
    "reviewed_glass": _("Reviewed the emergency access"), "tied": _("Gave a tie"), "untied": _("Ended a tie"),
}  # fmt: skip


@register.filter
def of(names: dict, key: object) -> str:
    """The name under a key of a dictionary, or nothing."""
    return names.get(key, "")


@register.filter
def role_name(code: str) -> str:
    """A role's name; a code no longer known is shown as it stands."""
    role = roles.BY_CODE.get(code)
    return role.name if role else code


@register.filter
def verb(did: str) -> str:
    """What was done, in words."""
    return str(VERBS.get(did, did.replace("_", " ").capitalize()))

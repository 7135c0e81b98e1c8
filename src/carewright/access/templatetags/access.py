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


PAGES = {
    "population:candidates": _("Candidates"), "population:why": _("Why is this person here?"),
    "population:facts": _("Facts behind it"), "population:people": _("Population list"), "web:search": _("Find a patient"),
    "access:patient_log": _("Who looked"), "access:patient_log_file": _("Who looked, as a file"),
    "access:review": _("Access review"), "access:review_glass": _("Review of an emergency access"),
    "access:opened": _("Emergency access"),
}  # fmt: skip


@register.filter
def page_name(page: str) -> str:
    """A page in words; one without words here is shown as the log holds it."""
    return str(PAGES.get(page, page))


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

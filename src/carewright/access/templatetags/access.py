"""Words of the access log, for its templates."""

from django import template

from carewright.access import words
from carewright.staff import roles

register = template.Library()
register.filter("page_name", words.page_name)
register.filter("verb", words.verb)
register.filter("purpose_said", words.purpose_said)
register.filter("why_said", words.why_said)


@register.filter
def of(names: dict, key: object) -> str:
    """The name under a key of a dictionary, or nothing."""
    return names.get(key, "")


@register.filter
def role_name(code: str) -> str:
    """A role's name; a code no longer known is shown as it stands."""
    role = roles.BY_CODE.get(code)
    return str(role.name) if role else code

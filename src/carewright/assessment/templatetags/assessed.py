"""What assessments said about belonging in a program, for the pages of other rooms: `{% load assessed %}{% verdicts patient %}`."""

from django import template

from carewright.assessment import queries
from carewright.knowledge.programs import name_of
from carewright.staff import roles
from carewright.staff.roles import Permission

register = template.Library()


@register.inclusion_tag("assessment/_verdicts.html", takes_context=True)
def verdicts(context, patient, program: str = "") -> dict:
    """The latest verdict of an assessment for each program, or for one, with who gave it, when and why."""
    user = context["request"].user
    found = queries.verdicts_of(patient, program=program) if roles.allows(user, Permission.SEE_CHART) else []
    return {
        "verdicts": [(one, name_of(one.program)) for one in found],
        "may_open": roles.allows(user, Permission.ASSESS),
    }

"""The top of every page about one patient, for the pages of other rooms: `{% load patient_top %}{% patient_top "plan" %}`."""

from django import template
from django.utils import timezone

from carewright.web.patient import page
from carewright.web.patient.sight import Sight

register = template.Library()


@register.inclusion_tag("patient/_top.html", takes_context=True)
def patient_top(context, tab: str = "") -> dict:
    """Who it is and what must never be missed, as the reader of this page may see it; `tab` is the page they are on."""
    request = context["request"]
    sight = Sight(
        user=request.user, patient=context["patient"], on=timezone.localdate(), at=timezone.now(),
        is_emergency=getattr(request, "break_glass", None) is not None,
        part2_is_open=getattr(request, "part2_until", None) is not None,
    )  # fmt: skip
    return page.top(sight) | {"tab": tab, "request": request}

"""What an alarm says to the reader of the page: `{% load alarm_words %}{{ alarm|said_to:request.user }}`."""

from django import template

from carewright.tasks import queries

register = template.Library()


@register.filter
def said_to(alarm, user) -> str:
    """Its sentence, or that there is an alarm, for whoever is not shown such facts."""
    return queries.alarm_said(alarm, user)

"""Until when a text must be read, and by whom: `{% load text_reading %}{% for one, task in texts|with_reminder %}`."""

from django import template

from carewright.tasks import queries

register = template.Library()


@register.filter
def with_reminder(texts) -> list[tuple]:
    """Each text with the reminder that somebody reads it; with nothing where it asked for nothing to be read."""
    found = list(texts)
    reminders = queries.reading_of(found)
    return [(one, reminders.get(one.public_id)) for one in found]

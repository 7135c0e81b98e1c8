"""Words of the imports pages: what became of a file, a row or a resource, in the reader's language."""

from django import template

from carewright.exchange import wording

register = template.Library()


@register.filter
def worded(text: str | None) -> str:
    """A sentence that reading a file has written, in the reader's language."""
    return wording.said(text)

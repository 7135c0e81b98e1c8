"""The pictures beside words: `{% icon "download" %}` puts one Tabler icon into the page as SVG (MIT licensed)."""

import json
from functools import cache
from pathlib import Path

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()
FOLDER = Path(__file__).resolve().parents[1] / "icons"


@cache
def drawings() -> dict[str, str]:
    """Every icon we carry: name to the paths inside its 24 × 24 picture."""
    return json.loads((FOLDER / "tabler.json").read_text(encoding="utf-8"))


@register.simple_tag
def icon(name: str, size: int = 16, label: str = "") -> SafeString:
    """
    One icon, as large as asked, colored like the text around it.

    Without a label it is decoration and silent to screen readers. A name we do not carry is a bug and raises KeyError.
    """
    if not label:
        return silent(name, size)
    return format_html(
        '<svg class="i" width="{}" height="{}" viewBox="0 0 24 24" role="img" aria-label="{}">{}</svg>',
        size, size, label, _paths(name),
    )  # fmt: skip


@cache
def silent(name: str, size: int) -> SafeString:
    """An icon as decoration; a page has some hundred of them, so each is written once."""
    return format_html(
        '<svg class="i" width="{}" height="{}" viewBox="0 0 24 24" aria-hidden="true">{}</svg>',
        size,
        size,
        _paths(name),
    )


def _paths(name: str) -> SafeString:
    return mark_safe(drawings()[name])  # noqa: S308 - our own file, not anyone's input

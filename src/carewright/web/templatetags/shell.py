"""Small words the frame of every page is written with: its files, the reader's preferences, initials, plain numbers."""

from functools import cache

from django import template
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from carewright.web import preferences

register = template.Library()


@register.filter
def translated(text: str | None) -> str:
    """A text of the knowledge in the reader's language; every one of them is in the catalogue for translators."""
    return gettext(str(text)) if text else ""


SHEETS = ("tokens", "base", "layout", "components", "charts", "screens", "work", "utilities", "print")
CREDENTIALS = frozenset(
    [
        "RN",
        "LPN",
        "BSN",
        "MSN",
        "DNP",
        "NP",
        "APRN",
        "FNP",
        "PA",
        "PAC",
        "MD",
        "DO",
        "PhD",
        "PsyD",
        "PharmD",
        "RPh",
        "LCSW",
        "LMSW",
        "LSW",
        "MSW",
        "LICSW",
        "LPC",
        "LMFT",
        "LMHC",
        "CCM",
        "CHW",
        "CMA",
        "MA",
        "MPH",
        "MHA",
        "MBA",
        "RD",
        "RDN",
        "CPA",
        "CPC",
        "JD",
        "EdD",
    ]
)
"""What may follow a name after a comma and is no given name."""
SCRIPTS = ("htmx_errors", "keys", "lists", "menu", "toast", "theme", "session", "unsaved", "day", "call")


@register.simple_tag
def stylesheets() -> SafeString:
    """The links to our style sheets, in the order of their layers."""
    return format_html_join(
        "\n", '<link rel="stylesheet" href="{}">', ((static(f"carewright/css/{sheet}.css"),) for sheet in SHEETS)
    )


@register.simple_tag
def scripts() -> SafeString:
    """Our own small scripts; every page works without them."""
    return format_html_join(
        "\n", '<script type="module" src="{}"></script>', ((static(f"carewright/js/{name}.js"),) for name in SCRIPTS)
    )


@register.simple_tag(takes_context=True)
def html_attributes(context) -> SafeString:
    """What the reader chose, as attributes of `<html>`: color theme, density, whether single keys act."""
    request = context.get("request")
    chosen = preferences.of(getattr(request, "user", None))
    return format_html('data-theme="{}" data-density="{}" data-keys="{}"', chosen.theme, chosen.density, chosen.keys)


@register.simple_tag
@cache
def pips(level: int) -> SafeString:
    """
    Five points, the first so many of them lit.

    >>> pips(2)
    '<i class="on"></i><i class="on"></i><i></i><i></i><i></i>'
    """
    return mark_safe('<i class="on"></i>' * level + "<i></i>" * (5 - level))  # noqa: S308 - our own words


@register.simple_tag
def reasons(name: str, offered) -> SafeString:
    """Sentences to choose one of, which must be chosen."""
    return format_html_join(
        "", '<label><input type="radio" name="{0}" value="{1}" required>{1}</label>', ((name, each) for each in offered)
    )


@register.filter
def initials(name: str) -> str:
    """
    The letters in the round picture beside a name.

    >>> initials("Abernathy, Ruth")
    'RA'
    >>> initials("Priya Nair")
    'PN'
    >>> initials("Jerome Banks, LCSW")
    'JB'
    """
    name = _without_credentials(str(name or "").strip())
    if "," in name:
        family, given = (part.strip() for part in name.split(",", 1))
        return (given[:1] + family[:1]).upper()
    words = [word for word in name.split() if word[:1].isalpha()]
    if not words:
        return "?"
    return (words[0][:1] + (words[-1][:1] if len(words) > 1 else "")).upper()


def _without_credentials(name: str) -> str:
    """`Jerome Banks, LCSW` → `Jerome Banks`: what follows the comma is a credential when it is written in capitals."""
    before, comma, after = name.partition(",")
    letters = after.replace(".", "").replace("-", "").strip()
    is_credential = len(before.split()) > 1 and len(letters) > 1 and letters.split(",")[0].split()[0] in CREDENTIALS
    return before if comma and is_credential else name


@register.filter
def shade(name: str) -> str:
    """
    The same soft color for the same name, always: one of `s0` to `s4`.

    >>> shade("Ruth") == shade("Ruth")
    True
    """
    return f"s{sum(map(ord, str(name or ''))) % 5}"


@register.filter
def thousands(number) -> str:
    """
    A whole number with its commas; nothing known is said as such.

    >>> thousands(84310)
    '84,310'
    """
    return "—" if number is None or number == "" else f"{int(number):,}"


@register.filter
def dollars(amount) -> str:
    """
    Money in whole dollars.

    >>> dollars(1234.5)
    '$1,234'
    """
    return "—" if amount is None or amount == "" else f"{'−' if amount < 0 else ''}${abs(int(amount)):,}"


@register.filter
def percent(share, digits: int = 0) -> str:
    """
    A share between 0 and 1 as a percentage.

    >>> percent(0.941)
    '94%'
    """
    return "—" if share is None or share == "" else f"{float(share) * 100:.{int(digits)}f}%"


@register.filter
def fields_with_errors(form) -> list:
    """The fields of a form that did not read, in the order they stand on the page."""
    return [field for field in form if field.errors]


@register.simple_tag(takes_context=True)
def current(context, view_name: str) -> SafeString | str:
    """`aria-current="page"` on the link to the page being shown, or to the one it lies below."""
    path, href = getattr(context.get("request"), "path", ""), reverse(view_name)
    return mark_safe('aria-current="page"') if path == href or path.startswith(f"{href}/") else ""


@register.filter
def actor(name: str) -> str:
    """
    Who did it, as people say it: a part of Carewright itself has no name of its own.

    >>> actor("system:nightly"), actor("Maria Delgado")
    ('Carewright', 'Maria Delgado')
    """
    return "Carewright" if str(name).startswith("system:") else str(name)


@register.filter
def spoken(verb: str) -> str:
    """
    A verb of the log as a sentence begins.

    >>> spoken("changed_role")
    'Changed role'
    """
    return str(verb).replace("_", " ").capitalize()

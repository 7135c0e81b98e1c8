"""Writing SVG and HTML from Python, element by element; whatever is put in is escaped here and nowhere else."""

from collections.abc import Iterable, Sequence

from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _


def element(name: str, *children: object, **attributes: object) -> SafeString:
    """
    One element. Attribute names lose a trailing `_` and write `-` for `_`; None and False leave an attribute out.

    >>> element("rect", class_="k low", x=1.25, rx=3)
    '<rect class="k low" x="1.2" rx="3"/>'
    >>> element("text", "<&", text_anchor="end")
    '<text text-anchor="end">&lt;&amp;</text>'
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{conditional_escape(str(_short(value)))}"'
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    inside = together(children)
    alone = not inside and name in {"rect", "line", "circle", "polyline", "path"}
    return mark_safe(f"<{name}{written}/>" if alone else f"<{name}{written}>{inside}</{name}>")  # noqa: S308


def together(parts: Iterable[object]) -> SafeString:
    """Elements and texts one after the other; texts are escaped, None is nothing."""
    return mark_safe("".join(_escaped(part) for part in parts if part is not None))  # noqa: S308


def _escaped(part: object) -> str:
    return conditional_escape(part if isinstance(part, SafeString) else str(part))


def _short(value: object) -> object:
    """A coordinate with one decimal, as short as it goes."""
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else value


def picture(width: float, height: float, *parts: object, label: str, holds_links: bool = False) -> SafeString:
    """The SVG itself. An image hides what is in it from a screen reader; one with links in it is a group instead."""
    return element(
        "svg", *parts, viewBox=f"0 0 {_short(width)} {_short(height)}", width=width, height=height,
        role="group" if holds_links else "img", aria_label=label,
    )  # fmt: skip


def figure(svg: SafeString, table: SafeString, *, label: str, legend: SafeString | None = None) -> SafeString:
    """A picture that scrolls inside itself when it is wider than the screen, and its numbers as a table below."""
    as_table = _("%s, as a table") % label
    return element(
        "figure",
        legend,
        element("div", svg, class_="chart-scroll", tabindex=0, role="region", aria_label=label),
        element(
            "details",
            element("summary", _("As a table")),
            element("div", table, class_="wrapx", tabindex=0, role="region", aria_label=as_table),
            class_="chart-table",
        ),
        class_="chart",
    )


def table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> SafeString:
    """The numbers of a picture; the first column names the row."""
    body = (
        element("tr", element("th", row[0], scope="row"), *(element("td", cell, class_="num") for cell in row[1:]))
        for row in rows
    )
    return element(
        "table",
        element("caption", caption, class_="vh"),
        element("thead", element("tr", *(element("th", head, scope="col") for head in heads))),
        element("tbody", *body),
        class_="facts",
    )


def legend(entries: Iterable[tuple[str, str]]) -> SafeString:
    """Names beside their colors: (name, kind) each."""
    swatch = {"width": 10, "height": 10}
    return element(
        "ul",
        *(
            element(
                "li",
                element("svg", element("rect", class_=f"k {kind}", rx=2.5, **swatch), aria_hidden="true", **swatch),
                name,
            )
            for name, kind in entries
        ),
        class_="legend",
    )


def text(words: str, x: float, y: float, *, at: str = "middle", class_: str = "lb") -> SafeString:
    """A few words in a picture; `at` says which end of them stands at x: start, middle or end."""
    return element("text", words, class_=class_, x=float(x), y=float(y), text_anchor=None if at == "start" else at)


def rule(x1: float, x2: float, y1: float, y2: float) -> SafeString:
    """A quiet line: an axis, a grid."""
    return element("line", class_="ax", x1=float(x1), x2=float(x2), y1=float(y1), y2=float(y2))

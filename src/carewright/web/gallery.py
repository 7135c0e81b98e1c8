"""Every part and every state on one page, in development: for looking, and for axe."""

from datetime import date

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from carewright.plumbing.charts import Lane, Line, Part, Point, Series, Span

COLORS = [
    "bg",
    "surface",
    "raise",
    "sunk",
    "line",
    "field",
    "ink",
    "ink2",
    "brand",
    "brand-soft",
    "bad",
    "bad-soft",
    "warn",
    "warn-soft",
    "good",
    "good-soft",
    "info",
    "info-soft",
    "note",
    "note-soft",
    "v-bad",
    "v-mid",
    "v-low",
    "vt",
]


class Sample(forms.Form):
    """A form with one of each field, filled in wrongly, so that its errors show."""

    name = forms.CharField(label="Name", initial="Alberto Moreno")
    born_on = forms.CharField(label="Date of birth", help_text="MM/DD/YYYY")
    reason = forms.ChoiceField(label="Reason for closing", choices=[("", "Choose one…"), ("moved", "Moved")])
    helps = forms.MultipleChoiceField(
        label="What would help?",
        choices=[("food", "Food"), ("rides", "Rides"), ("medicines", "Medicines")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    breathing = forms.ChoiceField(
        label="Breathing",
        choices=[("same", "Same or better"), ("walking", "Worse with walking"), ("rest", "Worse at rest")],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(label="Note", widget=forms.Textarea(attrs={"rows": 2}), required=False)

    def clean_born_on(self):
        raise forms.ValidationError(_("In the future. Use MM/DD/YYYY."))


def _charts() -> dict:
    """Invented numbers for each picture."""
    names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    paid = [4200, 3900, 18200, 2500, 2700, 2600, 24100, 3100, 2800, 2400, 1900, 2300]
    shares = [0, 0.01, 0.05, 0.1, 0.2, 0.5, 1]
    return {
        "completeness": [
            Point(name, share, kind="low" if share > 90 else "mid")
            for name, share in zip(names[3:11], [100, 100, 99, 98, 96, 94, 61, 12], strict=True)
        ]
        + [Point("Dec", None)],
        "months": names,
        "series": [
            Series("Hospital", [0 if p < 10000 else p - 3000 for p in paid], "bad"),
            Series("Emergency", [900, 0, 800, 0, 0, 700, 0, 0, 900, 0, 0, 0], "mid"),
            Series("Pharmacy", [600] * 12, "info"),
            Series("Other", [p if p < 10000 else 2400 for p in paid], "low"),
        ],
        "parts": [
            Part("Two unplanned hospital stays", 24, note="Mar 3 and Jul 12", href="#"),
            Part("Four chronic conditions", 16, href="#"),
            Part("Three emergency visits", 9, href="#"),
            Part("Sees one primary care practice", -4),
        ],
        "two_years": [
            Lane(
                "Hospital",
                [
                    Span(date(2025, 3, 3), date(2025, 3, 12), "Heart failure", "bad", "#"),
                    Span(date(2026, 7, 12), date(2026, 7, 19), "Heart failure", "bad"),
                    Span(date(2026, 11, 10), None, "Pneumonia", "bad", still=True),
                ],
            ),
            Lane(
                "Emergency",
                [Span(date(2025, 8, 2), label="Fall", kind="mid"), Span(date(2026, 2, 20), label="Breath", kind="mid")],
            ),
            Lane("Primary care", [Span(date(2025, m, 8), label="Visit", kind="low") for m in (1, 4, 7, 10)]),
        ],
        "from_on": date(2024, 11, 24),
        "until_on": date(2026, 11, 24),
        "lines": [
            Line("This ranking", list(zip(shares, [0, 0.08, 0.27, 0.42, 0.61, 0.86, 1], strict=True)), "brand"),
            Line("CMS-HCC", list(zip(shares, [0, 0.05, 0.19, 0.32, 0.5, 0.8, 1], strict=True)), "info"),
            Line("Chance", [(0, 0), (1, 1)], "alt"),
        ],
        "trend": [9, 10, 8, 12, 15, 14],
    }


@login_not_required
def gallery(request: HttpRequest) -> HttpResponse:
    """The component gallery; it shows no data, so anyone on this machine may look."""
    form = Sample({"name": "Alberto Moreno", "born_on": "03/17/2058", "helps": ["rides"], "breathing": "walking"})
    page = Paginator(range(1234), 25).get_page(3)
    return render(request, "web/gallery.html", {"colors": COLORS, "form": form, "page": page, **_charts()})

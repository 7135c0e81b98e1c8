"""Every part and every state on one page, in development: for looking, and for axe."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


@login_not_required
def gallery(request: HttpRequest) -> HttpResponse:
    """The component gallery; it shows no data, so anyone on this machine may look."""
    return render(request, "web/gallery.html", {})

"""Finding a patient by name, date of birth or member ID; the words searched for never stand in an address."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def search(request: HttpRequest) -> HttpResponse:
    """The search page: what was asked, and who answers to it among the people this reader may see."""
    return render(request, "web/search.html", {"asked": request.POST.get("q", "").strip()})
